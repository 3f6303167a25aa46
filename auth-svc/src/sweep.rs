//! What is done again and again: deleting what is over, and repeating revocations to Redis.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use kit::{access_token::LEEWAY, db::DbError, error::Chain, idempotency};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use crate::{Context, store};

const REVOCATIONS_EVERY: Duration = Duration::from_secs(10);
/// How soon they are tried again while Redis has not heard of one.
const UNHEARD_EVERY: Duration = Duration::from_millis(200);
/// Ended sessions that one query returns.
const REVOCATIONS_AT_ONCE: usize = 1_000;
const SWEEP_EVERY: Duration = Duration::from_hours(1);
/// How long ended sessions stay.
const SESSIONS: TimeDelta = TimeDelta::days(2);
const KEYS: TimeDelta = TimeDelta::days(2);
/// How long tokens for a new password stay that ran out: those of the last hour are counted.
const RESETS: TimeDelta = TimeDelta::hours(1);
/// How long security events stay.
const EVENTS: TimeDelta = TimeDelta::days(365);

/// Repeats revocations, so that none is lost while Redis is away or after it forgot everything.
pub async fn revocations(context: Context, stop: CancellationToken) {
    let mut ticks = tokio::time::interval(REVOCATIONS_EVERY);
    let mut is_unheard = false;
    loop {
        tokio::select! {
            () = stop.cancelled() => return,
            _ = ticks.tick() => {}
            () = context.unheard.notified() => is_unheard = true,
            () = tokio::time::sleep(UNHEARD_EVERY), if is_unheard => {}
        }
        match repeat_revocations(&context).await {
            Ok(are_heard) => is_unheard &= !are_heard,
            Err(error) => {
                tracing::warn!(error = %Chain(&error), "revocations cannot be repeated now");
            }
        }
    }
}

/// Raises the flags of all sessions that ended while their tokens still hold, and then says that
/// all are raised; returns whether Redis heard it.
///
/// # Errors
///
/// Fails when PostgreSQL is away.
pub async fn repeat_revocations(context: &Context) -> Result<bool, DbError> {
    let now = context.clock.now();
    let ttl = context.policy.access_ttl + TimeDelta::from_std(LEEWAY).unwrap_or_default();
    let Some(pass) = context.cache.begin_revocations().await else { return Ok(false) };
    let mut are_heard = true;
    let mut after = (now - ttl, Uuid::nil());
    loop {
        let db = context.pool.get().await?;
        let ended = store::sessions::ended_after(&db, after, REVOCATIONS_AT_ONCE).await?;
        drop(db);
        let left = |ended_at: DateTime<Utc>| (ended_at + ttl - now).to_std().unwrap_or_default();
        let flags: Vec<_> = ended.iter().map(|(at, id)| (*id, left(*at))).collect();
        are_heard &= context.cache.revoke(&flags).await;
        match ended.last() {
            Some(last) if ended.len() == REVOCATIONS_AT_ONCE => after = *last,
            Some(_) | None => break,
        }
    }
    Ok(context.cache.end_revocations(&pass).await && are_heard)
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
            tracing::warn!(error = %Chain(&error), "old sessions cannot be deleted now");
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
    store::resets::sweep(&db, now - RESETS).await?;
    store::audit::sweep(&db, now - EVENTS).await?;
    idempotency::sweep(&db, now - KEYS).await?;
    Ok(())
}
