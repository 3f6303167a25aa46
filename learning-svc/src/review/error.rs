//! What can go wrong with reviews.

use fsrs::FSRSError;
use kit::{
    db::DbError,
    error::{Classify, Invalid, Kind},
};
use uuid::Uuid;

use crate::access::AccessError;

/// Says why a review could not be done or shown.
#[derive(Debug, thiserror::Error)]
pub enum ReviewError {
    #[error("mistake {0} does not exist")]
    NoMistake(Uuid),
    #[error("the mistake is ignored and is not reviewed")]
    Ignored,
    #[error("the review id was used for another mistake")]
    IdReused,
    #[error(transparent)]
    Invalid(#[from] Invalid),
    #[error(transparent)]
    Access(#[from] AccessError),
    #[error("the next review cannot be computed")]
    Schedule(#[from] FSRSError),
    #[error("review store failed")]
    Store(#[from] DbError),
}

impl Classify for ReviewError {
    fn kind(&self) -> Kind {
        match self {
            Self::NoMistake(_) => Kind::NotFound,
            Self::Ignored => Kind::Precondition,
            Self::IdReused => Kind::Conflict,
            Self::Invalid(error) => error.kind(),
            Self::Access(error) => error.kind(),
            Self::Schedule(_) => Kind::Internal,
            Self::Store(error) => error.kind(),
        }
    }

    fn reason(&self) -> &'static str {
        match self {
            Self::NoMistake(_) => "MISTAKE_NOT_FOUND",
            Self::Ignored => "MISTAKE_IGNORED",
            Self::IdReused => "REVIEW_ID_REUSED",
            Self::Invalid(error) => error.reason(),
            Self::Access(error) => error.reason(),
            Self::Schedule(_) => "INTERNAL",
            Self::Store(error) => error.reason(),
        }
    }

    fn inner(&self) -> Option<&dyn Classify> {
        match self {
            Self::Invalid(error) => Some(error),
            Self::Access(error) => Some(error),
            Self::Store(error) => Some(error),
            Self::NoMistake(_) | Self::Ignored | Self::IdReused | Self::Schedule(_) => None,
        }
    }
}
