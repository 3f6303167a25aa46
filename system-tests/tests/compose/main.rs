//! The containers of `docker-compose.yml`; `make compose-test` runs it.
#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

mod certbot;
#[path = "../it/main_job.rs"]
mod main_job;
mod manual;
#[path = "../it/support.rs"]
mod support;

use std::{
    collections::BTreeMap,
    env, fs,
    net::TcpStream,
    process::Command,
    time::{Duration, Instant},
};

use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use system_tests::{Api, Compose, Entrance as _, compose::inspect};

use crate::support::{PASSWORD, School, print, text};

#[tokio::test(flavor = "multi_thread")]
async fn containers_do_the_main_job_scale_recover_and_keep_their_data() {
    let images = env::var("TEST_IMAGES").expect("TEST_IMAGES; `make compose-test` sets it");
    let start = Instant::now();
    let compose = Compose::up(&images).unwrap();
    compose.ready().await.unwrap();
    eprintln!("up from nothing in {:.1} s", start.elapsed().as_secs_f64());
    closed(&compose);
    limited(&compose);
    accepted(&compose);
    fits_its_memory(&compose);
    diagnosed(&compose);
    shows_the_client(&compose).await;
    let School { admin, class, .. } = main_job::main_job(&compose).await;
    let status = admin.get("/ai/status").await.unwrap().expect().unwrap();
    eprintln!("class {class}, AI: {status}");
    eprintln!("main job done after {:.1} s", start.elapsed().as_secs_f64());

    let teacher = compose.visitor().unwrap().sign_in("main_teacher", PASSWORD).await.unwrap();
    spread(&compose, &teacher).await;
    crash(&compose, &teacher).await;

    let mistakes = teacher.all("/mistakes").await.unwrap();
    let before: Vec<_> = mistakes.iter().map(lasting).collect();
    assert!(before.len() >= 400, "{} mistakes", before.len());
    let students = teacher.all("/students").await.unwrap();
    let order =
        json!({ "document": "mistake_book", "format": "pdf", "student_id": students[0]["id"] });
    let book = print(&teacher, order, Duration::from_mins(1)).await.unwrap();
    let tasks = teacher.get("/exports/tasks").await.unwrap().expect().unwrap();
    let task = text(&tasks["items"][0], "id").unwrap();
    let similar = format!("/mistakes/{}/similar", text(&mistakes[0], "id").unwrap());
    let all_is_there = async || {
        compose.run(&["up", "-d", "--no-build"]).unwrap();
        compose.ready().await.unwrap();
        let teacher = compose.visitor().unwrap().sign_in("main_teacher", PASSWORD).await.unwrap();
        let again = teacher.all("/mistakes").await.unwrap();
        assert_eq!(again.iter().map(lasting).collect::<Vec<_>>(), before);
        assert_eq!(teacher.all("/students").await.unwrap().len(), 45);
        let file = teacher.request(Method::GET, &format!("/exports/tasks/{task}/file"));
        assert_eq!(teacher.send(file).await.unwrap().body, book, "the printed book is still there");
        let alike = teacher.get(&similar).await.unwrap().expect().unwrap();
        assert!(!alike["items"].as_array().unwrap().is_empty(), "vectors are still there");
    };
    compose.run(&["down"]).unwrap();
    assert_eq!(compose.containers("").unwrap(), Vec::<String>::new());
    all_is_there().await;

    let backup = compose.run(&["run", "--rm", "-T", "backup"]).unwrap();
    let backup = backup.trim().rsplit('/').next().unwrap();
    let refused = compose.run(&["run", "--rm", "-T", "backup", "restore", "--yes", backup]);
    assert!(refused.unwrap_err().to_string().contains("stop the services first"));
    compose.run(&["down", "--volumes"]).unwrap();
    compose.run(&["run", "--rm", "-T", "backup", "restore", "--yes", backup]).unwrap();
    all_is_there().await;
    eprintln!("all done after {:.1} s", start.elapsed().as_secs_f64());
}

/// The file for development opens the stores, the gateway and the web client, built of what is here.
#[tokio::test(flavor = "multi_thread")]
async fn file_for_development_opens_its_ports() {
    let images = env::var("TEST_IMAGES").expect("TEST_IMAGES; `make compose-test` sets it");
    let compose = Compose::up(&images).unwrap();
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/..");
    let over = format!("{folder}/docker-compose.dev.yml");
    // Packages that are installed already, where there may be no way to others.
    let packages = format!("{folder}/system-tests/tests/compose/packages.yml");
    let files = ["--file", &over, "--file", &packages, "--profile", "frontend"];
    compose.run(&[&files[..], &["up", "-d", "--no-build"]].concat()).unwrap();
    for port in [5_432, 6_379, 8_000] {
        TcpStream::connect(("127.0.0.1", port)).unwrap_or_else(|error| panic!("{port}: {error}"));
    }
    let limit = Instant::now() + Duration::from_mins(1);
    let asked = "http://127.0.0.1:5173/api/v1/auth/registration-policy";
    while !reqwest::get(asked).await.is_ok_and(|answer| answer.status() == StatusCode::OK) {
        assert!(Instant::now() < limit, "{}", compose.logs());
        tokio::time::sleep(Duration::from_millis(500)).await;
    }
    let page = reqwest::get("http://127.0.0.1:5173/").await.unwrap().text().await.unwrap();
    assert!(page.contains("/@vite/client"), "{page}");
    compose.run(&[&files[..], &["down", "--volumes", "--timeout", "10"]].concat()).unwrap();
}

/// What of a mistake does not change as time passes.
fn lasting(mistake: &Value) -> [Value; 5] {
    ["id", "question", "wrong_answer", "times_wrong", "analysis"].map(|name| mistake[name].clone())
}

/// Only nginx is published, and nobody may write to an image or become more than they are.
fn closed(compose: &Compose) {
    let format = "{{.Name}} {{.HostConfig.ReadonlyRootfs}} {{.HostConfig.CapDrop}} \
         {{.HostConfig.SecurityOpt}} {{len .HostConfig.PortBindings}} {{.HostConfig.Memory}} \
         {{index .HostConfig.LogConfig.Config \"max-size\"}}";
    let containers = compose.containers("").unwrap();
    assert!(containers.len() >= 8, "{containers:?}");
    for container in containers {
        let about = inspect(&container, format).unwrap();
        assert!(!about.contains("backup"), "{about}: it runs when it is called");
        assert!(about.contains(" true [ALL] [no-new-privileges:true] "), "{about}");
        let published = if about.contains("nginx") { " 2 " } else { " 0 " };
        assert!(about.contains(published), "{about}");
        assert!(!about.contains(" 0 10m") && about.ends_with(" 10m"), "{about}: memory, log");
    }
    for service in ["gateway", "auth-svc", "learning-svc", "ai-svc", "export-svc", "nginx"] {
        let container = &compose.containers(service).unwrap()[0];
        let user = inspect(container, "{{.Config.User}}").unwrap();
        assert!(!user.is_empty() && !user.starts_with("root"), "{service} runs as root");
    }
}

/// What is not started here is held as closely.
fn limited(compose: &Compose) {
    let profiles = ["--profile", "qdrant", "--profile", "certbot", "--profile", "observability"];
    let services = services(compose, &profiles);
    assert!(services.len() >= 18, "{services:?}");
    for (service, settings) in &services {
        for limit in ["cap_drop", "security_opt", "mem_limit", "logging", "read_only"] {
            // Qdrant writes beside its storage.
            let excepted = (service.as_str(), limit) == (Some("qdrant"), "read_only");
            assert!(excepted || settings.get(limit).is_some(), "{service:?}: {limit}");
        }
    }
}

/// What Compose makes of each service of these profiles.
fn services(compose: &Compose, profiles: &[&str]) -> serde_yaml::Mapping {
    let config = compose.run(&[profiles, &["config"]].concat()).unwrap();
    let config: serde_yaml::Value = serde_yaml::from_str(&config).unwrap();
    config["services"].as_mapping().unwrap().clone()
}

/// Asks Compose about what is not started here: the other profiles, and what is laid over the file.
fn accepted(compose: &Compose) {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/..");
    let files = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let over = files.filter(|file| {
        let name = file.file_stem().unwrap().to_str().unwrap();
        name.starts_with("docker-compose.") && file.extension().is_some_and(|own| own == "yml")
    });
    let over: Vec<_> = over.collect();
    assert!(!over.is_empty());
    for file in over {
        compose.run(&["--file", file.to_str().unwrap(), "config", "--quiet"]).unwrap();
    }
    for (profile, service) in
        [("qdrant", "qdrant"), ("certbot", "certbot"), ("observability", "jaeger")]
    {
        let services = compose.run(&["--profile", profile, "config", "--services"]).unwrap();
        assert!(services.lines().any(|line| line == service), "{profile}: {services}");
    }
    // Of no profile, so that `build` and an update renew its image; and yet never started by itself.
    let services = services(compose, &[]);
    let backup = &services["backup"];
    assert!(backup.get("profiles").is_none(), "{backup:?}");
    assert_eq!(backup["deploy"]["replicas"].as_u64(), Some(0), "{backup:?}");
}

/// What is well has no findings; a store that is away is named, with the command that brings it back.
fn diagnosed(compose: &Compose) {
    let (status, well) = compose.diagnose(&["--no-models"]).unwrap();
    assert_eq!(status, Some(0), "{well}");
    assert!(well.contains("== Containers ==") && well.contains("through all"), "{well}");
    compose.run(&["stop", "redis"]).unwrap();
    let (status, broken) = compose.diagnose(&["--no-models", "--brief"]).unwrap();
    assert_eq!(status, Some(1), "{broken}");
    assert!(broken.contains("1. REDIS_") && broken.contains(" up -d redis"), "{broken}");
    compose.run(&["start", "redis"]).unwrap();
    assert!(broken.contains("BACKUP_OLD"), "{broken}");
    compose.run(&["kill", "export-svc"]).unwrap();
    let (status, ended) = compose.diagnose(&["--no-models", "--brief"]).unwrap();
    assert_eq!(status, Some(1), "{ended}");
    assert!(ended.contains("PROCESS_AWAY (export-svc)"), "{ended}");
    compose.run(&["up", "-d", "--no-build"]).unwrap();
}

/// The stores know how much their containers may have: 2 GB and 768 MB.
fn fits_its_memory(compose: &Compose) {
    let ask = |command: &[&str]| compose.run(&[&["exec", "-T"], command].concat()).unwrap();
    let postgres = ask(&["postgres", "psql", "-U", "postgres", "-XAtc", "SHOW shared_buffers"]);
    assert_eq!(postgres.trim(), "512MB");
    let redis = ask(&["redis", "redis-cli", "CONFIG", "GET", "maxmemory"]);
    assert_eq!(redis.lines().last(), Some((256 << 20).to_string().as_str()));
}

/// The page of the web client comes, and its script, compressed as it was built.
async fn shows_the_client(compose: &Compose) {
    let client = compose.client().unwrap();
    let page = client.get(compose.url() + "/classes").send().await.unwrap();
    assert_eq!(page.status(), StatusCode::OK);
    let page = page.text().await.unwrap();
    let start = page.find("/assets/").expect("a script");
    let script = page[start..].split('"').next().unwrap();
    let request = client.get(compose.url() + script).header("accept-encoding", "br");
    let script = request.send().await.unwrap();
    assert_eq!(script.status(), StatusCode::OK);
    assert_eq!(script.headers()["content-encoding"], "br");
    assert!(script.headers()["cache-control"].to_str().unwrap().contains("immutable"));
}

/// More containers share the requests.
async fn spread(compose: &Compose, teacher: &Api) {
    let scale = ["--scale", "gateway=2", "--scale", "learning-svc=3"];
    let up = ["up", "-d", "--no-build", "--no-recreate"];
    compose.run(&[&up[..], &scale[..]].concat()).unwrap();
    let gateways = compose.healthy("gateway", 2).await.unwrap();
    let learning = compose.healthy("learning-svc", 3).await.unwrap();
    // nginx looks every five seconds, the gateways every three.
    tokio::time::sleep(Duration::from_secs(8)).await;
    let before = (handled(&gateways, GATEWAY).await, handled(&learning, LEARNING).await);
    for _ in 0..120 {
        teacher.get("/mistakes?limit=1").await.unwrap().expect().unwrap();
    }
    let after = (handled(&gateways, GATEWAY).await, handled(&learning, LEARNING).await);
    for (share, least) in [(growth(&before.0, &after.0), 30), (growth(&before.1, &after.1), 20)] {
        eprintln!("120 requests were shared as {share:?}");
        assert!(share.iter().all(|requests| *requests >= least), "{share:?}");
    }
}

const GATEWAY: (u16, &str) = (8_000, "http_requests_total{");
const LEARNING: (u16, &str) = (50_052, "grpc_server_handled_total{");

fn growth(before: &BTreeMap<String, u64>, after: &BTreeMap<String, u64>) -> Vec<u64> {
    after.iter().map(|(id, count)| count - before[id]).collect()
}

/// How many requests each container says that it has handled, health checks aside.
async fn handled(containers: &[String], (port, name): (u16, &str)) -> BTreeMap<String, u64> {
    let mut counts = BTreeMap::new();
    for container in containers {
        let format = "{{range .NetworkSettings.Networks}}{{.IPAddress}} {{end}}";
        let addresses = inspect(container, format).unwrap();
        let address = addresses.split(' ').next().unwrap();
        let metrics = reqwest::get(format!("http://{address}:{port}/metrics")).await.unwrap();
        let metrics = metrics.text().await.unwrap();
        let lines =
            metrics.lines().filter(|line| line.starts_with(name) && !line.contains("ealth"));
        let count = lines.filter_map(|line| line.rsplit(' ').next()?.parse::<u64>().ok()).sum();
        counts.insert(container.clone(), count);
    }
    counts
}

/// A gateway and a service die, nobody loses more than a moment, and both come back.
async fn crash(compose: &Compose, teacher: &Api) {
    for service in ["gateway", "learning-svc"] {
        let container = &compose.containers(service).unwrap()[0];
        let process = inspect(container, "{{.State.Pid}}").unwrap();
        assert!(Command::new("kill").args(["-KILL", &process]).status().unwrap().success());
        let mut good = 0;
        let deadline = Instant::now() + Duration::from_secs(20);
        while good < 40 {
            let answer = teacher.get("/mistakes?limit=1").await.unwrap();
            let unavailable = answer.status == StatusCode::SERVICE_UNAVAILABLE;
            assert!(answer.status.is_success() || unavailable, "{answer:?}");
            good = if unavailable { 0 } else { good + 1 };
            assert!(Instant::now() < deadline, "{service} is still missed");
        }
        let count = compose.containers(service).unwrap().len();
        compose.healthy(service, count).await.unwrap();
        assert_eq!(inspect(container, "{{.RestartCount}}").unwrap(), "1", "{service} came back");
    }
}
