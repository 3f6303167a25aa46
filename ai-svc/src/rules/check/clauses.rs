//! Words that begin relative and nominal clauses.

use super::scan::Finder;
use crate::rules::clauses_nouns::{PLACES, TIMES, person};
use crate::rules::lexicon::{Class, Form};
use crate::rules::text::Tag;
use crate::rules::words::one_of;
use crate::rules::words::{BE, MODALS, PREPOSITIONS};

const RELATIVE: (&str, &str) = (
    "定语从句用 which、that 或 who 引导，不用 what",
    "a relative clause begins with “which”, “that” or “who”",
);
const COMMA: (&str, &str) =
    ("逗号后的非限制性定语从句用 which", "after a comma the relative word is “which”");
const PERSON: (&str, &str) = ("先行词是人，关系代词用 who", "a person takes “who”");
const THING: (&str, &str) =
    ("先行词是物，关系代词用 which/that", "a thing takes “which” or “that”");
const WHEN: (&str, &str) =
    ("先行词或句意表示时间，用 when", "the clause is about time, so it takes “when”");

/// Checks every word that may begin a clause.
pub fn check(finder: &mut Finder<'_>) {
    for at in 1..finder.len() {
        what(finder, at);
        comma_that(finder, at);
        who_which(finder, at);
        where_when(finder, at);
        they(finder, at);
    }
}

fn noun_before(finder: &Finder<'_>, at: usize) -> bool {
    let word = finder.word(at, -1);
    finder.lexicon.can_be(word, Class::Noun) && matches!(finder.tag(at, -1), Tag::Noun | Tag::Name)
}

/// Says whether a finite verb stands at a place.
pub fn finite(finder: &Finder<'_>, at: usize) -> bool {
    let word = finder.word(at, 0);
    MODALS.contains(&word)
        || BE.contains(&word)
        || one_of(word, "has have had did does")
        || finder.is_verb(word, Form::Third) && word != finder.verb(word).unwrap_or(word)
        || finder.is_verb(word, Form::Past) && matches!(finder.tag(at, 0), Tag::Verb)
}

/// `the environment what is …`, `the letter, what made …`, `everything what`.
fn what(finder: &mut Finder<'_>, at: usize) {
    if finder.word(at, 0) != "what" {
        return;
    }
    let before = finder.word(at, -1);
    let next_finite =
        finite(finder, at + 1) || finder.word(at, 1).ends_with("ly") && finite(finder, at + 2);
    if before == ","
        && next_finite
        && !finder.text.tokens[at].quoted
        && !finder.word(at, -2).is_empty()
        && !(finder.word(at, 1) == "is" && finder.word(at, 2) == "more")
        && at > finder.sentence(at).start + 2
        && !(at..finder.sentence(at).end).any(|index| finder.word(index, 0) == "?")
    {
        finder.replace(at, "which", "R:CONJ:REL", COMMA);
        finder.point("clause.relative.non_restrictive");
        return;
    }
    let determined = noun_before(finder, at) && finder.sentence(at).start + 1 < at && {
        let two = finder.word(at, -2);
        finder.determiner(two) || finder.adjective(two) || finder.tag(at, -2) == Tag::Noun
    };
    let indefinite = one_of(before, "everything something anything nothing all");
    let clause = next_finite
        || one_of(finder.word(at, 1), "i he she we they you")
            && !finder.text.near(at, -2).is_some_and(|token| {
                finder
                    .verb(&token.lower)
                    .is_some_and(|word| one_of(word, "tell ask show teach give"))
            });
    let asks = (finder.sentence(at).start..at).any(|index| {
        finder.verb(finder.word(index, 0)).is_some_and(|word| {
            one_of(word, "tell ask show teach remind wonder explain describe report prove")
        })
    });
    if (determined || indefinite) && !asks && clause {
        let with = if person(finder.lexicon, before) { "who" } else { "that" };
        finder.replace(at, with, "R:CONJ:REL", RELATIVE);
        finder.point("clause.relative.pronoun");
    }
}

/// `…, that was a surprise.`
fn comma_that(finder: &mut Finder<'_>, at: usize) {
    if finder.word(at, 0) != "that"
        || finder.word(at, -1) != ","
        || !finite(finder, at + 1)
        || finder.text.tokens[at].quoted
    {
        return;
    }
    let start = finder.sentence(at).start;
    let noun = matches!(finder.tag(at, -2), Tag::Noun | Tag::Name);
    let finite_before =
        (start..at).any(|index| finder.finite_past(index) || finder.finite_present(index));
    let opened = one_of(
        finder.word(start, 0),
        "if when because although as since though while after before",
    );
    let second = (start..at - 1).any(|index| finder.word(index, 0) == ",");
    if noun && finite_before && !opened && !second && finder.word(at, 1) != "is" {
        finder.replace(at, "which", "R:CONJ:REL", COMMA);
        finder.point("clause.relative.non_restrictive");
    }
}

fn who_which(finder: &mut Finder<'_>, at: usize) {
    let word = finder.word(at, 0);
    let before = finder.word(at, -1);
    let noun = if before == "," { finder.word(at, -2) } else { before };
    if word == "which"
        && person(finder.lexicon, noun)
        && finite(finder, at + 1)
        && !PREPOSITIONS.contains(&before)
    {
        let person_first = one_of(finder.word(at, -2), "a the many some those other these an")
            || before != "," && finder.adjective(finder.word(at, -2))
            || before == "those";
        if person_first && before != "," && finder.word(at, -3) != "of" {
            finder.replace(at, "who", "R:CONJ:REL", PERSON);
            finder.point("clause.relative.pronoun");
        }
    }
    let thing = finder.lexicon.readings(noun).iter().all(|reading| reading.class == Class::Noun)
        && noun_before(finder, at)
        && one_of(
            noun,
            "book books film films house school letter story city car computer \
problem problems thing things game games picture song songs food \
tree trees building activity activities place bike phone gift \
present lesson lessons subject subjects words word river mountain \
room",
        );
    if word == "who" && thing && finite(finder, at + 1) && finder.word(at, -3) != "of" {
        finder.replace(at, "which", "R:CONJ:REL", THING);
        finder.point("clause.relative.pronoun");
    }
    // `the boy whom is`
    if word == "whom"
        && (BE.contains(&finder.word(at, 1)) || finder.is_verb(finder.word(at, 1), Form::Third))
        && !PREPOSITIONS.contains(&before)
        && noun_before(finder, at)
    {
        finder.replace(
            at,
            "who",
            "R:CONJ:REL",
            ("从句缺主语用 who", "the clause lacks its subject, so it takes “who”"),
        );
        finder.point("clause.relative.pronoun");
    }
    // `the boy who's father`
    if word == "who's"
        && finder
            .lexicon
            .readings(finder.word(at, 1))
            .iter()
            .all(|reading| reading.class == Class::Noun)
        && !finder.lexicon.readings(finder.word(at, 1)).is_empty()
        && noun_before(finder, at)
    {
        finder.replace(
            at,
            "whose",
            "R:CONJ:REL",
            ("表示“谁的”用 whose", "“whose” shows who owns it"),
        );
        finder.point("clause.relative.pronoun");
    }
}

/// `the year where we met`, `He drew well where he was a boy`: a time, not a place.
fn where_when(finder: &mut Finder<'_>, at: usize) {
    let word = finder.word(at, 0);
    let before = finder.word(at, -1);
    let subject =
        one_of(finder.word(at, 1), "i he she we they you") || finder.determiner(finder.word(at, 1));
    if word == "where" {
        let time = TIMES.contains(&before)
            && !PLACES.contains(&before)
            && !one_of(finder.word(at, -2), "last next this that yesterday tomorrow");
        // The clause tells an age.
        let age = one_of(finder.word(at, 1), "i he she you we they")
            && one_of(finder.word(at, 2), "was were")
            && (one_of(finder.word(at, 3), "young little small children kids teenagers students")
                || finder.word(at, 3) == "a"
                    && one_of(finder.word(at, 4), "child boy girl kid student baby teenager")
                || finder.word(at, 4) == "years"
                || finder.word(at, 3).parse::<u32>().is_ok());
        if (time || age) && subject {
            finder.replace(at, "when", if time { "R:CONJ:REL" } else { "R:CONJ:SUB" }, WHEN);
            finder.point(if time { "clause.relative.adverb" } else { "clause.adverbial.time" });
        }
    }
    if word == "which"
        && (TIMES.contains(&before)
            && !PLACES.contains(&before)
            && matches!(finder.word(at, -2), "day" | "the" | "first")
            || before == "time")
        && one_of(finder.word(at, 1), "i he she we they")
        && one_of(finder.word(at, 2), "was were went arrived came got lived left fell")
        && !(at..finder.sentence(at).end).any(|index| {
            one_of(finder.word(index, 0), "in on at during") && finder.tag(index, 1) == Tag::Mark
        })
    {
        finder.replace(at, "when", "R:CONJ:REL", WHEN);
        finder.point("clause.relative.adverb");
    }
}

/// `There are many people they like it`, `This is the book it was lost`: a pronoun where a relative
/// word belongs, after a clause that presents somebody or something.
fn they(finder: &mut Finder<'_>, at: usize) {
    let word = finder.word(at, 0);
    if !matches!(word, "they" | "it" | "he" | "she")
        || !noun_before(finder, at)
        || !finite(finder, at + 1)
    {
        return;
    }
    let noun = finder.word(at, -1);
    let people = person(finder.lexicon, noun);
    let agrees = match word {
        "they" => finder.plural(noun) && finder.noun(noun) != Some(noun) || noun == "people",
        "it" => !finder.plural(noun) && !people,
        _ => !finder.plural(noun) && people,
    };
    let start = finder.text.clause_start(at.saturating_sub(1));
    let presents = one_of(finder.word(start, 0), "there here this these those they it")
        && BE.contains(&finder.word(start, 1));
    // `On the wall hang the pictures they …`: the place comes first.
    let inverted = (start + 1..at).any(|index| {
        BE.contains(&finder.word(index, 0)) && finder.determiner(finder.word(index, 1))
    }) && PREPOSITIONS.contains(&finder.word(start, 0));
    let presents = presents || inverted;
    let whole = (start..at).all(|index| finder.tag(index, 0) != Tag::Mark);
    let other = one_of(noun, "way time moment day year reason place thing one");
    if agrees && presents && whole && !other {
        finder.replace(
            at,
            if people { "who" } else { "that" },
            "R:CONJ:REL",
            (
                "后面是定语从句，要用关系代词而不是人称代词",
                "a relative clause begins with a relative word, not with a pronoun",
            ),
        );
        finder.point("clause.relative.pronoun");
    }
}

#[cfg(test)]
mod tests {
    use crate::rules::check::tests::corrected;

    #[test]
    fn relative_words_fit_their_nouns() {
        assert_eq!(
            corrected("I like the book what you gave me."),
            "I like the book that you gave me."
        );
        assert_eq!(
            corrected("She won the prize, what made us happy."),
            "She won the prize, which made us happy."
        );
        assert_eq!(
            corrected("The man which lives next door is kind."),
            "The man who lives next door is kind."
        );
        assert_eq!(
            corrected("I remember the day where we met."),
            "I remember the day when we met."
        );
        let right = "I explained to my teacher what I had done.";
        assert_eq!(corrected(right), right);
    }

    #[test]
    fn nominal_clauses_have_their_words() {
        assert_eq!(corrected("I don't know how to do."), "I don't know what to do.");
        assert_eq!(
            corrected("He suggested we could leave early."),
            "He suggested we should leave early."
        );
    }
}
