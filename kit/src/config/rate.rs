//! How often something may be done.

use std::{str::FromStr, time::Duration};

/// A number of calls in a length of time, written as `100/minute`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rate {
    pub calls: u32,
    pub window: Duration,
}

impl Rate {
    /// Returns a rate per minute.
    #[must_use]
    pub const fn per_minute(calls: u32) -> Self {
        Self { calls, window: Duration::from_mins(1) }
    }

    /// Reads `RATE_LIMIT_LOGIN`: attempts to sign in to one account from one address.
    pub fn of_login(env: &mut super::Env) -> Self {
        env.or("RATE_LIMIT_LOGIN", "rate such as 5/minute", Self::per_minute(5))
    }
}

/// Says that a text is no rate.
#[derive(Debug, thiserror::Error)]
#[error("is not a rate such as 100/minute")]
pub struct BadRate;

impl FromStr for Rate {
    type Err = BadRate;

    fn from_str(text: &str) -> Result<Self, BadRate> {
        let (calls, unit) = text.split_once('/').ok_or(BadRate)?;
        let calls: u32 = calls.trim().parse().map_err(|_| BadRate)?;
        let seconds = match unit.trim() {
            "second" | "s" => 1,
            "minute" | "m" => 60,
            "hour" | "h" => 3_600,
            _ => return Err(BadRate),
        };
        if calls == 0 || calls > 10_000_000 {
            return Err(BadRate);
        }
        Ok(Self { calls, window: Duration::from_secs(seconds) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rates_are_read_as_the_manual_writes_them() {
        assert_eq!("5/minute".parse::<Rate>().ok(), Some(Rate::per_minute(5)));
        let hour = Rate { calls: 20, window: Duration::from_hours(1) };
        assert_eq!("20 / hour".parse::<Rate>().ok(), Some(hour));
        for wrong in ["0/minute", "5 per minute", "5", "5/day"] {
            assert!(wrong.parse::<Rate>().is_err(), "{wrong}");
        }
    }
}
