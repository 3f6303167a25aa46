//! Removing what was deleted long ago.

use std::time::Duration;

use chrono::TimeDelta;
use kit::{
    clock::SharedClock,
    db::{DbError, Pool},
    error::Chain,
};
use tokio_util::sync::CancellationToken;

use crate::store::mistakes;

/// How long a deleted mistake can be restored.
pub const RESTORABLE: TimeDelta = TimeDelta::days(30);
const EVERY: Duration = Duration::from_mins(10);

/// Removes mistakes whose time to be restored has passed, until `stop`.
pub async fn sweep(pool: Pool, clock: SharedClock, stop: CancellationToken) {
    while !stop.is_cancelled() {
        match once(&pool, &clock).await {
            Ok(0) => {}
            Ok(removed) => tracing::info!(removed, "deleted mistakes removed"),
            Err(error) => {
                tracing::warn!(error = %Chain(&error), "no sweep of mistakes");
            }
        }
        let _ = tokio::time::timeout(EVERY, stop.cancelled()).await;
    }
}

async fn once(pool: &Pool, clock: &SharedClock) -> Result<u64, DbError> {
    let db = pool.get().await.map_err(DbError::from)?;
    let mut removed = 0;
    loop {
        match mistakes::sweep(&db, clock.now() - RESTORABLE).await? {
            0 => return Ok(removed),
            more => removed += more,
        }
    }
}
