//! What follows the object of a verb, and what begins a command.

use super::scan::Finder;
use crate::rules::lexicon::{Class, Form};
use crate::rules::text::Tag;
use crate::rules::words::one_of;
use crate::rules::words::{BE, MODALS, possessive_determiner};

/// Verbs followed by an object and `to`.
pub(super) const OBJECT_TO: &[&str] = &[
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

const COMPLEMENT: (&str, &str) = (
    "want/ask/tell/allow sb to do sth：宾语后用 to do",
    "the pattern is “want somebody to do something”",
);

const BARE: (&str, &str) =
    ("make/let 后的宾语补足语不带 to", "after “make” and “let” the infinitive has no “to”");

const IMPERATIVE: (&str, &str) =
    ("祈使句用动词原形开头", "an imperative begins with the base form");

/// Checks every word.
pub fn check(finder: &mut Finder<'_>) {
    for at in 0..finder.len() {
        complement(finder, at);
        bare(finder, at);
        imperative(finder, at);
    }
}

/// `want my sister have …`, `asked him go`.
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
    // These verbs take no second object, so that any base form is the verb.
    let single = one_of(
        base,
        "allow encourage advise order invite enable persuade warn force require remind permit",
    ) && one_of(next, "me him us them")
        && finder.is_verb(here, Form::Base)
        && !finder.adjective(here);
    let certain = certain || single;
    let subject_pronoun = matches!(next, "you") && matches!(here, "have" | "do")
        || one_of(base, "tell remind warn teach") && !one_of(next, "me him her us them");
    if certain && !subject_pronoun && finder.word(verb, 0) != "let" {
        finder.insert(verb, "to", "M:VERB:FORM", COMPLEMENT);
        finder.point("nonfinite.infinitive_complement");
    }
}

/// `make the engine to start`, `let me to go`.
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
    // A command has no other verb with a subject of its own.
    let other = range.clone().any(|index| {
        index != at
            && (finder.finite_past(index)
                || finder.finite_present(index)
                || MODALS.contains(&finder.word(index, 0))
                || BE.contains(&finder.word(index, 0)))
    });
    let next = finder.word(at, 1);
    let object =
        finder.determiner(next) || one_of(next, "left right up down out on off back me us it them");
    let whole = range.len() <= 12
        && range.clone().rev().take(2).any(|index| matches!(finder.word(index, 0), "." | "!"));
    let list = range.clone().any(|index| one_of(finder.word(index, 0), ", : ; ?"));
    if finder.is_verb(word, Form::Ing) && object && whole && !other && !list {
        finder.replace(at, base.to_owned(), "R:VERB:FORM", IMPERATIVE);
        finder.point("mood.imperative");
    }
    let takes = finder.determiner(next) || one_of(next, "me us it them you that to for i we");
    let noun = finder.lexicon.can_be(word, Class::Noun)
        && (BE.contains(&finder.word(at, 2)) || one_of(next, "to for that a"));
    if finder.is_verb(word, Form::Third)
        && base != word
        && takes
        && (!noun || matches!(base, "hope" | "wish") && !other)
        && !crate::rules::words::auxiliary(word)
    {
        finder.replace(at, base.to_owned(), "R:VERB:FORM", IMPERATIVE);
        finder.point("mood.imperative");
    }
}

#[cfg(test)]
mod tests {
    use crate::rules::check::tests::corrected;

    #[test]
    fn commands_begin_with_the_base() {
        assert_eq!(corrected("Turning off the light!"), "Turn off the light!");
        assert_eq!(corrected("Please remembers to call me."), "Please remember to call me.");
        for text in [
            "Reading aloud helps us.",
            "Hopes are high.",
            "Looking back, I smile.",
            "Thanks a lot for your help.",
        ] {
            assert_eq!(corrected(text), text);
        }
    }
}
