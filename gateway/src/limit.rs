//! Rate limits: in Redis, or in this process while Redis is away.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use actix_web::http::header::{HeaderMap, HeaderName, HeaderValue};
use chrono::Utc;
use kit::{config::Rate, redis::Cache};
use uuid::Uuid;

/// The generic cell rate algorithm; the second key is the revocation of a session, if there is one,
/// and the third the mark that all revocations are known here. A call of an ended session does not
/// count.
/// Returns: allowed, microseconds until that changes or the bucket is empty, revoked (-1: unknown).
const SCRIPT: &str = "local now, step, depth = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3]) \
     local revoked = 0 \
     if KEYS[2] then revoked = redis.call('EXISTS', KEYS[2]) \
     if revoked == 1 then return {1, 0, revoked} end \
     if revoked == 0 and redis.call('EXISTS', KEYS[3]) == 0 then revoked = -1 end end \
     local tat = tonumber(redis.call('GET', KEYS[1]) or now) \
     if tat < now then tat = now end \
     local next = tat + step \
     if next - depth > now then return {0, tat - now, revoked} end \
     redis.call('SET', KEYS[1], string.format('%.0f', next), 'PX', math.ceil((next - now) / 1000)) \
     return {1, next - now, revoked}";
/// From how many keys on the process forgets those that count no more.
const SWEEP_AT: usize = 10_000;
/// How often it looks for them, in microseconds: with many live keys that is much work.
const SWEEP_EVERY: i64 = 1_000_000;

/// How often something may be done, and how much of it at once.
#[derive(Clone, Copy, Debug)]
pub struct Policy {
    pub name: &'static str,
    pub rate: Rate,
    pub burst: u32,
}

/// What a limit says about one call.
#[derive(Clone, Copy, Debug)]
pub struct Verdict {
    pub policy: Policy,
    pub allowed: bool,
    /// How full the bucket is, as the time until it is empty again.
    pub level: Duration,
}

impl Policy {
    /// Time after which one more call is free.
    fn step(&self) -> Duration {
        self.rate.window / self.rate.calls
    }

    fn depth(&self) -> Duration {
        self.step() * self.burst
    }
}

impl Verdict {
    /// Returns how many calls are left now.
    #[must_use]
    pub fn remaining(&self) -> u128 {
        let free = self.policy.depth().saturating_sub(self.level);
        free.as_micros() / self.policy.step().as_micros().max(1)
    }

    /// Returns how long to wait after a refusal.
    #[must_use]
    pub fn wait(&self) -> Duration {
        (self.level + self.policy.step()).saturating_sub(self.policy.depth())
    }

    /// Writes the headers of the IETF draft.
    pub fn write(&self, headers: &mut HeaderMap) {
        let Policy { name, burst, .. } = self.policy;
        let window = self.policy.depth().as_secs().max(1);
        let policy = format!("\"{name}\";q={burst};w={window}");
        let reset = self.level.as_millis().div_ceil(1_000);
        let state = format!("\"{name}\";r={};t={reset}", self.remaining());
        for (name, value) in [("ratelimit-policy", policy), ("ratelimit", state)] {
            if let Ok(value) = HeaderValue::from_str(&value) {
                headers.insert(HeaderName::from_static(name), value);
            }
        }
    }
}

/// Counts calls.
pub struct Limiter {
    cache: Cache,
    own: Arc<Mutex<Buckets>>,
}

/// The buckets of this process; all moments are in microseconds.
#[derive(Default)]
struct Buckets {
    /// For each key the moment at which its bucket is empty.
    empty_at: HashMap<String, i64>,
    swept_at: i64,
}

impl Limiter {
    /// Counts in `cache` while it is there.
    #[must_use]
    pub fn new(cache: Cache) -> Self {
        Self { cache, own: Arc::default() }
    }

    /// Counts the same calls through another connection.
    #[must_use]
    pub fn through(&self, cache: Cache) -> Self {
        Self { cache, own: Arc::clone(&self.own) }
    }

    /// Counts one call of `key`, and tells whether `session` was ended, in one round trip; `None`
    /// when Redis cannot say.
    pub async fn count(
        &self,
        policy: Policy,
        key: String,
        session: Option<Uuid>,
    ) -> (Verdict, Option<bool>) {
        let now = Utc::now().timestamp_micros();
        let (step, depth) = (micros(policy.step()), micros(policy.depth()));
        let key = format!("rate:{}:{key}", policy.name);
        let mut keys = vec![key.clone()];
        if let Some(session) = session {
            keys.extend([self.cache.revocation_key(session), self.cache.revocations_mark()]);
        }
        let answer = self.cache.eval(SCRIPT, &keys, vec![now, step, depth]).await;
        let (allowed, level, revoked) = if let Some([allowed, level, revoked]) = answer.as_deref() {
            let believed = *revoked == 1 || *revoked == 0 && self.cache.believes_mark();
            let known = session.is_some() && believed;
            (*allowed == 1, *level, known.then_some(*revoked == 1))
        } else {
            let (allowed, level) = self.count_here(key, now, step, depth);
            (allowed, level, None)
        };
        let level = Duration::from_micros(u64::try_from(level).unwrap_or_default());
        (Verdict { policy, allowed, level }, revoked)
    }

    fn count_here(&self, key: String, now: i64, step: i64, depth: i64) -> (bool, i64) {
        let mut own = self.own.lock().unwrap_or_else(PoisonError::into_inner);
        if own.empty_at.len() >= SWEEP_AT && now - own.swept_at >= SWEEP_EVERY {
            own.swept_at = now;
            own.empty_at.retain(|_, empty_at| *empty_at > now);
        }
        let tat = own.empty_at.get(&key).copied().unwrap_or(now).max(now);
        let next = tat + step;
        if next - depth > now {
            return (false, tat - now);
        }
        own.empty_at.insert(key, next);
        (true, next - now)
    }
}

fn micros(length: Duration) -> i64 {
    i64::try_from(length.as_micros()).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_burst_is_allowed_and_then_the_rate_counts() {
        let limiter = Limiter::new(Cache::absent());
        let (step, depth) = (600_000, 1_800_000);
        let count = |now| limiter.count_here("a".to_owned(), now, step, depth).0;
        assert_eq!([count(0), count(0), count(0), count(0)], [true, true, true, false]);
        assert_eq!([count(600_000), count(600_000)], [true, false]);
        assert!(limiter.count_here("b".to_owned(), 0, step, depth).0, "others are not concerned");
    }

    #[test]
    fn empty_buckets_are_forgotten_once_a_second_at_most() {
        let limiter = Limiter::new(Cache::absent());
        let count = |key: &str, now| limiter.count_here(key.to_owned(), now, 100, 1_000_000);
        let kept = || limiter.own.lock().unwrap().empty_at.len();
        let now = 5_000_000;
        for key in 0..SWEEP_AT {
            count(&key.to_string(), now);
        }
        count("swept", now + 200);
        assert_eq!(kept(), 1, "all others were empty");
        for key in 0..SWEEP_AT {
            count(&key.to_string(), now + 200);
        }
        count("soon", now + 400);
        assert_eq!(kept(), SWEEP_AT + 2);
        count("later", now + 200 + SWEEP_EVERY);
        assert_eq!(kept(), 1);
    }

    #[test]
    fn headers_say_what_is_left() {
        let policy = Policy { name: "api", rate: Rate::per_minute(100), burst: 200 };
        let verdict = Verdict { policy, allowed: true, level: Duration::from_secs(6) };
        let mut headers = HeaderMap::new();
        verdict.write(&mut headers);
        assert_eq!(headers.get("ratelimit-policy").unwrap(), "\"api\";q=200;w=120");
        assert_eq!(headers.get("ratelimit").unwrap(), "\"api\";r=190;t=6");
    }
}
