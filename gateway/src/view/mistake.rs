//! Entries of mistake books.

use chrono::{DateTime, Utc};
use proto::learning::v1 as pb;
use serde::Serialize;
use utoipa::ToSchema;

use super::{moment, text, time, word, words};
use crate::http::Problem;

words! {
    /// Where an answer came from.
    AnswerSource of proto::ai::v1::Source { Model, Rules }
}

words! {
    /// What a mistake was made in.
    MistakeType of pb::MistakeType {
        Grammar, Vocabulary, Reading, Listening, Writing, Speaking, Pronunciation, Comprehension,
    }
}
words! {
    /// How far the student has come with a mistake.
    MistakeStatus of pb::MistakeStatus { Pending, Reviewing, Mastered, Ignored }
}
words! {
    /// Whether a mistake has been analysed.
    AnalysisStatus of pb::AnalysisStatus { Queued, Running, Done, Failed }
}
words! {
    /// How a review is answered: with a text, which is compared with the right answer, or with the
    /// student's own grade, where the right answer is too long or too free to be compared.
    AnswerForm of pb::AnswerForm { Text, SelfRating }
}
words! {
    /// Which mistakes come first.
    MistakeOrder of pb::MistakeOrder { Latest, Oldest, MostFrequent }
}
words! {
    /// How well the student remembered.
    Rating of pb::Rating { Again, Hard, Good, Easy }
}

/// One entry of a mistake book.
#[derive(Debug, Serialize, ToSchema)]
pub struct Mistake {
    pub id: String,
    pub student_id: String,
    pub student_name: String,
    #[serde(rename = "type")]
    pub kind: MistakeType,
    pub status: MistakeStatus,
    pub question: String,
    pub wrong_answer: String,
    /// Null in a due review, until it has been answered.
    pub correct_answer: Option<String>,
    /// Given with the mistake by a teacher or a book.
    pub explanation: Option<String>,
    pub topic: Option<String>,
    /// A1 to C2.
    pub difficulty_level: Option<String>,
    pub knowledge_points: Vec<KnowledgePointRef>,
    /// As in `2026 midterm, paper A`.
    pub source: Option<String>,
    /// How often the student got it wrong.
    pub times_wrong: u32,
    pub review_count: u32,
    pub first_mistaken_at: DateTime<Utc>,
    pub last_mistaken_at: DateTime<Utc>,
    pub last_reviewed_at: Option<DateTime<Utc>>,
    /// Null when no review is planned.
    pub due_at: Option<DateTime<Utc>>,
    pub analysis_status: AnalysisStatus,
    /// Null until done.
    pub analysis: Option<Analysis>,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
    pub created_by: String,
    /// Changes with every write; sent back with a change to notice that somebody else wrote.
    pub version: u64,
    /// Probability of recall now, 0 to 1; null before the first review.
    pub retrievability: Option<f64>,
    /// How a review of it is answered.
    pub answer_form: AnswerForm,
}

/// A knowledge point by name.
#[derive(Debug, Serialize, ToSchema)]
pub struct KnowledgePointRef {
    pub id: String,
    pub name_zh: String,
    pub name_en: String,
}

/// What went wrong, and why the right answer is right.
#[derive(Debug, Serialize, ToSchema)]
pub struct Analysis {
    /// In the style of ERRANT, as in `R:VERB:TENSE`.
    pub error_type: Option<String>,
    pub error_type_zh: Option<String>,
    pub error_type_en: Option<String>,
    pub what_went_wrong: Option<String>,
    pub why_right: Option<String>,
    pub how_to_remember: Option<String>,
    pub source: AnswerSource,
    /// Null for rules.
    pub model: Option<String>,
    pub analysed_at: DateTime<Utc>,
}

impl From<pb::KnowledgePointRef> for KnowledgePointRef {
    fn from(point: pb::KnowledgePointRef) -> Self {
        Self { id: point.id, name_zh: point.name_zh, name_en: point.name_en }
    }
}

impl TryFrom<pb::Analysis> for Analysis {
    type Error = Problem;

    fn try_from(analysis: pb::Analysis) -> Result<Self, Problem> {
        Ok(Self {
            error_type: text(analysis.error_type),
            error_type_zh: text(analysis.error_type_zh),
            error_type_en: text(analysis.error_type_en),
            what_went_wrong: text(analysis.what_went_wrong),
            why_right: text(analysis.why_right),
            how_to_remember: text(analysis.how_to_remember),
            source: word(analysis.source)?,
            model: text(analysis.model),
            analysed_at: moment(analysis.analysed_at)?,
        })
    }
}

impl TryFrom<pb::Mistake> for Mistake {
    type Error = Problem;

    fn try_from(mistake: pb::Mistake) -> Result<Self, Problem> {
        Ok(Self {
            id: mistake.id,
            student_id: mistake.student_id,
            student_name: mistake.student_name,
            kind: MistakeType::from_wire(mistake.r#type)?,
            status: MistakeStatus::from_wire(mistake.status)?,
            question: mistake.question,
            wrong_answer: mistake.wrong_answer,
            correct_answer: text(mistake.correct_answer),
            explanation: text(mistake.explanation),
            topic: text(mistake.topic),
            difficulty_level: text(mistake.difficulty_level),
            knowledge_points: mistake.knowledge_points.into_iter().map(Into::into).collect(),
            source: text(mistake.source),
            times_wrong: mistake.times_wrong,
            review_count: mistake.review_count,
            first_mistaken_at: moment(mistake.first_mistaken_at)?,
            last_mistaken_at: moment(mistake.last_mistaken_at)?,
            last_reviewed_at: time(mistake.last_reviewed_at),
            due_at: time(mistake.due_at),
            analysis_status: AnalysisStatus::from_wire(mistake.analysis_status)?,
            analysis: mistake.analysis.map(Analysis::try_from).transpose()?,
            created_at: moment(mistake.created_at)?,
            updated_at: moment(mistake.updated_at)?,
            created_by: mistake.created_by,
            version: mistake.version,
            retrievability: mistake.retrievability,
            answer_form: AnswerForm::from_wire(mistake.answer_form)?,
        })
    }
}
