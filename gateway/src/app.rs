//! The actix application: layers, resources, and what is answered when nothing matches.

use std::{convert::Infallible, net::TcpListener, sync::Arc, time::Duration};

use actix_cors::Cors;
use actix_web::{
    App, HttpRequest, HttpResponse, HttpServer,
    http::{Method, StatusCode, header},
    middleware::{Compress, from_fn},
    web::{self, Data},
};
use kit::{access_token::AccessKey, config::Common, redis::Cache};
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;
use utoipa_actix_web::AppExt as _;

use crate::{
    config::Config,
    docs, health,
    http::{Problem, etag, extract, observe, reply},
    limit::Limiter,
    openapi::{self, Routes},
    routes,
    session::identify,
    upstream::Upstream,
    web_client::WebClient,
};

/// How long requests in progress have when the process stops.
const GRACE: Duration = Duration::from_secs(10);

/// How long a worker waits for Redis before it serves without.
const REDIS_LIMIT: Duration = Duration::from_millis(250);

/// Bytes of uploaded files that a process holds at once, before they are copied into messages.
const UPLOADED_AT_ONCE: usize = 128 << 20;

/// What the handlers share.
pub struct State {
    pub config: Arc<Config>,
    pub client: Option<Arc<WebClient>>,
    pub upstream: Upstream,
    pub access: AccessKey,
    pub cache: Cache,
    pub limiter: Limiter,
    /// Turns for files that are held in memory.
    pub uploads: Arc<Semaphore>,
    /// Ends streams when the process stops.
    pub stop: CancellationToken,
    pub routes: Arc<Routes>,
}

impl State {
    /// Puts the shared things together.
    #[must_use]
    pub fn new(
        common: &Common,
        config: Config,
        client: Option<WebClient>,
        upstream: Upstream,
        cache: Cache,
        stop: CancellationToken,
    ) -> Arc<Self> {
        let uploads = (UPLOADED_AT_ONCE / config.max_upload.max(1)).clamp(2, 16);
        Arc::new(Self {
            uploads: Arc::new(Semaphore::new(uploads)),
            config: Arc::new(config),
            client: client.map(Arc::new),
            upstream,
            access: AccessKey::new(&common.jwt_secret),
            limiter: Limiter::new(cache.clone()),
            cache,
            stop,
            routes: Arc::new(Routes::of(&openapi::document())),
        })
    }

    /// Returns the same for a thread with a runtime of its own, with connections of its own: an
    /// answer that came in on another thread would have to wake this one up.
    async fn apart(&self) -> Self {
        let cache = self.cache.apart();
        cache.settled(REDIS_LIMIT).await;
        Self {
            config: Arc::clone(&self.config),
            client: self.client.clone(),
            upstream: self.upstream.apart(),
            access: self.access.clone(),
            limiter: self.limiter.through(cache.clone()),
            uploads: Arc::clone(&self.uploads),
            cache,
            stop: self.stop.clone(),
            routes: Arc::clone(&self.routes),
        }
    }
}

/// Serves until `state.stop`, then lets requests in progress end.
pub async fn serve(listener: TcpListener, state: Arc<State>) -> anyhow::Result<()> {
    let workers = std::thread::available_parallelism()?.get();
    let address = listener.local_addr()?;
    let stop = state.stop.clone();
    let server = HttpServer::new(move || {
        let shared = Arc::clone(&state);
        App::new()
            .data_factory(move || {
                let shared = Arc::clone(&shared);
                async move { Ok::<_, Infallible>(shared.apart().await) }
            })
            .wrap(from_fn(etag::unchanged))
            .wrap(from_fn(identify))
            .wrap(Compress::default())
            .wrap(cors(&state.config.cors_origins))
            .wrap(from_fn(reply::conform))
            .wrap(from_fn(observe::observe))
            .configure(mount)
    })
    .workers(workers)
    .tcp_nodelay(true)
    .client_request_timeout(Duration::from_secs(15))
    .keep_alive(Duration::from_secs(75))
    .disable_signals()
    .shutdown_signal(stop.cancelled_owned())
    .shutdown_timeout(GRACE.as_secs())
    .listen(listener)?
    .run();
    tracing::info!(%address, "ready to serve");
    server.await?;
    Ok(())
}

/// Mounts everything that the process answers.
pub fn mount(config: &mut web::ServiceConfig) {
    config
        .app_data(extract::path_config())
        .configure(health::mount)
        .configure(docs::mount)
        .configure(|config| {
            let mut config = utoipa_actix_web::service_config::ServiceConfig::new(config);
            routes::mount(&mut config);
        })
        .default_service(web::to(nothing));
}

/// Answers with the web client where no resource is, or says that there is nothing.
async fn nothing(
    state: Data<State>,
    request: HttpRequest,
    payload: web::Payload,
) -> Result<HttpResponse, Problem> {
    extract::drain(payload.into_inner()).await;
    if let Some(response) = state.client.as_ref().and_then(|client| client.answer(&request)) {
        return Ok(response);
    }
    let path = request.match_info().as_str();
    if path == "/" {
        return Ok(docs::links());
    }
    let methods = state.routes.methods(path);
    if methods.is_empty() {
        let detail = "there is nothing at this address";
        return Err(Problem::new(StatusCode::NOT_FOUND, "NO_SUCH_RESOURCE", detail));
    }
    let allow = methods.join(", ");
    let status = StatusCode::METHOD_NOT_ALLOWED;
    let problem = Problem::new(status, "METHOD_NOT_ALLOWED", format!("allowed here: {allow}"));
    let mut response = HttpResponse::from(problem);
    if let Ok(allow) = allow.parse() {
        response.headers_mut().insert(header::ALLOW, allow);
    }
    Ok(response)
}

fn cors(origins: &[String]) -> Cors {
    let cors = Cors::default()
        .allowed_methods([
            Method::GET,
            Method::HEAD,
            Method::POST,
            Method::PUT,
            Method::PATCH,
            Method::DELETE,
        ])
        .allowed_headers([
            "authorization",
            "content-type",
            "idempotency-key",
            "if-none-match",
            "if-range",
            "range",
            "traceparent",
            "tracestate",
            "x-request-id",
        ])
        .expose_headers([
            "accept-ranges",
            "content-disposition",
            "content-range",
            "etag",
            "ratelimit",
            "ratelimit-policy",
            "retry-after",
            "x-request-id",
        ])
        .block_on_origin_mismatch(false)
        .max_age(3_600);
    if origins.iter().any(|origin| origin == "*") {
        // Any page may call, none with the cookie.
        return cors.allow_any_origin();
    }
    let cors = if origins.is_empty() { cors } else { cors.supports_credentials() };
    origins.iter().fold(cors, |cors, origin| cors.allowed_origin(origin))
}

/// Makes an application without layers, for the description of the API.
pub(crate) fn described(document: utoipa::openapi::OpenApi) -> utoipa::openapi::OpenApi {
    App::new().into_utoipa_app().openapi(document).configure(routes::mount).split_for_parts().1
}
