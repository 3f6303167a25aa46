//! The resources of the API, one file each.

mod ai;
mod ai_usage;
mod audit_events;
mod auth;
mod class_figures;
mod classes;
mod dashboard;
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

use crate::{http::Problem, view::present};

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
        .configure(audit_events::mount)
        .configure(users::mount)
        .configure(organizations::mount)
        .configure(dashboard::mount)
        .configure(classes::mount)
        .configure(class_figures::mount)
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
