//! How often the API may be called.

use std::time::Duration;

use kit::access_token::AccessClaims;
use reqwest::{Method, StatusCode};
use serde_json::json;
use uuid::Uuid;

use crate::support::{Gateway, header, problem};

#[tokio::test(flavor = "multi_thread")]
async fn calls_beyond_the_burst_wait() {
    let gateway =
        Gateway::with(&[("RATE_LIMIT_API", "20/minute"), ("RATE_LIMIT_BURST", "5")]).await;
    for _ in 0..5 {
        let answer = gateway.get("/mistakes").await;
        assert_ne!(answer.status(), StatusCode::TOO_MANY_REQUESTS);
        assert!(!header(&answer, "ratelimit").is_empty());
        assert!(!header(&answer, "ratelimit-policy").is_empty());
    }
    let late = gateway.get("/mistakes").await;
    assert_eq!(late.status(), StatusCode::TOO_MANY_REQUESTS);
    let wait: u64 = header(&late, "retry-after").parse().unwrap();
    assert!((1..=4).contains(&wait), "{wait} s at one call in three seconds");
    assert_eq!(problem(late).await["code"], "RATE_LIMITED");
    tokio::time::sleep(Duration::from_millis(3_100)).await;
    assert_ne!(gateway.get("/mistakes").await.status(), StatusCode::TOO_MANY_REQUESTS);
}

#[tokio::test(flavor = "multi_thread")]
async fn token_of_an_ended_session_takes_no_calls_from_its_owner() {
    let limits = [("RATE_LIMIT_API", "1/minute"), ("RATE_LIMIT_BURST", "3")];
    let gateway = Gateway::with(&limits).await;
    let ended = AccessClaims { sid: Uuid::now_v7(), ..gateway.claims };
    gateway.cache.revoke(&[(ended.sid, Duration::from_mins(1))]).await;
    let url = format!("{}/api/v1/mistakes", gateway.base);
    for _ in 0..5 {
        let taken = gateway.client.get(&url).bearer_auth(gateway.token(&ended));
        let answer = taken.send().await.unwrap();
        assert!(header(&answer, "ratelimit-policy").starts_with("\"address\""), "{answer:?}");
        assert_eq!(problem(answer).await["code"], "SESSION_ENDED");
    }
    assert_ne!(gateway.get("/mistakes").await.status(), StatusCode::TOO_MANY_REQUESTS);
}

#[tokio::test(flavor = "multi_thread")]
async fn sixth_attempt_to_sign_in_waits() {
    let gateway = Gateway::start().await;
    let attempt = async |name: &str| {
        let request = gateway.request(Method::POST, "/auth/login");
        let body = json!({ "username": name, "password": "Wrong1234" });
        request.json(&body).send().await.unwrap()
    };
    for _ in 0..5 {
        assert_eq!(attempt("Li").await.status(), 503, "auth-svc is away");
    }
    let late = attempt("li ").await;
    assert_eq!(late.status(), StatusCode::TOO_MANY_REQUESTS);
    assert!(!header(&late, "retry-after").is_empty());
    assert_eq!(attempt("wang").await.status(), 503, "another account is not counted with it");
}
