//! Every name in the manuals is one of something that exists.

use std::{
    collections::{BTreeSet, HashSet},
    fs,
    os::unix::fs::PermissionsExt as _,
    path::{Path, PathBuf},
    process::Command,
};

use system_tests::{
    Manual,
    manual::{Block, repository, tracked},
};

use super::{CHINESE, CHINESE_README, ENGLISH, README, manual};

/// Names of other programs' things that stand nowhere in this repository.
const FOREIGN: [&str; 10] = [
    "DATA_SOURCE_NAME",
    "ca_file",
    "client_addr",
    "http_code",
    "pg_basebackup",
    "pg_hba",
    "pg_stat_replication",
    "refinery_schema_history",
    "replay_lag",
    "used_memory",
];
/// Where `make install` lays the system out.
const INSTALLED: &str = "opt/ai-english/";
const BINARIES: [&str; 5] = ["gateway", "auth-svc", "learning-svc", "ai-svc", "export-svc"];

/// What the repository says, documents and tests aside.
struct Sources {
    tracked: Vec<String>,
    top_level: BTreeSet<String>,
    words: HashSet<String>,
    rust: String,
}

impl Sources {
    fn read() -> Self {
        let tracked = tracked().unwrap();
        let (mut words, mut rust) = (HashSet::new(), String::new());
        for path in &tracked {
            let file = Path::new(path);
            let is = |ending: &str| file.extension().is_some_and(|extension| extension == ending);
            if is("md") || path.contains("/tests/") || path.contains("/lexicon/") {
                continue;
            }
            let Ok(text) = fs::read_to_string(repository().join(path)) else {
                continue;
            };
            words.extend(self::words(&text).map(str::to_owned));
            if is("rs") {
                rust += &text;
            }
        }
        let first = |path: &String| path.split('/').next().unwrap_or_default().to_owned();
        Self { top_level: tracked.iter().map(first).collect(), tracked, words, rust }
    }

    /// Tells whether a name with underscores is written somewhere; `A_` and `_B` are parts of names.
    fn knows(&self, name: &str) -> bool {
        let known = |fits: &dyn Fn(&String) -> bool| self.words.iter().any(fits);
        if name.starts_with('_') {
            return known(&|word| word.ends_with(name));
        }
        if name.ends_with('_') {
            return known(&|word| word.starts_with(name));
        }
        self.words.contains(name) || FOREIGN.contains(&name)
    }

    fn has_unit(&self, unit: &str) -> bool {
        let (name, kind) = unit.rsplit_once('.').unwrap();
        let template = name.split_once('@').map_or(name.to_owned(), |(name, _)| format!("{name}@"));
        let file = format!("deploy/systemd/{template}.{kind}");
        self.tracked.contains(&file)
    }
}

fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !c.is_ascii_alphanumeric() && c != '_').filter(|word| !word.is_empty())
}

#[test]
fn what_the_manuals_name_exists() {
    let sources = Sources::read();
    let folder = tempfile::tempdir().unwrap();
    let installed = lay_out(folder.path());
    let mut wrong = Vec::new();
    for path in [ENGLISH, CHINESE, README, CHINESE_README] {
        let manual = manual(path);
        for place in texts(&manual).flat_map(tokens).filter_map(|token| token.strip_prefix('/')) {
            if place.starts_with(INSTALLED) && !is_laid_out(&installed.join(place)) {
                wrong.push(format!("{path}: make install lays out no /{place}"));
            }
        }
        for text in texts(&manual) {
            wrong.extend(unknown(&sources, text).into_iter().map(|what| format!("{path}: {what}")));
        }
        for block in &manual.blocks {
            let place = format!("{path}:{}", block.line);
            wrong.extend(excerpt(block).map(|what| format!("{place}: {what}")));
        }
        for link in &manual.links {
            if !leads_somewhere(path, &manual, link) {
                wrong.push(format!("{path}: the link {link} leads nowhere"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// What operators type or look for: what stands between backticks, and commands.
fn texts(manual: &Manual) -> impl Iterator<Item = &str> {
    let commands =
        manual.blocks.iter().filter(|block| matches!(block.language.as_str(), "bash" | "sh"));
    let lines = commands.flat_map(|block| block.text.lines());
    manual.spans.iter().map(String::as_str).chain(lines)
}

fn unknown(sources: &Sources, text: &str) -> Vec<String> {
    let mut wrong = Vec::new();
    for name in words(text).filter(|word| word.trim_matches('_').len() > 1 && word.contains('_')) {
        if !sources.knows(name) {
            wrong.push(format!("{name} stands nowhere"));
        }
    }
    for token in tokens(text) {
        let first = token.split('/').next().unwrap_or_default();
        let named = token.contains('/') && sources.top_level.contains(first);
        if named && !token.contains('*') && !repository().join(token).exists() {
            wrong.push(format!("there is no {token}"));
        }
    }
    for token in text.split_whitespace().map(|token| token.trim_matches(['"', '\'', ',', ')'])) {
        let unit = [".service", ".timer", ".target"].iter().any(|kind| token.ends_with(kind));
        if unit && token.starts_with("ai-english") && !sources.has_unit(token) {
            wrong.push(format!("there is no unit {token}"));
        }
    }
    wrong.extend(target(text));
    wrong.extend(flags(sources, text));
    wrong
}

/// Splits a text where a path ends.
fn tokens(text: &str) -> impl Iterator<Item = &str> {
    let ends = |c: char| c.is_whitespace() || "\"'=:,;()|<>$@`".contains(c);
    text.split(ends).map(|token| token.trim_end_matches(['/', '.', '…']))
}

/// Lets `make install` lay its files out under `folder`, with stand-ins for what is compiled.
fn lay_out(folder: &Path) -> PathBuf {
    let [programs, client, model, root] =
        ["programs", "client", "model", "root"].map(|name| folder.join(name));
    for (path, names) in [
        (&programs, &BINARIES[..]),
        (&client, &["index.html"][..]),
        (&model, &["model.safetensors"][..]),
    ] {
        fs::create_dir(path).unwrap();
        for name in names {
            fs::write(path.join(name), "#!/bin/sh\n").unwrap();
            fs::set_permissions(path.join(name), fs::Permissions::from_mode(0o755)).unwrap();
        }
    }
    let mut install = Command::new(repository().join("deploy/install"));
    install.env("DESTDIR", &root).env("BINARIES", programs).env("CLIENT", client);
    let done = install.env("MODEL", model).output().unwrap();
    assert!(done.status.success(), "{done:?}");
    root
}

/// Logs come with the first line in them.
fn is_laid_out(path: &Path) -> bool {
    let is_log = path.extension().is_some_and(|extension| extension == "log");
    if is_log { path.parent().is_some_and(Path::exists) } else { path.exists() }
}

fn target(text: &str) -> Option<String> {
    let target = text.trim().strip_prefix("make ")?.split_whitespace().next()?;
    let makefile = fs::read_to_string(repository().join("Makefile")).unwrap();
    let there = makefile.lines().any(|line| line.starts_with(&format!("{target}:")));
    (!there).then(|| format!("there is no make {target}"))
}

/// Flags of our own programs are ones that they understand.
fn flags(sources: &Sources, text: &str) -> Vec<String> {
    let mut words = text.split_whitespace();
    let Some(program) = words.find(|word| !word.contains('=') && *word != "sudo") else {
        return Vec::new();
    };
    let name = program.rsplit('/').next().unwrap_or_default();
    let understood = if BINARIES.contains(&name) {
        sources.rust.clone()
    } else if program.starts_with("deploy/") {
        fs::read_to_string(repository().join(program)).unwrap_or_default()
    } else {
        return Vec::new();
    };
    let flags = words.take_while(|word| !matches!(*word, "|" | "&&" | ";"));
    let flags = flags.filter(|word| word.starts_with("--") && word.len() > 2);
    let unknown = flags.filter(|flag| !understood.contains(flag.trim_end_matches(['`', '…'])));
    unknown.map(|flag| format!("{program} does not know {flag}")).collect()
}

/// Lines that are shown as those of a file stand in it, in that order.
fn excerpt(block: &Block) -> Option<String> {
    if !block.kind.contains('/') {
        return None;
    }
    let Ok(file) = fs::read_to_string(repository().join(&block.kind)) else {
        return Some(format!("there is no {}", block.kind));
    };
    let mut lines = file.lines();
    let shown = block.text.lines().filter(|line| line.trim() != "…" && !line.is_empty());
    let mut missing = shown.filter(|shown| !lines.any(|line| line.trim() == shown.trim()));
    missing.next().map(|line| format!("{} has no such line: {line}", block.kind))
}

fn leads_somewhere(from: &str, manual: &Manual, link: &str) -> bool {
    if link.starts_with("http") {
        return true;
    }
    let (file, anchor) = link.split_once('#').map_or((link, None), |(f, a)| (f, Some(a)));
    let path = repository().join(from).with_file_name(file);
    let has = |manual: &Manual, anchor: &str| {
        manual.headings.iter().any(|heading| heading.anchor() == anchor)
    };
    match anchor {
        None => path.exists(),
        Some(anchor) if file.is_empty() => has(manual, anchor),
        Some(anchor) => Manual::read(&path).is_ok_and(|other| has(&other, anchor)),
    }
}

#[test]
fn everything_that_may_be_set_stands_in_the_manuals() {
    let read = |path: &str| fs::read_to_string(repository().join(path)).unwrap();
    let mut variables = BTreeSet::new();
    for line in read(".env.example").lines() {
        let name = line.trim_start_matches(['#', ' ']).split('=').next().unwrap_or_default();
        variables.insert(name.to_owned());
    }
    for path in [
        "docker-compose.yml",
        "docker-compose.dev.yml",
        "docker-compose.monitoring.yml",
        "deploy/compose/observability.yml",
        "deploy/nginx/render",
    ] {
        // As in ${NAME:-default}: what may be given from outside.
        for rest in read(path).split("${").skip(1) {
            let name = words(rest).next().unwrap_or_default();
            if rest[name.len()..].starts_with([':', '-']) {
                variables.insert(name.to_owned());
            }
        }
    }
    let is_variable = |name: &String| name.chars().all(|c| c.is_ascii_uppercase() || c == '_');
    variables.retain(|name| name.len() > 2 && is_variable(name));
    assert!(variables.len() > 60, "{variables:?}");
    for path in [ENGLISH, CHINESE] {
        let manual = manual(path);
        let named: HashSet<_> = manual.spans.iter().flat_map(|span| words(span)).collect();
        let missing: Vec<_> =
            variables.iter().filter(|name| !named.contains(name.as_str())).collect();
        assert!(missing.is_empty(), "{path} says nothing about {missing:?}");
    }
}

#[test]
fn every_alert_has_its_paragraph() {
    let rules =
        tracked().unwrap().into_iter().filter(|path| path.starts_with("deploy/prometheus/"));
    let rules: String =
        rules.map(|path| fs::read_to_string(repository().join(path)).unwrap()).collect();
    let alerts: BTreeSet<_> =
        rules.lines().filter_map(|line| line.trim().strip_prefix("- alert: ")).collect();
    assert!(alerts.contains("ServiceDown"), "{alerts:?}");
    for path in [ENGLISH, CHINESE] {
        let manual = manual(path);
        let titles: HashSet<_> =
            manual.headings.iter().map(|heading| heading.text.as_str()).collect();
        let missing: Vec<_> = alerts.iter().filter(|alert| !titles.contains(*alert)).collect();
        assert!(missing.is_empty(), "{path} has no paragraph for {missing:?}");
        let name = path.rsplit('/').next().unwrap();
        for link in rules.split(&format!("{name}#")).skip(1) {
            let anchor: String =
                link.chars().take_while(|c| c.is_alphanumeric() || *c == '-').collect();
            assert!(manual.headings.iter().any(|heading| heading.anchor() == anchor), "{anchor}");
        }
    }
}
