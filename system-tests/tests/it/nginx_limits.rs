//! What nginx takes from one address, and how much at once.

use std::{path::Path, time::Duration};

use futures::{StreamExt as _, stream};
use launcher::free_port;
use reqwest::{Body, Client, Method, Response, StatusCode, header};
use serde_json::json;
use system_tests::{Front, Installation};
use tokio::{
    task::JoinHandle,
    time::{Instant, sleep},
};

type Sent = JoinHandle<reqwest::Result<Response>>;

/// Tries the limits of signing in and of uploads.
pub async fn limits(installation: &Installation) {
    let variables =
        [("NGINX_RATE_SIGN_IN", "1r/m"), ("NGINX_BURST_SIGN_IN", "2"), ("NGINX_MAX_UPLOAD", "1k")];
    let strict = installation.new_front("strict", &variables).await.unwrap();
    let api = strict.api().unwrap();
    let body = json!({ "login": "nobody", "password": "Wrong1234" });
    for _ in 0..3 {
        let answer = api.post("/auth/login", body.clone()).await.unwrap();
        assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "{answer:?}");
    }
    let late = api.post("/auth/login", body).await.unwrap();
    assert_eq!(
        (late.status, late.code().as_str()),
        (StatusCode::TOO_MANY_REQUESTS, "RATE_LIMITED")
    );
    assert!(late.headers.contains_key(header::RETRY_AFTER));
    assert_eq!(late.headers[header::CONTENT_TYPE], "application/problem+json");
    let other = api.get("/auth/registration-policy").await.unwrap();
    assert_eq!(other.status, StatusCode::OK, "only signing in is held back");
    let large = api.upload("/roster-imports", "x", "large.csv", vec![b'x'; 4096]).await.unwrap();
    assert_eq!(
        (large.status, large.code().as_str()),
        (StatusCode::PAYLOAD_TOO_LARGE, "BODY_TOO_LARGE")
    );
}

/// Leaves uploads hanging, more than one address may have.
pub async fn uploads_are_few_at_once(front: &Front) {
    let client = front.client().unwrap().http1_only().build().unwrap();
    let url = format!("{}/api/v1/mistake-imports", front.url());
    let hanging = hang(&client, &url, 12);
    ended(&hanging, 4).await;
    let upload = || {
        let request = client.post(&url).body("--b--");
        request.header(header::CONTENT_TYPE, "multipart/form-data; boundary=b").send()
    };
    assert_eq!(upload().await.unwrap().status(), StatusCode::TOO_MANY_REQUESTS);
    let list = client.get(&url).send().await.unwrap();
    assert_eq!(list.status(), StatusCode::UNAUTHORIZED, "lists are no uploads");
    hanging.iter().for_each(JoinHandle::abort);
    let limit = Instant::now() + Duration::from_secs(10);
    while upload().await.unwrap().status() == StatusCode::TOO_MANY_REQUESTS {
        assert!(Instant::now() < limit, "uploads that are gone still count");
        sleep(Duration::from_millis(50)).await;
    }
}

/// Posts bodies that begin and do not end.
fn hang(client: &Client, url: &str, count: usize) -> Vec<Sent> {
    let post = || {
        let parts = stream::iter([Ok::<_, std::io::Error>("--b")]).chain(stream::pending());
        let request = client.post(url).body(Body::wrap_stream(parts));
        request.header(header::CONTENT_TYPE, "multipart/form-data; boundary=b").send()
    };
    (0..count).map(|_| tokio::spawn(post())).collect()
}

/// Waits until so many of them are answered.
async fn ended(hanging: &[Sent], count: usize) {
    let limit = Instant::now() + Duration::from_secs(20);
    while hanging.iter().filter(|sent| sent.is_finished()).count() < count {
        assert!(Instant::now() < limit, "more than {} are taken", hanging.len() - count);
        sleep(Duration::from_millis(20)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn one_address_cannot_fill_the_disk_of_bodies() {
    let folder = tempfile::tempdir().unwrap();
    let front = before_nobody(folder.path()).await;
    let client = front.client().unwrap().http1_only().build().unwrap();
    let url = |path: &str| format!("{}/api/v1{path}", front.url());
    // What is not refused finds no gateway.
    for (method, path, length, status) in [
        (Method::POST, "/mistakes", 200 << 10, StatusCode::SERVICE_UNAVAILABLE),
        (Method::POST, "/mistakes", 300 << 10, StatusCode::PAYLOAD_TOO_LARGE),
        (Method::POST, "/mistakes/batch", 2 << 20, StatusCode::SERVICE_UNAVAILABLE),
        (Method::POST, "/roster-imports", 10 << 20, StatusCode::SERVICE_UNAVAILABLE),
        (Method::GET, "/roster-imports?page=1", 0, StatusCode::SERVICE_UNAVAILABLE),
        (Method::GET, "/roster-imports", 300 << 10, StatusCode::PAYLOAD_TOO_LARGE),
        (Method::POST, "/roster-imports/1/commit", 300 << 10, StatusCode::PAYLOAD_TOO_LARGE),
    ] {
        let request = client.request(method.clone(), url(path)).body(vec![b'x'; length]);
        assert_eq!(request.send().await.unwrap().status(), status, "{method} {path} {length}");
    }

    let batches = hang(&client, &url("/users/batch"), 12);
    ended(&batches, 4).await;
    batches.iter().for_each(JoinHandle::abort);
    let hanging = hang(&client, &url("/mistakes"), 410);
    ended(&hanging, 10).await;
    let other = client.get(url("/mistakes")).send().await.unwrap();
    assert_eq!(other.status(), StatusCode::TOO_MANY_REQUESTS);
    hanging.iter().for_each(JoinHandle::abort);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_searched_for_does_not_stand_in_a_log() {
    let folder = tempfile::tempdir().unwrap();
    let front = before_nobody(folder.path()).await;
    let api = front.api().unwrap();
    let search = api.get("/students?query=Xiaoming").await.unwrap();
    assert_eq!(search.status, StatusCode::SERVICE_UNAVAILABLE);
    let list = api.get("/roster-imports?query=Xiaoming").await.unwrap();
    assert_eq!(list.status, StatusCode::SERVICE_UNAVAILABLE);
    let logs = front.logs_with(r#""path":"/api/v1/roster-imports""#).await.unwrap();
    assert!(logs.contains(r#""path":"/api/v1/students""#), "{logs}");
    assert!(!logs.contains("Xiaoming"), "{logs}");
}

/// Starts nginx where no gateway runs.
async fn before_nobody(folder: &Path) -> Front {
    let gateway = format!("127.0.0.1:{}", free_port().unwrap());
    Front::start(folder, &gateway, &[]).await.unwrap()
}
