//! Several Redis servers, one of which leads: another takes over, and no service has to be started again.

use std::{
    fs,
    time::{Duration, Instant},
};

use launcher::Service;
use reqwest::StatusCode;
use serde_json::{Value, json};
use system_tests::{Api, Installation, Sentinels};

use crate::support::{PASSWORD, found};

const LIMIT: Duration = Duration::from_secs(20);

async fn is_well(installation: &Installation) -> bool {
    let health = reqwest::get(format!("{}/health", installation.system.url())).await.unwrap();
    let health: Value = serde_json::from_slice(&health.bytes().await.unwrap()).unwrap();
    health["status"] == "healthy"
}

/// Tries a wrong password.
async fn guess(visitor: &Api) -> StatusCode {
    let body = json!({ "login": "lead_teacher", "password": "Wrong1234" });
    visitor.post("/auth/login", body).await.unwrap().status
}

async fn status(api: &Api) -> StatusCode {
    api.get("/classes").await.unwrap().status
}

#[tokio::test(flavor = "multi_thread")]
async fn services_follow_when_another_redis_server_leads() {
    let limit = [("RATE_LIMIT_LOGIN", "5/hour")];
    let mut installation = Installation::stores_with(&limit).await.unwrap();
    let secret = fs::read_to_string(installation.system.options().folder.join("secret")).unwrap();
    let folder = installation.scratch().unwrap();
    let mut servers = Sentinels::start(&folder, secret.trim()).unwrap();
    installation.system.redis.stop().unwrap();
    installation.system.redis.instead = Some(servers.url());
    installation.system.serve().await.unwrap();
    let processes = Service::ALL.map(|service| installation.system.process_id(service));

    servers.settled().await.unwrap();
    let school = found(&installation, "lead").await.unwrap();
    let visitor = installation.visitor().unwrap();
    let ended = visitor.sign_in("lead_teacher", PASSWORD).await.unwrap();
    let other = visitor.sign_in("lead_teacher", PASSWORD).await.unwrap();
    ended.post("/auth/logout", json!({})).await.unwrap();
    assert_eq!(guess(&visitor).await, StatusCode::UNAUTHORIZED);
    let first = servers.leader().unwrap();
    assert_eq!(
        servers.ask(first, &["wait", "2", "5000"]).unwrap(),
        "2",
        "what was written is copied"
    );

    servers.hurry().unwrap();
    servers.kill(first).unwrap();
    // Also a session that ends while nobody leads has ended.
    assert_eq!(other.post("/auth/logout", json!({})).await.unwrap().status, StatusCode::NO_CONTENT);
    let deadline = Instant::now() + LIMIT;
    let mut settled_at = None;
    while settled_at.is_none_or(|at: Instant| at.elapsed() < Duration::from_secs(2)) {
        assert!(Instant::now() < deadline, "the services found no leader:\n{}", servers.logs());
        assert_eq!(status(&school.teacher).await, StatusCode::OK);
        for session in [&ended, &other] {
            assert_eq!(status(session).await, StatusCode::UNAUTHORIZED, "{settled_at:?}");
        }
        if settled_at.is_none() && is_well(&installation).await {
            settled_at = Some(Instant::now());
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    let second = servers.leader().unwrap();
    assert_ne!(second, first);

    // Two signed in before, one guessed.
    for _ in 0..2 {
        assert_eq!(guess(&visitor).await, StatusCode::UNAUTHORIZED);
    }
    assert_eq!(guess(&visitor).await, StatusCode::TOO_MANY_REQUESTS, "counting went on");
    servers.ask(second, &["flushall"]).unwrap();
    school.teacher.post("/auth/logout", json!({})).await.unwrap();
    let profile = json!({ "full_name": "王校长" });
    school.admin.patch("/users/me", profile).await.unwrap().expect().unwrap();
    let keys = servers.ask(second, &["--scan"]).unwrap();
    for kind in ["cache:", "sess:revoked:"] {
        assert!(keys.lines().any(|key| key.starts_with(kind)), "no {kind} in {keys}");
    }

    servers.resume(first).unwrap();
    servers.settled().await.unwrap();
    assert_eq!(servers.leader().unwrap(), second, "who comes back follows");
    assert!(servers.ask(first, &["role"]).unwrap().starts_with("slave"));
    assert_eq!(Service::ALL.map(|service| installation.system.process_id(service)), processes);
}
