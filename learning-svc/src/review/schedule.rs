//! When an entry is asked next: FSRS-6 with its default parameters.
//!
//! Source: <https://github.com/open-spaced-repetition/fsrs4anki/wiki/The-Algorithm>.

use chrono::{DateTime, TimeDelta, Utc};
use fsrs::{FSRS, FSRS6_DEFAULT_DECAY, FSRSError, MemoryState};

use super::{DESIRED_RETENTION, MASTERED_DAYS, Memory, Rating, SchoolDays};

/// The longest interval, a hundred years.
const LONGEST_DAYS: f32 = 36_500.0;
const DAY_SECONDS: f64 = 86_400.0;

/// Computes states of memory.
#[derive(Clone, Debug, Default)]
pub struct Scheduler {
    fsrs: FSRS,
    days: SchoolDays,
}

impl Scheduler {
    /// Makes a scheduler that counts days as the school does.
    #[must_use]
    pub fn new(days: SchoolDays) -> Self {
        Self { fsrs: FSRS::default(), days }
    }

    /// Returns how days are counted.
    #[must_use]
    pub fn days(&self) -> SchoolDays {
        self.days
    }

    /// Tells whether a review at `now` repeats one that counted on the same day.
    #[must_use]
    pub fn is_same_day(&self, memory: Option<Memory>, now: DateTime<Utc>) -> bool {
        memory.is_some_and(|memory| self.days.day(memory.at) >= self.days.day(now))
    }

    /// Returns the state of memory after a review at `now` that counts.
    ///
    /// # Errors
    ///
    /// Fails when the former state makes no sense.
    pub fn after(
        &self,
        memory: Option<Memory>,
        rating: Rating,
        now: DateTime<Utc>,
    ) -> Result<Memory, FSRSError> {
        let elapsed = memory.map_or(0, |memory| {
            let days = self.days.day(now) - self.days.day(memory.at);
            u32::try_from(days.num_days()).unwrap_or_default()
        });
        let states = self.fsrs.next_states(memory.map(state), DESIRED_RETENTION, elapsed)?;
        let next = match rating {
            Rating::Again => states.again,
            Rating::Hard => states.hard,
            Rating::Good => states.good,
            Rating::Easy => states.easy,
        };
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "held within 1 and a hundred years"
        )]
        let interval_days = next.interval.round().clamp(1.0, LONGEST_DAYS) as u32;
        Ok(Memory {
            stability_days: f64::from(next.memory.stability),
            difficulty: f64::from(next.memory.difficulty),
            at: now,
            interval_days,
        })
    }
}

/// Tells whether a right answer that led to `memory` means that the entry is mastered.
pub(super) fn is_mastered(memory: &Memory) -> bool {
    memory.stability_days >= MASTERED_DAYS
}

/// Returns after how many days recall has fallen to the desired probability.
pub(super) fn rested_days(memory: &Memory) -> u32 {
    let mut days = memory.interval_days;
    let chance = |days: u32| {
        let moment = memory.at + TimeDelta::days(i64::from(days));
        retrievability(memory, moment)
    };
    while chance(days) > f64::from(DESIRED_RETENTION) && days < memory.interval_days + 2 {
        days += 1;
    }
    days
}

/// Returns the memory of an entry that somebody calls mastered before its first review: that of
/// one which was easy the first time. Who vouches for it says that it takes no effort; as merely
/// good, it would come back after two days, as if nobody had said so.
///
/// # Errors
///
/// Never does: nothing comes before it.
pub fn vouched(now: DateTime<Utc>) -> Result<Memory, FSRSError> {
    let easy = Scheduler::default().after(None, Rating::Easy, now)?;
    Ok(Memory { interval_days: rested_days(&easy), ..easy })
}

#[expect(clippy::cast_possible_truncation, reason = "FSRS computes in single precision")]
fn state(memory: Memory) -> MemoryState {
    MemoryState { stability: memory.stability_days as f32, difficulty: memory.difficulty as f32 }
}

/// Returns the probability of recall at `now`, 0 to 1.
#[must_use]
pub fn retrievability(memory: &Memory, now: DateTime<Utc>) -> f64 {
    let elapsed = (now - memory.at).max(TimeDelta::zero());
    #[expect(clippy::cast_possible_truncation, reason = "FSRS computes in single precision")]
    let days = (elapsed.as_seconds_f64() / DAY_SECONDS) as f32;
    let chance = fsrs::current_retrievability(state(*memory), days, FSRS6_DEFAULT_DECAY);
    f64::from(chance.clamp(0.0, 1.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn noon(day: i64) -> DateTime<Utc> {
        DateTime::UNIX_EPOCH + TimeDelta::hours(4) + TimeDelta::days(day)
    }

    #[test]
    fn first_review_starts_from_the_published_parameters() {
        let scheduler = Scheduler::default();
        let good = scheduler.after(None, Rating::Good, noon(0)).unwrap();
        assert!((good.stability_days - 2.3065).abs() < 1e-4, "{good:?}");
        assert_eq!(good.interval_days, 2);
        let again = scheduler.after(None, Rating::Again, noon(0)).unwrap();
        assert_eq!(again.interval_days, 1);
        assert!(again.difficulty > good.difficulty);
    }

    #[test]
    fn right_answers_lengthen_the_interval_until_mastery() {
        let scheduler = Scheduler::default();
        let mut memory = scheduler.after(None, Rating::Good, noon(0)).unwrap();
        let mut reviews = 1;
        while !is_mastered(&memory) {
            let next = scheduler.after(Some(memory), Rating::Good, memory.due_at()).unwrap();
            assert!(next.interval_days > memory.interval_days);
            memory = next;
            reviews += 1;
        }
        assert!((3..=5).contains(&reviews), "{reviews}");
    }

    #[test]
    fn recall_has_fallen_to_nine_tenths_when_it_is_due() {
        let memory =
            Memory { stability_days: 30.0, difficulty: 5.0, at: noon(0), interval_days: 30 };
        assert!((retrievability(&memory, memory.due_at()) - 0.9).abs() < 1e-3);
        assert!(retrievability(&memory, noon(0)) > 0.999);
        assert!(retrievability(&memory, noon(29)) > 0.9);
    }

    #[test]
    fn what_somebody_vouches_for_rests_until_its_recall_has_fallen() {
        let memory = vouched(noon(0)).unwrap();
        // As the migration of earlier entries has it.
        assert!((memory.stability_days - 8.2956).abs() < 1e-4, "{memory:?}");
        assert!((memory.difficulty - 1.0).abs() < 1e-6, "{memory:?}");
        assert_eq!(memory.interval_days, 9);
        assert!(retrievability(&memory, memory.due_at()) <= 0.9);
        assert!(retrievability(&memory, noon(8)) > 0.9);
    }

    #[test]
    fn wrong_answer_shortens_stability() {
        let scheduler = Scheduler::default();
        let memory =
            Memory { stability_days: 30.0, difficulty: 5.0, at: noon(0), interval_days: 30 };
        let after = scheduler.after(Some(memory), Rating::Again, noon(30)).unwrap();
        assert!(after.stability_days < 10.0);
        assert!(scheduler.is_same_day(Some(after), noon(30) + TimeDelta::hours(3)));
        assert!(!scheduler.is_same_day(Some(after), noon(31)));
    }
}
