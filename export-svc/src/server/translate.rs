//! Between the wire and the domain.

use kit::wire;
use proto::export::v1 as pb;
use tonic::Status as Refusal;

use crate::task::{
    Answers, BookOptions, Document, FontSize, Format, NewTask, Order, Paper, Status, Subject, Task,
};

pub(super) fn new_task(request: pb::CreateTaskRequest) -> Result<NewTask, Refusal> {
    let subject = match pb::Document::try_from(request.document) {
        Ok(pb::Document::MistakeBook) => {
            absent("class_id", request.class_id.is_empty())?;
            absent("student_ids", request.student_ids.is_empty())?;
            Subject::Student(wire::id("student_id", &request.student_id)?)
        }
        Ok(pb::Document::ClassMistakeBooks) => {
            absent("student_id", request.student_id.is_empty())?;
            class(&request)?
        }
        Ok(pb::Document::Unspecified) | Err(_) => return Err(unknown("document")),
    };
    let format = match pb::Format::try_from(request.format) {
        Ok(pb::Format::Pdf | pb::Format::Unspecified) => Format::Pdf,
        Ok(pb::Format::Markdown) => Format::Markdown,
        Err(_) => return Err(unknown("format")),
    };
    let options = options(request.options.unwrap_or_default())?;
    Ok(NewTask { subject, format, options })
}

fn class(request: &pb::CreateTaskRequest) -> Result<Subject, Refusal> {
    let student = |(index, id): (usize, &String)| wire::id(&format!("student_ids[{index}]"), id);
    Ok(Subject::Class {
        id: wire::id("class_id", &request.class_id)?,
        students: request.student_ids.iter().enumerate().map(student).collect::<Result<_, _>>()?,
    })
}

/// Refuses a field that says nothing about the document that is wanted.
fn absent(field: &str, is_absent: bool) -> Result<(), Refusal> {
    if is_absent { Ok(()) } else { Err(wire::invalid(field, "does not belong to this document")) }
}

fn options(options: pb::BookOptions) -> Result<BookOptions, Refusal> {
    let paper = match pb::Paper::try_from(options.paper) {
        Ok(pb::Paper::A4 | pb::Paper::Unspecified) => Paper::A4,
        Ok(pb::Paper::B5) => Paper::B5,
        Err(_) => return Err(unknown("options.paper")),
    };
    let order = match pb::Order::try_from(options.order) {
        Ok(pb::Order::KnowledgePoint | pb::Order::Unspecified) => Order::KnowledgePoint,
        Ok(pb::Order::Date) => Order::Date,
        Ok(pb::Order::Frequency) => Order::Frequency,
        Err(_) => return Err(unknown("options.order")),
    };
    let answers = match pb::Answers::try_from(options.answers) {
        Ok(pb::Answers::Inline | pb::Answers::Unspecified) => Answers::Inline,
        Ok(pb::Answers::Apart) => Answers::Apart,
        Ok(pb::Answers::None) => Answers::None,
        Err(_) => return Err(unknown("options.answers")),
    };
    let font_size = match pb::FontSize::try_from(options.font_size) {
        Ok(pb::FontSize::Small) => FontSize::Small,
        Ok(pb::FontSize::Medium | pb::FontSize::Unspecified) => FontSize::Medium,
        Ok(pb::FontSize::Large) => FontSize::Large,
        Err(_) => return Err(unknown("options.font_size")),
    };
    let statuses = ["pending", "reviewing", "mastered", "ignored"];
    known("options.statuses", &options.statuses, &statuses)?;
    known("options.mistake_types", &options.mistake_types, &MISTAKE_TYPES)?;
    let locale = if options.locale.is_empty() { "zh-CN".to_owned() } else { options.locale };
    Ok(BookOptions {
        paper,
        order,
        answers,
        font_size,
        with_redo_space: options.with_redo_space,
        with_similar: options.with_similar,
        with_analysis: options.with_analysis,
        statuses: options.statuses,
        mistake_types: options.mistake_types,
        knowledge_point_ids: options.knowledge_point_ids,
        topic: options.topic,
        from: wire::from_time("options.from", options.from)?,
        until: wire::from_time("options.until", options.until)?,
        locale,
    })
}

const MISTAKE_TYPES: [&str; 8] = [
    "grammar",
    "vocabulary",
    "reading",
    "listening",
    "writing",
    "speaking",
    "pronunciation",
    "comprehension",
];

fn known(field: &str, values: &[String], names: &[&str]) -> Result<(), Refusal> {
    match values.iter().position(|value| !names.contains(&value.as_str())) {
        Some(index) => Err(unknown(&format!("{field}[{index}]"))),
        None => Ok(()),
    }
}

fn unknown(field: &str) -> Refusal {
    wire::invalid(field, "is missing or unknown")
}

pub(super) fn status(value: i32) -> Result<Option<Status>, Refusal> {
    match pb::TaskStatus::try_from(value) {
        Ok(pb::TaskStatus::Unspecified) => Ok(None),
        Ok(pb::TaskStatus::Queued) => Ok(Some(Status::Queued)),
        Ok(pb::TaskStatus::Running) => Ok(Some(Status::Running)),
        Ok(pb::TaskStatus::Completed) => Ok(Some(Status::Completed)),
        Ok(pb::TaskStatus::Failed) => Ok(Some(Status::Failed)),
        Ok(pb::TaskStatus::Cancelled) => Ok(Some(Status::Cancelled)),
        Ok(pb::TaskStatus::Expired) => Ok(Some(Status::Expired)),
        Err(_) => Err(unknown("status")),
    }
}

pub(super) fn task(task: Task) -> pb::Task {
    let progress = task.progress();
    let content_type = task.content_type().to_owned();
    let document = match task.subject.document() {
        Document::MistakeBook => pb::Document::MistakeBook,
        Document::ClassMistakeBooks => pb::Document::ClassMistakeBooks,
    };
    let (student_id, class_id) = match task.subject {
        Subject::Student(id) => (id.to_string(), String::new()),
        Subject::Class { id, .. } => (String::new(), id.to_string()),
    };
    let (file_name, file_size_bytes) =
        task.file.map_or_else(Default::default, |file| (file.name, file.size_bytes));
    pb::Task {
        id: task.id.to_string(),
        document: document.into(),
        format: match task.format {
            Format::Pdf => pb::Format::Pdf,
            Format::Markdown => pb::Format::Markdown,
        }
        .into(),
        status: match task.status {
            Status::Queued => pb::TaskStatus::Queued,
            Status::Running => pb::TaskStatus::Running,
            Status::Completed => pb::TaskStatus::Completed,
            Status::Failed => pb::TaskStatus::Failed,
            Status::Cancelled => pb::TaskStatus::Cancelled,
            Status::Expired => pb::TaskStatus::Expired,
        }
        .into(),
        progress,
        done: task.done,
        total: task.total,
        student_id,
        class_id,
        file_name,
        file_size_bytes,
        content_type,
        error_code: task.error_code,
        error_detail: task.error_detail,
        attempts: task.attempts,
        created_at: Some(wire::time(task.created_at)),
        started_at: task.started_at.map(wire::time),
        finished_at: task.finished_at.map(wire::time),
        expires_at: task.expires_at.map(wire::time),
        options: Some(options_to_wire(task.options)),
        title: task.title,
    }
}

fn options_to_wire(options: BookOptions) -> pb::BookOptions {
    pb::BookOptions {
        paper: match options.paper {
            Paper::A4 => pb::Paper::A4,
            Paper::B5 => pb::Paper::B5,
        }
        .into(),
        order: match options.order {
            Order::KnowledgePoint => pb::Order::KnowledgePoint,
            Order::Date => pb::Order::Date,
            Order::Frequency => pb::Order::Frequency,
        }
        .into(),
        answers: match options.answers {
            Answers::Inline => pb::Answers::Inline,
            Answers::Apart => pb::Answers::Apart,
            Answers::None => pb::Answers::None,
        }
        .into(),
        font_size: match options.font_size {
            FontSize::Small => pb::FontSize::Small,
            FontSize::Medium => pb::FontSize::Medium,
            FontSize::Large => pb::FontSize::Large,
        }
        .into(),
        with_redo_space: options.with_redo_space,
        with_similar: options.with_similar,
        with_analysis: options.with_analysis,
        statuses: options.statuses,
        mistake_types: options.mistake_types,
        knowledge_point_ids: options.knowledge_point_ids,
        topic: options.topic,
        from: options.from.map(wire::time),
        until: options.until.map(wire::time),
        locale: options.locale,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whom_the_document_is_not_about_is_refused() {
        let id = || uuid::Uuid::now_v7().to_string();
        let book = |request| pb::CreateTaskRequest {
            document: pb::Document::MistakeBook.into(),
            student_id: id(),
            ..request
        };
        let bundle = |request| pb::CreateTaskRequest {
            document: pb::Document::ClassMistakeBooks.into(),
            class_id: id(),
            ..request
        };
        let none = pb::CreateTaskRequest::default;
        assert!(new_task(book(none())).is_ok() && new_task(bundle(none())).is_ok());
        for (request, field) in [
            (book(pb::CreateTaskRequest { class_id: id(), ..none() }), "class_id"),
            (book(pb::CreateTaskRequest { student_ids: vec![id()], ..none() }), "student_ids"),
            (bundle(pb::CreateTaskRequest { student_id: id(), ..none() }), "student_id"),
        ] {
            let refusal = new_task(request).unwrap_err();
            assert_eq!(kit::error::violations_of(&refusal)[0].0, field);
        }
    }

    #[test]
    fn moment_that_no_calendar_has_is_refused() {
        let until = chrono::DateTime::<chrono::Utc>::MAX_UTC;
        let wanted = pb::BookOptions { until: Some(wire::time(until)), ..Default::default() };
        let refusal = options(wanted).unwrap_err();
        assert_eq!(kit::error::violations_of(&refusal)[0].0, "options.until");
    }
}
