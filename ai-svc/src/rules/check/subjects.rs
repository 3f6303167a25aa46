//! Agreement where the subject is more than the noun before its verb.
//!
//! Concord by head noun, by proximity and of clauses: Quirk et al., *A Comprehensive Grammar of the English
//! Language* (1985), §10.34–10.41.

use super::agreement::{fitting, report};
use super::scan::Finder;
use crate::rules::lexicon::{Class, Form};
use crate::rules::text::Tag;
use crate::rules::words::{BE, PREPOSITIONS, one_of, subject};

/// Heads that count what follows `of`, so that the verb may agree with either.
const QUANTITIES: &str = "lot lots number majority minority rest half most some all percent percentage \
                          kind kinds sort type variety range group couple pair part plenty any none \
                          dozen series amount one each team set collection bit third quarter";

/// Checks every word that may open a clause.
pub fn check(finder: &mut Finder<'_>) {
    for at in 0..finder.len() {
        if finder.text.tokens[at].quoted {
            continue;
        }
        number_of(finder, at);
        postmodified(finder, at);
        accompanied(finder, at);
        nearest(finder, at);
        gerund(finder, at);
        clause(finder, at);
    }
}

fn plural_noun(finder: &Finder<'_>, at: usize) -> bool {
    let word = finder.word(at, 0);
    finder.plural(word) && finder.noun(word) != Some(word)
        || one_of(word, "people children men women")
}

/// Helpers and `be`, whose number shows.
fn shows_plural(word: &str) -> bool {
    one_of(word, "are were have do don't aren't weren't haven't")
}

fn shows_singular(word: &str) -> bool {
    one_of(word, "is was has does doesn't isn't wasn't hasn't")
}

fn agree(finder: &mut Finder<'_>, verb: usize, third: bool) {
    if let Some(with) = fitting(finder, verb, third, false) {
        report(finder, verb, with, third);
    }
}

/// End of the noun phrase after a preposition at `at`, if a simple one stands there.
fn phrase_end(finder: &Finder<'_>, at: usize) -> Option<usize> {
    let head = finder.head(at + 1)?;
    (head < at + 6 && finder.sentence(at).contains(&(head + 1))).then_some(head)
}

/// `The number of visitors have grown`, `A number of visitors has come`.
fn number_of(finder: &mut Finder<'_>, at: usize) {
    if finder.word(at, 0) != "number" || finder.word(at, 1) != "of" {
        return;
    }
    let Some(head) = phrase_end(finder, at + 1) else { return };
    let here = finder.word(head, 1);
    match finder.word(at, -1) {
        "the" if shows_plural(here) && plural_noun(finder, head) => agree(finder, head + 1, true),
        "a" if shows_singular(here) && plural_noun(finder, head) => {
            agree(finder, head + 1, false);
        }
        _ => {}
    }
}

/// `The news of his success were`, `The boys in my class is`.
fn postmodified(finder: &mut Finder<'_>, at: usize) {
    let opens = finder.sentence(at).start == at
        || finder.text.opens_clause(at) && finder.word(at, -1) != "and";
    let starter = finder.word(at, 0);
    if !opens || !finder.determiner(starter) || one_of(starter, "what which whose both all some") {
        return;
    }
    let Some(head) = finder.head(at) else { return };
    let preposition = head + 1;
    if head > at + 3
        || one_of(finder.word(head, 0), QUANTITIES)
        || !one_of(finder.word(head, 1), "of in on at with from about for between")
    {
        return;
    }
    let Some(end) = phrase_end(finder, preposition) else { return };
    let here = finder.word(end, 1);
    let joined = (at..=end).any(|index| one_of(finder.word(index, 0), "and or ,"));
    let singular = finder.lexicon.is(finder.word(head, 0), Class::Noun, Form::Base)
        && !finder.plural(finder.word(head, 0))
        && !one_of(finder.word(head, 0), "family police people audience staff crowd public");
    if joined {
        return;
    }
    if singular && shows_plural(here) {
        agree(finder, end + 1, true);
    } else if plural_noun(finder, head) && shows_singular(here) && !plural_noun(finder, end) {
        agree(finder, end + 1, false);
    }
}

/// `Tom, as well as his friends, are`: what is added after a comma does not count.
fn accompanied(finder: &mut Finder<'_>, at: usize) {
    let added = match finder.word(at, 0) {
        "as" => finder.word(at, 1) == "well" && finder.word(at, 2) == "as",
        "together" | "along" => finder.word(at, 1) == "with",
        "rather" => finder.word(at, 1) == "than",
        "including" | "like" => true,
        _ => false,
    };
    if !added || finder.word(at, -1) != "," || at < 2 {
        return;
    }
    let head = at - 2;
    let end = finder.sentence(at).end;
    let Some(comma) = (at + 1..end.min(at + 8)).find(|index| finder.word(*index, 0) == ",") else {
        return;
    };
    let start = finder.sentence(at).start;
    let joined = (start..head).any(|index| finder.word(index, 0) == "and");
    let singular =
        finder.tag(head, 0) == Tag::Name || finder.countable_singular(finder.word(head, 0));
    let here = finder.word(comma, 1);
    if singular && !joined && shows_plural(here) && head < start + 4 {
        agree(finder, comma + 1, true);
    } else if plural_noun(finder, head) && shows_singular(here) && head < start + 4 {
        agree(finder, comma + 1, false);
    }
}

/// `Either you or he are`, `Neither my friends nor my sister have`.
fn nearest(finder: &mut Finder<'_>, at: usize) {
    if !matches!(finder.word(at, 0), "or" | "nor") {
        return;
    }
    let start = finder.sentence(at).start;
    let paired = (start..at).any(|index| {
        one_of(finder.word(index, 0), "either neither")
            || finder.word(index, 0) == "not" && finder.word(index, 1) == "only"
    });
    let next = finder.word(at, 1);
    let verb = if matches!(next, "he" | "she" | "it") {
        at + 2
    } else if finder.determiner(next) {
        let Some(head) = finder.head(at + 1) else { return };
        if !finder.countable_singular(finder.word(head, 0)) {
            return;
        }
        head + 1
    } else {
        return;
    };
    if paired && finder.sentence(at).contains(&verb) && shows_plural(finder.word(verb, 0)) {
        agree(finder, verb, true);
    }
}

/// `Learning languages open a door`, `Playing chess with him are fun`.
fn gerund(finder: &mut Finder<'_>, at: usize) {
    let word = finder.word(at, 0);
    if finder.sentence(at).start != at
        || !finder.is_verb(word, Form::Ing)
        || one_of(word, "during according including following considering regarding")
    {
        return;
    }
    let Some(mut end) = finder.head(at + 1) else { return };
    if PREPOSITIONS.contains(&finder.word(end, 1))
        && let Some(further) = phrase_end(finder, end + 1)
    {
        end = further;
    }
    let verb = end + 1;
    if end > at + 8 || !finder.sentence(at).contains(&verb) {
        return;
    }
    let here = finder.word(verb, 0);
    let joined = (at..verb).any(|index| one_of(finder.word(index, 0), "and or ,"));
    let object = finder.determiner(finder.word(verb, 1))
        || one_of(finder.word(verb, 1), "me him her us them it you");
    let base = finder.is_verb(here, Form::Base)
        && !finder.is_verb(here, Form::Past)
        && matches!(finder.tag(verb, 0), Tag::Verb | Tag::Adjective)
        && object;
    let inverted = subject(finder.word(verb, 1)) || finder.word(verb, 1) == "you";
    if !joined && !inverted && (matches!(here, "are" | "were" | "have" | "don't") || base) {
        agree(finder, verb, true);
    }
}

/// `What he said make me think`, `Whether he comes are unknown`: a clause is singular.
fn clause(finder: &mut Finder<'_>, at: usize) {
    if finder.sentence(at).start != at || !one_of(finder.word(at, 0), "what whether how why") {
        return;
    }
    let asks = finder.sentence(at).any(|index| one_of(finder.word(index, 0), "? !"));
    if asks || !(subject(finder.word(at, 1)) || finder.word(at, 1) == "you") {
        return;
    }
    let first = at + 2;
    let verb = first + 1;
    if finder.verb(finder.word(first, 0)).is_none() || !finder.sentence(at).contains(&(verb + 1)) {
        return;
    }
    let here = finder.word(verb, 0);
    let base = finder.is_verb(here, Form::Base)
        && !finder.is_verb(here, Form::Past)
        && finder.text.only_verb(verb, 0)
        && one_of(finder.word(verb, 1), "me him her us them it you everyone people the my his");
    let helper = finder.word(first, 0);
    let auxiliary = crate::rules::words::auxiliary(helper) && !BE.contains(&here);
    if (base || matches!(here, "are" | "have") && finder.verb(finder.word(verb, 1)).is_some())
        && !auxiliary
    {
        agree(finder, verb, true);
    }
}

#[cfg(test)]
mod tests {
    use crate::rules::check::tests::corrected;

    #[test]
    fn the_head_of_the_subject_decides() {
        for (wrong, right) in [
            ("The number of cars have risen fast.", "The number of cars has risen fast."),
            ("The news of the fires were sad.", "The news of the fires was sad."),
            ("The girls in our school is proud.", "The girls in our school are proud."),
            (
                "My father, as well as my uncles, are a farmer.",
                "My father, as well as my uncles, is a farmer.",
            ),
            ("Either you or he are wrong.", "Either you or he is wrong."),
            ("Reading good books open our minds.", "Reading good books opens our minds."),
            ("What she says make us proud.", "What she says makes us proud."),
        ] {
            assert_eq!(corrected(wrong), right);
        }
    }

    #[test]
    fn quantities_and_pairs_are_left_alone() {
        for text in [
            "A number of students have come.",
            "The rest of the books are here.",
            "Neither he nor they are right.",
            "Swimming and running are fun.",
            "What are you doing?",
            "The boy and the girl in the room are twins.",
        ] {
            assert_eq!(corrected(text), text);
        }
    }
}
