//! Copies of names, in all tables that have some, and how far they follow.

use chrono::{DateTime, Utc};
use kit::db::{self, DbError, GenericClient};
use uuid::Uuid;

use crate::name::Named;

const POSITION: &str = "SELECT moment, turn FROM followed_names";

/// Returns before which moment all renamings were copied, and the turn.
pub async fn position(db: &impl GenericClient) -> Result<(DateTime<Utc>, i64), DbError> {
    let row = db::query_one(db, "followed_names.position", POSITION, &[]).await?;
    Ok((row.try_get("moment")?, row.try_get("turn")?))
}

const LOCK_TURN: &str = "SELECT turn FROM followed_names FOR UPDATE";

/// Returns the turn; nobody else copies names until the transaction ends.
pub async fn lock_turn(tx: &impl GenericClient) -> Result<i64, DbError> {
    let row = db::query_one(tx, "followed_names.lock", LOCK_TURN, &[]).await?;
    Ok(row.try_get("turn")?)
}

const ADVANCE: &str = "UPDATE followed_names SET moment = $1, turn = $2";

/// Stores how far names were copied.
pub async fn advance(
    tx: &impl GenericClient,
    moment: DateTime<Utc>,
    turn: i64,
) -> Result<(), DbError> {
    let changed = db::execute(tx, "followed_names.advance", ADVANCE, &[&moment, &turn]).await?;
    DbError::expect_rows("followed_names", changed, 1)
}

// In the order in which a class is changed: the class, its assistants, its students. Nobody then
// waits in a circle.
const LOCK_CLASSES: &str = "
    SELECT FROM classes
     WHERE id IN (SELECT id FROM classes WHERE head_teacher_id = ANY ($1)
                   UNION
                  SELECT class_id FROM class_assistants WHERE teacher_id = ANY ($1))
     ORDER BY id FOR UPDATE";

const RENAME_HEADS: &str = "
    UPDATE classes
       SET head_teacher_name = t.full_name
      FROM UNNEST($1::uuid[], $2::text[]) AS t (id, full_name)
     WHERE head_teacher_id = t.id AND head_teacher_name <> t.full_name";

const RENAME_ASSISTANTS: &str = "
    UPDATE class_assistants
       SET full_name = t.full_name
      FROM UNNEST($1::uuid[], $2::text[]) AS t (id, full_name)
     WHERE teacher_id = t.id AND class_assistants.full_name <> t.full_name";

/// Writes names wherever they stand as those of teachers. Teachers are never renamed here, so that
/// what auth-svc said last is right.
pub async fn rename_teachers(tx: &impl GenericClient, names: &[Named]) -> Result<(), DbError> {
    let (ids, texts) = columns(names);
    db::query(tx, "classes.lock_taught", LOCK_CLASSES, &[&ids]).await?;
    db::execute(tx, "classes.rename_heads", RENAME_HEADS, &[&ids, &texts]).await?;
    db::execute(tx, "class_assistants.rename", RENAME_ASSISTANTS, &[&ids, &texts]).await?;
    Ok(())
}

const LOCK_STUDENTS: &str = "
    SELECT FROM students WHERE user_id = ANY ($1) ORDER BY user_id FOR UPDATE";

const RENAME_STUDENTS: &str = "
    UPDATE students
       SET username = t.username, full_name = t.full_name, renamed_at = t.renamed_at,
           updated_at = $5
      FROM UNNEST($1::uuid[], $2::text[], $3::text[], $4::timestamptz[])
        AS t (id, full_name, username, renamed_at)
     WHERE user_id = t.id AND students.renamed_at < t.renamed_at
 RETURNING user_id";

/// Writes names that are newer than those of the students, and returns whose were.
pub async fn rename_students(
    tx: &impl GenericClient,
    names: &[Named],
    now: DateTime<Utc>,
) -> Result<Vec<Uuid>, DbError> {
    let (ids, texts) = columns(names);
    let usernames: Vec<&str> = names.iter().map(|named| named.username.as_str()).collect();
    let moments: Vec<DateTime<Utc>> = names.iter().map(|named| named.renamed_at).collect();
    db::query(tx, "students.lock_named", LOCK_STUDENTS, &[&ids]).await?;
    let params: [&(dyn db::ToSql + Sync); 5] = [&ids, &texts, &usernames, &moments, &now];
    let rows = db::query(tx, "students.rename", RENAME_STUDENTS, &params).await?;
    rows.iter().map(|row| Ok(row.try_get(0)?)).collect()
}

const STILL_CALLED: &str = "
    SELECT user_id, students.full_name
      FROM students JOIN UNNEST($2::uuid[], $3::text[]) AS t (id, full_name) ON user_id = t.id
     WHERE organization_id = $1 AND students.full_name = t.full_name
     ORDER BY user_id";

/// Returns those of `names` that students of an organization still have.
pub async fn still_called(
    db: &impl GenericClient,
    organization: Uuid,
    names: &[(Uuid, String)],
) -> Result<Vec<(Uuid, String)>, DbError> {
    let (ids, texts): (Vec<Uuid>, Vec<&str>) =
        names.iter().map(|(id, name)| (*id, name.as_str())).unzip();
    let params: [&(dyn db::ToSql + Sync); 3] = [&organization, &ids, &texts];
    let rows = db::query(db, "students.still_called", STILL_CALLED, &params).await?;
    rows.iter().map(|row| Ok((row.try_get(0)?, row.try_get(1)?))).collect()
}

fn columns(names: &[Named]) -> (Vec<Uuid>, Vec<&str>) {
    names.iter().map(|named| (named.id, named.full_name.as_str())).unzip()
}
