//! The operator's manuals and the READMEs: both languages say the same, name what exists, and show what their commands print.

mod commands;
mod names;
mod readme;
mod tables;

use system_tests::{
    Manual,
    manual::{Heading, repository},
};

const ENGLISH: &str = "deploy/MANUAL.md";
const CHINESE: &str = "deploy/MANUAL.zh-CN.md";
const README: &str = "README.md";
const CHINESE_README: &str = "README.zh-CN.md";
/// The sections of each chapter in the manual of the system before this one, which its operators know.
const SECTIONS: [usize; 10] = [3, 3, 5, 4, 3, 4, 5, 3, 5, 5];

fn manual(path: &str) -> Manual {
    Manual::read(&repository().join(path)).unwrap()
}

#[test]
fn both_manuals_have_the_same_sections_and_commands() {
    let (english, chinese) = (manual(ENGLISH), manual(CHINESE));
    let numbers = |manual: &Manual| -> Vec<_> {
        let about = |heading: &Heading| (heading.level, heading.number().map(str::to_owned));
        manual.headings.iter().map(about).collect()
    };
    assert_eq!(numbers(&english), numbers(&chinese));
    for chapter in 1..=10 {
        for section in 1..=SECTIONS[chapter - 1] {
            let number = format!("{chapter}.{section}");
            let there = |heading: &Heading| heading.number() == Some(&number);
            assert!(english.headings.iter().any(there), "section {number} is missing");
        }
    }
    let drawing = |manual: &Manual| {
        let blocks = manual.blocks.iter().filter(|block| block.kind != "drawing");
        blocks
            .map(|block| (block.language.clone(), block.kind.clone(), block.text.clone()))
            .collect()
    };
    let (english, chinese): (Vec<_>, Vec<_>) = (drawing(&english), drawing(&chinese));
    for (one, other) in english.iter().zip(&chinese) {
        assert_eq!(one, other);
    }
    assert_eq!(english.len(), chinese.len());
}
