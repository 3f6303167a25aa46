//! Accounts, sessions, organizations.

pub mod audit;
pub mod config;
pub mod error;
pub mod mail;
pub mod measure;
pub mod organization;
pub mod password;
pub mod secret;
pub mod server;
pub mod session;
pub mod store;
pub mod sweep;
pub mod user;

use std::sync::Arc;

use kit::{clock::SharedClock, db::Pool, redis::Cache};
use tokio::sync::Notify;

use crate::{config::Policy, password::Hasher, user::KeptProfiles};

/// What every part of this service works with.
#[derive(Clone)]
pub struct Context {
    pub pool: Pool,
    pub cache: Cache,
    pub profiles: KeptProfiles,
    pub clock: SharedClock,
    pub hasher: Hasher,
    pub policy: Arc<Policy>,
    /// Told when Redis has not heard of an ended session.
    pub unheard: Arc<Notify>,
}
