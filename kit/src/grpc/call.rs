//! The layer around every incoming call: caller, deadline, trace, metrics, panics.

use std::{
    panic::AssertUnwindSafe,
    time::{Duration, Instant},
};

use axum::{body::Body, extract::Request, middleware::Next, response::Response};
use futures::FutureExt as _;
use http::HeaderMap;
use tonic::{
    Code, Status,
    transport::server::{TcpConnectInfo, TlsConnectInfo},
};
use tracing::{Instrument as _, Span};

use super::read_timeout;
use crate::{
    caller::{self, CallerKey, Context, METADATA, ORIGIN, Origin, Verified},
    error::{Kind, refuse},
    telemetry::{self, KeyValue},
};

/// Service and method, where a name that somebody made up must not become a label.
const UNKNOWN: (&str, &str) = ("unknown", "unknown");

/// Runs one incoming call.
pub(super) async fn handle(
    key: CallerKey,
    certified: bool,
    mut request: Request,
    next: Next,
) -> Response {
    let path = request.uri().path().to_owned();
    let (service, method) = names(&path);
    // Health and reflection tell nothing that is anybody's.
    if service.starts_with("grpc.") {
        return next.run(request).await;
    }
    let start = Instant::now();
    let verified = if certified && !has_certificate(&request) {
        Err(refuse(Kind::Unauthenticated, "CERTIFICATE_REQUIRED", "show a certificate"))
    } else {
        verify(&key, request.headers())
    };
    let is_known = verified.is_ok();
    let response = match verified {
        Ok(verified) => {
            let span = span(&path, &verified, request.headers());
            let context = context(&verified, request.headers());
            request.extensions_mut().insert(verified);
            let work = bounded(context.deadline, next.run(request));
            let response = caller::enter(context, work).instrument(span.clone()).await;
            conclude(&span, code(&response));
            response
        }
        Err(status) => into_response(status),
    };
    // Whoever may not call can make up any number of names.
    let (service, method) = if is_known { (service, method) } else { UNKNOWN };
    record(service, method, &response, start.elapsed());
    response
}

fn has_certificate(request: &Request) -> bool {
    let connection = request.extensions().get::<TlsConnectInfo<TcpConnectInfo>>();
    connection.and_then(TlsConnectInfo::peer_certs).is_some_and(|certs| !certs.is_empty())
}

fn verify(key: &CallerKey, headers: &HeaderMap) -> Result<Verified, Status> {
    let token = headers.get(METADATA).and_then(|value| value.to_str().ok());
    let token = token.ok_or_else(caller::missing)?;
    key.open(token.trim_start_matches("Bearer ")).map_err(|error| {
        tracing::warn!(%error, "refused a call with a bad caller token");
        refuse(Kind::Unauthenticated, "CALLER_INVALID", "the signed caller is not valid")
    })
}

fn context(verified: &Verified, headers: &HeaderMap) -> Context {
    // A little less than the caller waits, so that the answer still arrives.
    let deadline = read_timeout(headers).map(|length| {
        tokio::time::Instant::now() + length.saturating_sub(Duration::from_millis(2))
    });
    let Verified { caller, request_id, issuer: _ } = verified.clone();
    let [address, user_agent] = ORIGIN.map(|name| {
        let value = headers.get(name).and_then(|value| value.to_str().ok());
        value.unwrap_or_default().to_owned()
    });
    Context { caller, request_id, origin: Origin { address, user_agent }, deadline }
}

fn span(path: &str, verified: &Verified, headers: &HeaderMap) -> Span {
    let span = tracing::info_span!(
        "grpc",
        otel.name = path,
        otel.kind = "server",
        request_id = verified.request_id,
        user_id = tracing::field::Empty,
    );
    if let Some(caller) = &verified.caller {
        span.record("user_id", tracing::field::display(caller.user_id));
    }
    telemetry::extract(&span, headers);
    span
}

/// Ends a call at its deadline, and turns a panic into an answer.
async fn bounded(
    deadline: Option<tokio::time::Instant>,
    work: impl Future<Output = Response>,
) -> Response {
    let work = AssertUnwindSafe(work).catch_unwind();
    let result = match deadline {
        Some(deadline) => {
            let Ok(result) = tokio::time::timeout_at(deadline, work).await else {
                return into_response(refuse(Kind::Timeout, "DEADLINE_EXCEEDED", "took too long"));
            };
            result
        }
        None => work.await,
    };
    result.unwrap_or_else(|panic| {
        let text = panic
            .downcast_ref::<&str>()
            .map(|text| (*text).to_owned())
            .or_else(|| panic.downcast_ref::<String>().cloned());
        tracing::error!(panic = text, "call panicked");
        into_response(refuse(Kind::Internal, "INTERNAL", "internal error"))
    })
}

fn into_response(status: Status) -> Response {
    status.into_http::<Body>()
}

fn names(path: &str) -> (&str, &str) {
    path.trim_start_matches('/').split_once('/').unwrap_or(UNKNOWN)
}

/// Returns how a call ended; of a stream, how it began.
fn code(response: &Response) -> Code {
    let status = Status::from_header_map(response.headers());
    status.map_or(Code::Ok, |status| status.code())
}

fn conclude(span: &Span, code: Code) {
    let failed = match code {
        Code::Unknown
        | Code::DeadlineExceeded
        | Code::Unimplemented
        | Code::Internal
        | Code::Unavailable
        | Code::DataLoss => true,
        Code::Ok
        | Code::Cancelled
        | Code::InvalidArgument
        | Code::NotFound
        | Code::AlreadyExists
        | Code::PermissionDenied
        | Code::ResourceExhausted
        | Code::FailedPrecondition
        | Code::Aborted
        | Code::OutOfRange
        | Code::Unauthenticated => false,
    };
    let code = KeyValue::new("rpc.grpc.status_code", i64::from(i32::from(code)));
    telemetry::conclude(span, None, [code], failed);
}

fn record(service: &str, method: &str, response: &Response, took: Duration) {
    let code = code(response);
    // A path that does not exist must not become a label.
    let (service, method) = if code == Code::Unimplemented { UNKNOWN } else { (service, method) };
    let (service, method) = (service.to_owned(), method.to_owned());
    metrics::counter!(
        "grpc_server_handled_total",
        "service" => service.clone(), "method" => method.clone(), "code" => label(code)
    )
    .increment(1);
    metrics::histogram!("grpc_server_handling_seconds", "service" => service, "method" => method)
        .record(took);
}

fn label(code: Code) -> &'static str {
    match code {
        Code::Ok => "OK",
        Code::Cancelled => "CANCELLED",
        Code::Unknown => "UNKNOWN",
        Code::InvalidArgument => "INVALID_ARGUMENT",
        Code::DeadlineExceeded => "DEADLINE_EXCEEDED",
        Code::NotFound => "NOT_FOUND",
        Code::AlreadyExists => "ALREADY_EXISTS",
        Code::PermissionDenied => "PERMISSION_DENIED",
        Code::ResourceExhausted => "RESOURCE_EXHAUSTED",
        Code::FailedPrecondition => "FAILED_PRECONDITION",
        Code::Aborted => "ABORTED",
        Code::OutOfRange => "OUT_OF_RANGE",
        Code::Unimplemented => "UNIMPLEMENTED",
        Code::Internal => "INTERNAL",
        Code::Unavailable => "UNAVAILABLE",
        Code::DataLoss => "DATA_LOSS",
        Code::Unauthenticated => "UNAUTHENTICATED",
    }
}
