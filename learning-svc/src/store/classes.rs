//! The tables of classes and their assistants.

use chrono::{DateTime, Utc};
use kit::{
    caller::{Caller, Role},
    db::{self, DbError, GenericClient, Row},
    page::Page,
};
use tokio_postgres::types::Json;
use uuid::Uuid;

use super::contains;
use crate::class::{Class, ClassStatus, Teacher};

macro_rules! columns {
    () => {
        "id, organization_id, name, description, grade, semester, status, head_teacher_id,
         head_teacher_name, max_students, join_code, created_at, updated_at, archived_at,
         (SELECT count(*) FROM class_students
           WHERE class_id = classes.id AND enrollment_status = 'active') AS active_students,
         (SELECT COALESCE(jsonb_agg(jsonb_build_object('id', teacher_id, 'full_name', full_name)
                                    ORDER BY added_at, teacher_id), '[]')
            FROM class_assistants WHERE class_id = classes.id) AS assistants"
    };
}

const INSERT: &str = "
    INSERT INTO classes (id, organization_id, name, description, grade, semester, head_teacher_id,
                         head_teacher_name, max_students, join_code, status, created_at, updated_at)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, 'active', $11, $11)";

/// Stores a new class.
pub async fn insert(tx: &impl GenericClient, class: &Class) -> Result<(), DbError> {
    let capacity = i32::try_from(class.max_students).unwrap_or(i32::MAX);
    let params: [&(dyn db::ToSql + Sync); 11] = [
        &class.id,
        &class.organization_id,
        &class.name,
        &class.description,
        &class.grade,
        &class.semester,
        &class.head_teacher_id,
        &class.head_teacher_name,
        &capacity,
        &class.join_code,
        &class.created_at,
    ];
    let added = db::execute(tx, "classes.insert", INSERT, &params).await?;
    DbError::expect_rows("classes", added, 1)
}

const FIND: &str = concat!("SELECT ", columns!(), " FROM classes WHERE id = $1");

/// Returns one class.
pub async fn find(db: &impl GenericClient, id: Uuid) -> Result<Option<Class>, DbError> {
    db::query_opt(db, "classes.find", FIND, &[&id]).await?.as_ref().map(from_row).transpose()
}

const NAME: &str = "SELECT name FROM classes WHERE id = $1";

/// Returns the name of a class, empty when there is none.
pub async fn name(db: &impl GenericClient, id: Uuid) -> Result<String, DbError> {
    let row = db::query_opt(db, "classes.name", NAME, &[&id]).await?;
    Ok(row.map(|row| row.try_get(0)).transpose()?.unwrap_or_default())
}

/// How much room a class has.
#[derive(Clone, Copy, Debug)]
pub struct Room {
    pub status: ClassStatus,
    pub max_students: u32,
}

const LOCK: &str = "SELECT status, max_students FROM classes WHERE id = $1 FOR UPDATE";

/// Returns the room of a class, which nobody else changes or enters until the transaction ends.
pub async fn lock(tx: &impl GenericClient, id: Uuid) -> Result<Option<Room>, DbError> {
    let Some(row) = db::query_opt(tx, "classes.lock", LOCK, &[&id]).await? else {
        return Ok(None);
    };
    Ok(Some(Room { status: status(&row)?, max_students: capacity(&row)? }))
}

const BY_JOIN_CODE: &str = "SELECT id, organization_id FROM classes WHERE join_code = $1";

/// Returns the class that has a join code, and its organization.
pub async fn by_join_code(
    db: &impl GenericClient,
    code: &str,
) -> Result<Option<(Uuid, Uuid)>, DbError> {
    let row = db::query_opt(db, "classes.by_join_code", BY_JOIN_CODE, &[&code]).await?;
    row.map(|row| Ok((row.try_get(0)?, row.try_get(1)?))).transpose()
}

const UPDATE: &str = "
    UPDATE classes
       SET name = $2, description = $3, grade = $4, semester = $5, status = $6,
           head_teacher_id = $7, head_teacher_name = $8, max_students = $9, join_code = $10,
           updated_at = $11, archived_at = $12
     WHERE id = $1";

/// Stores a class, which must exist; its assistants are stored apart.
pub async fn update(tx: &impl GenericClient, class: &Class) -> Result<(), DbError> {
    let capacity = i32::try_from(class.max_students).unwrap_or(i32::MAX);
    let params: [&(dyn db::ToSql + Sync); 12] = [
        &class.id,
        &class.name,
        &class.description,
        &class.grade,
        &class.semester,
        &class.status.as_str(),
        &class.head_teacher_id,
        &class.head_teacher_name,
        &capacity,
        &class.join_code,
        &class.updated_at,
        &class.archived_at,
    ];
    let changed = db::execute(tx, "classes.update", UPDATE, &params).await?;
    DbError::expect_rows("classes", changed, 1)
}

const PAGE: &str = concat!(
    "SELECT ",
    columns!(),
    " FROM classes
      WHERE organization_id = $1
        AND status = $2
        AND ($3::uuid IS NULL
             OR head_teacher_id = $3
             OR EXISTS (SELECT FROM class_assistants WHERE class_id = id AND teacher_id = $3))
        AND ($4::uuid IS NULL
             OR EXISTS (SELECT FROM class_students
                         WHERE class_id = classes.id AND student_id = $4
                           AND enrollment_status = 'active'))
        AND ($5::text IS NULL OR name ILIKE $5 OR grade ILIKE $5 OR semester ILIKE $5
             OR head_teacher_name ILIKE $5)
        AND ($6::uuid IS NULL OR id < $6)
      ORDER BY id DESC
      LIMIT $7"
);

/// Returns a page of the classes that the caller teaches, is in, or administers.
pub async fn page(
    db: &impl GenericClient,
    caller: &Caller,
    status: ClassStatus,
    query: &str,
    page: &Page<Uuid>,
) -> Result<Vec<Class>, DbError> {
    let (teacher, student) = match caller.role {
        Role::Admin => (None, None),
        Role::Teacher => (Some(caller.user_id), None),
        Role::Student => (None, Some(caller.user_id)),
    };
    let params: [&(dyn db::ToSql + Sync); 7] = [
        &caller.organization_id,
        &status.as_str(),
        &teacher,
        &student,
        &contains(query),
        &page.after,
        &page.limit,
    ];
    let rows = db::query(db, "classes.page", PAGE, &params).await?;
    rows.iter().map(from_row).collect()
}

const ADD_ASSISTANT: &str = "
    INSERT INTO class_assistants (class_id, teacher_id, full_name, added_at)
    VALUES ($1, $2, $3, $4)
        ON CONFLICT (class_id, teacher_id) DO UPDATE SET full_name = EXCLUDED.full_name";

/// Adds an assistant, or renews their name.
pub async fn add_assistant(
    tx: &impl GenericClient,
    class: Uuid,
    teacher: &Teacher,
    now: DateTime<Utc>,
) -> Result<(), DbError> {
    let params: [&(dyn db::ToSql + Sync); 4] = [&class, &teacher.id, &teacher.full_name, &now];
    let added = db::execute(tx, "class_assistants.add", ADD_ASSISTANT, &params).await?;
    DbError::expect_rows("class_assistants", added, 1)
}

const REMOVE_ASSISTANT: &str = "
    DELETE FROM class_assistants WHERE class_id = $1 AND teacher_id = $2";

/// Removes an assistant if there is one.
pub async fn remove_assistant(
    tx: &impl GenericClient,
    class: Uuid,
    teacher: Uuid,
) -> Result<(), DbError> {
    let params: [&(dyn db::ToSql + Sync); 2] = [&class, &teacher];
    db::execute(tx, "class_assistants.remove", REMOVE_ASSISTANT, &params).await.map(|_| ())
}

fn status(row: &Row) -> Result<ClassStatus, DbError> {
    let name: &str = row.try_get("status")?;
    ClassStatus::from_name(name).ok_or_else(|| DbError::decode("status", name))
}

fn capacity(row: &Row) -> Result<u32, DbError> {
    Ok(row.try_get::<_, i32>("max_students")?.unsigned_abs())
}

fn from_row(row: &Row) -> Result<Class, DbError> {
    let Json(assistants): Json<Vec<Teacher>> = row.try_get("assistants")?;
    let active: i64 = row.try_get("active_students")?;
    Ok(Class {
        id: row.try_get("id")?,
        organization_id: row.try_get("organization_id")?,
        name: row.try_get("name")?,
        description: row.try_get("description")?,
        grade: row.try_get("grade")?,
        semester: row.try_get("semester")?,
        status: status(row)?,
        head_teacher_id: row.try_get("head_teacher_id")?,
        head_teacher_name: row.try_get("head_teacher_name")?,
        assistants,
        max_students: capacity(row)?,
        active_students: u32::try_from(active).unwrap_or(u32::MAX),
        join_code: row.try_get("join_code")?,
        created_at: row.try_get("created_at")?,
        updated_at: row.try_get("updated_at")?,
        archived_at: row.try_get("archived_at")?,
    })
}
