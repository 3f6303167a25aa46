//! Spaced repetition of mistakes.

mod answer;
mod days;
mod error;
mod practice;
mod schedule;
mod spread;

pub use answer::{AnswerForm, answer_form, is_mended, is_right};
use chrono::{DateTime, TimeDelta, Utc};
pub use days::SchoolDays;
pub use error::ReviewError;
pub use practice::{Answered, DueList, Given, NewReview, Reviews};
pub use schedule::{Scheduler, retrievability, vouched};
use uuid::Uuid;

use crate::mistake::Status;

/// Probability of recall at which an entry becomes due.
pub const DESIRED_RETENTION: f32 = 0.9;
/// Stability in days from which on a right answer means that an entry is mastered.
pub const MASTERED_DAYS: f64 = 21.0;
/// Reviews of one day at most; the others wait for the next.
pub const DAILY_REVIEWS: u32 = 60;
/// When an entry that was answered wrong is asked again.
pub const AGAIN: TimeDelta = TimeDelta::minutes(10);

/// State of a student's memory of one entry (FSRS-6).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Memory {
    /// Days after which recall has a probability of 0.9.
    pub stability_days: f64,
    /// 1 to 10.
    pub difficulty: f64,
    /// The last review that counted; before the first, when somebody called the entry mastered.
    pub at: DateTime<Utc>,
    /// Days from then to the next one.
    pub interval_days: u32,
}

impl Memory {
    /// Returns when the next review is due.
    #[must_use]
    pub fn due_at(&self) -> DateTime<Utc> {
        self.at + TimeDelta::days(i64::from(self.interval_days))
    }
}

/// How well the student remembered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Rating {
    Again = 1,
    Hard,
    Good,
    Easy,
}

impl Rating {
    /// Reads a stored rating.
    #[must_use]
    pub fn numbered(number: i16) -> Option<Self> {
        match number {
            1 => Some(Self::Again),
            2 => Some(Self::Hard),
            3 => Some(Self::Good),
            4 => Some(Self::Easy),
            _ => None,
        }
    }

    /// Returns the rating as it is stored.
    #[must_use]
    pub fn number(self) -> i16 {
        match self {
            Self::Again => 1,
            Self::Hard => 2,
            Self::Good => 3,
            Self::Easy => 4,
        }
    }

    /// Tells whether the student knew the answer.
    #[must_use]
    pub fn is_right(self) -> bool {
        self > Self::Again
    }
}

/// One review that was done.
#[derive(Clone, Debug, PartialEq)]
pub struct Review {
    pub id: Uuid,
    pub mistake_id: Uuid,
    pub student_id: Uuid,
    pub reviewed_at: DateTime<Utc>,
    pub rating: Rating,
    pub is_correct: bool,
    /// Empty when the student graded themself.
    pub answer: String,
    pub stability_days: f64,
    pub difficulty: f64,
    /// Probability of recall when it was asked; unknown at the first review.
    pub retrievability: Option<f64>,
    /// A repeat on the same day, kept out of the long-term schedule.
    pub is_same_day: bool,
    pub duration_ms: u32,
    pub next_due_at: DateTime<Utc>,
}

/// Returns when an entry is due after somebody set its status by hand.
#[must_use]
pub fn planned(
    (before, after): (Status, Status),
    memory: Option<Memory>,
    due_at: Option<DateTime<Utc>>,
    now: DateTime<Utc>,
) -> Option<DateTime<Utc>> {
    match after {
        Status::Ignored => None,
        // What is overdue has been remembered just now: its interval begins anew.
        Status::Mastered => memory.map(|memory| match memory.due_at() {
            due if due > now => due,
            _ => now + TimeDelta::days(i64::from(memory.interval_days)),
        }),
        Status::Pending | Status::Reviewing => match before {
            Status::Mastered | Status::Ignored => Some(now),
            Status::Pending | Status::Reviewing => due_at.or(Some(now)),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ignored_entry_is_not_due_until_it_is_taken_up_again() {
        let now = DateTime::UNIX_EPOCH;
        let due = Some(now + TimeDelta::days(3));
        assert_eq!(planned((Status::Pending, Status::Ignored), None, due, now), None);
        assert_eq!(planned((Status::Ignored, Status::Pending), None, None, now), Some(now));
        assert_eq!(planned((Status::Pending, Status::Reviewing), None, due, now), due);
    }

    #[test]
    fn mastered_by_hand_comes_back_when_it_is_forgotten() {
        let now = DateTime::UNIX_EPOCH;
        let memory = Memory { stability_days: 9.0, difficulty: 5.0, at: now, interval_days: 9 };
        let both = (Status::Reviewing, Status::Mastered);
        assert_eq!(planned(both, Some(memory), Some(now), now), Some(now + TimeDelta::days(9)));
        assert_eq!(planned(both, None, Some(now), now), None);
        let late = now + TimeDelta::days(30);
        assert_eq!(planned(both, Some(memory), Some(now), late), Some(late + TimeDelta::days(9)));
    }
}
