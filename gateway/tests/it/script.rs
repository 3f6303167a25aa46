//! A service that answers every call with the status that the test has set.

use std::{
    convert::Infallible,
    sync::{Arc, Mutex},
    task::{Context, Poll},
};

use futures::future::BoxFuture;
use kit::{config::Common, grpc, health::Health};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use tonic::{Status, body::Body, server::NamedService};

/// Answers for `MistakeService` of learning-svc.
#[derive(Clone)]
pub struct Script(Arc<Mutex<Status>>);

impl Script {
    /// Starts the service and returns it with its address.
    pub async fn start(common: &Common) -> (Self, String) {
        let script = Self(Arc::new(Mutex::new(Status::unknown("not set"))));
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        let server = grpc::Server::new(common, Health::new("1.0.0")).add(script.clone());
        tokio::spawn(server.serve_on(listener, CancellationToken::new()));
        (script, address)
    }

    /// Sets the next answers.
    pub fn set(&self, status: Status) {
        *self.0.lock().unwrap() = status;
    }
}

impl NamedService for Script {
    const NAME: &'static str = "ai_english.learning.v1.MistakeService";
}

impl tower::Service<http::Request<Body>> for Script {
    type Response = http::Response<Body>;
    type Error = Infallible;
    type Future = BoxFuture<'static, Result<http::Response<Body>, Infallible>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, _: http::Request<Body>) -> Self::Future {
        let status = self.0.lock().unwrap().clone();
        Box::pin(async move { Ok(status.into_http()) })
    }
}
