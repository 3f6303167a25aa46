//! A receiver of traces, as the collector of OpenTelemetry is one.

use std::{
    fmt::Write as _,
    sync::{Arc, Mutex, PoisonError},
};

use opentelemetry_proto::tonic::{
    collector::trace::v1::{
        ExportTraceServiceRequest, ExportTraceServiceResponse,
        trace_service_server::{TraceService, TraceServiceServer},
    },
    common::v1::any_value::Value,
    trace::v1::{ResourceSpans, Span},
};
use tokio::net::TcpListener;
use tonic::{Request, Response, Status, transport::server::TcpIncoming};

/// Keeps what it receives.
#[derive(Clone, Debug)]
pub struct Spans {
    url: String,
    received: Arc<Mutex<Vec<ResourceSpans>>>,
}

impl Spans {
    /// Starts to receive.
    ///
    /// # Errors
    ///
    /// Fails when there is no port.
    pub async fn receive() -> anyhow::Result<Self> {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
        let url = format!("http://{}", listener.local_addr()?);
        let spans = Self { url, received: Arc::default() };
        let server = tonic::transport::Server::builder()
            .add_service(TraceServiceServer::new(spans.clone()))
            .serve_with_incoming(TcpIncoming::from(listener));
        tokio::spawn(server);
        Ok(spans)
    }

    /// Returns the variables that make processes send their spans, and soon.
    #[must_use]
    pub fn variables(&self) -> [(&str, &str); 2] {
        [("OTEL_EXPORTER_OTLP_ENDPOINT", &self.url), ("OTEL_BSP_SCHEDULE_DELAY", "100")]
    }

    /// Returns everything that was received.
    #[must_use]
    pub fn received(&self) -> Vec<ResourceSpans> {
        self.received.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Returns the spans of one trace so far, each with the service that sent it.
    #[must_use]
    pub fn of(&self, trace: &str) -> Vec<(String, Span)> {
        let mut found = Vec::new();
        for sent in self.received() {
            let attributes = sent.resource.map(|resource| resource.attributes).unwrap_or_default();
            let service = attributes.into_iter().find(|one| one.key == "service.name");
            let service = match service.and_then(|one| one.value).and_then(|value| value.value) {
                Some(Value::StringValue(name)) => name,
                _ => String::new(),
            };
            let spans = sent.scope_spans.into_iter().flat_map(|scope| scope.spans);
            let spans = spans.filter(|span| hexadecimal(&span.trace_id) == trace);
            found.extend(spans.map(|span| (service.clone(), span)));
        }
        found
    }
}

/// Writes an id as `traceparent` does.
#[must_use]
pub fn hexadecimal(id: &[u8]) -> String {
    id.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

#[tonic::async_trait]
impl TraceService for Spans {
    async fn export(
        &self,
        request: Request<ExportTraceServiceRequest>,
    ) -> Result<Response<ExportTraceServiceResponse>, Status> {
        let mut received = self.received.lock().unwrap_or_else(PoisonError::into_inner);
        received.extend(request.into_inner().resource_spans);
        Ok(Response::new(ExportTraceServiceResponse::default()))
    }
}
