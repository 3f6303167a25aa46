//! The table of letters that wait to be sent.

use chrono::{DateTime, Utc};
use kit::db::{self, DbError, GenericClient, ToSql};
use uuid::Uuid;

use crate::mail::Letter;

const INSERT: &str = "
    INSERT INTO outbox (id, recipient, subject, body, not_before, created_at)
    VALUES ($1, $2, $3, $4, $5, $5)";

/// Stores a letter to be sent.
pub async fn insert(
    db: &impl GenericClient,
    id: Uuid,
    letter: &Letter,
    now: DateTime<Utc>,
) -> Result<(), DbError> {
    let params: [&(dyn ToSql + Sync); 5] =
        [&id, &letter.recipient, &letter.subject, &letter.body, &now];
    db::execute(db, "outbox.insert", INSERT, &params).await.map(|_| ())
}

const NEXT: &str = "
    UPDATE outbox SET attempts = attempts + 1, not_before = $2
     WHERE id = (SELECT id FROM outbox WHERE not_before <= $1
                  ORDER BY not_before LIMIT 1 FOR UPDATE SKIP LOCKED)
 RETURNING id, recipient, subject, body, attempts";

/// Takes the next letter; nobody else takes it before `again_at`.
pub async fn next(
    db: &impl GenericClient,
    now: DateTime<Utc>,
    again_at: DateTime<Utc>,
) -> Result<Option<(Uuid, i32, Letter)>, DbError> {
    let row = db::query_opt(db, "outbox.next", NEXT, &[&now, &again_at]).await?;
    row.map(|row| {
        let letter = Letter {
            recipient: row.try_get("recipient")?,
            subject: row.try_get("subject")?,
            body: row.try_get("body")?,
        };
        Ok((row.try_get("id")?, row.try_get("attempts")?, letter))
    })
    .transpose()
}

const DEPTH: &str = "SELECT count(*) AS waiting, min(created_at) AS oldest FROM outbox";

/// Returns how many letters wait, and since when the oldest does.
pub async fn depth(db: &impl GenericClient) -> Result<(i64, Option<DateTime<Utc>>), DbError> {
    let row = db::query_one(db, "outbox.depth", DEPTH, &[]).await?;
    Ok((row.try_get("waiting")?, row.try_get("oldest")?))
}

const DELETE: &str = "DELETE FROM outbox WHERE id = $1";

/// Forgets a letter.
pub async fn delete(db: &impl GenericClient, id: Uuid) -> Result<(), DbError> {
    db::execute(db, "outbox.delete", DELETE, &[&id]).await.map(|_| ())
}
