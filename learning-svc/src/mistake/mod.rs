//! Entries of mistake books: what they are, and what people do with them.

mod book;
mod change;
mod check;
mod error;
pub(crate) mod fingerprint;
mod record;
mod similar;
mod sweep;

pub use book::{Edit, Filter, Listed, Mistakes, Order, Wanted};
pub use change::Changed;
pub use check::{check, check_edit, check_filter};
use chrono::{DateTime, Utc};
pub use error::MistakeError;
pub use fingerprint::{fingerprint, normalised};
pub use record::{Group, Recorded, Records, group, record};
use serde::{Deserialize, Serialize};
pub(crate) use similar::different;
pub use similar::{MIN_SIMILARITY, MOST_HITS, Similar};
pub use sweep::{RESTORABLE, sweep};
use uuid::Uuid;

use crate::review::Memory;

/// Entries of one call that changes several.
pub const MAX_BATCH: usize = 200;

kit::named! {
    /// What a question trains.
    MistakeType {
        Grammar => "grammar",
        Vocabulary => "vocabulary",
        Reading => "reading",
        Listening => "listening",
        Writing => "writing",
        Speaking => "speaking",
        Pronunciation => "pronunciation",
        Comprehension => "comprehension",
    }
}

kit::named! {
    /// How far the student is with an entry.
    Status {
        Pending => "pending",
        Reviewing => "reviewing",
        Mastered => "mastered",
        Ignored => "ignored",
    }
}

kit::named! {
    /// How far the analysis of an entry is.
    AnalysisStatus {
        Queued => "queued",
        Running => "running",
        Done => "done",
        Failed => "failed",
    }
}

/// A knowledge point, with its names as they were when the entry was analysed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct KnowledgePoint {
    pub id: String,
    pub name_zh: String,
    pub name_en: String,
}

/// What went wrong, and why the right answer is right.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Analysis {
    pub error_type: String,
    pub error_type_zh: String,
    pub error_type_en: String,
    pub what_went_wrong: String,
    pub why_right: String,
    pub how_to_remember: String,
    /// `model` or `rules`.
    pub source: String,
    pub model: String,
    pub analysed_at: DateTime<Utc>,
}

/// One entry of a mistake book.
#[derive(Clone, Debug, PartialEq)]
pub struct Mistake {
    pub id: Uuid,
    pub student_id: Uuid,
    pub student_name: String,
    pub organization_id: Uuid,
    pub mistake_type: MistakeType,
    pub status: Status,
    pub question: String,
    pub wrong_answer: String,
    pub correct_answer: String,
    pub explanation: String,
    pub topic: String,
    /// A1 to C2, empty when unknown.
    pub difficulty_level: String,
    pub source: String,
    pub knowledge_points: Vec<KnowledgePoint>,
    pub times_wrong: u32,
    pub review_count: u32,
    pub first_mistaken_at: DateTime<Utc>,
    pub last_mistaken_at: DateTime<Utc>,
    pub last_reviewed_at: Option<DateTime<Utc>>,
    pub due_at: Option<DateTime<Utc>>,
    /// Absent before the first review, unless somebody has called the entry mastered.
    pub memory: Option<Memory>,
    pub analysis_status: AnalysisStatus,
    pub analysis: Option<Analysis>,
    pub version: u64,
    pub created_by: Uuid,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
    pub deleted_at: Option<DateTime<Utc>>,
}

/// Where an entry came from.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Origin {
    /// Empty when the name is not known here.
    pub created_by_name: String,
    /// The import that made the entry.
    pub import_id: Option<Uuid>,
}

/// What is told about a mistake when it is recorded.
#[derive(Clone, Debug, PartialEq)]
pub struct NewMistake {
    pub student_id: Uuid,
    pub mistake_type: MistakeType,
    pub question: String,
    pub wrong_answer: String,
    pub correct_answer: String,
    pub explanation: String,
    pub topic: String,
    pub difficulty_level: String,
    pub source: String,
    /// Absent: now.
    pub mistaken_at: Option<DateTime<Utc>>,
}

/// What is done with several entries at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change {
    Status(Status),
    Delete,
    Restore,
    Analyse,
}
