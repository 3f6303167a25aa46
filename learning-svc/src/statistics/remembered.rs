//! Figures that were counted a moment ago.

use std::{future::Future, time::Duration};

use chrono::{DateTime, NaiveDate, Utc};
use kit::{
    config::CacheTtls,
    db::{DbError, GenericClient},
    redis::Cache,
};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use sha2::{Digest as _, Sha256};
use uuid::Uuid;

use super::{ClassReport, StudentReport, dashboard::Dashboard};
use crate::{access::Subject, generations::Generations, store::pupils};

/// How long a dashboard stays as it is: writes do not outdate it.
const DASHBOARD: Duration = Duration::from_secs(10);

/// Remembers the figures of students and classes for a short time.
#[derive(Clone)]
pub struct Remembered {
    cache: Cache,
    generations: Generations,
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
        let generations = Generations::new(cache.clone());
        Self { cache, generations, student_ttl: ttl.student_kg, class_ttl: ttl.class_students }
    }

    /// Remembers nothing.
    #[must_use]
    pub fn nothing() -> Self {
        let none = Duration::ZERO;
        let cache = Cache::absent();
        let generations = Generations::new(cache.clone());
        Self { cache, generations, student_ttl: none, class_ttl: none }
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
        let students = students.iter().map(|id| (subject("student", *id), self.student_ttl));
        let classes = classes.iter().map(|id| (subject("class", *id), self.class_ttl));
        self.generations.outdate(students.chain(classes)).await;
    }

    /// Returns when anything about the mistakes of a student or class was changed last; nothing when
    /// nobody knows, as about all students of a teacher.
    pub async fn changed(&self, about: Subject) -> Option<DateTime<Utc>> {
        let subject = match about {
            Subject { student: Some(student), .. } => subject("student", student),
            Subject { class: Some(class), .. } => subject("class", class),
            Subject { student: None, class: None } => return None,
        };
        self.generations.changed(&subject).await
    }

    pub(super) async fn dashboard(
        &self,
        caller: Uuid,
        today: NaiveDate,
        count: impl Future<Output = Result<Dashboard, DbError>>,
    ) -> Result<Dashboard, DbError> {
        let key = format!("statistics:dashboard:{caller}:{today}");
        if let Some(known) = self.cache.get("dashboard", &key).await {
            return Ok(known);
        }
        let board = count.await?;
        self.cache.put(&key, &board, DASHBOARD).await;
        Ok(board)
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
        let Some(key) = self.generations.key(&subject(kind, id)).await else {
            return count.await;
        };
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

fn subject(kind: &str, id: Uuid) -> String {
    format!("statistics:{kind}:{id}")
}
