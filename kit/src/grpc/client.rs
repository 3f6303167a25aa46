//! The client side: signed, traced, bounded in time, retried where that is harmless.

use std::{
    collections::BTreeSet,
    future::Future,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
    time::Duration,
};

use axum::body::to_bytes;
use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Request, Response, request::Parts};
use tokio::time::{Instant, timeout_at};
use tonic::{Code, Status, body::Body};
use tower::{Service, ServiceExt as _};
use tracing::Instrument as _;
use uuid::Uuid;

use super::{
    IDEMPOTENCY_KEY, MAX_MESSAGE, TIMEOUT, outgoing_key, read_timeout, resolve::Peers, tls,
    write_timeout,
};
use crate::{
    caller::{self, CallerKey},
    config::{Common, TlsFiles},
    error::{Kind, refuse},
    telemetry,
};

const ATTEMPTS: u32 = 4;
const FIRST_PAUSE: Duration = Duration::from_millis(50);
/// Bytes that gRPC puts before each message.
const FRAME: usize = 5;
/// Bytes of a report of health at most.
const LONGEST_REPORT: usize = 64 << 10;

/// How a service is called.
#[derive(Clone, Debug)]
pub struct ChannelConfig {
    /// How long a call may take when nothing shorter was said.
    pub deadline: Duration,
    /// Beginnings of the names of methods that only read, which are tried again.
    pub reads: Vec<&'static str>,
    pub tls: Option<TlsFiles>,
}

impl ChannelConfig {
    /// Returns the usual settings, with TLS as configured.
    #[must_use]
    pub fn of(common: &Common) -> Self {
        Self { tls: common.tls.clone(), ..Self::default() }
    }
}

impl Default for ChannelConfig {
    fn default() -> Self {
        Self {
            deadline: Duration::from_secs(10),
            // Each `Check…` by its whole name: some of them call a model that is paid for.
            reads: vec!["Get", "List", "Search", "CheckSession"],
            tls: None,
        }
    }
}

/// Calls one service, whichever of its replicas answers. Generated clients take it.
#[derive(Clone, Debug)]
pub struct Client(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    target: String,
    peers: Arc<Peers>,
    config: ChannelConfig,
    key: CallerKey,
}

/// Opens a client of `target` (`http://host:port`); must be called within a runtime.
///
/// # Errors
///
/// Fails when the target is no URL with a host.
pub fn channel(target: &str, config: ChannelConfig, key: CallerKey) -> anyhow::Result<Client> {
    let uri: http::Uri = target.parse()?;
    anyhow::ensure!(uri.host().is_some(), "{target} names no host");
    let tls = match (&config.tls, uri.host()) {
        (Some(files), Some(host)) => Some(tls::client(files, host)?),
        _ => None,
    };
    let peers = Peers::watch(uri, tls);
    Ok(Client(Arc::new(Shared { target: target.to_owned(), peers, config, key })))
}

impl Client {
    /// Opens connections to the same service that live in the present runtime. A thread that has a
    /// runtime of its own then needs no other thread for an answer.
    #[must_use]
    pub fn apart(&self) -> Self {
        let Shared { target, peers, config, key } = &*self.0;
        let (target, config, key) = (target.clone(), config.clone(), key.clone());
        Self(Arc::new(Shared { target, peers: peers.apart(), config, key }))
    }

    /// Returns what the service says of its health, as JSON; `None` when it says nothing in time.
    pub async fn health(&self, limit: Duration) -> Option<Bytes> {
        let request = Request::get("/health").body(Body::empty()).ok()?;
        let (parts, _) = request.into_parts();
        let work = async {
            let answer = self.0.send(&parts, &Bytes::new()).await.ok()?;
            to_bytes(axum::body::Body::new(answer.into_body()), LONGEST_REPORT).await.ok()
        };
        tokio::time::timeout(limit, work).await.ok().flatten()
    }
}

impl Service<Request<Body>> for Client {
    type Response = Response<Body>;
    type Error = Status;
    type Future = Pin<Box<dyn Future<Output = Result<Response<Body>, Status>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Status>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<Body>) -> Self::Future {
        let shared = Arc::clone(&self.0);
        let path = request.uri().path().to_owned();
        let span = tracing::debug_span!("call", otel.name = path, otel.kind = "client");
        Box::pin(async move { shared.call(request).await }.instrument(span))
    }
}

impl Shared {
    async fn call(&self, request: Request<Body>) -> Result<Response<Body>, Status> {
        let (mut parts, body) = request.into_parts();
        let deadline = self.sign(&mut parts.headers)?;
        let method = parts.uri.path().rsplit('/').next().unwrap_or_default();
        let reads = self.config.reads.iter().any(|read| method.starts_with(read));
        let work = async {
            let body: Bytes = to_bytes(axum::body::Body::new(body), MAX_MESSAGE + FRAME)
                .await
                .map_err(|_| refuse(Kind::Invalid, "MESSAGE_TOO_LARGE", "message is too large"))?;
            if reads {
                self.repeat(&parts, &body, deadline).await
            } else {
                self.send(&parts, &body).await
            }
        };
        timeout_at(deadline, work).await.unwrap_or_else(|_| {
            tracing::warn!(target = self.target, "no answer in time");
            Err(late())
        })
    }

    /// Adds what goes along with a call, and returns when it must be over.
    fn sign(&self, headers: &mut HeaderMap) -> Result<Instant, Status> {
        let context = caller::context();
        let now = Instant::now();
        let own = read_timeout(headers).unwrap_or(self.config.deadline);
        let around = context.as_ref().and_then(|context| context.deadline);
        let deadline = around.map_or(now + own, |around| around.min(now + own));
        set(headers, TIMEOUT, &write_timeout(deadline.duration_since(now)));

        let caller::Context { caller, request_id, origin, .. } = context.unwrap_or_else(|| {
            let request_id = Uuid::now_v7().to_string();
            caller::Context { request_id, ..caller::Context::default() }
        });
        for (name, value) in caller::ORIGIN.into_iter().zip([origin.address, origin.user_agent]) {
            if !value.is_empty() {
                set(headers, name, &value);
            }
        }
        let token = match caller {
            Some(caller) => self.key.sign(&caller),
            None => self.key.sign_anonymous(&request_id),
        };
        let token = token.map_err(|error| {
            tracing::error!(%error, "caller token cannot be made");
            refuse(Kind::Internal, "INTERNAL", "internal error")
        })?;
        set(headers, caller::METADATA, &token);
        if let Some(key) = outgoing_key() {
            set(headers, IDEMPOTENCY_KEY, &key);
        }
        telemetry::inject(headers);
        Ok(deadline)
    }

    /// Sends a call that only reads, again when the service is away.
    async fn repeat(
        &self,
        parts: &Parts,
        body: &Bytes,
        deadline: Instant,
    ) -> Result<Response<Body>, Status> {
        let mut pause = FIRST_PAUSE;
        let mut attempt = 1;
        loop {
            let result = self.send(parts, body).await;
            let wait = jittered(pause);
            let late = Instant::now() + wait >= deadline;
            if !is_unavailable(&result) || attempt >= ATTEMPTS || late {
                return result;
            }
            tokio::time::sleep(wait).await;
            pause *= 3;
            attempt += 1;
        }
    }

    /// Sends a call; where nobody listens nothing was sent, and the next address gets it.
    async fn send(&self, parts: &Parts, body: &Bytes) -> Result<Response<Body>, Status> {
        let mut tried = BTreeSet::new();
        loop {
            let Some(peer) = self.peers.pick().await else {
                tracing::warn!(target = self.target, "service has no address");
                return Err(unavailable());
            };
            let copy = Body::new(axum::body::Body::from(body.clone()));
            let request = Request::from_parts(parts.clone(), copy);
            match peer.channel.clone().oneshot(request).await {
                Ok(response) => {
                    peer.answered();
                    return Ok(response);
                }
                Err(error) if is::<tonic::TimeoutExpired>(&error) => return Err(late()),
                Err(error) => {
                    peer.failed();
                    let unsent = is::<tonic::ConnectError>(&error);
                    let error = crate::error::Chain(&error).to_string();
                    tracing::warn!(target = self.target, error, "service is away");
                    if !unsent || !tried.insert(peer.address) {
                        return Err(unavailable());
                    }
                }
            }
        }
    }
}

fn unavailable() -> Status {
    refuse(Kind::Unavailable, "SERVICE_UNAVAILABLE", "temporarily unavailable")
}

fn late() -> Status {
    refuse(Kind::Timeout, "DEADLINE_EXCEEDED", "no answer in time")
}

/// Tells whether `T` is behind an error: [`tonic::TimeoutExpired`] when the call's own time was over,
/// [`tonic::ConnectError`] when there was no connection to send it on.
fn is<T: std::error::Error + 'static>(error: &(dyn std::error::Error + 'static)) -> bool {
    std::iter::successors(Some(error), |error| error.source()).any(<dyn std::error::Error>::is::<T>)
}

fn is_unavailable(result: &Result<Response<Body>, Status>) -> bool {
    match result {
        Ok(response) => Status::from_header_map(response.headers())
            .is_some_and(|status| status.code() == Code::Unavailable),
        Err(status) => status.code() == Code::Unavailable,
    }
}

fn set(headers: &mut HeaderMap, name: &'static str, value: &str) {
    if let Ok(value) = HeaderValue::from_str(value) {
        headers.insert(name, value);
    }
}

/// Returns a length between half of `pause` and the whole of it.
fn jittered(pause: Duration) -> Duration {
    let (random, _) = Uuid::new_v4().as_u64_pair();
    let share = u32::try_from(random % 1_000).unwrap_or_default();
    pause / 2 + pause * share / 2_000
}
