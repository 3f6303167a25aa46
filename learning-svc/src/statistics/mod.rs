//! Figures about students and classes, counted from the records.

mod activity;
mod dashboard;
mod error;
mod progress;
mod remembered;
mod students;

use std::{future::Future, pin::Pin};

pub use activity::Day;
use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
pub use dashboard::{Attention, ClassStanding, Dashboard, Reason, Teaching};
pub use error::StatisticsError;
use kit::{
    caller::Caller,
    clock::SharedClock,
    db::{Client, DbError, Pool, Reads},
};
pub use progress::{Past, Point, StatusChange, Step};
pub use remembered::Remembered;
use serde::{Deserialize, Serialize};
pub use students::{LineOrder, Lines};
use uuid::Uuid;

use crate::{
    access::{self, Subject},
    mistake::KnowledgePoint,
    review::SchoolDays,
    store::{
        figures, lines,
        pupils::{self, Pupil},
        reviews, standing,
    },
};

/// A student is active who did something within this time.
pub const ACTIVE: TimeDelta = TimeDelta::days(7);

/// A span of time that is counted; absent ends are open.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Span {
    pub from: Option<DateTime<Utc>>,
    /// Not included.
    pub until: Option<DateTime<Utc>>,
}

impl Span {
    fn is_everything(self) -> bool {
        self == Self::default()
    }
}

/// Mistakes with something in common.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Count {
    pub key: String,
    pub mistakes: u32,
    pub mastered: u32,
}

/// What students get wrong about one knowledge point.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct WeakPoint {
    pub point: KnowledgePoint,
    pub mistakes: u32,
    pub times_wrong: u32,
    pub mastered: u32,
    /// Students with at least one mistake of it that is not mastered.
    pub students_affected: u32,
}

/// What happened in one week.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Week {
    /// The Monday.
    pub first_day: NaiveDate,
    pub new_mistakes: u32,
    pub reviews: u32,
    pub correct_reviews: u32,
}

/// Figures about the mistakes of one or many students.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Figures {
    pub mistakes: u32,
    pub times_wrong: u32,
    pub pending: u32,
    pub reviewing: u32,
    pub mastered: u32,
    pub ignored: u32,
    pub by_type: Vec<Count>,
    pub by_topic: Vec<Count>,
    /// The weakest first.
    pub by_knowledge_point: Vec<WeakPoint>,
    /// The last 12 weeks, the oldest first.
    pub trend: Vec<Week>,
    pub reviews: u32,
    pub correct_reviews: u32,
}

impl Figures {
    /// Returns the share of mastered among those that are not ignored, 0 to 1.
    #[must_use]
    pub fn mastery(&self) -> f64 {
        share(self.mastered, self.mistakes.saturating_sub(self.ignored))
    }
}

/// Days in a row with at least one review.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Streak {
    /// Up to today or yesterday.
    pub days: u32,
    pub longest_days: u32,
}

/// Figures about one student.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StudentReport {
    pub figures: Figures,
    pub streak: Streak,
    #[serde(skip)]
    pub due_today: u32,
}

/// One student among others.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Line {
    pub student_id: Uuid,
    pub mistakes: u32,
    pub pending: u32,
    pub reviewing: u32,
    pub mastered: u32,
    /// Neither mastered nor ignored.
    pub open: u32,
    pub due: u32,
    pub new_this_week: u32,
    pub reviews_this_week: u32,
    pub last_active_at: Option<DateTime<Utc>>,
}

impl Line {
    /// Returns the share of mastered among those that are not ignored, 0 to 1.
    #[must_use]
    pub fn mastery(&self) -> f64 {
        share(self.mastered, self.mastered.saturating_add(self.open))
    }
}

fn share(part: u32, whole: u32) -> f64 {
    if whole == 0 { 0.0 } else { f64::from(part) / f64::from(whole) }
}

/// The present, and the beginnings of its day, of the next one and of its week.
#[derive(Clone, Copy, Debug)]
pub struct Moment {
    pub now: DateTime<Utc>,
    pub today: DateTime<Utc>,
    pub tomorrow: DateTime<Utc>,
    pub week: DateTime<Utc>,
}

/// Figures about a class.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClassReport {
    pub figures: Figures,
    pub students: u32,
    pub active_students: u32,
    /// Those with the most open mistakes first.
    pub lines: Vec<Line>,
}

/// The use cases around figures.
#[derive(Clone)]
pub struct Statistics {
    pool: Pool,
    /// Where figures are counted; whoever may see them is asked of `pool`.
    reads: Reads,
    clock: SharedClock,
    days: SchoolDays,
    remembered: Remembered,
}

type Counting<'a, T> = Pin<Box<dyn Future<Output = Result<T, DbError>> + Send + 'a>>;

impl Statistics {
    /// Wires the use cases together.
    #[must_use]
    pub fn new(
        (pool, reads): (Pool, Reads),
        clock: SharedClock,
        days: SchoolDays,
        remembered: Remembered,
    ) -> Self {
        Self { pool, reads, clock, days, remembered }
    }

    /// Returns the figures of a student.
    pub async fn student(
        &self,
        caller: &Caller,
        student: Uuid,
        span: Span,
    ) -> Result<StudentReport, StatisticsError> {
        let db = self.pool.get().await.map_err(DbError::from)?;
        access::student(&db, caller, student).await?;
        drop(db);
        let about = Subject::student(student);
        let (now, days) = (self.clock.now(), self.days);
        let count: Counting<'_, StudentReport> = Box::pin(async {
            let db = self.reader(about).await?;
            Ok(StudentReport {
                figures: figures::of(&db, &[student], span, now, days).await?,
                streak: figures::streak(&db, student, now, days).await?,
                due_today: 0,
            })
        });
        let mut report = if span.is_everything() {
            self.remembered.student(student, days.day(now), count).await?
        } else {
            count.await?
        };
        // What is due changes by itself.
        let db = self.reader(about).await?;
        report.due_today = reviews::due(&db, student, now, days).await?.today();
        Ok(report)
    }

    /// Returns the figures of a class and its students, for those who teach it.
    pub async fn class(
        &self,
        caller: &Caller,
        class: Uuid,
        span: Span,
    ) -> Result<(ClassReport, Vec<Pupil>), StatisticsError> {
        let db = self.pool.get().await.map_err(DbError::from)?;
        access::teacher_of(&db, caller, class).await?;
        let members = standing::members(&db, class).await?;
        drop(db);
        let (now, days) = (self.clock.now(), self.days);
        let count: Counting<'_, ClassReport> = Box::pin(async {
            let db = self.reader(Subject::class(class)).await?;
            let figures = figures::of(&db, &members, span, now, days).await?;
            let (active_students, lines) = lines::of(&db, &members, span, self.moment()).await?;
            let students = u32::try_from(members.len()).unwrap_or(u32::MAX);
            Ok(ClassReport { figures, students, active_students, lines })
        });
        let report = if span.is_everything() {
            self.remembered.class(class, &members, days.day(now), count).await?
        } else {
            count.await?
        };
        let ids: Vec<Uuid> = report.lines.iter().map(|line| line.student_id).collect();
        Ok((report, self.pupils(caller, &ids).await?))
    }

    /// Returns where figures are counted. For those that are kept, ask under which key first: what
    /// was changed between the two may not be known here yet, and goes under another key.
    async fn reader(&self, about: Subject) -> Result<Client, DbError> {
        let db = self.pool.get().await?;
        Ok(self.reads.instead_of(db, self.remembered.changed(about)).await)
    }

    /// Returns students as they are called now.
    async fn pupils(&self, caller: &Caller, ids: &[Uuid]) -> Result<Vec<Pupil>, DbError> {
        pupils::get_all(&self.pool.get().await?, caller, ids).await
    }

    fn moment(&self) -> Moment {
        let now = self.clock.now();
        let (today, tomorrow) = self.days.around(now);
        let week = self.days.start(SchoolDays::monday(self.days.day(now)));
        Moment { now, today, tomorrow, week }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ignored_mistakes_do_not_count_for_mastery() {
        let figures = Figures { mistakes: 10, ignored: 2, mastered: 4, ..Figures::default() };
        assert!((figures.mastery() - 0.5).abs() < f64::EPSILON);
        assert!(Figures::default().mastery().abs() < f64::EPSILON);
    }
}
