//! Forgets old imports and spent idempotency keys.

use std::time::Duration;

use chrono::TimeDelta;
use kit::{
    clock::SharedClock,
    db::{DbError, Pool},
    error::Chain,
    idempotency,
};
use tokio_util::sync::CancellationToken;

use super::RETENTION;
use crate::store::{account_deletions, imports};

const EVERY: Duration = Duration::from_mins(10);
/// How long a call can be repeated without being done twice.
const KEYS: TimeDelta = TimeDelta::days(2);

/// Sweeps every ten minutes until `stop`. Harmless in several processes at once.
pub async fn sweep(pool: Pool, clock: SharedClock, stop: CancellationToken) {
    loop {
        if let Err(error) = sweep_once(&pool, &clock).await {
            tracing::warn!(error = %Chain(&error), "sweep failed");
        }
        if tokio::time::timeout(EVERY, stop.cancelled()).await.is_ok() {
            return;
        }
    }
}

async fn sweep_once(pool: &Pool, clock: &SharedClock) -> Result<(), DbError> {
    let now = clock.now();
    let db = pool.get().await.map_err(DbError::from)?;
    imports::forget(&db, now - RETENTION).await?;
    idempotency::sweep(&db, now - KEYS).await?;
    account_deletions::forget(&db, now - account_deletions::HOLDS).await?;
    Ok(())
}
