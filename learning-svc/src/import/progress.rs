//! How far a commit is, told outside of its transaction.

use std::time::Duration;

use kit::redis::Cache;
use serde::{Deserialize, Serialize};

use super::ImportId;

/// Progress that nobody has renewed for so long is that of a commit that was cut off.
const KEPT: Duration = Duration::from_secs(30);

/// Rows of an import that are written, of those that will be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Progress {
    pub done: u32,
    pub total: u32,
}

/// Tells how far a commit is. Without Redis it tells nobody.
#[derive(Clone)]
pub struct Reporter {
    cache: Cache,
    key: String,
}

impl Reporter {
    /// Reports about one import.
    #[must_use]
    pub fn new(cache: Cache, import: ImportId) -> Self {
        Self { cache, key: format!("import_progress:{import}") }
    }

    /// Reports to nobody.
    #[must_use]
    pub fn silent() -> Self {
        Self { cache: Cache::absent(), key: String::new() }
    }

    /// Says that `done` of `total` rows are written.
    pub async fn report(&self, done: usize, total: usize) {
        let count = |number| u32::try_from(number).unwrap_or(u32::MAX);
        let progress = Progress { done: count(done.min(total)), total: count(total) };
        self.cache.put(&self.key, &progress, KEPT).await;
    }

    /// Says that nothing runs any more.
    pub async fn end(&self) {
        self.cache.forget(std::slice::from_ref(&self.key)).await;
    }

    /// Returns what was said last.
    pub async fn last(&self) -> Option<Progress> {
        self.cache.get("import_progress", &self.key).await
    }
}
