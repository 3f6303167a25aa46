//! How asking a model can fail, and whether asking again may help.

use std::time::Duration;

/// Says why a model gave no usable answer; carries no text of anybody.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Failure {
    #[error("no answer in time")]
    Timeout,
    #[error("too many calls")]
    RateLimited { retry_after: Option<Duration> },
    #[error("server failed with status {status}")]
    ServerError { status: u16, retry_after: Option<Duration> },
    #[error("server cannot be reached")]
    Unreachable,
    #[error("provider rests after failures")]
    Resting,
    #[error("key is not accepted")]
    Unauthorized,
    #[error("request was refused with status {status}")]
    Refused { status: u16 },
    #[error("answer is not usable: {0}")]
    InvalidAnswer(&'static str),
}

impl Failure {
    /// Returns the stable name of the class.
    #[must_use]
    pub fn class(&self) -> &'static str {
        match self {
            Self::Timeout => "timeout",
            Self::RateLimited { .. } => "rate_limited",
            Self::ServerError { .. } => "server_error",
            Self::Unreachable => "unreachable",
            Self::Resting => "resting",
            Self::Unauthorized => "unauthorized",
            Self::Refused { .. } => "refused",
            Self::InvalidAnswer(_) => "invalid_answer",
        }
    }

    /// Tells whether the same call may succeed a little later.
    #[must_use]
    pub fn may_pass(&self) -> bool {
        match self {
            Self::RateLimited { .. } | Self::ServerError { .. } | Self::Unreachable => true,
            // A call that was slow once has used up its time already.
            Self::Timeout
            | Self::Resting
            | Self::Unauthorized
            | Self::Refused { .. }
            | Self::InvalidAnswer(_) => false,
        }
    }

    /// Tells whether the provider works and refused this one request for what is in it.
    #[must_use]
    pub fn is_about_the_request(&self) -> bool {
        matches!(self, Self::Refused { status: 400 | 413 | 422 })
    }

    /// Returns how long the provider asks to be left alone.
    #[must_use]
    pub fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::RateLimited { retry_after } | Self::ServerError { retry_after, .. } => {
                *retry_after
            }
            Self::Timeout
            | Self::Unreachable
            | Self::Resting
            | Self::Unauthorized
            | Self::Refused { .. }
            | Self::InvalidAnswer(_) => None,
        }
    }
}
