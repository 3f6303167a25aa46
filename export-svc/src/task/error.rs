//! What can be wrong with an order.

use std::time::Duration;

use kit::{
    db::DbError,
    error::{Classify, Invalid, Kind},
    idempotency::IdempotencyError,
};

use super::{Status, TaskId};
use crate::{files::FileError, learning::LearningError};

/// Says why something could not be done with a task.
#[derive(Debug, thiserror::Error)]
pub enum TaskError {
    #[error("export {0} does not exist")]
    NotFound(TaskId),
    #[error("students print only their own mistake book")]
    OnlyOwnBook,
    #[error("at most {0} exports may be queued or running at once")]
    TooMany(u32),
    #[error("at most {0} exports may be watched at once")]
    TooManyWatches(u32),
    #[error("the export is {}", .0.as_str())]
    WrongState(Status),
    #[error("the file was deleted because its time had passed")]
    FileExpired,
    #[error(transparent)]
    Invalid(#[from] Invalid),
    #[error(transparent)]
    Idempotency(#[from] IdempotencyError),
    #[error(transparent)]
    Learning(#[from] LearningError),
    #[error(transparent)]
    File(#[from] FileError),
    #[error("task store failed")]
    Store(#[from] DbError),
}

impl Classify for TaskError {
    fn kind(&self) -> Kind {
        match self {
            // Whose book there is to print is nobody else's business.
            Self::NotFound(_) | Self::OnlyOwnBook | Self::FileExpired => Kind::NotFound,
            Self::TooMany(_) | Self::TooManyWatches(_) => Kind::Exhausted,
            Self::WrongState(_) => Kind::Precondition,
            Self::Invalid(error) => error.kind(),
            Self::Idempotency(error) => error.kind(),
            Self::Learning(error) => error.kind(),
            Self::File(error) => error.kind(),
            Self::Store(error) => error.kind(),
        }
    }

    fn reason(&self) -> &'static str {
        match self {
            Self::NotFound(_) => "EXPORT_NOT_FOUND",
            Self::OnlyOwnBook => "SUBJECT_NOT_FOUND",
            Self::TooMany(_) => "TOO_MANY_EXPORTS",
            Self::TooManyWatches(_) => "TOO_MANY_WATCHES",
            Self::WrongState(_) => "EXPORT_WRONG_STATE",
            Self::FileExpired => "EXPORT_FILE_EXPIRED",
            Self::Invalid(error) => error.reason(),
            Self::Idempotency(error) => error.reason(),
            Self::Learning(error) => error.reason(),
            Self::File(error) => error.reason(),
            Self::Store(error) => error.reason(),
        }
    }

    fn inner(&self) -> Option<&dyn Classify> {
        match self {
            Self::Invalid(error) => Some(error),
            Self::Idempotency(error) => Some(error),
            Self::Learning(error) => Some(error),
            Self::File(error) => Some(error),
            Self::Store(error) => Some(error),
            Self::NotFound(_)
            | Self::OnlyOwnBook
            | Self::TooMany(_)
            | Self::TooManyWatches(_)
            | Self::WrongState(_)
            | Self::FileExpired => None,
        }
    }

    fn retry_after(&self) -> Option<Duration> {
        if let Self::TooMany(_) | Self::TooManyWatches(_) = self {
            return Some(Duration::from_secs(5));
        }
        self.inner().and_then(Classify::retry_after)
    }
}
