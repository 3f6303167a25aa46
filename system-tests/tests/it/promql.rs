//! The rules and dashboards of `deploy`, read as text: which expressions they have, and which metrics these ask for.

use std::{collections::BTreeSet, fs, path::PathBuf, process::Command};

use serde_json::{Value, json};

const PROMETHEUS: [&str; 3] = ["recording.yml", "alerts.yml", "alerts-machine.yml"];

fn deploy(path: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../deploy").join(path)
}

/// The rules of the files of `deploy/prometheus`.
pub fn rules() -> Vec<Value> {
    let read = |name: &&str| -> Value {
        let text = fs::read_to_string(deploy("prometheus").join(name)).unwrap();
        serde_yaml::from_str(&text).unwrap()
    };
    let files: Vec<Value> = PROMETHEUS.iter().map(read).collect();
    let groups = files.iter().flat_map(|file| file["groups"].as_array().unwrap());
    groups.flat_map(|group| group["rules"].as_array().unwrap().clone()).collect()
}

/// The dashboards that Grafana loads, with their file names.
pub fn dashboards() -> Vec<(String, Value)> {
    let files = fs::read_dir(deploy("grafana/provisioning/dashboards")).unwrap();
    let files = files.map(|file| file.unwrap().path());
    let files = files.filter(|path| path.extension().is_some_and(|extension| extension == "json"));
    let read = |path: PathBuf| {
        let name = path.file_name().unwrap().to_str().unwrap().to_owned();
        (name, serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap())
    };
    files.map(read).collect()
}

fn panels(dashboard: &Value) -> impl Iterator<Item = &Value> {
    dashboard["panels"].as_array().unwrap().iter()
}

/// Expressions of all panels.
pub fn shown() -> Vec<String> {
    let dashboards = dashboards();
    let panels = dashboards.iter().flat_map(|(_, dashboard)| panels(dashboard));
    let targets = panels.flat_map(|panel| panel["targets"].as_array().unwrap());
    let expressions = targets.filter_map(|target| target["expr"].as_str());
    expressions.map(|expression| expression.replace("$__rate_interval", "5m")).collect()
}

/// Returns the metrics that an expression asks for.
pub fn metrics(expression: &str) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    let mut rest = without_strings(expression);
    // What stands in braces, brackets, and behind `by` and its like are labels and times.
    for (open, close) in [('{', '}'), ('[', ']')] {
        while let Some(from) = rest.find(open) {
            let to = from + rest[from..].find(close).unwrap();
            rest.replace_range(from..=to, " ");
        }
    }
    for word in ["by", "on", "without", "ignoring", "group_left", "group_right"] {
        while let Some(from) = find_word(&rest, word) {
            let behind = rest[from..].find(')').map_or(rest.len(), |length| from + length + 1);
            rest.replace_range(from..behind, " ");
        }
    }
    let is_part = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == ':';
    let mut at = 0;
    while let Some(start) = rest[at..].find(is_part) {
        let start = at + start;
        let end = rest[start..].find(|c| !is_part(c)).map_or(rest.len(), |length| start + length);
        let (word, behind) = (&rest[start..end], rest[end..].trim_start());
        let is_name = word.starts_with(|c: char| !c.is_ascii_digit());
        let is_word = ["and", "or", "unless", "bool", "offset"].contains(&word);
        if is_name && !is_word && !behind.starts_with('(') {
            names.insert(word.to_owned());
        }
        at = end;
    }
    names
}

fn without_strings(expression: &str) -> String {
    expression.split('"').step_by(2).collect::<Vec<_>>().join("")
}

/// Finds a word with a list in parentheses behind it.
fn find_word(text: &str, word: &str) -> Option<usize> {
    let mut at = 0;
    while let Some(from) = text[at..].find(word).map(|from| at + from) {
        at = from + word.len();
        let is_whole = !text[..from].ends_with(|c: char| c.is_ascii_alphanumeric() || c == '_');
        if is_whole && text[at..].trim_start().starts_with('(') {
            return Some(from);
        }
    }
    None
}

#[test]
fn names_of_metrics_are_found_in_expressions() {
    for (expression, expected) in [
        ("sum by (job, le) (rate(a_total{x=~\"b|c\"}[5m])) / on (y) d:e:f", ["a_total", "d:e:f"]),
        ("absent(up{job=\"a b\"}) or 100 - bytes > 0.5e3", ["bytes", "up"]),
        (
            "topk(10, histogram_quantile(0.99, sum by(le)(x_bucket))) unless ignoring (a) time() * y",
            ["x_bucket", "y"],
        ),
    ] {
        let found: Vec<_> = metrics(expression).into_iter().collect();
        assert_eq!(found, expected, "{expression}");
    }
}

#[test]
fn dashboards_are_what_grafana_and_prometheus_understand() {
    let dashboards = dashboards();
    let names: BTreeSet<_> = dashboards.iter().map(|(name, _)| name.as_str()).collect();
    let services = ["gateway", "auth-svc", "learning-svc", "ai-svc", "export-svc"];
    for name in services.into_iter().chain(["overview", "ai-cost", "exports"]) {
        assert!(names.contains(format!("{name}.json").as_str()), "no dashboard {name}");
    }
    let ids: BTreeSet<_> = dashboards.iter().map(|(_, one)| one["uid"].as_str()).collect();
    assert_eq!(ids.len(), dashboards.len(), "every dashboard has an id of its own");

    let sources = fs::read_to_string(deploy("grafana/provisioning/datasources/all.yml")).unwrap();
    let sources: Value = serde_yaml::from_str(&sources).unwrap();
    let known: Vec<_> =
        sources["datasources"].as_array().unwrap().iter().map(|one| one["uid"].clone()).collect();
    for (name, dashboard) in &dashboards {
        for panel in panels(dashboard) {
            let title = &panel["title"];
            let targets = panel["targets"].as_array().unwrap();
            let sources = targets.iter().chain([panel]).map(|one| &one["datasource"]["uid"]);
            assert!(sources.into_iter().all(|uid| known.contains(uid)), "{name}: {title}");
            let is_traces = panel["datasource"]["uid"] == "jaeger";
            let unit = panel["fieldConfig"]["defaults"]["unit"].as_str();
            assert!(is_traces || unit.is_some(), "{name}: {title} has no unit");
        }
    }
    let recorded: Vec<_> = shown()
        .into_iter()
        .enumerate()
        .map(|(at, expr)| json!({ "record": format!("panel:{at}"), "expr": expr }))
        .collect();
    assert!(recorded.len() > 100, "{} expressions", recorded.len());
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("panels.json");
    let rules = json!({ "groups": [{ "name": "panels", "rules": recorded }] });
    fs::write(&file, rules.to_string()).unwrap();
    // JSON is YAML as well.
    let checked = Command::new("promtool").args(["check", "rules"]).arg(&file).output().unwrap();
    assert!(checked.status.success(), "{}", String::from_utf8_lossy(&checked.stderr));
}

#[test]
fn every_alert_says_how_bad_it_is_whose_and_what_to_do_and_is_tried() {
    let tests: String = fs::read_dir(deploy("prometheus/tests"))
        .unwrap()
        .map(|file| fs::read_to_string(file.unwrap().path()).unwrap())
        .collect();
    let manual = fs::read_to_string(deploy("MANUAL.md")).unwrap_or_default();
    let alerts: Vec<_> = rules().into_iter().filter(|rule| rule["alert"].is_string()).collect();
    assert!(alerts.len() >= 18, "{} alerts", alerts.len());
    for alert in alerts {
        let name = alert["alert"].as_str().unwrap();
        let severity = alert["labels"]["severity"].as_str().unwrap();
        assert!(["critical", "warning"].contains(&severity), "{name}");
        assert!(alert["labels"]["service"].is_string(), "{name} is of no service");
        for text in ["summary", "description"] {
            assert!(alert["annotations"][text].is_string(), "{name} has no {text}");
        }
        let runbook = format!("deploy/MANUAL.md#{}", name.to_lowercase());
        assert_eq!(alert["annotations"]["runbook"], runbook.as_str(), "{name}");
        if !manual.is_empty() {
            assert!(manual.contains(&format!("#### {name}\n")), "{name} is not in the manual");
        }
        let kinds = [format!("\"{name}\""), format!("alertname: {name}\n")];
        assert!(kinds.iter().any(|kind| tests.contains(kind)), "{name} is not tried");
    }
}
