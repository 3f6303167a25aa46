//! W3C trace context in HTTP and gRPC headers, and what is known at the end of a request.

use http::{HeaderMap, HeaderName, HeaderValue};
use opentelemetry::{
    KeyValue, global,
    propagation::{Extractor, Injector},
    trace::{Status, TraceContextExt as _},
};
use tracing::Span;
use tracing_opentelemetry::OpenTelemetrySpanExt as _;

struct From<'a>(&'a HeaderMap);

impl Extractor for From<'_> {
    fn get(&self, key: &str) -> Option<&str> {
        self.0.get(key).and_then(|value| value.to_str().ok())
    }

    fn keys(&self) -> Vec<&str> {
        self.0.keys().map(HeaderName::as_str).collect()
    }
}

struct Into<'a>(&'a mut HeaderMap);

impl Injector for Into<'_> {
    fn set(&mut self, key: &str, value: String) {
        if let (Ok(name), Ok(value)) = (HeaderName::try_from(key), HeaderValue::try_from(value)) {
            self.0.insert(name, value);
        }
    }
}

/// Makes `span` continue the trace that incoming `headers` name.
pub fn extract(span: &Span, headers: &HeaderMap) {
    if !headers.contains_key("traceparent") {
        return;
    }
    let parent = global::get_text_map_propagator(|propagator| propagator.extract(&From(headers)));
    if span.set_parent(parent).is_err() {
        tracing::trace!("no trace to continue");
    }
}

/// Names the trace of the present span in outgoing `headers`.
pub fn inject(headers: &mut HeaderMap) {
    let context = Span::current().context();
    global::get_text_map_propagator(|propagator| {
        propagator.inject_context(&context, &mut Into(headers));
    });
}

/// Notes how the request of `span` ended; `name` is for where traces are looked at. The log says the
/// same in its own way and does not get it.
pub fn conclude(
    span: &Span,
    name: Option<String>,
    attributes: impl IntoIterator<Item = KeyValue>,
    failed: bool,
) {
    let context = span.context();
    let span = context.span();
    if !span.span_context().is_valid() {
        return;
    }
    if let Some(name) = name {
        span.update_name(name);
    }
    span.set_attributes(attributes);
    if failed {
        span.set_status(Status::error(""));
    }
}
