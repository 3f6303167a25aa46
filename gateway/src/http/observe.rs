//! The outermost layer: request id, trace, access log, metrics, security headers.

use std::time::Instant;

use actix_web::{
    Error,
    body::{BoxBody, MessageBody},
    dev::{ServiceRequest, ServiceResponse},
    http::{
        Method, StatusCode,
        header::{self, HeaderMap, HeaderName, HeaderValue},
    },
    middleware::Next,
};
use kit::telemetry::{self, KeyValue, Meaning};
use metrics::Unit;
use tracing::{Instrument as _, Span};
use uuid::Uuid;

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
const LONGEST_ID: usize = 64;

/// Observes one request.
pub async fn observe(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let start = Instant::now();
    let id = request_id(request.headers());
    let method = name(request.method());
    let span = tracing::info_span!(
        "http",
        otel.name = method,
        otel.kind = "server",
        request_id = id,
        user_id = tracing::field::Empty,
    );
    continue_trace(&span, request.headers());

    let work = next.call(request).instrument(span.clone());
    let mut response = kit::caller::anonymous(id.clone(), work).await?.map_into_boxed_body();

    if let Ok(id) = HeaderValue::from_str(&id) {
        response.headers_mut().insert(REQUEST_ID, id);
    }
    harden(response.headers_mut());
    let route = response.request().match_pattern().unwrap_or_else(|| "none".to_owned());
    let status = response.status();
    record(method, &route, status, start);
    conclude(&span, method, &route, status);
    span.in_scope(|| {
        let ms = start.elapsed().as_secs_f64() * 1_000.0;
        let status = status.as_u16();
        if status >= 500 {
            tracing::warn!(request_id = id, method, route, status, ms, "request failed");
        } else {
            tracing::info!(request_id = id, method, route, status, ms, "request");
        }
    });
    Ok(response)
}

/// Names a method of the standards: a client can make up any number of others.
fn name(method: &Method) -> &'static str {
    match method.as_str() {
        "GET" => "GET",
        "HEAD" => "HEAD",
        "POST" => "POST",
        "PUT" => "PUT",
        "PATCH" => "PATCH",
        "DELETE" => "DELETE",
        "OPTIONS" => "OPTIONS",
        _ => "OTHER",
    }
}

/// Takes the id that a proxy or client gave, when it is harmless, or makes one.
fn request_id(headers: &HeaderMap) -> String {
    let given = headers.get(REQUEST_ID).and_then(|id| id.to_str().ok());
    let harmless = |id: &&str| {
        (8..=LONGEST_ID).contains(&id.len())
            && id.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte))
    };
    given.filter(harmless).map_or_else(|| Uuid::now_v7().to_string(), str::to_owned)
}

fn continue_trace(span: &Span, headers: &HeaderMap) {
    let Some(parent) = headers.get("traceparent") else {
        return;
    };
    let mut carrier = http::HeaderMap::new();
    for (name, value) in [("traceparent", Some(parent)), ("tracestate", headers.get("tracestate"))]
    {
        let value = value.and_then(|value| http::HeaderValue::from_bytes(value.as_bytes()).ok());
        if let Some(value) = value {
            carrier.insert(name, value);
        }
    }
    telemetry::extract(span, &carrier);
}

fn harden(headers: &mut HeaderMap) {
    let mut set = |name: HeaderName, value: &'static str| {
        if !headers.contains_key(&name) {
            headers.insert(name, HeaderValue::from_static(value));
        }
    };
    set(header::X_CONTENT_TYPE_OPTIONS, "nosniff");
    set(header::X_FRAME_OPTIONS, "DENY");
    set(header::REFERRER_POLICY, "no-referrer");
    set(header::CONTENT_SECURITY_POLICY, "default-src 'none'; frame-ancestors 'none'");
    set(HeaderName::from_static("cross-origin-resource-policy"), "same-site");
    // Marks bodies that must not be compressed; it means nothing to clients.
    let plain = headers.get(header::CONTENT_ENCODING).is_some_and(|value| value == "identity");
    if plain {
        headers.remove(header::CONTENT_ENCODING);
    }
}

fn conclude(span: &Span, method: &'static str, route: &str, status: StatusCode) {
    let attributes = [
        KeyValue::new("http.request.method", method),
        KeyValue::new("http.route", route.to_owned()),
        KeyValue::new("http.response.status_code", i64::from(status.as_u16())),
    ];
    let name = Some(format!("{method} {route}"));
    telemetry::conclude(span, name, attributes, status.is_server_error());
}

/// Says what is counted here.
pub fn describe() {
    let meanings = [
        Meaning::Counter(
            "http_requests_total",
            Unit::Count,
            "requests that were answered, by route and status",
        ),
        Meaning::Histogram(
            "http_request_duration_seconds",
            Unit::Seconds,
            "time until an answer began",
        ),
    ];
    telemetry::describe(&meanings);
}

fn record(method: &'static str, route: &str, status: StatusCode, start: Instant) {
    let labels = [
        ("method", method.to_owned()),
        ("route", route.to_owned()),
        ("status", status.as_str().to_owned()),
    ];
    metrics::counter!("http_requests_total", &labels).increment(1);
    metrics::histogram!("http_request_duration_seconds", &labels[..2]).record(start.elapsed());
}
