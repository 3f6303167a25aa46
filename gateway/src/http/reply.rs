//! What HTTP asks of every answer.

use actix_web::{
    Error, HttpResponse,
    body::{BodySize, BoxBody, MessageBody},
    dev::{ServiceRequest, ServiceResponse},
    http::{Method, StatusCode, header},
    middleware::Next,
};

use super::Problem;

/// Answers HEAD as GET, without the body, and makes a problem of an encoding that nobody offers.
pub async fn conform(
    mut request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let is_upgrade = request.headers().contains_key(header::UPGRADE);
    let is_head = request.method() == Method::HEAD && !is_upgrade;
    if is_head {
        // The connection knows that HEAD was asked for, and sends no body.
        request.head_mut().method = Method::GET;
    }
    let response = next.call(request).await?.map_into_boxed_body();
    if response.status() == StatusCode::NOT_ACCEPTABLE {
        let (request, _) = response.into_parts();
        let detail = "identity, gzip and br are offered";
        let problem = Problem::new(StatusCode::NOT_ACCEPTABLE, "NOT_ACCEPTABLE", detail);
        return Ok(ServiceResponse::new(request, HttpResponse::from(problem)));
    }
    // A stream would be read to its end for nothing.
    let is_stream = response.response().body().size() == BodySize::Stream;
    if is_head && is_stream {
        return Ok(response.map_body(|_, _| BoxBody::new(actix_web::body::None::new())));
    }
    Ok(response)
}
