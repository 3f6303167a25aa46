//! Compares the engine's types with what published explanations say an edit is about.

use super::TextResult;
use super::key::Keyed;
use crate::rules::Engine;
use crate::taxonomy::wording;

/// What an explanation may name, and the types that agree with it; the more specific words come first.
/// An empty list marks words that name no grammatical type, such as a set phrase.
const NAMES: &[(&str, &[&str])] = &[
    ("连接词", &["CONJ"]),
    ("引导词", &["CONJ"]),
    ("关系词", &["CONJ"]),
    ("名词性从句", &["CONJ"]),
    ("定语从句", &["CONJ:REL"]),
    ("状语从句", &["CONJ"]),
    ("宾语从句", &["CONJ"]),
    ("固定", &[]),
    ("祈使句", &["VERB:FORM", "VERB:SVA", "VERB:TENSE"]),
    ("主谓一致", &["VERB:SVA"]),
    ("被动语态", &["VERB:VOICE", "VERB:FORM", "VERB:TENSE"]),
    ("语态", &["VERB:VOICE", "VERB:TENSE"]),
    ("时态", &["VERB:TENSE", "VERB:SVA"]),
    ("情态动词", &["MODAL", "VERB:FORM"]),
    ("非谓语", &["VERB:FORM"]),
    ("不定式", &["VERB:FORM"]),
    ("动名词", &["VERB:FORM"]),
    ("分词", &["VERB:FORM"]),
    ("谓语动词", &["VERB"]),
    ("单复数", &["NOUN:NUM"]),
    ("名词复数", &["NOUN:NUM"]),
    ("名词的数", &["NOUN:NUM"]),
    ("不可数名词", &["NOUN:NUM", "DET"]),
    ("比较级", &["ADJ:FORM", "ADV:FORM"]),
    ("最高级", &["ADJ:FORM", "ADV:FORM"]),
    ("物主代词", &["PRON:POSS"]),
    ("冠词", &["DET"]),
    ("代词", &["PRON", "DET:POSS"]),
    ("数词", &["MORPH:NUM", "NUM"]),
    ("介词", &["PREP"]),
    ("连词", &["CONJ"]),
    ("副词", &["ADV", "MORPH:ADV", "ADV:FORM", "ADJ:FORM"]),
    ("形容词", &["ADJ", "MORPH:ADJ", "MORPH:PART", "ADJ:FORM"]),
    ("名词", &["NOUN", "MORPH:NOUN"]),
    ("动词", &["VERB", "MORPH:VERB"]),
];

/// The types that agree with an explanation; `None` when it says nothing about a type.
pub fn named(explanation: &str) -> Option<Vec<&'static str>> {
    let tested = wording::tested(explanation)?;
    let mut types = Vec::new();
    let mut rest = tested;
    for (name, agreeing) in NAMES {
        if rest.contains(name) {
            if agreeing.is_empty() {
                return None;
            }
            rest = rest.replace(name, "|");
            types.extend_from_slice(agreeing);
        }
    }
    (!types.is_empty()).then_some(types)
}

/// Counts one keyed edit.
pub fn count(engine: &Engine, passage: &str, error: &Keyed, result: &mut TextResult) {
    if !error.explanation.is_empty() {
        result.explained += 1;
    }
    let replacement = error.replacements.first().map_or("", String::as_str);
    let kind = engine.classify(&error.original, replacement, &around(passage, error, replacement));
    let Some(types) = named(&error.explanation) else {
        let (original, replacement) = (shown(&error.original), shown(replacement));
        result.unnamed.push(format!("{original} → {replacement}: {}", kind.code));
        return;
    };
    result.typed += 1;
    let class = kind.code.split_once(':').map_or(kind.code, |(_, class)| class);
    let agrees = types.iter().any(|name| class == *name || class.starts_with(&format!("{name}:")));
    if agrees {
        result.agreed += 1;
    } else {
        result.disagreements.push(format!(
            "{} → {}: {} ({})",
            shown(&error.original),
            shown(replacement),
            kind.code,
            wording::tested(&error.explanation).unwrap_or_default()
        ));
    }
}

fn shown(word: &str) -> &str {
    if word.is_empty() { "∅" } else { word }
}

/// The sentence around an error, as written; corrected when a word is to be added.
fn around(passage: &str, error: &Keyed, replacement: &str) -> String {
    let chars: Vec<char> = passage.chars().collect();
    let ends = |letter: &char| matches!(letter, '.' | '!' | '?');
    let start = chars[..error.start].iter().rposition(ends).map_or(0, |at| at + 1);
    let end = chars[error.end..].iter().position(ends).map_or(chars.len(), |at| error.end + at + 1);
    if error.anywhere {
        return String::new();
    }
    let mut text: String = chars[start..error.start].iter().collect();
    // What comes before is cut when it holds the same word, so that the place is found.
    let needle = if error.original.is_empty() { replacement } else { error.original.as_str() };
    let repeated = text
        .split(|letter: char| !letter.is_alphanumeric())
        .any(|word| word.eq_ignore_ascii_case(needle));
    if repeated {
        let words: Vec<&str> = text.split_whitespace().collect();
        let from = words
            .iter()
            .rposition(|word| word.to_lowercase().contains(&needle.to_lowercase()))
            .map_or(0, |at| at + 1);
        text = words[from..].join(" ") + " ";
    }
    if error.original.is_empty() {
        text.push_str(replacement);
        text.push(' ');
    }
    text.extend(&chars[error.start..end]);
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn explanations_name_types() {
        assert_eq!(
            named("toy改为toys 考查名词的单复数形式．"),
            Some(vec!["NOUN:NUM", "NOUN", "MORPH:NOUN"])
        );
        assert_eq!(named("考查固定搭配。"), None);
        assert_eq!(named("根据句意"), None);
    }
}
