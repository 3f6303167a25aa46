//! Makes the documents: takes tasks, keeps their lease, delivers their files.

mod book;
mod bundle;
mod error;
mod names;
mod sweep;
mod work;

use std::{sync::Arc, time::Duration};

use chrono::{FixedOffset, TimeDelta};
use kit::{
    clock::SharedClock,
    db::{DbError, Pool},
    error::Chain,
    steady::steadily,
};
pub use sweep::{Retention, sweep};
use tokio::{sync::Semaphore, time::Instant};
use tokio_util::{sync::CancellationToken, task::TaskTracker};
use uuid::Uuid;

use crate::{files::Files, learning::Learning, store::queue, task::Task};

/// A worker that has given no sign of life for this long has lost its task.
const LEASE: TimeDelta = TimeDelta::seconds(6);
const POLL: Duration = Duration::from_millis(250);
/// How often what silent workers hold is queued again.
const RELEASE: Duration = Duration::from_secs(1);
/// Tries that end in a fault before a task has failed.
const ATTEMPTS: u32 = 5;

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
    /// Where the school's days begin.
    pub zone: FixedOffset,
}

/// Works on up to `count` tasks at the same time until `stop`. One poller serves them all.
pub fn start(workshop: &Workshop, count: usize, tracker: &TaskTracker, stop: &CancellationToken) {
    let (workshop, works, ended) = (workshop.clone(), tracker.clone(), stop.clone());
    let slots = Arc::new(Semaphore::new(count));
    let poller = move || poll(workshop.clone(), Arc::clone(&slots), works.clone(), ended.clone());
    tracker.spawn(steadily("worker", stop.clone(), poller));
}

/// Takes tasks as slots become free, and has them done.
async fn poll(
    workshop: Workshop,
    slots: Arc<Semaphore>,
    works: TaskTracker,
    stop: CancellationToken,
) {
    let mut released: Option<Instant> = None;
    // Closed never: the slots live as long as the poller.
    while let Some(Ok(slot)) = stop.run_until_cancelled(Arc::clone(&slots).acquire_owned()).await {
        let worker = workshop.clock.new_id();
        let is_due = released.is_none_or(|at| at.elapsed() >= RELEASE);
        if is_due {
            released = Some(Instant::now());
        }
        match workshop.take(worker, is_due).await {
            Ok(Some(task)) => {
                let (workshop, stop) = (workshop.clone(), stop.clone());
                works.spawn(async move {
                    let _slot = slot;
                    if let Err(error) = Box::pin(workshop.perform(worker, task, &stop)).await {
                        tracing::warn!(error = %Chain(&error), "the end of a try was not noted");
                    }
                });
            }
            Ok(None) => pause(&stop, POLL).await,
            Err(error) => {
                tracing::warn!(error = %Chain(&error), "no task taken");
                pause(&stop, Duration::from_secs(1)).await;
            }
        }
    }
}

async fn pause(stop: &CancellationToken, length: Duration) {
    let _ = tokio::time::timeout(length, stop.cancelled()).await;
}

impl Workshop {
    /// Takes and does one task; `false` when there is none.
    pub async fn turn(&self, worker: Uuid, stop: &CancellationToken) -> Result<bool, DbError> {
        let Some(task) = self.take(worker, true).await? else {
            return Ok(false);
        };
        Box::pin(self.perform(worker, task, stop)).await?;
        Ok(true)
    }

    /// Takes the next task, after what silent workers hold was queued again if that is due.
    async fn take(&self, worker: Uuid, release: bool) -> Result<Option<Task>, DbError> {
        let db = self.pool.get().await.map_err(DbError::from)?;
        let now = self.clock.now();
        if release {
            queue::release(&db, now, ATTEMPTS).await?;
        }
        queue::take(&db, worker, now, LEASE).await
    }
}
