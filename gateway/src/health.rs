//! `/health` in the manual's form, and `/metrics`.

use std::{collections::BTreeMap, time::Duration};

use actix_web::{
    HttpResponse, get,
    http::{StatusCode, header},
    web::{Data, ServiceConfig},
};
use kit::health::State as Condition;
use serde::{Deserialize, Serialize};

use crate::{app::State, http::Problem};

/// How long a service may take to say how it is.
const LIMIT: Duration = Duration::from_secs(2);

/// Mounts the resources for operators.
pub fn mount(config: &mut ServiceConfig) {
    config.service(report).service(live).service(ready).service(metrics);
}

/// The answer of `/health`.
#[derive(Debug, Serialize)]
struct Report {
    status: Condition,
    version: &'static str,
    components: BTreeMap<String, Condition>,
}

/// What a service says of itself.
#[derive(Debug, Deserialize)]
struct Said {
    status: String,
    #[serde(default)]
    components: BTreeMap<String, String>,
}

#[get("/health")]
async fn report(state: Data<State>) -> HttpResponse {
    let services = state.upstream.services().into_iter();
    let answers = services.map(async |(name, client)| {
        let said = client.health(LIMIT).await;
        (name, said.and_then(|said| serde_json::from_slice(&said).ok()))
    });
    let answers = futures::future::join_all(answers);
    let (answers, redis) = futures::future::join(answers, state.cache.healthy()).await;
    let components = components(answers, redis);
    let is = |name: &str| components.get(name).copied();
    let usable = ["auth-svc", "learning-svc", "database"]
        .into_iter()
        .all(|name| is(name).is_none_or(|state| state != Condition::Unhealthy));
    let status = if !usable || state.stop.is_cancelled() {
        Condition::Unhealthy
    } else if components.values().any(|state| *state != Condition::Healthy) {
        Condition::Degraded
    } else {
        Condition::Healthy
    };
    let report = Report { status, version: kit::process::VERSION, components };
    let code = match status {
        Condition::Unhealthy => StatusCode::SERVICE_UNAVAILABLE,
        Condition::Healthy | Condition::Degraded => StatusCode::OK,
    };
    HttpResponse::build(code).insert_header((header::CACHE_CONTROL, "no-store")).json(report)
}

/// A part is as well as the service that sees it worst; Redis is also seen from here.
fn components(
    answers: Vec<(&'static str, Option<Said>)>,
    redis: bool,
) -> BTreeMap<String, Condition> {
    let own = if redis { Condition::Healthy } else { Condition::Unhealthy };
    let mut components = BTreeMap::from([("redis".to_owned(), own)]);
    for (name, said) in answers {
        let condition = said.as_ref().map_or(Condition::Unhealthy, |said| read(&said.status));
        components.insert(name.to_owned(), condition);
        for (part, text) in said.map(|said| said.components).unwrap_or_default() {
            let seen = read(&text);
            let known = components.entry(part).or_insert(seen);
            if seen != Condition::Healthy {
                *known = seen;
            }
        }
    }
    components
}

fn read(text: &str) -> Condition {
    match text {
        "healthy" => Condition::Healthy,
        "degraded" => Condition::Degraded,
        _ => Condition::Unhealthy,
    }
}

#[get("/health/live")]
async fn live() -> HttpResponse {
    HttpResponse::Ok().json(serde_json::json!({ "status": "healthy" }))
}

/// The gateway is ready while it can answer: it says 503 itself for services that are away.
#[get("/health/ready")]
async fn ready(state: Data<State>) -> Result<HttpResponse, Problem> {
    if state.stop.is_cancelled() {
        return Err(Problem::unavailable("STOPPING"));
    }
    Ok(HttpResponse::Ok().json(serde_json::json!({ "status": "healthy" })))
}

#[get("/metrics")]
async fn metrics() -> HttpResponse {
    let kind = kit::telemetry::EXPOSITION;
    HttpResponse::Ok().content_type(kind).body(kit::telemetry::exposition())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_is_as_well_as_the_service_that_sees_it_worst() {
        let said = |database: &str| {
            let components = BTreeMap::from([("database".to_owned(), database.to_owned())]);
            Some(Said { status: "healthy".to_owned(), components })
        };
        let answers = vec![
            ("auth-svc", said("unhealthy")),
            ("learning-svc", said("healthy")),
            ("ai-svc", None),
        ];
        let components = components(answers, true);
        assert_eq!(components["database"], Condition::Unhealthy);
        assert_eq!(components["ai-svc"], Condition::Unhealthy);
        assert_eq!(components["redis"], Condition::Healthy);
    }
}
