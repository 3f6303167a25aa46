//! Several gateways behind nginx: some come, some go, one does not answer.

use std::{
    fs,
    os::unix::fs::PermissionsExt as _,
    path::Path,
    process::Command,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use reqwest::{Method, StatusCode, header};
use serde_json::json;
use system_tests::{Api, Front};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpListener,
};

/// A gateway that only counts and remembers.
struct Gateway {
    port: u16,
    requests: Arc<AtomicUsize>,
    last: Arc<Mutex<String>>,
}

impl Gateway {
    /// Answers everything, or takes every request and hangs up when it is `broken`.
    async fn start(broken: bool) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let requests = Arc::new(AtomicUsize::new(0));
        let last = Arc::<Mutex<String>>::default();
        let (counter, memory) = (Arc::clone(&requests), Arc::clone(&last));
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                let (counter, memory) = (Arc::clone(&counter), Arc::clone(&memory));
                tokio::spawn(async move {
                    let mut request = [0; 4096];
                    while let Ok(length @ 1..) = stream.read(&mut request).await {
                        counter.fetch_add(1, Ordering::SeqCst);
                        *memory.lock().unwrap() =
                            String::from_utf8_lossy(&request[..length]).into_owned();
                        if broken {
                            return;
                        }
                        let answer = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}";
                        stream.write_all(answer).await.unwrap();
                    }
                });
            }
        });
        Self { port, requests, last }
    }

    fn seen(&self) -> usize {
        self.requests.load(Ordering::SeqCst)
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn only_what_may_be_repeated_is_asked_of_another_gateway() {
    let folder = tempfile::tempdir().unwrap();
    let (well, broken) = (Gateway::start(false).await, Gateway::start(true).await);
    let gateways = format!("127.0.0.1:{} 127.0.0.1:{}", well.port, broken.port);
    let front = Front::start(folder.path(), &gateways, &[]).await.unwrap();
    let api = front.api().unwrap();
    for _ in 0..10 {
        let answer = api.get("/mistakes").await.unwrap();
        assert_eq!(answer.status, StatusCode::OK, "the other gateway answers");
    }
    assert!(broken.seen() > 0, "nobody asked the broken gateway");
    // Two failures put a gateway aside for five seconds.
    tokio::time::sleep(Duration::from_secs(6)).await;

    let (answered, lost) = (well.seen(), broken.seen());
    let mut refused = 0;
    for _ in 0..10 {
        let answer = api.post("/mistakes", json!({})).await.unwrap();
        if answer.status != StatusCode::OK {
            assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE);
            assert_eq!(answer.code(), "GATEWAY_AWAY");
            assert!(answer.headers.contains_key(header::RETRY_AFTER));
            refused += 1;
        }
    }
    assert!(refused > 0, "nobody asked the broken gateway");
    assert_eq!(broken.seen() - lost, refused, "each was sent once");
    assert_eq!(well.seen() - answered, 10 - refused, "none was sent twice");
}

#[tokio::test(flavor = "multi_thread")]
async fn proxy_before_nginx_may_end_tls() {
    let folder = tempfile::tempdir().unwrap();
    let gateway = Gateway::start(false).await;
    let name = format!("127.0.0.1:{}", gateway.port);
    let variables = [("NGINX_TLS", "off"), ("NGINX_TRUSTED_PROXIES", "127.0.0.1")];
    let front = Front::start(folder.path(), &name, &variables).await.unwrap();
    front.put("web/index.html", b"client").unwrap();
    assert!(!folder.path().join("certificates").exists(), "nobody needs a certificate");

    let plain = format!("http://127.0.0.1:{}", front.http_port);
    let page = reqwest::get(format!("{plain}/classes")).await.unwrap();
    assert_eq!(page.headers()[header::STRICT_TRANSPORT_SECURITY], "max-age=31536000");
    assert_eq!(page.text().await.unwrap(), "client", "served instead of leading to HTTPS");
    let request = reqwest::Client::new().get(format!("{plain}/api/v1/mistakes"));
    let answer = request.header("X-Forwarded-For", "203.0.113.9").send().await.unwrap();
    assert_eq!(answer.status(), StatusCode::OK);
    let seen = gateway.last.lock().unwrap().clone();
    assert!(seen.contains("X-Forwarded-Proto: https\r\n"), "{seen}");
    assert!(seen.contains("X-Forwarded-For: 203.0.113.9\r\n"), "{seen}");
}

#[tokio::test(flavor = "multi_thread")]
async fn gateways_may_come_and_go() {
    come_and_go("on").await;
}

/// As in a cluster, whose ingress has the certificate.
#[tokio::test(flavor = "multi_thread")]
async fn gateways_may_come_and_go_where_there_is_no_certificate() {
    come_and_go("off").await;
}

async fn come_and_go(tls: &str) {
    let folder = tempfile::tempdir().unwrap();
    let answers = folder.path().join("answers");
    let path = resolver(folder.path(), &answers);
    // Nothing is known of any gateway at first, and nginx starts all the same.
    let gateway = Gateway::start(false).await;
    let name = format!("gateway.internal:{}", gateway.port);
    let variables = [("PATH", path.as_str()), ("NGINX_TLS", tls)];
    let front = Front::start(folder.path(), &name, &variables).await.unwrap();
    let api = match tls {
        "on" => front.api().unwrap(),
        _ => Api::new(&format!("http://127.0.0.1:{}", front.http_port)).unwrap(),
    };
    let away = api.send(api.request(Method::GET, "/mistakes")).await.unwrap();
    assert_eq!(
        (away.status, away.code().as_str()),
        (StatusCode::SERVICE_UNAVAILABLE, "GATEWAY_AWAY")
    );

    fs::write(&answers, "127.0.0.1 STREAM\n127.0.0.1 DGRAM\n").unwrap();
    let deadline = Instant::now() + Duration::from_secs(10);
    while api.get("/mistakes").await.unwrap().status != StatusCode::OK {
        assert!(Instant::now() < deadline, "nginx did not see the new gateway");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    // A name service that fails for a moment takes no gateway away.
    fs::remove_file(&answers).unwrap();
    tokio::time::sleep(Duration::from_secs(1)).await;
    assert_eq!(api.get("/mistakes").await.unwrap().status, StatusCode::OK);
}

#[tokio::test(flavor = "multi_thread")]
async fn reload_with_other_gateways_lasts() {
    let folder = tempfile::tempdir().unwrap();
    let (first, second) = (Gateway::start(false).await, Gateway::start(false).await);
    let [before, after] = [&first, &second].map(|gateway| format!("127.0.0.1:{}", gateway.port));
    let front = Front::start(folder.path(), &before, &[]).await.unwrap();
    front.reload(&[("NGINX_GATEWAYS", &after)]).unwrap();
    // What watches nginx looks five times a second, and has the environment of the start.
    tokio::time::sleep(Duration::from_secs(2)).await;
    let answer = front.api().unwrap().get("/mistakes").await.unwrap();
    assert_eq!(answer.status, StatusCode::OK);
    assert_eq!((first.seen(), second.seen()), (0, 1));
}

#[test]
fn nginx_listens_by_ipv6_where_the_machine_has_an_address_of_it() {
    let folder = tempfile::tempdir().unwrap();
    let run = |script: &str, arguments: &[&Path]| {
        let scripts = Path::new(env!("CARGO_MANIFEST_DIR")).join("../deploy/nginx");
        let mut command = Command::new(scripts.join(script));
        command.args(arguments).env("NGINX_RUN", folder.path().join("run"));
        command.env("NGINX_CERTIFICATES", folder.path().join("certificates"));
        command.env("NGINX_GATEWAYS", "127.0.0.1:8000");
        command.env("NGINX_HTTP_PORT", "18080").env("NGINX_HTTPS_PORT", "18443");
        let output = command.output().unwrap();
        assert!(output.status.success(), "{output:?}");
    };
    run("self-signed", &[&folder.path().join("certificates")]);
    run("render", &[]);
    let has = fs::read_to_string("/proc/net/if_inet6").is_ok_and(|addresses| !addresses.is_empty());
    for file in ["listen-http.conf", "listen-https.conf"] {
        let listen = fs::read_to_string(folder.path().join("run").join(file)).unwrap();
        assert!(listen.contains("listen 18"), "{listen}");
        assert_eq!(listen.contains("listen [::]:18"), has, "{listen}");
    }
}

/// Lays a `getent` into a folder that reads the addresses from a file, and returns the search path.
fn resolver(folder: &Path, answers: &Path) -> String {
    let bin = folder.join("bin");
    fs::create_dir_all(&bin).unwrap();
    let program = bin.join("getent");
    fs::write(&program, format!("#!/bin/sh\ncat '{}' 2>/dev/null\n", answers.display())).unwrap();
    fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).unwrap();
    format!("{}:{}", bin.display(), std::env::var("PATH").unwrap())
}
