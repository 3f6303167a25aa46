//! Accounts of one organization.

mod administration;
mod batch;
mod check;
mod lookup;

pub use batch::{Created, NewAccount};
pub use check::{check_email, check_username};
use chrono::{DateTime, Utc};
use kit::caller::{Caller, Role};
use uuid::Uuid;

use crate::{Context, error::AuthError};

/// One account.
#[derive(Clone, Debug)]
pub struct Account {
    pub id: Uuid,
    pub organization_id: Uuid,
    pub organization_name: String,
    pub username: String,
    pub email: Option<String>,
    pub full_name: String,
    pub phone: String,
    pub role: Role,
    pub password_hash: String,
    pub must_change_password: bool,
    pub is_active: bool,
    /// `zh-CN` or `en`; empty when not chosen.
    pub locale: String,
    pub created_at: DateTime<Utc>,
    pub last_login_at: Option<DateTime<Utc>>,
}

/// Which accounts are wanted.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// Part of name, username or e-mail address.
    pub query: String,
    pub role: Option<Role>,
    pub is_active: Option<bool>,
}

/// A change of one's own account; absent fields stay.
#[derive(Clone, Debug, Default)]
pub struct Change {
    pub email: Option<String>,
    pub full_name: Option<String>,
    pub phone: Option<String>,
    pub locale: Option<String>,
}

/// Finds, makes and changes accounts.
#[derive(Clone)]
pub struct Users {
    pub(crate) context: Context,
}

impl Users {
    /// Works with `context`.
    #[must_use]
    pub fn new(context: Context) -> Self {
        Self { context }
    }
}

pub(crate) fn admins_only(caller: &Caller) -> Result<(), AuthError> {
    match caller.role {
        Role::Admin => Ok(()),
        Role::Teacher | Role::Student => Err(AuthError::AdminOnly),
    }
}
