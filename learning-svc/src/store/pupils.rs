//! What is told of students beside their mistakes.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use kit::{
    caller::{Caller, Role},
    db::{self, DbError, GenericClient, Row},
};
use uuid::Uuid;

use crate::redaction::Person;

/// A student, and the classes they are in now.
#[derive(Clone, Debug, PartialEq)]
pub struct Pupil {
    pub id: Uuid,
    pub organization_id: Uuid,
    pub username: String,
    pub full_name: String,
    pub student_no: String,
    pub grade: String,
    pub target_exam: String,
    pub target_score: Option<f64>,
    /// A1 to C2, empty when unknown.
    pub cefr_level: String,
    pub study_goal: String,
    pub classes: Vec<(Uuid, String)>,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
}

/// Classmates, or students of a teacher, who are kept from models: as many as a question concerns.
const MOST_PEOPLE: i64 = 20_000;

/// What an analysis must know of a student, also to keep it from others.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Known {
    /// A1 to C2, empty when unknown.
    pub cefr_level: String,
    /// The student, and those who are or were in a class with them.
    pub people: Vec<Person>,
}

const KNOWN: &str = "
    SELECT s.user_id, s.full_name, coalesce(s.student_no, '') AS student_no,
           coalesce(s.cefr_level, '') AS cefr_level,
           coalesce(mates.names, '{}') AS names, coalesce(mates.numbers, '{}') AS numbers
      FROM students s
      LEFT JOIN LATERAL (
           SELECT array_agg(full_name) AS names, array_agg(coalesce(student_no, '')) AS numbers
             FROM (SELECT DISTINCT other.user_id, other.full_name, other.student_no
                     FROM class_students own
                     JOIN class_students mate ON mate.class_id = own.class_id
                                             AND mate.student_id <> own.student_id
                     JOIN students other ON other.user_id = mate.student_id
                    WHERE own.student_id = s.user_id
                    ORDER BY other.user_id
                    LIMIT $2) found) mates ON true
     WHERE s.user_id = ANY ($1)";

/// Returns what is known of students; unknown ones are left out.
pub async fn known(
    db: &impl GenericClient,
    students: &[Uuid],
) -> Result<HashMap<Uuid, Known>, DbError> {
    let rows = db::query(db, "students.known", KNOWN, &[&students, &MOST_PEOPLE]).await?;
    let read = |row: &Row| {
        let (names, numbers): (Vec<String>, Vec<String>) =
            (row.try_get("names")?, row.try_get("numbers")?);
        let mut people = vec![person(row, true)?];
        people.extend(names.into_iter().zip(numbers).map(|(full_name, student_no)| Person {
            full_name,
            student_no,
            is_author: false,
        }));
        let known = Known { cefr_level: row.try_get("cefr_level")?, people };
        Ok((row.try_get("user_id")?, known))
    };
    rows.iter().map(read).collect()
}

const TAUGHT: &str = "
    SELECT full_name, coalesce(student_no, '') AS student_no
      FROM students
     WHERE organization_id = $1
       AND ($2::uuid IS NULL OR EXISTS (
               SELECT FROM class_students
                WHERE student_id = user_id
                  AND class_id IN (SELECT id FROM classes WHERE head_teacher_id = $2
                                    UNION
                                   SELECT class_id FROM class_assistants WHERE teacher_id = $2)))
     LIMIT $3";

/// Returns the students whom a teacher or administrator knows.
pub async fn taught(db: &impl GenericClient, caller: &Caller) -> Result<Vec<Person>, DbError> {
    let teacher = match caller.role {
        Role::Admin => None,
        Role::Teacher | Role::Student => Some(caller.user_id),
    };
    let params: [&(dyn db::ToSql + Sync); 3] = [&caller.organization_id, &teacher, &MOST_PEOPLE];
    let rows = db::query(db, "students.taught", TAUGHT, &params).await?;
    rows.iter().map(|row| person(row, false)).collect()
}

fn person(row: &Row, is_author: bool) -> Result<Person, DbError> {
    let (full_name, student_no) = (row.try_get("full_name")?, row.try_get("student_no")?);
    Ok(Person { full_name, student_no, is_author })
}

const CLASSES_OF: &str = "
    SELECT DISTINCT class_id
      FROM class_students
     WHERE student_id = ANY ($1) AND enrollment_status = 'active'";

/// Returns the classes that any of `students` is in now.
pub async fn classes_of(db: &impl GenericClient, students: &[Uuid]) -> Result<Vec<Uuid>, DbError> {
    let rows = db::query(db, "class_students.classes_of", CLASSES_OF, &[&students]).await?;
    rows.iter().map(|row| Ok(row.try_get(0)?)).collect()
}

const GET: &str = "
    SELECT s.user_id, s.organization_id, s.username, s.full_name,
           coalesce(s.student_no, '') AS student_no, s.grade, s.target_exam, s.target_score,
           coalesce(s.cefr_level, '') AS cefr_level, s.study_goal, s.created_at, s.updated_at,
           coalesce(c.ids, '{}') AS class_ids, coalesce(c.names, '{}') AS class_names
      FROM students s
      LEFT JOIN LATERAL (
           SELECT array_agg(c.id ORDER BY c.name, c.id) AS ids,
                  array_agg(c.name ORDER BY c.name, c.id) AS names
             FROM class_students e JOIN classes c ON c.id = e.class_id
            WHERE e.student_id = s.user_id AND e.enrollment_status = 'active'
              AND c.status = 'active' AND c.organization_id = $2
              AND ($3::uuid IS NULL OR c.head_teacher_id = $3
                   OR EXISTS (SELECT FROM class_assistants a
                               WHERE a.class_id = c.id AND a.teacher_id = $3))) c ON true
     WHERE s.user_id = ANY ($1)
     ORDER BY s.student_no NULLS LAST, s.full_name, s.user_id";

/// Returns students by student number, with those of their present classes that the caller may see;
/// unknown ones are left out.
pub async fn get_all(
    db: &impl GenericClient,
    caller: &Caller,
    ids: &[Uuid],
) -> Result<Vec<Pupil>, DbError> {
    let params: [&(dyn db::ToSql + Sync); 3] = [&ids, &caller.organization_id, &teacher(caller)];
    db::query(db, "students.pupils", GET, &params).await?.iter().map(from_row).collect()
}

/// Returns the teacher whose classes alone may be seen, if it is one who asks.
fn teacher(caller: &Caller) -> Option<Uuid> {
    match caller.role {
        Role::Teacher => Some(caller.user_id),
        Role::Admin | Role::Student => None,
    }
}

fn from_row(row: &Row) -> Result<Pupil, DbError> {
    let ids: Vec<Uuid> = row.try_get("class_ids")?;
    let names: Vec<String> = row.try_get("class_names")?;
    Ok(Pupil {
        id: row.try_get("user_id")?,
        organization_id: row.try_get("organization_id")?,
        username: row.try_get("username")?,
        full_name: row.try_get("full_name")?,
        student_no: row.try_get("student_no")?,
        grade: row.try_get("grade")?,
        target_exam: row.try_get("target_exam")?,
        target_score: row.try_get("target_score")?,
        cefr_level: row.try_get("cefr_level")?,
        study_goal: row.try_get("study_goal")?,
        classes: ids.into_iter().zip(names).collect(),
        created_at: row.try_get("created_at")?,
        updated_at: row.try_get("updated_at")?,
    })
}

/// What stands on the cover of a book.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Cover {
    pub class_name: String,
    pub teacher_name: String,
}

const COVER: &str = "
    SELECT name, head_teacher_name FROM classes WHERE id = $1";

/// Returns what stands on the books of a class.
pub async fn cover(db: &impl GenericClient, class: Uuid) -> Result<Cover, DbError> {
    from_cover(db::query_opt(db, "classes.cover", COVER, &[&class]).await?.as_ref())
}

/// A present class before a former one, and the latest of those.
const LATEST_COVER: &str = "
    SELECT c.name, c.head_teacher_name
      FROM class_students e JOIN classes c ON c.id = e.class_id
     WHERE e.student_id = $1 AND c.organization_id = $2
       AND ($3::uuid IS NULL OR c.head_teacher_id = $3
            OR EXISTS (SELECT FROM class_assistants a
                        WHERE a.class_id = c.id AND a.teacher_id = $3))
     ORDER BY e.enrollment_status = 'active' DESC, c.status = 'active' DESC,
              e.enrolled_at DESC, e.id DESC
     LIMIT 1";

/// Returns what stands on a book of a student: the latest of their classes that the caller may see.
pub async fn latest_cover(
    db: &impl GenericClient,
    caller: &Caller,
    student: Uuid,
) -> Result<Cover, DbError> {
    let params: [&(dyn db::ToSql + Sync); 3] =
        [&student, &caller.organization_id, &teacher(caller)];
    from_cover(db::query_opt(db, "classes.latest_cover", LATEST_COVER, &params).await?.as_ref())
}

fn from_cover(row: Option<&Row>) -> Result<Cover, DbError> {
    let Some(row) = row else { return Ok(Cover::default()) };
    Ok(Cover { class_name: row.try_get("name")?, teacher_name: row.try_get("head_teacher_name")? })
}
