//! What can be wrong about students.

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

    fn inner(&self) -> Option<&dyn Classify> {
        match self {
            Self::Invalid(error) => Some(error),
            Self::Access(error) => Some(error),
            Self::Upstream(error) => Some(error),
            Self::Store(error) => Some(error),
            Self::PersonalFieldsOnly | Self::NumberTaken(_) => None,
        }
    }

    fn violations(&self) -> Vec<Violation> {
        if let Self::NumberTaken(_) = self {
            return vec![Violation {
                field: "student_no".to_owned(),
                code: "TAKEN",
                detail: "belongs to another student".to_owned(),
            }];
        }
        self.inner().map(Classify::violations).unwrap_or_default()
    }
}
