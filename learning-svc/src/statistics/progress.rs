//! How a student came along: what was mastered and remembered at the end of each day.

use chrono::{DateTime, Days, NaiveDate, Utc};
use kit::{caller::Caller, db::DbError};
use uuid::Uuid;

use super::{Statistics, StatisticsError, activity::asked_days, share};
use crate::{
    access::{self, Subject},
    mistake::Status,
    review::{Memory, SchoolDays, retrievability},
    store::progress,
};

/// How far the points of a curve are apart.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Step {
    #[default]
    Day,
    Week,
}

impl Step {
    fn days(self) -> u64 {
        match self {
            Self::Day => 1,
            Self::Week => 7,
        }
    }
}

/// How a student stood at the end of one day.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Point {
    pub day: NaiveDate,
    /// Made by then and not ignored.
    pub mistakes: u32,
    pub mastered: u32,
    /// Mean probability of recall over those that were reviewed by then.
    pub mean_retrievability: Option<f64>,
}

impl Point {
    /// Returns the share of mastered, 0 to 1.
    #[must_use]
    pub fn mastery(&self) -> f64 {
        share(self.mastered, self.mistakes)
    }
}

/// One mistake, and what happened to it.
#[derive(Clone, Debug)]
pub struct Past {
    /// The present one.
    pub status: Status,
    pub first_mistaken_at: DateTime<Utc>,
    /// The oldest first.
    pub changes: Vec<StatusChange>,
    /// States of memory after each review that counted, the oldest first.
    pub memories: Vec<Memory>,
}

/// The end of a status.
#[derive(Clone, Copy, Debug)]
pub struct StatusChange {
    pub before: Status,
    pub at: DateTime<Utc>,
}

impl Past {
    fn status_at(&self, moment: DateTime<Utc>) -> Status {
        let next = self.changes.iter().find(|change| change.at >= moment);
        next.map_or(self.status, |change| change.before)
    }

    fn recall_at(&self, moment: DateTime<Utc>) -> Option<f64> {
        let memory = self.memories.iter().rev().find(|memory| memory.at < moment)?;
        Some(retrievability(memory, moment))
    }
}

impl Statistics {
    /// Tells how a student stood at the end of each day, or of every seventh up to the last; days
    /// of which that is not known are left out, and so are those before the first mistake.
    pub async fn progress(
        &self,
        caller: &Caller,
        student: Uuid,
        asked: (Option<NaiveDate>, Option<NaiveDate>),
        step: Step,
    ) -> Result<Vec<Point>, StatisticsError> {
        let db = self.pool.get().await.map_err(DbError::from)?;
        access::student(&db, caller, student).await?;
        let now = self.clock.now();
        let (first, last) = asked_days(asked, self.days.day(now))?;
        let known_from = progress::known_from(&db, student).await?;
        let first = known_from.map_or(first, |from| first.max(self.days.day(from)));
        let last = last.min(self.days.day(now));
        if first > last {
            return Ok(Vec::new());
        }
        let changed = self.remembered.changed(Subject::student(student));
        let db = self.reads.instead_of(db, changed).await;
        let span = (self.end(first, now), self.end(last, now));
        let past = progress::past(&db, student, span).await?;
        Ok(points(&past, (first, last), step, now, self.days))
    }

    fn end(&self, day: NaiveDate, now: DateTime<Utc>) -> DateTime<Utc> {
        end(day, now, self.days)
    }
}

/// Returns the first moment after a day; of today, the one after now.
fn end(day: NaiveDate, now: DateTime<Utc>, days: SchoolDays) -> DateTime<Utc> {
    days.start(day + Days::new(1)).min(now + chrono::TimeDelta::microseconds(1))
}

fn points(
    past: &[Past],
    (first, last): (NaiveDate, NaiveDate),
    step: Step,
    now: DateTime<Utc>,
    days: SchoolDays,
) -> Vec<Point> {
    let mut wanted = Vec::new();
    let mut day = Some(last);
    while let Some(one) = day.filter(|day| *day >= first) {
        wanted.push(one);
        day = one.checked_sub_days(Days::new(step.days()));
    }
    let points = wanted.into_iter().rev().map(|day| point(past, day, end(day, now, days)));
    let begun = past.iter().map(|past| days.day(past.first_mistaken_at)).min();
    points.filter(|point| begun.is_some_and(|begun| point.day >= begun)).collect()
}

fn point(past: &[Past], day: NaiveDate, end: DateTime<Utc>) -> Point {
    let mut point = Point { day, mistakes: 0, mastered: 0, mean_retrievability: None };
    let (mut sum, mut reviewed) = (0.0, 0_u32);
    for past in past.iter().filter(|past| past.first_mistaken_at < end) {
        match past.status_at(end) {
            Status::Ignored => continue,
            Status::Mastered => point.mastered += 1,
            Status::Pending | Status::Reviewing => {}
        }
        point.mistakes += 1;
        if let Some(recall) = past.recall_at(end) {
            sum += recall;
            reviewed += 1;
        }
    }
    point.mean_retrievability = (reviewed > 0).then(|| sum / f64::from(reviewed));
    point
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;

    use super::*;

    fn noon(day: i64) -> DateTime<Utc> {
        DateTime::UNIX_EPOCH + TimeDelta::hours(4) + TimeDelta::days(day)
    }

    fn curve(past: &[Past], days: (i64, i64), step: Step) -> Vec<(u32, u32)> {
        let school = SchoolDays::default();
        let span = (school.day(noon(days.0)), school.day(noon(days.1)));
        let points = points(past, span, step, noon(days.1), school);
        points.iter().map(|point| (point.mistakes, point.mastered)).collect()
    }

    #[test]
    fn status_of_a_day_is_the_one_before_the_next_change() {
        let change = |before, day| StatusChange { before, at: noon(day) };
        let past = [
            Past {
                status: Status::Reviewing,
                first_mistaken_at: noon(1),
                changes: vec![change(Status::Pending, 3), change(Status::Mastered, 5)],
                memories: Vec::new(),
            },
            Past {
                status: Status::Ignored,
                first_mistaken_at: noon(2),
                changes: vec![change(Status::Pending, 4)],
                memories: Vec::new(),
            },
        ];
        assert_eq!(
            curve(&past, (0, 6), Step::Day),
            [(1, 0), (2, 0), (2, 1), (1, 1), (1, 0), (1, 0)]
        );
        assert_eq!(curve(&past, (-7, 6), Step::Week), [(1, 0)]);
        assert_eq!(curve(&[], (0, 6), Step::Day), []);
    }

    #[test]
    fn recall_falls_from_review_to_review() {
        let memory = |day, stability_days| Memory {
            stability_days,
            difficulty: 5.0,
            at: noon(day),
            interval_days: 0,
        };
        let past = Past {
            status: Status::Reviewing,
            first_mistaken_at: noon(0),
            changes: Vec::new(),
            memories: vec![memory(1, 2.0), memory(4, 8.0)],
        };
        let recall: Vec<_> = [0, 1, 3, 4, 12]
            .map(|day| past.recall_at(noon(day) + TimeDelta::microseconds(1)))
            .into_iter()
            .collect();
        assert_eq!(recall[0], None);
        let known: Vec<f64> = recall.into_iter().flatten().collect();
        assert!(known[0] > 0.999 && (known[1] - 0.9).abs() < 1e-3, "{known:?}");
        assert!(known[2] > 0.999 && (known[3] - 0.9).abs() < 1e-3, "{known:?}");
    }
}
