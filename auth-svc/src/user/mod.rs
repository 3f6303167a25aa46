//! Accounts of one organization.

mod administration;
mod batch;
mod check;
mod kept;
mod lookup;
mod names;

pub use batch::{Created, NewAccount};
pub use check::{check_email, check_username};
use chrono::{DateTime, Utc};
pub use kept::KeptProfiles;
use kit::{
    caller::{Caller, Role},
    error::Checks,
};
pub use names::Renamed;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{Context, error::AuthError};

/// The service that knows which teacher teaches whom, and makes sure of it before it calls.
pub const KNOWS_CLASSES: &str = "learning-svc";

/// One account.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Account {
    pub id: Uuid,
    pub organization_id: Uuid,
    pub organization_name: String,
    pub username: String,
    pub email: Option<String>,
    pub full_name: String,
    pub phone: String,
    pub role: Role,
    /// Not kept in caches.
    #[serde(skip)]
    pub password_hash: String,
    pub must_change_password: bool,
    pub is_active: bool,
    /// `zh-CN` or `en`; empty when not chosen.
    pub locale: String,
    pub theme: Theme,
    pub created_at: DateTime<Utc>,
    pub last_login_at: Option<DateTime<Utc>>,
    /// Absent as long as the name is the first one.
    pub renamed_at: Option<DateTime<Utc>>,
}

/// Which accounts are wanted.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// Part of name, username or e-mail address.
    pub query: String,
    pub role: Option<Role>,
    pub is_active: Option<bool>,
}

/// A change of an account; absent fields stay.
#[derive(Clone, Debug, Default)]
pub struct Change {
    pub email: Option<String>,
    pub full_name: Option<String>,
    pub phone: Option<String>,
    pub locale: Option<String>,
    pub theme: Option<Theme>,
}

impl Change {
    /// Refuses wrong fields.
    fn check(&self) -> Result<(), AuthError> {
        let mut checks = Checks::new();
        if let Some(email) = &self.email {
            check_email(&mut checks, "email", email);
        }
        if let Some(name) = &self.full_name {
            checks.text("full_name", name, 1..=100);
        }
        checks.text("phone", self.phone.as_deref().unwrap_or_default(), 0..=30);
        let locale = self.locale.as_deref().unwrap_or_default();
        let known = ["", "zh-CN", "en"].contains(&locale);
        checks.require(known, "locale", "UNKNOWN_LOCALE", "must be zh-CN or en");
        Ok(checks.finish()?)
    }

    fn apply(self, account: &mut Account) {
        if let Some(email) = self.email {
            account.email = Some(email).filter(|email| !email.is_empty());
        }
        if let Some(name) = self.full_name {
            name.trim().clone_into(&mut account.full_name);
        }
        if let Some(phone) = self.phone {
            account.phone = phone;
        }
        if let Some(locale) = self.locale {
            account.locale = locale;
        }
        if let Some(theme) = self.theme {
            account.theme = theme;
        }
    }
}

kit::named! {
    /// Colours of the web client.
    Theme {
        Light => "light",
        Dark => "dark",
        /// As the device is set.
        System => "system",
    }
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

impl Context {
    /// Makes profiles be read again, after a write was committed.
    pub(crate) async fn forget_profiles(&self, users: &[Uuid]) {
        self.profiles.outdate(users).await;
    }
}

pub(crate) fn admins_only(caller: &Caller) -> Result<(), AuthError> {
    match caller.role {
        Role::Admin => Ok(()),
        Role::Teacher | Role::Student => Err(AuthError::AdminOnly),
    }
}
