//! Translation between the wire and the domain, for `server/` modules.

use chrono::{DateTime, Utc};
use prost_types::Timestamp;
use tonic::Status;
use uuid::Uuid;

use crate::error::{Invalid, into_status};

/// Refuses one field.
pub fn invalid(field: impl Into<String>, detail: impl Into<String>) -> Status {
    into_status(Invalid::one(field, "INVALID", detail))
}

/// Reads a required identifier.
///
/// # Errors
///
/// Fails when the value is missing or not a UUID.
pub fn id(field: &str, value: &str) -> Result<Uuid, Status> {
    Uuid::try_parse(value).map_err(|_| invalid(field, "is not an identifier"))
}

/// Reads an identifier that may be absent or empty: `optional_id("x", x.as_deref())`.
///
/// # Errors
///
/// Fails when a value is there and is not a UUID.
pub fn optional_id<'a>(
    field: &str,
    value: impl Into<Option<&'a str>>,
) -> Result<Option<Uuid>, Status> {
    value.into().filter(|value| !value.is_empty()).map(|value| id(field, value)).transpose()
}

/// Writes a moment.
#[must_use]
pub fn time(moment: DateTime<Utc>) -> Timestamp {
    Timestamp {
        seconds: moment.timestamp(),
        // A leap second has more than 999,999,999 nanoseconds, which the wire refuses.
        nanos: i32::try_from(moment.timestamp_subsec_nanos().min(999_999_999)).unwrap_or_default(),
    }
}

/// Reads a moment that may be absent.
///
/// # Errors
///
/// Fails when the moment cannot be represented.
pub fn from_time(field: &str, value: Option<Timestamp>) -> Result<Option<DateTime<Utc>>, Status> {
    let Some(value) = value else {
        return Ok(None);
    };
    let nanos = u32::try_from(value.nanos).ok();
    let moment = nanos.and_then(|nanos| DateTime::from_timestamp(value.seconds, nanos));
    // The years that RFC 3339 can write, with room for any shift to a local day.
    match moment.filter(|moment| (1..=9_999).contains(&chrono::Datelike::year(moment))) {
        Some(moment) => Ok(Some(moment)),
        None => Err(invalid(field, "is not a moment in time")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moment_comes_back_as_it_went() {
        let moment = DateTime::UNIX_EPOCH + chrono::TimeDelta::nanoseconds(1_234_567_890_123);
        assert_eq!(from_time("at", Some(time(moment))).ok().flatten(), Some(moment));
    }

    #[test]
    fn moment_beyond_the_calendar_is_refused() {
        for (seconds, is_known) in [
            (-62_135_596_801, false),
            (-62_135_596_800, true),
            (253_402_300_799, true),
            (253_402_300_800, false),
            (i64::MAX, false),
        ] {
            let moment = from_time("at", Some(Timestamp { seconds, nanos: 0 }));
            assert_eq!(moment.is_ok(), is_known, "{seconds}");
        }
    }

    #[test]
    fn wrong_identifier_names_its_field() {
        let status = id("card_id", "x").unwrap_err();
        assert_eq!(crate::error::violations_of(&status)[0].0, "card_id");
        assert_eq!(optional_id("card_id", "").unwrap(), None);
        assert_eq!(optional_id("card_id", None).unwrap(), None);
    }
}
