//! Security events: who did what to whose account, from where.

use std::borrow::Cow;

use chrono::{DateTime, Utc};
use kit::db::{DbError, GenericClient};
use uuid::Uuid;

use crate::{Context, session::Client, store, user::Account};

/// One security event.
#[derive(Clone, Debug)]
pub struct Event {
    pub id: Uuid,
    pub at: DateTime<Utc>,
    /// As in `login_failed`.
    pub kind: Cow<'static, str>,
    /// Absent when the event belongs to no known account.
    pub organization_id: Option<Uuid>,
    /// Who did it; absent for strangers.
    pub actor_id: Option<Uuid>,
    /// Whom it concerned.
    pub user_id: Option<Uuid>,
    pub username: String,
    pub client: Client,
    pub request_id: String,
}

/// Which events are wanted.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// Whom they concern, or who did it.
    pub user_id: Option<Uuid>,
    pub actor_id: Option<Uuid>,
    /// Empty: every kind.
    pub kinds: Vec<String>,
    pub from: Option<DateTime<Utc>>,
    /// Exclusive.
    pub until: Option<DateTime<Utc>>,
}

/// Every kind of event.
pub const KINDS: [&str; 23] = [
    "registered",
    "login_succeeded",
    "login_failed",
    "logged_out",
    "logged_out_everywhere",
    "session_refreshed_twice",
    "sessions_ended",
    "password_changed",
    "password_change_failed",
    "password_reset_requested",
    "password_reset",
    "password_reset_by_staff",
    "user_created",
    "user_changed",
    "user_deleted",
    "user_deactivated",
    "user_reactivated",
    "role_changed",
    "invitation_created",
    "invitation_used",
    "invitation_revoked",
    "organization_changed",
    "organization_joined",
];

impl Context {
    /// Makes an event about an account, of this moment.
    #[must_use]
    pub fn event(&self, kind: &'static str, account: &Account, actor: Option<Uuid>) -> Event {
        Event {
            organization_id: Some(account.organization_id),
            actor_id: actor,
            user_id: Some(account.id),
            username: account.username.clone(),
            ..self.event_about_nobody(kind)
        }
    }

    /// Makes an event about no known account.
    #[must_use]
    pub fn event_about_nobody(&self, kind: &'static str) -> Event {
        debug_assert!(KINDS.contains(&kind), "{kind} is not listed");
        Event {
            id: self.clock.new_id(),
            at: self.clock.now(),
            kind: Cow::Borrowed(kind),
            organization_id: None,
            actor_id: None,
            user_id: None,
            username: String::new(),
            client: Client::present(),
            request_id: kit::caller::request_id().unwrap_or_default(),
        }
    }
}

impl Event {
    /// Adds where it came from.
    #[must_use]
    pub fn from_client(mut self, client: &Client) -> Self {
        self.client = client.clone();
        self
    }

    /// Stores the event within the transaction of what it tells about.
    ///
    /// # Errors
    ///
    /// Fails when PostgreSQL is away.
    pub async fn record(&self, db: &impl GenericClient) -> Result<(), DbError> {
        store::audit::insert(db, self).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn api_knows_every_kind() {
        // The array within the schema of that name.
        let document = include_str!("../../gateway/openapi.json");
        let schema = document.split("\"AuditKind\": {").nth(1).unwrap();
        let words = schema.split(']').next().unwrap().split('[').nth(1).unwrap();
        let words: Vec<&str> = words.split(',').map(|word| word.trim().trim_matches('"')).collect();
        assert_eq!(words, KINDS);
    }
}
