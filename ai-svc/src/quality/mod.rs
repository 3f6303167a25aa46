//! Measures what the rules engine is worth on real exam text and writes a report.
//!
//! The data is read at run time from a folder of JSON files as in
//! [GAOKAO-Bench](https://github.com/OpenLMLab/GAOKAO-Bench); nothing of it is kept.

mod agreement;
mod alarms;
mod answers;
mod key;
mod learners;
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
    /// Keyed edits whose explanation names no type, and the types the engine gives to them.
    pub unnamed: Vec<String>,
}

/// Sentences of learners, in the folder for them. Rules may be written with the first file at hand;
/// the second is only counted.
const LEARNERS: [(&str, &str); 2] =
    [("seen", "learners-seen.tsv"), ("unseen", "learners-unseen.tsv")];

/// Measures on the files in `data` and `sentences` and writes the report to `out`.
///
/// # Errors
/// When a file cannot be read, is not what is expected, or the report cannot be written.
pub fn run(data: &Path, sentences: &Path, out: &Path) -> Result<()> {
    let report = report(data, sentences)?;
    std::fs::write(out, report).with_context(|| format!("cannot write {}", out.display()))
}

fn report(data: &Path, sentences: &Path) -> Result<String> {
    let engine = Engine::new();
    let records = read(&data.join("error-correction.json"))?;
    let texts: Vec<TextResult> = records.iter().map(|record| measure(&engine, record)).collect();
    let learners = LEARNERS.iter();
    let learners =
        learners.map(|(name, file)| learners::measure(&engine, name, &sentences.join(file)));
    let learners = learners.collect::<Result<Vec<_>>>()?;
    let choices = answers::choices(&engine, &optional(&data.join("single-choice.json"))?);
    let fills = answers::fills(&engine, &optional(&data.join("grammar-fill.json"))?);
    let levels = answers::levels(&engine, data)?;
    let mended = alarms::mended(&engine, &records);
    Ok(report::write(&texts, &learners, &choices, &fills, &levels, &mended))
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
    use std::path::PathBuf;

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
        for (_, file) in LEARNERS {
            std::fs::write(folder.join(file), "agreement\tShe have it.\tShe has it.\n").unwrap();
        }
        let out = folder.join("QUALITY.md");
        run(&folder, &folder, &out).unwrap();
        let report = std::fs::read_to_string(&out).unwrap();
        assert!(report.contains("| 2 | 2 | 2 | 2 |"), "{report}");
        assert!(report.contains("| all | 1 | 1 | 1 |"), "{report}");
        std::fs::remove_dir_all(&folder).unwrap();
    }

    /// The exam texts beside the repository; a missing folder fails the test.
    fn data() -> PathBuf {
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/data/gaokao-english")
    }

    #[test]
    fn rules_are_worth_what_they_were() {
        let engine = Engine::new();
        let records = read(&data().join("error-correction.json")).unwrap();
        let texts: Vec<TextResult> = records.iter().map(|text| measure(&engine, text)).collect();
        let sum = |of: fn(&TextResult) -> usize| texts.iter().map(of).sum::<usize>();
        let (keyed, proposed, mended) = (sum(|t| t.keyed), sum(|t| t.proposed), sum(|t| t.mended));
        let (typed, agreed) = (sum(|t| t.typed), sum(|t| t.agreed));
        assert!(keyed > 100 && typed > 50, "{keyed} {typed}");
        assert!(mended * 10 >= keyed * 3, "{mended} of {keyed} are mended");
        assert!(mended * 10 >= proposed * 7, "{mended} of {proposed} proposals are right");
        assert!(agreed * 100 >= typed * 85, "{agreed} of {typed} types agree");
    }

    fn sentences() -> PathBuf {
        Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data")
    }

    #[test]
    fn committed_report_is_that_of_these_rules() {
        let fresh = report(&data(), &sentences()).unwrap();
        let committed = Path::new(env!("CARGO_MANIFEST_DIR")).join("QUALITY.md");
        let committed = std::fs::read_to_string(committed).unwrap();
        let mut lines = fresh.lines().zip(committed.lines());
        let differing = lines.find(|(fresh, committed)| fresh != committed);
        assert_eq!(differing, None, "run `make quality`");
        assert_eq!(fresh.len(), committed.len(), "run `make quality`");
    }

    #[test]
    fn rules_hold_on_sentences_they_were_not_written_for() {
        let folder = sentences();
        for (name, file) in LEARNERS {
            let learners = learners::measure(&Engine::new(), name, &folder.join(file)).unwrap();
            let all = learners.all();
            assert!(all.mended * 2 >= all.sentences, "{name}: {all:?}");
            assert!(all.right * 10 >= all.proposed * 8, "{name}: {all:?}");
            assert!(all.alarms * 20 <= all.sentences, "{name}: {all:?}");
        }
    }
}
