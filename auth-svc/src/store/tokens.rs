//! The table of refresh tokens.

use chrono::{DateTime, Utc};
use kit::db::{self, DbError, GenericClient, Row, ToSql};
use uuid::Uuid;

/// A refresh token as it is kept.
#[derive(Clone, Copy, Debug)]
pub struct Kept {
    pub session_id: Uuid,
    pub expires_at: DateTime<Utc>,
    pub spent_at: Option<DateTime<Utc>>,
}

const INSERT: &str = "
    INSERT INTO refresh_tokens (hash, session_id, issued_at, expires_at) VALUES ($1, $2, $3, $4)";

/// Stores a new token.
pub async fn insert(
    db: &impl GenericClient,
    hash: &[u8],
    session: Uuid,
    issued_at: DateTime<Utc>,
    expires_at: DateTime<Utc>,
) -> Result<(), DbError> {
    let params: [&(dyn ToSql + Sync); 4] = [&hash, &session, &issued_at, &expires_at];
    db::execute(db, "refresh_tokens.insert", INSERT, &params).await.map(|_| ())
}

const LOCK: &str = "
    SELECT session_id, expires_at, spent_at FROM refresh_tokens WHERE hash = $1 FOR UPDATE";

/// Returns one token, which nobody else spends until the transaction ends.
pub async fn lock(db: &impl GenericClient, hash: &[u8]) -> Result<Option<Kept>, DbError> {
    let row = db::query_opt(db, "refresh_tokens.lock", LOCK, &[&hash]).await?;
    row.as_ref().map(from_row).transpose()
}

const FIND: &str = "SELECT session_id, expires_at, spent_at FROM refresh_tokens WHERE hash = $1";

/// Returns one token.
pub async fn find(db: &impl GenericClient, hash: &[u8]) -> Result<Option<Kept>, DbError> {
    let row = db::query_opt(db, "refresh_tokens.find", FIND, &[&hash]).await?;
    row.as_ref().map(from_row).transpose()
}

fn from_row(row: &Row) -> Result<Kept, DbError> {
    Ok(Kept {
        session_id: row.try_get("session_id")?,
        expires_at: row.try_get("expires_at")?,
        spent_at: row.try_get("spent_at")?,
    })
}

const SPEND: &str = "UPDATE refresh_tokens SET spent_at = $2 WHERE hash = $1 AND spent_at IS NULL";

/// Spends one token.
pub async fn spend(
    db: &impl GenericClient,
    hash: &[u8],
    now: DateTime<Utc>,
) -> Result<(), DbError> {
    let spent = db::execute(db, "refresh_tokens.spend", SPEND, &[&hash, &now]).await?;
    DbError::expect_rows("refresh_tokens", spent, 1)
}

const SWEEP: &str = "DELETE FROM refresh_tokens WHERE expires_at < $1";

/// Deletes tokens that ran out before `moment`.
pub async fn sweep(db: &impl GenericClient, moment: DateTime<Utc>) -> Result<u64, DbError> {
    db::execute(db, "refresh_tokens.sweep", SWEEP, &[&moment]).await
}
