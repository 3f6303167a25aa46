//! Checks of fields that collect everything that is wrong.

use std::{fmt::Display, ops::RangeInclusive};

use super::{Classify, Kind, Violation};

/// Names every wrong field of a request.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}", describe(.0))]
pub struct Invalid(pub Vec<Violation>);

/// Fields that the message names; the rest is counted.
const NAMED: usize = 20;

fn describe(violations: &[Violation]) -> String {
    let named = violations.iter().take(NAMED).map(|v| format!("{}: {}", v.field, v.detail));
    let more = violations.len().saturating_sub(NAMED);
    let more = (more > 0).then(|| format!("and {more} more"));
    named.chain(more).collect::<Vec<_>>().join("; ")
}

impl Invalid {
    /// Names one wrong field.
    pub fn one(field: impl Into<String>, code: &'static str, detail: impl Into<String>) -> Self {
        Self(vec![Violation { field: field.into(), code, detail: detail.into() }])
    }
}

impl Classify for Invalid {
    fn kind(&self) -> Kind {
        Kind::Invalid
    }

    fn reason(&self) -> &'static str {
        "INVALID_FIELDS"
    }

    fn violations(&self) -> Vec<Violation> {
        self.0.clone()
    }
}

/// Collects what is wrong with the fields of one request.
#[derive(Debug, Default)]
pub struct Checks(Vec<Violation>);

impl Checks {
    /// Starts with nothing wrong.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Checks one line of text: its length in characters, and no control characters.
    pub fn text(&mut self, field: &str, value: &str, length: RangeInclusive<usize>) {
        self.characters(field, value, length, |_| false);
    }

    /// Checks text that may have line breaks and tabs.
    pub fn multiline(&mut self, field: &str, value: &str, length: RangeInclusive<usize>) {
        self.characters(field, value, length, |c| matches!(c, '\n' | '\r' | '\t'));
    }

    fn characters(
        &mut self,
        field: &str,
        value: &str,
        length: RangeInclusive<usize>,
        allowed: impl Fn(char) -> bool,
    ) {
        // Counting stops early: the text may be as large as a message can be.
        let count = value.chars().take(length.end().saturating_add(1)).count();
        if count > *length.end() {
            let detail = format!("has more than {} characters", length.end());
            self.refuse(field, "TOO_LONG", detail);
        } else if value.trim().is_empty() && *length.start() > 0 {
            self.refuse(field, "REQUIRED", "is missing");
        } else if count < *length.start() {
            let detail = format!("has fewer than {} characters", length.start());
            self.refuse(field, "TOO_SHORT", detail);
        }
        let mut seen = value.chars().take(length.end().saturating_add(1));
        if seen.any(|c| (c.is_control() && !allowed(c)) || is_invisible_trick(c)) {
            self.refuse(field, "CONTROL_CHARACTER", "contains a control character");
        }
    }

    /// Checks that a number lies in `allowed`.
    pub fn range<T: PartialOrd + Display>(
        &mut self,
        field: &str,
        value: T,
        allowed: RangeInclusive<T>,
    ) {
        if !allowed.contains(&value) {
            let detail = format!("must be from {} to {}", allowed.start(), allowed.end());
            self.refuse(field, "OUT_OF_RANGE", detail);
        }
    }

    /// Adds a violation unless `holds`.
    pub fn require(
        &mut self,
        holds: bool,
        field: impl Into<String>,
        code: &'static str,
        detail: impl Into<String>,
    ) {
        if !holds {
            self.refuse(field, code, detail);
        }
    }

    /// Adds a violation.
    pub fn refuse(
        &mut self,
        field: impl Into<String>,
        code: &'static str,
        detail: impl Into<String>,
    ) {
        self.0.push(Violation { field: field.into(), code, detail: detail.into() });
    }

    /// Ends the checks.
    ///
    /// # Errors
    ///
    /// Fails with everything that was wrong.
    pub fn finish(self) -> Result<(), Invalid> {
        if self.0.is_empty() { Ok(()) } else { Err(Invalid(self.0)) }
    }
}

/// Tells marks that turn the direction of text, which no pupil types.
fn is_invisible_trick(c: char) -> bool {
    matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn codes(checks: Checks) -> Vec<&'static str> {
        match checks.finish() {
            Ok(()) => Vec::new(),
            Err(Invalid(violations)) => violations.iter().map(|v| v.code).collect(),
        }
    }

    #[test]
    fn characters_are_counted_and_not_bytes() {
        let mut checks = Checks::new();
        checks.text("name", "张小明", 1..=3);
        assert_eq!(codes(checks), Vec::<&str>::new());
    }

    #[test]
    fn every_wrong_field_is_named_at_once() {
        let mut checks = Checks::new();
        checks.text("name", "", 1..=3);
        checks.text("code", "abcd", 1..=3);
        checks.text("note", "a\u{0}b", 1..=10);
        checks.text("short", "a", 2..=10);
        checks.range("capacity", 0, 1..=200);
        checks.require(false, "rows[0].x", "UNKNOWN", "is unknown");
        let expected =
            ["REQUIRED", "TOO_LONG", "CONTROL_CHARACTER", "TOO_SHORT", "OUT_OF_RANGE", "UNKNOWN"];
        assert_eq!(codes(checks), expected);
    }

    #[test]
    fn message_names_some_and_counts_the_rest() {
        let mut checks = Checks::new();
        for at in 0..1_000 {
            checks.refuse(format!("users[{at}].name"), "REQUIRED", "is missing");
        }
        let message = checks.finish().unwrap_err().to_string();
        assert!(message.starts_with("users[0].name: is missing; "), "{message}");
        assert!(message.ends_with("users[19].name: is missing; and 980 more"), "{message}");
    }

    #[test]
    fn line_breaks_are_for_multiline_text_alone() {
        let mut checks = Checks::new();
        checks.multiline("body", "a\n\tb", 1..=10);
        checks.text("title", "a\nb", 1..=10);
        assert_eq!(codes(checks), ["CONTROL_CHARACTER"]);
    }
}
