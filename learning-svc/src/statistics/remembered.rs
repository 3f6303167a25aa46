//! Figures that were counted a moment ago.
//!
//! Figures are kept under a generation that every write replaces after it is committed: a count
//! that began before the write is kept under the old one and never read again.

use std::{future::Future, time::Duration};

use chrono::NaiveDate;
use futures::future::join_all;
use kit::{
    config::CacheTtls,
    db::{DbError, GenericClient},
    redis::Cache,
};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use sha2::{Digest as _, Sha256};
use uuid::Uuid;

use super::{ClassReport, StudentReport};
use crate::store::pupils;

/// Remembers the figures of students and classes for a short time.
#[derive(Clone)]
pub struct Remembered {
    cache: Cache,
    student_ttl: Duration,
    class_ttl: Duration,
}

#[derive(Serialize, Deserialize)]
struct Counted<T> {
    /// What the figures are about besides their key.
    about: String,
    report: T,
}

impl Remembered {
    /// Remembers in `cache` for as long as `ttl` says.
    #[must_use]
    pub fn new(cache: Cache, ttl: CacheTtls) -> Self {
        Self { cache, student_ttl: ttl.student_kg, class_ttl: ttl.class_students }
    }

    /// Remembers nothing.
    #[must_use]
    pub fn nothing() -> Self {
        let none = Duration::ZERO;
        Self { cache: Cache::absent(), student_ttl: none, class_ttl: none }
    }

    /// Makes the figures of students and of their classes be counted again.
    pub async fn outdate(&self, db: &impl GenericClient, students: &[Uuid]) {
        if self.cache.raw().is_none() {
            return;
        }
        let classes = pupils::classes_of(db, students).await.unwrap_or_else(|error| {
            tracing::warn!(error = &error as &dyn std::error::Error, "figures of classes stay");
            Vec::new()
        });
        let keys = students.iter().map(|id| (generation("student", *id), self.student_ttl));
        let keys = keys.chain(classes.iter().map(|id| (generation("class", *id), self.class_ttl)));
        // Twice as long as what was kept without a generation.
        let writes = keys.map(|(key, ttl)| async move {
            self.cache.put(&key, &Uuid::now_v7(), ttl * 2).await;
        });
        join_all(writes).await;
    }

    pub(super) async fn student(
        &self,
        student: Uuid,
        today: NaiveDate,
        count: impl Future<Output = Result<StudentReport, DbError>>,
    ) -> Result<StudentReport, DbError> {
        self.report("student", student, today.to_string(), self.student_ttl, count).await
    }

    pub(super) async fn class(
        &self,
        class: Uuid,
        members: &[Uuid],
        today: NaiveDate,
        count: impl Future<Output = Result<ClassReport, DbError>>,
    ) -> Result<ClassReport, DbError> {
        let mut hash = Sha256::new();
        for member in members {
            hash.update(member.as_bytes());
        }
        let members: [u8; 32] = hash.finalize().into();
        let about = format!("{today} {members:?}");
        self.report("class", class, about, self.class_ttl, count).await
    }

    async fn report<T: Serialize + DeserializeOwned>(
        &self,
        kind: &'static str,
        id: Uuid,
        about: String,
        ttl: Duration,
        count: impl Future<Output = Result<T, DbError>>,
    ) -> Result<T, DbError> {
        if ttl.is_zero() {
            return count.await;
        }
        let current: Option<Uuid> =
            self.cache.get("statistics_generation", &generation(kind, id)).await;
        let key = format!("statistics:{kind}:{id}:{}", current.unwrap_or_default());
        let known: Option<Counted<T>> = self.cache.get("statistics", &key).await;
        if let Some(known) = known.filter(|known| known.about == about) {
            return Ok(known.report);
        }
        let report = count.await?;
        let counted = Counted { about, report };
        self.cache.put(&key, &counted, ttl).await;
        Ok(counted.report)
    }
}

fn generation(kind: &str, id: Uuid) -> String {
    format!("statistics:{kind}:{id}:generation")
}
