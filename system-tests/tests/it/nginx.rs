//! nginx as `deploy/nginx` sets it up: what it serves, guards, streams and refuses.

use std::time::Duration;

use futures::StreamExt as _;
use reqwest::{Client, Response, StatusCode, Version, header};
use serde_json::{Value, json};
use system_tests::{Api, Front, Installation, school};
use tokio::io::{AsyncRead, AsyncReadExt as _};

use crate::{
    main_job::main_job,
    nginx_limits,
    support::{School, enroll, finished, found, text},
};

const PAGE: &[u8] = b"<!doctype html><title>client</title>";

#[tokio::test(flavor = "multi_thread")]
async fn main_job_works_through_nginx_over_tls() {
    let installation = Installation::behind_nginx(&[]).await.unwrap();
    main_job(&installation).await;
    let front = installation.front.as_ref().unwrap();
    front.logs_with(r#""protocol":"HTTP/2.0""#).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn nginx_guards_what_it_fronts() {
    let client = tempfile::tempdir().unwrap();
    std::fs::write(client.path().join("index.html"), PAGE).unwrap();
    let web = client.path().to_str().unwrap();
    let installation = Installation::behind_nginx(&[("WEB_ROOT", web)]).await.unwrap();
    let front = installation.front.as_ref().unwrap();
    let client = front.client().unwrap().build().unwrap();
    serves_files(front, &client).await;
    let [own, gateways] = [front.url(), installation.system.url()].map(|url| client.get(url));
    let [own, gateways] = [own.send().await.unwrap(), gateways.send().await.unwrap()];
    let policy = one(own.headers(), "content-security-policy");
    assert_eq!(policy, one(gateways.headers(), "content-security-policy"));
    leads_to_https(front, &client).await;
    nginx_limits::limits(&installation).await;
    nginx_limits::uploads_are_few_at_once(front).await;

    // What a client writes about its own address is worth nothing, what a trusted proxy writes is.
    let School { teacher, .. } = found(&installation, "guard").await.unwrap();
    assert!(!seen_from(&teacher).await.contains("203.0.113.9"));
    let proxies = [("NGINX_TRUSTED_PROXIES", "127.0.0.1")];
    let inner = installation.new_front("inner", &proxies).await.unwrap();
    assert!(seen_from(&inner.api().unwrap()).await.contains("203.0.113.9"));

    let answer = teacher.get("/users/me").await.unwrap();
    assert_eq!(one(&answer.headers, "strict-transport-security"), "max-age=31536000");
    assert_eq!(
        one(&answer.headers, "content-security-policy"),
        "default-src 'none'; frame-ancestors 'none'"
    );
    let id = one(&answer.headers, "x-request-id");
    front.logs_with(&format!(r#""request_id":"{id}""#)).await.unwrap();
}

/// Signs in with an address in the headers and returns the sessions that are then known.
async fn seen_from(api: &Api) -> String {
    let body = json!({ "login": "guard_admin", "password": crate::support::PASSWORD });
    let login = api.request(reqwest::Method::POST, "/auth/login").json(&body);
    let login = login.header("X-Forwarded-For", "203.0.113.9");
    let session = api.send(login).await.unwrap().expect().unwrap();
    let admin = api.with_session(&session).unwrap();
    admin.get("/auth/sessions").await.unwrap().expect().unwrap().to_string()
}

async fn serves_files(front: &Front, client: &Client) {
    front.put("web/index.html", PAGE).unwrap();
    let script = "console.log('hello');".repeat(200);
    front.put("web/assets/app-1a2b.js", script.as_bytes()).unwrap();
    front.put("web/assets/app-1a2b.js.gz", b"as gzip").unwrap();
    front.put("web/assets/app-1a2b.js.br", b"as brotli").unwrap();
    let get = async |path: &str, encoding: &str| {
        let request = client.get(front.url() + path).header(header::ACCEPT_ENCODING, encoding);
        request.send().await.unwrap()
    };
    let page = get("/classes/42", "").await;
    assert_eq!((page.status(), page.version()), (StatusCode::OK, Version::HTTP_2));
    assert_eq!(one(page.headers(), "cache-control"), "no-cache");
    let policy = one(page.headers(), "content-security-policy");
    assert!(policy.contains("script-src 'self';"), "{policy}");
    for (name, value) in [
        ("x-content-type-options", "nosniff"),
        ("x-frame-options", "DENY"),
        ("referrer-policy", "no-referrer"),
        ("strict-transport-security", "max-age=31536000"),
    ] {
        assert_eq!(one(page.headers(), name), value);
    }
    assert!(page.text().await.unwrap().contains("<title>client"), "deep links show the client");

    for (accepted, encoding, content) in
        [("gzip, br", "br", "as brotli"), ("gzip", "gzip", "as gzip"), ("", "", script.as_str())]
    {
        let file = get("/assets/app-1a2b.js", accepted).await;
        assert_eq!(
            one(file.headers(), "cache-control"),
            "public, max-age=31536000, immutable",
            "a name with a hash never changes its content"
        );
        assert_eq!(one(file.headers(), "content-encoding"), encoding);
        assert_eq!(file.text().await.unwrap(), content);
    }
    let missing = get("/assets/app-0000.js", "").await;
    assert_eq!(missing.status(), StatusCode::NOT_FOUND);
    assert_eq!(one(missing.headers(), "cache-control"), "no-store");
    let metrics = get("/metrics", "").await.text().await.unwrap();
    assert!(!metrics.contains("http_requests_total"), "metrics are nobody's business outside");
    assert_eq!(get("/docs", "").await.status(), StatusCode::OK);
}

async fn leads_to_https(front: &Front, client: &Client) {
    let plain = format!("http://127.0.0.1:{}", front.http_port);
    let answer = client.get(format!("{plain}/classes?page=2")).send().await.unwrap();
    assert_eq!(answer.status(), StatusCode::MOVED_PERMANENTLY);
    assert_eq!(one(answer.headers(), "location"), front.url() + "/classes?page=2");
    for url in [plain.clone(), front.url()] {
        let health = client.get(url + "/health").send().await.unwrap();
        assert_eq!(health.text().await.unwrap(), "healthy\n", "nginx's own");
    }
    front.put("acme/.well-known/acme-challenge/token", b"proof").unwrap();
    let challenge = format!("{plain}/.well-known/acme-challenge/token");
    let challenge = client.get(challenge).send().await.unwrap();
    assert_eq!(challenge.text().await.unwrap(), "proof");

    front.renew().unwrap();
    let renewed = front.client().unwrap().build().unwrap();
    let limit = tokio::time::Instant::now() + Duration::from_secs(10);
    while renewed.get(front.url() + "/health").send().await.is_err() {
        assert!(tokio::time::Instant::now() < limit, "nginx did not take up the new certificate");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn progress_comes_through_as_it_happens() {
    let installation = Installation::behind_nginx(&[]).await.unwrap();
    let front = installation.front.as_ref().unwrap();
    let School { teacher, class, .. } = found(&installation, "stream").await.unwrap();
    enroll(&teacher, &class, &school::pupils(1)).await.unwrap();
    let students = teacher.all(&format!("/students?class_id={class}")).await.unwrap();
    let order = json!({
        "document": "mistake_book", "format": "pdf", "student_id": students[0]["id"],
    });
    let task = teacher.post("/exports/tasks", order).await.unwrap().expect().unwrap();
    let id = text(&task, "id").unwrap();
    let request = teacher.request(reqwest::Method::GET, &format!("/exports/tasks/{id}/events"));
    let events = request.send().await.unwrap();
    assert_eq!(one(events.headers(), "content-type"), "text/event-stream");
    let events = until_completed(events).await;
    assert!(events.contains("event: task"), "{events}");
    finished(&teacher, &id, Duration::from_secs(5)).await.unwrap();

    let session = json!({ "login": "stream_teacher", "password": crate::support::PASSWORD });
    let session = teacher.post("/auth/login", session).await.unwrap().expect().unwrap();
    let token = text(&session, "access_token").unwrap();
    let client = front.client().unwrap().http1_only().build().unwrap();
    let url = format!("{}/api/v1/exports/tasks/{id}/socket?access_token={token}", front.url());
    let socket = client
        .get(url)
        .header(header::CONNECTION, "Upgrade")
        .header(header::UPGRADE, "websocket")
        .header("sec-websocket-version", "13")
        .header("sec-websocket-key", "dGhlIHNhbXBsZSBub25jZQ==")
        .send()
        .await
        .unwrap();
    assert_eq!(socket.status(), StatusCode::SWITCHING_PROTOCOLS);
    let mut upgraded = socket.upgrade().await.unwrap();
    let message = tokio::time::timeout(Duration::from_secs(20), frame(&mut upgraded));
    let content = message.await.unwrap().unwrap();
    let notice: Value = serde_json::from_slice(&content).unwrap();
    assert_eq!((notice["event"].as_str(), &notice["data"]["id"]), (Some("task"), &task["id"]));
    drop(upgraded);
    let logs = front.logs_with(&format!(r#""path":"/api/v1/exports/tasks/{id}/socket""#)).await;
    assert!(!logs.unwrap().contains(&token), "no token stands in a log");
}

/// Reads one frame of a WebSocket, of less than 64 KiB, as a server sends it.
async fn frame(stream: &mut (impl AsyncRead + Unpin)) -> std::io::Result<Vec<u8>> {
    let mut head = [0; 2];
    stream.read_exact(&mut head).await?;
    let length = match head[1] {
        126 => stream.read_u16().await?,
        short => u16::from(short),
    };
    let mut content = vec![0; usize::from(length)];
    stream.read_exact(&mut content).await?;
    Ok(content)
}

/// Collects events until the one that says that the task is done.
async fn until_completed(events: Response) -> String {
    let mut stream = events.bytes_stream();
    let mut seen = String::new();
    let reading = async {
        while let Some(chunk) = stream.next().await {
            seen += &String::from_utf8_lossy(&chunk.unwrap());
            if seen.contains(r#""status":"completed""#) {
                return;
            }
        }
    };
    tokio::time::timeout(Duration::from_secs(20), reading).await.unwrap();
    seen
}

/// Returns a header that comes at most once.
fn one<'a>(headers: &'a header::HeaderMap, name: &str) -> &'a str {
    let mut values = headers.get_all(name).iter();
    let value = values.next().map_or("", |value| value.to_str().unwrap());
    assert!(values.next().is_none(), "{name} is sent twice");
    value
}
