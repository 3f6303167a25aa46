//! What may be recorded.

use chrono::{DateTime, Datelike as _, TimeDelta, Utc};
use kit::error::Checks;

use super::{Edit, Filter, NewMistake};

/// Characters of a question.
pub const QUESTION: usize = 10_000;
/// Characters of an answer or an explanation.
pub const ANSWER: usize = 5_000;
/// Characters of a topic or a source.
pub const LABEL: usize = 200;
/// Clocks of clients may be ahead by this much.
const SKEW: TimeDelta = TimeDelta::minutes(5);
/// Records do not begin before this year.
const FIRST_YEAR: i32 = 1970;
/// Knowledge points that one filter names.
const POINTS: usize = 100;
const LEVELS: [&str; 7] = ["", "A1", "A2", "B1", "B2", "C1", "C2"];

/// Checks a mistake that is to be recorded; `path` stands before the names of its fields.
pub fn check(checks: &mut Checks, path: &str, new: &NewMistake, now: DateTime<Utc>) {
    let field = |name: &str| format!("{path}{name}");
    checks.multiline(&field("question"), &new.question, 1..=QUESTION);
    checks.multiline(&field("wrong_answer"), &new.wrong_answer, 1..=ANSWER);
    checks.multiline(&field("correct_answer"), &new.correct_answer, 1..=ANSWER);
    checks.multiline(&field("explanation"), &new.explanation, 0..=ANSWER);
    checks.text(&field("topic"), &new.topic, 0..=LABEL);
    checks.text(&field("source"), &new.source, 0..=LABEL);
    level(checks, &field("difficulty_level"), &new.difficulty_level);
    let in_time = new.mistaken_at.is_none_or(|moment| moment <= now + SKEW);
    checks.require(in_time, field("mistaken_at"), "IN_FUTURE", "lies in the future");
    let known = new.mistaken_at.is_none_or(|moment| moment.year() >= FIRST_YEAR);
    checks.require(known, field("mistaken_at"), "OUT_OF_RANGE", "lies before 1970");
}

/// Checks what a list is narrowed by.
pub fn check_filter(checks: &mut Checks, filter: &Filter) {
    checks.text("topic", &filter.topic, 0..=LABEL);
    checks.text("query", &filter.query, 0..=LABEL);
    let points = &filter.knowledge_point_ids;
    let detail = format!("must be at most {POINTS}");
    checks.require(points.len() <= POINTS, "knowledge_point_ids", "OUT_OF_RANGE", detail);
    for point in points.iter().take(POINTS) {
        checks.text("knowledge_point_ids", point, 0..=LABEL);
    }
}

/// Checks the fields that an edit changes.
pub fn check_edit(checks: &mut Checks, edit: &Edit) {
    let texts = [
        ("question", &edit.question, 1..=QUESTION),
        ("wrong_answer", &edit.wrong_answer, 1..=ANSWER),
        ("correct_answer", &edit.correct_answer, 1..=ANSWER),
        ("explanation", &edit.explanation, 0..=ANSWER),
    ];
    for (field, text, length) in texts {
        if let Some(text) = text {
            checks.multiline(field, text, length);
        }
    }
    for (field, text) in [("topic", &edit.topic), ("source", &edit.source)] {
        if let Some(text) = text {
            checks.text(field, text, 0..=LABEL);
        }
    }
    if let Some(text) = &edit.difficulty_level {
        level(checks, "difficulty_level", text);
    }
}

fn level(checks: &mut Checks, field: &str, value: &str) {
    checks.require(LEVELS.contains(&value), field, "UNKNOWN", "is none of A1 to C2");
}
