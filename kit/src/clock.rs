//! Time, and identifiers that carry it, as something that is passed in.

use std::sync::{Arc, Mutex, PoisonError};

use chrono::{DateTime, SubsecRound as _, TimeDelta, Utc};
use uuid::{ContextV7, Timestamp, Uuid};

/// Tells the time, and makes identifiers of it.
pub trait Clock: Send + Sync + 'static {
    /// Returns the present moment.
    fn now(&self) -> DateTime<Utc>;

    /// Makes a UUID of version 7 (RFC 9562) of the present moment, greater than those made before.
    fn new_id(&self) -> Uuid;
}

/// A clock shared by the parts of a process.
pub type SharedClock = Arc<dyn Clock>;

/// Tells the time of the machine in microseconds, as PostgreSQL keeps it: what is answered at once
/// and what is read later are the same.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> DateTime<Utc> {
        Utc::now().trunc_subsecs(6)
    }

    fn new_id(&self) -> Uuid {
        Uuid::now_v7()
    }
}

/// Stands still until it is moved.
#[derive(Debug)]
pub struct Frozen {
    now: Mutex<DateTime<Utc>>,
    made: Mutex<ContextV7>,
}

impl Frozen {
    /// Makes a clock that stands at `moment`.
    #[must_use]
    pub fn new(moment: DateTime<Utc>) -> Self {
        Self { now: Mutex::new(moment), made: Mutex::default() }
    }

    /// Moves the clock to `moment`.
    pub fn set(&self, moment: DateTime<Utc>) {
        *self.now.lock().unwrap_or_else(PoisonError::into_inner) = moment;
    }

    /// Moves the clock by `length`.
    pub fn advance(&self, length: TimeDelta) {
        *self.now.lock().unwrap_or_else(PoisonError::into_inner) += length;
    }
}

impl Clock for Frozen {
    fn now(&self) -> DateTime<Utc> {
        *self.now.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn new_id(&self) -> Uuid {
        let now = self.now();
        let seconds = u64::try_from(now.timestamp()).unwrap_or_default();
        let made = self.made.lock().unwrap_or_else(PoisonError::into_inner);
        Uuid::new_v7(Timestamp::from_unix(&*made, seconds, now.timestamp_subsec_nanos()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn identifiers_carry_the_time_of_the_clock_and_keep_their_order() {
        let moment = DateTime::from_timestamp(1_800_000_000, 5_000_000).unwrap();
        let clock = Frozen::new(moment);
        let mut made: Vec<Uuid> = (0..1_000).map(|_| clock.new_id()).collect();
        clock.advance(TimeDelta::hours(1));
        made.push(clock.new_id());
        assert!(made.is_sorted_by(|earlier, later| earlier < later));
        let of = |id: &Uuid| id.get_timestamp().unwrap().to_unix();
        assert_eq!(of(&made[0]), (1_800_000_000, 5_000_000));
        assert_eq!(of(&made[1_000]), (1_800_003_600, 5_000_000));
    }
}
