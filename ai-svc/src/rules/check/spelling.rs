//! Words that are not English.

use harper_core::spell::Dictionary;

use super::scan::Finder;
use crate::rules::text::Tag;

const SPELLING: (&str, &str) = ("单词拼写有误", "the word is misspelt");

const IRREGULAR: (&str, &str) =
    ("不规则动词，过去式不加 -ed", "the verb is irregular and takes no “-ed”");
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
        if let Some(past) = irregular_past(finder, &token.lower) {
            finder.replace(at, past, "R:VERB:INFL", IRREGULAR);
            continue;
        }
        if let Some(word) = nearest(finder, &token.lower) {
            finder.replace(at, word, "R:SPELL", SPELLING);
        }
    }
}

/// The past of an irregular verb that was made like a regular one, as in `catched`.
fn irregular_past(finder: &Finder<'_>, word: &str) -> Option<String> {
    let bases = ["ed", "d"].iter().filter_map(|end| word.strip_suffix(end));
    bases
        .filter(|base| finder.verb(base) == Some(base))
        .map(|base| finder.lexicon.past(base))
        .next()
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
    fn misspelt_words_are_mended_and_names_are_not() {
        assert_eq!(corrected("It was a wonderfull day."), "It was a wonderful day.");
        assert_eq!(corrected("We met Xiaoming there."), "We met Xiaoming there.");
    }
}
