//! Orders for documents: what they are, who may do what with them.

mod error;
mod orders;
mod watch;

use chrono::{DateTime, Utc};
pub use error::TaskError;
use kit::caller::Role;
pub use orders::{Limits, Tasks};
use serde::{Deserialize, Serialize};
use uuid::Uuid;
pub use watch::{Watch, Watches};

kit::id! {
    /// Identifies one order.
    TaskId
}

kit::named! {
    /// What is printed.
    Document {
        MistakeBook => "mistake_book",
        ClassMistakeBooks => "class_mistake_books",
    }
}
kit::named! {
    /// In which form.
    Format {
        Pdf => "pdf",
        Markdown => "markdown",
    }
}
kit::named! {
    /// How far a task is.
    Status {
        Queued => "queued",
        Running => "running",
        Completed => "completed",
        Failed => "failed",
        Cancelled => "cancelled",
        Expired => "expired",
    }
}
kit::named! {
    /// Size of the paper.
    Paper {
        A4 => "a4",
        B5 => "b5",
    }
}
kit::named! {
    /// How mistakes are ordered.
    Order {
        KnowledgePoint => "knowledge_point",
        Date => "date",
        Frequency => "frequency",
    }
}
kit::named! {
    /// Where the right answers stand.
    Answers {
        Inline => "inline",
        Apart => "apart",
        None => "none",
    }
}
kit::named! {
    /// Size of the type.
    FontSize {
        Small => "small",
        Medium => "medium",
        Large => "large",
    }
}

impl Status {
    /// Tells whether nothing more will happen by itself.
    #[must_use]
    pub const fn has_ended(self) -> bool {
        match self {
            Self::Queued | Self::Running => false,
            Self::Completed | Self::Failed | Self::Cancelled | Self::Expired => true,
        }
    }
}

/// Everything that shapes a mistake book.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BookOptions {
    pub paper: Paper,
    pub order: Order,
    pub answers: Answers,
    pub font_size: FontSize,
    pub with_redo_space: bool,
    pub with_similar: bool,
    pub with_analysis: bool,
    pub statuses: Vec<String>,
    pub mistake_types: Vec<String>,
    pub knowledge_point_ids: Vec<String>,
    pub topic: String,
    pub from: Option<DateTime<Utc>>,
    pub until: Option<DateTime<Utc>>,
    /// `zh-CN` or `en`.
    pub locale: String,
}

/// Whose books are wanted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Subject {
    Student(Uuid),
    Class {
        id: Uuid,
        /// Only these; empty means all active ones.
        students: Vec<Uuid>,
    },
}

impl Subject {
    /// Returns the kind of document.
    #[must_use]
    pub const fn document(&self) -> Document {
        match self {
            Self::Student(_) => Document::MistakeBook,
            Self::Class { .. } => Document::ClassMistakeBooks,
        }
    }
}

/// An order that is not stored yet.
#[derive(Clone, Debug)]
pub struct NewTask {
    pub subject: Subject,
    pub format: Format,
    pub options: BookOptions,
}

/// Who asked for a task.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Owner {
    pub user_id: Uuid,
    pub role: Role,
    pub organization_id: Uuid,
}

/// One order.
#[derive(Clone, Debug)]
pub struct Task {
    pub id: TaskId,
    pub owner: Owner,
    pub subject: Subject,
    pub format: Format,
    pub options: BookOptions,
    /// Pupil or class, for people to read.
    pub title: String,
    pub status: Status,
    pub done: u32,
    pub total: u32,
    pub attempts: u32,
    pub file: Option<File>,
    pub error_code: String,
    pub error_detail: String,
    pub created_at: DateTime<Utc>,
    pub started_at: Option<DateTime<Utc>>,
    pub finished_at: Option<DateTime<Utc>>,
    pub expires_at: Option<DateTime<Utc>>,
    /// Since when something it needs is away.
    pub waiting_since: Option<DateTime<Utc>>,
}

impl Task {
    /// Returns how much is done, 0 to 100.
    #[must_use]
    pub fn progress(&self) -> u32 {
        match self.status {
            Status::Completed | Status::Expired => 100,
            Status::Queued | Status::Running | Status::Failed | Status::Cancelled => {
                (self.done * 100).checked_div(self.total).unwrap_or(0).min(99)
            }
        }
    }

    /// Returns the media type of the file.
    #[must_use]
    pub const fn content_type(&self) -> &'static str {
        match (&self.subject, self.format) {
            (Subject::Class { .. }, _) => "application/zip",
            (Subject::Student(_), Format::Pdf) => "application/pdf",
            (Subject::Student(_), Format::Markdown) => "text/markdown; charset=utf-8",
        }
    }
}

/// A finished file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct File {
    pub key: String,
    pub name: String,
    pub size_bytes: u64,
}

/// How many tasks are in which state.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    pub active: u32,
    pub queued: u32,
    pub completed_today: u32,
    pub failed_today: u32,
}
