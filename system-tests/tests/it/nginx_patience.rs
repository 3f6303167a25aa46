//! nginx waits longer than the gateway for what may take long.

use std::{
    fs,
    path::Path,
    process::Command,
    time::{Duration, Instant},
};

use futures::future::join_all;
use reqwest::StatusCode;
use serde_json::json;
use system_tests::{Front, manual::repository};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpListener,
};

/// Everybody waits so many times shorter than in earnest.
const SHORTER: u32 = 20;
/// How long a service may take for such a call, as the gateway says.
const LONG: Duration = Duration::from_mins(2);

#[tokio::test(flavor = "multi_thread")]
async fn nginx_waits_for_whatever_may_take_long() {
    let folder = tempfile::tempdir().unwrap();
    let gateway = slow_gateway().await;
    let front = Front::start(folder.path(), &gateway, &[]).await.unwrap();
    shorten(&folder.path().join("run"));
    let limit = Instant::now() + Duration::from_secs(30);
    let ask = async || front.api().unwrap().post("/classes", json!({})).await;
    while ask().await.unwrap().code() != "GATEWAY_TIMEOUT" {
        assert!(Instant::now() < limit, "nginx waits that long for everything");
    }
    let api = front.api().unwrap();
    let paths = long_calls();
    assert!(paths.len() >= 7, "{paths:?}");
    let answers = join_all(paths.iter().map(|path| api.post(path, json!({})))).await;
    for (path, answer) in paths.iter().zip(answers) {
        assert_eq!(answer.unwrap().status, StatusCode::OK, "{path}");
    }
}

/// Answers everything, and as late as it may.
async fn slow_gateway() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap().to_string();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            tokio::spawn(async move {
                let mut request = [0; 4096];
                while let Ok(1..) = stream.read(&mut request).await {
                    tokio::time::sleep(LONG / SHORTER).await;
                    let answer = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}";
                    if stream.write_all(answer).await.is_err() {
                        return;
                    }
                }
            });
        }
    });
    address
}

/// Shortens how long nginx waits for the gateway, and lets it take that up.
fn shorten(run: &Path) {
    let file = run.join("api.conf");
    let mut shorter = String::new();
    for line in fs::read_to_string(&file).unwrap().lines() {
        let seconds = line.trim().strip_prefix("proxy_read_timeout ");
        let seconds = seconds.and_then(|rest| rest.strip_suffix("s;")?.parse::<u32>().ok());
        let line = seconds.map_or(line.to_owned(), |seconds| {
            format!("proxy_read_timeout {}ms;", seconds * 1000 / SHORTER)
        });
        shorter += &(line + "\n");
    }
    fs::write(&file, shorter).unwrap();
    let process = fs::read_to_string(run.join("nginx.pid")).unwrap();
    assert!(Command::new("kill").args(["-HUP", process.trim()]).status().unwrap().success());
}

/// The calls for which the gateway waits that long, as in `/users/batch`.
fn long_calls() -> Vec<String> {
    let sources = repository().join("gateway/src");
    let upstream = fs::read_to_string(sources.join("upstream.rs")).unwrap();
    assert!(upstream.contains("pub const LONG: Duration = Duration::from_mins(2);"));
    let mut paths = Vec::new();
    for file in fs::read_dir(sources.join("routes")).unwrap() {
        let text = fs::read_to_string(file.unwrap().path()).unwrap();
        for handler in text.split("\n}\n").filter(|function| function.contains(" = long(")) {
            let path = handler.split("#[post(\"").nth(1).expect("long calls are made by POST");
            paths.push(path.split('"').next().unwrap().replace("{id}", "1"));
        }
    }
    paths
}
