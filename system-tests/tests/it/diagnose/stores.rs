//! Problems 1 and 2 of the manual: the database, Redis.

use std::process::Command;

use launcher::Service;
use system_tests::Installation;

use super::{diagnose, get, set};

#[tokio::test(flavor = "multi_thread")]
async fn faults_of_the_database_are_told_apart() {
    let mut installation = Installation::start().await.unwrap();
    let port = installation.system.ports().postgres;
    installation.system.postgres.stop().unwrap();
    let found = diagnose(&installation, false, &[]);
    assert_eq!(found.evidence("DATABASE_AWAY"), format!("127.0.0.1:{port}: connection refused"));
    let parts = &found.finding("DATABASE_AWAY")["parts"];
    assert_eq!(parts.as_array().unwrap().len(), 4, "all but the gateway need it: {parts}");
    assert!(!found.wrong().contains("PROCESS_UNWELL"), "that follows from it");
    installation.system.postgres.resume().await.unwrap();

    let database = installation.system.postgres.connect("ai_english").await.unwrap();
    database.batch_execute("ALTER ROLE learning_svc PASSWORD 'another'").await.unwrap();
    let found = diagnose(&installation, false, &[]);
    assert_eq!(found.finding("DATABASE_PASSWORD")["parts"], serde_json::json!(["learning-svc"]));
    let evidence = found.evidence("DATABASE_PASSWORD");
    assert!(
        evidence.contains(r#"password authentication failed for user "learning_svc""#),
        "{evidence}"
    );

    let url = get(&installation, "ai-svc", "DATABASE_URL");
    set(&installation, "ai-svc", "DATABASE_URL", &url.replace("127.0.0.1", "no-such-host.invalid"));
    set(
        &installation,
        "auth-svc",
        "DATABASE_URL",
        &(get(&installation, "auth-svc", "DATABASE_URL") + "_other"),
    );
    let forget = "DELETE FROM export.refinery_schema_history WHERE version = 2";
    database.batch_execute(forget).await.unwrap();
    let found = diagnose(&installation, false, &[]);
    assert!(found.evidence("DATABASE_HOST").starts_with("no-such-host.invalid"));
    assert!(found.evidence("DATABASE_MISSING").contains("ai_english_other"));
    assert_eq!(found.evidence("SCHEMA_BEHIND"), "export: V2__note_waiting");
}

#[tokio::test(flavor = "multi_thread")]
async fn faults_of_redis_are_told_apart() {
    let mut installation = Installation::start().await.unwrap();
    let port = installation.system.ports().redis;
    installation.system.redis.stop().unwrap();
    let found = diagnose(&installation, false, &[]);
    assert_eq!(found.evidence("REDIS_AWAY"), format!("127.0.0.1:{port}: connection refused"));
    assert_eq!(found.wrong().len(), 1, "{}", found.printed);
    installation.system.redis.resume().unwrap();

    let url = get(&installation, "auth-svc", "REDIS_URL");
    let password = url.strip_prefix("redis://:").unwrap().split('@').next().unwrap();
    let configure = |name: &str, value: &str| {
        let mut command = Command::new("redis-cli");
        command.args(["-p", &port.to_string(), "CONFIG", "SET", name, value]);
        let output = command.env("REDISCLI_AUTH", password).output().unwrap();
        assert_eq!(String::from_utf8_lossy(&output.stdout).trim(), "OK", "{output:?}");
    };
    configure("maxmemory-policy", "noeviction");
    configure("maxmemory", "1");
    let found = diagnose(&installation, false, &[]);
    assert!(found.evidence("REDIS_MEMORY").contains("OOM"), "{}", found.printed);
    assert!(found.fact("redis", "memory").ends_with("noeviction"));
    configure("maxmemory", "0");
    configure("requirepass", "another-password");
    let found = diagnose(&installation, false, &[]);
    let evidence = found.evidence("REDIS_PASSWORD");
    assert!(evidence.starts_with(&format!("127.0.0.1:{port}: ")), "{evidence}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_service_that_ended_is_named() {
    let mut installation = Installation::start().await.unwrap();
    installation.system.kill(Service::Learning).unwrap();
    let found = diagnose(&installation, false, &[]);
    assert_eq!(found.finding("PROCESS_AWAY")["parts"], serde_json::json!(["learning-svc"]));
    assert_eq!(found.wrong().len(), 1, "who calls it is well: {}", found.printed);
}
