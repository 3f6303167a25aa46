//! Words that are not English.

use harper_core::spell::Dictionary;

use super::scan::Finder;
use crate::rules::{morph, text::Tag};

const SPELLING: (&str, &str) = ("单词拼写有误", "the word is misspelt");

const IRREGULAR: (&str, &str) =
    ("不规则动词，过去式不加 -ed", "the verb is irregular and takes no “-ed”");
const Y_TO_I: (&str, &str) = (
    "以“辅音字母 + y”结尾的动词，变 y 为 i 再加 -ed",
    "after a consonant, “y” becomes “i” before “-ed”",
);
const DOUBLED: (&str, &str) = (
    "以重读闭音节结尾的动词，双写末尾辅音字母再加 -ed",
    "a single consonant after a short stressed vowel is doubled before “-ed”",
);
/// Shortest word that is looked up, in letters.
const SHORTEST: usize = 4;

/// Proposes the one word that is closest to a word nobody knows.
pub fn check(finder: &mut Finder<'_>) {
    for at in 0..finder.len() {
        let token = &finder.text.tokens[at];
        let plain = token.text.chars().all(|letter| letter.is_ascii_lowercase());
        if token.tag == Tag::Mark
            || !plain
            || token.text.len() < SHORTEST
            || finder.lexicon.knows(&token.lower)
            || token.lower.strip_suffix('s').is_some_and(|noun| finder.uncountable(noun))
            || (0..finder.len())
                .any(|other| other != at && finder.text.tokens[other].lower == token.lower)
        {
            continue;
        }
        let rest =
            ["un", "re", "non", "over"].iter().find_map(|start| token.lower.strip_prefix(start));
        if rest.is_some_and(|rest| finder.lexicon.knows(rest)) {
            continue;
        }
        if let Some((past, reason)) = past(finder, &token.lower) {
            finder.replace(at, past, "R:VERB:INFL", reason);
            continue;
        }
        if let Some(word) = nearest(finder, &token.lower) {
            finder.replace(at, word, "R:SPELL", SPELLING);
        }
    }
}

/// The past that was formed wrongly, as in `catched` and `stoped`, and why it is another.
fn past(finder: &Finder<'_>, word: &str) -> Option<(String, (&'static str, &'static str))> {
    let bases = ["ed", "d"].iter().filter_map(|end| word.strip_suffix(end));
    let base = bases.into_iter().find(|base| finder.verb(base) == Some(*base))?;
    let past = finder.lexicon.past(base);
    let reason = if past != morph::regular_past(base) {
        IRREGULAR
    } else if base.ends_with('y') {
        Y_TO_I
    } else if past.len() == base.len() + 3 {
        DOUBLED
    } else {
        SPELLING
    };
    Some((past, reason))
}

fn nearest(finder: &Finder<'_>, word: &str) -> Option<String> {
    let most = if word.len() > 6 { 2 } else { 1 };
    let found = finder.lexicon.dictionary().fuzzy_match_str(word, most, 24);
    let mut candidates: Vec<(usize, usize, String)> = found
        .iter()
        .map(|result| {
            let text: String = result.word.iter().collect();
            let rank = finder.lexicon.level(&text.to_lowercase()).unwrap_or(9);
            let first = usize::from(text.chars().next() != word.chars().next());
            (usize::from(result.edit_distance) + first, rank, text)
        })
        .filter(|(_, rank, text)| {
            *rank < 9 && text.chars().all(|letter| letter.is_ascii_lowercase())
        })
        .collect();
    candidates.sort();
    candidates.into_iter().next().map(|(_, _, text)| text)
}

#[cfg(test)]
mod tests {
    use crate::rules::check::tests::corrected;

    #[test]
    fn irregular_verbs_take_no_ending() {
        assert_eq!(corrected("She catched the ball."), "She caught the ball.");
    }

    #[test]
    fn regular_verbs_are_not_called_irregular() {
        for (text, right, why) in [
            ("He stoped there.", "He stopped there.", "doubled"),
            ("She studyed hard.", "She studied hard.", "becomes “i”"),
            ("He catched it.", "He caught it.", "irregular"),
        ] {
            let edits = crate::rules::check::check(text);
            assert_eq!(crate::rules::check::apply(text, &edits), right);
            assert!(edits[0].explanation_en.contains(why), "{}", edits[0].explanation_en);
        }
    }

    #[test]
    fn misspelt_words_are_mended_and_names_are_not() {
        assert_eq!(corrected("It was a wonderfull day."), "It was a wonderful day.");
        assert_eq!(corrected("We met Xiaoming there."), "We met Xiaoming there.");
    }
}
