//! Reads what a model said about mistakes, and lets no nonsense through.

use std::collections::{HashMap, HashSet};

use serde_json::Value;

use super::Mistake;
use crate::{
    models::Unusable,
    providers::{Answer, Schema},
    rules::Analysis,
    taxonomy,
};

/// Lengths of a usable explanation, in characters.
const EXPLANATION: std::ops::RangeInclusive<usize> = 6..=600;

/// An entry that can be used.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Read {
    pub analysis: Analysis,
    /// As the model wrote it.
    pub entry: Value,
}

/// Reads an answer: one entry per mistake, `None` where the entry cannot be used. Of an answer that
/// was cut off, the entries before the cut are read.
///
/// # Errors
///
/// Fails when more than half of the entries cannot be used, or all before the cut.
pub(super) fn read(answer: &Answer, mistakes: &[Mistake]) -> Result<Vec<Option<Read>>, Unusable> {
    let entries = match Schema::read(&answer.text) {
        Some(Value::Array(entries)) => entries,
        Some(value) => {
            let entries = value["analyses"].as_array();
            entries.ok_or_else(|| Unusable("`analyses` is missing".to_owned()))?.clone()
        }
        None if !answer.is_whole => before_cut(&answer.text),
        None => return Err(Unusable("it is no complete JSON object".to_owned())),
    };
    let mut found: Vec<Option<Read>> = vec![None; mistakes.len()];
    let mut reasons = Vec::new();
    for entry in entries {
        let number = entry["n"].as_u64().and_then(|n| usize::try_from(n).ok());
        let Some(at) = number.and_then(|n| n.checked_sub(1)).filter(|at| *at < mistakes.len())
        else {
            reasons.push("`n` is no number of a mistake".to_owned());
            continue;
        };
        match one(&entry, &mistakes[at]) {
            Ok(analysis) => found[at] = Some(Read { analysis, entry }),
            Err(why) => reasons.push(format!("mistake {}: {why}", at + 1)),
        }
    }
    let missing = found.iter().filter(|read| read.is_none()).count();
    let few = answer.is_whole && missing * 2 > mistakes.len();
    if few || missing == mistakes.len() {
        reasons.truncate(5);
        if reasons.is_empty() {
            reasons.push("entries are missing".to_owned());
        }
        return Err(Unusable(reasons.join("; ")));
    }
    Ok(found)
}

/// Returns the whole entries of a list that breaks off.
fn before_cut(text: &str) -> Vec<Value> {
    let mut entries = Vec::new();
    let mut rest = text.split_once('[').map_or("", |(_, list)| list);
    loop {
        rest = rest.trim_start_matches([',', ' ', '\n', '\r', '\t']);
        let mut values = serde_json::Deserializer::from_str(rest).into_iter::<Value>();
        match values.next() {
            Some(Ok(entry)) if entry.is_object() => entries.push(entry),
            Some(_) | None => return entries,
        }
        rest = &rest[values.byte_offset()..];
    }
}

/// Reads one entry.
pub(super) fn one(entry: &Value, mistake: &Mistake) -> Result<Analysis, &'static str> {
    let code = entry["error_type"].as_str().unwrap_or_default();
    let error_type = taxonomy::error_type(code).ok_or("`error_type` is not in the list")?;
    let mut knowledge_points = Vec::new();
    for id in entry["knowledge_points"].as_array().into_iter().flatten() {
        let point = id.as_str().and_then(taxonomy::find);
        let point = point.ok_or("a knowledge point is not in the list")?;
        if !knowledge_points.contains(&point) {
            knowledge_points.push(point);
        }
    }
    knowledge_points.truncate(3);
    if knowledge_points.is_empty() {
        return Err("`knowledge_points` is empty");
    }
    let text = |name: &str| entry[name].as_str().unwrap_or_default().trim().to_owned();
    let analysis = Analysis {
        error_type,
        knowledge_points,
        what_went_wrong: text("what_went_wrong"),
        why_right: text("why_right"),
        how_to_remember: text("how_to_remember"),
    };
    let texts = [&analysis.what_went_wrong, &analysis.why_right, &analysis.how_to_remember];
    if texts.iter().any(|text| !is_explanation(text)) {
        return Err("an explanation is missing, too long, repetitive or not in Chinese");
    }
    if texts[0] == texts[1] || texts[1] == texts[2] || texts[0] == texts[2] {
        return Err("explanations repeat each other");
    }
    if !is_about(&analysis, mistake) {
        return Err("explanations do not mention the answers");
    }
    Ok(analysis)
}

/// Tells whether a text can be an explanation in Chinese.
fn is_explanation(text: &str) -> bool {
    let chars: Vec<char> = text.chars().collect();
    if !EXPLANATION.contains(&chars.len()) {
        return false;
    }
    if chars.iter().any(|c| c.is_control() && *c != '\n') {
        return false;
    }
    let words = chars.iter().filter(|c| c.is_alphanumeric()).count();
    let chinese = chars.iter().filter(|c| is_chinese(**c)).count();
    // English examples may take up much of an explanation, but never nearly all of it.
    chinese >= 4 && chinese * 5 >= words && !is_repetitive(&chars)
}

fn is_chinese(c: char) -> bool {
    matches!(c, '\u{4e00}'..='\u{9fff}' | '\u{3400}'..='\u{4dbf}')
}

/// Tells whether a few characters come again and again, as in the loops of small models.
fn is_repetitive(chars: &[char]) -> bool {
    const GRAM: usize = 4;
    if chars.len() < 24 {
        return false;
    }
    let mut counts: HashMap<&[char], usize> = HashMap::new();
    for gram in chars.windows(GRAM) {
        *counts.entry(gram).or_default() += 1;
    }
    let repeated: usize = counts.values().map(|count| count - 1).sum();
    repeated * 5 > (chars.len() - GRAM + 1) * 2
}

/// Tells whether explanations speak of this mistake: they quote a word by which its answers differ.
/// Only where the answers have no English words is the name of the knowledge point enough.
fn is_about(analysis: &Analysis, mistake: &Mistake) -> bool {
    let said = format!("{}\n{}", analysis.what_went_wrong, analysis.why_right);
    let quoted = words(&said);
    let (wrong, right) = (words(&mistake.wrong_answer), words(&mistake.correct_answer));
    let mut telling: HashSet<&String> = wrong.symmetric_difference(&right).collect();
    if telling.is_empty() {
        telling = wrong.union(&right).collect();
    }
    if telling.is_empty() {
        let point = analysis.knowledge_points.first();
        return point.is_some_and(|point| said.contains(point.name_zh));
    }
    telling.into_iter().any(|word| quoted.contains(word))
}

/// Returns the English words of a text, also the letters of options.
fn words(text: &str) -> HashSet<String> {
    let text = text.replace('’', "'").to_ascii_lowercase();
    let parts = text.split(|c: char| !c.is_ascii_alphanumeric() && c != '\'');
    let words = parts.map(|word| word.trim_matches('\'')).filter(|word| !word.is_empty());
    words.map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn mistake() -> Mistake {
        Mistake {
            wrong_answer: "goed".to_owned(),
            correct_answer: "went".to_owned(),
            ..Mistake::default()
        }
    }

    fn entry() -> Value {
        let kind = &taxonomy::error_types()[0];
        json!({
            "n": 1,
            "error_type": kind.code,
            "knowledge_points": [kind.knowledge_point],
            "what_went_wrong": "把 go 的过去式写成了 goed，这是按规则动词变化造出来的词。",
            "why_right": "go 是不规则动词，过去式是 went，句中有 yesterday，用一般过去时。",
            "how_to_remember": "把 go–went–gone 三个词连起来读，读熟为止。",
        })
    }

    fn read_one(entry: &Value) -> Result<Vec<Option<Read>>, Unusable> {
        let text = json!({"analyses": [entry]}).to_string();
        read(&Answer { text, usage: None, is_whole: true }, &[mistake()])
    }

    #[test]
    fn good_answer_is_taken() {
        assert!(read_one(&entry()).unwrap()[0].is_some());
    }

    #[test]
    fn nonsense_is_refused() {
        let loops = "的答案是的".repeat(20);
        for (field, value) in [
            ("n", json!(2)),
            ("error_type", json!("R:NONSENSE")),
            ("knowledge_points", json!(["made.up"])),
            ("knowledge_points", json!([])),
            ("what_went_wrong", json!("")),
            ("why_right", json!("The answer is went because it is the past tense of go.")),
            ("how_to_remember", json!(loops)),
            ("how_to_remember", entry()["why_right"].clone()),
        ] {
            let mut entry = entry();
            entry[field] = value;
            assert!(read_one(&entry).is_err(), "{field}");
        }
    }

    #[test]
    fn explanation_of_something_else_is_refused() {
        let mut entry = entry();
        entry["what_went_wrong"] = json!("学生没有认真阅读课文，所以选错了。");
        entry["why_right"] = json!("因为课文第二段说得很清楚，应当再读一遍。");
        assert!(read_one(&entry).is_err());
        // A word that only has those letters within is no quotation.
        entry["why_right"] = json!("因为课文第二段说得很清楚，应当再读一遍 wentworth 的故事。");
        assert!(read_one(&entry).is_err());
    }

    #[test]
    fn word_that_both_answers_have_says_nothing_about_them() {
        let mistake = Mistake {
            wrong_answer: "He is use to it".to_owned(),
            correct_answer: "He is used to it".to_owned(),
            ..Mistake::default()
        };
        let mut entry = entry();
        entry["what_went_wrong"] = json!("句中的 He is 没有问题，但后面的形式写错了。");
        entry["why_right"] = json!("这里要用过去分词，表示“习惯于”。");
        assert!(one(&entry, &mistake).is_err());
        entry["why_right"] = json!("这里要用过去分词 used，表示“习惯于”。");
        assert!(one(&entry, &mistake).is_ok());
    }

    #[test]
    fn entries_before_a_cut_are_read() {
        let mut second = entry();
        second["n"] = json!(2);
        let text = json!({"analyses": [entry(), second, entry()]}).to_string();
        let cut = &text[..text.len() - 40];
        let mistakes = vec![mistake(); 5];
        let answer = |is_whole| Answer { text: cut.to_owned(), usage: None, is_whole };
        let found = read(&answer(false), &mistakes).unwrap();
        assert_eq!(found.iter().filter(|read| read.is_some()).count(), 2);
        assert!(read(&answer(true), &mistakes).is_err());
        let nothing = Answer { text: "{\"analyses\": [{".to_owned(), usage: None, is_whole: false };
        assert!(read(&nothing, &mistakes).is_err());
    }

    #[test]
    fn one_bad_entry_does_not_spoil_the_others() {
        let mut second = entry();
        second["n"] = json!(2);
        let mut bad = entry();
        bad["n"] = json!(3);
        bad["error_type"] = json!("?");
        let text = json!({"analyses": [entry(), second, bad]}).to_string();
        let answer = Answer { text, usage: None, is_whole: true };
        let read = read(&answer, &[mistake(), mistake(), mistake()]).unwrap();
        assert_eq!(read.iter().filter(|analysis| analysis.is_some()).count(), 2);
        assert!(read[2].is_none());
    }
}
