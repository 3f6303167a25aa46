//! Few attempts for one account from one address, so that nobody guesses passwords.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use kit::redis::Cache;

use super::Client;
use crate::{error::AuthError, secret};

const WINDOW: Duration = Duration::from_mins(1);
/// Counters kept in the process; past this the old ones go.
const KEPT: usize = 10_000;

/// Counts attempts in Redis, or in this process while Redis is away.
#[derive(Clone)]
pub struct Throttle {
    cache: Cache,
    attempts: u64,
    own: Arc<Mutex<HashMap<String, (Instant, u64)>>>,
}

impl Throttle {
    /// Allows `attempts` a minute.
    #[must_use]
    pub fn new(cache: Cache, attempts: u64) -> Self {
        Self { cache, attempts, own: Arc::default() }
    }

    /// Counts one attempt.
    ///
    /// # Errors
    ///
    /// Fails when there were too many.
    pub async fn count(&self, login: &str, client: &Client) -> Result<(), AuthError> {
        let account = secret::hash(&login.trim().to_lowercase());
        let account = URL_SAFE_NO_PAD.encode(&account[..12]);
        let key = format!("auth:login:{account}:{}", client.address);
        let counted = match self.cache.count(&key, WINDOW).await {
            Some(counted) => counted,
            None => self.count_here(key),
        };
        if counted > self.attempts { Err(AuthError::Throttled(WINDOW)) } else { Ok(()) }
    }

    fn count_here(&self, key: String) -> u64 {
        let mut own = self.own.lock().unwrap_or_else(PoisonError::into_inner);
        if own.len() > KEPT {
            own.retain(|_, (since, _)| since.elapsed() < WINDOW);
        }
        let (since, counted) = own.entry(key).or_insert_with(|| (Instant::now(), 0));
        if since.elapsed() >= WINDOW {
            (*since, *counted) = (Instant::now(), 0);
        }
        *counted += 1;
        *counted
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn attempts_are_counted_without_redis_too() {
        let throttle = Throttle::new(Cache::absent(), 2);
        let client = |address: &str| Client { address: address.to_owned(), ..Client::default() };
        throttle.count("Li", &client("10.0.0.1")).await.unwrap();
        throttle.count("li ", &client("10.0.0.1")).await.unwrap();
        assert!(throttle.count("li", &client("10.0.0.1")).await.is_err());
        throttle.count("li", &client("10.0.0.2")).await.unwrap();
        throttle.count("wang", &client("10.0.0.1")).await.unwrap();
    }
}
