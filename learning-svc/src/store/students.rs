//! The table of pupils.

use std::collections::HashMap;

use kit::{
    caller::{Caller, Role},
    db::{self, DbError, GenericClient, Row},
    page::Page,
};
use uuid::Uuid;

use super::contains;
use crate::student::{ClassRef, Filter, Student};

/// Name of the constraint that a number is unique within an organization.
pub const NUMBER_KEY: &str = "students_organization_id_student_no_key";

macro_rules! columns {
    () => {
        "user_id, organization_id, username, full_name, student_no, grade, target_exam,
         target_score, cefr_level, study_goal, students.renamed_at, students.created_at,
         students.updated_at"
    };
}
pub(crate) use columns;

const FIND: &str = concat!("SELECT ", columns!(), " FROM students WHERE user_id = $1");

/// Returns one student.
pub async fn find(db: &impl GenericClient, id: Uuid) -> Result<Option<Student>, DbError> {
    db::query_opt(db, "students.find", FIND, &[&id]).await?.as_ref().map(from_row).transpose()
}

const LOCK: &str = concat!("SELECT ", columns!(), " FROM students WHERE user_id = $1 FOR UPDATE");

/// Returns one student, whom nobody else can change until the transaction ends.
pub async fn lock(tx: &impl GenericClient, id: Uuid) -> Result<Option<Student>, DbError> {
    db::query_opt(tx, "students.lock", LOCK, &[&id]).await?.as_ref().map(from_row).transpose()
}

const KNOWN: &str = concat!(
    "SELECT ",
    columns!(),
    " FROM students
      WHERE organization_id = $1
        AND (user_id = ANY ($2) OR lower(student_no) = ANY ($3))
      ORDER BY user_id
        FOR UPDATE"
);

/// Returns the students of an organization with one of the ids or numbers, in any case; nobody else
/// can change them until the transaction ends.
pub async fn lock_known(
    tx: &impl GenericClient,
    organization: Uuid,
    ids: &[Uuid],
    numbers: &[&str],
) -> Result<Vec<Student>, DbError> {
    let numbers: Vec<String> = numbers.iter().map(|number| number.to_lowercase()).collect();
    let params: [&(dyn db::ToSql + Sync); 3] = [&organization, &ids, &numbers];
    let rows = db::query(tx, "students.lock_known", KNOWN, &params).await?;
    rows.iter().map(from_row).collect()
}

const TWIN: &str = "
    SELECT EXISTS (SELECT FROM students
                    WHERE organization_id = $1 AND user_id <> $2 AND lower(student_no) = lower($3))";

/// Tells whether another student of the organization has the number, in any case.
pub async fn has_twin(
    db: &impl GenericClient,
    student: &Student,
    number: &str,
) -> Result<bool, DbError> {
    let params: [&(dyn db::ToSql + Sync); 3] = [&student.organization_id, &student.id, &number];
    Ok(db::query_one(db, "students.has_twin", TWIN, &params).await?.try_get(0)?)
}

const USERNAMES: &str = "
    SELECT username FROM students WHERE organization_id = $1 AND lower(student_no) = ANY ($2)";

/// Returns the usernames of the students of an organization with one of the numbers, in any case.
pub async fn usernames(
    db: &impl GenericClient,
    organization: Uuid,
    numbers: &[&str],
) -> Result<Vec<String>, DbError> {
    let numbers: Vec<String> = numbers.iter().map(|number| number.to_lowercase()).collect();
    let rows = db::query(db, "students.usernames", USERNAMES, &[&organization, &numbers]).await?;
    rows.iter().map(|row| Ok(row.try_get(0)?)).collect()
}

const INSERT_MISSING: &str = "
    INSERT INTO students (user_id, organization_id, username, full_name, student_no, grade,
                          target_exam, target_score, cefr_level, study_goal, created_at, updated_at,
                          renamed_at)
    SELECT * FROM UNNEST($1::uuid[], $2::uuid[], $3::text[], $4::text[], $5::text[], $6::text[],
                         $7::text[], $8::double precision[], $9::text[], $10::text[],
                         $11::timestamptz[], $12::timestamptz[], $13::timestamptz[])
        ON CONFLICT (user_id) DO NOTHING";

/// Stores those of `list` who are not there yet, and returns how many.
pub async fn insert_missing(tx: &impl GenericClient, list: &[Student]) -> Result<u64, DbError> {
    macro_rules! column {
        ($field:ident) => {
            list.iter().map(|student| &student.$field).collect::<Vec<_>>()
        };
    }
    let params: [&(dyn db::ToSql + Sync); 13] = [
        &column!(id),
        &column!(organization_id),
        &column!(username),
        &column!(full_name),
        &column!(student_no),
        &column!(grade),
        &column!(target_exam),
        &column!(target_score),
        &column!(cefr_level),
        &column!(study_goal),
        &column!(created_at),
        &column!(updated_at),
        &column!(renamed_at),
    ];
    db::execute(tx, "students.insert_missing", INSERT_MISSING, &params).await
}

const UPDATE: &str = "
    UPDATE students
       SET full_name = t.full_name, student_no = t.student_no, grade = t.grade,
           target_exam = t.target_exam, target_score = t.target_score, cefr_level = t.cefr_level,
           study_goal = t.study_goal, updated_at = t.updated_at, renamed_at = t.renamed_at
      FROM UNNEST($1::uuid[], $2::text[], $3::text[], $4::text[], $5::text[],
                  $6::double precision[], $7::text[], $8::text[], $9::timestamptz[],
                  $10::timestamptz[])
        AS t (id, full_name, student_no, grade, target_exam, target_score, cefr_level, study_goal,
              updated_at, renamed_at)
     WHERE user_id = t.id";

/// Stores students, who must exist.
pub async fn update(tx: &impl GenericClient, list: &[&Student]) -> Result<(), DbError> {
    macro_rules! column {
        ($field:ident) => {
            list.iter().map(|student| &student.$field).collect::<Vec<_>>()
        };
    }
    let params: [&(dyn db::ToSql + Sync); 10] = [
        &column!(id),
        &column!(full_name),
        &column!(student_no),
        &column!(grade),
        &column!(target_exam),
        &column!(target_score),
        &column!(cefr_level),
        &column!(study_goal),
        &column!(updated_at),
        &column!(renamed_at),
    ];
    let changed = db::execute(tx, "students.update", UPDATE, &params).await?;
    DbError::expect_rows("students", changed, list.len() as u64)
}

const PAGE: &str = concat!(
    "SELECT ",
    columns!(),
    " FROM students
      WHERE organization_id = $1
        AND ($2::uuid IS NULL OR user_id = $2)
        AND ($3::uuid IS NULL OR EXISTS (
                SELECT FROM class_students
                 WHERE student_id = user_id
                   AND class_id IN (SELECT id FROM classes WHERE head_teacher_id = $3
                                     UNION
                                    SELECT class_id FROM class_assistants WHERE teacher_id = $3)))
        AND ($4::uuid IS NULL OR EXISTS (
                SELECT FROM class_students
                 WHERE student_id = user_id AND class_id = $4 AND enrollment_status = 'active'))
        AND ($5::text IS NULL OR full_name ILIKE $5 OR username ILIKE $5 OR student_no ILIKE $5)
        AND ($6 = '' OR grade = $6)
        AND ($7 = '' OR cefr_level = $7)
        AND ($8::text IS NULL OR (full_name, user_id) > ($8, $9::uuid))
      ORDER BY full_name, user_id
      LIMIT $10"
);

/// Returns a page of the students whom the caller may see, ordered by name.
pub async fn page(
    db: &impl GenericClient,
    caller: &Caller,
    filter: &Filter,
    page: &Page<(String, Uuid)>,
) -> Result<Vec<Student>, DbError> {
    let (only, teacher) = match caller.role {
        Role::Admin => (None, None),
        Role::Teacher => (None, Some(caller.user_id)),
        Role::Student => (Some(caller.user_id), None),
    };
    let (after_name, after_id) = page.after.clone().unzip();
    let params: [&(dyn db::ToSql + Sync); 10] = [
        &caller.organization_id,
        &only,
        &teacher,
        &filter.class,
        &contains(&filter.query),
        &filter.grade,
        &filter.cefr_level,
        &after_name,
        &after_id,
        &page.limit,
    ];
    let rows = db::query(db, "students.page", PAGE, &params).await?;
    rows.iter().map(from_row).collect()
}

const CLASSES: &str = "
    SELECT student_id, classes.id, name
      FROM class_students JOIN classes ON classes.id = class_id
     WHERE student_id = ANY ($1)
       AND enrollment_status = 'active'
       AND status = 'active'
       AND organization_id = $2
       AND ($3::uuid IS NULL
            OR head_teacher_id = $3
            OR EXISTS (SELECT FROM class_assistants
                        WHERE class_assistants.class_id = classes.id AND teacher_id = $3))
     ORDER BY classes.id";

/// Returns the present classes of students, as far as the caller may see them.
pub async fn classes(
    db: &impl GenericClient,
    caller: &Caller,
    students: &[Uuid],
) -> Result<HashMap<Uuid, Vec<ClassRef>>, DbError> {
    let teacher = match caller.role {
        Role::Teacher => Some(caller.user_id),
        Role::Admin | Role::Student => None,
    };
    let params: [&(dyn db::ToSql + Sync); 3] = [&students, &caller.organization_id, &teacher];
    let mut classes: HashMap<Uuid, Vec<ClassRef>> = HashMap::new();
    for row in db::query(db, "students.classes", CLASSES, &params).await? {
        let class = ClassRef { id: row.try_get("id")?, name: row.try_get("name")? };
        classes.entry(row.try_get("student_id")?).or_default().push(class);
    }
    Ok(classes)
}

const DELETE: &str = "DELETE FROM students WHERE user_id = ANY ($1)";

/// Deletes students.
pub async fn delete(tx: &impl GenericClient, ids: &[Uuid]) -> Result<(), DbError> {
    let deleted = db::execute(tx, "students.delete", DELETE, &[&ids]).await?;
    DbError::expect_rows("students", deleted, ids.len() as u64)
}

/// Decodes one student.
pub(crate) fn from_row(row: &Row) -> Result<Student, DbError> {
    Ok(Student {
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
        renamed_at: row.try_get("renamed_at")?,
        created_at: row.try_get("created_at")?,
        updated_at: row.try_get("updated_at")?,
    })
}
