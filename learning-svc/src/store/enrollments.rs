//! The table of stays in classes.

use chrono::{DateTime, Utc};
use kit::{
    db::{self, DbError, GenericClient, Row},
    page::Page,
};
use uuid::Uuid;

use super::{
    account_deletions, contains,
    students::{self, columns},
};
use crate::class::{Enrollment, EnrollmentFilter, EnrollmentStatus};

const ACTIVE: &str = "
    SELECT count(*) FROM class_students WHERE class_id = $1 AND enrollment_status = 'active'";

/// Counts the students of a class.
pub async fn active(db: &impl GenericClient, class: Uuid) -> Result<u32, DbError> {
    let row = db::query_one(db, "class_students.active", ACTIVE, &[&class]).await?;
    Ok(u32::try_from(row.try_get::<_, i64>(0)?).unwrap_or(u32::MAX))
}

const INSERT: &str = "
    INSERT INTO class_students (id, class_id, student_id, enrollment_status, enrolled_at, batch_id)
    SELECT id, $1, student_id, 'active', $4, $6
      FROM UNNEST($2::uuid[], $3::uuid[]) AS t (id, student_id)
     WHERE NOT EXISTS (SELECT FROM account_deletions WHERE user_id = student_id AND since > $5)";

/// Enrolls students, all by one call: id of the enrollment and of the student. Fails with
/// [`DbError::Rows`] when the account of one is being deleted.
pub async fn insert(
    tx: &impl GenericClient,
    class: Uuid,
    new: &[(Uuid, Uuid)],
    batch: Option<Uuid>,
    now: DateTime<Utc>,
) -> Result<(), DbError> {
    let (ids, students): (Vec<Uuid>, Vec<Uuid>) = new.iter().copied().unzip();
    account_deletions::hold_off(tx).await?;
    let begun = now - account_deletions::HOLDS;
    let params: [&(dyn db::ToSql + Sync); 6] = [&class, &ids, &students, &now, &begun, &batch];
    let added = db::execute(tx, "class_students.insert", INSERT, &params).await?;
    DbError::expect_rows("class_students", added, new.len() as u64)
}

const OF_BATCH: &str = "SELECT count(*) FROM class_students WHERE class_id = $1 AND batch_id = $2";

/// Counts the students whom one call enrolled.
pub async fn of_batch(db: &impl GenericClient, class: Uuid, batch: Uuid) -> Result<usize, DbError> {
    let row = db::query_one(db, "class_students.of_batch", OF_BATCH, &[&class, &batch]).await?;
    Ok(usize::try_from(row.try_get::<_, i64>(0)?).unwrap_or_default())
}

const PRESENT: &str = "
    SELECT id FROM class_students
     WHERE class_id = $1 AND student_id = $2 AND enrollment_status = 'active'
       FOR UPDATE";

/// Returns the id of the present stay of a student, which nobody else can end until the
/// transaction does.
pub async fn present(
    tx: &impl GenericClient,
    class: Uuid,
    student: Uuid,
) -> Result<Option<Uuid>, DbError> {
    let row = db::query_opt(tx, "class_students.present", PRESENT, &[&class, &student]).await?;
    Ok(row.map(|row| row.try_get(0)).transpose()?)
}

const END: &str = "
    UPDATE class_students
       SET enrollment_status = $3, ended_at = $4, notes = $5
     WHERE class_id = $1 AND student_id = $2 AND enrollment_status = 'active'
 RETURNING id";

/// Ends the present stay of a student and returns its id; nothing when there is none.
pub async fn end(
    db: &impl GenericClient,
    class: Uuid,
    student: Uuid,
    status: EnrollmentStatus,
    notes: &str,
    now: DateTime<Utc>,
) -> Result<Option<Uuid>, DbError> {
    let params: [&(dyn db::ToSql + Sync); 5] = [&class, &student, &status.as_str(), &now, &notes];
    let row = db::query_opt(db, "class_students.end", END, &params).await?;
    Ok(row.map(|row| row.try_get(0)).transpose()?)
}

const END_ALL: &str = "
    UPDATE class_students
       SET enrollment_status = 'left', ended_at = $3, notes = $2
     WHERE id = ANY ($1) AND enrollment_status = 'active'";

/// Ends stays that have not ended yet.
pub async fn end_all(
    tx: &impl GenericClient,
    ids: &[Uuid],
    notes: &str,
    now: DateTime<Utc>,
) -> Result<(), DbError> {
    let params: [&(dyn db::ToSql + Sync); 3] = [&ids, &notes, &now];
    db::execute(tx, "class_students.end_all", END_ALL, &params).await.map(|_| ())
}

const DELETE_ACTIVE: &str = "
    DELETE FROM class_students WHERE id = ANY ($1) AND enrollment_status = 'active'";

/// Deletes stays that have not ended.
pub async fn delete_active(tx: &impl GenericClient, ids: &[Uuid]) -> Result<(), DbError> {
    db::execute(tx, "class_students.delete_active", DELETE_ACTIVE, &[&ids]).await.map(|_| ())
}

macro_rules! enrollment_columns {
    () => {
        concat!("id, class_id, enrollment_status, enrolled_at, ended_at, notes, ", columns!())
    };
}

const FIND: &str = concat!(
    "SELECT ",
    enrollment_columns!(),
    " FROM class_students JOIN students ON user_id = student_id WHERE id = $1"
);

/// Returns one stay.
pub async fn find(db: &impl GenericClient, id: Uuid) -> Result<Option<Enrollment>, DbError> {
    let row = db::query_opt(db, "class_students.find", FIND, &[&id]).await?;
    row.as_ref().map(from_row).transpose()
}

const PAGE: &str = concat!(
    "SELECT ",
    enrollment_columns!(),
    " FROM class_students JOIN students ON user_id = student_id
      WHERE class_id = $1
        AND ($2::text IS NULL OR enrollment_status = $2)
        AND ($3::text IS NULL OR full_name ILIKE $3 OR username ILIKE $3 OR student_no ILIKE $3)
        AND ($4::text IS NULL
             OR (COALESCE(student_no, '') COLLATE \"C\", full_name, id) > ($4, $5::text, $6::uuid))
      ORDER BY COALESCE(student_no, '') COLLATE \"C\", full_name, id
      LIMIT $7"
);

/// Returns a page of the stays in a class, ordered by number, name and id.
pub async fn page(
    db: &impl GenericClient,
    class: Uuid,
    filter: &EnrollmentFilter,
    page: &Page<(String, String, Uuid)>,
) -> Result<Vec<Enrollment>, DbError> {
    let status = filter.wanted().map(EnrollmentStatus::as_str);
    let (number, name, id) = match page.after.clone() {
        Some((number, name, id)) => (Some(number), Some(name), Some(id)),
        None => (None, None, None),
    };
    let params: [&(dyn db::ToSql + Sync); 7] =
        [&class, &status, &contains(&filter.query), &number, &name, &id, &page.limit];
    let rows = db::query(db, "class_students.page", PAGE, &params).await?;
    rows.iter().map(from_row).collect()
}

fn from_row(row: &Row) -> Result<Enrollment, DbError> {
    let status: &str = row.try_get("enrollment_status")?;
    Ok(Enrollment {
        id: row.try_get("id")?,
        class_id: row.try_get("class_id")?,
        student: students::from_row(row)?,
        status: EnrollmentStatus::from_name(status)
            .ok_or_else(|| DbError::decode("enrollment_status", status))?,
        enrolled_at: row.try_get("enrolled_at")?,
        ended_at: row.try_get("ended_at")?,
        notes: row.try_get("notes")?,
    })
}
