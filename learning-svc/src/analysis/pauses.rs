//! Pauses while ai-svc is away, so that the whole backlog does not knock at its door.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use chrono::{DateTime, TimeDelta, Utc};
use rand::RngExt as _;

use crate::store::mistake_jobs::Kind;

/// The first pause; each one after it is twice as long.
const FIRST_MS: i64 = 500;
/// The longest pause: work goes on soon after ai-svc is back.
const LONGEST_MS: i64 = 5_000;

/// Until when the workers of this process leave work of one kind alone.
#[derive(Clone, Debug, Default)]
pub struct Pauses(Arc<Mutex<[Pause; 3]>>);

#[derive(Clone, Copy, Debug, Default)]
struct Pause {
    length_ms: i64,
    until: Option<DateTime<Utc>>,
}

impl Pauses {
    /// Tells whether work of a kind has to wait.
    #[must_use]
    pub fn holds(&self, kind: Kind, now: DateTime<Utc>) -> bool {
        self.all()[place(kind)].until.is_some_and(|until| until > now)
    }

    /// Begins or prolongs a pause and returns its end: half of its length up to the whole of it.
    #[must_use]
    pub fn prolong(&self, kind: Kind, now: DateTime<Utc>) -> DateTime<Utc> {
        let mut all = self.all();
        let pause = &mut all[place(kind)];
        // Workers that failed together prolong it once.
        if let Some(until) = pause.until.filter(|until| *until > now) {
            return until;
        }
        pause.length_ms = (pause.length_ms * 2).clamp(FIRST_MS, LONGEST_MS);
        let length = rand::rng().random_range(pause.length_ms / 2..=pause.length_ms);
        let until = now + TimeDelta::milliseconds(length);
        pause.until = Some(until);
        until
    }

    /// Ends a pause: ai-svc has answered.
    pub fn end(&self, kind: Kind) {
        self.all()[place(kind)] = Pause::default();
    }

    fn all(&self) -> MutexGuard<'_, [Pause; 3]> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn place(kind: Kind) -> usize {
    match kind {
        Kind::Analyse => 0,
        Kind::Index => 1,
        Kind::Forget => 2,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_to_five_seconds_and_end_with_an_answer() {
        let pauses = Pauses::default();
        let mut now = DateTime::UNIX_EPOCH;
        let mut longest = TimeDelta::zero();
        for _ in 0..20 {
            let until = pauses.prolong(Kind::Analyse, now);
            assert!(pauses.holds(Kind::Analyse, now) && !pauses.holds(Kind::Index, now));
            assert_eq!(pauses.prolong(Kind::Analyse, now), until);
            longest = longest.max(until - now);
            now = until;
            assert!(!pauses.holds(Kind::Analyse, now));
        }
        assert!((TimeDelta::milliseconds(2_500)..=TimeDelta::seconds(5)).contains(&longest));
        pauses.end(Kind::Analyse);
        assert!(pauses.prolong(Kind::Analyse, now) - now <= TimeDelta::milliseconds(500));
    }
}
