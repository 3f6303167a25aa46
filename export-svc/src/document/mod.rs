//! A pupil's mistake book as plain data, before it has a form.

mod group;
mod labels;
mod notebook;
mod question;
mod sample;

use chrono::NaiveDate;
pub use group::{Group, groups};
pub use labels::{Labels, Language};
pub use notebook::{from_notebook, request};
pub use proto::learning::v1::{MistakeStatus, MistakeType};
pub use question::{Choice, Part, parts};
pub use sample::sample;

use crate::task::{Answers, BookOptions, FontSize, Order, Paper};

/// Everything that one mistake book shows.
#[derive(Clone, Debug, PartialEq)]
pub struct Book {
    pub pupil: String,
    /// What the school calls the pupil; empty when it does not.
    pub student_no: String,
    /// Empty when the pupil is in no class.
    pub class: String,
    pub teacher: String,
    /// First and last day the book covers; absent when it is empty and no period was asked for.
    pub period: Option<(NaiveDate, NaiveDate)>,
    pub made_on: NaiveDate,
    /// Mistakes of the pupil, in this book or not.
    pub total: u32,
    /// Of `total`, those the pupil has mastered.
    pub mastered: u32,
    /// Of `total`, those that are ignored: mastery does not count them.
    pub ignored: u32,
    /// More mistakes matched than a book holds; the latest are here.
    pub truncated: bool,
    /// Knowledge points that were asked for; empty when all are wanted.
    pub wanted_points: Vec<String>,
    pub mistakes: Vec<Mistake>,
    pub style: Style,
}

/// One mistake.
#[derive(Clone, Debug, PartialEq)]
pub struct Mistake {
    pub kind: MistakeType,
    pub status: MistakeStatus,
    pub question: String,
    pub wrong: String,
    pub right: String,
    /// Given with the mistake by a teacher or a book.
    pub explanation: String,
    pub topic: String,
    /// A1 to C2, empty when unknown.
    pub level: String,
    pub points: Vec<KnowledgePoint>,
    /// Where it came from.
    pub source: String,
    pub times_wrong: u32,
    /// Last day on which it went wrong.
    pub mistaken_on: Option<NaiveDate>,
    pub analysis: Option<Analysis>,
    pub similar: Vec<Similar>,
}

/// What a mistake is about.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct KnowledgePoint {
    pub id: String,
    pub name_zh: String,
    pub name_en: String,
}

/// Why a mistake happened and what helps.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Analysis {
    pub kind_zh: String,
    pub kind_en: String,
    pub what_went_wrong: String,
    pub why_right: String,
    pub how_to_remember: String,
    /// Name of the model that wrote it; rules when absent.
    pub model: Option<String>,
}

/// Another question on the same point.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Similar {
    pub question: String,
    pub right: String,
}

/// How the book is to look.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Style {
    pub paper: Paper,
    pub order: Order,
    pub answers: Answers,
    pub font_size: FontSize,
    pub with_redo_space: bool,
    pub with_similar: bool,
    pub with_analysis: bool,
    pub language: Language,
}

impl Style {
    /// Reads the style out of an order.
    #[must_use]
    pub fn of(options: &BookOptions) -> Self {
        Self {
            paper: options.paper,
            order: options.order,
            answers: options.answers,
            font_size: options.font_size,
            // Without answers, the questions are there to be done again.
            with_redo_space: options.with_redo_space || options.answers == Answers::None,
            with_similar: options.with_similar,
            with_analysis: options.with_analysis,
            language: Language::of(&options.locale),
        }
    }
}

impl KnowledgePoint {
    /// Returns the name in `language`, or in the other one when it has none.
    #[must_use]
    pub fn name(&self, language: Language) -> &str {
        let (first, other) = match language {
            Language::Chinese => (&self.name_zh, &self.name_en),
            Language::English => (&self.name_en, &self.name_zh),
        };
        if first.trim().is_empty() { other } else { first }
    }
}

impl Analysis {
    /// Returns the name of the kind of error in `language`, or in the other one.
    #[must_use]
    pub fn kind(&self, language: Language) -> &str {
        let (first, other) = match language {
            Language::Chinese => (&self.kind_zh, &self.kind_en),
            Language::English => (&self.kind_en, &self.kind_zh),
        };
        if first.trim().is_empty() { other } else { first }
    }
}
