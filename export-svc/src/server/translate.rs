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
            Subject::Student(wire::id("student_id", &request.student_id)?)
        }
        Ok(pb::Document::ClassMistakeBooks) => Subject::Class {
            id: wire::id("class_id", &request.class_id)?,
            students: request
                .student_ids
                .iter()
                .enumerate()
                .map(|(index, id)| wire::id(&format!("student_ids[{index}]"), id))
                .collect::<Result<_, _>>()?,
        },
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
