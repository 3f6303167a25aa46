//! Figures that were counted a moment ago.

use std::{future::Future, time::Duration};

use chrono::{DateTime, NaiveDate, Utc};
use kit::{
    caller::Caller,
    config::CacheTtls,
    db::{DbError, GenericClient},
    error::Chain,
    generations::Generations,
    redis::Cache,
};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use sha2::{Digest as _, Sha256};
use uuid::Uuid;

use super::{
    ClassReport, StudentReport,
    dashboard::{Dashboard, Teaching},
};
use crate::{access::Subject, store::pupils};

/// How long a dashboard may not show what others have recorded. What its reader does, and who
/// teaches and attends which class, counts at once.
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

    /// Makes the figures of students and of their classes be counted again, and the dashboard of the
    /// `caller` who has changed something.
    pub async fn outdate(&self, db: &impl GenericClient, caller: &Caller, students: &[Uuid]) {
        if self.cache.is_absent() {
            return;
        }
        let classes = pupils::classes_of(db, students).await.unwrap_or_else(|error| {
            tracing::warn!(error = %Chain(&error), "figures of classes stay");
            Vec::new()
        });
        let students = students.iter().map(|id| (subject("student", *id), self.student_ttl));
        let classes = classes.iter().map(|id| (subject("class", *id), self.class_ttl));
        let board = (subject("dashboard", caller.user_id), DASHBOARD);
        self.generations.outdate(students.chain(classes).chain([board])).await;
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

    /// Returns when somebody changed anything that their dashboard shows; nothing when nobody knows.
    pub(super) async fn changed_by(&self, caller: Uuid) -> Option<DateTime<Utc>> {
        self.generations.changed(&subject("dashboard", caller)).await
    }

    /// Returns the dashboard of a caller who is now to see what they are `teaching`.
    pub(super) async fn dashboard(
        &self,
        caller: Uuid,
        teaching: &Teaching,
        today: NaiveDate,
        count: impl Future<Output = Result<Dashboard, DbError>>,
    ) -> Result<Dashboard, DbError> {
        let mut hash = Sha256::new();
        for (class, name) in &teaching.classes {
            hash.update(class);
            hash.update(name);
            hash.update([0]);
        }
        for (class, student) in &teaching.enrollments {
            hash.update(class);
            hash.update(student);
        }
        let about = format!("{today} {:?}", <[u8; 32]>::from(hash.finalize()));
        self.report(("dashboard", "dashboard"), caller, about, DASHBOARD, count).await
    }

    pub(super) async fn student(
        &self,
        student: Uuid,
        today: NaiveDate,
        count: impl Future<Output = Result<StudentReport, DbError>>,
    ) -> Result<StudentReport, DbError> {
        let kind = ("statistics", "student");
        self.report(kind, student, today.to_string(), self.student_ttl, count).await
    }

    pub(super) async fn class(
        &self,
        class: Uuid,
        members: &[Uuid],
        today: NaiveDate,
        count: impl Future<Output = Result<ClassReport, DbError>>,
    ) -> Result<ClassReport, DbError> {
        let about = format!("{today} {:?}", hash_of(members));
        self.report(("statistics", "class"), class, about, self.class_ttl, count).await
    }

    /// Returns what is kept `about` the same, or counts it; `cache` names it in the metrics.
    async fn report<T: Serialize + DeserializeOwned>(
        &self,
        (cache, kind): (&'static str, &str),
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
        let known: Option<Counted<T>> = self.cache.get(cache, &key).await;
        if let Some(known) = known.filter(|known| known.about == about) {
            return Ok(known.report);
        }
        let report = count.await?;
        let counted = Counted { about, report };
        self.cache.put(&key, &counted, ttl).await;
        Ok(counted.report)
    }
}

fn hash_of(members: &[Uuid]) -> [u8; 32] {
    let mut hash = Sha256::new();
    for member in members {
        hash.update(member.as_bytes());
    }
    hash.finalize().into()
}

fn subject(kind: &str, id: Uuid) -> String {
    format!("statistics:{kind}:{id}")
}
