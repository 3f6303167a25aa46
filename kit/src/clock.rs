//! Time as something that is passed in.

use std::sync::{Arc, Mutex, PoisonError};

use chrono::{DateTime, SubsecRound as _, TimeDelta, Utc};

/// Tells the time.
pub trait Clock: Send + Sync + 'static {
    /// Returns the present moment.
    fn now(&self) -> DateTime<Utc>;
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
}

/// Stands still until it is moved.
#[derive(Debug)]
pub struct Frozen(Mutex<DateTime<Utc>>);

impl Frozen {
    /// Makes a clock that stands at `moment`.
    #[must_use]
    pub fn new(moment: DateTime<Utc>) -> Self {
        Self(Mutex::new(moment))
    }

    /// Moves the clock to `moment`.
    pub fn set(&self, moment: DateTime<Utc>) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = moment;
    }

    /// Moves the clock by `length`.
    pub fn advance(&self, length: TimeDelta) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) += length;
    }
}

impl Clock for Frozen {
    fn now(&self) -> DateTime<Utc> {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
