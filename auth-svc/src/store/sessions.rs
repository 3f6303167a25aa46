//! The table of sessions.

use chrono::{DateTime, Utc};
use kit::{
    db::{self, DbError, GenericClient, Row, ToSql},
    page::Page,
};
use uuid::Uuid;

use crate::session::Session;

macro_rules! columns {
    () => {
        "id, user_id, address, user_agent, created_at, last_used_at, expires_at, ended_at"
    };
}

const INSERT: &str = "
    INSERT INTO sessions (id, user_id, address, user_agent, created_at, last_used_at, expires_at)
    VALUES ($1, $2, $3, $4, $5, $5, $6)";

/// Stores a new session.
pub async fn insert(db: &impl GenericClient, session: &Session) -> Result<(), DbError> {
    let params: [&(dyn ToSql + Sync); 6] = [
        &session.id,
        &session.user_id,
        &session.address,
        &session.user_agent,
        &session.created_at,
        &session.expires_at,
    ];
    db::execute(db, "sessions.insert", INSERT, &params).await.map(|_| ())
}

const LOCK: &str = concat!("SELECT ", columns!(), " FROM sessions WHERE id = $1 FOR UPDATE");

/// Returns one session, which nobody else changes until the transaction ends.
pub async fn lock(db: &impl GenericClient, id: Uuid) -> Result<Option<Session>, DbError> {
    db::query_opt(db, "sessions.lock", LOCK, &[&id]).await?.as_ref().map(from_row).transpose()
}

const USE: &str = "
    UPDATE sessions SET address = $2, user_agent = $3, last_used_at = $4, expires_at = $5
     WHERE id = $1";

/// Notes that a session was used.
pub async fn touch(db: &impl GenericClient, session: &Session) -> Result<(), DbError> {
    let params: [&(dyn ToSql + Sync); 5] = [
        &session.id,
        &session.address,
        &session.user_agent,
        &session.last_used_at,
        &session.expires_at,
    ];
    DbError::expect_rows("sessions", db::execute(db, "sessions.touch", USE, &params).await?, 1)
}

const PAGE: &str = concat!(
    "SELECT ",
    columns!(),
    " FROM sessions
      WHERE user_id = $1 AND ended_at IS NULL AND expires_at > $2
        AND ($3::timestamptz IS NULL OR (last_used_at, id) < ($3, $4))
      ORDER BY last_used_at DESC, id DESC
      LIMIT $5"
);

/// Returns a page of the live sessions of a user, the latest used first.
pub async fn page(
    db: &impl GenericClient,
    user: Uuid,
    now: DateTime<Utc>,
    page: &Page<(DateTime<Utc>, Uuid)>,
) -> Result<Vec<Session>, DbError> {
    let (used_at, id) = page.after.unzip();
    let params: [&(dyn ToSql + Sync); 5] = [&user, &now, &used_at, &id, &page.limit];
    db::query(db, "sessions.page", PAGE, &params).await?.iter().map(from_row).collect()
}

const END: &str = "
    UPDATE sessions SET ended_at = $3
     WHERE id = $1 AND user_id = $2 AND ended_at IS NULL";

/// Ends one session of a user; tells whether it was live.
pub async fn end(
    db: &impl GenericClient,
    id: Uuid,
    user: Uuid,
    now: DateTime<Utc>,
) -> Result<bool, DbError> {
    Ok(db::execute(db, "sessions.end", END, &[&id, &user, &now]).await? == 1)
}

const IS_OWN: &str = "SELECT FROM sessions WHERE id = $1 AND user_id = $2";

/// Tells whether a session, live or not, is one of `user`.
pub async fn is_own(db: &impl GenericClient, id: Uuid, user: Uuid) -> Result<bool, DbError> {
    Ok(db::query_opt(db, "sessions.is_own", IS_OWN, &[&id, &user]).await?.is_some())
}

const END_ALL: &str = "
    UPDATE sessions SET ended_at = $3
     WHERE user_id = $1 AND ended_at IS NULL AND ($2::uuid IS NULL OR id <> $2)
 RETURNING id";

/// Ends all sessions of a user, except for `keep`, and returns them.
pub async fn end_all(
    db: &impl GenericClient,
    user: Uuid,
    keep: Option<Uuid>,
    now: DateTime<Utc>,
) -> Result<Vec<Uuid>, DbError> {
    let rows = db::query(db, "sessions.end_all", END_ALL, &[&user, &keep, &now]).await?;
    rows.iter().map(|row| Ok(row.try_get(0)?)).collect()
}

const IS_LIVE: &str = "
    SELECT FROM sessions JOIN users ON users.id = user_id
     WHERE sessions.id = $1 AND user_id = $2 AND ended_at IS NULL AND expires_at > $3 AND is_active";

/// Tells whether a session may still be used.
pub async fn is_live(
    db: &impl GenericClient,
    id: Uuid,
    user: Uuid,
    now: DateTime<Utc>,
) -> Result<bool, DbError> {
    Ok(db::query_opt(db, "sessions.is_live", IS_LIVE, &[&id, &user, &now]).await?.is_some())
}

const ENDED_AFTER: &str = "
    SELECT ended_at, id FROM sessions
     WHERE ended_at IS NOT NULL AND (ended_at, id) > ($1, $2)
     ORDER BY ended_at, id LIMIT $3";

/// Returns sessions with the moment of their end, the earliest first, after a moment and session.
pub async fn ended_after(
    db: &impl GenericClient,
    (moment, id): (DateTime<Utc>, Uuid),
    limit: usize,
) -> Result<Vec<(DateTime<Utc>, Uuid)>, DbError> {
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    let params: [&(dyn ToSql + Sync); 3] = [&moment, &id, &limit];
    let rows = db::query(db, "sessions.ended_after", ENDED_AFTER, &params).await?;
    rows.iter().map(|row| Ok((row.try_get(0)?, row.try_get(1)?))).collect()
}

const SWEEP: &str = "DELETE FROM sessions WHERE expires_at < $1 OR ended_at < $1";

/// Deletes sessions that were over before `moment`.
pub async fn sweep(db: &impl GenericClient, moment: DateTime<Utc>) -> Result<u64, DbError> {
    db::execute(db, "sessions.sweep", SWEEP, &[&moment]).await
}

fn from_row(row: &Row) -> Result<Session, DbError> {
    Ok(Session {
        id: row.try_get("id")?,
        user_id: row.try_get("user_id")?,
        address: row.try_get("address")?,
        user_agent: row.try_get("user_agent")?,
        created_at: row.try_get("created_at")?,
        last_used_at: row.try_get("last_used_at")?,
        expires_at: row.try_get("expires_at")?,
        ended_at: row.try_get("ended_at")?,
    })
}
