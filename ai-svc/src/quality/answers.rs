//! Measures the analysis of single questions and the levels of texts.

use std::path::Path;

use anyhow::Result;

use super::alarms::Alarms;
use super::{Record, optional};
use crate::rules::{Engine, Question};
use crate::taxonomy::wording;

/// Knowledge points found without the explanation, compared with those the explanation names.
#[derive(Debug, Default)]
pub struct PointResult {
    /// Questions whose explanation names a point.
    pub named: usize,
    /// Those where the same point or one of the same family was found.
    pub agreed: usize,
    pub disagreements: Vec<String>,
}

/// Levels of the texts of one kind of question.
#[derive(Debug)]
pub struct LevelResult {
    pub kind: &'static str,
    pub texts: usize,
    /// Texts of each level, A1 to C2.
    pub levels: [usize; 6],
    pub mean_sentence_length: f64,
    pub words: usize,
    pub alarms: Alarms,
}

fn family(id: &str) -> &str {
    match id {
        "conjunction.coordinating" | "conjunction.subordinating" | "conjunction.correlative" => {
            "clause.adverbial"
        }
        _ if id.starts_with("clause.adverbial.ellipsis") => "nonfinite",
        _ if id.starts_with("clause.") => {
            id.match_indices('.').nth(1).map_or(id, |(at, _)| &id[..at])
        }
        _ if id.starts_with("verb.tense") => "verb.tense",
        "formation.noun" | "vocabulary.noun" => "noun",
        "formation.adjective" | "vocabulary.adjective" => "adjective",
        "formation.adverb" | "vocabulary.adverb" => "adverb",
        "formation.verb" | "vocabulary.verb" => "verb",
        _ => id.split('.').next().unwrap_or(id),
    }
}

fn compare(engine: &Engine, question: &Question<'_>, explanation: &str, result: &mut PointResult) {
    let Some(words) = wording::tested(explanation) else { return };
    let named = wording::points(&words);
    if named.is_empty() || named.iter().all(|point| point.id == "vocabulary.collocation") {
        return;
    }
    result.named += 1;
    let analysis = engine.analyse(question);
    let main = analysis.knowledge_points[0];
    if named.iter().any(|point| family(point.id) == family(main.id)) {
        result.agreed += 1;
    } else {
        result.disagreements.push(format!("{}: {} ({words})", question.correct_answer, main.id));
    }
}

/// Single-choice questions, the explanation withheld.
pub fn choices(engine: &Engine, records: &[Record]) -> PointResult {
    let mut result = PointResult::default();
    for record in records {
        let right = record.answer.text();
        let wrong = if right.trim() == "A" { "B" } else { "A" };
        let question = Question {
            mistake_type: "grammar",
            question: &record.question,
            wrong_answer: wrong,
            correct_answer: right.trim(),
            ..Question::default()
        };
        compare(engine, &question, &record.analysis, &mut result);
    }
    result
}

/// Gaps of grammar-fill texts, the explanation withheld and the answer left empty.
pub fn fills(engine: &Engine, records: &[Record]) -> PointResult {
    let mut result = PointResult::default();
    for record in records {
        let explanations = explained(&record.analysis);
        let answers = record.answer.text().replace("【答案】", "");
        let lines = answers
            .lines()
            .map(str::trim)
            .filter(|line| !line.is_empty() && !line.starts_with('【'));
        for (index, line) in lines.enumerate() {
            let right = line.trim().trim_start_matches(|letter: char| {
                letter.is_ascii_digit() || matches!(letter, '.' | '．' | ' ')
            });
            let right = right
                .split(|letter: char| letter == '/' || !letter.is_ascii())
                .next()
                .unwrap_or(right)
                .trim();
            let Some((number, explanation)) = explanations.get(index) else { continue };
            let stem = sentence(&record.question, number);
            let question = Question {
                mistake_type: "grammar",
                question: &stem,
                correct_answer: right,
                ..Question::default()
            };
            compare(engine, &question, explanation, &mut result);
        }
    }
    result
}

/// Explanations with the numbers of their gaps.
fn explained(analysis: &str) -> Vec<(String, String)> {
    let mut parts: Vec<(String, String)> = Vec::new();
    for first in [61, 41, 56, 1] {
        parts.clear();
        let body = analysis.split("【详解】").last().unwrap_or(analysis);
        for number in first..first + 10 {
            let at = |number: usize| {
                ["．", ".", "、"]
                    .iter()
                    .filter_map(|dot| body.find(&format!("{number}{dot}")))
                    .min()
            };
            if let Some(start) = at(number) {
                let end = at(number + 1).filter(|end| *end > start).unwrap_or(body.len());
                parts.push((number.to_string(), body[start..end].to_owned()));
            }
        }
        if parts.len() >= 8 {
            return parts;
        }
    }
    parts
}

/// The sentence with the gap of a number, the gap as underscores.
fn sentence(question: &str, number: &str) -> String {
    let text: String = question.split_whitespace().collect::<Vec<_>>().join(" ");
    let Some(at) = text.rfind(number) else { return String::new() };
    let start = text[..at].rfind(['.', '!', '?']).map_or(0, |start| start + 1);
    let end = text[at..].find(['.', '!', '?']).map_or(text.len(), |end| at + end + 1);
    let before: String = text[start..at].trim_end_matches(['_', ' ']).into();
    let after = text[at + number.len()..end].trim_start_matches(['_', ' ', '.']);
    format!("{before} ____ {after}")
}

/// The text before the first question, in one line.
fn passage(question: &str) -> String {
    let opens = |line: &str| {
        let rest = line.trim_start().trim_start_matches(|letter: char| letter.is_ascii_digit());
        rest.len() < line.trim_start().len() && rest.trim_start().starts_with(['.', '．', '、'])
    };
    let lines: Vec<&str> = question.lines().take_while(|line| !opens(line)).collect();
    let text = if lines.is_empty() { question.to_owned() } else { lines.join(" ") };
    let mut plain = String::new();
    for word in text.split_whitespace() {
        if !plain.is_empty() && !word.starts_with(['.', ',', '!', '?', ';', ':', '’']) {
            plain.push(' ');
        }
        plain.push_str(word);
    }
    plain
}

/// Levels of the passages of the other files.
pub fn levels(engine: &Engine, data: &Path) -> Result<Vec<LevelResult>> {
    let mut results = Vec::new();
    for (file, kind) in [("seven-choose-five.json", "七选五"), ("reading.json", "阅读理解")]
    {
        let records = optional(&data.join(file))?;
        let mut result = LevelResult {
            kind,
            texts: records.len(),
            levels: [0; 6],
            mean_sentence_length: 0.0,
            words: 0,
            alarms: Alarms::new(kind),
        };
        let mut lengths = 0.0;
        for record in &records {
            let text = passage(&record.question);
            let profile = engine.profile(&text);
            result.words += profile.tokens.len();
            result.alarms.add(engine, &text);
            if let Some(at) = crate::rules::LEVELS.iter().position(|level| *level == profile.level)
            {
                result.levels[at] += 1;
            }
            lengths += profile.mean_sentence_length;
        }
        if let Ok(count) = u32::try_from(records.len())
            && count > 0
        {
            result.mean_sentence_length = lengths / f64::from(count);
            results.push(result);
        }
    }
    Ok(results)
}
