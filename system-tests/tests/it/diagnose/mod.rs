//! `deploy/diagnose` on a real installation: well, it finds nothing; with each fault, it names it.

mod commands;
mod documents;
mod models;
mod settings;
mod stores;
mod vectors;

use std::{
    collections::BTreeSet,
    fs::{self, OpenOptions},
    io::Write as _,
    path::{Path, PathBuf},
    process::Command,
};

use serde_json::Value;
use system_tests::Installation;

/// What the program said.
struct Diagnosis {
    status: Option<i32>,
    printed: String,
    report: Value,
}

impl Diagnosis {
    /// The codes of what is wrong.
    fn wrong(&self) -> BTreeSet<&str> {
        let findings = self.report["findings"].as_array().expect("findings");
        let wrong = findings.iter().filter(|finding| finding["level"] == "wrong");
        wrong.map(|finding| finding["code"].as_str().unwrap()).collect()
    }

    /// The finding with a code, which must be there, with a cause, evidence and a next command.
    fn finding(&self, code: &str) -> &Value {
        assert_eq!(self.status, Some(1), "{}", self.printed);
        let findings = self.report["findings"].as_array().expect("findings");
        let found = findings.iter().find(|finding| finding["code"] == code);
        assert!(found.is_some(), "no {code} in {:#}", self.report["findings"]);
        let found = found.unwrap();
        for part in ["evidence", "next"] {
            assert!(found[part][0].as_str().is_some_and(|text| text.len() > 3), "{found}");
        }
        assert!(found["cause"].as_str().is_some_and(|text| text.len() > 20), "{found}");
        found
    }

    fn evidence(&self, code: &str) -> &str {
        self.finding(code)["evidence"][0].as_str().unwrap()
    }

    /// The value of a fact of the report.
    fn fact(&self, section: &str, name: &str) -> &str {
        let facts = self.report["facts"].as_array().expect("facts");
        let fact = facts.iter().find(|fact| fact["section"] == section && fact["name"] == name);
        assert!(fact.is_some(), "no {section} {name} in {facts:#?}");
        fact.unwrap()["value"].as_str().unwrap()
    }
}

fn folder(installation: &Installation) -> PathBuf {
    installation.scratch().unwrap().parent().unwrap().to_owned()
}

/// Runs the program with other arguments than for the report.
fn run(
    installation: &Installation,
    arguments: &[&str],
    variables: &[(&str, &str)],
) -> (Option<i32>, String) {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("../deploy/diagnose");
    let mut command = Command::new(script);
    // How much room the machine of a test has is not what is tested.
    command.env("DISK_LEAST_MB", "1").env("MEMORY_LEAST_MB", "1").env("ENV_FILE", "/nowhere");
    command.args(["--kind", "local", "--folder"]).arg(folder(installation));
    let command = command.args(arguments).envs(variables.iter().copied());
    let output = command.output().unwrap();
    let printed = String::from_utf8(output.stdout).unwrap();
    assert!(output.stderr.is_empty(), "{}", String::from_utf8_lossy(&output.stderr));
    (output.status.code(), printed)
}

/// Runs the program, which asks no model unless `asks`.
fn diagnose(installation: &Installation, asks: bool, variables: &[(&str, &str)]) -> Diagnosis {
    let arguments: &[&str] = if asks { &["--json"] } else { &["--json", "--no-models"] };
    let (status, printed) = run(installation, arguments, variables);
    let report = serde_json::from_str(&printed);
    assert!(report.is_ok(), "{report:?}: {printed}");
    let report = report.unwrap();
    Diagnosis { status, printed, report }
}

/// Sets a variable in what a service is started with.
fn set(installation: &Installation, service: &str, name: &str, value: &str) {
    let file = folder(installation).join("env").join(format!("{service}.env"));
    let mut file = OpenOptions::new().append(true).open(file).unwrap();
    writeln!(file, "{name}={value}").unwrap();
}

/// Returns a variable of what a service was started with.
fn get(installation: &Installation, service: &str, name: &str) -> String {
    let file = folder(installation).join("env").join(format!("{service}.env"));
    let text = fs::read_to_string(file).unwrap();
    let mut values = text.lines().filter_map(|line| line.strip_prefix(name)?.strip_prefix('='));
    values.next_back().expect("is set").to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_system_that_is_well_has_no_findings() {
    let installation = Installation::start().await.unwrap();
    let found = diagnose(&installation, true, &[]);
    assert_eq!((found.status, found.wrong()), (Some(0), BTreeSet::new()), "{}", found.printed);
    assert_eq!(found.report["status"], "well");
    for service in ["gateway", "auth-svc", "learning-svc", "ai-svc", "export-svc"] {
        assert_eq!(found.fact("versions", service), env!("CARGO_PKG_VERSION"));
        assert!(found.fact("health", service).starts_with("healthy ("));
    }
    assert!(found.fact("versions", "postgresql").starts_with(|c: char| c.is_ascii_digit()));
    assert!(found.fact("versions", "redis").starts_with(|c: char| c.is_ascii_digit()));
    for schema in ["auth", "learning", "ai", "export"] {
        let migrations = found.fact("migrations", schema);
        let [applied, expected] = [0, 2].map(|at| migrations.split(' ').nth(at).unwrap());
        assert!(applied == expected && applied != "0", "{migrations}");
    }
    assert!(found.fact("pools", "learning-svc").contains("of 30 connections at work"));
    assert!(found.fact("clock", "postgresql").contains("ms from this machine"));
    assert!(found.fact("models", "embedding model").starts_with("all-MiniLM-L6-v2"));
    assert_eq!(found.fact("fonts", "noto cjk"), "sans and serif are installed");
    assert!(found.fact("queues", "exports").starts_with("0 wait"));
    assert!(found.fact("files", "exports").ends_with("takes files"));
    assert_eq!(found.fact("health", "through all"), "a request is answered");

    let (status, text) = run(&installation, &["--lang", "zh", "--no-models"], &[]);
    assert_eq!(status, Some(0), "{text}");
    assert!(text.contains("没有发现问题") || text.contains("CLOCK_UNSYNCHRONISED"), "{text}");
    let secret = fs::read_to_string(folder(&installation).join("secret")).unwrap();
    assert!(!text.contains(&secret) && !found.printed.contains(&secret));
    assert!(text.contains("postgresql://learning_svc:***@127.0.0.1"), "{text}");
}
