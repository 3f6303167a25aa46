//! What a request must be like before anything looks into it.

use actix_web::{
    FromRequest as _, HttpMessage as _,
    dev::ServiceRequest,
    http::{Method, header},
};
use serde::Deserialize;

use super::{Json, Problem};
use crate::app::State;

const LONGEST_KEY: usize = 255;

/// Refuses fields that nobody reads, and returns the key by which the call can be repeated.
pub async fn admit(state: &State, request: &mut ServiceRequest) -> Result<Option<String>, Problem> {
    let key = idempotency_key(request)?;
    if let Some(name) = unknown_query(state, request) {
        return Err(Problem::field(name, "UNKNOWN_FIELD", "is not a field here"));
    }
    refuse_body(state, request).await?;
    Ok(key)
}

fn idempotency_key(request: &ServiceRequest) -> Result<Option<String>, Problem> {
    let Some(key) = request.headers().get("idempotency-key") else {
        return Ok(None);
    };
    if request.method() != Method::POST {
        return Ok(None);
    }
    let visible = |key: &&str| {
        (1..=LONGEST_KEY).contains(&key.len()) && key.bytes().all(|byte| byte.is_ascii_graphic())
    };
    match key.to_str().ok().filter(visible) {
        Some(key) => Ok(Some(key.to_owned())),
        None => Err(Problem::field(
            "Idempotency-Key",
            "INVALID_FIELD",
            "must be 1 to 255 visible ASCII characters",
        )),
    }
}

/// Returns the first field of a query where none is read.
fn unknown_query(state: &State, request: &ServiceRequest) -> Option<String> {
    let query = request.query_string();
    if query.is_empty() {
        return None;
    }
    let path = request.match_info().as_str();
    let asks_nothing = state.routes.asks_nothing(request.method().as_str(), path);
    asks_nothing.then(|| query.split(['=', '&']).next().unwrap_or_default().to_owned())
}

/// What is accepted as a body where none is read.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct NoFields {}

/// Refuses a body with fields where none is read. Where something is only read, it means nothing
/// (RFC 9110, 9.3.1).
async fn refuse_body(state: &State, request: &mut ServiceRequest) -> Result<(), Problem> {
    if matches!(*request.method(), Method::GET | Method::HEAD) {
        return Ok(());
    }
    let headers = request.headers();
    let is_empty = headers.get(header::CONTENT_LENGTH).is_none_or(|length| length == "0");
    let has_body = headers.contains_key(header::TRANSFER_ENCODING) || !is_empty;
    let path = request.match_info().as_str();
    if !has_body || !state.routes.takes_no_body(request.method().as_str(), path) {
        return Ok(());
    }
    let (request, payload) = request.parts_mut();
    Json::<Option<NoFields>>::from_request(request, payload).await.map(drop)
}
