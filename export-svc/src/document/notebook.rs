//! From an order to the question for learning-svc, and from its answer to a book.

use chrono::{DateTime, FixedOffset, NaiveDate, TimeDelta, Utc};
use kit::wire;
use prost_types::Timestamp;
use proto::learning::v1 as pb;
use uuid::Uuid;

use super::{Analysis, Book, KnowledgePoint, Mistake, Similar, Style};
use crate::task::BookOptions;

/// Returns what learning-svc is asked for.
#[must_use]
pub fn request(
    student: Uuid,
    class: Option<Uuid>,
    options: &BookOptions,
) -> pb::GetNotebookRequest {
    let status = |name: &String| pb::MistakeStatus::from_str_name(&enum_name("STATUS", name));
    let kind = |name: &String| pb::MistakeType::from_str_name(&enum_name("TYPE", name));
    pb::GetNotebookRequest {
        student_id: student.to_string(),
        class_id: class.map(|class| class.to_string()).unwrap_or_default(),
        statuses: options.statuses.iter().filter_map(status).map(i32::from).collect(),
        types: options.mistake_types.iter().filter_map(kind).map(i32::from).collect(),
        knowledge_point_ids: options.knowledge_point_ids.clone(),
        topic: options.topic.clone(),
        from: options.from.map(wire::time),
        until: options.until.map(wire::time),
        with_similar: options.with_similar,
    }
}

fn enum_name(kind: &str, name: &str) -> String {
    format!("MISTAKE_{kind}_{}", name.to_ascii_uppercase())
}

/// Builds the book out of what learning-svc answered, with the days of the school's `zone`.
#[must_use]
pub fn from_notebook(
    notebook: pb::GetNotebookResponse,
    options: &BookOptions,
    now: DateTime<Utc>,
    zone: FixedOffset,
) -> Book {
    let day = |moment| day(moment, zone);
    let student = notebook.student.unwrap_or_default();
    let name = if student.full_name.is_empty() { student.username } else { student.full_name };
    let mistakes: Vec<_> =
        notebook.mistakes.into_iter().map(|entry| mistake(entry, zone)).collect();
    let days = || mistakes.iter().filter_map(|mistake| mistake.mistaken_on);
    let from = options.from.map(day).or_else(|| days().min());
    // What is wanted lies before `until`.
    let before = |moment: DateTime<Utc>| moment.checked_sub_signed(TimeDelta::milliseconds(1));
    let until = options.until.and_then(before).map(day).or_else(|| days().max());
    Book {
        pupil: name,
        student_no: student.student_no,
        class: notebook.class_name,
        teacher: notebook.teacher_name,
        period: from.zip(until),
        made_on: day(now),
        total: notebook.mistakes_total,
        mastered: notebook.mastered,
        ignored: notebook.ignored,
        truncated: notebook.truncated,
        wanted_points: options.knowledge_point_ids.clone(),
        mistakes,
        style: Style::of(options),
    }
}

fn mistake(entry: pb::NotebookMistake, zone: FixedOffset) -> Mistake {
    let similar = entry.similar.into_iter();
    let similar =
        similar.map(|item| Similar { question: item.question, right: item.correct_answer });
    let mistake = entry.mistake.unwrap_or_default();
    let points = mistake.knowledge_points.iter();
    Mistake {
        kind: mistake.r#type(),
        status: mistake.status(),
        points: points
            .map(|point| KnowledgePoint {
                id: point.id.clone(),
                name_zh: point.name_zh.clone(),
                name_en: point.name_en.clone(),
            })
            .collect(),
        mistaken_on: mistake
            .last_mistaken_at
            .or(mistake.first_mistaken_at)
            .and_then(|moment| day_of(moment, zone)),
        question: mistake.question,
        wrong: mistake.wrong_answer,
        right: mistake.correct_answer,
        explanation: mistake.explanation,
        topic: mistake.topic,
        level: mistake.difficulty_level,
        source: mistake.source,
        times_wrong: mistake.times_wrong.max(1),
        analysis: mistake.analysis.map(analysis),
        similar: similar.collect(),
    }
}

fn analysis(analysis: pb::Analysis) -> Analysis {
    Analysis {
        kind_zh: analysis.error_type_zh,
        kind_en: analysis.error_type_en,
        what_went_wrong: analysis.what_went_wrong,
        why_right: analysis.why_right,
        how_to_remember: analysis.how_to_remember,
        model: (analysis.source == "model").then_some(analysis.model),
    }
}

/// Returns the day of a moment in `zone`; at the end of the calendar, that of Greenwich.
fn day(moment: DateTime<Utc>, zone: FixedOffset) -> NaiveDate {
    let moment = moment.naive_utc();
    moment.checked_add_offset(zone).unwrap_or(moment).date()
}

fn day_of(moment: Timestamp, zone: FixedOffset) -> Option<NaiveDate> {
    let moment = wire::from_time("moment", Some(moment)).ok().flatten();
    moment.map(|moment| day(moment, zone))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::sample;

    #[test]
    fn filters_reach_learning_svc() {
        let mut options = sample::options();
        options.statuses = vec!["pending".to_owned(), "mastered".to_owned()];
        options.mistake_types = vec!["grammar".to_owned()];
        options.topic = "travel".to_owned();
        options.from = Some(DateTime::UNIX_EPOCH);
        let request = request(Uuid::nil(), None, &options);
        assert_eq!(
            request.statuses,
            [i32::from(pb::MistakeStatus::Pending), i32::from(pb::MistakeStatus::Mastered)]
        );
        assert_eq!(request.types, [i32::from(pb::MistakeType::Grammar)]);
        assert_eq!(request.topic, "travel");
        assert_eq!(request.from, Some(wire::time(DateTime::UNIX_EPOCH)));
        assert_eq!((request.until, request.class_id.as_str()), (None, ""));
    }

    fn zone(hours: i32) -> FixedOffset {
        FixedOffset::east_opt(hours * 3_600).unwrap()
    }

    #[test]
    fn days_are_those_of_the_school() {
        let evening = NaiveDate::from_ymd_opt(2026, 3, 1).unwrap().and_hms_opt(17, 0, 0).unwrap();
        assert_eq!(day(evening.and_utc(), zone(8)).to_string(), "2026-03-02");
        assert_eq!(day(evening.and_utc(), zone(0)).to_string(), "2026-03-01");
        assert_eq!(day(DateTime::<Utc>::MAX_UTC, zone(8)), DateTime::<Utc>::MAX_UTC.date_naive());
    }

    #[test]
    fn empty_answer_makes_an_empty_book() {
        let book = from_notebook(
            pb::GetNotebookResponse::default(),
            &sample::options(),
            DateTime::UNIX_EPOCH,
            zone(8),
        );
        assert!(book.mistakes.is_empty() && book.period.is_none());
    }

    #[test]
    fn student_number_is_kept() {
        let student = pb::Student { student_no: "2024030127".to_owned(), ..pb::Student::default() };
        let notebook = pb::GetNotebookResponse {
            student: Some(student),
            ..pb::GetNotebookResponse::default()
        };
        let book = from_notebook(notebook, &sample::options(), DateTime::UNIX_EPOCH, zone(8));
        assert_eq!(book.student_no, "2024030127");
    }

    #[test]
    fn wanted_knowledge_points_are_kept() {
        let point =
            pb::KnowledgePointRef { id: "article".to_owned(), ..pb::KnowledgePointRef::default() };
        let mistake = pb::Mistake { knowledge_points: vec![point], ..pb::Mistake::default() };
        let entry = pb::NotebookMistake { mistake: Some(mistake), similar: Vec::new() };
        let notebook =
            pb::GetNotebookResponse { mistakes: vec![entry], ..pb::GetNotebookResponse::default() };
        let mut options = sample::options();
        options.knowledge_point_ids = vec!["article".to_owned()];
        let book = from_notebook(notebook, &options, DateTime::UNIX_EPOCH, zone(8));
        assert_eq!(book.wanted_points, [book.mistakes[0].points[0].id.as_str()]);
    }

    #[test]
    fn period_is_that_of_the_mistakes_unless_one_was_asked_for() {
        let at = |seconds| Some(Timestamp { seconds, nanos: 0 });
        let entry = |seconds| pb::NotebookMistake {
            mistake: Some(pb::Mistake { last_mistaken_at: at(seconds), ..pb::Mistake::default() }),
            similar: Vec::new(),
        };
        let notebook = pb::GetNotebookResponse {
            mistakes: vec![entry(86_400 * 20), entry(86_400 * 10)],
            ..pb::GetNotebookResponse::default()
        };
        let book = from_notebook(notebook, &sample::options(), DateTime::UNIX_EPOCH, zone(8));
        let (from, until) = book.period.unwrap();
        assert_eq!(
            (from.to_string(), until.to_string()),
            ("1970-01-11".into(), "1970-01-21".into())
        );
        assert_eq!(book.mistakes[0].times_wrong, 1);

        let mut options = sample::options();
        let midnight = |day: &str| Some(format!("{day}T00:00:00+08:00").parse().unwrap());
        (options.from, options.until) = (midnight("2026-03-01"), midnight("2026-04-01"));
        let book = from_notebook(
            pb::GetNotebookResponse::default(),
            &options,
            DateTime::UNIX_EPOCH,
            zone(8),
        );
        let (from, until) = book.period.unwrap();
        assert_eq!(
            (from.to_string(), until.to_string()),
            ("2026-03-01".into(), "2026-03-31".into())
        );
    }
}
