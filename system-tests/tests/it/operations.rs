//! What an operator's tools rely on: secrets that are made, and programs that say how they are.

use std::{collections::BTreeSet, fs, os::unix::fs::PermissionsExt as _, path::Path};

use launcher::{Service, process::Signal};
use system_tests::Installation;

#[test]
fn init_env_makes_secrets_once_and_for_its_owner_alone() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("env");
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("../deploy/init-env");
    let run = |arguments: &[&str]| {
        let mut command = std::process::Command::new(&script);
        command.args(arguments).arg("--output").arg(&file).output().unwrap().status.success()
    };
    assert!(run(&["--domain", "school.example", "--embedded", "--observability"]));
    assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
    let text = fs::read_to_string(&file).unwrap();
    let values: Vec<_> = text.lines().filter_map(|line| line.split_once('=')).collect();
    let value = |name: &str| values.iter().find(|pair| pair.0 == name).map(|pair| pair.1);
    assert_eq!(value("DOMAIN"), Some("school.example"));
    assert_eq!(value("COMPOSE_PROFILES"), Some("embedded,observability"));
    assert_eq!(value("COMPOSE_QDRANT_HOST"), Some(""));

    let secrets: Vec<_> = values
        .iter()
        .filter(|(name, _)| name.ends_with("PASSWORD") || name.ends_with("_KEY"))
        .filter(|(name, _)| !name.starts_with('#'))
        .map(|(_, secret)| *secret)
        .collect();
    assert_eq!(secrets.len(), 12, "{values:?}");
    let hexadecimal =
        |secret: &&str| secret.len() == 64 && u128::from_str_radix(&secret[..32], 16).is_ok();
    assert!(secrets.iter().all(hexadecimal), "{secrets:?}");
    assert_eq!(secrets.iter().collect::<BTreeSet<_>>().len(), 12, "no secret is used twice");

    assert!(!run(&[]), "secrets in use are never replaced");
    assert_eq!(fs::read_to_string(&file).unwrap(), text);
}

#[tokio::test(flavor = "multi_thread")]
async fn every_program_tells_whether_it_is_ready() {
    let mut installation = Installation::start().await.unwrap();
    for service in Service::ALL {
        // Asks to open log files again, which these have not: no reason to end.
        installation.system.signal(service, Signal::HUP);
        installation.system.command(service, &["--healthcheck"]).unwrap();
    }
    installation.system.postgres.stop().unwrap();
    installation.system.command(Service::Learning, &["--healthcheck"]).unwrap_err();
    installation.system.postgres.resume().await.unwrap();
    for service in Service::ALL {
        installation.system.kill(service).unwrap();
        installation.system.command(service, &["--healthcheck"]).unwrap_err();
    }
}
