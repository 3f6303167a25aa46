//! What is to be typed next, in each kind of installation.

use std::{
    fs,
    process::Command,
    time::{Duration, SystemTime},
};

/// Returns the commands for a finding of several parts.
fn commands(kind: &str, code: &str, parts: &str) -> Vec<String> {
    let script = "set -euo pipefail
        here=$0 kind=$1 folder=/there settings=.env
        . \"$here/places.sh\"
        . \"$here/report.sh\"
        compose_name='docker compose'
        commands \"$2\" \"$3\"";
    let here = concat!(env!("CARGO_MANIFEST_DIR"), "/../deploy/diagnosis");
    let output =
        Command::new("bash").args(["-c", script, here, kind, code, parts]).output().unwrap();
    assert!(output.status.success() && output.stderr.is_empty(), "{output:?}");
    String::from_utf8(output.stdout).unwrap().lines().map(str::to_owned).collect()
}

#[test]
fn each_command_names_as_many_parts_as_it_takes() {
    let parts = "auth-svc learning-svc";
    assert_eq!(
        commands("compose", "SCHEMA_BEHIND", parts),
        [
            "docker compose run --rm auth-svc --migrate-only",
            "docker compose run --rm learning-svc --migrate-only",
            "docker compose logs --tail=50 auth-svc learning-svc",
        ]
    );
    assert_eq!(
        commands("systemd", "SCHEMA_BEHIND", parts),
        [
            "/there/scripts/run auth-svc --migrate-only",
            "/there/scripts/run learning-svc --migrate-only",
            "journalctl -u ai-english@auth-svc -n 50",
            "journalctl -u ai-english@learning-svc -n 50",
        ]
    );
    assert_eq!(
        commands("local", "SCHEMA_BEHIND", parts),
        [
            "(set -a; . /there/env/auth-svc.env; /there/bin/auth-svc --migrate-only)",
            "(set -a; . /there/env/learning-svc.env; /there/bin/learning-svc --migrate-only)",
            "tail -n 50 /there/logs/auth-svc.log",
            "tail -n 50 /there/logs/learning-svc.log",
        ]
    );
    assert_eq!(
        commands("systemd", "PROCESS_OLD", parts),
        ["systemctl restart ai-english@auth-svc ai-english@learning-svc"]
    );
    assert_eq!(
        commands("systemd", "SCHEMA_CHANGED", "-"),
        ["journalctl -u ai-english@gateway -n 50"]
    );
}

#[test]
fn a_container_that_ends_is_named_in_what_is_to_be_typed() {
    assert_eq!(
        commands("compose", "OUT_OF_MEMORY", "redis"),
        ["docker compose logs --tail=50 redis"]
    );
    assert_eq!(
        commands("compose", "CONTAINER_RESTARTS", "redis"),
        ["docker ps --all", "docker compose logs --tail=50 redis"]
    );
    let volume = &commands("compose", "VECTOR_FOLDER", "ai-svc")[0];
    assert!(volume.contains("com.docker.compose.volume=vectors"), "{volume}");
}

#[test]
fn a_backup_that_is_missing_or_old_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let lines = || {
        let script = "set -euo pipefail
            here=$0 kind=systemd folder=$1 settings=$1/.env
            . \"$here/places.sh\"
            . \"$here/machine.sh\"
            backup_lines";
        let here = concat!(env!("CARGO_MANIFEST_DIR"), "/../deploy/diagnosis");
        let mut bash = Command::new("bash");
        let output = bash.args(["-c", script, here]).arg(folder.path()).output().unwrap();
        assert!(output.status.success() && output.stderr.is_empty(), "{output:?}");
        String::from_utf8(output.stdout).unwrap()
    };
    assert!(lines().contains("fault\tBACKUP_OLD\t"));
    let backup = folder.path().join("backups/full_20260102_020000");
    fs::create_dir_all(&backup).unwrap();
    assert_eq!(lines(), "fact\tfiles\tbackups\tnewest: full_20260102_020000\n");
    let before = SystemTime::now() - Duration::from_hours(27);
    fs::File::open(&backup).unwrap().set_modified(before).unwrap();
    assert!(lines().contains("full_20260102_020000\nfault\tBACKUP_OLD\t"));
    assert_eq!(
        commands("systemd", "BACKUP_OLD", "-"),
        ["systemctl start ai-english-backup.service"]
    );
}

#[test]
fn the_embedding_model_is_brought_back_in_the_way_of_the_installation() {
    for (kind, first) in [
        ("compose", "docker compose up -d models"),
        ("systemd", "make install"),
        ("local", "make models"),
    ] {
        assert_eq!(commands(kind, "EMBEDDING_FILES", "ai-svc")[0], first, "{kind}");
    }
}
