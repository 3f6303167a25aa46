//! The table of orders, as workers see it.

use chrono::{DateTime, TimeDelta, Utc};
use kit::db::{self, DbError, GenericClient};
use uuid::Uuid;

use super::tasks::{columns, from_row};
use crate::task::{File, Task, TaskId};

const RELEASE: &str = "
    UPDATE tasks
       SET status = CASE WHEN attempts < $2 THEN 'queued' ELSE 'failed' END,
           worker = NULL, lease_until = NULL, not_before = $1,
           finished_at = CASE WHEN attempts < $2 THEN NULL ELSE $1 END,
           error_code = 'WORKER_DIED', error_detail = 'the process that made the document ended'
     WHERE status = 'running' AND lease_until < $1";

/// Queues again what workers hold that have given no sign of life; fails what has outlived
/// `attempts` workers. Returns how many tasks these were.
pub async fn release(
    db: &impl GenericClient,
    now: DateTime<Utc>,
    attempts: u32,
) -> Result<u64, DbError> {
    db::execute(db, "tasks.release", RELEASE, &[&now, &signed(attempts)]).await
}

const TAKE: &str = concat!(
    "UPDATE tasks
        SET status = 'running', worker = $1, lease_until = $3, attempts = attempts + 1,
            started_at = coalesce(started_at, $2)
      WHERE id = (SELECT id
                    FROM tasks
                   WHERE status = 'queued' AND not_before <= $2
                   ORDER BY not_before, id
                   LIMIT 1
                     FOR UPDATE SKIP LOCKED)
  RETURNING ",
    columns!()
);

/// Takes the next task for `worker` until `now + lease`.
pub async fn take(
    db: &impl GenericClient,
    worker: Uuid,
    now: DateTime<Utc>,
    lease: TimeDelta,
) -> Result<Option<Task>, DbError> {
    let row = db::query_opt(db, "tasks.take", TAKE, &[&worker, &now, &(now + lease)]).await?;
    row.as_ref().map(from_row).transpose()
}

const KEEP: &str = "
    UPDATE tasks
       SET lease_until = $3, done = $4, total = $5
     WHERE id = $1 AND worker = $2 AND status = 'running'";

/// Prolongs the lease and notes progress; `false` when the task is no longer the worker's.
pub async fn keep(
    db: &impl GenericClient,
    id: TaskId,
    worker: Uuid,
    until: DateTime<Utc>,
    (done, total): (u32, u32),
) -> Result<bool, DbError> {
    let (done, total) = (signed(done), signed(total));
    let kept = db::execute(db, "tasks.keep", KEEP, &[&id, &worker, &until, &done, &total]).await?;
    Ok(kept == 1)
}

const COMPLETE: &str = "
    UPDATE tasks
       SET status = 'completed', worker = NULL, lease_until = NULL, done = total,
           file_key = $3, file_name = $4, file_size_bytes = $5, finished_at = $6, expires_at = $7,
           error_code = '', error_detail = ''
     WHERE id = $1 AND worker = $2 AND status = 'running'";

/// Marks a task as completed; `false` when it is no longer the worker's.
pub async fn complete(
    db: &impl GenericClient,
    id: TaskId,
    worker: Uuid,
    file: &File,
    now: DateTime<Utc>,
    expires_at: DateTime<Utc>,
) -> Result<bool, DbError> {
    let size = i64::try_from(file.size_bytes).unwrap_or(i64::MAX);
    let changed = db::execute(
        db,
        "tasks.complete",
        COMPLETE,
        &[&id, &worker, &file.key, &file.name, &size, &now, &expires_at],
    )
    .await?;
    Ok(changed == 1)
}

const FAIL: &str = "
    UPDATE tasks
       SET status = 'failed', worker = NULL, lease_until = NULL, finished_at = $5,
           error_code = $3, error_detail = $4
     WHERE id = $1 AND worker = $2 AND status = 'running'";

/// Marks a task as failed for good.
pub async fn fail(
    db: &impl GenericClient,
    id: TaskId,
    worker: Uuid,
    (code, detail): (&str, &str),
    now: DateTime<Utc>,
) -> Result<(), DbError> {
    db::execute(db, "tasks.fail", FAIL, &[&id, &worker, &code, &detail, &now]).await.map(|_| ())
}

const POSTPONE: &str = "
    UPDATE tasks
       SET status = 'queued', worker = NULL, lease_until = NULL, attempts = attempts - 1,
           error_code = $3, error_detail = $4, waiting_since = $5, not_before = $6
     WHERE id = $1 AND worker = $2 AND status = 'running'";

/// Gives a task back whose needs are away; the try does not count.
pub async fn postpone(
    db: &impl GenericClient,
    id: TaskId,
    worker: Uuid,
    (code, detail): (&str, &str),
    waiting_since: DateTime<Utc>,
    not_before: DateTime<Utc>,
) -> Result<(), DbError> {
    let parameters: [&(dyn db::ToSql + Sync); 6] =
        [&id, &worker, &code, &detail, &waiting_since, &not_before];
    db::execute(db, "tasks.postpone", POSTPONE, &parameters).await.map(|_| ())
}

const TRY_AGAIN: &str = "
    UPDATE tasks
       SET status = 'queued', worker = NULL, lease_until = NULL, error_code = $3,
           error_detail = $4, waiting_since = NULL, not_before = $5
     WHERE id = $1 AND worker = $2 AND status = 'running'";

/// Gives a task back after a try that counts.
pub async fn try_again(
    db: &impl GenericClient,
    id: TaskId,
    worker: Uuid,
    (code, detail): (&str, &str),
    not_before: DateTime<Utc>,
) -> Result<(), DbError> {
    let parameters: [&(dyn db::ToSql + Sync); 5] = [&id, &worker, &code, &detail, &not_before];
    db::execute(db, "tasks.try_again", TRY_AGAIN, &parameters).await.map(|_| ())
}

const GIVE_BACK: &str = "
    UPDATE tasks
       SET status = 'queued', worker = NULL, lease_until = NULL, attempts = attempts - 1,
           not_before = $3
     WHERE id = $1 AND worker = $2 AND status = 'running'";

/// Gives a task back that its worker has no time for.
pub async fn give_back(
    db: &impl GenericClient,
    id: TaskId,
    worker: Uuid,
    now: DateTime<Utc>,
) -> Result<(), DbError> {
    db::execute(db, "tasks.give_back", GIVE_BACK, &[&id, &worker, &now]).await.map(|_| ())
}

const EXPIRED: &str = concat!(
    "SELECT ",
    columns!(),
    " FROM tasks WHERE status = 'completed' AND expires_at < $1 ORDER BY expires_at LIMIT 100"
);

/// Returns some tasks whose file's time has passed.
pub async fn expired(db: &impl GenericClient, now: DateTime<Utc>) -> Result<Vec<Task>, DbError> {
    db::query(db, "tasks.expired", EXPIRED, &[&now]).await?.iter().map(from_row).collect()
}

const EXPIRE: &str = "
    UPDATE tasks
       SET status = 'expired', file_key = NULL
     WHERE id = $1 AND status = 'completed' AND file_key = $2";

/// Marks a task whose file `key` was deleted, unless it has another by now.
pub async fn expire(db: &impl GenericClient, id: TaskId, key: &str) -> Result<(), DbError> {
    db::execute(db, "tasks.expire", EXPIRE, &[&id, &key]).await.map(|_| ())
}

const KEYS: &str = "SELECT file_key FROM tasks WHERE id = ANY($1) AND file_key IS NOT NULL";

/// Returns the files of `ids`.
pub async fn keys(db: &impl GenericClient, ids: &[Uuid]) -> Result<Vec<String>, DbError> {
    let rows = db::query(db, "tasks.keys", KEYS, &[&ids]).await?;
    rows.iter().map(|row| row.try_get(0).map_err(DbError::from)).collect()
}

const FORGET: &str = "
    DELETE FROM tasks
     WHERE status IN ('failed', 'cancelled', 'expired')
       AND CASE status WHEN 'expired' THEN expires_at
                       ELSE coalesce(finished_at, created_at) END < $1";

/// Deletes tasks that ended, or whose file was deleted, before `moment`.
pub async fn forget(db: &impl GenericClient, moment: DateTime<Utc>) -> Result<u64, DbError> {
    db::execute(db, "tasks.forget", FORGET, &[&moment]).await
}

const DEPTH: &str = "
    SELECT count(*) FILTER (WHERE status = 'queued') AS queued,
           count(*) FILTER (WHERE status = 'running') AS running,
           min(created_at) FILTER (WHERE status = 'queued') AS oldest
      FROM tasks
     WHERE status IN ('queued', 'running')";

/// How much waits.
#[derive(Clone, Copy, Debug)]
pub struct Depth {
    pub queued: i64,
    pub running: i64,
    pub oldest: Option<DateTime<Utc>>,
}

/// Measures the queue.
pub async fn depth(db: &impl GenericClient) -> Result<Depth, DbError> {
    let row = db::query_one(db, "tasks.depth", DEPTH, &[]).await?;
    Ok(Depth {
        queued: row.try_get("queued")?,
        running: row.try_get("running")?,
        oldest: row.try_get("oldest")?,
    })
}

/// Returns since when the oldest task waits for something that is away.
pub async fn waiting_since(db: &impl GenericClient) -> Result<Option<DateTime<Utc>>, DbError> {
    let since = "SELECT min(waiting_since) FROM tasks WHERE status IN ('queued', 'running')";
    Ok(db::query_one(db, "tasks.waiting_since", since, &[]).await?.try_get(0)?)
}

const FAILURES: &str = "
    SELECT error_code, count(*) FROM tasks
     WHERE status = 'failed' AND finished_at > $1
     GROUP BY error_code ORDER BY 2 DESC, 1";

/// Counts the tasks that failed after a moment, by reason.
pub async fn failures(
    db: &impl GenericClient,
    after: DateTime<Utc>,
) -> Result<Vec<(String, i64)>, DbError> {
    let rows = db::query(db, "tasks.failures", FAILURES, &[&after]).await?;
    rows.iter().map(|row| Ok((row.try_get(0)?, row.try_get(1)?))).collect()
}

fn signed(number: u32) -> i32 {
    i32::try_from(number).unwrap_or(i32::MAX)
}
