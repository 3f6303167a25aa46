//! One try at one task, from taking it to its end in the table.

use std::{
    panic::AssertUnwindSafe,
    sync::atomic::{AtomicU32, Ordering},
    time::{Duration, Instant},
};

use chrono::TimeDelta;
use futures::FutureExt as _;
use kit::{
    caller::{self, Caller},
    db::DbError,
    error::Chain,
};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use super::{ATTEMPTS, LEASE, Workshop, error::WorkError};
use crate::{
    store::{queue, tasks},
    task::{File, Subject, Task},
};

const HEARTBEAT: Duration = Duration::from_secs(1);
/// Pauses before a task is tried again whose needs are away: as long as it has waited, within these.
const SHORTEST_PAUSE: TimeDelta = TimeDelta::milliseconds(500);
/// Work has to go on within ten seconds of the return of what was away.
const LONGEST_PAUSE: TimeDelta = TimeDelta::seconds(8);
/// After this time without what it needs, a task has failed.
const PATIENCE: TimeDelta = TimeDelta::hours(24);

/// How far a document is, shared between its makers and its heartbeat.
#[derive(Debug)]
pub(super) struct Progress {
    done: AtomicU32,
    total: AtomicU32,
}

impl Progress {
    pub(super) fn step(&self) {
        self.done.fetch_add(1, Ordering::Relaxed);
    }

    pub(super) fn expect(&self, total: u32) {
        self.total.store(total, Ordering::Relaxed);
    }
}

impl Workshop {
    /// Works on a task that `worker` holds, and says in the table how the try ended.
    pub(super) async fn perform(
        &self,
        worker: Uuid,
        task: Task,
        stop: &CancellationToken,
    ) -> Result<(), DbError> {
        let started = Instant::now();
        let work = AssertUnwindSafe(self.work(worker, &task, stop)).catch_unwind();
        let outcome =
            caller::scope(identity(&task), work).await.unwrap_or(Err(WorkError::Panicked));
        let label = outcome.as_ref().map_or_else(WorkError::outcome, |()| "completed");
        metrics::counter!("export_tasks_total", "outcome" => label).increment(1);
        let duration_ms = started.elapsed().as_millis();
        tracing::info!(task.id = %task.id, duration_ms, outcome = label, "export task worked on");
        match outcome {
            Ok(()) => Ok(()),
            Err(error) => self.settle(worker, &task, &error).await,
        }
    }

    /// Makes the file beside a heartbeat that ends the work when the task is lost.
    async fn work(
        &self,
        worker: Uuid,
        task: &Task,
        stop: &CancellationToken,
    ) -> Result<(), WorkError> {
        let progress = Progress { done: AtomicU32::new(0), total: AtomicU32::new(task.total) };
        // A file of its own for each try: one that was taken over cannot damage the other's.
        let key = format!("tasks/{}/{}", task.id, self.clock.new_id());
        let made = tokio::select! {
            made = self.make(task, &key, &progress) => made,
            lost = self.hold(worker, task, &progress) => Err(lost),
            () = stop.cancelled() => Err(WorkError::Lost),
        };
        let delivered = match made {
            Ok(file) => self.deliver(worker, task, &file).await,
            Err(error) => Err(error),
        };
        if delivered.is_ok() {
            return delivered;
        }
        // The table may have taken the file although its answer was lost.
        match self.is_delivered(task, &key).await {
            Ok(true) => return Ok(()),
            Ok(false) => {
                let _ = self.files.delete(&key).await;
            }
            // Nobody knows: the sweep deletes it if no row names it.
            Err(_) => {}
        }
        delivered
    }

    async fn make(&self, task: &Task, key: &str, progress: &Progress) -> Result<File, WorkError> {
        match &task.subject {
            Subject::Student(student) => {
                let book = self.book(task, *student, None, false).await?;
                let size_bytes = book.content.len() as u64;
                if size_bytes > self.max_file_bytes {
                    return Err(WorkError::TooLarge(self.max_file_bytes));
                }
                self.files.put(key, book.content).await?;
                progress.step();
                Ok(File { key: key.to_owned(), name: book.file_name, size_bytes })
            }
            Subject::Class { id, students } => {
                self.bundle(task, *id, students, key, progress).await
            }
        }
    }

    async fn deliver(&self, worker: Uuid, task: &Task, file: &File) -> Result<(), WorkError> {
        let db = self.pool.get().await.map_err(DbError::from)?;
        let now = self.clock.now();
        let expires_at = now + self.file_retention;
        if queue::complete(&db, task.id, worker, file, now, expires_at).await? {
            metrics::counter!("export_bytes_total").increment(file.size_bytes);
            Ok(())
        } else {
            Err(WorkError::Lost)
        }
    }

    async fn is_delivered(&self, task: &Task, key: &str) -> Result<bool, DbError> {
        let db = self.pool.get().await.map_err(DbError::from)?;
        let file = tasks::find(&db, task.id).await?.and_then(|task| task.file);
        Ok(file.is_some_and(|file| file.key == key))
    }

    /// Prolongs the lease as long as the task is the worker's; returns when it no longer is.
    async fn hold(&self, worker: Uuid, task: &Task, progress: &Progress) -> WorkError {
        let mut until = self.clock.now() + LEASE;
        loop {
            tokio::time::sleep(HEARTBEAT).await;
            let now = self.clock.now();
            match self.beat(worker, task, progress).await {
                Ok(true) => until = now + LEASE,
                Ok(false) => return WorkError::Lost,
                // Another worker may have it by now.
                Err(_) if now > until => return WorkError::Lost,
                Err(error) => {
                    tracing::warn!(error = %Chain(&error), "no sign of life");
                }
            }
        }
    }

    async fn beat(&self, worker: Uuid, task: &Task, at: &Progress) -> Result<bool, DbError> {
        let db = self.pool.get().await.map_err(DbError::from)?;
        let until = self.clock.now() + LEASE;
        let (done, total) = (at.done.load(Ordering::Relaxed), at.total.load(Ordering::Relaxed));
        queue::keep(&db, task.id, worker, until, (done, total)).await
    }

    /// Says in the table how a try ended that delivered nothing.
    async fn settle(&self, worker: Uuid, task: &Task, error: &WorkError) -> Result<(), DbError> {
        let now = self.clock.now();
        let db = self.pool.get().await.map_err(DbError::from)?;
        if matches!(error, WorkError::Lost) {
            // Given back at once when we are the ones who stop; nothing changes if it is another's.
            return queue::give_back(&db, task.id, worker, now).await;
        }
        let why = (error.reason(), error.detail());
        let waiting_since = task.waiting_since.unwrap_or(now);
        let waited = now - waiting_since;
        let is_over = if error.is_unavailable() {
            waited >= PATIENCE
        } else {
            error.is_final() || task.attempts >= ATTEMPTS
        };
        report(task, error, is_over);
        if is_over {
            return queue::fail(&db, task.id, worker, (why.0, &why.1), now).await;
        }
        if error.is_unavailable() {
            let not_before = now + waited.clamp(SHORTEST_PAUSE, LONGEST_PAUSE);
            queue::postpone(&db, task.id, worker, (why.0, &why.1), waiting_since, not_before).await
        } else {
            let pause = TimeDelta::milliseconds(500 * i64::from(task.attempts));
            queue::try_again(&db, task.id, worker, (why.0, &why.1), now + pause).await
        }
    }
}

/// In whose name a task is worked on.
pub(super) fn identity(task: &Task) -> Caller {
    Caller {
        user_id: task.owner.user_id,
        role: task.owner.role,
        organization_id: task.owner.organization_id,
        request_id: task.id.to_string(),
    }
}

/// Logs the cause, which the table does not keep.
fn report(task: &Task, error: &WorkError, is_over: bool) {
    let cause = error as &dyn std::error::Error;
    if is_over {
        tracing::error!(task.id = %task.id, error = cause, "export task failed");
    } else {
        tracing::warn!(task.id = %task.id, error = cause, "export task will be tried again");
    }
}
