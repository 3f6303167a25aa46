//! Measures what the rules engine is worth on real exam text and writes a report.
//!
//! The data is read at run time from a folder of JSON files as in
//! [GAOKAO-Bench](https://github.com/OpenLMLab/GAOKAO-Bench); nothing of it is kept.

mod agreement;
mod alarms;
mod answers;
mod key;
mod report;

use std::path::Path;

use anyhow::{Context, Result};
use serde::Deserialize;

use crate::rules::Engine;

/// One exam question as the files have it.
#[derive(Debug, Deserialize)]
pub struct Record {
    pub year: String,
    pub category: String,
    pub question: String,
    pub answer: Answer,
    #[serde(default)]
    pub analysis: String,
}

/// Letters or text.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
pub enum Answer {
    Letters(Vec<String>),
    Text(String),
}

impl Answer {
    fn text(&self) -> String {
        match self {
            Self::Letters(letters) => letters.join("\n"),
            Self::Text(text) => text.clone(),
        }
    }
}

/// Result of one text with errors.
#[derive(Debug, Default)]
pub struct TextResult {
    pub name: String,
    /// Errors of the key that could be placed in the text.
    pub keyed: usize,
    /// Lines of the key that could not be placed.
    pub unplaced: usize,
    pub proposed: usize,
    /// Proposed at the place of a keyed error.
    pub found: usize,
    /// Mended as the key says.
    pub mended: usize,
    /// Keyed edits whose explanation names a grammatical type, and those whose type agrees.
    pub typed: usize,
    pub agreed: usize,
    /// Keyed edits that have an explanation of their own.
    pub explained: usize,
    /// What is wrong with the types, for readers: `original → replacement: type (explanation)`.
    pub disagreements: Vec<String>,
}

/// Measures on the files in `data` and writes the report to `out`.
///
/// # Errors
/// When a file cannot be read, is not what is expected, or the report cannot be written.
pub fn run(data: &Path, out: &Path) -> Result<()> {
    let engine = Engine::new();
    let records = read(&data.join("error-correction.json"))?;
    let texts: Vec<TextResult> = records.iter().map(|record| measure(&engine, record)).collect();
    let choices = answers::choices(&engine, &optional(&data.join("single-choice.json"))?);
    let fills = answers::fills(&engine, &optional(&data.join("grammar-fill.json"))?);
    let levels = answers::levels(&engine, data)?;
    let mended = alarms::mended(&engine, &records);
    let report = report::write(&texts, &choices, &fills, &levels, &mended);
    std::fs::write(out, report).with_context(|| format!("cannot write {}", out.display()))
}

fn read(path: &Path) -> Result<Vec<Record>> {
    let text =
        std::fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
    serde_json::from_str(&text)
        .with_context(|| format!("{} is no list of questions", path.display()))
}

fn optional(path: &Path) -> Result<Vec<Record>> {
    if path.exists() { read(path) } else { Ok(Vec::new()) }
}

fn measure(engine: &Engine, record: &Record) -> TextResult {
    let passage = key::passage(&record.question);
    let (keyed, unplaced) = key::keyed(&passage, &record.answer.text(), &record.analysis);
    let proposed = engine.check(&passage);
    let mut result = TextResult {
        name: format!("{} {}", record.year, record.category),
        keyed: keyed.len(),
        unplaced,
        proposed: proposed.len(),
        ..TextResult::default()
    };
    for error in &keyed {
        result.found += usize::from(proposed.iter().any(|edit| error.is_at(edit)));
        result.mended += usize::from(proposed.iter().any(|edit| error.is_mended_by(edit)));
        agreement::count(engine, &passage, error, &mut result);
    }
    result
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_report_is_written_from_a_folder() {
        let folder = std::env::temp_dir().join(format!("quality-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        let question =
            "短文改错 只允许修改10处，多者不计分。\nI have two brother. He like music very much.\n";
        let records = serde_json::json!([{
            "year": "2020", "category": "（自编）", "question": question,
            "answer": "brother改为brothers\nlike改为likes\n",
            "analysis": "1. brother改为brothers 考查名词复数。2. like改为likes 考查主谓一致。"
        }]);
        std::fs::write(folder.join("error-correction.json"), records.to_string()).unwrap();
        let out = folder.join("QUALITY.md");
        run(&folder, &out).unwrap();
        let report = std::fs::read_to_string(&out).unwrap();
        assert!(report.contains("| 2 | 2 | 2 | 2 |"), "{report}");
        std::fs::remove_dir_all(&folder).unwrap();
    }
}
