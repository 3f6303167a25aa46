//! What follows the object of a verb, and what begins a command.

use super::scan::Finder;
use crate::rules::lexicon::{Class, Form};
use crate::rules::text::Tag;
use crate::rules::words::one_of;
use crate::rules::words::{MODALS, possessive_determiner};

const COMPLEMENT: (&str, &str) = (
    "want/ask/tell/allow sb to do sth：宾语后用 to do",
    "the pattern is “want somebody to do something”",
);

const BARE: (&str, &str) =
    ("make/let 后的宾语补足语不带 to", "after “make” and “let” the infinitive has no “to”");

const IMPERATIVE: (&str, &str) =
    ("祈使句用动词原形开头", "an imperative begins with the base form");

/// Verbs followed by an object and `to`.
const OBJECT_TO: &[&str] = &[
    "want",
    "ask",
    "tell",
    "allow",
    "encourage",
    "advise",
    "order",
    "invite",
    "teach",
    "expect",
    "enable",
    "persuade",
    "warn",
    "force",
    "require",
    "remind",
    "permit",
    "wish",
    "get",
];

/// Checks every word.
pub fn check(finder: &mut Finder<'_>) {
    for at in 0..finder.len() {
        complement(finder, at);
        bare(finder, at);
        imperative(finder, at);
    }
}

/// `want my cafe have …`, `asked him go`.
fn complement(finder: &mut Finder<'_>, at: usize) {
    let Some(base) = finder.verb(finder.word(at, 0)) else { return };
    if !OBJECT_TO.contains(&base)
        || finder.tag(at, 0) == Tag::Noun
        || one_of(base, "get wish expect require order") && finder.tag(at, 1) != Tag::Pronoun
    {
        return;
    }
    let next = finder.word(at, 1);
    let verb = if one_of(next, "me him her us them you") {
        at + 2
    } else if finder.determiner(next) && !one_of(next, "that what which some all no any each") {
        let Some(head) = finder.head(at + 1) else { return };
        if head > at + 4 {
            return;
        }
        head + 1
    } else {
        return;
    };
    if verb >= finder.sentence(at).end {
        return;
    }
    let here = finder.word(verb, 0);
    let certain = (finder.is_verb(here, Form::Base)
        && finder.text.only_verb(verb, 0)
        && !MODALS.contains(&here)
        && !matches!(here, "do"))
        || matches!(here, "have" | "be")
        || one_of(next, "me him us them")
            && finder.is_verb(here, Form::Base)
            && finder.tag(verb, 0) == Tag::Verb
            && (one_of(finder.word(verb, 1), "me him her us them it")
                || finder.determiner(finder.word(verb, 1)));
    let subject_pronoun = matches!(next, "you") && matches!(here, "have" | "do")
        || one_of(base, "tell remind warn teach") && !one_of(next, "me him her us them");
    if certain && !subject_pronoun && finder.word(verb, 0) != "let" {
        finder.insert(verb, "to", "M:VERB:FORM", COMPLEMENT);
        finder.point("nonfinite.infinitive_complement");
    }
}

/// `make my toys to last`, `let me to go`.
fn bare(finder: &mut Finder<'_>, at: usize) {
    let base = finder.verb(finder.word(at, 0));
    if !matches!(base, Some("make" | "let"))
        || matches!(finder.word(at, 0), "made" | "let") && super::linking(finder.word(at, -1))
    {
        return;
    }
    let next = finder.word(at, 1);
    let to = if one_of(next, "me him her us them you") {
        at + 2
    } else if possessive_determiner(next) || one_of(next, "the people children students") {
        let Some(head) = finder.head(at + 1) else { return };
        let noun = finder.word(head, 0);
        if head > at + 3
            || one_of(
                noun,
                "decision plan plans effort efforts attempt promise choice \
arrangements way mind offer excuse call money appointment living \
trip journey change changes time best move mistake contribution",
            )
        {
            return;
        }
        head + 1
    } else {
        return;
    };
    if finder.word(to, 0) == "to"
        && to + 1 < finder.len()
        && finder.is_verb(finder.word(to, 1), Form::Base)
        && finder.tag(to, 1) != Tag::Noun
    {
        finder.delete(to, "U:VERB:FORM", BARE);
        finder.point("nonfinite.bare_infinitive");
    }
    if one_of(next, "me him us them you") && base == Some("let") {
        let here = finder.word(at, 2);
        if let Some(verb) = finder.verb(here)
            && verb != here
            && finder.text.only_verb(at, 2)
            && !finder.is_verb(here, Form::Base)
            && !finder.is_verb(here, Form::Participle)
        {
            finder.replace(at + 2, verb.to_owned(), "R:VERB:FORM", BARE);
        }
    }
}

/// `Turning left!`, `And hopes this can help!`
fn imperative(finder: &mut Finder<'_>, at: usize) {
    let range = finder.sentence(at);
    let begins = at == range.start
        || at == range.start + 1
            && (matches!(finder.word(at, -1), "and" | "please" | "“" | "\"" | "just")
                || finder.tag(at, -1) == Tag::Mark);
    if !begins {
        return;
    }
    let word = finder.word(at, 0);
    let Some(base) = finder.verb(word) else { return };
    let shouted = range.clone().any(|index| finder.word(index, 0) == "!");
    if finder.is_verb(word, Form::Ing)
        && shouted
        && range.len() <= 6
        && one_of(finder.word(at, 1), "left right up down out on off back the your")
        && finder.word(at, 1) != word
    {
        finder.replace(at, base.to_owned(), "R:VERB:FORM", IMPERATIVE);
        finder.point("mood.imperative");
    }
    if finder.is_verb(word, Form::Third)
        && one_of(base, "hope wish thank look remember let try write come expect")
        && base != word
        && !finder.lexicon.can_be(finder.word(at, 1), Class::Verb)
    {
        finder.replace(at, base.to_owned(), "R:VERB:FORM", IMPERATIVE);
        finder.point("mood.imperative");
    }
}
