//! Singular countable nouns without an article.

use super::scan::Finder;
use crate::rules::clauses_nouns::person;
use crate::rules::lexicon::Class;
use crate::rules::morph::takes_an;
use crate::rules::text::Tag;
use crate::rules::words::{PREPOSITIONS, one_of};

const ONE: (&str, &str) = (
    "单数可数名词不能单独使用，第一次提到或泛指用 a/an",
    "a singular countable noun does not stand alone",
);

/// Roles held by one person, which stand without an article after `be` and `as`.
const SOLE: &[&str] = &[
    "captain",
    "chairman",
    "director",
    "head",
    "headmaster",
    "king",
    "leader",
    "manager",
    "mayor",
    "minister",
    "monitor",
    "president",
    "principal",
    "queen",
    "secretary",
];

/// Checks every word.
pub fn check(finder: &mut Finder<'_>) {
    for at in 0..finder.len() {
        predicate(finder, at);
        such(finder, at);
        as_a(finder, at);
        in_place(finder, at);
        time(finder, at);
    }
}

/// `He is student.`
fn predicate(finder: &mut Finder<'_>, at: usize) {
    let verb = finder.word(at, 0);
    let singular_be = one_of(verb, "is was am became becomes it's he's she's i'm");
    let object_verb =
        finder.verb(verb).is_some_and(|word| one_of(word, "have buy write need find want"))
            && finder.tag(at, -1) == Tag::Pronoun;
    if !singular_be && !object_verb {
        return;
    }
    let mut index = at + 1;
    let mut described = false;
    while finder.word(index, 0) == "very"
        || finder.only_adjective(finder.word(index, 0)) && finder.tag(index, 0) == Tag::Adjective
    {
        described = true;
        index += 1;
        if index >= finder.len() || index > at + 3 {
            return;
        }
    }
    let noun = finder.word(index, 0);
    let next = finder.word(index, 1);
    let ends = finder.tag(index, 1) == Tag::Mark && !matches!(next, "'" | "-" | "“" | "\"")
        || matches!(
            next,
            "" | "in"
                | "of"
                | "who"
                | "which"
                | "that"
                | "for"
                | "with"
                | "to"
                | "about"
                | "from"
                | "when"
                | "and"
        );
    let only_noun =
        finder.lexicon.readings(noun).iter().all(|reading| reading.class == Class::Noun);
    let same_sentence = finder.sentence(at).contains(&index);
    let role = one_of(
        noun,
        "home school bed work class chairman captain president monitor king \
queen director manager mum mom dad mother father grandma grandpa \
half part",
    );
    let month =
        finder.text.near(index, 0).is_some_and(|token| token.text.starts_with(char::is_uppercase));
    if same_sentence
        && finder.countable_singular(noun)
        && only_noun
        && ends
        && !role
        && !month
        && (singular_be || described)
        && finder.word(at, -1) != "there"
        && !(next == "and" && singular_be)
    {
        let first = finder.word(at + 1, 0);
        let article = if takes_an(first) { "an" } else { "a" };
        finder.insert(at + 1, article, "M:DET:ART", ONE);
    }
}

/// `such nice day`, `what beautiful flower`.
fn such(finder: &mut Finder<'_>, at: usize) {
    let word = finder.word(at, 0);
    let exclaims = word == "what" && finder.text.opens_clause(at);
    if matches!(finder.word(at, -1), "a" | "an") {
        return;
    }
    if word != "such" && !exclaims && !matches!(word, "quite" | "rather") {
        return;
    }
    let (first, noun) = (finder.word(at, 1), finder.word(at, 2));
    if finder.only_adjective(first)
        && finder.countable_singular(noun)
        && !finder.lexicon.can_be(noun, Class::Verb)
        && finder.tag(at, 3) != Tag::Noun
    {
        let article = if takes_an(first) { "an" } else { "a" };
        finder.insert(at + 1, article, "M:DET:ART", ONE);
    }
}

/// `as student,`, `works as nurse`: a role that many people have.
fn as_a(finder: &mut Finder<'_>, at: usize) {
    let noun = finder.word(at, 1);
    let acts = finder
        .verb(finder.word(at, -1))
        .is_some_and(|verb| one_of(verb, "work serve act train dress live regard treat know see"));
    let opens = finder.text.opens_clause(at);
    let ends = finder.tag(at, 2) == Tag::Mark
        || PREPOSITIONS.contains(&finder.word(at, 2))
        || matches!(finder.word(at, 2), "" | "and" | "when" | "who");
    if finder.word(at, 0) == "as"
        && (acts || opens && finder.word(at, 2) == ",")
        && ends
        && finder.countable_singular(noun)
        && person(finder.lexicon, noun)
        && !SOLE.contains(&noun)
    {
        let article = if takes_an(noun) { "an" } else { "a" };
        finder.insert(at + 1, article, "M:DET:ART", ONE);
    }
}

/// `in picture`, `on table`: a counted noun alone after a preposition of place.
fn in_place(finder: &mut Finder<'_>, at: usize) {
    const KNOWN: &[&str] = &[
        "picture",
        "photo",
        "table",
        "desk",
        "wall",
        "floor",
        "street",
        "park",
        "garden",
        "room",
        "kitchen",
        "library",
        "classroom",
        "playground",
        "village",
        "city",
        "country",
        "river",
        "lake",
        "hill",
        "station",
        "office",
        "restaurant",
        "museum",
        "shop",
        "supermarket",
        "cinema",
        "factory",
        "zoo",
        "farm",
        "bookshop",
        "yard",
        "forest",
        "corner",
        "ground",
        "beach",
        "middle",
        "window",
        "door",
        "box",
        "car",
    ];
    let (word, before) = (finder.word(at, 0), finder.word(at, -1));
    let place = one_of(before, "in on at into under outside behind around near");
    let next = finder.word(at, 1);
    let ends = finder.tag(at, 1) == Tag::Mark && next != "-"
        || matches!(
            next,
            "" | "is"
                | "are"
                | "was"
                | "were"
                | "and"
                | "with"
                | "when"
                | "because"
                | "to"
                | "for"
                | "after"
        );
    if place && KNOWN.contains(&word) && ends {
        finder.insert(
            at,
            "the",
            "M:DET:ART",
            (
                "单数可数名词前要有限定词，这里特指",
                "a singular countable noun needs a determiner; this one is known",
            ),
        );
    }
}

/// `have good time`, `have rest`, `in hurry`.
fn time(finder: &mut Finder<'_>, at: usize) {
    const HAVE: &[&str] = &[
        "rest", "headache", "cold", "fever", "walk", "chat", "look", "talk", "try", "dream",
        "picnic", "meeting", "party", "bath", "shower", "seat", "break",
    ];
    let (word, next) = (finder.word(at, 0), finder.word(at, 1));
    let takes = matches!(finder.verb(word), Some("have" | "take"));
    if !takes {
        if word == "in" && next == "hurry" {
            finder.insert(at + 1, "a", "M:DET:ART", ONE);
        }
        return;
    }
    let ends = finder.tag(at, 2) == Tag::Mark
        || matches!(finder.word(at, 2), "" | "and" | "with" | "in" | "at" | "after" | "for" | "on");
    let rest = HAVE.contains(&next) && ends && finder.tag(at, 1) == Tag::Noun;
    let good_time = one_of(next, "good great wonderful nice hard pleasant");
    if rest || good_time && finder.word(at, 2) == "time" {
        finder.insert(at + 1, "a", "M:DET:ART", ONE);
    }
}
