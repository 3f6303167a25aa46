//! Real exam questions, read from the folder beside the repository.

use std::{fs, path::Path};

use anyhow::Context as _;
use serde::Deserialize;

/// One single-choice question.
#[derive(Clone, Debug)]
pub struct SingleChoice {
    /// Stem and options, spaces tidied.
    pub question: String,
    /// The key, a letter.
    pub answer: String,
    /// The published explanation.
    pub explanation: String,
    /// Year and paper.
    pub source: String,
}

#[derive(Deserialize)]
struct Item {
    year: String,
    category: String,
    question: String,
    answer: Vec<String>,
    analysis: String,
}

impl SingleChoice {
    /// Returns the letters other than the key.
    #[must_use]
    pub fn wrong_options(&self) -> Vec<&'static str> {
        ["A", "B", "C", "D"].into_iter().filter(|letter| *letter != self.answer).collect()
    }
}

/// Reads all single-choice questions.
///
/// # Errors
///
/// Fails when the folder is not there: the tests need the real questions.
pub fn single_choice() -> anyhow::Result<Vec<SingleChoice>> {
    let file = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../shared/data/gaokao-english/single-choice.json");
    let text = fs::read_to_string(&file)
        .with_context(|| format!("the exam questions are expected in {}", file.display()))?;
    let items: Vec<Item> = serde_json::from_str(&text)?;
    items
        .into_iter()
        .map(|item| {
            Ok(SingleChoice {
                question: tidy(&item.question),
                answer: item.answer.into_iter().next().context("a question has a key")?,
                explanation: tidy(&item.analysis),
                source: format!("{}{}", item.year, item.category),
            })
        })
        .collect()
}

/// Collapses spaces inside lines, keeps the lines.
fn tidy(text: &str) -> String {
    let lines = text.lines().map(|line| line.split_whitespace().collect::<Vec<_>>().join(" "));
    lines.filter(|line| !line.is_empty()).collect::<Vec<_>>().join("\n")
}
