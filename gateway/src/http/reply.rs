//! What HTTP asks of every answer.

use std::convert::Infallible;

use actix_web::{
    Error, HttpResponse,
    body::{self, BodySize, BoxBody, MessageBody, SizedStream},
    dev::{ServiceRequest, ServiceResponse},
    http::{Method, StatusCode, header},
    middleware::Next,
};
use bytes::Bytes;
use futures::stream;

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
    Ok(if is_head { response.map_body(|_, body| unread(&body)) } else { response })
}

/// Returns a body of the same declared length that has nothing in it: the connection would read a
/// file to its end for nothing.
fn unread(body: &BoxBody) -> BoxBody {
    match body.size() {
        BodySize::None | BodySize::Stream => BoxBody::new(body::None::new()),
        BodySize::Sized(length) => {
            let nothing = stream::empty::<Result<Bytes, Infallible>>();
            BoxBody::new(SizedStream::new(length, nothing))
        }
    }
}
