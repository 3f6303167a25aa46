//! JSON forms of messages that more than one resource shows.
//!
//! What may be absent is `null` here, and words stand for the numbers of enums. An answer without
//! what it always holds, or with a number that nobody knows, is a fault of ours: it becomes a
//! problem, never a guess.

mod figures;
pub mod input;
mod mistake;
mod spreadsheet;
mod student;
mod task;
mod user;

use chrono::{DateTime, Utc};
pub use figures::{
    ActivityDay, AttentionReason, Figures, ProgressStep, StudentFigures, StudentOrder,
};
pub use mistake::{
    Analysis, AnalysisStatus, AnswerForm, AnswerSource, KnowledgePointRef, Mistake, MistakeOrder,
    MistakeStatus, MistakeType, Rating,
};
use prost_types::Timestamp;
use serde::{Serialize, de::DeserializeOwned};
pub use spreadsheet::{Import, ImportRow, ImportStatus, RowOutcome};
pub use student::{ClassRef, Student};
pub use task::{Answers, BookOptions, Document, FontSize, Format, Order, Paper, Task, TaskStatus};
pub use user::{Preferences, Role, Theme, User, UserName};
use utoipa::ToSchema;

use crate::http::Problem;

/// One page of a list.
#[derive(Debug, Serialize, ToSchema)]
pub struct Page<T: ToSchema> {
    pub items: Vec<T>,
    /// Continues the list when sent back as `cursor`; null on the last page.
    pub next_cursor: Option<String>,
}

impl<T: ToSchema> Page<T> {
    /// Makes a page of what a service returned.
    pub fn of<W>(items: Vec<W>, next_cursor: String) -> Result<Self, Problem>
    where
        T: TryFrom<W>,
        Problem: From<T::Error>,
    {
        Ok(Self { items: all(items)?, next_cursor: text(next_cursor) })
    }

    /// Makes the only page of a short list.
    pub fn whole<W>(items: Vec<W>) -> Result<Self, Problem>
    where
        T: TryFrom<W>,
        Problem: From<T::Error>,
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

/// Returns a moment that an answer always holds.
pub fn moment(moment: Option<Timestamp>) -> Result<DateTime<Utc>, Problem> {
    present(time(moment))
}

/// Takes what an answer always holds.
pub fn present<T>(part: Option<T>) -> Result<T, Problem> {
    part.ok_or_else(|| Problem::broken_answer(std::any::type_name::<T>(), "is missing"))
}

/// Makes all of what a service returned.
pub fn all<W, T>(items: Vec<W>) -> Result<Vec<T>, Problem>
where
    T: TryFrom<W>,
    Problem: From<T::Error>,
{
    items.into_iter().map(|item| Ok(T::try_from(item)?)).collect()
}

/// Reads the number of an enum that may be left unspecified.
pub fn optional<T>(
    value: i32,
    read: impl FnOnce(i32) -> Result<T, Problem>,
) -> Result<Option<T>, Problem> {
    (value != 0).then(|| read(value)).transpose()
}

/// Reads a word out of a text field of a message.
pub fn word<T: DeserializeOwned>(word: String) -> Result<T, Problem> {
    let known = serde_json::from_value(serde_json::Value::String(word));
    known.map_err(|error| Problem::broken_answer(std::any::type_name::<T>(), error))
}

/// Returns the word that stands for a value in JSON.
#[must_use]
pub fn written(value: &impl Serialize) -> Option<String> {
    serde_json::to_value(value).ok()?.as_str().map(str::to_owned)
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
            /// Reads the value of a message, which is always given and known.
            pub fn from_wire(value: i32) -> Result<Self, $crate::http::Problem> {
                match <$wire>::try_from(value) {
                    $(Ok(<$wire>::$variant) => Ok(Self::$variant),)*
                    Ok(<$wire>::Unspecified) | Err(_) => {
                        Err($crate::http::Problem::broken_answer(stringify!($name), value))
                    }
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
        assert_eq!(optional(0, Paper::from_wire).unwrap(), None);
    }

    #[test]
    fn nothing_is_made_up() {
        for unknown in [Role::from_wire(0), Role::from_wire(99), word("owner".to_owned())] {
            let problem = unknown.unwrap_err();
            assert_eq!((problem.status, problem.code.as_str()), (500, "INTERNAL"));
        }
        assert_eq!(moment(None).unwrap_err().status, 500);
        assert_eq!(optional(99, Paper::from_wire).unwrap_err().status, 500);
        let nameless = proto::auth::v1::UserName { role: 0, ..Default::default() };
        assert!(Page::<UserName>::whole(vec![nameless]).is_err());
    }

    #[test]
    fn words_come_back_as_they_went() {
        for role in [Role::Admin, Role::Teacher, Role::Student] {
            assert_eq!(Role::from_wire(role.to_wire()).unwrap(), role);
        }
        assert_eq!(serde_json::json!(MistakeType::Grammar), "grammar");
        assert_eq!(serde_json::json!(Document::ClassMistakeBooks), "class_mistake_books");
    }
}
