//! Accounts.

use chrono::{DateTime, Utc};
use proto::auth::v1 as pb;
use serde::Serialize;
use utoipa::ToSchema;

use super::{moment, text, time, words};
use crate::http::Problem;

words! {
    /// What an account may do.
    Role of pb::Role { Admin, Teacher, Student }
}

words! {
    /// Colours of the web client; `system` follows the device.
    Theme of pb::Theme { Light, Dark, System }
}

/// How a user likes the web client.
#[derive(Debug, Serialize, ToSchema)]
pub struct Preferences {
    pub theme: Theme,
}

/// One account.
#[derive(Debug, Serialize, ToSchema)]
pub struct User {
    pub id: String,
    pub username: String,
    pub email: Option<String>,
    pub full_name: String,
    pub phone: Option<String>,
    pub role: Role,
    pub is_active: bool,
    pub organization_id: String,
    pub organization_name: String,
    pub created_at: DateTime<Utc>,
    pub last_login_at: Option<DateTime<Utc>>,
    /// The first password was set by somebody else and should be changed.
    pub must_change_password: bool,
    /// `zh-CN` or `en`; null when not chosen.
    pub locale: Option<String>,
    pub preferences: Preferences,
}

impl TryFrom<pb::User> for User {
    type Error = Problem;

    fn try_from(user: pb::User) -> Result<Self, Problem> {
        Ok(Self {
            id: user.id,
            username: user.username,
            email: text(user.email),
            full_name: user.full_name,
            phone: text(user.phone),
            role: Role::from_wire(user.role)?,
            is_active: user.is_active,
            organization_id: user.organization_id,
            organization_name: user.organization_name,
            created_at: moment(user.created_at)?,
            last_login_at: time(user.last_login_at),
            must_change_password: user.must_change_password,
            locale: text(user.locale),
            preferences: Preferences { theme: Theme::from_wire(user.theme)? },
        })
    }
}

/// As much of an account as colleagues may see.
#[derive(Debug, Serialize, ToSchema)]
pub struct UserName {
    pub id: String,
    pub username: String,
    pub full_name: String,
    pub role: Role,
    pub is_active: bool,
}

impl TryFrom<pb::UserName> for UserName {
    type Error = Problem;

    fn try_from(user: pb::UserName) -> Result<Self, Problem> {
        let pb::UserName { id, username, full_name, role, is_active, renamed_at: _ } = user;
        Ok(Self { id, username, full_name, role: Role::from_wire(role)?, is_active })
    }
}
