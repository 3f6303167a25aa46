//! Settings, secrets, logs, and what is given to whoever helps.

use std::{fs, path::Path, process::Command};

use system_tests::Installation;

use super::{diagnose, folder, get, run, set};

#[tokio::test(flavor = "multi_thread")]
async fn wrong_and_unknown_settings_are_named_and_no_secret_is_shown() {
    let planted = [
        ("auth-svc", "SMTP_URL", "smtp://mail:planted-mail@127.0.0.1:1"),
        ("auth-svc", "MAIL_FROM", "school@example.org"),
        ("ai-svc", "OPENAI_API_KEY", "planted-openai"),
        ("ai-svc", "OPENAI_BASE_URL", "http://me:planted-proxy@127.0.0.1:1/v1?key=planted-query"),
        ("ai-svc", "QDRANT_API_KEY", "planted-qdrant"),
        ("export-svc", "EXPORT_S3_ACCESS_KEY", "planted-s3"),
        ("learning-svc", "SERVICE_TOKEN_KEY", "planted-service-token-key-of-32-bytes"),
        ("gateway", "RATE_LIMIT_API", "planted-in-the-wrong-place"),
    ];
    let installation = Installation::start().await.unwrap();
    for (service, name, value) in planted {
        set(&installation, service, name, value);
    }
    let settings = installation.scratch().unwrap().join("env");
    fs::write(&settings, "OPENAI_API_KYE=planted-misspelt\nLOG_LEVEL=INFO\n").unwrap();
    let log = folder(&installation).join("logs/auth-svc.log");
    let database = get(&installation, "auth-svc", "DATABASE_URL");
    let lines = format!(
        "2026-01-01T00:00:00.000000Z ERROR kit::error: call failed error=\"{database} planted-openai\"\n"
    );
    fs::write(&log, lines + &fs::read_to_string(&log).unwrap()).unwrap();

    let variables = [("ENV_FILE", settings.to_str().unwrap())];
    let found = diagnose(&installation, false, &variables);
    assert_eq!(
        found.evidence("SETTINGS_WRONG"),
        "RATE_LIMIT_API is not a valid rate such as 100/minute"
    );
    assert_eq!(found.evidence("SECRETS_DIFFER"), "SERVICE_TOKEN_KEY");
    assert!(found.evidence("SETTING_UNKNOWN").starts_with("OPENAI_API_KYE in "));
    assert!(!found.printed.contains("LOG_LEVEL in"), "that one is known");
    found.finding("MAIL_FAILS");

    let bundle = installation.scratch().unwrap().join("bundle.tar.gz");
    let (_, report) = run(&installation, &["--no-models"], &variables);
    let (_, logs) = run(&installation, &["--logs"], &variables);
    let (status, _) =
        run(&installation, &["--no-models", "--bundle", bundle.to_str().unwrap()], &variables);
    assert_eq!(status, Some(1));
    let bundled = Command::new("tar").arg("-xzOf").arg(&bundle).output().unwrap();
    let bundled = String::from_utf8(bundled.stdout).unwrap();
    assert!(bundled.contains("call failed") && logs.contains("call failed"), "{logs}");
    let password = database.split([':', '@']).nth(2).unwrap();
    for text in [&found.printed, &report, &logs, &bundled] {
        assert!(!text.contains("planted-") && !text.contains(password), "{text}");
    }
    assert!(report.contains("smtp://:***@127.0.0.1:1"), "{report}");
}

#[test]
fn containers_without_an_engine_are_told() {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("../deploy/diagnose");
    let output = Command::new(script)
        .args(["--kind", "compose", "--brief", "--lang", "en"])
        .env("DOCKER_HOST", "tcp://127.0.0.1:1")
        .env("DISK_LEAST_MB", "1")
        .env("MEMORY_LEAST_MB", "1")
        .output()
        .unwrap();
    let printed = String::from_utf8(output.stdout).unwrap();
    assert_eq!(output.status.code(), Some(1), "{printed}");
    assert!(printed.contains("1. DOCKER_AWAY") && printed.contains("systemctl start docker"));
    assert!(!printed.contains("BINARY_FAILS"), "that follows from it: {printed}");
}

#[tokio::test(flavor = "multi_thread")]
async fn logs_are_counted_in_both_forms() {
    let installation = Installation::with(&[("LOG_FORMAT", "json")]).await.unwrap();
    let visitor = installation.visitor().unwrap();
    for _ in 0..5 {
        visitor.get("/auth/registration-policy").await.unwrap();
    }
    let (status, real) = run(&installation, &["--logs"], &[]);
    assert_eq!(status, Some(0));
    let counted = real.lines().find(|line| line.ends_with("GET /api/v1/auth/registration-policy"));
    assert_eq!(counted.expect("the route").split_whitespace().next(), Some("5"), "{real}");

    let file = installation.scratch().unwrap().join("app.log");
    let json = |level: &str, rest: &str| {
        format!(
            "{{\"timestamp\":\"2026-01-01T00:00:00Z\",\"level\":\"{level}\",{rest},\"target\":\"a\"}}\n"
        )
    };
    let request = |ms: &str| {
        format!(
            "\"message\":\"request\",\"method\":\"GET\",\"route\":\"/api/v1/x\",\"status\":200,\"ms\":{ms}"
        )
    };
    let mut lines = String::new();
    for ms in ["10.0", "20.0", "30.0", "1500.5"] {
        lines += &json("INFO", &request(ms));
    }
    let broken = r#""message":"call failed","error":"a \"quoted\" reason""#;
    lines += &json("ERROR", broken);
    lines += &json("ERROR", broken);
    lines += "2026-01-01T00:00:00.000000Z ERROR http{otel.name=\"GET\"}: kit::error: call failed error=\"plain\"\n";
    fs::write(&file, lines).unwrap();
    let (_, text) = run(&installation, &["--logs", file.to_str().unwrap()], &[]);
    let first = text.lines().find(|line| line.contains("call failed")).unwrap();
    assert_eq!(
        first.split_whitespace().collect::<Vec<_>>().join(" "),
        "2 ERROR app.log call failed: a \"quoted\" reason"
    );
    assert!(text.contains("1  ERROR  app.log       call failed: plain"), "{text}");
    assert!(text.contains("1500.5 ms  2026-01-01T00:00:00Z  GET    /api/v1/x  200"), "{text}");
    let route = text
        .lines()
        .find(|line| line.ends_with("GET /api/v1/x") && !line.contains(" ms "))
        .unwrap();
    let numbers: Vec<_> = route.split_whitespace().take(6).collect();
    assert_eq!(numbers, ["4", "390.1", "20.0", "1500.5", "1500.5", "0"]);
}
