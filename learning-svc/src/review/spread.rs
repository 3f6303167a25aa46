//! Evens out how much is due on a day.

use std::ops::RangeInclusive;

/// How much an interval may be moved: its share by which each part of it counts, as Anki does.
///
/// Source: <https://docs.ankiweb.net/studying.html#fuzz-factor> and Anki's `states/fuzz.rs`.
const PARTS: [(f64, f64, f64); 3] =
    [(2.5, 7.0, 0.15), (7.0, 20.0, 0.1), (20.0, f64::INFINITY, 0.05)];

/// Returns the intervals in days that serve as well as `interval_days`.
#[must_use]
pub fn choices(interval_days: u32) -> RangeInclusive<u32> {
    let interval = f64::from(interval_days);
    if interval < 2.5 {
        return interval_days..=interval_days;
    }
    let shares = PARTS.iter().map(|(from, to, share)| share * (interval.min(*to) - from).max(0.0));
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a few thousand at most"
    )]
    let delta = (1.0 + shares.sum::<f64>()).round() as u32;
    interval_days.saturating_sub(delta).max(2)..=interval_days.saturating_add(delta)
}

/// Returns the interval among `choices` whose day is the least loaded; of equal ones the nearest
/// to `interval_days`, and the earlier one of those.
#[must_use]
pub fn least_loaded(
    interval_days: u32,
    choices: RangeInclusive<u32>,
    load: impl Fn(u32) -> u32,
) -> u32 {
    choices
        .min_by_key(|days| (load(*days), days.abs_diff(interval_days), *days))
        .unwrap_or(interval_days)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn longer_intervals_move_further() {
        assert_eq!(choices(1), 1..=1);
        assert_eq!(choices(2), 2..=2);
        assert_eq!(choices(3), 2..=4);
        assert_eq!(choices(10), 8..=12);
        assert_eq!(choices(100), 93..=107);
    }

    #[test]
    fn least_loaded_day_is_taken_and_the_nearest_of_equal_ones() {
        assert_eq!(least_loaded(10, 8..=12, |_| 0), 10);
        assert_eq!(least_loaded(10, 8..=12, |day| u32::from(day == 10)), 9);
        assert_eq!(least_loaded(10, 8..=12, |day| 60 - day), 12);
    }
}
