//! Makes the documents: takes tasks, keeps their lease, delivers their files.

mod book;
mod bundle;
mod names;
mod sweep;

use std::{
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};

use chrono::TimeDelta;
use kit::{
    caller::{self, Caller},
    clock::SharedClock,
    db::{DbError, Pool},
    error::{Classify, Kind},
};
pub use sweep::{Retention, sweep};
use tokio::sync::Semaphore;
use tokio_util::{sync::CancellationToken, task::TaskTracker};
use uuid::Uuid;

use crate::{
    files::{FileError, Files},
    learning::{Learning, LearningError},
    store::queue,
    task::{File, Subject, Task},
};

/// A worker that has given no sign of life for this long has lost its task.
const LEASE: TimeDelta = TimeDelta::seconds(6);
const HEARTBEAT: Duration = Duration::from_secs(1);
const POLL: Duration = Duration::from_millis(250);
/// Tries that end in a fault before a task has failed.
const ATTEMPTS: u32 = 5;

/// Says why a document could not be made.
#[derive(Debug, thiserror::Error)]
pub enum WorkError {
    #[error("the task was cancelled or taken over")]
    Lost,
    #[error("the document is larger than {0} bytes")]
    TooLarge(u64),
    #[error(transparent)]
    Learning(#[from] LearningError),
    #[error(transparent)]
    File(#[from] FileError),
    #[error("writing the file failed")]
    Write(#[from] std::io::Error),
    #[error("rendering failed: {0}")]
    Render(String),
    #[error("task store failed")]
    Store(#[from] DbError),
}

impl WorkError {
    /// Returns the stable reason.
    fn reason(&self) -> &'static str {
        match self {
            Self::Lost => "LOST",
            Self::TooLarge(_) => "FILE_TOO_LARGE",
            Self::Learning(error) => error.reason(),
            Self::File(error) => error.reason(),
            Self::Write(_) => "FILE_STORE_UNAVAILABLE",
            Self::Render(_) => "RENDER_FAILED",
            Self::Store(error) => error.reason(),
        }
    }

    /// Returns a sentence for people; internal text stays inside.
    fn detail(&self) -> String {
        match self {
            Self::TooLarge(_) | Self::Learning(_) => self.to_string(),
            Self::Lost | Self::File(_) | Self::Write(_) | Self::Render(_) | Self::Store(_) => {
                "the document could not be made".to_owned()
            }
        }
    }

    /// Tells whether waiting helps: then the try is not counted.
    fn is_unavailable(&self) -> bool {
        match self {
            Self::Learning(error) => error.kind() == Kind::Unavailable,
            Self::File(error) => error.kind() == Kind::Unavailable,
            Self::Store(error) => error.kind() == Kind::Unavailable,
            Self::Write(_) => true,
            Self::Lost | Self::TooLarge(_) | Self::Render(_) => false,
        }
    }

    /// Tells whether another try can end no better.
    fn is_final(&self) -> bool {
        match self {
            Self::TooLarge(_) => true,
            Self::Learning(error) => matches!(error.kind(), Kind::NotFound | Kind::Forbidden),
            Self::Lost | Self::File(_) | Self::Write(_) | Self::Render(_) | Self::Store(_) => false,
        }
    }
}

/// What workers need.
#[derive(Clone)]
pub struct Workshop {
    pub pool: Pool,
    pub clock: SharedClock,
    pub files: Files,
    pub learning: Learning,
    /// One permit for each document that is laid out at the same time.
    pub presses: Arc<Semaphore>,
    pub max_file_bytes: u64,
    pub file_retention: TimeDelta,
}

/// Runs `count` workers until `stop`.
pub fn start(workshop: &Workshop, count: usize, tracker: &TaskTracker, stop: &CancellationToken) {
    for _ in 0..count {
        let (workshop, stop) = (workshop.clone(), stop.clone());
        tracker.spawn(async move {
            let worker = Uuid::now_v7();
            while !stop.is_cancelled() {
                match Box::pin(workshop.turn(worker, &stop)).await {
                    Ok(true) => {}
                    Ok(false) => pause(&stop, POLL).await,
                    Err(error) => {
                        tracing::warn!(error = &error as &dyn std::error::Error, "no task taken");
                        pause(&stop, Duration::from_secs(1)).await;
                    }
                }
            }
        });
    }
}

async fn pause(stop: &CancellationToken, length: Duration) {
    let _ = tokio::time::timeout(length, stop.cancelled()).await;
}

/// How far a document is, shared between its makers and its heartbeat.
#[derive(Debug)]
pub(crate) struct Progress {
    done: AtomicU32,
    total: AtomicU32,
}

impl Progress {
    pub(crate) fn step(&self) {
        self.done.fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn expect(&self, total: u32) {
        self.total.store(total, Ordering::Relaxed);
    }
}

impl Workshop {
    /// Takes and does one task; `false` when there is none.
    pub async fn turn(&self, worker: Uuid, stop: &CancellationToken) -> Result<bool, DbError> {
        let task = {
            let db = self.pool.get().await.map_err(DbError::from)?;
            let now = self.clock.now();
            queue::release(&db, now).await?;
            queue::take(&db, worker, now, LEASE).await?
        };
        let Some(task) = task else {
            return Ok(false);
        };
        let identity = Caller {
            user_id: task.owner.user_id,
            role: task.owner.role,
            organization_id: task.owner.organization_id,
            request_id: task.id.to_string(),
        };
        let started = std::time::Instant::now();
        let outcome = caller::scope(identity, self.work(worker, &task, stop)).await;
        let label = match &outcome {
            Ok(()) => "completed",
            Err(WorkError::Lost) => "lost",
            Err(error) if error.is_unavailable() => "postponed",
            Err(_) => "failed",
        };
        metrics::counter!("export_tasks_total", "outcome" => label).increment(1);
        let duration_ms = started.elapsed().as_millis();
        tracing::info!(task.id = %task.id, duration_ms, outcome = label, "export task worked on");
        if let Err(error) = outcome {
            self.settle(worker, &task, &error).await?;
        }
        Ok(true)
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
        let key = format!("tasks/{}/{}", task.id, Uuid::now_v7());
        let made = tokio::select! {
            made = self.make(task, &key, &progress) => made,
            lost = self.hold(worker, task, &progress) => Err(lost),
            () = stop.cancelled() => Err(WorkError::Lost),
        };
        let delivered = match made {
            Ok(file) => self.deliver(worker, task, &file).await,
            Err(error) => Err(error),
        };
        if delivered.is_err() {
            let _ = self.files.delete(&key).await;
        }
        delivered
    }

    async fn make(&self, task: &Task, key: &str, progress: &Progress) -> Result<File, WorkError> {
        match &task.subject {
            Subject::Student(student) => {
                let book = self.book(task, *student, None).await?;
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
            Ok(())
        } else {
            Err(WorkError::Lost)
        }
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
                    tracing::warn!(error = &error as &dyn std::error::Error, "no sign of life");
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
            return queue::postpone(&db, task.id, worker, now, false).await;
        }
        let counted = !error.is_unavailable();
        if error.is_final() || (counted && task.attempts >= ATTEMPTS) {
            report(task, error);
            return queue::fail(&db, task.id, worker, (error.reason(), &error.detail()), now).await;
        }
        let pause = TimeDelta::milliseconds(500 * i64::from(task.attempts.min(6)));
        queue::postpone(&db, task.id, worker, now + pause, counted).await
    }
}

fn report(task: &Task, error: &WorkError) {
    let cause = error as &dyn std::error::Error;
    tracing::error!(task.id = %task.id, error = cause, "export task failed");
}
