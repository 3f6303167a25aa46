//! Profiles that were read a moment ago.

use std::time::Duration;

use kit::{generations::Generations, redis::Cache};
use uuid::Uuid;

use super::Account;

/// Keeps profiles for a short time.
#[derive(Clone)]
pub struct KeptProfiles {
    cache: Cache,
    generations: Generations,
    ttl: Duration,
}

impl KeptProfiles {
    /// Keeps profiles in `cache` for `ttl`; for no time when that is zero.
    #[must_use]
    pub fn new(cache: Cache, ttl: Duration) -> Self {
        Self { generations: Generations::new(cache.clone()), cache, ttl }
    }

    /// Returns the profile that is kept, or else what `read` finds. What it finds is not kept when
    /// the account is changed meanwhile.
    ///
    /// # Errors
    ///
    /// Fails when `read` fails.
    pub async fn find_or<E>(
        &self,
        user: Uuid,
        read: impl Future<Output = Result<Account, E>>,
    ) -> Result<Account, E> {
        if self.ttl.is_zero() {
            return read.await;
        }
        let Some(key) = self.generations.key(&subject(user)).await else {
            return read.await;
        };
        if let Some(account) = self.cache.get("user_profile", &key).await {
            return Ok(account);
        }
        let account = read.await?;
        self.cache.put(&key, &account, self.ttl).await;
        Ok(account)
    }

    /// Makes profiles be read again, after a write was committed.
    pub(crate) async fn outdate(&self, users: &[Uuid]) {
        let subjects = users.iter().map(|user| (subject(*user), self.ttl));
        self.generations.outdate(subjects).await;
    }
}

fn subject(user: Uuid) -> String {
    format!("user:{user}")
}
