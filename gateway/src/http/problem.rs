//! The one error body of the API (RFC 9457).

use std::{convert::Infallible, fmt, time::Duration};

use actix_web::{
    HttpResponse, ResponseError,
    http::{StatusCode, header},
};
use kit::error::{reason_of, retry_after_of, violations_of};
use serde::Serialize;
use tonic::{Code, Status};
use utoipa::ToSchema;

/// Reasons that say that the gateway itself is not trusted: nothing that a client could mend.
const OWN_FAULTS: [&str; 3] = ["CALLER_REQUIRED", "CALLER_INVALID", "CERTIFICATE_REQUIRED"];

/// Body of every response outside 2xx and 3xx.
#[derive(Debug, Serialize, ToSchema)]
pub struct Problem {
    /// Always `about:blank`: `code` tells problems apart.
    #[serde(rename = "type")]
    pub kind: &'static str,
    pub title: &'static str,
    pub status: u16,
    pub detail: String,
    /// Stable identifier of what went wrong, as in `MISTAKE_NOT_FOUND`.
    pub code: String,
    /// Names the request in the logs.
    pub request_id: String,
    /// Wrong fields, when the request had any.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub errors: Vec<FieldError>,
    #[serde(skip)]
    retry_after: Option<Duration>,
}

/// What is wrong with one field.
#[derive(Debug, Serialize, ToSchema)]
pub struct FieldError {
    /// Path of the field, as in `mistakes[3].question`.
    pub field: String,
    pub code: String,
    pub detail: String,
}

impl Problem {
    /// Makes a problem.
    pub fn new(status: StatusCode, code: impl Into<String>, detail: impl Into<String>) -> Self {
        Self {
            kind: "about:blank",
            title: status.canonical_reason().unwrap_or("Error"),
            status: status.as_u16(),
            detail: detail.into(),
            code: code.into(),
            request_id: kit::caller::request_id().unwrap_or_default(),
            errors: Vec::new(),
            retry_after: None,
        }
    }

    /// Refuses one field.
    pub fn field(
        field: impl Into<String>,
        code: impl Into<String>,
        detail: impl Into<String>,
    ) -> Self {
        let (field, detail) = (field.into(), detail.into());
        let message = format!("{field}: {detail}");
        Self::new(StatusCode::UNPROCESSABLE_ENTITY, "INVALID_FIELDS", message)
            .with_error(field, code, detail)
    }

    /// Asks for a sign-in.
    #[must_use]
    pub fn unauthenticated(code: &str) -> Self {
        Self::new(StatusCode::UNAUTHORIZED, code, "sign in first")
    }

    /// Says that something is away for a moment.
    #[must_use]
    pub fn unavailable(code: &str) -> Self {
        Self::new(StatusCode::SERVICE_UNAVAILABLE, code, "temporarily unavailable")
            .after(Duration::from_secs(1))
    }

    /// Says that a service answered something that does not keep to the contract.
    pub fn broken_answer(part: &'static str, fault: impl fmt::Display) -> Self {
        tracing::error!(part, %fault, "an answer does not keep to the contract");
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, "INTERNAL", "internal error")
    }

    /// Adds a wrong field.
    #[must_use]
    pub fn with_error(
        mut self,
        field: impl Into<String>,
        code: impl Into<String>,
        detail: impl Into<String>,
    ) -> Self {
        let (field, code, detail) = (field.into(), code.into(), detail.into());
        self.errors.push(FieldError { field, code, detail });
        self
    }

    /// Names fields as the client wrote them: without the message around them.
    #[must_use]
    pub fn without(mut self, prefix: &str) -> Self {
        for error in &mut self.errors {
            if let Some(field) = error.field.strip_prefix(prefix) {
                error.field = field.to_owned();
            }
        }
        self.detail = self.detail.replace(prefix, "");
        self
    }

    /// Says how long to wait before trying again.
    #[must_use]
    pub fn after(mut self, wait: Duration) -> Self {
        self.retry_after = Some(wait);
        self
    }

    fn http_status(&self) -> StatusCode {
        StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.status, self.code)
    }
}

impl ResponseError for Problem {
    fn status_code(&self) -> StatusCode {
        self.http_status()
    }

    fn error_response(&self) -> HttpResponse {
        let mut response = HttpResponse::build(self.http_status());
        response.content_type("application/problem+json");
        response.insert_header((header::CACHE_CONTROL, "no-store"));
        if let Some(wait) = self.retry_after {
            let seconds = wait.as_millis().div_ceil(1_000).max(1);
            response.insert_header((header::RETRY_AFTER, seconds.to_string()));
        }
        if self.status == 401 {
            response.insert_header((header::WWW_AUTHENTICATE, "Bearer"));
        }
        response.body(serde_json::to_string(self).unwrap_or_default())
    }
}

/// Returns the HTTP status for a gRPC code.
#[must_use]
pub fn http_status(code: Code) -> StatusCode {
    match code {
        Code::Ok => StatusCode::OK,
        Code::InvalidArgument | Code::OutOfRange => StatusCode::UNPROCESSABLE_ENTITY,
        Code::Unauthenticated => StatusCode::UNAUTHORIZED,
        Code::PermissionDenied => StatusCode::FORBIDDEN,
        Code::NotFound => StatusCode::NOT_FOUND,
        Code::AlreadyExists | Code::Aborted | Code::FailedPrecondition => StatusCode::CONFLICT,
        Code::ResourceExhausted => StatusCode::TOO_MANY_REQUESTS,
        Code::Unavailable | Code::DeadlineExceeded | Code::Cancelled => {
            StatusCode::SERVICE_UNAVAILABLE
        }
        Code::Unimplemented => StatusCode::NOT_IMPLEMENTED,
        Code::Unknown | Code::Internal | Code::DataLoss => StatusCode::INTERNAL_SERVER_ERROR,
    }
}

impl From<Infallible> for Problem {
    fn from(never: Infallible) -> Self {
        match never {}
    }
}

impl From<Status> for Problem {
    fn from(status: Status) -> Self {
        let code = status.code();
        // Only our services attach a reason, so only their text is fit for clients.
        let Some(reason) = reason_of(&status) else {
            tracing::warn!(%code, "a service gave no answer of its own");
            if code == Code::Unimplemented {
                let status = StatusCode::NOT_IMPLEMENTED;
                return Self::new(status, "NOT_IMPLEMENTED", "not available in this installation");
            }
            return Self::unavailable("UPSTREAM_FAILED");
        };
        if OWN_FAULTS.contains(&reason.as_str()) {
            tracing::error!(reason, "a service does not accept the gateway's calls");
            let status = StatusCode::INTERNAL_SERVER_ERROR;
            return Self::new(status, "INTERNAL", "internal error");
        }
        let mut problem = Self::new(http_status(code), reason, status.message());
        for (field, code, detail) in violations_of(&status) {
            problem = problem.with_error(field, code, detail);
        }
        problem.retry_after = retry_after_of(&status);
        if problem.status == 503 && problem.retry_after.is_none() {
            problem.retry_after = Some(Duration::from_secs(1));
        }
        problem
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_of_strangers_is_never_passed_on() {
        let problem = Problem::from(Status::unknown("tcp connect error: 10.0.0.7:50052"));
        assert_eq!((problem.status, problem.code.as_str()), (503, "UPSTREAM_FAILED"));
        assert!(!problem.detail.contains("10.0.0.7"));
        assert_eq!(problem.retry_after, Some(Duration::from_secs(1)));
    }
}
