//! What several resources read.

use chrono::{DateTime, NaiveDate, Utc};
use prost_types::Timestamp;
use serde::{Deserialize, Deserializer};
use utoipa::IntoParams;
use uuid::Uuid;

use crate::http::Problem;

/// Which page of a list is wanted.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct Pages {
    /// Entries of a page, 1 to 100; 20 when absent.
    limit: Option<u32>,
    /// `next_cursor` of the page before.
    cursor: Option<String>,
}

impl Pages {
    /// Returns limit and cursor for a message.
    pub fn to_wire(self) -> Result<(u32, String), Problem> {
        Ok((counted("limit", self.limit)?, self.cursor.unwrap_or_default()))
    }
}

/// Writes a number from 1 on that may be absent: on the wire, 0 is absence.
pub fn counted(field: &str, number: Option<u32>) -> Result<u32, Problem> {
    match number {
        Some(0) => Err(Problem::field(field, "OUT_OF_RANGE", "must be at least 1")),
        number => Ok(number.unwrap_or_default()),
    }
}

/// Reads a text to change: absent leaves it, null empties it.
pub fn changed<'de, D: Deserializer<'de>>(source: D) -> Result<Option<String>, D::Error> {
    Ok(Some(Option::deserialize(source)?.unwrap_or_default()))
}

/// Reads a number to change: absent leaves it, null takes it away.
pub fn changed_number<'de, D: Deserializer<'de>>(
    source: D,
) -> Result<Option<Option<f64>>, D::Error> {
    Option::deserialize(source).map(Some)
}

/// Writes an identifier that may be absent.
#[must_use]
pub fn id(id: Option<Uuid>) -> String {
    id.map(|id| id.to_string()).unwrap_or_default()
}

/// Writes identifiers.
#[must_use]
pub fn ids(ids: Vec<Uuid>) -> Vec<String> {
    ids.into_iter().map(|id| id.to_string()).collect()
}

/// Writes a moment that may be absent.
#[must_use]
pub fn time(time: Option<DateTime<Utc>>) -> Option<Timestamp> {
    time.map(kit::wire::time)
}

/// Writes a day that may be absent.
#[must_use]
pub fn day(day: Option<NaiveDate>) -> String {
    day.map(|day| day.to_string()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Deserialize)]
    struct Change {
        #[serde(default, deserialize_with = "changed")]
        name: Option<String>,
        #[expect(clippy::option_option, reason = "null empties, absence keeps")]
        #[serde(default, deserialize_with = "changed_number")]
        score: Option<Option<f64>>,
    }

    #[test]
    fn null_empties_and_absence_leaves() {
        let change: Change = serde_json::from_str("{}").unwrap();
        assert_eq!((change.name, change.score), (None, None));
        let change: Change = serde_json::from_str(r#"{"name":null,"score":null}"#).unwrap();
        assert_eq!((change.name.as_deref(), change.score), (Some(""), Some(None)));
        let change: Change = serde_json::from_str(r#"{"name":"a","score":7}"#).unwrap();
        assert_eq!((change.name.as_deref(), change.score), (Some("a"), Some(Some(7.0))));
    }
}
