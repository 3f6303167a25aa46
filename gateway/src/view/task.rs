//! Documents made in the background.

use chrono::{DateTime, Utc};
use proto::export::v1 as pb;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{
    MistakeStatus, MistakeType, input, moment, optional, present, text, time, word, words, written,
};
use crate::http::Problem;

words! {
    /// What is made.
    Document of pb::Document { MistakeBook, ClassMistakeBooks }
}
words! {
    /// What kind of file is made.
    Format of pb::Format { Pdf, Markdown }
}
words! {
    /// Size of the paper.
    Paper of pb::Paper { A4, B5 }
}
words! {
    /// How mistakes are grouped.
    Order of pb::Order { KnowledgePoint, Date, Frequency }
}
words! {
    /// Where the answers stand: beneath each question, together at the end, or nowhere.
    Answers of pb::Answers { Inline, Apart, None }
}
words! {
    /// How large the text is.
    FontSize of pb::FontSize { Small, Medium, Large }
}
words! {
    /// How far a task has come.
    TaskStatus of pb::TaskStatus { Queued, Running, Completed, Failed, Cancelled, Expired }
}

/// Everything that shapes a document.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct BookOptions {
    /// A4 when absent.
    pub paper: Option<Paper>,
    /// By knowledge point when absent.
    pub order: Option<Order>,
    /// Inline when absent.
    pub answers: Option<Answers>,
    /// Medium when absent.
    pub font_size: Option<FontSize>,
    /// True when absent.
    pub with_redo_space: bool,
    /// True when absent.
    pub with_similar: bool,
    /// True when absent.
    pub with_analysis: bool,
    /// Only these; empty means all.
    pub statuses: Vec<MistakeStatus>,
    /// Only these; empty means all.
    pub mistake_types: Vec<MistakeType>,
    /// Only these; empty means all.
    pub knowledge_point_ids: Vec<String>,
    pub topic: Option<String>,
    pub from: Option<DateTime<Utc>>,
    pub until: Option<DateTime<Utc>>,
    /// `zh-CN` or `en`: language of the labels; `zh-CN` when absent.
    pub locale: Option<String>,
}

impl Default for BookOptions {
    /// Returns what makes a book that is worth handing out: everything that is known.
    fn default() -> Self {
        Self {
            paper: None,
            order: None,
            answers: None,
            font_size: None,
            with_redo_space: true,
            with_similar: true,
            with_analysis: true,
            statuses: Vec::new(),
            mistake_types: Vec::new(),
            knowledge_point_ids: Vec::new(),
            topic: None,
            from: None,
            until: None,
            locale: None,
        }
    }
}

impl BookOptions {
    /// Writes the options into a message.
    #[must_use]
    pub fn to_wire(self) -> pb::BookOptions {
        pb::BookOptions {
            paper: self.paper.map(Paper::to_wire).unwrap_or_default(),
            order: self.order.map(Order::to_wire).unwrap_or_default(),
            answers: self.answers.map(Answers::to_wire).unwrap_or_default(),
            font_size: self.font_size.map(FontSize::to_wire).unwrap_or_default(),
            with_redo_space: self.with_redo_space,
            with_similar: self.with_similar,
            with_analysis: self.with_analysis,
            statuses: self.statuses.iter().filter_map(written).collect(),
            mistake_types: self.mistake_types.iter().filter_map(written).collect(),
            knowledge_point_ids: self.knowledge_point_ids,
            topic: self.topic.unwrap_or_default(),
            from: input::time(self.from),
            until: input::time(self.until),
            locale: self.locale.unwrap_or_default(),
        }
    }
}

impl TryFrom<pb::BookOptions> for BookOptions {
    type Error = Problem;

    fn try_from(options: pb::BookOptions) -> Result<Self, Problem> {
        Ok(Self {
            paper: optional(options.paper, Paper::from_wire)?,
            order: optional(options.order, Order::from_wire)?,
            answers: optional(options.answers, Answers::from_wire)?,
            font_size: optional(options.font_size, FontSize::from_wire)?,
            with_redo_space: options.with_redo_space,
            with_similar: options.with_similar,
            with_analysis: options.with_analysis,
            statuses: options.statuses.into_iter().map(word).collect::<Result<_, _>>()?,
            mistake_types: options.mistake_types.into_iter().map(word).collect::<Result<_, _>>()?,
            knowledge_point_ids: options.knowledge_point_ids,
            topic: text(options.topic),
            from: time(options.from),
            until: time(options.until),
            locale: text(options.locale),
        })
    }
}

/// A document that is being made, or was.
#[derive(Debug, Serialize, ToSchema)]
pub struct Task {
    pub id: String,
    pub document: Document,
    pub format: Format,
    pub status: TaskStatus,
    /// 0 to 100.
    pub progress: u32,
    /// Documents done.
    pub done: u32,
    /// Documents to do.
    pub total: u32,
    pub student_id: Option<String>,
    pub class_id: Option<String>,
    /// Pupil or class for people to read.
    pub title: String,
    /// Null before the file is there.
    pub file_name: Option<String>,
    pub file_size_bytes: u64,
    pub content_type: String,
    /// Stable reason of a failure, as in `LEARNING_UNAVAILABLE`.
    pub error_code: Option<String>,
    pub error_detail: Option<String>,
    pub attempts: u32,
    pub created_at: DateTime<Utc>,
    pub started_at: Option<DateTime<Utc>>,
    pub finished_at: Option<DateTime<Utc>>,
    /// When the file will be deleted.
    pub expires_at: Option<DateTime<Utc>>,
    pub options: BookOptions,
}

impl TryFrom<pb::Task> for Task {
    type Error = Problem;

    fn try_from(task: pb::Task) -> Result<Self, Problem> {
        Ok(Self {
            id: task.id,
            document: Document::from_wire(task.document)?,
            format: Format::from_wire(task.format)?,
            status: TaskStatus::from_wire(task.status)?,
            progress: task.progress,
            done: task.done,
            total: task.total,
            student_id: text(task.student_id),
            class_id: text(task.class_id),
            title: task.title,
            file_name: text(task.file_name),
            file_size_bytes: task.file_size_bytes,
            content_type: task.content_type,
            error_code: text(task.error_code),
            error_detail: text(task.error_detail),
            attempts: task.attempts,
            created_at: moment(task.created_at)?,
            started_at: time(task.started_at),
            finished_at: time(task.finished_at),
            expires_at: time(task.expires_at),
            options: present(task.options)?.try_into()?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn options_come_back_as_they_went() {
        let options = serde_json::json!({
            "paper": "b5", "order": "frequency", "answers": "none", "font_size": "large",
            "with_redo_space": true, "with_similar": false, "with_analysis": true,
            "statuses": ["pending"], "mistake_types": ["grammar", "reading"],
            "knowledge_point_ids": ["verb.tense"], "topic": "tense",
            "from": "2026-01-01T00:00:00Z", "until": null, "locale": "en",
        });
        let read: BookOptions = serde_json::from_value(options.clone()).unwrap();
        let wire = read.to_wire();
        assert_eq!(wire.mistake_types, ["grammar", "reading"]);
        assert_eq!(serde_json::json!(BookOptions::try_from(wire).unwrap()), options);
    }
}
