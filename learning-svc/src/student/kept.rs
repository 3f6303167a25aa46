//! Profiles that were read a moment ago.

use std::time::Duration;

use kit::{generations::Generations, redis::Cache};
use uuid::Uuid;

use super::Student;

/// Keeps profiles for a short time.
#[derive(Clone)]
pub struct KeptProfiles {
    cache: Cache,
    generations: Generations,
    ttl: Duration,
}

impl KeptProfiles {
    /// Keeps profiles in `cache` for `ttl`.
    #[must_use]
    pub fn new(cache: Cache, ttl: Duration) -> Self {
        Self { generations: Generations::new(cache.clone()), cache, ttl }
    }

    /// Returns the key of a profile, to be asked for before the profile is read.
    pub(super) async fn key(&self, student: Uuid) -> Option<String> {
        self.generations.key(&subject(student)).await
    }

    pub(super) async fn get(&self, key: &str) -> Option<Student> {
        self.cache.get("student_profile", key).await
    }

    pub(super) async fn put(&self, key: &str, student: &Student) {
        self.cache.put(key, student, self.ttl).await;
    }

    /// Makes profiles be read again.
    pub async fn outdate(&self, students: impl IntoIterator<Item = Uuid>) {
        let subjects = students.into_iter().map(|student| (subject(student), self.ttl));
        self.generations.outdate(subjects).await;
    }
}

fn subject(student: Uuid) -> String {
    format!("student_profile:{student}")
}
