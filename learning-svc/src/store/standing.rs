//! What people are to classes and to each other.

use std::collections::HashMap;

use kit::{
    caller::Caller,
    db::{self, DbError, GenericClient},
};
use uuid::Uuid;

use crate::access::MAX_STUDENTS;

/// How one user is tied to one class.
#[derive(Clone, Copy, Debug)]
pub struct Ties {
    pub organization_id: Uuid,
    pub heads: bool,
    pub assists: bool,
    pub enrolled: bool,
}

const CLASS: &str = "
    SELECT organization_id, head_teacher_id = $2 AS heads,
           EXISTS (SELECT FROM class_assistants
                    WHERE class_id = id AND teacher_id = $2) AS assists,
           EXISTS (SELECT FROM class_students WHERE class_id = classes.id AND student_id = $2) AS enrolled
      FROM classes
     WHERE id = $1";

/// Returns how a user is tied to a class.
pub async fn class(
    db: &impl GenericClient,
    class: Uuid,
    user: Uuid,
) -> Result<Option<Ties>, DbError> {
    let Some(row) = db::query_opt(db, "classes.ties", CLASS, &[&class, &user]).await? else {
        return Ok(None);
    };
    Ok(Some(Ties {
        organization_id: row.try_get("organization_id")?,
        heads: row.try_get("heads")?,
        assists: row.try_get("assists")?,
        enrolled: row.try_get("enrolled")?,
    }))
}

/// The classes that teacher `$1` of organization `$2` heads or assists.
macro_rules! taught_classes {
    () => {
        "SELECT id FROM classes
          WHERE head_teacher_id = $1 AND organization_id = $2
          UNION
         SELECT class_id FROM class_assistants JOIN classes ON id = class_id
          WHERE teacher_id = $1 AND organization_id = $2"
    };
}

const TEACHES: &str = concat!(
    "SELECT EXISTS (SELECT FROM class_students
                     WHERE student_id = $3 AND class_id IN (",
    taught_classes!(),
    "))"
);

/// Tells whether the caller teaches a student, or did.
pub async fn teaches(
    db: &impl GenericClient,
    caller: &Caller,
    student: Uuid,
) -> Result<bool, DbError> {
    let params: [&(dyn db::ToSql + Sync); 3] = [&caller.user_id, &caller.organization_id, &student];
    Ok(db::query_one(db, "class_students.teaches", TEACHES, &params).await?.try_get(0)?)
}

const BELONGS: &str =
    "SELECT EXISTS (SELECT FROM students WHERE user_id = $1 AND organization_id = $2)";

/// Tells whether a student belongs to an organization.
pub async fn belongs(
    db: &impl GenericClient,
    organization: Uuid,
    student: Uuid,
) -> Result<bool, DbError> {
    let row = db::query_one(db, "students.belongs", BELONGS, &[&student, &organization]).await?;
    Ok(row.try_get(0)?)
}

const TAUGHT_AMONG: &str = concat!(
    "SELECT student_id, bool_or(enrollment_status = 'active') FROM class_students
      WHERE student_id = ANY ($3) AND class_id IN (",
    taught_classes!(),
    ") GROUP BY student_id"
);

/// Returns those of `students` whom the caller teaches, or did; `true` for those of now.
pub async fn taught_among(
    db: &impl GenericClient,
    caller: &Caller,
    students: &[Uuid],
) -> Result<HashMap<Uuid, bool>, DbError> {
    let params: [&(dyn db::ToSql + Sync); 3] =
        [&caller.user_id, &caller.organization_id, &students];
    let rows = db::query(db, "class_students.taught_among", TAUGHT_AMONG, &params).await?;
    rows.iter().map(|row| Ok((row.try_get(0)?, row.try_get(1)?))).collect()
}

const MEMBERS_AMONG: &str =
    "SELECT user_id FROM students WHERE user_id = ANY ($1) AND organization_id = $2";

/// Returns those of `students` who belong to an organization.
pub async fn members_among(
    db: &impl GenericClient,
    organization: Uuid,
    students: &[Uuid],
) -> Result<Vec<Uuid>, DbError> {
    let params: [&(dyn db::ToSql + Sync); 2] = [&students, &organization];
    ids(&db::query(db, "students.members_among", MEMBERS_AMONG, &params).await?)
}

const MEMBERS: &str = "
    SELECT student_id FROM class_students
     WHERE class_id = $1 AND enrollment_status = 'active'
     ORDER BY student_id";

/// Returns the students who are enrolled in a class now.
pub async fn members(db: &impl GenericClient, class: Uuid) -> Result<Vec<Uuid>, DbError> {
    ids(&db::query(db, "class_students.members", MEMBERS, &[&class]).await?)
}

const MEMBERS_OF_ANY: &str = "
    SELECT DISTINCT student_id FROM class_students
     WHERE class_id = ANY ($1) AND enrollment_status = 'active'
     ORDER BY student_id LIMIT $2";

/// Returns the students who are enrolled in any of `classes` now.
pub async fn members_of_any(
    db: &impl GenericClient,
    classes: &[Uuid],
) -> Result<Vec<Uuid>, DbError> {
    ids(&db::query(db, "class_students.members_of_any", MEMBERS_OF_ANY, &[&classes, &bound()])
        .await?)
}

const ENROLLMENTS: &str = "
    SELECT class_id, student_id FROM class_students
     WHERE class_id = ANY ($1) AND enrollment_status = 'active'
     ORDER BY student_id, class_id LIMIT $2";

/// Returns who is enrolled in which of `classes` now, a student's classes after each other.
pub async fn enrollments(
    db: &impl GenericClient,
    classes: &[Uuid],
) -> Result<Vec<(Uuid, Uuid)>, DbError> {
    let params: [&(dyn db::ToSql + Sync); 2] = [&classes, &bound()];
    let rows = db::query(db, "class_students.of_classes", ENROLLMENTS, &params).await?;
    rows.iter().map(|row| Ok((row.try_get("class_id")?, row.try_get("student_id")?))).collect()
}

const ALL_TAUGHT: &str = concat!(
    "SELECT DISTINCT student_id FROM class_students
      WHERE class_id IN (",
    taught_classes!(),
    ") ORDER BY student_id LIMIT $3"
);

/// Returns everybody whom the caller teaches, or did.
pub async fn all_taught(db: &impl GenericClient, caller: &Caller) -> Result<Vec<Uuid>, DbError> {
    let limit = bound();
    let params: [&(dyn db::ToSql + Sync); 3] = [&caller.user_id, &caller.organization_id, &limit];
    ids(&db::query(db, "class_students.all_taught", ALL_TAUGHT, &params).await?)
}

const ALL_MEMBERS: &str =
    "SELECT user_id FROM students WHERE organization_id = $1 ORDER BY user_id LIMIT $2";

/// Returns the students of an organization.
pub async fn all_members(
    db: &impl GenericClient,
    organization: Uuid,
) -> Result<Vec<Uuid>, DbError> {
    ids(&db::query(db, "students.all_members", ALL_MEMBERS, &[&organization, &bound()]).await?)
}

fn bound() -> i64 {
    i64::try_from(MAX_STUDENTS).unwrap_or(i64::MAX)
}

fn ids(rows: &[db::Row]) -> Result<Vec<Uuid>, DbError> {
    rows.iter().map(|row| Ok(row.try_get(0)?)).collect()
}
