//! What is to be typed next, in each kind of installation.

use std::process::Command;

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
fn the_embedding_model_is_brought_back_in_the_way_of_the_installation() {
    for (kind, first) in [
        ("compose", "docker compose up -d models"),
        ("systemd", "make install"),
        ("local", "make models"),
    ] {
        assert_eq!(commands(kind, "EMBEDDING_FILES", "ai-svc")[0], first, "{kind}");
    }
}
