//! What can be wrong with an import.

use kit::{
    db::DbError,
    error::{Classify, Invalid, Kind},
    idempotency::IdempotencyError,
};

use super::{ImportId, Status};
use crate::{access::AccessError, sheet::SheetError};

/// Says why something could not be done with an import of any kind.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    #[error("import {0} does not exist")]
    NotFound(ImportId),
    #[error("what the import was compared with has changed since; upload the file again")]
    Stale,
    #[error("the import is {}", .0.as_str())]
    WrongState(Status),
    #[error(transparent)]
    Sheet(#[from] SheetError),
    #[error(transparent)]
    Invalid(#[from] Invalid),
    #[error(transparent)]
    Access(#[from] AccessError),
    #[error(transparent)]
    Idempotency(#[from] IdempotencyError),
    #[error("reading the file was given up")]
    Interrupted(#[from] tokio::task::JoinError),
    #[error("import store failed")]
    Store(#[from] DbError),
}

impl Classify for ImportError {
    fn kind(&self) -> Kind {
        match self {
            Self::NotFound(_) => Kind::NotFound,
            Self::Stale => Kind::Stale,
            Self::WrongState(_) => Kind::Precondition,
            Self::Sheet(error) => error.kind(),
            Self::Invalid(error) => error.kind(),
            Self::Access(error) => error.kind(),
            Self::Idempotency(error) => error.kind(),
            Self::Interrupted(_) => Kind::Internal,
            Self::Store(error) => error.kind(),
        }
    }

    fn reason(&self) -> &'static str {
        match self {
            Self::NotFound(_) => "IMPORT_NOT_FOUND",
            Self::Stale => "IMPORT_STALE",
            Self::WrongState(_) => "IMPORT_WRONG_STATE",
            Self::Sheet(error) => error.reason(),
            Self::Invalid(error) => error.reason(),
            Self::Access(error) => error.reason(),
            Self::Idempotency(error) => error.reason(),
            Self::Interrupted(_) => "INTERNAL",
            Self::Store(error) => error.reason(),
        }
    }

    fn inner(&self) -> Option<&dyn Classify> {
        match self {
            Self::Sheet(error) => Some(error),
            Self::Invalid(error) => Some(error),
            Self::Access(error) => Some(error),
            Self::Idempotency(error) => Some(error),
            Self::Store(error) => Some(error),
            Self::NotFound(_) | Self::Stale | Self::WrongState(_) | Self::Interrupted(_) => None,
        }
    }
}
