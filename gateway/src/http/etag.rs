//! Answers that nothing has changed.

use actix_web::{
    Error, HttpResponse,
    body::{BoxBody, MessageBody, to_bytes},
    dev::{ServiceRequest, ServiceResponse},
    http::{
        Method, StatusCode,
        header::{self, HeaderMap},
    },
    middleware::Next,
};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use sha2::{Digest as _, Sha256};

/// Gives JSON answers to GET a weak entity tag, and leaves out what the client has already.
pub async fn unchanged(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let wanted = request.method() == Method::GET;
    let known = request.headers().get(header::IF_NONE_MATCH).cloned();
    let response = next.call(request).await?.map_into_boxed_body();
    let is_json = response.headers().get(header::CONTENT_TYPE);
    let is_json = is_json.is_some_and(|kind| kind.as_bytes() == b"application/json");
    let is_kept = !forbids_keeping(response.headers());
    if !wanted || !is_json || !is_kept || response.status() != StatusCode::OK {
        return Ok(response);
    }
    let (request, response) = response.into_parts();
    let (head, body) = response.into_parts();
    let Ok(body) = to_bytes(body).await else {
        return Ok(ServiceResponse::new(request, head.set_body(BoxBody::new(()))));
    };
    let digest = Sha256::digest(&body);
    let tag = format!("W/\"{}\"", URL_SAFE_NO_PAD.encode(&digest[..12]));
    let known = known.as_ref().and_then(|known| known.to_str().ok()).unwrap_or_default();
    let is_known = known.split(',').any(|known| known.trim() == tag || known.trim() == "*");
    let mut response = if is_known {
        HttpResponse::NotModified().finish()
    } else {
        head.set_body(BoxBody::new(body))
    };
    let headers = response.headers_mut();
    if let Ok(tag) = tag.try_into() {
        headers.insert(header::ETAG, tag);
    }
    // Every answer is somebody's own, unless it says something else.
    if !headers.contains_key(header::CACHE_CONTROL) {
        let private = header::HeaderValue::from_static("private, no-cache");
        headers.insert(header::CACHE_CONTROL, private);
    }
    Ok(ServiceResponse::new(request, response))
}

/// Tells whether an answer must not be kept by anybody: then nobody can have it already.
fn forbids_keeping(headers: &HeaderMap) -> bool {
    let mut said = headers.get_all(header::CACHE_CONTROL);
    said.any(|said| said.to_str().is_ok_and(|said| said.contains("no-store")))
}
