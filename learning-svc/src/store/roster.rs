//! What students of a roster have beside it.

use std::collections::HashSet;

use chrono::{DateTime, Utc};
use kit::db::{self, DbError, GenericClient, Row};
use uuid::Uuid;

const USED: &str = "
    SELECT id
      FROM UNNEST($1::uuid[]) AS t (id)
     WHERE EXISTS (SELECT FROM mistakes WHERE student_id = t.id)
        OR EXISTS (SELECT FROM class_students
                    WHERE student_id = t.id AND NOT (class_students.id = ANY ($2)))";

/// Returns those of `students` who have mistakes, or stays in classes other than `enrollments`.
pub async fn used(
    db: &impl GenericClient,
    students: &[Uuid],
    enrollments: &[Uuid],
) -> Result<HashSet<Uuid>, DbError> {
    let params: [&(dyn db::ToSql + Sync); 2] = [&students, &enrollments];
    ids(&db::query(db, "students.used", USED, &params).await?)
}

const RECORDED_SINCE: &str = "
    SELECT DISTINCT student_id
      FROM mistakes
     WHERE student_id = ANY ($1) AND created_at >= $2";

/// Returns those of `students` whose mistakes were recorded since `moment`.
pub async fn recorded_since(
    db: &impl GenericClient,
    students: &[Uuid],
    moment: DateTime<Utc>,
) -> Result<HashSet<Uuid>, DbError> {
    let params: [&(dyn db::ToSql + Sync); 2] = [&students, &moment];
    ids(&db::query(db, "mistakes.recorded_since", RECORDED_SINCE, &params).await?)
}

fn ids(rows: &[Row]) -> Result<HashSet<Uuid>, DbError> {
    rows.iter().map(|row| Ok(row.try_get(0)?)).collect()
}
