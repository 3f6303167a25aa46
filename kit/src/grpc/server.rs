//! The server side: gRPC, health, reflection and metrics on one port.

use std::{convert::Infallible, net::SocketAddr, time::Duration};

use anyhow::Context as _;
use axum::{Router, extract::Request, middleware, response::IntoResponse, routing::get};
use http::{StatusCode, header::CONTENT_TYPE};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use tonic::{
    body::Body,
    server::NamedService,
    service::Routes,
    transport::{self, server::TcpIncoming},
};
use tonic_health::{ServingStatus, server::HealthReporter};
use tower::Service;

use super::{call, tls};
use crate::{
    caller::CallerKey,
    config::{Common, TlsFiles},
    health::Health,
    telemetry,
};

/// How long calls in progress have when the process stops.
const GRACE: Duration = Duration::from_secs(10);
const HEALTH_EVERY: Duration = Duration::from_secs(2);

/// Serves the calls of one process.
#[derive(Clone)]
pub struct Server {
    listen: SocketAddr,
    key: CallerKey,
    health: Health,
    routes: Routes,
    descriptors: Vec<&'static [u8]>,
    tls: Option<TlsFiles>,
}

impl Server {
    /// Starts with no services.
    #[must_use]
    pub fn new(common: &Common, health: Health) -> Self {
        // What is counted before there is a recorder is lost.
        telemetry::metrics();
        Self {
            listen: common.listen,
            key: common.caller_key.clone(),
            health,
            routes: Routes::default(),
            descriptors: Vec::new(),
            tls: common.tls.clone(),
        }
    }

    /// Adds a service.
    #[must_use]
    #[expect(clippy::should_implement_trait, reason = "adds a service, not a number")]
    pub fn add<S>(mut self, service: S) -> Self
    where
        S: Service<http::Request<Body>, Error = Infallible>
            + NamedService
            + Clone
            + Send
            + Sync
            + 'static,
        S::Response: IntoResponse,
        S::Future: Send + 'static,
    {
        self.routes = self.routes.add_service(service);
        self
    }

    /// Makes the services of an encoded descriptor set known to reflection.
    #[must_use]
    pub fn descriptor(mut self, encoded: &'static [u8]) -> Self {
        self.descriptors.push(encoded);
        self
    }

    /// Serves until `stop`, then lets calls in progress end.
    ///
    /// # Errors
    ///
    /// Fails when the port cannot be opened.
    pub async fn serve(self, stop: CancellationToken) -> anyhow::Result<()> {
        let listener = TcpListener::bind(self.listen)
            .await
            .with_context(|| format!("listening on {}", self.listen))?;
        self.serve_on(listener, stop).await
    }

    /// Serves on a port that is open already.
    ///
    /// # Errors
    ///
    /// Fails when the services cannot be put together.
    pub async fn serve_on(
        self,
        listener: TcpListener,
        stop: CancellationToken,
    ) -> anyhow::Result<()> {
        let address = listener.local_addr()?;
        let health = self.health.clone();
        let (reporter, health_service) = tonic_health::server::health_reporter();
        let watch = tokio::spawn(report(self.health.clone(), reporter));
        let mut reflection = tonic_reflection::server::Builder::configure();
        for encoded in self.descriptors {
            reflection = reflection.register_encoded_file_descriptor_set(encoded);
        }
        let routes = self.routes.add_service(health_service).add_service(reflection.build_v1()?);
        let key = self.key;
        let certified = self.tls.is_some();
        let calls = middleware::from_fn(move |request: Request, next| {
            call::handle(key.clone(), certified, request, next)
        });
        let merged = routes.into_axum_router().layer(calls).merge(plain(self.health));

        let mut server = transport::Server::builder()
            .accept_http1(true)
            .http2_keepalive_interval(Some(Duration::from_secs(30)))
            .http2_keepalive_timeout(Some(Duration::from_secs(10)));
        if let Some(files) = &self.tls {
            server = server.tls_config(tls::server(files)?)?;
        }
        tracing::info!(%address, "ready to serve");
        let serving = server.add_routes(Routes::from(merged)).serve_with_incoming_shutdown(
            TcpIncoming::from(listener).with_nodelay(Some(true)),
            stop.clone().cancelled_owned(),
        );
        let over = async {
            stop.cancelled().await;
            health.stopping();
            tracing::info!("stopping");
            tokio::time::sleep(GRACE).await;
        };
        tokio::select! {
            result = serving => result.context("serving")?,
            () = over => tracing::warn!("calls in progress were cut off"),
        }
        watch.abort();
        Ok(())
    }
}

/// Answers `/health`, `/health/live`, `/health/ready` and `/metrics`.
fn plain(health: Health) -> Router {
    let ready = health.clone();
    Router::new()
        .route("/health", get(move || answer(health.clone())))
        .route("/health/ready", get(move || answer(ready.clone())))
        .route("/health/live", get(async || json(r#"{"status":"healthy"}"#.to_owned())))
        .route(
            "/metrics",
            get(async || ([(CONTENT_TYPE, telemetry::EXPOSITION)], telemetry::exposition())),
        )
}

async fn answer(health: Health) -> (StatusCode, impl IntoResponse) {
    let report = health.report().await;
    let code = if report.is_ready() { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    (code, json(serde_json::to_string(&report).unwrap_or_default()))
}

fn json(text: String) -> impl IntoResponse {
    ([(CONTENT_TYPE, "application/json")], text)
}

/// Keeps the gRPC health service in step with the health of the process.
async fn report(health: Health, reporter: HealthReporter) {
    let mut ticks = tokio::time::interval(HEALTH_EVERY);
    loop {
        ticks.tick().await;
        let ready = health.report().await.is_ready();
        let status = if ready { ServingStatus::Serving } else { ServingStatus::NotServing };
        reporter.set_service_status("", status).await;
    }
}
