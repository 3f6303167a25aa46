//! The process as operators start it.

use std::process::Stdio;

use kit::caller::Role;
use tokio::{
    io::AsyncWriteExt as _,
    process::{Child, Command},
};

use crate::support::{Service, reason};

/// Starts auth-svc with the test's database.
fn start(service: &Service, arguments: &[&str]) -> Child {
    start_as("development", service, arguments)
}

fn start_as(env: &str, service: &Service, arguments: &[&str]) -> Child {
    let base = std::env::var("TEST_DATABASE_URL").unwrap();
    let name = service.db.config.postgres.get_dbname().unwrap();
    let url = format!("{}/{name}", base.rsplit_once('/').unwrap().0);
    Command::new(env!("CARGO_BIN_EXE_auth-svc"))
        .args(arguments)
        .env_clear()
        .envs([("APP_ENV", env), ("DATABASE_URL", url.as_str()), ("LOG_LEVEL", "ERROR")])
        .env("JWT_SECRET_KEY", "0123456789abcdef".repeat(4))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .unwrap()
}

#[tokio::test]
async fn administrator_is_made_from_the_command_line() {
    let service = Service::new().await;
    let create = ["create-admin", "--username", "boss", "--organization", "第一中学"];
    let output = start(&service, &create).wait_with_output().await.unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success(), "{text} {}", String::from_utf8_lossy(&output.stderr));
    let password = text.split("password: ").nth(1).unwrap().split(' ').next().unwrap();
    let (account, _) = service.sign_in("boss", password).await.unwrap();
    assert_eq!((account.role, account.must_change_password), (Role::Admin, true));
    assert_eq!(account.organization_name, "第一中学");

    let mut second = [&create[..], &["--password-stdin"]].concat();
    let twin = start(&service, &second);
    let twin = typed(twin, "Test1234\n").await;
    assert!(!twin.success(), "the name is taken");
    second[2] = "deputy";
    assert!(typed(start(&service, &second), "Test1234\n").await.success());
    let (deputy, _) = service.sign_in("deputy", "Test1234").await.unwrap();
    assert_eq!(deputy.organization_id, account.organization_id);
    assert!(!deputy.must_change_password);
    second[2] = "third";
    assert!(!typed(start(&service, &second), "weak\n").await.success());
    assert_eq!(reason(service.sign_in("third", "weak").await), "WRONG_PASSWORD");
}

#[tokio::test]
async fn accounts_for_trying_are_not_made_in_production() {
    let service = Service::new().await;
    let seed = start_as("production", &service, &["seed-demo"]);
    let refused = seed.wait_with_output().await.unwrap();
    assert!(!refused.status.success());
    let said = String::from_utf8(refused.stderr).unwrap();
    assert!(said.contains("not with APP_ENV=production"), "{said}");
    assert_eq!(reason(service.sign_in("test_admin", "Test1234").await), "WRONG_PASSWORD");
    for _ in 0..2 {
        let seed = start(&service, &["seed-demo"]).wait_with_output().await.unwrap();
        assert!(seed.status.success(), "{}", String::from_utf8_lossy(&seed.stderr));
        service.sign_in("test_admin", "Test1234").await.unwrap();
    }
}

async fn typed(mut child: Child, text: &str) -> std::process::ExitStatus {
    child.stdin.take().unwrap().write_all(text.as_bytes()).await.unwrap();
    child.wait().await.unwrap()
}
