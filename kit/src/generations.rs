//! Generations of what is kept in Redis.
//!
//! What is computed from the database is kept under a generation that every write replaces after
//! it is committed: what was read before the write is kept under the old one and never read again.
//! While a generation cannot be replaced, nothing that it covers is read or kept here, and it is
//! tried again until what it covers has expired.

use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use chrono::{DateTime, Utc};
use futures::future::join_all;
use uuid::Uuid;

use crate::redis::Cache;

/// How long to wait before a generation is replaced again that could not be.
const PAUSE: Duration = Duration::from_secs(1);
/// Generations tell for at least so long when something was changed.
const LEAST: Duration = Duration::from_mins(1);

/// The generations of values in one cache.
#[derive(Clone)]
pub struct Generations {
    cache: Cache,
    late: Arc<Mutex<HashMap<String, Late>>>,
    /// Somebody tries again.
    is_busy: Arc<AtomicBool>,
}

/// A generation that could not be replaced.
#[derive(Clone, Copy)]
struct Late {
    ttl: Duration,
    /// What the old one covers has expired by then.
    until: Instant,
}

impl Generations {
    /// Keeps generations in `cache`.
    #[must_use]
    pub fn new(cache: Cache) -> Self {
        Self { cache, late: Arc::default(), is_busy: Arc::default() }
    }

    /// Returns the key that a value about `subject` has now; nothing when it may not be kept, as while
    /// nobody knows its generation.
    pub async fn key(&self, subject: &str) -> Option<String> {
        if self.is_late(subject) {
            return None;
        }
        let name = generation(subject);
        let current: Option<Uuid> = self.cache.find("generation", &name).await?;
        Some(format!("{subject}:{}", current.unwrap_or_default()))
    }

    /// Returns when `subject` was changed last: long ago when that was a minute ago or more and
    /// nobody remembers; nothing when it cannot be told.
    pub async fn changed(&self, subject: &str) -> Option<DateTime<Utc>> {
        if self.is_late(subject) {
            return None;
        }
        let current: Option<Uuid> = self.cache.find("generation", &generation(subject)).await?;
        Some(current.and_then(moment).unwrap_or_default())
    }

    fn is_late(&self, subject: &str) -> bool {
        self.late().get(subject).is_some_and(|late| late.until > Instant::now())
    }

    /// Makes values about `subjects` be computed again, which are kept for their `ttl` at most.
    pub async fn outdate(&self, subjects: impl IntoIterator<Item = (String, Duration)>) {
        if self.cache.is_absent() {
            return;
        }
        let writes = subjects.into_iter().map(|(subject, ttl)| async move {
            if !self.replace(&subject, ttl).await {
                let late = Late { ttl, until: Instant::now() + ttl.max(LEAST) };
                self.late().insert(subject, late);
            }
        });
        join_all(writes).await;
        if !self.late().is_empty() && !self.is_busy.swap(true, Ordering::AcqRel) {
            let this = self.clone();
            tokio::spawn(async move { this.catch_up().await });
        }
    }

    /// Twice as long as what was kept without a generation.
    async fn replace(&self, subject: &str, ttl: Duration) -> bool {
        self.cache.put(&generation(subject), &Uuid::now_v7(), (ttl * 2).max(LEAST)).await
    }

    async fn catch_up(&self) {
        loop {
            tokio::time::sleep(PAUSE).await;
            let now = Instant::now();
            self.late().retain(|_, late| late.until > now);
            let waiting: Vec<(String, Late)> =
                self.late().iter().map(|(subject, late)| (subject.clone(), *late)).collect();
            let Some((first, late)) = waiting.first() else {
                self.is_busy.store(false, Ordering::Release);
                return;
            };
            // One tells whether the others have a chance.
            if !self.replace(first, late.ttl).await {
                continue;
            }
            for (subject, late) in &waiting {
                if self.replace(subject, late.ttl).await {
                    self.late().remove(subject);
                }
            }
        }
    }

    fn late(&self) -> MutexGuard<'_, HashMap<String, Late>> {
        self.late.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Returns when a generation began.
fn moment(generation: Uuid) -> Option<DateTime<Utc>> {
    let (seconds, nanoseconds) = generation.get_timestamp()?.to_unix();
    DateTime::from_timestamp(i64::try_from(seconds).ok()?, nanoseconds)
}

fn generation(subject: &str) -> String {
    format!("{subject}:generation")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn generation_tells_when_it_began() {
        let now = Utc::now();
        let began = moment(Uuid::now_v7()).unwrap();
        assert!((began - now).num_milliseconds().abs() < 1_000, "{began} {now}");
    }
}
