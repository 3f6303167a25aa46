//! What can be wrong about classes.

use kit::{
    db::DbError,
    error::{Classify, Invalid, Kind, Violation},
    idempotency::IdempotencyError,
};
use uuid::Uuid;

use crate::{access::AccessError, student::StudentError, upstream::UpstreamError};

/// Says why something could not be done with a class.
#[derive(Debug, thiserror::Error)]
pub enum ClassError {
    #[error("the class has room for {0} students and no more")]
    Full(u32),
    #[error("the class is archived")]
    Archived,
    #[error("no class has this join code")]
    UnknownJoinCode,
    #[error("{0} is no active teacher of the organization")]
    NoTeacher(&'static str),
    #[error("student {0} is not enrolled in the class")]
    NotEnrolled(Uuid),
    #[error(transparent)]
    Invalid(#[from] Invalid),
    #[error(transparent)]
    Access(#[from] AccessError),
    #[error(transparent)]
    Student(#[from] StudentError),
    #[error(transparent)]
    Idempotency(#[from] IdempotencyError),
    #[error(transparent)]
    Upstream(#[from] UpstreamError),
    #[error("class store failed")]
    Store(#[from] DbError),
}

impl Classify for ClassError {
    fn kind(&self) -> Kind {
        match self {
            Self::Full(_) => Kind::Conflict,
            Self::Archived => Kind::Precondition,
            Self::UnknownJoinCode | Self::NotEnrolled(_) => Kind::NotFound,
            Self::NoTeacher(_) => Kind::Invalid,
            Self::Invalid(error) => error.kind(),
            Self::Access(error) => error.kind(),
            Self::Student(error) => error.kind(),
            Self::Idempotency(error) => error.kind(),
            Self::Upstream(error) => error.kind(),
            Self::Store(error) => error.kind(),
        }
    }

    fn reason(&self) -> &'static str {
        match self {
            Self::Full(_) => "CLASS_FULL",
            Self::Archived => "CLASS_ARCHIVED",
            Self::UnknownJoinCode => "JOIN_CODE_NOT_FOUND",
            Self::NotEnrolled(_) => "ENROLLMENT_NOT_FOUND",
            Self::NoTeacher(_) => "INVALID_FIELDS",
            Self::Invalid(error) => error.reason(),
            Self::Access(error) => error.reason(),
            Self::Student(error) => error.reason(),
            Self::Idempotency(error) => error.reason(),
            Self::Upstream(error) => error.reason(),
            Self::Store(error) => error.reason(),
        }
    }

    fn inner(&self) -> Option<&dyn Classify> {
        match self {
            Self::Invalid(error) => Some(error),
            Self::Access(error) => Some(error),
            Self::Student(error) => Some(error),
            Self::Upstream(error) => Some(error),
            Self::Idempotency(error) => Some(error),
            Self::Store(error) => Some(error),
            Self::Full(_)
            | Self::Archived
            | Self::UnknownJoinCode
            | Self::NoTeacher(_)
            | Self::NotEnrolled(_) => None,
        }
    }

    fn violations(&self) -> Vec<Violation> {
        if let Self::NoTeacher(field) = self {
            return vec![Violation {
                field: (*field).to_owned(),
                code: "NOT_A_TEACHER",
                detail: "is no active teacher of the organization".to_owned(),
            }];
        }
        self.inner().map(Classify::violations).unwrap_or_default()
    }
}
