//! The tables of settings: the same in both languages, in READMEs and manuals, and in the code.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::Path,
};

use system_tests::{
    Manual,
    manual::{repository, tracked},
};

use super::{CHINESE, CHINESE_README, ENGLISH, README, manual};

/// Defaults as shown, which the code spells in another way, or reckons.
const SPELLED: [(&str, &str, &str); 15] = [
    (
        "ANTHROPIC_BASE_URL",
        "https://api.anthropic.com",
        r#""https://api.anthropic.com".to_owned()"#,
    ),
    ("ANTHROPIC_PRICE_COMPLETION", "0", "Money(0)"),
    ("ANTHROPIC_PRICE_PROMPT", "0", "Money(0)"),
    ("ANTHROPIC_TEMPERATURE", "0.7", "0.7_f32"),
    ("LLM_PROVIDERS", "openai,anthropic", r#"vec!["openai".to_owned(), "anthropic".to_owned()]"#),
    ("MAX_UPLOAD_SIZE", "10485760", "Size(10 << 20)"),
    ("OPENAI_BASE_URL", "https://api.openai.com/v1", r#""https://api.openai.com/v1".to_owned()"#),
    ("OPENAI_FALLBACK_PRICE_COMPLETION", "0", "Money(0)"),
    ("OPENAI_FALLBACK_PRICE_PROMPT", "0", "Money(0)"),
    ("OPENAI_PRICE_COMPLETION", "0", "Money(0)"),
    ("OPENAI_PRICE_PROMPT", "0", "Money(0)"),
    ("OPENAI_TEMPERATURE", "0.7", "0.7_f32"),
    ("POSTGRES_MAX_CONNECTIONS", "200", "pool * ${DB_PROCESSES:-6} + 20"),
    ("RATE_LIMIT_ADDRESS", "600/minute", "Rate::per_minute(600)"),
    ("RATE_LIMIT_API", "100/minute", "Rate::per_minute(100)"),
];

/// Variables, each with its default where a table shows one that can be typed.
type Settings = BTreeMap<String, Option<String>>;

fn settings(manual: &Manual) -> Settings {
    let mut settings = Settings::new();
    for row in &manual.rows {
        let [names, defaults, _, ..] = row.as_slice() else {
            continue;
        };
        let names = names.split('`').skip(1).step_by(2).filter(|name| is_variable(name));
        let names: Vec<_> = names.collect();
        let defaults: Vec<_> = defaults.split(", ").flat_map(|part| part.split('、')).collect();
        for (place, name) in names.iter().enumerate() {
            // One default may be that of all.
            let shown = match defaults.len() {
                1 => defaults[0],
                count if count == names.len() => defaults[place],
                _ => "",
            };
            let known = settings.entry((*name).to_owned()).or_default();
            *known = literal(shown).or(known.take());
        }
    }
    settings
}

fn is_variable(name: &str) -> bool {
    name.len() > 2
        && name.starts_with(|c: char| c.is_ascii_uppercase())
        && name.chars().all(|c| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_')
}

/// A number, an address, or what stands between backticks; words say how a default comes about.
fn literal(shown: &str) -> Option<String> {
    let quoted = shown.strip_prefix('`').and_then(|rest| rest.strip_suffix('`'));
    let plain = |c: char| c.is_ascii_alphanumeric() || "./".contains(c);
    let number = shown.starts_with(|c: char| c.is_ascii_digit()) && shown.chars().all(plain);
    let typed = number || shown.starts_with("http");
    quoted.filter(|inner| !inner.contains('`')).or(typed.then_some(shown)).map(str::to_owned)
}

#[test]
fn both_languages_show_the_same_settings() {
    for (english, chinese, least) in [(ENGLISH, CHINESE, 150), (README, CHINESE_README, 75)] {
        let [english, chinese] = [english, chinese].map(|path| settings(&manual(path)));
        assert!(english.len() >= least, "{english:?}");
        assert_eq!(english, chinese);
    }
}

#[test]
fn readmes_show_what_the_manuals_show() {
    let (all, some) = (settings(&manual(ENGLISH)), settings(&manual(README)));
    for (name, default) in some {
        assert_eq!(all.get(&name), Some(&default), "{name}");
    }
}

#[test]
fn defaults_are_those_of_the_code() {
    let settings = settings(&manual(ENGLISH));
    let code = code();
    let after = following(&code, &settings.keys().map(String::as_str).collect());
    let mut wrong = Vec::new();
    for (name, default) in &settings {
        let Some(default) = default else {
            continue;
        };
        let spelled = SPELLED.iter().find(|(spelled, ..)| spelled == name);
        let known = match spelled {
            Some((_, shown, spelling)) => {
                shown == default && code.iter().any(|text| text.contains(spelling))
            }
            None => {
                after.get(name.as_str()).is_some_and(|all| all.iter().any(|t| says(t, default)))
            }
        };
        if !known {
            wrong.push(format!("{name} is not {default}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// What runs: documents, examples, tests and the web client aside.
fn code() -> Vec<String> {
    let aside = |path: &String| {
        let file = Path::new(path);
        file.extension().is_some_and(|own| own == "md")
            || path == ".env.example"
            || ["frontend/", "system-tests/"].iter().any(|folder| path.starts_with(folder))
            || ["/tests/", "/lexicon/"].iter().any(|folder| path.contains(folder))
    };
    let paths = tracked().unwrap().into_iter().filter(|path| !aside(path));
    paths.filter_map(|path| fs::read_to_string(repository().join(path)).ok()).collect()
}

/// What stands after each of the names, wherever it does.
fn following<'a>(code: &'a [String], names: &BTreeSet<&str>) -> BTreeMap<&'a str, Vec<&'a str>> {
    let in_name = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let mut found: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for text in code {
        let mut rest = text.as_str();
        while let Some(start) = rest.find(in_name) {
            rest = &rest[start..];
            let end = rest.find(|c| !in_name(c)).unwrap_or(rest.len());
            let (word, after) = rest.split_at(end);
            if names.contains(word) {
                let near = after.char_indices().nth(80).map_or(after, |(at, _)| &after[..at]);
                found.entry(word).or_default().push(near.split("\n\n").next().unwrap_or(near));
            }
            rest = after;
        }
    }
    found
}

/// Tells whether a default stands in a text, a number by itself.
fn says(text: &str, default: &str) -> bool {
    if !default.chars().all(|c| c.is_ascii_digit() || c == '.') {
        return text.contains(default);
    }
    let mut tokens = text.split(|c: char| !c.is_ascii_alphanumeric() && c != '_' && c != '.');
    // As in 6_334_u16.
    let number = |token: &str| {
        let digits = token.split(['u', 'i', 'f']).next().unwrap_or_default();
        digits.trim_matches('.').replace('_', "")
    };
    tokens.any(|token| number(token) == default)
}
