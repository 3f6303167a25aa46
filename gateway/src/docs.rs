//! A page that shows the description of the API, without any foreign code.

use actix_web::{
    HttpResponse, get,
    http::header,
    web::{Data, ServiceConfig},
};

use crate::{http::Problem, openapi};

const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; \
     base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// The description, rendered once.
struct Description(String);

/// Mounts the page and the description.
pub fn mount(config: &mut ServiceConfig) {
    let text = openapi::document_text().unwrap_or_default();
    config.app_data(Data::new(Description(text)));
    config.service(description).service(page).service(script).service(style);
}

#[get("/api/v1/openapi.json")]
async fn description(description: Data<Description>) -> Result<HttpResponse, Problem> {
    if description.0.is_empty() {
        return Err(Problem::unavailable("NO_DESCRIPTION"));
    }
    Ok(HttpResponse::Ok().content_type("application/json").body(description.0.clone()))
}

/// Says what there is, where no web client is served.
#[must_use]
pub fn links() -> HttpResponse {
    let links = serde_json::json!({
        "name": "AI English Teaching System",
        "version": kit::process::VERSION,
        "api": "/api/v1",
        "docs": "/docs",
        "health": "/health",
    });
    HttpResponse::Ok().json(links)
}

#[get("/docs")]
async fn page() -> HttpResponse {
    part("text/html; charset=utf-8", include_str!("../docs/index.html"))
}

#[get("/docs/docs.js")]
async fn script() -> HttpResponse {
    part("text/javascript; charset=utf-8", include_str!("../docs/docs.js"))
}

#[get("/docs/docs.css")]
async fn style() -> HttpResponse {
    part("text/css; charset=utf-8", include_str!("../docs/docs.css"))
}

fn part(kind: &'static str, body: &'static str) -> HttpResponse {
    HttpResponse::Ok()
        .content_type(kind)
        .insert_header((header::CONTENT_SECURITY_POLICY, POLICY))
        .insert_header((header::CACHE_CONTROL, "no-cache"))
        .body(body)
}
