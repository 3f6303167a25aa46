//! What the READMEs let their readers type; that it exists is looked at in `names`.

use std::fs;

use serde_json::Value;
use system_tests::{Manual, manual::repository};

use super::{CHINESE, CHINESE_README, ENGLISH, README, manual};

#[test]
fn both_readmes_have_the_same_commands() {
    let (english, chinese) = (commands(&manual(README)), commands(&manual(CHINESE_README)));
    assert!(english.len() > 25, "{english:?}");
    for (one, other) in english.iter().zip(&chinese) {
        assert_eq!(one, other);
    }
    assert_eq!(english.len(), chinese.len());
}

/// The lines of all blocks of commands, without what is said about them.
fn commands(manual: &Manual) -> Vec<String> {
    let blocks = manual.blocks.iter().filter(|block| block.language == "sh");
    let lines = blocks.flat_map(|block| block.text.lines());
    let lines = lines.map(|line| line.split("  #").next().unwrap_or(line).trim_end());
    lines.filter(|line| !line.is_empty() && !line.starts_with('#')).map(str::to_owned).collect()
}

#[test]
fn curl_asks_for_what_the_gateway_has() {
    let description = fs::read_to_string(repository().join("gateway/openapi.json")).unwrap();
    let description: Value = serde_json::from_str(&description).unwrap();
    let paths: Vec<_> = description["paths"].as_object().unwrap().keys().cloned().collect();
    for path in [README, CHINESE_README, ENGLISH, CHINESE] {
        let manual = manual(path);
        let blocks = manual.blocks.iter().filter(|b| matches!(b.language.as_str(), "sh" | "bash"));
        let asked: Vec<_> = blocks.flat_map(|block| block.text.split("$API/").skip(1)).collect();
        assert!(asked.len() > 8, "{path}: {asked:?}");
        for rest in asked {
            let ends = |c: char| c.is_whitespace() || "?\"')|".contains(c);
            let asked = rest.split(ends).next().unwrap_or_default();
            let there = paths.iter().any(|path| leads_to(path, &format!("/api/v1/{asked}")));
            assert!(there, "{path}: there is no /{asked}");
        }
    }
}

/// Variables of the shell stand for what the description names in braces.
fn leads_to(path: &str, asked: &str) -> bool {
    let (path, asked): (Vec<_>, Vec<_>) = (path.split('/').collect(), asked.split('/').collect());
    let same = |(part, asked): (&&str, &&str)| {
        if part.starts_with('{') { asked.starts_with('$') } else { part == asked }
    };
    path.len() == asked.len() && path.iter().zip(&asked).all(same)
}
