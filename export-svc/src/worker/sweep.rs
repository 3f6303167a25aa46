//! Deletes what has served its time.

use std::time::Duration;

use chrono::TimeDelta;
use kit::{
    db::DbError,
    error::Chain,
    idempotency,
    telemetry::{
        self,
        Meaning::{self, Counter, Gauge, Histogram},
    },
};
use metrics::Unit;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use super::{Workshop, error::WorkError};
use crate::store::queue;

const EVERY: Duration = Duration::from_mins(1);
/// All files are looked through once in this many sweeps.
const ORPHANS_EVERY: u32 = 60;
/// A file that no task names after this time never will be: a task names its file at once.
const ORPHAN_AGE: TimeDelta = TimeDelta::hours(1);

const MEANINGS: [Meaning; 6] = [
    Gauge(
        "export_queue_tasks",
        Unit::Count,
        "tasks of the whole queue, the same in every process: read it with max(), not sum()",
    ),
    Gauge(
        "export_queue_age_seconds",
        Unit::Seconds,
        "age of the oldest task that waits; the same in every process, too",
    ),
    Counter("export_tasks_total", Unit::Count, "tries at tasks, by how they ended"),
    Counter("export_books_total", Unit::Count, "documents that were laid out, by format"),
    Counter("export_bytes_total", Unit::Bytes, "size of the files that were delivered"),
    Histogram("export_render_seconds", Unit::Seconds, "time to lay out one document"),
];

/// How long things are kept.
#[derive(Clone, Copy, Debug)]
pub struct Retention {
    /// Tasks without a file, after they ended.
    pub tasks: TimeDelta,
    /// Idempotency keys.
    pub keys: TimeDelta,
}

/// Sweeps once a minute until `stop`, and measures the queue. Harmless in several processes at once.
pub async fn sweep(workshop: Workshop, retention: Retention, stop: CancellationToken) {
    telemetry::describe(&MEANINGS);
    // Beside each other: a store of files that is slow does not make the measures old.
    let both = async { tokio::join!(workshop.measure(), workshop.sweep_for_ever(retention)) };
    stop.run_until_cancelled(both).await;
}

impl Workshop {
    /// Measures the queue again and again.
    async fn measure(&self) {
        loop {
            if let Err(error) = self.measure_once().await {
                tracing::warn!(error = %Chain(&error), "queue not measured");
            }
            tokio::time::sleep(EVERY).await;
        }
    }

    async fn measure_once(&self) -> Result<(), DbError> {
        let db = self.pool.get().await.map_err(DbError::from)?;
        let depth = queue::depth(&db).await?;
        let now = self.clock.now();
        let age = depth.oldest.map_or(TimeDelta::zero(), |oldest| now - oldest);
        #[expect(clippy::cast_precision_loss, reason = "a gauge is a float")]
        {
            metrics::gauge!("export_queue_tasks", "status" => "queued").set(depth.queued as f64);
            metrics::gauge!("export_queue_tasks", "status" => "running").set(depth.running as f64);
            metrics::gauge!("export_queue_age_seconds").set(age.num_seconds().max(0) as f64);
        }
        Ok(())
    }

    async fn sweep_for_ever(&self, retention: Retention) {
        for round in (0..ORPHANS_EVERY).cycle() {
            if let Err(error) = self.sweep_once(retention).await {
                tracing::warn!(error = %Chain(&error), "sweep failed");
            }
            if round == 0
                && let Err(error) = self.sweep_orphans().await
            {
                tracing::warn!(error = %Chain(&error), "sweep of files failed");
            }
            tokio::time::sleep(EVERY).await;
        }
    }

    /// Deletes files that no task names, and those that were never finished: their worker died
    /// before it could.
    pub async fn sweep_orphans(&self) -> Result<(), WorkError> {
        let moment = self.clock.now() - ORPHAN_AGE;
        if let Err(error) = self.files.sweep_staged(moment).await {
            let error = Chain(&error);
            tracing::warn!(%error, "unfinished files were not swept");
        }
        let old = self.files.older_than(moment).await?;
        for keys in old.chunks(500) {
            let task = |key: &String| key.split('/').nth(1)?.parse::<Uuid>().ok();
            let tasks: Vec<_> = keys.iter().filter_map(task).collect();
            let db = self.pool.get().await.map_err(DbError::from)?;
            let named = queue::keys(&db, &tasks).await?;
            drop(db);
            for key in keys.iter().filter(|key| task(key).is_some() && !named.contains(key)) {
                self.files.delete(key).await?;
                tracing::info!(key, "deleted a file without a task");
            }
        }
        Ok(())
    }

    /// Deletes expired files and forgotten tasks.
    pub async fn sweep_once(&self, retention: Retention) -> Result<(), DbError> {
        let now = self.clock.now();
        let db = self.pool.get().await.map_err(DbError::from)?;
        queue::forget(&db, now - retention.tasks).await?;
        idempotency::sweep(&db, now - retention.keys).await?;
        let expired = queue::expired(&db, now).await?;
        // The store of files may be slow: no connection waits for it.
        drop(db);
        for task in expired {
            let Some(file) = task.file else { continue };
            if let Err(error) = self.files.delete(&file.key).await {
                tracing::warn!(error = %Chain(&error), "file not deleted");
                // One file that stays must not keep the others; a store that is away does.
                if !self.files.healthy().await {
                    break;
                }
                continue;
            }
            let db = self.pool.get().await.map_err(DbError::from)?;
            queue::expire(&db, task.id, &file.key).await?;
        }
        Ok(())
    }
}
