//! One trace from the HTTP request through gRPC to the statement.

use std::{
    convert::Infallible,
    sync::{Arc, Mutex},
    task::{Context, Poll},
    time::Duration,
};

use futures::future::BoxFuture;
use kit::{
    config::DatabaseConfig,
    db::{self, Pool},
    grpc,
    health::Health,
    telemetry, testing,
};
use opentelemetry_sdk::{
    error::OTelSdkResult,
    trace::{SdkTracerProvider, SpanData, SpanExporter},
};
use reqwest::Method;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use tonic::{Status, body::Body, server::NamedService};
use tracing_subscriber::{layer::SubscriberExt as _, util::SubscriberInitExt as _};

use crate::support::Gateway;

/// Keeps spans instead of sending them.
#[derive(Clone, Debug, Default)]
struct Kept(Arc<Mutex<Vec<SpanData>>>);

impl SpanExporter for Kept {
    async fn export(&self, batch: Vec<SpanData>) -> OTelSdkResult {
        self.0.lock().unwrap().extend(batch);
        Ok(())
    }
}

/// Refuses for `MistakeService` after one statement.
#[derive(Clone)]
struct Asking(Pool);

impl NamedService for Asking {
    const NAME: &'static str = "ai_english.learning.v1.MistakeService";
}

impl tower::Service<http::Request<Body>> for Asking {
    type Response = http::Response<Body>;
    type Error = Infallible;
    type Future = BoxFuture<'static, Result<http::Response<Body>, Infallible>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, _: http::Request<Body>) -> Self::Future {
        let pool = self.0.clone();
        Box::pin(async move {
            let client = pool.get().await.unwrap();
            db::query_one(&client, "sample.one", "SELECT 1", &[]).await.unwrap();
            Ok(Status::not_found("").into_http())
        })
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_is_one_trace_down_to_its_statements() {
    let kept = Kept::default();
    let provider = SdkTracerProvider::builder().with_simple_exporter(kept.clone()).build();
    let layer = telemetry::traces(&provider, "test");
    tracing_subscriber::registry().with(layer).try_init().unwrap();

    let common = testing::common("learning-svc");
    let url = std::env::var("TEST_DATABASE_URL").unwrap();
    let database = DatabaseConfig::from_url(&url).unwrap();
    let pool = db::connect(&database, "public", "traces").await.unwrap();
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    let server = grpc::Server::new(&common, Health::new("1.0.0")).add(Asking(pool));
    tokio::spawn(server.serve_on(listener, CancellationToken::new()));

    let gateway = Gateway::with(&[("LEARNING_SVC_URL", &address)]).await;
    let trace = "0af7651916cd43dd8448eb211c80319c";
    let parent = format!("00-{trace}-b7ad6b7169203331-01");
    let request = gateway.request(Method::GET, "/mistakes").header("traceparent", parent);
    request.send().await.unwrap();

    let method = "/ai_english.learning.v1.MistakeService/ListMistakes";
    let expected = ["GET /api/v1/mistakes", method, method, "sample.one"];
    let mut found = Vec::new();
    // The outermost span ends after the answer was sent.
    for _ in 0..200 {
        let spans = kept.0.lock().unwrap().clone();
        let ours = spans.iter().filter(|span| span.span_context.trace_id().to_string() == trace);
        found = chain(&ours.collect::<Vec<_>>(), "b7ad6b7169203331");
        if found == expected {
            return;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    assert_eq!(found, expected);
}

/// Returns the names of spans, each the parent of the next.
fn chain(spans: &[&SpanData], root: &str) -> Vec<String> {
    let mut names = Vec::new();
    let mut parent = root.to_owned();
    while let Some(span) = spans.iter().find(|span| span.parent_span_id.to_string() == parent) {
        names.push(span.name.to_string());
        parent = span.span_context.span_id().to_string();
    }
    names
}
