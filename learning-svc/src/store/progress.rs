//! What was known of a student's mistakes on past days.

use chrono::{DateTime, Utc};
use kit::db::{self, DbError, GenericClient};
use uuid::Uuid;

use crate::{
    mistake::Status,
    review::Memory,
    statistics::{Past, StatusChange},
};

const KNOWN_FROM: &str = "SELECT statuses_known_from FROM students WHERE user_id = $1";

/// Returns from when on the statuses of a student's mistakes are known; always when absent.
pub async fn known_from(
    db: &impl GenericClient,
    student: Uuid,
) -> Result<Option<DateTime<Utc>>, DbError> {
    let row = db::query_opt(db, "students.known_from", KNOWN_FROM, &[&student]).await?;
    Ok(row.map(|row| row.try_get(0)).transpose()?.flatten())
}

const MISTAKES: &str = "
    SELECT id, status, first_mistaken_at
      FROM mistakes
     WHERE student_id = $1 AND deleted_at IS NULL AND first_mistaken_at < $2";

const CHANGES: &str = "
    SELECT mistake_id, before, changed_at
      FROM mistake_status_changes
     WHERE student_id = $1 AND changed_at >= $2
     ORDER BY changed_at, id";

/// The state of memory before the first moment, and every one from then until the last.
const MEMORIES: &str = "
    SELECT r.mistake_id, r.stability_days, r.difficulty, r.reviewed_at
      FROM mistakes m
     CROSS JOIN LATERAL (
           SELECT *
             FROM reviews r
            WHERE r.mistake_id = m.id AND r.reviewed_at < $2 AND NOT r.is_same_day
            ORDER BY r.reviewed_at DESC, r.id DESC
            LIMIT 1) r
     WHERE m.student_id = $1 AND m.deleted_at IS NULL
     UNION ALL
    SELECT mistake_id, stability_days, difficulty, reviewed_at
      FROM reviews
     WHERE student_id = $1 AND reviewed_at >= $2 AND reviewed_at < $3 AND NOT is_same_day
     ORDER BY reviewed_at";

/// Returns what tells how a student's mistakes were at any moment from `first` to `last`, the
/// oldest things first.
pub async fn past(
    db: &impl GenericClient,
    student: Uuid,
    (first, last): (DateTime<Utc>, DateTime<Utc>),
) -> Result<Vec<Past>, DbError> {
    let rows = db::query(db, "mistakes.past", MISTAKES, &[&student, &last]).await?;
    let mut all = std::collections::HashMap::with_capacity(rows.len());
    for row in rows {
        let id: Uuid = row.try_get("id")?;
        let status = named(row.try_get("status")?)?;
        let past = Past {
            status,
            first_mistaken_at: row.try_get("first_mistaken_at")?,
            changes: Vec::new(),
            memories: Vec::new(),
        };
        all.insert(id, past);
    }
    for row in db::query(db, "mistake_status_changes.of", CHANGES, &[&student, &first]).await? {
        if let Some(past) = all.get_mut(&row.try_get("mistake_id")?) {
            let before = named(row.try_get("before")?)?;
            past.changes.push(StatusChange { before, at: row.try_get("changed_at")? });
        }
    }
    let params: [&(dyn db::ToSql + Sync); 3] = [&student, &first, &last];
    for row in db::query(db, "reviews.memories", MEMORIES, &params).await? {
        if let Some(past) = all.get_mut(&row.try_get("mistake_id")?) {
            past.memories.push(Memory {
                stability_days: row.try_get("stability_days")?,
                difficulty: row.try_get("difficulty")?,
                at: row.try_get("reviewed_at")?,
                interval_days: 0,
            });
        }
    }
    Ok(all.into_values().collect())
}

fn named(name: &str) -> Result<Status, DbError> {
    Status::from_name(name).ok_or_else(|| DbError::decode("status", name))
}
