//! Error classes, and the one place where a failure becomes a gRPC status.

mod checks;

use std::{collections::HashMap, error::Error, time::Duration};

pub use checks::{Checks, Invalid};
use tonic::{Code, Status};
use tonic_types::{ErrorDetails, StatusExt as _};

use crate::db::DbError;

/// The domain of every reason code.
pub const DOMAIN: &str = "ai-english";

/// Wrong fields that a status carries: it travels in one header of bounded size.
const MOST_VIOLATIONS: usize = 100;

/// What class of failure an error is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// A field is wrong.
    Invalid,
    /// Nobody is signed in.
    Unauthenticated,
    /// The caller may see it and not do it.
    Forbidden,
    /// It does not exist, or the caller may not see it.
    NotFound,
    /// It collides with what is there.
    Conflict,
    /// It was changed since the caller read it.
    Stale,
    /// A rate or quota is used up.
    Exhausted,
    /// A part is away; trying again later helps.
    Unavailable,
    /// The thing is not in a state that allows this.
    Precondition,
    /// The caller went away.
    Cancelled,
    /// The deadline passed.
    Timeout,
    /// A fault of ours.
    Internal,
}

impl Kind {
    /// Returns the gRPC code of this class.
    #[must_use]
    pub fn grpc_code(self) -> Code {
        match self {
            Self::Invalid => Code::InvalidArgument,
            Self::Unauthenticated => Code::Unauthenticated,
            Self::Forbidden => Code::PermissionDenied,
            Self::NotFound => Code::NotFound,
            Self::Conflict => Code::AlreadyExists,
            Self::Stale => Code::Aborted,
            Self::Exhausted => Code::ResourceExhausted,
            Self::Unavailable => Code::Unavailable,
            Self::Precondition => Code::FailedPrecondition,
            Self::Cancelled => Code::Cancelled,
            Self::Timeout => Code::DeadlineExceeded,
            Self::Internal => Code::Internal,
        }
    }

    /// Returns the class that a gRPC code stands for.
    #[must_use]
    pub fn of_code(code: Code) -> Self {
        match code {
            Code::InvalidArgument | Code::OutOfRange => Self::Invalid,
            Code::Unauthenticated => Self::Unauthenticated,
            Code::PermissionDenied => Self::Forbidden,
            Code::NotFound => Self::NotFound,
            Code::AlreadyExists => Self::Conflict,
            Code::Aborted => Self::Stale,
            Code::ResourceExhausted => Self::Exhausted,
            Code::Unavailable => Self::Unavailable,
            Code::FailedPrecondition => Self::Precondition,
            Code::Cancelled => Self::Cancelled,
            Code::DeadlineExceeded => Self::Timeout,
            Code::Ok | Code::Unknown | Code::Unimplemented | Code::Internal | Code::DataLoss => {
                Self::Internal
            }
        }
    }
}

/// Says what is wrong with one field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Violation {
    /// Path of the field, such as `rows[3].name`.
    pub field: String,
    /// Stable code in `UPPER_SNAKE`.
    pub code: &'static str,
    pub detail: String,
}

/// Gives an error its class and its stable reason.
pub trait Classify: Error {
    /// Returns the class of the error.
    fn kind(&self) -> Kind;

    /// Returns the stable reason in `UPPER_SNAKE`.
    fn reason(&self) -> &'static str;

    /// Returns the classified error that is passed on, of which all below is told.
    fn inner(&self) -> Option<&dyn Classify> {
        None
    }

    /// Returns the fields that are wrong.
    fn violations(&self) -> Vec<Violation> {
        self.inner().map(Classify::violations).unwrap_or_default()
    }

    /// Returns how long the caller should wait before trying again.
    fn retry_after(&self) -> Option<Duration> {
        self.inner().and_then(Classify::retry_after)
    }
}

/// Turns a domain error into a gRPC status, hiding the text of internal ones.
///
/// This is the only place where a service logs a failed call.
pub fn into_status<E: Classify + 'static>(error: E) -> Status {
    let (kind, reason) = (error.kind(), error.reason());
    // The span that carries it is not there at every level of the log.
    let request_id = crate::caller::request_id();
    let mut details = ErrorDetails::with_error_info(reason, DOMAIN, HashMap::new());
    for violation in error.violations().into_iter().take(MOST_VIOLATIONS) {
        details.add_bad_request_violation(
            violation.field,
            format!("{}: {}", violation.code, violation.detail),
        );
    }
    let retry_after = error.retry_after().or(match kind {
        Kind::Unavailable => Some(Duration::from_secs(1)),
        Kind::Invalid
        | Kind::Unauthenticated
        | Kind::Forbidden
        | Kind::NotFound
        | Kind::Conflict
        | Kind::Stale
        | Kind::Exhausted
        | Kind::Precondition
        | Kind::Cancelled
        | Kind::Timeout
        | Kind::Internal => None,
    });
    if retry_after.is_some() {
        details.set_retry_info(retry_after);
    }
    match kind {
        Kind::Internal => {
            let error = Chain(&error).to_string();
            tracing::error!(error, reason, request_id, "call failed");
            Status::with_error_details(kind.grpc_code(), "internal error", details)
        }
        Kind::Unavailable => {
            let error = Chain(&error).to_string();
            tracing::warn!(error, reason, request_id, "call not possible now");
            Status::with_error_details(kind.grpc_code(), "temporarily unavailable", details)
        }
        Kind::Invalid
        | Kind::Unauthenticated
        | Kind::Forbidden
        | Kind::NotFound
        | Kind::Conflict
        | Kind::Stale
        | Kind::Exhausted
        | Kind::Precondition
        | Kind::Cancelled
        | Kind::Timeout => {
            let text = unstorable(&error).unwrap_or_else(|| error.to_string());
            let error = Chain(&error).to_string();
            tracing::debug!(error, reason, "call refused");
            Status::with_error_details(kind.grpc_code(), text, details)
        }
    }
}

/// Says that the database cannot hold a value, when that is what is behind `error`.
fn unstorable(error: &(dyn Error + 'static)) -> Option<String> {
    let mut cause = Some(error);
    while let Some(error) = cause {
        if let Some(found @ DbError::Unstorable) = error.downcast_ref() {
            return Some(found.to_string());
        }
        cause = error.source();
    }
    None
}

/// Reads the reason out of a status made by [`into_status`].
#[must_use]
pub fn reason_of(status: &Status) -> Option<String> {
    status.get_details_error_info().map(|info| info.reason)
}

/// Reads the wrong fields out of a status: field, code, detail.
#[must_use]
pub fn violations_of(status: &Status) -> Vec<(String, String, String)> {
    let fields = status.get_details_bad_request().map(|bad| bad.field_violations);
    fields
        .unwrap_or_default()
        .into_iter()
        .map(|field| match field.description.split_once(": ") {
            Some((code, detail)) => (field.field, code.to_owned(), detail.to_owned()),
            None => (field.field, "INVALID".to_owned(), field.description),
        })
        .collect()
}

/// Reads how long to wait before trying again out of a status.
#[must_use]
pub fn retry_after_of(status: &Status) -> Option<Duration> {
    status.get_details_retry_info().and_then(|info| info.retry_delay)
}

/// Prints an error with all its causes, for the log: `error = %Chain(&error)`. A field that is an
/// error would show its causes in plain lines alone, not in JSON.
#[derive(Debug)]
pub struct Chain<'a>(pub &'a dyn Error);

impl std::fmt::Display for Chain<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}", self.0)?;
        let mut cause = self.0.source();
        while let Some(error) = cause {
            write!(f, ": {error}")?;
            cause = error.source();
        }
        Ok(())
    }
}

/// Refuses a call with a reason and no more.
pub(crate) fn refuse(kind: Kind, reason: &str, message: &str) -> Status {
    let mut details = ErrorDetails::with_error_info(reason, DOMAIN, HashMap::new());
    if kind == Kind::Unavailable {
        details.set_retry_info(Some(Duration::from_secs(1)));
    }
    Status::with_error_details(kind.grpc_code(), message, details)
}
