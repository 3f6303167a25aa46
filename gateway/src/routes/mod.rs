//! The resources of the API, one file each.

mod ai;
mod ai_usage;
mod auth;
mod classes;
mod enrollments;
mod export_files;
mod export_streams;
mod exports;
mod mistake_imports;
mod mistakes;
mod organizations;
mod reviews;
mod roster_imports;
mod sessions;
mod similar_mistakes;
mod students;
mod users;

use actix_web::HttpResponse;
use utoipa_actix_web::{scope, service_config::ServiceConfig};

use crate::http::Problem;

/// What a handler returns.
type Answer = Result<HttpResponse, Problem>;

/// Mounts every resource under its versioned prefix.
pub fn mount(config: &mut ServiceConfig) {
    config.service(scope("/api/v1").configure(resources));
}

fn resources(config: &mut ServiceConfig) {
    config
        .configure(auth::mount)
        .configure(sessions::mount)
        .configure(users::mount)
        .configure(organizations::mount)
        .configure(classes::mount)
        .configure(enrollments::mount)
        .configure(roster_imports::mount)
        .configure(mistake_imports::mount)
        .configure(students::mount)
        .configure(mistakes::mount)
        .configure(similar_mistakes::mount)
        .configure(reviews::mount)
        .configure(exports::mount)
        .configure(export_files::mount)
        .configure(export_streams::mount)
        .configure(ai::mount)
        .configure(ai_usage::mount);
}

/// Takes what an answer must hold.
fn present<T>(part: Option<T>) -> Result<T, Problem> {
    part.ok_or_else(|| {
        tracing::error!(part = std::any::type_name::<T>(), "an answer lacks its contents");
        Problem::unavailable("UPSTREAM_FAILED")
    })
}
