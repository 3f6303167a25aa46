//! Leaves a provider alone after failures, and tries it carefully again.

use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use chrono::{DateTime, TimeDelta, Utc};
use kit::clock::SharedClock;

use crate::providers::Failure;

/// Longest rest that a provider can ask for.
const LONGEST_REST: Duration = Duration::from_mins(10);

/// Whether a provider is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// It works.
    Closed,
    /// It rests after failures.
    Open,
    /// Its rest is over, and one call decides.
    HalfOpen,
}

impl State {
    /// Returns the stable name.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Closed => "closed",
            Self::Open => "open",
            Self::HalfOpen => "half_open",
        }
    }
}

/// What is known of a provider.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Snapshot {
    pub state: State,
    pub last_success_at: Option<DateTime<Utc>>,
    pub last_failure_at: Option<DateTime<Utc>>,
    /// Class of the last failure.
    pub last_failure: Option<&'static str>,
}

#[derive(Debug, Default)]
struct Record {
    failures: u32,
    rests_until: Option<DateTime<Utc>>,
    is_tried: bool,
    last_success_at: Option<DateTime<Utc>>,
    last_failure_at: Option<DateTime<Utc>>,
    last_failure: Option<&'static str>,
}

/// Counts the failures of one provider.
#[derive(Clone)]
pub struct Circuit {
    record: Arc<Mutex<Record>>,
    clock: SharedClock,
    failures_before_rest: u32,
    rest: Duration,
}

impl Circuit {
    /// Starts closed; after `failures_before_rest` failures in a row the provider rests.
    #[must_use]
    pub fn new(clock: SharedClock, failures_before_rest: u32, rest: Duration) -> Self {
        Self { record: Arc::default(), clock, failures_before_rest, rest }
    }

    /// Lets a call through, or not.
    #[must_use]
    pub fn admit(&self) -> Option<Permit> {
        let now = self.clock.now();
        let mut record = self.lock();
        match state(&record, now) {
            State::Closed => {}
            State::Open => return None,
            State::HalfOpen if record.is_tried => return None,
            State::HalfOpen => record.is_tried = true,
        }
        Some(Permit { circuit: self.clone(), is_settled: false })
    }

    /// Tells whether a call would be let through now.
    #[must_use]
    pub fn would_admit(&self) -> bool {
        let record = self.lock();
        match state(&record, self.clock.now()) {
            State::Closed => true,
            State::Open => false,
            State::HalfOpen => !record.is_tried,
        }
    }

    /// Says what is known of the provider.
    #[must_use]
    pub fn snapshot(&self) -> Snapshot {
        let record = self.lock();
        Snapshot {
            state: state(&record, self.clock.now()),
            last_success_at: record.last_success_at,
            last_failure_at: record.last_failure_at,
            last_failure: record.last_failure,
        }
    }

    fn lock(&self) -> MutexGuard<'_, Record> {
        self.record.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn state(record: &Record, now: DateTime<Utc>) -> State {
    match record.rests_until {
        None => State::Closed,
        Some(until) if now < until => State::Open,
        Some(_) => State::HalfOpen,
    }
}

/// One call that was let through; dropped without a verdict, it counts for nothing.
#[must_use]
pub struct Permit {
    circuit: Circuit,
    is_settled: bool,
}

impl Permit {
    /// Says that the provider has begun to answer, so that others can ask it too. How the call ends
    /// is still to be told, and until then no failure before it is forgotten.
    pub fn begun(&mut self) {
        self.is_settled = true;
        let mut record = self.circuit.lock();
        record.rests_until = None;
        record.is_tried = false;
    }

    /// Says that the provider works.
    pub fn succeeded(mut self) {
        self.is_settled = true;
        let now = self.circuit.clock.now();
        let mut record = self.circuit.lock();
        record.failures = 0;
        record.rests_until = None;
        record.is_tried = false;
        record.last_success_at = Some(now);
    }

    /// Says that the provider works and its answer could not be used. Another question may suit
    /// the model better, so it does not rest for that.
    pub fn answered_badly(self) {
        self.answered(&Failure::InvalidAnswer(""));
    }

    fn answered(mut self, failure: &Failure) {
        self.is_settled = true;
        let now = self.circuit.clock.now();
        let mut record = self.circuit.lock();
        record.failures = 0;
        record.rests_until = None;
        record.is_tried = false;
        record.last_failure_at = Some(now);
        record.last_failure = Some(failure.class());
    }

    /// Says how the provider failed.
    pub fn failed(mut self, failure: &Failure) {
        if failure.is_about_the_request() {
            return self.answered(failure);
        }
        self.is_settled = true;
        let now = self.circuit.clock.now();
        let mut record = self.circuit.lock();
        let was_half_open = record.rests_until.is_some();
        record.failures = record.failures.saturating_add(1);
        record.is_tried = false;
        record.last_failure_at = Some(now);
        record.last_failure = Some(failure.class());
        let is_hopeless = matches!(failure, Failure::Unauthorized);
        let asked_for = failure.retry_after();
        if was_half_open
            || is_hopeless
            || asked_for.is_some()
            || record.failures >= self.circuit.failures_before_rest
        {
            let rest = asked_for.unwrap_or(self.circuit.rest).min(LONGEST_REST);
            let rest = TimeDelta::from_std(rest).unwrap_or(TimeDelta::zero());
            record.rests_until = Some(now + rest);
        }
    }
}

impl Drop for Permit {
    fn drop(&mut self) {
        if !self.is_settled {
            self.circuit.lock().is_tried = false;
        }
    }
}

#[cfg(test)]
mod tests {
    use kit::clock::Frozen;

    use super::*;

    fn circuit() -> (Arc<Frozen>, Circuit) {
        let clock = Arc::new(Frozen::new(DateTime::UNIX_EPOCH));
        (clock.clone(), Circuit::new(clock, 2, Duration::from_secs(30)))
    }

    fn fail(circuit: &Circuit, failure: &Failure) {
        circuit.admit().unwrap().failed(failure);
    }

    #[test]
    fn failures_in_a_row_open_and_one_success_closes() {
        let (clock, circuit) = circuit();
        fail(&circuit, &Failure::Timeout);
        circuit.admit().unwrap().succeeded();
        fail(&circuit, &Failure::Timeout);
        assert_eq!(circuit.snapshot().state, State::Closed);
        fail(&circuit, &Failure::Timeout);
        assert_eq!(circuit.snapshot().state, State::Open);
        assert!(circuit.admit().is_none());

        clock.advance(TimeDelta::seconds(30));
        assert_eq!(circuit.snapshot().state, State::HalfOpen);
        let trial = circuit.admit().unwrap();
        assert!(circuit.admit().is_none(), "one call at a time is a trial");
        trial.succeeded();
        assert_eq!(circuit.snapshot().state, State::Closed);
    }

    #[test]
    fn failed_trial_rests_again_and_abandoned_trial_does_not_block() {
        let (clock, circuit) = circuit();
        fail(&circuit, &Failure::Unauthorized);
        assert_eq!(circuit.snapshot().state, State::Open, "a wrong key stays wrong");
        clock.advance(TimeDelta::seconds(30));
        drop(circuit.admit().unwrap());
        fail(&circuit, &Failure::Timeout);
        assert_eq!(circuit.snapshot().state, State::Open);
        assert_eq!(circuit.snapshot().last_failure, Some("timeout"));
    }

    #[test]
    fn begun_answer_lets_others_ask_and_its_end_still_counts() {
        let (clock, circuit) = circuit();
        fail(&circuit, &Failure::Timeout);
        fail(&circuit, &Failure::Timeout);
        clock.advance(TimeDelta::seconds(30));
        let mut trial = circuit.admit().unwrap();
        assert!(!circuit.would_admit());
        trial.begun();
        assert_eq!(circuit.snapshot().state, State::Closed);
        drop(circuit.admit().unwrap());
        trial.failed(&Failure::Timeout);
        assert_eq!(circuit.snapshot().state, State::Open, "it breaks off as before");

        clock.advance(TimeDelta::seconds(30));
        let mut trial = circuit.admit().unwrap();
        trial.begun();
        trial.succeeded();
        fail(&circuit, &Failure::Timeout);
        assert_eq!(circuit.snapshot().state, State::Closed);
    }

    #[test]
    fn unusable_answers_are_told_and_open_nothing() {
        let (_, circuit) = circuit();
        for _ in 0..5 {
            circuit.admit().unwrap().answered_badly();
        }
        let snapshot = circuit.snapshot();
        assert_eq!(snapshot.state, State::Closed);
        assert_eq!(snapshot.last_failure, Some("invalid_answer"));
    }

    #[test]
    fn refused_request_is_nobody_elses_trouble() {
        let (_, circuit) = circuit();
        for status in [400, 413, 422, 400, 413] {
            fail(&circuit, &Failure::Refused { status });
        }
        assert_eq!(circuit.snapshot().state, State::Closed);
        assert_eq!(circuit.snapshot().last_failure, Some("refused"));
        // The model is not there, for anybody.
        fail(&circuit, &Failure::Refused { status: 404 });
        fail(&circuit, &Failure::Refused { status: 404 });
        assert_eq!(circuit.snapshot().state, State::Open);
    }

    #[test]
    fn provider_rests_as_long_as_it_asks() {
        let (clock, circuit) = circuit();
        let retry_after = Some(Duration::from_secs(90));
        fail(&circuit, &Failure::RateLimited { retry_after });
        clock.advance(TimeDelta::seconds(89));
        assert!(!circuit.would_admit());
        clock.advance(TimeDelta::seconds(1));
        assert!(circuit.would_admit());
    }
}
