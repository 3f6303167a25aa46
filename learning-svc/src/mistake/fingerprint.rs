//! When two mistakes are the same one.

use sha2::{Digest as _, Sha256};

/// Returns a text without what does not tell questions apart: width and case of letters, kinds of
/// quotes, and the amount of space.
#[must_use]
pub fn normalised(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut gap = false;
    for character in text.chars().map(plain).flat_map(char::to_lowercase) {
        if character.is_whitespace() {
            gap = !out.is_empty();
            continue;
        }
        if gap {
            out.push(' ');
            gap = false;
        }
        out.push(character);
    }
    out
}

/// Returns the everyday form of a character: full-width forms and typographic quotes have one.
pub(crate) fn plain(character: char) -> char {
    match character {
        '\u{ff01}'..='\u{ff5e}' => {
            char::from_u32(u32::from(character) - 0xfee0).unwrap_or(character)
        }
        '\u{2018}' | '\u{2019}' | '\u{02bc}' | '\u{00b4}' | '`' => '\'',
        '\u{201c}' | '\u{201d}' => '"',
        '\u{2013}' | '\u{2014}' | '\u{2212}' => '-',
        '\u{3002}' => '.',
        '\u{3001}' => ',',
        '\u{200b}'..='\u{200d}' | '\u{feff}' | '\u{3000}' => ' ',
        other => other,
    }
}

/// Returns what tells one mistake of a student from another: SHA-256 of question and right answer.
#[must_use]
pub fn fingerprint(question: &str, correct_answer: &str) -> [u8; 32] {
    let mut hash = Sha256::new();
    let question = normalised(question);
    hash.update(u64::try_from(question.len()).unwrap_or(u64::MAX).to_be_bytes());
    hash.update(question.as_bytes());
    hash.update(normalised(correct_answer).as_bytes());
    hash.finalize().into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn space_case_and_width_do_not_make_another_mistake() {
        let one = fingerprint("He ___ to school.", "goes");
        assert_eq!(fingerprint("  he ___  to\nschool．", "Goes "), one);
        assert_eq!(fingerprint("It’s ＯＫ", "“a”"), fingerprint("it's ok", "\"A\""));
    }

    #[test]
    fn another_question_or_answer_does() {
        let one = fingerprint("He ___ to school.", "goes");
        assert_ne!(fingerprint("She ___ to school.", "goes"), one);
        assert_ne!(fingerprint("He ___ to school.", "went"), one);
        assert_ne!(fingerprint("ab", "c"), fingerprint("a", "bc"));
    }
}
