//! Verbs that take the form of the verb they are joined to.

use super::scan::Finder;
use crate::rules::lexicon::{Class, Form};
use crate::rules::morph;
use crate::rules::text::Tag;
use crate::rules::words::{MODALS, PREPOSITIONS, one_of};

const PARALLEL: (&str, &str) = ("并列的动词形式要一致", "joined verbs take the same form");

const PARTICIPLE: (&str, &str) = (
    "句中已有谓语，伴随动作用 -ing 形式",
    "the sentence has a predicate, so the verb that goes with it ends in -ing",
);

/// Verbs that are followed by a form in -ing.
const TAKES_ING: &str = "like love hate enjoy keep mind avoid finish practise practice suggest \
consider start stop begin remember";

/// Checks every word.
pub fn check(finder: &mut Finder<'_>) {
    for at in 0..finder.len() {
        parallel(finder, at);
        participle(finder, at);
    }
}

/// `must wait … or went`, `is not helping … and not do`, `between reading … and watch`, `I cook … and cleaning`.
fn parallel(finder: &mut Finder<'_>, at: usize) {
    if !matches!(finder.word(at, 0), "and" | "or") || at + 2 >= finder.len() {
        return;
    }
    let skip = usize::from(one_of(finder.word(at, 1), "not then also even"));
    let verb = at + 1 + skip;
    if verb >= finder.sentence(at).end {
        return;
    }
    let word = finder.word(verb, 0);
    let Some(base) = finder.verb(word) else { return };
    let start = finder.sentence(at).start;
    let commas = (start..at)
        .rev()
        .find(|index| {
            one_of(finder.word(*index, 0), ", ; when because that if") && *index + 1 != at
        })
        .map_or(start, |index| index + 1);
    let first = (commas..at).rev().find_map(|index| {
        let here = finder.word(index, 0);
        let next = finder.word(index, 1);
        if MODALS.contains(&here) && finder.is_verb(next, Form::Base) {
            return Some(Form::Base);
        }
        if here == "to" && finder.is_verb(next, Form::Base) && finder.tag(index, 1) == Tag::Verb {
            return Some(Form::Base);
        }
        let helped = super::linking(finder.before(index))
            || PREPOSITIONS.contains(&finder.word(index, -1))
            || finder.verb(finder.word(index, -1)).is_some_and(|verb| one_of(verb, TAKES_ING));
        (finder.is_verb(here, Form::Ing) && helped).then_some(Form::Ing)
    });
    let object = finder.determiner(finder.word(verb, 1))
        || one_of(finder.word(verb, 1), "me him her us them it up out off away down together")
        || PREPOSITIONS.contains(&finder.word(verb, 1))
        || finder.lexicon.can_be(finder.word(verb, 1), Class::Noun);
    let finite = (commas..at).any(|index| finder.finite_past(index));
    match first {
        Some(Form::Base)
            if finder.text.only_verb(verb, 0)
                && !finder.is_verb(word, Form::Base)
                && base != "be"
                && object
                // `a warm and inviting room`: an adjective before its noun.
                && !(finder.is_verb(word, Form::Ing) && finder.tag(verb, 1) == Tag::Noun) =>
        {
            let past = finder.is_verb(word, Form::Past);
            let other = finder.is_verb(word, Form::Third) || finder.is_verb(word, Form::Participle);
            if !(past && finite || other) {
                finder.replace(verb, base.to_owned(), "R:VERB:FORM", PARALLEL);
                finder.point("sentence.parallel");
            }
        }
        Some(Form::Ing)
            if finder.is_verb(word, Form::Base)
                && object
                && base != "be"
                && !MODALS.contains(&word) =>
        {
            let certain = skip > 0 && finder.word(at, 1) == "not"
                || (commas..at).any(|index| finder.word(index, 0) == "between")
                || finder.text.only_verb(verb, 0)
                    && !finite
                    && !(commas..at).any(|index| {
                        finder.finite_present(index)
                            && !crate::rules::words::BE.contains(&finder.word(index, 0))
                    });
            let lone = finder.text.only_verb(verb, 0)
                || finder.word(at, 1) == "not"
                || finder.determiner(finder.word(verb, 1));
            if certain && lone && !finder.is_verb(word, Form::Past) {
                let with = morph::ing(base);
                finder.replace(verb, with, "R:VERB:FORM", PARALLEL);
                finder.point("sentence.parallel");
            }
        }
        None if finder.is_verb(word, Form::Ing)
            && finder.tag(verb, 0) == Tag::Verb
            && object
            && !matches!(finder.tag(verb, 1), Tag::Noun | Tag::Name) =>
        {
            let present = (commas..at).find(|index| {
                finder.finite_present(*index)
                    && !crate::rules::words::BE.contains(&finder.word(*index, 0))
            });
            let gerunds = (start..at).any(|index| finder.is_verb(finder.word(index, 0), Form::Ing));
            if let Some(present) = present
                && !gerunds
                && !finite
            {
                let third = finder.is_verb(finder.word(present, 0), Form::Third);
                let with = finder.conjugate(base, false, third, false);
                finder.replace(verb, with, "R:VERB:FORM", PARALLEL);
                finder.point("sentence.parallel");
            }
        }
        _ => {}
    }
}

/// `…, say that …`: a bare verb after a full clause.
fn participle(finder: &mut Finder<'_>, at: usize) {
    if finder.word(at, 0) != "," || at + 2 >= finder.sentence(at).end {
        return;
    }
    let word = finder.word(at, 1);
    let follows = finder.determiner(finder.word(at, 2))
        || one_of(finder.word(at, 2), "that me him us them it to at for");
    let start = finder.sentence(at).start;
    let pasts = (start..at).filter(|index| finder.finite_past(*index)).count();
    let listed = (start..at).any(|index| {
        one_of(finder.word(index, 0), ", to if when")
            || MODALS.contains(&finder.word(index, 0))
            || finder.text.tokens[index].quoted
    });
    let last = (at + 1..finder.sentence(at).end).any(|index| {
        finder.word(index, 0) == ","
            || matches!(finder.word(index, 0), "and")
                && finder.verb(finder.word(index, 1)).is_some()
    });
    if finder.is_verb(word, Form::Base)
        && finder.text.only_verb(at, 1)
        && !finder.is_verb(word, Form::Past)
        && follows
        && pasts > 0
        && !listed
        && !last
        && !MODALS.contains(&word)
    {
        let with = morph::ing(word);
        finder.replace(at + 1, with, "R:VERB:FORM", PARTICIPLE);
        finder.point("nonfinite.present_participle");
    }
}
