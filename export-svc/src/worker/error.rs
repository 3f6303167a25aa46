//! Why a document could not be made, and what follows from it.

use kit::{
    db::DbError,
    error::{Classify as _, Kind},
};

use crate::{files::FileError, learning::LearningError};

/// Says why a document could not be made.
#[derive(Debug, thiserror::Error)]
pub enum WorkError {
    #[error("the task was cancelled or taken over")]
    Lost,
    #[error("the document is larger than {0} bytes")]
    TooLarge(u64),
    #[error(transparent)]
    Learning(#[from] LearningError),
    #[error(transparent)]
    File(#[from] FileError),
    #[error("writing the file failed")]
    Write(#[from] std::io::Error),
    #[error("rendering failed: {0}")]
    Render(String),
    #[error("the worker panicked")]
    Panicked,
    #[error("task store failed")]
    Store(#[from] DbError),
}

impl WorkError {
    /// Returns the stable reason.
    pub(super) fn reason(&self) -> &'static str {
        match self {
            Self::Lost => "LOST",
            Self::TooLarge(_) => "FILE_TOO_LARGE",
            Self::Learning(error) => error.reason(),
            Self::File(error) => error.reason(),
            Self::Write(_) => "FILE_STORE_UNAVAILABLE",
            Self::Render(_) | Self::Panicked => "RENDER_FAILED",
            Self::Store(error) => error.reason(),
        }
    }

    /// Returns a sentence for people; internal text stays inside.
    pub(super) fn detail(&self) -> String {
        match self {
            Self::TooLarge(_) | Self::Learning(_) => self.to_string(),
            Self::Lost
            | Self::File(_)
            | Self::Write(_)
            | Self::Render(_)
            | Self::Panicked
            | Self::Store(_) => "the document could not be made".to_owned(),
        }
    }

    /// Tells whether waiting helps: then the try is not counted.
    pub(super) fn is_unavailable(&self) -> bool {
        match self {
            Self::Learning(error) => error.kind() == Kind::Unavailable,
            Self::File(error) => error.kind() == Kind::Unavailable,
            Self::Store(error) => error.kind() == Kind::Unavailable,
            Self::Write(_) => true,
            Self::Lost | Self::TooLarge(_) | Self::Render(_) | Self::Panicked => false,
        }
    }

    /// Tells whether another try can end no better.
    pub(super) fn is_final(&self) -> bool {
        match self {
            Self::TooLarge(_) => true,
            Self::Learning(error) => {
                matches!(error.kind(), Kind::NotFound | Kind::Forbidden | Kind::Invalid)
            }
            Self::Lost
            | Self::File(_)
            | Self::Write(_)
            | Self::Render(_)
            | Self::Panicked
            | Self::Store(_) => false,
        }
    }

    /// Returns how a try that ended so is counted.
    pub(super) fn outcome(&self) -> &'static str {
        if matches!(self, Self::Lost) {
            "lost"
        } else if self.is_unavailable() {
            "postponed"
        } else {
            "failed"
        }
    }
}

#[cfg(test)]
mod tests {
    use kit::error::{Invalid, into_status};
    use tonic::{Code, Status};

    use super::*;

    fn detail(status: Status) -> String {
        WorkError::from(LearningError::from(status)).detail()
    }

    #[test]
    fn people_read_only_what_our_services_say() {
        for code in 1..=16 {
            let status = Status::new(Code::from(code), "tcp connect error: 10.0.0.3:50052");
            let shown = detail(status);
            assert!(!shown.is_empty() && !shown.contains("10.0.0.3"), "{code}: {shown}");
        }
        let refused = into_status(Invalid::one("topic", "TOO_LONG", "is too long"));
        let text = refused.message().to_owned();
        assert_eq!(detail(refused), text);
    }
}
