//! Who calls: reads the access token, counts the call, and signs what goes to the services.

use std::{net::IpAddr, time::Duration};

use actix_web::{
    Error, FromRequest, HttpMessage as _, HttpRequest,
    body::{BoxBody, MessageBody},
    dev::{Payload, ServiceRequest, ServiceResponse},
    http::{
        StatusCode,
        header::{self, HeaderMap},
    },
    middleware::Next,
    web::Data,
};
use chrono::Utc;
use kit::{
    access_token::AccessClaims,
    caller::{self, Caller},
};
use proto::auth::v1 as pb;
use uuid::Uuid;

use crate::{
    app::State,
    http::{Problem, address, admit},
    limit::{Policy, Verdict},
};

/// Prefix of everything that is counted and may need a session.
const API: &str = "/api/v1/";

/// A signed-in caller; a handler that takes it refuses everybody else.
#[derive(Clone, Debug)]
pub struct Signed {
    pub caller: Caller,
    pub session: Uuid,
    /// Seconds since 1970 at which the access token ends.
    pub expires_at: i64,
}

impl Signed {
    /// Returns how long the access token still holds.
    #[must_use]
    pub fn rest(&self) -> Duration {
        let seconds = self.expires_at.saturating_sub(Utc::now().timestamp());
        Duration::from_secs(u64::try_from(seconds).unwrap_or_default())
    }

    /// Tells whether the session has not ended meanwhile; when nobody can say, it has not.
    pub async fn is_live(&self, state: &State) -> bool {
        let cache = &state.cache;
        let is_ended = cache.has_flag(&cache.revocation_key(self.session)).await == Some(true);
        // Only with the mark are all revocations known there.
        let mark = cache.has_flag(&cache.revocations_mark()).await == Some(true);
        let is_known = is_ended || mark && cache.believes_mark();
        let revoked = is_known.then_some(is_ended);
        is_live(state, &self.caller, self.session, revoked).await.unwrap_or(true)
    }
}

/// Where a request came from.
#[derive(Clone, Debug)]
pub struct Origin {
    pub address: IpAddr,
    pub user_agent: String,
}

impl Origin {
    /// Returns the client as auth-svc wants to know it.
    #[must_use]
    pub fn to_wire(&self) -> pb::ClientInfo {
        let (address, user_agent) = (self.address.to_string(), self.user_agent.clone());
        pb::ClientInfo { address, user_agent }
    }
}

/// Why there is no session.
#[derive(Clone, Copy, Debug)]
enum Nobody {
    NoToken,
    BadToken,
    Ended,
}

impl From<Nobody> for Problem {
    fn from(nobody: Nobody) -> Self {
        Self::unauthenticated(match nobody {
            Nobody::NoToken => "UNAUTHENTICATED",
            Nobody::BadToken => "ACCESS_TOKEN_INVALID",
            Nobody::Ended => "SESSION_ENDED",
        })
    }
}

impl FromRequest for Signed {
    type Error = Problem;
    type Future = std::future::Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let found = request.extensions().get::<Result<Self, Nobody>>().cloned();
        let found = found.unwrap_or(Err(Nobody::NoToken));
        std::future::ready(found.map_err(Problem::from))
    }
}

impl FromRequest for Origin {
    type Error = Problem;
    type Future = std::future::Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let found = request.extensions().get::<Self>().cloned();
        std::future::ready(found.ok_or_else(|| Problem::unavailable("UNKNOWN_ORIGIN")))
    }
}

/// Runs one request in the name of whoever sent it.
pub async fn identify(
    state: Data<State>,
    mut request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    // As the router reads it: `/%61pi/` is `/api/` to it.
    let path = request.match_info().as_str();
    if !path.starts_with(API) {
        return Ok(next.call(request).await?.map_into_boxed_body());
    }
    if path.chars().any(char::is_control) {
        let detail = "the address holds a control character";
        let problem = Problem::new(StatusCode::BAD_REQUEST, "INVALID_PATH", detail);
        return Ok(reply(request, problem, None));
    }
    let origin = origin(&state, &request);
    let token = token(request.headers()).or_else(|| token_of_stream(&request));
    let claims = token.map(|token| state.access.verify(&token));
    let claims = match claims {
        None => Err(Nobody::NoToken),
        Some(Ok(claims)) => Ok(claims),
        Some(Err(_)) => Err(Nobody::BadToken),
    };
    let (verdict, revoked) = count(&state, &origin, claims.as_ref().ok()).await;
    if !verdict.allowed {
        return Ok(reply(request, too_many(verdict), Some(verdict)));
    }
    let signed = match claims {
        Ok(claims) => match check(&state, claims, revoked).await {
            Ok(signed) => signed,
            Err(problem) => return Ok(reply(request, problem, Some(verdict))),
        },
        Err(nobody) => Err(nobody),
    };
    let key = match admit(&state, &mut request).await {
        Ok(key) => key,
        Err(problem) => return Ok(reply(request, problem, Some(verdict))),
    };
    let caller = signed.as_ref().ok().map(|signed| signed.caller.clone());
    let pb::ClientInfo { address, user_agent } = origin.to_wire();
    request.extensions_mut().insert(origin);
    request.extensions_mut().insert(signed);
    let work = kit::grpc::with_idempotency_key(key, next.call(request));
    let work = async {
        match caller {
            Some(caller) => {
                tracing::Span::current().record("user_id", tracing::field::display(caller.user_id));
                caller::scope(caller, work).await
            }
            None => work.await,
        }
    };
    let mut response = caller::coming_from(caller::Origin { address, user_agent }, work)
        .await?
        .map_into_boxed_body();
    if !response.headers().contains_key("ratelimit") {
        verdict.write(response.headers_mut());
    }
    Ok(response)
}

fn reply(
    request: ServiceRequest,
    problem: Problem,
    verdict: Option<Verdict>,
) -> ServiceResponse<BoxBody> {
    let mut response = request.error_response(problem);
    if let Some(verdict) = verdict {
        verdict.write(response.headers_mut());
    }
    response
}

/// Refuses a call that came too soon.
#[must_use]
pub fn too_many(verdict: Verdict) -> Problem {
    let status = StatusCode::TOO_MANY_REQUESTS;
    Problem::new(status, "RATE_LIMITED", "too many requests; try again later").after(verdict.wait())
}

fn origin(state: &State, request: &ServiceRequest) -> Origin {
    let peer = request.peer_addr().map(|peer| peer.ip());
    let trusted = &state.config.trusted_proxies;
    let agent = request.headers().get(header::USER_AGENT).and_then(|agent| agent.to_str().ok());
    Origin {
        address: address::client(peer, request.headers(), trusted),
        user_agent: agent.unwrap_or_default().chars().take(300).collect(),
    }
}

/// Reads the access token; browsers open a WebSocket with it as a subprotocol: `bearer, <token>`.
fn token(headers: &HeaderMap) -> Option<String> {
    if let Some(value) = headers.get(header::AUTHORIZATION) {
        let (scheme, token) = value.to_str().ok()?.split_once(' ').unwrap_or_default();
        let is_bearer = scheme.eq_ignore_ascii_case("bearer");
        return Some(if is_bearer { token.trim().to_owned() } else { String::new() });
    }
    let protocols = headers.get(header::SEC_WEBSOCKET_PROTOCOL)?.to_str().ok()?;
    let (first, token) = protocols.split_once(',')?;
    first.trim().eq_ignore_ascii_case("bearer").then(|| token.trim().to_owned())
}

/// Tells whether a path is that of a stream: what opens one in a browser can set no header.
#[must_use]
pub fn is_stream(path: &str) -> bool {
    path.ends_with("/events") || path.ends_with("/socket")
}

/// Reads the access token of a stream.
fn token_of_stream(request: &ServiceRequest) -> Option<String> {
    if !is_stream(request.match_info().as_str()) {
        return None;
    }
    let query: Vec<(String, String)> =
        serde_urlencoded::from_str(request.query_string()).unwrap_or_default();
    query.into_iter().find_map(|(name, value)| (name == "access_token").then_some(value))
}

async fn count(
    state: &State,
    origin: &Origin,
    claims: Option<&AccessClaims>,
) -> (Verdict, Option<bool>) {
    let limits = &state.config.limits;
    if let Some(claims) = claims {
        let policy = Policy { name: "api", rate: limits.api, burst: limits.burst };
        let counted = state.limiter.count(policy, claims.sub.to_string(), Some(claims.sid)).await;
        if counted.1 != Some(true) {
            return counted;
        }
    }
    // Whoever has the token of an ended session may be anybody.
    let (rate, burst) = (limits.address, limits.address.calls);
    let policy = Policy { name: "address", rate, burst };
    let (verdict, _) =
        state.limiter.count(policy, address::bucket(origin.address).to_string(), None).await;
    (verdict, claims.map(|_| true))
}

/// Makes sure that the session of a good token has not ended meanwhile.
async fn check(
    state: &State,
    claims: AccessClaims,
    revoked: Option<bool>,
) -> Result<Result<Signed, Nobody>, Problem> {
    let caller = Caller {
        user_id: claims.sub,
        role: claims.role,
        organization_id: claims.org,
        request_id: caller::request_id().unwrap_or_default(),
    };
    let live = is_live(state, &caller, claims.sid, revoked).await?;
    let signed = Signed { caller, session: claims.sid, expires_at: claims.exp };
    Ok(if live { Ok(signed) } else { Err(Nobody::Ended) })
}

/// Asks auth-svc about a session of which Redis could not say whether it was `revoked`.
async fn is_live(
    state: &State,
    caller: &Caller,
    session: Uuid,
    revoked: Option<bool>,
) -> Result<bool, Problem> {
    if let Some(revoked) = revoked {
        return Ok(!revoked);
    }
    let message = pb::CheckSessionRequest {
        session_id: session.to_string(),
        user_id: caller.user_id.to_string(),
    };
    let mut sessions = state.upstream.sessions();
    let call = caller::scope(caller.clone(), sessions.check_session(message));
    Ok(call.await?.into_inner().live)
}
