//! What a teacher should know at first sight: today, this week, and which classes need attention.

use std::cmp::Reverse;

use chrono::{DateTime, Days, NaiveDate, Utc};
use kit::{
    caller::{Caller, Role},
    db::{DbError, GenericClient},
};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{Day, Statistics, StatisticsError, share};
use crate::{
    access::AccessError,
    store::{activity, standing},
};

/// Days of a week, today included.
const WEEK_DAYS: u64 = 7;
/// Classes that are shown at most.
const MOST_SHOWN: usize = 10;
/// Reviews left over from earlier days, per student, from which on a class needs attention.
const MANY_OVERDUE: u32 = 5;
/// Mastery below which a class needs attention, as soon as it has enough mistakes to tell.
const LOW_MASTERY: f64 = 0.3;
const ENOUGH_MISTAKES: u32 = 20;

/// Why a class needs attention.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Reason {
    NoStudents,
    /// Less than half of the students did anything in the last 7 days.
    InactiveStudents,
    /// Five reviews per student or more are left over from earlier days.
    OverdueReviews,
    /// Less than 0.3 of at least 20 mistakes are mastered.
    LowMastery,
}

/// How one class stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClassStanding {
    pub id: Uuid,
    pub name: String,
    pub students: u32,
    /// Those who did something in the last 7 days.
    pub active_students: u32,
    /// Mistakes that are neither mastered nor ignored.
    pub open: u32,
    pub mastered: u32,
    /// Reviews left over from earlier days.
    pub overdue: u32,
}

impl ClassStanding {
    /// Returns the share of mastered among the mistakes that are not ignored, 0 to 1.
    #[must_use]
    pub fn mastery(&self) -> f64 {
        share(self.mastered, self.counted())
    }

    fn counted(&self) -> u32 {
        self.mastered.saturating_add(self.open)
    }

    fn reasons(&self) -> Vec<Reason> {
        if self.students == 0 {
            return vec![Reason::NoStudents];
        }
        let inactive = self.active_students.saturating_mul(2) < self.students;
        let overdue = self.overdue >= self.students.saturating_mul(MANY_OVERDUE);
        let low = self.counted() >= ENOUGH_MISTAKES && self.mastery() < LOW_MASTERY;
        let reasons = [
            inactive.then_some(Reason::InactiveStudents),
            overdue.then_some(Reason::OverdueReviews),
            low.then_some(Reason::LowMastery),
        ];
        reasons.into_iter().flatten().collect()
    }
}

/// A class that needs attention.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attention {
    pub class: ClassStanding,
    pub reasons: Vec<Reason>,
}

/// What a teacher should know at first sight.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Dashboard {
    pub day: NaiveDate,
    /// Enrolled in an active class of the caller.
    pub students: u32,
    pub analyses_waiting: u32,
    /// Seven days until today, the oldest first.
    pub week: Vec<Day>,
    /// Those with the most reasons first, at most 10.
    pub classes: Vec<Attention>,
}

/// The classes that somebody teaches or administers, and who attends them.
#[derive(Clone, Debug)]
pub struct Teaching {
    /// With their names.
    pub classes: Vec<(Uuid, String)>,
    /// Classes and students, a student's classes after each other.
    pub enrollments: Vec<(Uuid, Uuid)>,
}

impl Teaching {
    fn students(&self) -> Vec<Uuid> {
        let mut students: Vec<Uuid> =
            self.enrollments.iter().map(|(_, student)| *student).collect();
        students.dedup();
        students
    }
}

impl Statistics {
    /// Sums up the active classes that the caller teaches or administers.
    pub async fn dashboard(&self, caller: &Caller) -> Result<Dashboard, StatisticsError> {
        let teacher = match caller.role {
            Role::Admin => None,
            Role::Teacher => Some(caller.user_id),
            Role::Student => return Err(AccessError::TeachersOnly.into()),
        };
        let (now, own) = (self.clock.now(), caller.user_id);
        let db = self.pool.get().await.map_err(DbError::from)?;
        let classes = activity::classes_at_work(&db, caller.organization_id, teacher).await?;
        let ids: Vec<Uuid> = classes.iter().map(|(id, _)| *id).collect();
        let enrollments = standing::enrollments(&db, &ids).await?;
        let teaching = Teaching { classes, enrollments };
        let count = Box::pin(async {
            let db = self.reads.instead_of(db, self.remembered.changed_by(own)).await;
            self.count(&db, &teaching, now).await
        });
        Ok(self.remembered.dashboard(own, &teaching, self.days.day(now), count).await?)
    }

    async fn count(
        &self,
        db: &impl GenericClient,
        teaching: &Teaching,
        now: DateTime<Utc>,
    ) -> Result<Dashboard, DbError> {
        let today = self.days.day(now);
        let span = (today - Days::new(WEEK_DAYS - 1), today);
        let students = teaching.students();
        let standings = activity::classes(db, teaching, self.days.start(today), now).await?;
        Ok(Dashboard {
            day: today,
            students: u32::try_from(students.len()).unwrap_or(u32::MAX),
            analyses_waiting: activity::analyses_waiting(db, &students).await?,
            week: activity::of(db, &students, span, self.days).await?,
            classes: needy(standings),
        })
    }
}

/// Returns the classes that need attention, the worst first.
fn needy(classes: Vec<ClassStanding>) -> Vec<Attention> {
    let mut needy: Vec<Attention> = classes
        .into_iter()
        .map(|class| Attention { reasons: class.reasons(), class })
        .filter(|one| !one.reasons.is_empty())
        .collect();
    needy.sort_by_cached_key(|one| {
        let class = &one.class;
        let worst = (one.reasons.len(), class.overdue, class.open);
        (Reverse(worst), class.name.clone(), class.id)
    });
    needy.truncate(MOST_SHOWN);
    needy
}

#[cfg(test)]
mod tests {
    use super::*;

    fn class(name: &str, numbers: [u32; 5]) -> ClassStanding {
        let [students, active_students, open, mastered, overdue] = numbers;
        let (id, name) = (Uuid::now_v7(), name.to_owned());
        ClassStanding { id, name, students, active_students, open, mastered, overdue }
    }

    #[test]
    fn reasons_follow_from_the_figures() {
        assert_eq!(class("", [0; 5]).reasons(), [Reason::NoStudents]);
        assert_eq!(class("", [10, 5, 14, 6, 49]).reasons(), []);
        assert_eq!(class("", [10, 4, 0, 0, 0]).reasons(), [Reason::InactiveStudents]);
        assert_eq!(class("", [10, 5, 0, 0, 50]).reasons(), [Reason::OverdueReviews]);
        assert_eq!(class("", [10, 5, 15, 5, 0]).reasons(), [Reason::LowMastery]);
        assert_eq!(class("", [10, 5, 14, 5, 0]).reasons(), [], "too few to tell");
    }

    #[test]
    fn worst_classes_come_first_and_good_ones_not_at_all() {
        let classes = vec![
            class("empty", [0; 5]),
            class("good", [10, 10, 1, 30, 0]),
            class("bad", [10, 0, 100, 0, 100]),
            class("late", [10, 10, 10, 10, 90]),
        ];
        let names: Vec<_> = needy(classes).into_iter().map(|one| one.class.name).collect();
        assert_eq!(names, ["bad", "late", "empty"]);
        let many = (0..20).map(|n| class(&n.to_string(), [0; 5])).collect();
        assert_eq!(needy(many).len(), MOST_SHOWN);
    }
}
