//! What a class did day by day.

use chrono::{Days, NaiveDate};
use kit::{caller::Caller, db::DbError, error::Invalid};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{Statistics, StatisticsError};
use crate::{
    access::{self, Subject},
    store::{activity, standing},
};

/// Days that one question may span.
const MAX_DAYS: i64 = 366;
/// Days that are told when nobody says which.
const USUAL_DAYS: u64 = 30;

/// What students did on one day.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Day {
    pub day: NaiveDate,
    /// Students with a review or a new mistake.
    pub active_students: u32,
    pub new_mistakes: u32,
    pub reviews: u32,
    pub correct_reviews: u32,
}

/// Returns the first and the last of the days that are asked for; without a last one it is today,
/// without a first one they are 30.
pub(super) fn asked_days(
    (from, until): (Option<NaiveDate>, Option<NaiveDate>),
    today: NaiveDate,
) -> Result<(NaiveDate, NaiveDate), Invalid> {
    let last = until.unwrap_or(today);
    let first = from.unwrap_or(last - Days::new(USUAL_DAYS - 1));
    if (0..MAX_DAYS).contains(&(last - first).num_days()) {
        Ok((first, last))
    } else {
        let detail = format!("must end 1 to {MAX_DAYS} days that begin with from");
        Err(Invalid::one("until", "OUT_OF_RANGE", detail))
    }
}

impl Statistics {
    /// Counts what the present students of a class did on each day, for those who teach it.
    pub async fn class_activity(
        &self,
        caller: &Caller,
        class: Uuid,
        asked: (Option<NaiveDate>, Option<NaiveDate>),
    ) -> Result<Vec<Day>, StatisticsError> {
        let db = self.pool.get().await.map_err(DbError::from)?;
        access::teacher_of(&db, caller, class).await?;
        let span = asked_days(asked, self.days.day(self.clock.now()))?;
        let members = standing::members(&db, class).await?;
        let changed = self.remembered.changed(Subject::class(class));
        let db = self.reads.instead_of(db, changed).await;
        Ok(activity::of(&db, &members, span, self.days).await?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    #[test]
    fn thirty_days_until_today_are_told_unless_asked_otherwise() {
        let today = day("2026-03-31");
        assert_eq!(asked_days((None, None), today).unwrap(), (day("2026-03-02"), today));
        let one = Some(day("2026-01-01"));
        assert_eq!(asked_days((one, one), today).unwrap(), (day("2026-01-01"), day("2026-01-01")));
        assert!(asked_days((Some(today), one), today).is_err());
        assert!(asked_days((Some(day("2025-03-31")), None), today).is_ok());
        assert!(asked_days((Some(day("2025-03-30")), None), today).is_err());
    }
}
