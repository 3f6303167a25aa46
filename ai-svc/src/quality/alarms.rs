//! Counts the edits proposed in good English: nearly all of them are false alarms.

use super::{Record, key};
use crate::rules::Engine;

/// Edits proposed in texts of one kind.
#[derive(Debug, Default)]
pub struct Alarms {
    pub kind: &'static str,
    pub texts: usize,
    pub sentences: usize,
    pub edits: usize,
}

impl Alarms {
    pub fn new(kind: &'static str) -> Self {
        Self { kind, ..Self::default() }
    }

    /// Checks one text.
    pub fn add(&mut self, engine: &Engine, text: &str) {
        self.texts += 1;
        self.sentences += usize::try_from(engine.profile(text).sentences).unwrap_or_default();
        self.edits += engine.check(text).len();
    }
}

/// The texts with errors, mended as their keys say. Errors that cannot be placed stay in them.
pub fn mended(engine: &Engine, records: &[Record]) -> Alarms {
    let mut alarms = Alarms::new("短文改错, mended by the key");
    for record in records {
        let passage = key::passage(&record.question);
        let (keyed, _) = key::keyed(&passage, &record.answer.text(), &record.analysis);
        alarms.add(engine, &apply(&passage, keyed));
    }
    alarms
}

fn apply(passage: &str, mut keyed: Vec<key::Keyed>) -> String {
    let mut chars: Vec<char> = passage.chars().collect();
    keyed.retain(|error| !error.anywhere);
    keyed.sort_by_key(|error| std::cmp::Reverse(error.start));
    for error in keyed {
        let mut words: Vec<char> =
            error.replacements.first().map_or("", String::as_str).chars().collect();
        let mut end = error.end;
        if words.is_empty() && chars.get(end) == Some(&' ') {
            end += 1;
        } else if error.start == error.end {
            words.push(' ');
        }
        chars.splice(error.start..end, words);
    }
    chars.into_iter().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_mended_by_its_key() {
        let passage = "I have two brother. He like play the music.";
        let (keyed, unplaced) = key::keyed(
            passage,
            "brother改为brothers\nlike改为likes\n在play前加to\n去掉music前的the\n",
            "",
        );
        assert_eq!(unplaced, 0);
        assert_eq!(apply(passage, keyed), "I have two brothers. He likes to play music.");
    }
}
