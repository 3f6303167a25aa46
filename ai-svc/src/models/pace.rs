//! How long models are asked, and how long is waited between calls.

use std::time::Duration;

use rand::RngExt as _;

use crate::providers::Failure;

/// First pause before a call is repeated; it doubles, and is shortened at random.
const FIRST_PAUSE: Duration = Duration::from_millis(400);
/// A call is not begun with less time than this.
pub(super) const LEAST_TIME: Duration = Duration::from_millis(300);
/// Shortest turn of a model, if there is as much time: in less than this none answers.
const LEAST_TURN: Duration = Duration::from_millis(600);

/// Returns how long one model is asked of the time that is `left` for it and `others` after it, so
/// that one that hangs leaves time for them.
pub(super) fn turn(left: Duration, others: usize) -> Duration {
    let models = u32::try_from(others).unwrap_or(u32::MAX).saturating_add(1);
    (left / models).max(LEAST_TURN).min(left)
}

/// Returns how long to wait before call number `calls + 1`.
pub(super) fn pause(calls: u32, failure: &Failure) -> Duration {
    let doubled = FIRST_PAUSE * 2_u32.saturating_pow(calls.saturating_sub(1).min(6));
    let jittered = doubled.mul_f64(rand::rng().random_range(0.5..1.0));
    failure.retry_after().map_or(jittered, |asked| asked.max(jittered))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_model_has_its_share_of_the_time() {
        let seconds = Duration::from_secs;
        assert_eq!(turn(seconds(60), 2), seconds(20));
        assert_eq!(turn(seconds(40), 1), seconds(20));
        assert_eq!(turn(seconds(20), 0), seconds(20), "the last one has all that is left");
    }

    #[test]
    fn no_share_is_too_short_for_an_answer() {
        let milliseconds = Duration::from_millis;
        assert_eq!(turn(milliseconds(1_000), 4), LEAST_TURN);
        assert_eq!(turn(milliseconds(500), 4), milliseconds(500));
        assert_eq!(turn(Duration::ZERO, 4), Duration::ZERO);
    }
}
