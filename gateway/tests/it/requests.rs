//! What clients send, and what goes along with every answer.

use std::{convert::Infallible, time::Duration};

use chrono::Utc;
use futures::{StreamExt as _, stream};
use kit::access_token::AccessClaims;
use reqwest::{
    Body, Method,
    multipart::{Form, Part},
};
use serde_json::json;
use tokio::{task::JoinHandle, time::Instant};
use tonic::Status;
use uuid::Uuid;

use crate::support::{Gateway, header, problem};

#[tokio::test(flavor = "multi_thread")]
async fn only_good_and_live_tokens_are_taken() {
    let gateway = Gateway::start().await;
    let url = format!("{}/api/v1/mistakes", gateway.base);
    let none = gateway.client.get(&url).send().await.unwrap();
    assert_eq!(header(&none, "www-authenticate"), "Bearer");
    assert_eq!(problem(none).await["code"], "UNAUTHENTICATED");

    let old = AccessClaims { exp: Utc::now().timestamp() - 120, ..gateway.claims };
    let forged = format!("{}x", gateway.token(&gateway.claims));
    for token in [gateway.token(&old), forged, "nonsense".to_owned()] {
        let answer = gateway.client.get(&url).bearer_auth(token).send().await.unwrap();
        assert_eq!(answer.status(), 401);
        assert_eq!(problem(answer).await["code"], "ACCESS_TOKEN_INVALID");
    }
    let ttl = Duration::from_mins(1);
    gateway.cache.revoke(&[(gateway.claims.sid, ttl)]).await;
    assert_eq!(problem(gateway.get("/mistakes").await).await["code"], "SESSION_ENDED");
}

#[tokio::test(flavor = "multi_thread")]
async fn wrong_bodies_are_refused_by_field() {
    let gateway = Gateway::start().await;
    let post = async |body: String| {
        let request = gateway.request(Method::POST, "/mistakes");
        let request = request.header("content-type", "application/json").body(body);
        let answer = request.send().await.unwrap();
        (answer.status().as_u16(), problem(answer).await)
    };
    let (status, body) = post("{".to_owned()).await;
    assert_eq!(status, 400, "{body}");
    let whole = json!({
        "student_id": Uuid::now_v7(), "type": "grammar", "question": "q",
        "wrong_answer": "a", "correct_answer": "b",
    });
    let with = |field: &str, value: serde_json::Value| {
        let mut body = whole.clone();
        body[field] = value;
        body.to_string()
    };
    for (field, value) in [
        ("question", json!(7)),
        ("student_id", json!("not an id")),
        ("type", json!("cooking")),
        ("colour", json!("red")),
    ] {
        let (status, body) = post(with(field, value)).await;
        assert_eq!(status, 422, "{field}: {body}");
        assert_eq!(body["errors"][0]["field"], field, "{body}");
    }
    let (status, _) = post(with("question", json!("x".repeat(11 << 20)))).await;
    assert_eq!(status, 413);

    let wrong_id = gateway.get("/mistakes/not-an-id").await;
    assert_eq!(problem(wrong_id).await["code"], "INVALID_ID");
    let unknown = gateway.get("/mistakes?colour=red").await;
    assert_eq!(unknown.status(), 422);
    assert_eq!(problem(unknown).await["errors"][0]["field"], "colour");
    // Also where no field is read at all.
    let plain = gateway.get(&format!("/mistakes/{}?colour=red", Uuid::now_v7())).await;
    assert_eq!(plain.status(), 422);
    assert_eq!(problem(plain).await["errors"][0]["field"], "colour");
}

#[tokio::test(flavor = "multi_thread")]
async fn body_that_nobody_reads_has_no_fields() {
    let gateway = Gateway::start().await;
    let archive = async |body: Body| {
        let path = format!("/classes/{}/archive", Uuid::now_v7());
        let request = gateway.request(Method::POST, &path);
        let request = request.header("content-type", "application/json").body(body);
        let answer = request.send().await.unwrap();
        (answer.status().as_u16(), problem(answer).await)
    };
    let chunked = |text: &'static str| {
        Body::wrap_stream(stream::once(async move { Ok::<_, Infallible>(text) }))
    };
    for body in [Body::from(r#"{"colour":"red"}"#), chunked(r#"{"colour":"red"}"#)] {
        let (status, refused) = archive(body).await;
        assert_eq!((status, &refused["errors"][0]["code"]), (422, &json!("UNKNOWN_FIELD")));
        assert_eq!(refused["errors"][0]["field"], "colour");
    }
    assert_eq!(archive("{".into()).await.0, 400);
    // These come as far as the service, which is not there.
    for body in [Body::from("{}"), Body::from("null"), Body::from(""), chunked("")] {
        assert_eq!(archive(body).await.0, 503);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn upload_that_is_too_large_is_refused_before_a_service_sees_it() {
    let gateway = Gateway::with(&[("MAX_UPLOAD_SIZE", "100KB")]).await;
    let file = Part::bytes(vec![b'a'; 200 << 10]).file_name("many.csv");
    let form = Form::new().text("class_id", Uuid::now_v7().to_string()).part("file", file);
    let request = gateway.request(Method::POST, "/mistake-imports").multipart(form);
    let answer = request.send().await.unwrap();
    assert_eq!(answer.status(), 413);
    assert_eq!(problem(answer).await["code"], "BODY_TOO_LARGE");
}

#[tokio::test(flavor = "multi_thread")]
async fn only_so_many_uploads_are_held_at_once() {
    let gateway = Gateway::with(&[("MAX_UPLOAD_SIZE", "24MB")]).await;
    // Each says that more will come, and sends no more.
    let beginning = "--b\r\ncontent-disposition: form-data; name=\"file\"; filename=\"a\"\r\n\r\na";
    let held: Vec<_> = (0..5)
        .map(|_| {
            let sent = stream::iter([Ok::<_, Infallible>(beginning)]).chain(stream::pending());
            let request = gateway.request(Method::POST, "/mistake-imports");
            let request = request.header("content-type", "multipart/form-data; boundary=b");
            tokio::spawn(request.body(Body::wrap_stream(sent)).send())
        })
        .collect();
    let send = async || {
        let file = Part::bytes(b"a".to_vec()).file_name("few.csv");
        let form = Form::new().text("class_id", Uuid::now_v7().to_string()).part("file", file);
        gateway.request(Method::POST, "/mistake-imports").multipart(form).send().await.unwrap()
    };
    let limit = Instant::now() + Duration::from_secs(20);
    let busy = loop {
        let answer = send().await;
        let (status, wait) = (answer.status(), header(&answer, "retry-after").to_owned());
        if problem(answer).await["code"] == "TOO_MANY_UPLOADS" {
            break (status.as_u16(), wait);
        }
        assert!(Instant::now() < limit, "a sixth upload is read");
    };
    assert_eq!(busy, (503, "1".to_owned()));
    held.iter().for_each(JoinHandle::abort);
    assert_ne!(problem(send().await).await["code"], "TOO_MANY_UPLOADS");
}

#[tokio::test(flavor = "multi_thread")]
async fn unknown_places_and_methods_say_so() {
    let gateway = Gateway::start().await;
    let nothing = gateway.get("/nothing/here").await;
    assert_eq!(nothing.status(), 404);
    assert_eq!(problem(nothing).await["code"], "NO_SUCH_RESOURCE");
    let wrong = gateway.request(Method::PUT, "/mistakes").send().await.unwrap();
    assert_eq!(wrong.status(), 405);
    assert_eq!(header(&wrong, "allow"), "GET, HEAD, POST");
}

#[tokio::test(flavor = "multi_thread")]
async fn answers_carry_an_id_and_keep_the_clients() {
    let gateway = Gateway::start().await;
    gateway.script.set(Status::unknown(""));
    let first = gateway.get("/mistakes").await;
    let second = gateway.get("/mistakes").await;
    assert_ne!(header(&first, "x-request-id"), header(&second, "x-request-id"));
    let request = gateway
        .request(Method::GET, "/mistakes")
        .header("x-request-id", "0197c2c0-5b1e-7c3a-9a52-0d6a3f1f0c11");
    assert_eq!(
        header(&request.send().await.unwrap(), "x-request-id"),
        "0197c2c0-5b1e-7c3a-9a52-0d6a3f1f0c11"
    );
    for (name, value) in [("x-content-type-options", "nosniff"), ("x-frame-options", "DENY")] {
        assert_eq!(header(&first, name), value);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_of_configured_origins_may_call() {
    let gateway = Gateway::with(&[("CORS_ORIGINS", "https://school.example")]).await;
    let ask = async |origin: &str| {
        let request =
            gateway.client.request(Method::OPTIONS, format!("{}/api/v1/mistakes", gateway.base));
        let request = request
            .header("origin", origin)
            .header("access-control-request-method", "POST")
            .header(
                "access-control-request-headers",
                "authorization,idempotency-key,range,if-range",
            );
        request.send().await.unwrap()
    };
    let own = ask("https://school.example").await;
    assert_eq!(header(&own, "access-control-allow-origin"), "https://school.example");
    let foreign = ask("https://evil.example").await;
    assert_eq!(header(&foreign, "access-control-allow-origin"), "");
    // A page that goes on with a download has to know where it is.
    let answer =
        gateway.request(Method::GET, "/mistakes").header("origin", "https://school.example");
    let answer = answer.send().await.unwrap();
    let exposed = header(&answer, "access-control-expose-headers").to_ascii_lowercase();
    for name in ["accept-ranges", "content-range", "etag"] {
        assert!(exposed.contains(name), "{exposed}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn description_of_the_api_is_served() {
    let gateway = Gateway::start().await;
    let get = async |path: &str| {
        gateway.client.get(format!("{}{path}", gateway.base)).send().await.unwrap()
    };
    let document: serde_json::Value = get("/api/v1/openapi.json").await.json().await.unwrap();
    assert!(document["paths"]["/api/v1/mistakes"]["post"].is_object());
    let page = get("/docs").await;
    assert_eq!(page.status(), 200);
    assert!(header(&page, "content-type").starts_with("text/html"));
    assert!(get("/metrics").await.text().await.unwrap().contains("http_requests_total"));
    let health = get("/health").await;
    assert_eq!(health.status(), 503, "no service is there");
    let health: serde_json::Value = health.json().await.unwrap();
    assert_eq!(health["components"]["auth-svc"], "unhealthy");
}

#[tokio::test(flavor = "multi_thread")]
async fn health_is_kept_by_nobody() {
    let gateway = Gateway::whole().await;
    let request = gateway.client.get(format!("{}/health", gateway.base));
    let health = request.header("if-none-match", "*").send().await.unwrap();
    assert_eq!(health.status(), 200);
    assert_eq!((header(&health, "cache-control"), header(&health, "etag")), ("no-store", ""));
}

#[tokio::test(flavor = "multi_thread")]
async fn numbers_out_of_range_are_no_absence() {
    let gateway = Gateway::start().await;
    let id = Uuid::now_v7();
    let named = async |answer: reqwest::Response, field: &str| {
        assert_eq!(answer.status(), 422, "{field}");
        assert_eq!(problem(answer).await["errors"][0]["field"], field);
    };
    for path in [
        "/mistakes",
        "/mistake-imports",
        "/roster-imports",
        "/classes",
        &format!("/classes/{id}/enrollments"),
        &format!("/classes/{id}/students-figures"),
        &format!("/classes/{id}/weak-points/verb.tense/students"),
        &format!("/mistakes/{id}/similar"),
        "/students",
        "/reviews",
        "/reviews/due",
        "/exports/tasks",
        "/auth/sessions",
        "/users",
        "/users/audit-events",
        "/organizations/current/invitations",
    ] {
        named(gateway.get(&format!("{path}?limit=0")).await, "limit").await;
    }
    named(gateway.get("/ai/usage?days=0").await, "days").await;
    for (method, path, field, body) in [
        (Method::POST, "/classes", "max_students", json!({ "name": "a", "max_students": 0 })),
        (
            Method::POST,
            "/organizations/current/invitations",
            "max_uses",
            json!({ "role": "student", "max_uses": 0 }),
        ),
        (
            Method::POST,
            "/organizations/current/invitations",
            "valid_days",
            json!({ "role": "student", "valid_days": 0 }),
        ),
        (Method::PATCH, &format!("/students/{id}"), "target_score", json!({ "target_score": -1 })),
    ] {
        named(gateway.request(method, path).json(&body).send().await.unwrap(), field).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn methods_that_clients_make_up_are_counted_together() {
    let gateway = Gateway::start().await;
    let method = Method::from_bytes(b"SNOOP").unwrap();
    let answer = gateway.request(method, "/mistakes").send().await.unwrap();
    assert_eq!(answer.status(), 405);
    let metrics = gateway.client.get(format!("{}/metrics", gateway.base)).send().await.unwrap();
    let metrics = metrics.text().await.unwrap();
    assert!(metrics.contains(r#"method="OTHER""#) && !metrics.contains("SNOOP"), "{metrics}");
}
