//! Comparison: its signs, its articles and what is compared.
//!
//! Swan, *Practical English Usage* (4th edition), section “comparison”.

use super::Found;
use super::scan::Finder;
use crate::rules::lexicon::{Class, Form};
use crate::rules::morph;
use crate::rules::text::Tag;
use crate::rules::words::{BE, one_of};

const AS_AS: (&str, &str) = ("as … as 中间用原级", "“as … as” goes with the plain form");
const OF_TWO: (&str, &str) = ("两者比较用比较级", "of two the comparative is used");
const OF_ALL: (&str, &str) = ("三者以上比较用最高级", "of three or more the superlative is used");
const CHOICE: (&str, &str) =
    ("在给出的对象中比较用比较级", "a choice of two asks with the comparative");
const THE_MORE: (&str, &str) =
    ("“越……越……”两个比较级前都要加 the", "“the more … the more” has “the” twice");
const THAT_OF: (&str, &str) = (
    "比较同类事物，用 that/those 代替前面的名词",
    "“that” or “those” stands for the noun compared",
);
const ADVERB: (&str, &str) = ("修饰动词要用副词的比较级", "a verb is compared with an adverb");
const SUCH: (&str, &str) = ("such 放在 a/an 前面", "“such” stands before “a”");

/// Checks every word.
pub fn check(finder: &mut Finder<'_>) {
    for at in 0..finder.len() {
        as_as(finder, at);
        of_two(finder, at);
        choice(finder, at);
        of_all(finder, at);
        the_more(finder, at);
        that_of(finder, at);
        adverb(finder, at);
        such_a(finder, at);
    }
}

/// Plain form of a comparative or superlative.
fn plain<'a>(finder: &Finder<'a>, word: &str, form: Form) -> Option<&'a str> {
    let lexicon = finder.lexicon;
    lexicon
        .readings(word)
        .iter()
        .find(|reading| reading.class == Class::Adjective && reading.form == form)
        .map(|reading| reading.base.as_str())
}

/// `as bigger as`, `as tallest as`.
fn as_as(finder: &mut Finder<'_>, at: usize) {
    let word = finder.word(at, 0);
    if finder.word(at, -1) == "as" && finder.word(at, 1) == "as" {
        let base = plain(finder, word, Form::Comparative)
            .or_else(|| plain(finder, word, Form::Superlative));
        if let Some(base) = base {
            finder.replace(at, base.to_owned(), "R:ADJ:FORM", AS_AS);
            finder.point("adjective.comparative");
        }
    }
}

/// `the tallest of the two`
fn of_two(finder: &mut Finder<'_>, at: usize) {
    let word = finder.word(at, 0);
    let Some(base) = plain(finder, word, Form::Superlative) else { return };
    let of = (1..=2).find(|step| finder.word(at, *step) == "of");
    let two = of.is_some_and(|step| {
        matches!(
            (finder.word(at, step + 1), finder.word(at, step + 2)),
            ("the" | "my" | "his" | "her" | "our" | "their", "two") | ("two", _)
        )
    });
    if two
        && finder.word(at, -1) == "the"
        && let Some((comparative, _)) = morph::degrees(base)
    {
        finder.replace(at, comparative, "R:ADJ:FORM", OF_TWO);
        finder.point("adjective.comparative");
    }
}

/// `Which is large, the sun or the earth?`
fn choice(finder: &mut Finder<'_>, at: usize) {
    let range = finder.sentence(at);
    let word = finder.word(at, 0);
    let opens = one_of(finder.word(range.start, 0), "which who")
        && BE.contains(&finder.word(at, -1))
        && at <= range.start + 3
        && finder.word(at, 1) == ",";
    let or = range.clone().any(|index| finder.word(index, 0) == "or");
    if opens
        && or
        && finder.adjective(word)
        && let Some((comparative, _)) = morph::degrees(word)
    {
        finder.replace(at, comparative, "R:ADJ:FORM", CHOICE);
        finder.point("adjective.comparative");
    }
}

/// `the loud of all`, `the young of the three`
fn of_all(finder: &mut Finder<'_>, at: usize) {
    let word = finder.word(at, 0);
    let among = finder.word(at, 1) == "of"
        && (finder.word(at, 2) == "all"
            || finder.word(at, 2) == "the" && one_of(finder.word(at, 3), "three four five six"));
    if among
        && finder.word(at, -1) == "the"
        && finder.adjective(word)
        && let Some((_, superlative)) = morph::degrees(word)
    {
        finder.replace(at, superlative, "R:ADJ:FORM", OF_ALL);
        finder.point("adjective.superlative");
    }
}

/// `The more you read, more you learn.`
fn the_more(finder: &mut Finder<'_>, at: usize) {
    let range = finder.sentence(at);
    let degree = |index: usize| {
        one_of(finder.word(index, 0), "more less")
            || plain(finder, finder.word(index, 0), Form::Comparative).is_some()
    };
    if finder.word(at, -1) == ","
        && degree(at)
        && finder.word(range.start, 0) == "the"
        && degree(range.start + 1)
        && !(range.start + 1..at - 1).any(|index| finder.word(index, 0) == ",")
    {
        finder.insert(at, "the", "M:DET:ART", THE_MORE);
        finder.point("adjective.comparative");
    }
}

/// `milder than it of Beijing`
fn that_of(finder: &mut Finder<'_>, at: usize) {
    let word = finder.word(at, 0);
    if finder.word(at, -1) == "than" && one_of(finder.word(at, 1), "of in") {
        let with = match word {
            "it" | "this" => "that",
            "them" | "they" | "these" => "those",
            _ => return,
        };
        finder.replace(at, with, "R:PRON", THAT_OF);
        finder.point("pronoun.demonstrative");
    }
}

/// `did his homework more careful than before`
fn adverb(finder: &mut Finder<'_>, at: usize) {
    let word = finder.word(at, 0);
    let before = finder.word(at, -2);
    let object = finder.tag(at, -2) == Tag::Noun || one_of(before, "it them him me us");
    let start = finder.text.clause_start(at);
    let acts = (start..at).any(|index| {
        finder
            .verb(finder.word(index, 0))
            .is_some_and(|verb| one_of(verb, "do play treat speak write read finish clean drive"))
    });
    let linked = (start..at).any(|index| BE.contains(&finder.word(index, 0)));
    if finder.word(at, -1) == "more"
        && finder.word(at, 1) == "than"
        && finder.only_adjective(word)
        && object
        && acts
        && !linked
        && let Some(adverb) = finder.lexicon.adverb_of(word)
    {
        finder.replace(at, adverb, "R:MORPH:ADV", ADVERB);
    }
}

/// `a such good time`
fn such_a(finder: &mut Finder<'_>, at: usize) {
    let next = finder.word(at, 2);
    if matches!(finder.word(at, 0), "a" | "an")
        && finder.word(at, 1) == "such"
        && !matches!(next, "a" | "an")
    {
        let article = if morph::takes_an(next) { "an" } else { "a" };
        finder.found.push(Found {
            at,
            count: 2,
            replacement: format!("such {article}"),
            code: "R:WO",
            point: Some("article.indefinite"),
            reason: SUCH,
        });
    }
}

#[cfg(test)]
mod tests {
    use crate::rules::check::tests::corrected;

    #[test]
    fn comparisons_are_whole() {
        for (wrong, right) in [
            ("His bag is as heavier as mine.", "His bag is as heavy as mine."),
            ("She is the youngest of the two girls.", "She is the younger of the two girls."),
            ("Which is long, this road or that one?", "Which is longer, this road or that one?"),
            ("The more you try, better you get.", "The more you try, the better you get."),
            (
                "Our rooms are bigger than them of the hotel.",
                "Our rooms are bigger than those of the hotel.",
            ),
            ("It was a such nice day.", "It was such a nice day."),
        ] {
            assert_eq!(corrected(wrong), right);
        }
        let text = "She is the youngest of the three, and as clever as any of them.";
        assert_eq!(corrected(text), text);
    }
}
