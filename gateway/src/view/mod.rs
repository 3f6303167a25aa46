//! JSON forms of messages that more than one resource shows.
//!
//! What a service leaves empty is `null` here, and words stand for the numbers of enums.

mod figures;
pub mod input;
mod mistake;
mod spreadsheet;
mod student;
mod task;
mod user;

use chrono::{DateTime, Utc};
pub use figures::{Figures, StudentFigures};
pub use mistake::{
    Analysis, AnalysisStatus, AnswerSource, KnowledgePointRef, Mistake, MistakeOrder,
    MistakeStatus, MistakeType, Rating,
};
use prost_types::Timestamp;
use serde::Serialize;
pub use spreadsheet::{Import, ImportRow, ImportStatus, RowOutcome};
pub use student::{ClassRef, Student};
pub use task::{Answers, BookOptions, Document, FontSize, Format, Order, Paper, Task, TaskStatus};
pub use user::{Role, User, UserName};
use utoipa::ToSchema;

/// One page of a list.
#[derive(Debug, Serialize, ToSchema)]
pub struct Page<T: ToSchema> {
    pub items: Vec<T>,
    /// Continues the list when sent back as `cursor`; null on the last page.
    pub next_cursor: Option<String>,
}

impl<T: ToSchema> Page<T> {
    /// Makes a page of what a service returned.
    pub fn of<W>(items: Vec<W>, next_cursor: String) -> Self
    where
        T: From<W>,
    {
        Self { items: items.into_iter().map(T::from).collect(), next_cursor: text(next_cursor) }
    }

    /// Makes the only page of a short list.
    #[must_use]
    pub fn whole<W>(items: Vec<W>) -> Self
    where
        T: From<W>,
    {
        Self::of(items, String::new())
    }
}

/// Returns a text that may be absent.
#[must_use]
pub fn text(text: String) -> Option<String> {
    (!text.is_empty()).then_some(text)
}

/// Returns a moment that may be absent.
#[must_use]
pub fn time(time: Option<Timestamp>) -> Option<DateTime<Utc>> {
    let time = time?;
    DateTime::from_timestamp(time.seconds, u32::try_from(time.nanos).ok()?)
}

/// Makes an enum of the API that is written in lower case, out of one of the contract.
macro_rules! words {
    ($(#[$doc:meta])* $name:ident of $wire:ty { $($variant:ident),* $(,)? }) => {
        $(#[$doc])*
        #[derive(
            Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize, utoipa::ToSchema,
        )]
        #[serde(rename_all = "snake_case")]
        pub enum $name {
            $($variant),*
        }

        impl $name {
            /// Reads the value of a message; `None` when it is unspecified.
            #[must_use]
            pub fn from_wire(value: i32) -> Option<Self> {
                match <$wire>::try_from(value) {
                    $(Ok(<$wire>::$variant) => Some(Self::$variant),)*
                    Ok(<$wire>::Unspecified) | Err(_) => None,
                }
            }

            /// Returns the value for a message.
            #[must_use]
            pub fn to_wire(self) -> i32 {
                match self {
                    $(Self::$variant => <$wire>::$variant.into(),)*
                }
            }
        }
    };
}
pub(crate) use words;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn absent_values_are_null() {
        assert_eq!(text(String::new()), None);
        assert_eq!(time(None), None);
        assert_eq!(time(Some(Timestamp { seconds: 1, nanos: -1 })), None);
        assert_eq!(Role::from_wire(0), None);
        assert_eq!(Role::from_wire(99), None);
    }

    #[test]
    fn words_come_back_as_they_went() {
        for role in [Role::Admin, Role::Teacher, Role::Student] {
            assert_eq!(Role::from_wire(role.to_wire()), Some(role));
        }
        assert_eq!(serde_json::json!(MistakeType::Grammar), "grammar");
        assert_eq!(serde_json::json!(Document::ClassMistakeBooks), "class_mistake_books");
    }
}
