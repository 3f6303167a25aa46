//! A gRPC service whose behaviour each test writes, and a way to call it.

use std::{
    convert::Infallible,
    sync::Arc,
    task::{Context, Poll},
};

use futures::future::BoxFuture;
use http::uri::PathAndQuery;
use kit::{config::Common, grpc, health::Health};
use tokio::{net::TcpListener, task::JoinHandle};
use tokio_util::sync::CancellationToken;
use tonic::{
    Request, Response, Status,
    body::Body,
    server::{Grpc, NamedService, UnaryService},
};
use tonic_prost::ProstCodec;

type Answer = BoxFuture<'static, Result<Response<String>, Status>>;

#[derive(Clone)]
pub struct Sample(Arc<dyn Fn(Request<String>) -> Answer + Send + Sync>);

impl Sample {
    pub fn new<F, Fut>(behaviour: F) -> Self
    where
        F: Fn(Request<String>) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Result<String, Status>> + Send + 'static,
    {
        Self(Arc::new(move |request| {
            let answer = behaviour(request);
            Box::pin(async move { answer.await.map(Response::new) })
        }))
    }
}

impl NamedService for Sample {
    const NAME: &'static str = "test.v1.SampleService";
}

impl UnaryService<String> for Sample {
    type Response = String;
    type Future = Answer;

    fn call(&mut self, request: Request<String>) -> Answer {
        (self.0)(request)
    }
}

impl tower::Service<http::Request<Body>> for Sample {
    type Response = http::Response<Body>;
    type Error = Infallible;
    type Future = BoxFuture<'static, Result<http::Response<Body>, Infallible>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: http::Request<Body>) -> Self::Future {
        let sample = self.clone();
        Box::pin(async move {
            let mut grpc = Grpc::new(ProstCodec::<String, String>::default());
            Ok(grpc.unary(sample, request).await)
        })
    }
}

/// A server that runs until it is stopped.
pub struct Running {
    pub port: u16,
    stop: CancellationToken,
    task: JoinHandle<anyhow::Result<()>>,
}

impl Running {
    /// Starts `sample` on `port`, or on any free one when that is 0.
    pub async fn start(common: &Common, sample: Sample, port: u16) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", port)).await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let stop = CancellationToken::new();
        let health = Health::new("1.0.0").add("disk", || async { true }, true);
        let server = grpc::Server::new(common, health)
            .add(sample)
            .descriptor(tonic_health::pb::FILE_DESCRIPTOR_SET);
        let task = tokio::spawn(server.serve_on(listener, stop.clone()));
        Self { port, stop, task }
    }

    pub fn client(&self, common: &Common) -> grpc::Client {
        self.client_with(common, grpc::ChannelConfig::of(common))
    }

    pub fn client_with(&self, common: &Common, config: grpc::ChannelConfig) -> grpc::Client {
        let target = format!("http://localhost:{}", self.port);
        grpc::channel(&target, config, common.caller_key.clone()).unwrap()
    }

    pub fn begin_to_stop(&self) {
        self.stop.cancel();
    }

    pub async fn stop(self) {
        self.stop.cancel();
        self.task.await.unwrap().unwrap();
    }
}

/// Calls a method of the sample service.
pub async fn call(client: &grpc::Client, method: &str, text: &str) -> Result<String, Status> {
    send(client, method, Request::new(text.to_owned())).await
}

pub async fn send(
    client: &grpc::Client,
    method: &str,
    request: Request<String>,
) -> Result<String, Status> {
    let path = PathAndQuery::try_from(format!("/{}/{method}", Sample::NAME)).unwrap();
    let mut grpc = tonic::client::Grpc::new(client.clone());
    grpc.ready().await?;
    let answer = grpc.unary(request, path, ProstCodec::<String, String>::default()).await?;
    Ok(answer.into_inner())
}
