//! The web client's files beside the API.

use std::fs;

use reqwest::{Response, StatusCode, header::HeaderMap};

use crate::support::Gateway;

/// A built client: one page, one script in three forms, and a file beside the folder.
async fn gateway(name: &str) -> Gateway {
    let folder = std::env::temp_dir().join(format!("web-client-{name}-{}", std::process::id()));
    fs::create_dir_all(folder.join("dist/assets")).unwrap();
    for (file, text) in [
        ("dist/index.html", "<!doctype html><title>first page</title>"),
        ("dist/assets/app-1a2b.js", "plain"),
        ("dist/assets/app-1a2b.js.br", "brotli"),
        ("dist/assets/app-1a2b.js.gz", "gzip"),
        ("secret.txt", "secret"),
    ] {
        fs::write(folder.join(file), text).unwrap();
    }
    let root = folder.join("dist");
    Gateway::with(&[("WEB_ROOT", root.to_str().unwrap())]).await
}

async fn get(gateway: &Gateway, path: &str, encodings: &str) -> Response {
    let request = gateway.client.get(format!("{}{path}", gateway.base));
    request.header("accept-encoding", encodings).send().await.unwrap()
}

fn header<'a>(headers: &'a HeaderMap, name: &str) -> &'a str {
    headers.get(name).map(|value| value.to_str().unwrap()).unwrap_or_default()
}

#[tokio::test]
async fn pages_start_with_the_index_and_are_asked_for_again() {
    let gateway = gateway("pages").await;
    for path in ["/", "/classes/0198/students?tab=weak", "/index.html"] {
        let response = get(&gateway, path, "identity").await;
        assert_eq!(response.status(), StatusCode::OK, "{path}");
        assert_eq!(header(response.headers(), "content-type"), "text/html; charset=utf-8");
        assert_eq!(header(response.headers(), "cache-control"), "no-cache");
        let policy = header(response.headers(), "content-security-policy").to_owned();
        assert!(policy.contains("script-src 'self';"), "{policy}");
        assert!(response.text().await.unwrap().contains("first page"), "{path}");
    }
}

#[tokio::test]
async fn hashed_files_are_kept_and_sent_in_the_smallest_form() {
    let gateway = gateway("hashed").await;
    for (encodings, encoding, text) in [
        ("gzip, deflate, br", "br", "brotli"),
        ("gzip", "gzip", "gzip"),
        ("br;q=0, gzip;q=0.5", "gzip", "gzip"),
        ("identity", "", "plain"),
    ] {
        let response = get(&gateway, "/assets/app-1a2b.js", encodings).await;
        assert_eq!(response.status(), StatusCode::OK);
        assert_eq!(header(response.headers(), "content-encoding"), encoding, "{encodings}");
        assert_eq!(header(response.headers(), "content-type"), "text/javascript");
        let keep = header(response.headers(), "cache-control");
        assert_eq!(keep, "public, max-age=31536000, immutable");
        assert!(header(response.headers(), "vary").starts_with("accept-encoding"));
        assert_eq!(response.text().await.unwrap(), text);
    }
}

#[tokio::test]
async fn an_unchanged_file_is_not_sent_again() {
    let gateway = gateway("unchanged").await;
    let first = get(&gateway, "/", "identity").await;
    let tag = header(first.headers(), "etag").to_owned();
    let request = gateway.client.get(&gateway.base).header("if-none-match", tag);
    assert_eq!(request.send().await.unwrap().status(), StatusCode::NOT_MODIFIED);
}

#[tokio::test]
async fn nothing_else_is_sent() {
    let gateway = gateway("else").await;
    for path in [
        "/assets/app-0000.js",
        "/%2e%2e/secret.txt",
        "/assets/..%2f..%2fsecret.txt",
        "/api/v1/nothing",
        "/api",
        "/docs/nothing",
    ] {
        let response = get(&gateway, path, "identity").await;
        assert_eq!(response.status(), StatusCode::NOT_FOUND, "{path}");
        assert_eq!(header(response.headers(), "content-type"), "application/problem+json");
    }
    let response = gateway.client.post(format!("{}/classes", gateway.base)).send().await.unwrap();
    assert_eq!(response.status(), StatusCode::NOT_FOUND);
}
