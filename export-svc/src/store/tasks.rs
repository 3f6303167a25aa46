//! The table of orders, as the one who asked sees it.

use chrono::{DateTime, Utc};
use kit::{
    caller::Role,
    db::{self, DbError, GenericClient},
    page::Page,
};
use tokio_postgres::{Row, types::Json};
use uuid::Uuid;

use crate::task::{
    BookOptions, Counts, Document, File, Format, Owner, Status, Subject, Task, TaskId,
};

/// The columns of one task; every statement that returns tasks ends with them.
macro_rules! columns {
    () => {
        "id, user_id, user_role, organization_id, document, format, student_id, class_id,
         student_ids, options, title, status, done, total, attempts, file_key, file_name,
         file_size_bytes, error_code, error_detail, created_at, started_at, finished_at,
         expires_at, waiting_since"
    };
}
pub(crate) use columns;

const INSERT: &str = "
    INSERT INTO tasks (id, user_id, user_role, organization_id, document, format, student_id,
                       class_id, student_ids, options, title, status, total, not_before, created_at)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, 'queued', $12, $13, $13)";

/// Stores a new order.
pub async fn insert(db: &impl GenericClient, task: &Task) -> Result<(), DbError> {
    let (student, class, students) = match &task.subject {
        Subject::Student(id) => (Some(*id), None, &[][..]),
        Subject::Class { id, students } => (None, Some(*id), students.as_slice()),
    };
    let total = i32::try_from(task.total).unwrap_or(i32::MAX);
    let added = db::execute(
        db,
        "tasks.insert",
        INSERT,
        &[
            &task.id,
            &task.owner.user_id,
            &task.owner.role.as_str(),
            &task.owner.organization_id,
            &task.subject.document().as_str(),
            &task.format.as_str(),
            &student,
            &class,
            &students,
            &Json(&task.options),
            &task.title,
            &total,
            &task.created_at,
        ],
    )
    .await?;
    DbError::expect_rows("tasks", added, 1)
}

const FIND: &str = concat!("SELECT ", columns!(), " FROM tasks WHERE id = $1");

/// Returns one task.
pub async fn find(db: &impl GenericClient, id: TaskId) -> Result<Option<Task>, DbError> {
    db::query_opt(db, "tasks.find", FIND, &[&id]).await?.as_ref().map(from_row).transpose()
}

const FIND_ALL: &str = concat!("SELECT ", columns!(), " FROM tasks WHERE id = ANY($1)");

/// Returns those of `ids` that exist.
pub async fn find_all(db: &impl GenericClient, ids: &[TaskId]) -> Result<Vec<Task>, DbError> {
    db::query(db, "tasks.find_all", FIND_ALL, &[&ids]).await?.iter().map(from_row).collect()
}

const LOCK: &str = concat!("SELECT ", columns!(), " FROM tasks WHERE id = $1 FOR UPDATE");

/// Returns one task, which nobody else can change until the transaction ends.
pub async fn lock(db: &impl GenericClient, id: TaskId) -> Result<Option<Task>, DbError> {
    db::query_opt(db, "tasks.lock", LOCK, &[&id]).await?.as_ref().map(from_row).transpose()
}

const LOCK_USER: &str = "SELECT pg_advisory_xact_lock(hashtextextended($1::uuid::text, 0))";

/// Lets one order of a user after the other be counted.
pub async fn lock_user(db: &impl GenericClient, user: Uuid) -> Result<(), DbError> {
    db::query_one(db, "tasks.lock_user", LOCK_USER, &[&user]).await.map(|_| ())
}

const ACTIVE: &str = "
    SELECT count(*) FROM tasks WHERE user_id = $1 AND status IN ('queued', 'running')";

/// Counts the tasks of `user` that have not ended.
pub async fn active_of(db: &impl GenericClient, user: Uuid) -> Result<u32, DbError> {
    let row = db::query_one(db, "tasks.active", ACTIVE, &[&user]).await?;
    Ok(u32::try_from(row.try_get::<_, i64>(0)?).unwrap_or(u32::MAX))
}

const PAGE: &str = concat!(
    "SELECT ",
    columns!(),
    " FROM tasks
      WHERE user_id = $1
        AND ($2::text IS NULL OR status = $2)
        AND ($3::uuid IS NULL OR id < $3)
      ORDER BY id DESC
      LIMIT $4"
);

/// Returns a page of the tasks of `user`, the latest first.
pub async fn page(
    db: &impl GenericClient,
    user: Uuid,
    status: Option<Status>,
    page: &Page<Uuid>,
) -> Result<Vec<Task>, DbError> {
    let status = status.map(Status::as_str);
    let rows =
        db::query(db, "tasks.page", PAGE, &[&user, &status, &page.after, &page.limit]).await?;
    rows.iter().map(from_row).collect()
}

const COUNTS_OF_USER: &str = "
    SELECT count(*) FILTER (WHERE status = 'running') AS active,
           count(*) FILTER (WHERE status = 'queued') AS queued,
           count(*) FILTER (WHERE status = 'completed' AND finished_at >= $2) AS completed,
           count(*) FILTER (WHERE status = 'failed' AND finished_at >= $2) AS failed
      FROM tasks
     WHERE user_id = $1";

/// Counts the tasks of one user; ended ones since `midnight`.
pub async fn counts_of_user(
    db: &impl GenericClient,
    user: Uuid,
    midnight: DateTime<Utc>,
) -> Result<Counts, DbError> {
    counts(&db::query_one(db, "tasks.counts_of_user", COUNTS_OF_USER, &[&user, &midnight]).await?)
}

const COUNTS_OF_ORGANIZATION: &str = "
    SELECT count(*) FILTER (WHERE status = 'running') AS active,
           count(*) FILTER (WHERE status = 'queued') AS queued,
           count(*) FILTER (WHERE status = 'completed') AS completed,
           count(*) FILTER (WHERE status = 'failed') AS failed
      FROM tasks
     WHERE organization_id = $1
       AND (finished_at >= $2 OR status IN ('queued', 'running'))";

/// Counts the tasks of one organization; ended ones since `midnight`.
pub async fn counts_of_organization(
    db: &impl GenericClient,
    organization: Uuid,
    midnight: DateTime<Utc>,
) -> Result<Counts, DbError> {
    let parameters: [&(dyn db::ToSql + Sync); 2] = [&organization, &midnight];
    let name = "tasks.counts_of_organization";
    counts(&db::query_one(db, name, COUNTS_OF_ORGANIZATION, &parameters).await?)
}

fn counts(row: &Row) -> Result<Counts, DbError> {
    let count = |column| {
        Ok::<_, DbError>(u32::try_from(row.try_get::<_, i64>(column)?).unwrap_or(u32::MAX))
    };
    Ok(Counts {
        active: count("active")?,
        queued: count("queued")?,
        completed_today: count("completed")?,
        failed_today: count("failed")?,
    })
}

const CANCEL: &str = concat!(
    "UPDATE tasks
        SET status = 'cancelled', worker = NULL, lease_until = NULL, finished_at = $2
      WHERE id = $1
  RETURNING ",
    columns!()
);

/// Marks a task as cancelled; its worker notices at its next sign of life.
pub async fn cancel(
    db: &impl GenericClient,
    id: TaskId,
    now: DateTime<Utc>,
) -> Result<Task, DbError> {
    from_row(&db::query_one(db, "tasks.cancel", CANCEL, &[&id, &now]).await?)
}

const REQUEUE: &str = concat!(
    "UPDATE tasks
        SET status = 'queued', done = 0, attempts = 0, not_before = $2, started_at = NULL,
            finished_at = NULL, expires_at = NULL, file_key = NULL, file_name = '',
            file_size_bytes = 0, error_code = '', error_detail = '', waiting_since = NULL,
            user_role = $3, organization_id = $4, title = $5, total = $6
      WHERE id = $1
  RETURNING ",
    columns!()
);

/// Queues an ended task afresh, for its owner as they are now.
pub async fn requeue(
    db: &impl GenericClient,
    id: TaskId,
    owner: &Owner,
    (title, total): (&str, u32),
    now: DateTime<Utc>,
) -> Result<Task, DbError> {
    let total = i32::try_from(total).unwrap_or(i32::MAX);
    let role = owner.role.as_str();
    let parameters: [&(dyn db::ToSql + Sync); 6] =
        [&id, &now, &role, &owner.organization_id, &title, &total];
    from_row(&db::query_one(db, "tasks.requeue", REQUEUE, &parameters).await?)
}

const DELETE: &str = "DELETE FROM tasks WHERE id = $1";

/// Deletes a task, which must exist.
pub async fn delete(db: &impl GenericClient, id: TaskId) -> Result<(), DbError> {
    DbError::expect_rows("tasks", db::execute(db, "tasks.delete", DELETE, &[&id]).await?, 1)
}

/// Decodes one task.
pub(crate) fn from_row(row: &Row) -> Result<Task, DbError> {
    let document = named("document", row.try_get("document")?, Document::from_name)?;
    let subject = match document {
        Document::MistakeBook => Subject::Student(row.try_get("student_id")?),
        Document::ClassMistakeBooks => {
            Subject::Class { id: row.try_get("class_id")?, students: row.try_get("student_ids")? }
        }
    };
    let file = row.try_get::<_, Option<String>>("file_key")?.map(|key| {
        let size: i64 = row.try_get("file_size_bytes")?;
        let name = row.try_get("file_name")?;
        Ok::<_, DbError>(File { key, name, size_bytes: size.unsigned_abs() })
    });
    let Json(options): Json<BookOptions> = row.try_get("options")?;
    let number = |column| Ok::<_, DbError>(row.try_get::<_, i32>(column)?.unsigned_abs());
    Ok(Task {
        id: row.try_get("id")?,
        owner: Owner {
            user_id: row.try_get("user_id")?,
            role: named("user_role", row.try_get("user_role")?, |name| name.parse::<Role>().ok())?,
            organization_id: row.try_get("organization_id")?,
        },
        subject,
        format: named("format", row.try_get("format")?, Format::from_name)?,
        options,
        title: row.try_get("title")?,
        status: named("status", row.try_get("status")?, Status::from_name)?,
        done: number("done")?,
        total: number("total")?,
        attempts: number("attempts")?,
        file: file.transpose()?,
        error_code: row.try_get("error_code")?,
        error_detail: row.try_get("error_detail")?,
        created_at: row.try_get("created_at")?,
        started_at: row.try_get("started_at")?,
        finished_at: row.try_get("finished_at")?,
        expires_at: row.try_get("expires_at")?,
        waiting_since: row.try_get("waiting_since")?,
    })
}

fn named<T>(
    column: &'static str,
    name: &str,
    read: impl Fn(&str) -> Option<T>,
) -> Result<T, DbError> {
    read(name).ok_or_else(|| DbError::decode(column, format!("{name} is unknown")))
}
