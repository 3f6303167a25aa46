//! Days as the school counts them.

use chrono::{DateTime, Datelike as _, Days, NaiveDate, NaiveTime, TimeDelta, Utc};

/// Counts days at a fixed distance from UTC.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SchoolDays {
    offset_hours: i32,
}

impl Default for SchoolDays {
    /// China, all of it.
    fn default() -> Self {
        Self { offset_hours: 8 }
    }
}

impl SchoolDays {
    /// Counts days `offset_hours` east of UTC, which is held within -12 to 14.
    #[must_use]
    pub fn at(offset_hours: i32) -> Self {
        Self { offset_hours: offset_hours.clamp(-12, 14) }
    }

    /// Returns the hours east of UTC.
    #[must_use]
    pub fn offset_hours(self) -> i32 {
        self.offset_hours
    }

    /// Returns the day that a moment belongs to.
    #[must_use]
    pub fn day(self, moment: DateTime<Utc>) -> NaiveDate {
        (moment.naive_utc() + self.offset()).date()
    }

    /// Returns the first moment of a day.
    #[must_use]
    pub fn start(self, day: NaiveDate) -> DateTime<Utc> {
        (day.and_time(NaiveTime::MIN) - self.offset()).and_utc()
    }

    /// Returns the first day of the week that a day belongs to.
    #[must_use]
    pub fn monday(day: NaiveDate) -> NaiveDate {
        day - Days::new(u64::from(day.weekday().num_days_from_monday()))
    }

    /// Returns the first moments of the day that a moment belongs to and of the next one.
    #[must_use]
    pub fn around(self, moment: DateTime<Utc>) -> (DateTime<Utc>, DateTime<Utc>) {
        let day = self.day(moment);
        (self.start(day), self.start(day + Days::new(1)))
    }

    fn offset(self) -> TimeDelta {
        TimeDelta::hours(i64::from(self.offset_hours))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn day_begins_at_midnight_of_the_school() {
        let days = SchoolDays::default();
        let late: DateTime<Utc> = "2026-03-01T15:59:59Z".parse().unwrap();
        let early: DateTime<Utc> = "2026-03-01T16:00:00Z".parse().unwrap();
        assert_eq!(days.day(late).to_string(), "2026-03-01");
        assert_eq!(days.day(early).to_string(), "2026-03-02");
        assert_eq!(days.start(days.day(early)), early);
        assert_eq!(days.around(late).1, early);
    }
}
