//! Few attempts for one account from one address, so that nobody guesses passwords.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use kit::{config::Rate, redis::Cache};
use uuid::Uuid;

use super::Client;
use crate::{error::AuthError, secret, user::Account};

/// Counters kept in the process; past this the old ones go.
const KEPT: usize = 10_000;
/// How often it looks for old ones: with many live ones that is much work.
const SWEEP_EVERY: Duration = Duration::from_secs(1);

/// What a password is tried for.
#[derive(Clone, Copy, Debug)]
pub enum Attempt<'a> {
    /// Whether by username, by e-mail address, or to change the password.
    Account(Uuid),
    /// What was typed is nobody's name.
    Nobody(&'a str),
}

impl<'a> Attempt<'a> {
    /// Returns the attempt for what was found under a name.
    #[must_use]
    pub fn of(account: Option<&Account>, login: &'a str) -> Self {
        account.map_or(Self::Nobody(login), |account| Self::Account(account.id))
    }

    fn key(self) -> String {
        match self {
            Self::Account(id) => id.to_string(),
            Self::Nobody(login) => {
                let name = secret::hash(&login.trim().to_lowercase());
                URL_SAFE_NO_PAD.encode(&name[..12])
            }
        }
    }
}

/// Counts attempts in Redis, or in this process while Redis is away.
#[derive(Clone)]
pub struct Throttle {
    cache: Cache,
    rate: Rate,
    own: Arc<Mutex<Counters>>,
}

/// The counters of this process.
#[derive(Default)]
struct Counters {
    /// For each key since when was counted, and how far.
    counted: HashMap<String, (Instant, u64)>,
    swept_at: Option<Instant>,
}

impl Counters {
    /// Forgets what counts no more.
    fn sweep(&mut self, window: Duration) {
        let is_due = self.swept_at.is_none_or(|swept_at| swept_at.elapsed() >= SWEEP_EVERY);
        if self.counted.len() > KEPT && is_due {
            self.swept_at = Some(Instant::now());
            self.counted.retain(|_, (since, _)| since.elapsed() < window);
        }
    }
}

impl Throttle {
    /// Allows as many attempts as `rate` says.
    #[must_use]
    pub fn new(cache: Cache, rate: Rate) -> Self {
        Self { cache, rate, own: Arc::default() }
    }

    /// Counts one attempt.
    ///
    /// # Errors
    ///
    /// Fails when there were too many.
    pub async fn count(&self, attempt: Attempt<'_>, client: &Client) -> Result<(), AuthError> {
        let window = self.rate.window;
        let key = format!("auth:login:{}:{}", attempt.key(), client.address);
        let (counted, left) = match self.cache.count(&key, window).await {
            Some(counted) => counted,
            None => self.count_here(key),
        };
        if counted > u64::from(self.rate.calls) { Err(AuthError::Throttled(left)) } else { Ok(()) }
    }

    /// Returns how many attempts there were, and how much of the window is left.
    fn count_here(&self, key: String) -> (u64, Duration) {
        let mut own = self.own.lock().unwrap_or_else(PoisonError::into_inner);
        own.sweep(self.rate.window);
        let (since, counted) = own.counted.entry(key).or_insert_with(|| (Instant::now(), 0));
        if since.elapsed() >= self.rate.window {
            (*since, *counted) = (Instant::now(), 0);
        }
        *counted += 1;
        (*counted, self.rate.window.saturating_sub(since.elapsed()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn attempts_are_counted_without_redis_too() {
        let throttle = Throttle::new(Cache::absent(), Rate::per_minute(2));
        let client = |address: &str| Client { address: address.to_owned(), ..Client::default() };
        let count = async |name: &str, address: &str| {
            throttle.count(Attempt::Nobody(name), &client(address)).await
        };
        count("Li", "10.0.0.1").await.unwrap();
        count("li ", "10.0.0.1").await.unwrap();
        assert!(count("li", "10.0.0.1").await.is_err());
        count("li", "10.0.0.2").await.unwrap();
        count("wang", "10.0.0.1").await.unwrap();
    }

    #[tokio::test]
    async fn refusal_names_the_time_that_is_left() {
        let throttle = Throttle::new(Cache::absent(), Rate::per_minute(1));
        let count = async || throttle.count(Attempt::Nobody("li"), &Client::default()).await;
        count().await.unwrap();
        let refused = async || match count().await {
            Err(AuthError::Throttled(left)) => left,
            other => panic!("two attempts in one minute: {other:?}"),
        };
        let left = refused().await;
        tokio::time::sleep(Duration::from_millis(20)).await;
        let less = refused().await;
        assert!(Duration::ZERO < less && less < left, "{less:?} of {left:?}");
        assert!(left < Duration::from_mins(1));
    }
}
