//! The other services, asked in the name of the present caller.

mod ai;
mod auth;

use std::time::Duration;

pub use ai::{Ai, Hit, MAX_OWNERS, WRITES_END};
pub use auth::{Auth, named};
use kit::error::{Classify, Kind, Violation, reason_of, violations_of};
use tonic::Status;

/// Says that another service refused or did not answer.
#[derive(Debug, thiserror::Error)]
#[error("{service} answered: {}", .status.message())]
pub struct UpstreamError {
    pub service: &'static str,
    pub status: Status,
}

impl UpstreamError {
    /// Returns the stable reason that the other service gave.
    #[must_use]
    pub fn given_reason(&self) -> Option<String> {
        reason_of(&self.status)
    }
}

impl Classify for UpstreamError {
    fn kind(&self) -> Kind {
        match Kind::of_code(self.status.code()) {
            Kind::Timeout | Kind::Cancelled => Kind::Unavailable,
            kind @ (Kind::Invalid
            | Kind::Unauthenticated
            | Kind::Forbidden
            | Kind::NotFound
            | Kind::Conflict
            | Kind::Stale
            | Kind::Exhausted
            | Kind::Unavailable
            | Kind::Precondition
            | Kind::Internal) => kind,
        }
    }

    fn reason(&self) -> &'static str {
        match self.kind() {
            Kind::Unavailable => "SERVICE_UNAVAILABLE",
            Kind::NotFound => "USER_NOT_FOUND",
            Kind::Forbidden => "PERMISSION_DENIED",
            Kind::Invalid => "INVALID_FIELDS",
            Kind::Conflict | Kind::Stale => "CONFLICT",
            Kind::Unauthenticated
            | Kind::Exhausted
            | Kind::Precondition
            | Kind::Cancelled
            | Kind::Timeout
            | Kind::Internal => "UPSTREAM_FAILED",
        }
    }

    fn violations(&self) -> Vec<Violation> {
        let fields = violations_of(&self.status).into_iter();
        fields.map(|(field, _, detail)| Violation { field, code: "REFUSED", detail }).collect()
    }

    fn retry_after(&self) -> Option<Duration> {
        kit::error::retry_after_of(&self.status)
    }
}
