//! Finds mistakes in a text and proposes corrections, by rules about English in general.

mod adjectives;
mod agreement;
mod articles;
mod clauses;
mod collocation_tables;
mod collocations;
mod comparison;
mod complements;
mod conjunctions;
mod degrees;
mod formation;
mod infinitives;
mod joined_verbs;
mod lone_nouns;
mod mood;
mod nominal;
mod nonfinite;
mod nouns;
#[cfg(test)]
mod pairs;
mod past_times;
mod patterns;
mod prepositions;
mod pronouns;
mod relatives;
mod scan;
mod spelling;
mod subjects;
mod tense;
mod time_clauses;
mod times;
mod verbs;
mod voice;
mod word_class;

pub use scan::linking;
use scan::{Finder, Found};

use super::text::Text;
use super::{explain, points};
use crate::taxonomy::{ErrorType, KnowledgePoint, error_type_or_other, find};

/// One proposed correction. Offsets in Unicode scalar values; `start == end` for an insertion.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Edit {
    pub start: usize,
    pub end: usize,
    /// What stands there, with the space after it when the whole word goes.
    pub original: String,
    /// What should stand there, with a space after it when a word is added.
    pub replacement: String,
    pub error_type: &'static ErrorType,
    pub knowledge_point: &'static KnowledgePoint,
    pub explanation_zh: String,
    pub explanation_en: String,
}

/// Carries edits out. Edits must be in order and must not overlap; those that do not fit are skipped.
#[must_use]
pub fn apply(text: &str, edits: &[Edit]) -> String {
    let chars: Vec<char> = text.chars().collect();
    let mut done = String::with_capacity(text.len() + 16);
    let mut at = 0;
    for edit in edits {
        if edit.start < at || edit.end < edit.start || edit.end > chars.len() {
            continue;
        }
        done.extend(&chars[at..edit.start]);
        done.push_str(&edit.replacement);
        at = edit.end;
    }
    done.extend(&chars[at..]);
    done
}

/// The rules, in groups.
const RULES: &[fn(&mut Finder<'_>)] = &[
    spelling::check,
    nouns::check,
    articles::check,
    lone_nouns::check,
    pronouns::check,
    voice::check,
    agreement::check,
    subjects::check,
    time_clauses::check,
    tense::check,
    verbs::check,
    patterns::check,
    nonfinite::check,
    infinitives::check,
    complements::check,
    joined_verbs::check,
    adjectives::check,
    word_class::check,
    formation::check,
    degrees::check,
    comparison::check,
    prepositions::check,
    times::check,
    collocations::check,
    conjunctions::check,
    clauses::check,
    relatives::check,
    nominal::check,
];

/// Proposes corrections of a text.
pub fn check(source: &str) -> Vec<Edit> {
    let text = Text::new(source);
    let chars: Vec<char> = source.chars().collect();
    let mut finder = Finder::new(&text);
    for rule in RULES {
        rule(&mut finder);
    }
    let mut taken: Vec<(usize, usize)> = Vec::new();
    let mut edits: Vec<Edit> = Vec::new();
    for found in finder.found {
        let (start, end) = place(&text, &found);
        // An edit keeps its distance: what stands beside a correction was read with the mistake in.
        if taken.iter().any(|(from, to)| start <= *to && *from <= end) {
            continue;
        }
        taken.push((start, end));
        edits.push(edit(&text, &chars, &found, start, end));
    }
    edits.sort_by_key(|edit| edit.start);
    edits
}

fn place(text: &Text, found: &Found) -> (usize, usize) {
    let start = text.tokens[found.at].start;
    if found.count == 0 {
        return (start, start);
    }
    let last = found.at + found.count - 1;
    let next = text.tokens.get(last + 1).filter(|_| found.replacement.is_empty());
    (start, next.map_or(text.tokens[last].end, |next| next.start))
}

fn edit(text: &Text, chars: &[char], found: &Found, start: usize, end: usize) -> Edit {
    let original: String = chars[start..end].iter().collect();
    let mut replacement = found.replacement.clone();
    if text.tokens[found.at].text.starts_with(char::is_uppercase)
        && opens_sentence(text, found.at)
        && found.count > 0
    {
        replacement = capital(&replacement);
    }
    if found.count == 0 {
        replacement.push(' ');
        if opens_sentence(text, found.at) {
            replacement = capital(&replacement);
        }
    }
    let kind = error_type_or_other(found.code);
    let range = text.sentence(found.at);
    let sentence: String =
        chars[text.tokens[range.start].start..text.tokens[range.end - 1].end].iter().collect();
    let point = found
        .point
        .and_then(find)
        .unwrap_or_else(|| points::refine(kind, original.trim(), replacement.trim(), &sentence));
    let (explanation_zh, explanation_en) =
        explain::edit(kind, point, original.trim(), replacement.trim(), found.reason);
    Edit {
        start,
        end,
        original,
        replacement,
        error_type: kind,
        knowledge_point: point,
        explanation_zh,
        explanation_en,
    }
}

fn opens_sentence(text: &Text, at: usize) -> bool {
    let start = text.sentence(at).start;
    text.tokens[start..at].iter().all(|token| token.tag == super::text::Tag::Mark)
}

fn capital(word: &str) -> String {
    let mut letters = word.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Corrects a text.
    pub fn corrected(text: &str) -> String {
        apply(text, &check(text))
    }

    #[test]
    fn good_english_is_left_alone() {
        for text in [
            "My brother is a student. He enjoys playing basketball after school.",
            "When I was ten, I went to Beijing with my parents for the first time.",
            "She told me that she had already finished her homework.",
            "There are many tall buildings in the city, and most of them are new.",
            "If it rains tomorrow, we will stay at home and watch a film together.",
            "I used to get up late, but now I am used to getting up early.",
            "The book which you lent me last week is really interesting.",
            "It was raining hard, so we decided to wait until it stopped.",
        ] {
            let edits = check(text);
            assert!(edits.is_empty(), "{text}: {edits:?}");
        }
    }

    #[test]
    fn broken_text_is_checked_without_harm() {
        let text = "He are, the many. \"An to of? 12 kind of such because — which not only “I” and \
                    between it's every to enjoy to the more than 你好 was been had better most";
        let words: Vec<&str> = text.split(' ').collect();
        for start in 0..words.len() {
            for end in start..=words.len() {
                let part = words[start..end].join(" ");
                assert!(apply(&part, &check(&part)).len() < 2 * part.len() + 40);
            }
        }
        for end in (0..text.len()).filter(|end| text.is_char_boundary(*end)) {
            assert!(check(&text[..end]).len() < 40);
        }
    }

    #[test]
    fn offsets_count_characters_and_capitals_stay() {
        let text = "“Café” is nice. Many boy came.";
        let edits = check(text);
        assert_eq!(edits.len(), 1, "{edits:?}");
        let edit = &edits[0];
        let chars: Vec<char> = text.chars().collect();
        let there: String = chars[edit.start..edit.end].iter().collect();
        assert_eq!((there.as_str(), edit.replacement.as_str()), ("boy", "boys"));
        assert_eq!(edit.error_type.code, "R:NOUN:NUM");
    }

    #[test]
    fn several_kinds_are_mended_in_one_text() {
        assert_eq!(
            corrected("He enjoy to read books. She are interesting in music."),
            "He enjoys reading books. She is interested in music."
        );
    }
}
