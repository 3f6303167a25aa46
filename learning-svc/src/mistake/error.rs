//! What can go wrong with a mistake book.

use fsrs::FSRSError;
use kit::{
    db::DbError,
    error::{Classify, Invalid, Kind},
    idempotency::IdempotencyError,
};
use uuid::Uuid;

use crate::{access::AccessError, student::StudentError, upstream::UpstreamError};

/// Says why something could not be done with a mistake.
#[derive(Debug, thiserror::Error)]
pub enum MistakeError {
    #[error("mistake {0} does not exist")]
    NotFound(Uuid),
    #[error("somebody else has changed the mistake meanwhile")]
    ChangedMeanwhile,
    #[error("the student has this mistake already: {0}")]
    Exists(Uuid),
    #[error("the mistake was removed meanwhile")]
    Gone,
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
    #[error("the next review cannot be computed")]
    Schedule(#[from] FSRSError),
    #[error("mistake store failed")]
    Store(#[from] DbError),
}

impl Classify for MistakeError {
    fn kind(&self) -> Kind {
        match self {
            Self::NotFound(_) | Self::Gone => Kind::NotFound,
            Self::ChangedMeanwhile => Kind::Stale,
            Self::Exists(_) => Kind::Conflict,
            Self::Invalid(error) => error.kind(),
            // The mistake is as hidden as its student.
            Self::Access(error) => error.kind(),
            Self::Student(error) => error.kind(),
            Self::Idempotency(error) => error.kind(),
            Self::Upstream(error) => error.kind(),
            Self::Schedule(_) => Kind::Internal,
            Self::Store(error) => error.kind(),
        }
    }

    fn reason(&self) -> &'static str {
        match self {
            Self::NotFound(_) | Self::Gone => "MISTAKE_NOT_FOUND",
            Self::ChangedMeanwhile => "MISTAKE_CHANGED_MEANWHILE",
            Self::Exists(_) => "MISTAKE_EXISTS",
            Self::Invalid(error) => error.reason(),
            Self::Access(error) => error.reason(),
            Self::Student(error) => error.reason(),
            Self::Idempotency(error) => error.reason(),
            Self::Upstream(error) => error.reason(),
            Self::Schedule(_) => "INTERNAL",
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
            Self::NotFound(_)
            | Self::ChangedMeanwhile
            | Self::Exists(_)
            | Self::Gone
            | Self::Schedule(_) => None,
        }
    }
}

impl MistakeError {
    /// Hides the student of a mistake that the caller may not see.
    pub(crate) fn hide(mistake: Uuid) -> impl FnOnce(AccessError) -> Self {
        move |error| match error {
            AccessError::NoStudent(_) => Self::NotFound(mistake),
            AccessError::NoClass(_)
            | AccessError::FormerStudent(_)
            | AccessError::TeachersOnly
            | AccessError::StudentsOnly
            | AccessError::HeadTeacherOnly
            | AccessError::Store(_) => Self::Access(error),
        }
    }
}
