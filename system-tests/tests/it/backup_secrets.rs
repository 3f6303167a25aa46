//! A backup comes to a machine whose own secrets are others.

use std::{collections::BTreeMap, fmt::Write as _, fs, time::Duration};

use system_tests::{Backups, Installation};
use tokio_postgres::NoTls;

use crate::backup_refusals::{fill, redis};

const ROLES: [(&str, &str); 7] = [
    ("postgres", "POSTGRES_PASSWORD"),
    ("auth_svc", "AUTH_DB_PASSWORD"),
    ("learning_svc", "LEARNING_DB_PASSWORD"),
    ("ai_svc", "AI_DB_PASSWORD"),
    ("export_svc", "EXPORT_DB_PASSWORD"),
    ("ai_english_monitor", "MONITOR_DB_PASSWORD"),
    ("ai_english_backup", "BACKUP_DB_PASSWORD"),
];

/// Tells the scripts of the stores by the file of settings alone, as `make install` does, with the secrets of `machine`.
fn settle(installation: &Installation, machine: &str) -> Backups {
    let system = &installation.system;
    let folder = &system.options().folder;
    let secret = fs::read_to_string(folder.join("secret")).unwrap();
    let ports = system.ports();
    let mut lines = format!(
        "POSTGRES_ADDRESS=127.0.0.1:{}\nPOSTGRES_PASSWORD={secret}\nREDIS_ADDRESS=127.0.0.1:{}\nREDIS_PASSWORD={secret}\n",
        ports.postgres, ports.redis
    );
    for (role, variable) in &ROLES[1..] {
        // Whatever a person may have chosen.
        writeln!(lines, "{variable}=\"{role} of $the '{machine}'\"").unwrap();
    }
    fs::write(folder.join("settings"), lines).unwrap();
    let mut backups = Backups::of(system).unwrap();
    for variable in ["PGHOST", "PGPORT", "PGUSER", "PGPASSWORD", "REDIS_URL"] {
        backups.set(variable, "");
    }
    backups.set("BACKUP_CONFIG", &format!("env={}", folder.join("settings").display()));
    backups
}

/// Returns who may sign in with the password that the settings say.
async fn let_in(installation: &Installation) -> BTreeMap<&'static str, bool> {
    let settings = installation.system.options().folder.join("settings");
    let settings = launcher::Environment::from_file(&settings);
    let mut found = BTreeMap::new();
    for (role, variable) in ROLES {
        let mut config = tokio_postgres::Config::new();
        config.host("127.0.0.1").port(installation.system.ports().postgres).user(role);
        config.dbname("ai_english").password(settings.get(variable).unwrap());
        found.insert(role, config.connect(NoTls).await.is_ok());
    }
    found
}

#[tokio::test(flavor = "multi_thread")]
async fn secrets_of_the_machine_give_way_to_those_of_the_backup() {
    let mut installation = Installation::stores().await.unwrap();
    fill(&installation, "first").await;
    let backups = settle(&installation, "first machine");
    let settings = installation.system.options().folder.join("settings");
    let of_the_first = fs::read_to_string(&settings).unwrap();
    let name = backups.make().unwrap();

    installation.destroy().await.unwrap();
    let mut backups = settle(&installation, "second machine");
    assert_ne!(fs::read_to_string(&settings).unwrap(), of_the_first);
    backups.succeed("restore", &["--yes", &name]).unwrap();
    assert_eq!(fs::read_to_string(&settings).unwrap(), of_the_first);
    let is_in = let_in(&installation).await;
    assert!(is_in.values().all(|is_in| *is_in), "{is_in:?}");
    // Redis has its password from whoever starts it, with the settings that are there then.
    assert_eq!(redis(&installation, &["GET", "kept"]), "first");

    installation.system.postgres.connect("ai_english").await.unwrap_err();

    // The scripts go on with what is there now; only Redis still waits for its new start.
    let secret = fs::read_to_string(installation.system.options().folder.join("secret")).unwrap();
    backups.set("REDIS_PASSWORD", secret.trim());
    tokio::time::sleep(Duration::from_millis(1_100)).await;
    let next = backups.make().unwrap();
    let tables = |name: &str| backups.manifest(name).unwrap()["tables"].clone();
    assert_eq!(tables(&next), tables(&name));
    backups.succeed("restore", &["--yes", &next]).unwrap();
    assert!(let_in(&installation).await.values().all(|is_in| *is_in));
}
