//! Active and passive: who acts is told by the verb, its subject and what follows.
//!
//! Transitive verbs that do not stand without an object: Francis, Hunston and Manning, *Collins COBUILD Grammar
//! Patterns 1: Verbs* (1996), pattern V n.

use super::scan::{Finder, Told};
use crate::rules::clauses_nouns::person;
use crate::rules::lexicon::{Class, Form};
use crate::rules::morph;
use crate::rules::text::Tag;
use crate::rules::words::{BE, MODALS, PREPOSITIONS, auxiliary, one_of};

const PASSIVE: (&str, &str) = (
    "主语是动作的承受者，要用被动语态",
    "the subject does not act but is acted upon, so the verb is passive",
);
const DONE_BY: (&str, &str) = (
    "名词是动作的承受者，用过去分词作定语",
    "the noun is acted upon, so the past participle follows it",
);
const DOING: (&str, &str) = (
    "句中已有谓语，作定语的动词用 -ing 形式",
    "the sentence has its verb already, so the one that describes the noun ends in -ing",
);

/// Verbs that always have an object in the active voice.
const TRANSITIVE: &str = "allow appoint award ban build cancel choose complete conduct construct create \
    deliver design destroy discover elect equip establish found give hire hold honor honour include \
    introduce invent invite make mention name offer organise organize permit plant postpone praise \
    produce protect provide publish put raise release repair replace require respect send solve \
    take treat use value write";

/// Verbs whose object is told to do something.
const TOLD: &str = "allow permit enable encourage force invite persuade remind require advise";

/// Verbs of posture, movement and talk, which have no object.
const INTRANSITIVE: &str = "stand sit lie live work talk wait walk swim sleep laugh smile travel stay \
    speak listen shine lead wear carry hold";

/// Checks every word.
pub fn check(finder: &mut Finder<'_>) {
    for at in 0..finder.len() {
        after_modal(finder, at);
        perfect(finder, at);
        told(finder, at);
        no_be(finder, at);
        by_agent(finder, at);
        two_verbs(finder, at);
    }
}

fn past_here(finder: &Finder<'_>, at: usize) -> bool {
    finder.told == Told::Past
        || finder.sentence(at).any(|index| index != at && finder.finite_past(index))
}

/// No object: the clause ends or goes on with words of place, time or manner.
fn no_object(finder: &Finder<'_>, at: usize) -> bool {
    let next = finder.word(at, 1);
    next.is_empty()
        || finder.tag(at, 1) == Tag::Mark && !one_of(next, "“ \" : '")
        || one_of(next, "in on at by from during every next last tomorrow today soon again")
        || next.ends_with("ly") && finder.lexicon.adjective_of(next).is_some()
}

/// Head of the subject straight before a helper, when it is a noun that names a thing.
fn thing_before(finder: &Finder<'_>, at: usize) -> bool {
    let noun = finder.word(at, -1);
    finder.tag(at, -1) == Tag::Noun
        && finder.lexicon.can_be(noun, Class::Noun)
        && !person(finder.lexicon, noun)
        && !one_of(noun, "class team school company government family country city who group")
}

/// `The meeting will hold in the hall.`
fn after_modal(finder: &mut Finder<'_>, at: usize) {
    let verb = finder.word(at, 1);
    if MODALS.contains(&finder.word(at, 0))
        && thing_before(finder, at)
        && one_of(verb, TRANSITIVE)
        && no_object(finder, at + 1)
        && finder.tag(at, 0) != Tag::Noun
        && !matches!(verb, "lead" | "use")
    {
        let with = format!("be {}", finder.lexicon.participle(verb));
        finder.replace(at + 1, with, "R:VERB:VOICE", PASSIVE);
        finder.point("verb.voice.passive");
    }
}

/// `Many trees have planted along the river.`
fn perfect(finder: &mut Finder<'_>, at: usize) {
    let verb = finder.word(at, 1);
    let base = finder.verb(verb).unwrap_or("");
    if one_of(finder.word(at, 0), "have has had")
        && thing_before(finder, at)
        && finder.is_verb(verb, Form::Participle)
        && one_of(base, TRANSITIVE)
        && (no_object(finder, at + 1) || finder.word(at, 2) == "along")
        && !matches!(finder.word(at, -2), "that" | "which")
    {
        finder.insert(at + 1, "been", "M:VERB:TENSE", PASSIVE);
        finder.point("verb.voice.passive");
    }
}

/// `I allow to stay up`: nobody is named who is told.
fn told(finder: &mut Finder<'_>, at: usize) {
    let word = finder.word(at, 0);
    let who = finder.word(at, -1);
    let base = finder.verb(word).unwrap_or("");
    let pronoun = one_of(who, "i he she we they you");
    let active = finder.is_verb(word, Form::Base) && finder.verb(word) == Some(word)
        || finder.is_verb(word, Form::Past);
    if pronoun
        && active
        && one_of(base, TOLD)
        && finder.word(at, 1) == "to"
        && finder.is_verb(finder.word(at, 2), Form::Base)
    {
        let be = match (past_here(finder, at) || finder.is_verb(word, Form::Past), who) {
            (true, "we" | "they" | "you") => "were",
            (true, _) => "was",
            (false, "i") => "am",
            (false, "he" | "she") => "is",
            _ => "are",
        };
        let with = format!("{be} {}", finder.lexicon.participle(base));
        finder.replace(at, with, "R:VERB:VOICE", PASSIVE);
        finder.point("verb.voice.passive");
    }
}

/// `The bridge built in 1998 by a local company.`
fn no_be(finder: &mut Finder<'_>, at: usize) {
    let word = finder.word(at, 0);
    let base = finder.verb(word).unwrap_or("");
    let range = finder.sentence(at);
    let by = finder.word(at, 1) == "by"
        || one_of(finder.word(at, 1), "in on at") && !finder.is_verb(word, Form::Base);
    if !finder.is_verb(word, Form::Participle)
        || !one_of(base, TRANSITIVE)
        || !by
        || !thing_before(finder, at)
        || !finder.determiner(finder.word(range.start, 0))
        || finder.head(range.start) != at.checked_sub(1)
    {
        return;
    }
    let other = range.clone().any(|index| {
        index != at
            && (finder.finite_past(index)
                || finder.finite_present(index)
                || auxiliary(finder.word(index, 0))
                || finder.tag(index, 0) == Tag::Verb)
    });
    let whole = matches!(finder.word(range.end - 1, 0), "." | "!");
    if !other && whole {
        let noun = finder.word(at, -1);
        let plural = finder.plural(noun) && finder.noun(noun) != Some(noun);
        let be = finder.conjugate("be", true, true, plural);
        finder.insert(at, be, "M:VERB:TENSE", PASSIVE);
        finder.point("verb.voice.passive");
    }
}

/// `a book writing by a young teacher`
fn by_agent(finder: &mut Finder<'_>, at: usize) {
    let word = finder.word(at, 0);
    let base = finder.verb(word).unwrap_or("");
    let agent = finder.word(at, 2);
    if finder.is_verb(word, Form::Ing)
        && finder.tag(at, -1) == Tag::Noun
        && finder.word(at, 1) == "by"
        && one_of(base, TRANSITIVE)
        && (finder.determiner(agent) || finder.tag(at, 2) == Tag::Name)
        && !finder.is_verb(agent, Form::Ing)
        && finder.head(at + 2).is_none_or(|head| !one_of(finder.word(head, 0), "hand way time"))
    {
        let with = finder.lexicon.participle(base);
        finder.replace(at, with, "R:VERB:FORM", DONE_BY);
        finder.point("nonfinite.past_participle");
    }
}

/// `The girl stood by the window is my cousin`, `A study conduct by them shows`.
fn two_verbs(finder: &mut Finder<'_>, at: usize) {
    let range = finder.sentence(at);
    let word = finder.word(at, 0);
    let Some(base) = finder.verb(word) else { return };
    if !finder.determiner(finder.word(range.start, 0))
        || finder.is_verb(word, Form::Ing)
        || at == range.start
        || finder.tag(at, -1) != Tag::Noun
    {
        return;
    }
    let simple = (range.start..at).all(|index| {
        !auxiliary(finder.word(index, 0))
            && !one_of(finder.word(index, 0), "and or , who which that")
            && finder.tag(index, 0) != Tag::Verb
    });
    let later = (at + 2..range.end.min(at + 10)).find(|index| {
        BE.contains(&finder.word(*index, 0)) && one_of(finder.word(*index, 0), "is was are were")
            || finder.is_verb(finder.word(*index, 0), Form::Third)
                && (finder.tag(*index, 0) == Tag::Verb && finder.text.only_verb(*index, 0)
                    || finder.word(*index, 1) == "that"
                    || one_of(finder.word(*index, 1), "the a an this his its us"))
    });
    let Some(later) = later else { return };
    let joined = (at..later).any(|index| {
        finder.tag(index, 0) == Tag::Mark
            || finder.tag(index, 0) == Tag::Pronoun && finder.word(index, 1) == finder.word(later, 0)
            || one_of(
                finder.word(index, 0),
                "and or but who which that what where when why how if because before after while as so",
            )
    });
    if !simple || joined || later < at + 2 {
        return;
    }
    let next = finder.word(at, 1);
    if next == "by" && one_of(base, TRANSITIVE) && !finder.is_verb(word, Form::Participle) {
        let with = finder.lexicon.participle(base);
        finder.replace(at, with, "R:VERB:FORM", DONE_BY);
        finder.point("nonfinite.past_participle");
    } else if one_of(base, INTRANSITIVE)
        && PREPOSITIONS.contains(&next)
        && !finder.lexicon.can_be(word, Class::Noun)
        && finder.head(range.start) == at.checked_sub(1)
    {
        finder.replace(at, morph::ing(base), "R:VERB:FORM", DOING);
        finder.point("nonfinite.present_participle");
    }
}

#[cfg(test)]
mod tests {
    use crate::rules::check::tests::corrected;

    #[test]
    fn what_is_acted_upon_is_passive() {
        for (wrong, right) in [
            ("The match will hold in May.", "The match will be held in May."),
            ("Three houses have built by them.", "Three houses have been built by them."),
            ("I allow to stay up late.", "I am allowed to stay up late."),
            ("The tower built in 1920 by a king.", "The tower was built in 1920 by a king."),
            ("It is a song writing by my aunt.", "It is a song written by my aunt."),
        ] {
            assert_eq!(corrected(wrong), right);
        }
    }

    #[test]
    fn one_sentence_has_one_finite_verb() {
        for (wrong, right) in [
            ("The man stood at the gate is my uncle.", "The man standing at the gate is my uncle."),
            ("A study conduct by experts shows this.", "A study conducted by experts shows this."),
        ] {
            assert_eq!(corrected(wrong), right);
        }
        for text in [
            "The boy stood at the door and it was cold.",
            "Our class will hold in mind what you said.",
            "The team has won by two points.",
            "The book published in 1990 is still popular.",
            "She will take part in the game.",
        ] {
            assert_eq!(corrected(text), text);
        }
    }
}
