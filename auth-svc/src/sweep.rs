//! What is done again and again: deleting what is over, and repeating revocations to Redis.

use std::time::Duration;

use chrono::TimeDelta;
use kit::{access_token::revocation_key, db::DbError, idempotency};
use tokio_util::sync::CancellationToken;

use crate::{Context, store};

const REVOCATIONS_EVERY: Duration = Duration::from_secs(10);
const SWEEP_EVERY: Duration = Duration::from_hours(1);
/// How long ended sessions stay.
const SESSIONS: TimeDelta = TimeDelta::days(2);
const KEYS: TimeDelta = TimeDelta::days(2);
/// How long security events stay.
const EVENTS: TimeDelta = TimeDelta::days(365);

/// Repeats revocations, so that none is lost while Redis is away or after it forgot everything.
pub async fn revocations(context: Context, stop: CancellationToken) {
    let mut ticks = tokio::time::interval(REVOCATIONS_EVERY);
    loop {
        tokio::select! {
            () = stop.cancelled() => return,
            _ = ticks.tick() => {}
        }
        if let Err(error) = repeat(&context).await {
            tracing::warn!(%error, "revocations cannot be repeated now");
        }
    }
}

async fn repeat(context: &Context) -> Result<(), DbError> {
    let now = context.clock.now();
    let ttl = context.policy.access_ttl;
    let db = context.pool.get().await?;
    let ended = store::sessions::ended_since(&db, now - ttl).await?;
    drop(db);
    for (session, ended_at) in ended {
        let key = revocation_key(session);
        if context.cache.has_flag(&key).await == Some(false) {
            let left = (ended_at + ttl - now).to_std().unwrap_or_default();
            context.cache.set_flag(&key, left).await;
        }
    }
    Ok(())
}

/// Deletes what is over, every hour.
pub async fn leftovers(context: Context, stop: CancellationToken) {
    let mut ticks = tokio::time::interval(SWEEP_EVERY);
    loop {
        tokio::select! {
            () = stop.cancelled() => return,
            _ = ticks.tick() => {}
        }
        if let Err(error) = sweep(&context).await {
            tracing::warn!(%error, "old sessions cannot be deleted now");
        }
    }
}

/// Deletes what is over now.
///
/// # Errors
///
/// Fails when PostgreSQL is away.
pub async fn sweep(context: &Context) -> Result<(), DbError> {
    let now = context.clock.now();
    let db = context.pool.get().await?;
    store::tokens::sweep(&db, now - TimeDelta::days(1)).await?;
    store::sessions::sweep(&db, now - SESSIONS).await?;
    store::resets::sweep(&db, now).await?;
    store::audit::sweep(&db, now - EVENTS).await?;
    idempotency::sweep(&db, now - KEYS).await?;
    Ok(())
}
