//! Each time that a student got something wrong.

use chrono::{DateTime, Utc};
use kit::db::{self, DbError, GenericClient};
use uuid::Uuid;

use crate::mistake::Recorded;

/// One time that a student got something wrong.
#[derive(Clone, Copy, Debug)]
pub struct Occurrence<'a> {
    pub mistake_id: Uuid,
    /// Place in the call or import.
    pub position: i32,
    pub wrong_answer: &'a str,
    pub mistaken_at: DateTime<Utc>,
    pub is_first: bool,
}

const INSERT: &str = "
    INSERT INTO mistake_occurrences
           (mistake_id, batch_id, position, wrong_answer, mistaken_at, is_first)
    SELECT mistake_id, $6, position, wrong_answer, mistaken_at, is_first
      FROM unnest($1::uuid[], $2::integer[], $3::text[], $4::timestamptz[], $5::boolean[])
        AS new (mistake_id, position, wrong_answer, mistaken_at, is_first)";

/// Notes what one call or import brought.
pub async fn insert(
    db: &impl GenericClient,
    batch: Uuid,
    list: &[Occurrence<'_>],
) -> Result<(), DbError> {
    if list.is_empty() {
        return Ok(());
    }
    let mistakes: Vec<Uuid> = list.iter().map(|one| one.mistake_id).collect();
    let positions: Vec<i32> = list.iter().map(|one| one.position).collect();
    let answers: Vec<&str> = list.iter().map(|one| one.wrong_answer).collect();
    let moments: Vec<DateTime<Utc>> = list.iter().map(|one| one.mistaken_at).collect();
    let first: Vec<bool> = list.iter().map(|one| one.is_first).collect();
    let params: [&(dyn db::ToSql + Sync); 6] =
        [&mistakes, &positions, &answers, &moments, &first, &batch];
    let written = db::execute(db, "mistake_occurrences.insert", INSERT, &params).await?;
    DbError::expect_rows("mistake_occurrences", written, list.len() as u64)
}

const OF_BATCH: &str = "
    SELECT mistake_id, is_first
      FROM mistake_occurrences
     WHERE batch_id = $1
     ORDER BY position";

/// Returns what one call brought, in its order.
pub async fn of_batch(db: &impl GenericClient, batch: Uuid) -> Result<Vec<Recorded>, DbError> {
    let rows = db::query(db, "mistake_occurrences.of_batch", OF_BATCH, &[&batch]).await?;
    let read = |row: &db::Row| {
        let is_first: bool = row.try_get("is_first")?;
        Ok(Recorded { mistake_id: row.try_get("mistake_id")?, is_repeated: !is_first })
    };
    rows.iter().map(read).collect()
}
