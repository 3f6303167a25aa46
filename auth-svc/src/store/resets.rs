//! The table of one-time tokens for a new password.

use chrono::{DateTime, Utc};
use kit::db::{self, DbError, GenericClient, ToSql};
use uuid::Uuid;

const INSERT: &str = "
    INSERT INTO password_resets (hash, user_id, created_at, expires_at) VALUES ($1, $2, $3, $4)";

/// Stores a new token.
pub async fn insert(
    db: &impl GenericClient,
    hash: &[u8],
    user: Uuid,
    now: DateTime<Utc>,
    expires_at: DateTime<Utc>,
) -> Result<(), DbError> {
    let params: [&(dyn ToSql + Sync); 4] = [&hash, &user, &now, &expires_at];
    db::execute(db, "password_resets.insert", INSERT, &params).await.map(|_| ())
}

const IS_GOOD: &str = "SELECT FROM password_resets WHERE hash = $1 AND expires_at > $2";

/// Tells whether a token can be spent.
pub async fn is_good(
    db: &impl GenericClient,
    hash: &[u8],
    now: DateTime<Utc>,
) -> Result<bool, DbError> {
    Ok(db::query_opt(db, "password_resets.is_good", IS_GOOD, &[&hash, &now]).await?.is_some())
}

const SPEND: &str = "
    DELETE FROM password_resets WHERE hash = $1 AND expires_at > $2 RETURNING user_id";

/// Spends a token that is good, and returns whose it was.
pub async fn spend(
    db: &impl GenericClient,
    hash: &[u8],
    now: DateTime<Utc>,
) -> Result<Option<Uuid>, DbError> {
    let row = db::query_opt(db, "password_resets.spend", SPEND, &[&hash, &now]).await?;
    row.map(|row| Ok(row.try_get(0)?)).transpose()
}

const FORGET: &str = "DELETE FROM password_resets WHERE user_id = $1";

/// Deletes the other tokens of a user.
pub async fn forget(db: &impl GenericClient, user: Uuid) -> Result<(), DbError> {
    db::execute(db, "password_resets.forget", FORGET, &[&user]).await.map(|_| ())
}

const SINCE: &str = "SELECT count(*) FROM password_resets WHERE user_id = $1 AND created_at > $2";

/// Counts the tokens of a user made after `moment`.
pub async fn since(
    db: &impl GenericClient,
    user: Uuid,
    moment: DateTime<Utc>,
) -> Result<i64, DbError> {
    let row = db::query_one(db, "password_resets.since", SINCE, &[&user, &moment]).await?;
    Ok(row.try_get(0)?)
}

const SWEEP: &str = "DELETE FROM password_resets WHERE expires_at < $1";

/// Deletes tokens that ran out before `moment`; those of the last hour must stay to be counted.
pub async fn sweep(db: &impl GenericClient, moment: DateTime<Utc>) -> Result<u64, DbError> {
    db::execute(db, "password_resets.sweep", SWEEP, &[&moment]).await
}
