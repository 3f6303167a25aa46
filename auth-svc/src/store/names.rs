//! Names in the table of accounts, and when they changed.

use chrono::{DateTime, Utc};
use kit::db::{self, DbError, GenericClient, Row};
use uuid::Uuid;

use crate::user::Renamed;

const RENAMED: &str = "
    SELECT id, username, full_name, renamed_at
      FROM users
     WHERE (renamed_at, id) > ($1, $2)
     ORDER BY renamed_at, id
     LIMIT $3";

/// Returns whoever was renamed after a moment, the earliest first; those of one moment by id.
pub async fn renamed(
    db: &impl GenericClient,
    (moment, id): (DateTime<Utc>, Uuid),
    limit: i64,
) -> Result<Vec<Renamed>, DbError> {
    let rows = db::query(db, "users.renamed", RENAMED, &[&moment, &id, &limit]).await?;
    rows.iter().map(from_row).collect()
}

const LOCK_STUDENTS: &str = "
    SELECT id, full_name
      FROM users
     WHERE id = ANY ($1) AND organization_id = $2 AND role = 'student'
     ORDER BY id FOR UPDATE";

/// Returns those of `ids` who are students of an organization, with their names, which nobody else
/// changes until the transaction ends.
pub async fn lock_students(
    tx: &impl GenericClient,
    organization: Uuid,
    ids: &[Uuid],
) -> Result<Vec<(Uuid, String)>, DbError> {
    let rows = db::query(tx, "users.lock_students", LOCK_STUDENTS, &[&ids, &organization]).await?;
    rows.iter().map(|row| Ok((row.try_get(0)?, row.try_get(1)?))).collect()
}

const RENAME: &str = "
    UPDATE users
       SET full_name = new.full_name, updated_at = $3,
           renamed_at = GREATEST($3::timestamptz, renamed_at + interval '1 microsecond')
      FROM UNNEST($1::uuid[], $2::text[]) AS new (id, full_name)
     WHERE users.id = new.id";

/// Gives accounts, who must exist, other names.
pub async fn rename(
    tx: &impl GenericClient,
    names: &[(Uuid, &str)],
    now: DateTime<Utc>,
) -> Result<(), DbError> {
    let (ids, texts): (Vec<Uuid>, Vec<&str>) = names.iter().copied().unzip();
    let changed = db::execute(tx, "users.rename", RENAME, &[&ids, &texts, &now]).await?;
    DbError::expect_rows("users", changed, names.len() as u64)
}

const NAMES: &str = "
    SELECT id, username, full_name, COALESCE(renamed_at, 'epoch') AS renamed_at
      FROM users
     WHERE id = ANY ($1)
     ORDER BY id";

/// Returns the present names of accounts, and since when they have them.
pub async fn names(db: &impl GenericClient, ids: &[Uuid]) -> Result<Vec<Renamed>, DbError> {
    let rows = db::query(db, "users.names", NAMES, &[&ids]).await?;
    rows.iter().map(from_row).collect()
}

fn from_row(row: &Row) -> Result<Renamed, DbError> {
    Ok(Renamed {
        id: row.try_get("id")?,
        username: row.try_get("username")?,
        full_name: row.try_get("full_name")?,
        renamed_at: row.try_get("renamed_at")?,
    })
}
