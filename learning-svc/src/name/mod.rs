//! Names of people. auth-svc keeps them; the copies here follow.

mod follow;

use chrono::{DateTime, Utc};
pub use follow::{Follower, OVERLAP};
use uuid::Uuid;

/// What somebody is called, and since when.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Named {
    pub id: Uuid,
    pub username: String,
    pub full_name: String,
    /// Later with every other name of the account; the epoch for the first one.
    pub renamed_at: DateTime<Utc>,
}
