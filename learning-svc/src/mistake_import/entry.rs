//! What one row says.

use chrono::{DateTime, NaiveDate, NaiveDateTime, TimeDelta, Utc};
use kit::error::Checks;
use uuid::Uuid;

use crate::{
    mistake::{MistakeType, NewMistake, check},
    review::SchoolDays,
    sheet::{CUT_NUMBER, Problem, SheetRow, is_cut_number},
    store::mistake_imports::Pupils,
};

/// A mistake that a row tells of.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    pub mistake: NewMistake,
}

impl Entry {
    /// Reads a row of students of one class, or names everything that is wrong with it.
    pub fn read(
        row: &SheetRow,
        pupils: &Pupils,
        days: SchoolDays,
        now: DateTime<Utc>,
    ) -> Result<Self, Vec<Problem>> {
        let mut problems = row.problems.clone();
        // A cell that could not be read is missing: that is one problem and not two.
        let mut note = |problem: Result<(), Problem>| {
            let new = problem.err().filter(|new| row.problems.iter().all(|p| p.field != new.field));
            problems.extend(new);
        };
        let student = student(row, pupils);
        note(student.as_ref().map(|_| ()).map_err(Clone::clone));
        let mistake_type = mistake_type(row.get("type"));
        note(mistake_type.as_ref().map(|_| ()).map_err(Clone::clone));
        let mistaken_at = moment(row.get("mistaken_at"), days);
        note(mistaken_at.as_ref().map(|_| ()).map_err(Clone::clone));
        let text = |field: &str| row.get(field).to_owned();
        let mistake = NewMistake {
            student_id: student.unwrap_or_default(),
            mistake_type: mistake_type.unwrap_or(MistakeType::Grammar),
            question: text("question"),
            wrong_answer: text("wrong_answer"),
            correct_answer: text("correct_answer"),
            explanation: text("explanation"),
            topic: text("topic"),
            difficulty_level: row.get("difficulty_level").to_uppercase(),
            source: text("source"),
            mistaken_at: mistaken_at.unwrap_or_default(),
        };
        let mut checks = Checks::new();
        check(&mut checks, "", &mistake, now);
        if let Err(invalid) = checks.finish() {
            for problem in Problem::of(invalid) {
                note(Err(problem));
            }
        }
        if problems.is_empty() { Ok(Self { mistake }) } else { Err(problems) }
    }
}

fn student(row: &SheetRow, pupils: &Pupils) -> Result<Uuid, Problem> {
    let (number, name) = (row.get("student_no"), row.get("full_name"));
    if number.is_empty() && name.is_empty() {
        let detail = "student number and name are missing";
        return Err(Problem::new("student_no", "REQUIRED", detail));
    }
    if number.is_empty() {
        return match pupils.named(name) {
            [one] => Ok(*one),
            [] => Err(Problem::new("full_name", "STUDENT_NOT_FOUND", "nobody in the class")),
            _ => Err(Problem::new("full_name", "AMBIGUOUS", "several students have this name")),
        };
    }
    if is_cut_number(number) {
        return Err(Problem::new("student_no", "NUMBER_ROUNDED", CUT_NUMBER));
    }
    let Some((id, known)) = pupils.numbered(number) else {
        return Err(Problem::new("student_no", "STUDENT_NOT_FOUND", "nobody in the class"));
    };
    if !name.is_empty() && name != known {
        let detail = format!("the student with this number is {known}");
        return Err(Problem::new("full_name", "NAME_DIFFERS", detail));
    }
    Ok(id)
}

/// Reads a type in Chinese or English; empty means grammar.
fn mistake_type(text: &str) -> Result<MistakeType, Problem> {
    let word = text.to_lowercase();
    Ok(match word.trim_end_matches("错误").trim_end_matches('题') {
        "" | "grammar" | "语法" => MistakeType::Grammar,
        "vocabulary" | "vocab" | "word" | "词汇" | "单词" => MistakeType::Vocabulary,
        "reading" | "阅读" | "阅读理解" => MistakeType::Reading,
        "listening" | "听力" => MistakeType::Listening,
        "writing" | "写作" | "作文" => MistakeType::Writing,
        "speaking" | "口语" => MistakeType::Speaking,
        "pronunciation" | "发音" | "语音" => MistakeType::Pronunciation,
        "comprehension" | "理解" => MistakeType::Comprehension,
        _ => return Err(Problem::new("type", "UNKNOWN", "is no type of mistake")),
    })
}

/// Reads a day, with a time or without, as the school counts it.
fn moment(text: &str, days: SchoolDays) -> Result<Option<DateTime<Utc>>, Problem> {
    if text.is_empty() {
        return Ok(None);
    }
    let plain = text.replace(['/', '.', '年', '月'], "-").replace('日', "").replace('T', " ");
    let plain = plain.trim();
    let day = NaiveDate::parse_from_str(plain, "%Y-%m-%d").ok();
    let day = day.and_then(|day| day.and_hms_opt(0, 0, 0));
    let read = |format| NaiveDateTime::parse_from_str(plain, format).ok();
    let local = day.or_else(|| read("%Y-%m-%d %H:%M:%S")).or_else(|| read("%Y-%m-%d %H:%M"));
    let local = local.filter(|local| (1900..=2999).contains(&chrono::Datelike::year(local)));
    let local = local
        .ok_or_else(|| Problem::new("mistaken_at", "INVALID", "is not a day such as 2026-03-02"))?;
    let offset = TimeDelta::hours(i64::from(days.offset_hours()));
    Ok(Some((local - offset).and_utc()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_read_as_people_write_them() {
        let days = SchoolDays::default();
        for text in ["2026-03-02", "2026/3/2", "2026.03.02", "2026年3月2日", "2026-03-02 00:00"]
        {
            let read = moment(text, days).unwrap().unwrap();
            assert_eq!(read.to_rfc3339(), "2026-03-01T16:00:00+00:00", "{text}");
        }
        assert_eq!(moment("", days), Ok(None));
        assert_eq!(moment("yesterday", days).unwrap_err().code, "INVALID");
        assert!(moment("2026-02-30", days).is_err());
    }

    #[test]
    fn types_are_known_in_both_languages() {
        assert_eq!(mistake_type(""), Ok(MistakeType::Grammar));
        assert_eq!(mistake_type("词汇"), Ok(MistakeType::Vocabulary));
        assert_eq!(mistake_type("听力题"), Ok(MistakeType::Listening));
        assert_eq!(mistake_type("Writing"), Ok(MistakeType::Writing));
        assert!(mistake_type("数学").is_err());
    }
}
