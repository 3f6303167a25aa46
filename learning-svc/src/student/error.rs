//! What can be wrong about students.

use std::time::Duration;

use kit::{
    db::DbError,
    error::{Classify, Invalid, Kind, Violation},
};

use crate::{access::AccessError, upstream::UpstreamError};

/// Says why something could not be done with a student.
#[derive(Debug, thiserror::Error)]
pub enum StudentError {
    #[error("students change their target and goal only")]
    PersonalFieldsOnly,
    #[error("the student number {0} belongs to another student")]
    NumberTaken(String),
    #[error(transparent)]
    Invalid(#[from] Invalid),
    #[error(transparent)]
    Access(#[from] AccessError),
    #[error(transparent)]
    Upstream(#[from] UpstreamError),
    #[error("student store failed")]
    Store(#[from] DbError),
}

impl Classify for StudentError {
    fn kind(&self) -> Kind {
        match self {
            Self::PersonalFieldsOnly => Kind::Forbidden,
            Self::NumberTaken(_) => Kind::Conflict,
            Self::Invalid(error) => error.kind(),
            Self::Access(error) => error.kind(),
            Self::Upstream(error) => error.kind(),
            Self::Store(error) => error.kind(),
        }
    }

    fn reason(&self) -> &'static str {
        match self {
            Self::PersonalFieldsOnly => "PERSONAL_FIELDS_ONLY",
            Self::NumberTaken(_) => "STUDENT_NO_TAKEN",
            Self::Invalid(error) => error.reason(),
            Self::Access(error) => error.reason(),
            Self::Upstream(error) => error.reason(),
            Self::Store(error) => error.reason(),
        }
    }

    fn violations(&self) -> Vec<Violation> {
        match self {
            Self::NumberTaken(_) => vec![Violation {
                field: "student_no".to_owned(),
                code: "TAKEN",
                detail: "belongs to another student".to_owned(),
            }],
            Self::Invalid(error) => error.violations(),
            Self::Upstream(error) => error.violations(),
            Self::PersonalFieldsOnly | Self::Access(_) | Self::Store(_) => Vec::new(),
        }
    }

    fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::Access(error) => error.retry_after(),
            Self::Upstream(error) => error.retry_after(),
            Self::Store(error) => error.retry_after(),
            Self::PersonalFieldsOnly | Self::NumberTaken(_) | Self::Invalid(_) => None,
        }
    }
}
