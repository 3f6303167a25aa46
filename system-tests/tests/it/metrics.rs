//! What every process tells Prometheus, after real work; and that rules and dashboards ask for nothing else.

use std::{collections::BTreeSet, time::Duration};

use launcher::{Service, free_port};
use serde_json::json;
use system_tests::{Installation, Model, Scrape, model::SENTENCE, school};
use tokio::time::Instant;

use crate::{
    promql,
    support::{School, analysed, enroll, found, print},
};

const EVERY: [&str; 9] = [
    "ai_english_build_info",
    "process_cpu_seconds_total",
    "process_max_fds",
    "process_open_fds",
    "process_resident_memory_bytes",
    "process_start_time_seconds",
    "process_threads",
    "process_virtual_memory_bytes",
    "up",
];
const GATEWAY: [&str; 2] = ["http_request_duration_seconds_bucket", "http_requests_total"];
const SERVICE: [&str; 8] = [
    "component_healthy",
    "db_pool_available",
    "db_pool_max_size",
    "db_pool_size",
    "db_pool_waiting",
    "db_query_duration_seconds_bucket",
    "grpc_server_handled_total",
    "grpc_server_handling_seconds_bucket",
];
const CACHE: [&str; 2] = ["cache_hit_total", "cache_miss_total"];
const AUTH: [&str; 2] = ["auth_password_seconds_bucket", "auth_sign_ins_total"];
const LEARNING: [&str; 3] =
    ["learning_jobs_age_seconds", "learning_jobs_total", "learning_jobs_waiting"];
const AI: [&str; 10] = [
    "ai_answers_total",
    "ai_budget_used_ratio",
    "ai_call_duration_seconds_bucket",
    "ai_calls_total",
    "ai_cost_micros_total",
    "ai_embedded_texts_total",
    "ai_embedding_seconds_bucket",
    "ai_provider_resting",
    "ai_tokens_total",
    "ai_vector_seconds_bucket",
];
const EXPORT: [&str; 6] = [
    "export_books_total",
    "export_bytes_total",
    "export_queue_age_seconds",
    "export_queue_tasks",
    "export_render_seconds_bucket",
    "export_tasks_total",
];
/// What others tell, or only an installation with a replica, a backup or a mail server does.
const ELSEWHERE: [&str; 12] = [
    "ALERTS",
    "ai_english_backup_last_run_failed",
    "ai_english_backup_last_success_timestamp_seconds",
    "auth_letters_total",
    "db_reads_total",
    "db_replica_behind_seconds",
    "node_cpu_seconds_total",
    "node_filesystem_avail_bytes",
    "node_filesystem_size_bytes",
    "node_memory_MemAvailable_bytes",
    "node_memory_MemTotal_bytes",
    "pg_settings_max_connections",
];

#[tokio::test(flavor = "multi_thread")]
async fn every_process_tells_what_rules_and_dashboards_ask_for() {
    let model = Model::start().await.unwrap();
    let budget = [("LLM_MONTHLY_BUDGET", "1")];
    let variables = [&model.variables()[..], &budget[..]].concat();
    let installation = Installation::behind_nginx(&variables).await.unwrap();
    work(&installation).await;

    let mut known = BTreeSet::from(ELSEWHERE.map(str::to_owned));
    known.insert("pg_stat_activity_count".to_owned());
    for service in Service::ALL {
        let own: &[&[&str]] = match service {
            Service::Gateway => &[&GATEWAY],
            Service::Auth => &[&SERVICE, &CACHE, &AUTH],
            Service::Learning => &[&SERVICE, &CACHE, &LEARNING],
            Service::Ai => &[&SERVICE, &CACHE, &AI],
            Service::Export => &[&SERVICE, &EXPORT],
        };
        let expected = own.concat().into_iter().chain(EVERY).filter(|name| *name != "up");
        let expected: BTreeSet<_> = expected.collect();
        let scrape = until_told(&installation, service, &expected).await;
        described(service, &scrape);
        known.extend(scrape.names());
        let labels = [format!("service=\"{}\"", service.binary()), "version=\"1.0.0\"".to_owned()];
        let labels = labels.each_ref().map(String::as_str);
        assert!((scrape.sum("ai_english_build_info", &labels) - 1.0).abs() < 1e-9, "{service:?}");
    }
    known.extend(nginx(&installation).await.names());
    known.insert("up".to_owned());

    let rules = promql::rules();
    known.extend(rules.iter().filter_map(|rule| rule["record"].as_str()).map(str::to_owned));
    let rules = rules.iter().map(|rule| rule["expr"].as_str().unwrap().to_owned());
    for expression in rules.chain(promql::shown()) {
        let unknown: Vec<_> = promql::metrics(&expression).difference(&known).cloned().collect();
        assert!(unknown.is_empty(), "nobody tells {unknown:?}, asked for by {expression}");
    }
    counts_nothing_made_up(&installation).await;
}

/// A little of everything that the system does.
async fn work(installation: &Installation) {
    let School { teacher, class, .. } = found(installation, "seen").await.unwrap();
    enroll(&teacher, &class, &school::pupils(2)).await.unwrap();
    let students = teacher.all(&format!("/students?class_id={class}")).await.unwrap();
    let mistake = json!({
        "student_id": students[0]["id"], "type": "grammar", "wrong_answer": "go",
        "question": "He ___ (go) to school every day.", "correct_answer": "goes",
    });
    teacher.post("/mistakes", mistake).await.unwrap().expect().unwrap();
    analysed(&teacher, &class, Duration::from_secs(30)).await.unwrap();
    for _ in 0..2 {
        teacher.post("/ai/grammar-checks", json!({ "text": SENTENCE })).await.unwrap();
        teacher.get(&format!("/classes/{class}/statistics")).await.unwrap().expect().unwrap();
        teacher.get("/users/me").await.unwrap().expect().unwrap();
    }
    let order = json!({
        "document": "mistake_book", "format": "pdf", "student_id": students[0]["id"],
    });
    print(&teacher, order, Duration::from_secs(30)).await.unwrap();
    let wrong = json!({ "login": "seen_teacher", "password": "Wrong1234" });
    teacher.post("/auth/login", wrong).await.unwrap();
}

/// Reads until everything is told: some is measured every few seconds only.
async fn until_told(
    installation: &Installation,
    service: Service,
    expected: &BTreeSet<&str>,
) -> Scrape {
    let limit = Instant::now() + Duration::from_secs(20);
    loop {
        let scrape = Scrape::of(installation, service).await.unwrap();
        let names = scrape.names();
        let missing: Vec<_> = expected.iter().filter(|name| !names.contains(**name)).collect();
        if missing.is_empty() {
            return scrape;
        }
        assert!(Instant::now() < limit, "{service:?} does not tell {missing:?}");
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
}

/// Every metric has a word of explanation.
fn described(service: Service, scrape: &Scrape) {
    let kinds = scrape.text().lines().filter_map(|line| line.strip_prefix("# TYPE "));
    for name in kinds.filter_map(|line| line.split(' ').next()) {
        let help = format!("# HELP {name} ");
        assert!(scrape.text().contains(&help), "{service:?} does not explain {name}");
    }
}

/// A certificate of nginx, and until when it holds.
async fn nginx(installation: &Installation) -> Scrape {
    let port = free_port().unwrap();
    let listen = format!("127.0.0.1:{port}");
    let variables = [("NGINX_METRICS_LISTEN", listen.as_str())];
    let front = installation.new_front("measured", &variables).await.unwrap();
    let url = format!("http://127.0.0.1:{port}/metrics");
    let scrape = Scrape::at(&url).await.unwrap();
    let name = "ai_english_certificate_expiry_timestamp_seconds";
    let end = scrape.sum(name, &[]);
    let now = u32::try_from(chrono::Utc::now().timestamp()).unwrap();
    let left = end - f64::from(now);
    assert!((396.0..=397.0).contains(&(left / 86_400.0)), "{left} s");
    let limit = Instant::now() + Duration::from_secs(10);
    // A later one ends a second later at least.
    tokio::time::sleep(Duration::from_millis(1_100)).await;
    front.renew().unwrap();
    while Scrape::at(&url).await.unwrap().sum(name, &[]) <= end {
        assert!(Instant::now() < limit, "nginx does not tell of the new certificate");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    scrape
}

/// What anybody can make up does not become a label: each would live as long as the process.
async fn counts_nothing_made_up(installation: &Installation) {
    let ports = installation.system.ports();
    let client = reqwest::Client::builder().http2_prior_knowledge().build().unwrap();
    let call = format!("http://127.0.0.1:{}/made.up.Service/MadeUp", ports.learning);
    let call = client.post(call).header("content-type", "application/grpc");
    call.send().await.unwrap();
    let path = format!("http://127.0.0.1:{}/made-up/path", ports.gateway);
    let method = reqwest::Method::from_bytes(b"MADEUP").unwrap();
    reqwest::Client::new().request(method, path).send().await.unwrap();
    for service in [Service::Learning, Service::Gateway] {
        let scrape = Scrape::of(installation, service).await.unwrap();
        let text = scrape.text().to_lowercase();
        for word in ["made.up", "made-up", "madeup"] {
            assert!(!text.contains(word), "{service:?} tells of {word}");
        }
    }
    let learning = Scrape::of(installation, Service::Learning).await.unwrap();
    let refused = ["service=\"unknown\"", "code=\"UNAUTHENTICATED\""];
    assert!(learning.sum("grpc_server_handled_total", &refused) >= 1.0);
}
