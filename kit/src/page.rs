//! Keyset pages with opaque cursors.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use chrono::{DateTime, Datelike as _, Utc};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value;

use crate::error::Invalid;

/// Entries of a page when the caller does not say.
pub const DEFAULT_LIMIT: i64 = 20;
/// Entries of a page at most.
pub const MAX_LIMIT: i64 = 100;

/// One page that is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page<C> {
    pub limit: i64,
    /// Key of the last entry that the caller has.
    pub after: Option<C>,
}

impl<C: DeserializeOwned> Page<C> {
    /// Reads a page from the two fields of a request.
    ///
    /// # Errors
    ///
    /// Fails when the limit is too large or the cursor is not one of ours.
    pub fn of(limit: u32, cursor: &str) -> Result<Self, Invalid> {
        Ok(Self { limit: self::limit(limit)?, after: decode(cursor)? })
    }
}

impl<C: Serialize> Page<C> {
    /// Returns the cursor after the `entries` that were found for this page; an empty one when they do
    /// not fill it, so that none can follow.
    pub fn next<T>(&self, entries: &[T], key: impl FnOnce(&T) -> C) -> String {
        let is_full = i64::try_from(entries.len()).is_ok_and(|length| length >= self.limit);
        let last = entries.last().filter(|_| is_full);
        last.map(|last| encode(&key(last))).unwrap_or_default()
    }
}

/// Returns the number of entries that a page has.
///
/// # Errors
///
/// Fails when more than [`MAX_LIMIT`] are asked for.
pub fn limit(asked: u32) -> Result<i64, Invalid> {
    match i64::from(asked) {
        0 => Ok(DEFAULT_LIMIT),
        asked if asked > MAX_LIMIT => {
            Err(Invalid::one("limit", "OUT_OF_RANGE", format!("must be from 1 to {MAX_LIMIT}")))
        }
        asked => Ok(asked),
    }
}

/// Makes the cursor that continues after `key`.
///
/// A key that cannot be written as JSON gives an empty cursor: the last page.
#[must_use]
pub fn encode<T: Serialize>(key: &T) -> String {
    serde_json::to_vec(key).map(|json| URL_SAFE_NO_PAD.encode(json)).unwrap_or_default()
}

/// Reads the key out of a cursor; an empty cursor is the first page.
///
/// # Errors
///
/// Fails when the cursor is not one of ours.
pub fn decode<T: DeserializeOwned>(cursor: &str) -> Result<Option<T>, Invalid> {
    if cursor.is_empty() {
        return Ok(None);
    }
    let json = URL_SAFE_NO_PAD.decode(cursor).ok();
    let value = json.and_then(|json| serde_json::from_slice::<Value>(&json).ok());
    let key = value.filter(is_ours).and_then(|value| serde_json::from_value(value).ok());
    key.map(Some).ok_or_else(|| Invalid::one("cursor", "INVALID_CURSOR", "is not a known cursor"))
}

/// Tells whether a key can be one of ours: without control characters and moments of other ages,
/// which PostgreSQL does not take.
fn is_ours(key: &Value) -> bool {
    match key {
        Value::Null | Value::Bool(_) | Value::Number(_) => true,
        Value::String(text) => {
            let moment = text.parse::<DateTime<Utc>>().ok();
            let in_time = moment.is_none_or(|moment| (1..=9_999).contains(&moment.year()));
            in_time && !text.chars().any(char::is_control)
        }
        Value::Array(list) => list.iter().all(is_ours),
        Value::Object(fields) => fields.values().all(is_ours),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cursor_comes_back_as_it_went() {
        let key = ("2026-01-01T00:00:00Z".to_owned(), 7_u64);
        assert_eq!(decode(&encode(&key)), Ok(Some(key)));
        assert_eq!(decode::<u64>(""), Ok(None));
    }

    #[test]
    fn only_a_full_page_is_followed_by_another() {
        let page = Page::<u8> { limit: 2, after: None };
        assert_eq!(page.next(&[1], |last| *last), "");
        assert_eq!(page.next(&[], |last: &u8| *last), "");
        assert_eq!(decode(&page.next(&[1, 7], |last| *last)), Ok(Some(7)));
    }

    #[test]
    fn foreign_cursor_and_large_limit_are_refused_by_name() {
        assert_eq!(decode::<u64>("!!").map_err(|e| e.0[0].field.clone()), Err("cursor".into()));
        assert_eq!(decode::<u64>("YWJj").map_err(|e| e.0[0].code), Err("INVALID_CURSOR"));
        let null = decode::<String>(&encode(&"a\0b"));
        assert_eq!(null.map_err(|e| e.0[0].code), Err("INVALID_CURSOR"));
        let early = encode(&("-9999-01-01T00:00:00Z", 7));
        assert!(decode::<(String, u64)>(&early).is_err());
        let far = encode(&DateTime::<Utc>::MAX_UTC);
        assert!(decode::<DateTime<Utc>>(&far).is_err());
        assert_eq!(limit(0), Ok(20));
        assert_eq!(limit(100), Ok(100));
        assert_eq!(limit(101).map_err(|e| e.0[0].field.clone()), Err("limit".into()));
    }
}
