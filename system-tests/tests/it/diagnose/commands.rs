//! What is to be typed next, in each kind of installation.

use std::{fs, process::Command};

use chrono::{TimeDelta, Utc};

/// Runs a line with the parts of the program, and returns what it prints.
fn run(kind: &str, line: &str, arguments: &[&str]) -> String {
    let here = concat!(env!("CARGO_MANIFEST_DIR"), "/../deploy/diagnosis");
    let script = format!(
        "set -euo pipefail
        here={here} kind={kind} folder=/there settings=.env language=en
        . $here/places.sh
        . $here/machine.sh
        . $here/report.sh
        compose_name='docker compose'
        {line}"
    );
    let mut bash = Command::new("bash");
    let output = bash.args(["-c", &script, "diagnose"]).args(arguments).output().unwrap();
    assert!(output.status.success() && output.stderr.is_empty(), "{output:?}");
    String::from_utf8(output.stdout).unwrap()
}

/// Returns the commands for a finding of several parts.
fn commands(kind: &str, code: &str, parts: &str) -> Vec<String> {
    let printed = run(kind, "commands \"$1\" \"$2\"", &[code, parts]);
    printed.lines().map(str::to_owned).collect()
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
    let lines = tempfile::NamedTempFile::new().unwrap();
    let found = run(
        "compose",
        "{ fault OUT_OF_MEMORY 'it ended' redis; fault DISK_LOW full; } | tagged - >$1; judge $1",
        &[lines.path().to_str().unwrap()],
    );
    let found: Vec<Vec<_>> = found.lines().map(|line| line.split('\t').collect()).collect();
    let heads: Vec<_> = found.iter().map(|fields| &fields[..4]).collect();
    assert_eq!(
        heads,
        [["DISK_LOW", "wrong", "-", "full"], ["OUT_OF_MEMORY", "wrong", "redis", "it ended"]]
    );
    assert_eq!(found[1].last(), Some(&"docker compose logs --tail=50 redis"));
    let volume = &commands("compose", "VECTOR_FOLDER", "ai-svc")[0];
    assert!(volume.contains("com.docker.compose.volume=vectors"), "{volume}");
}

#[test]
fn a_backup_that_is_missing_or_old_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().to_str().unwrap();
    let lines = || run("systemd", "folder=$1 settings=$1/.env; backup_lines", &[path]);
    let made = |hours| {
        let name = (Utc::now() - TimeDelta::hours(hours)).format("full_%Y%m%d_%H%M%S").to_string();
        fs::create_dir_all(folder.path().join("backups").join(&name)).unwrap();
        name
    };
    assert_eq!(lines().lines().count(), 2);
    assert!(lines().contains("fault\tBACKUP_OLD\t"));
    let old = made(27);
    assert!(lines().contains(&format!("newest: {old}\nfault\tBACKUP_OLD\t")));
    let new = made(25);
    assert_eq!(lines(), format!("fact\tfiles\tbackups\tnewest: {new}\n"));
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
