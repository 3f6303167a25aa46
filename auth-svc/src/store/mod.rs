//! SQL, one file per table.

pub mod audit;
pub mod batches;
pub mod invitations;
pub mod names;
pub mod organizations;
pub mod outbox;
pub mod resets;
pub mod sessions;
pub mod tokens;
pub mod users;

use kit::db::DbError;

use crate::error::AuthError;

refinery::embed_migrations!("migrations");

/// Returns the migrations of this service's schema.
#[must_use]
pub fn migrations() -> refinery::Runner {
    migrations::runner()
}

/// Says which field of an account is taken, when that is what went wrong.
pub(crate) fn taken(error: DbError, prefix: &str) -> AuthError {
    match error.unique_violation() {
        Some("users_username_key") => AuthError::Taken { field: format!("{prefix}username") },
        Some("users_email_key") => AuthError::Taken { field: format!("{prefix}email") },
        Some(_) | None => error.into(),
    }
}
