//! Infinitives, gerunds and participles.

use super::complements::OBJECT_TO;
use super::scan::Finder;
use crate::rules::lexicon::{Class, Form};
use crate::rules::morph;
use crate::rules::points::GERUND;
use crate::rules::text::Tag;
use crate::rules::words::one_of;
use crate::rules::words::{MODALS, PREPOSITIONS};

const BASE: (&str, &str) = ("不定式符号 to 后面接动词原形", "“to” takes the base form here");
const GERUND_AFTER_PREPOSITION: (&str, &str) =
    ("介词后面的动词用 -ing 形式", "a verb after a preposition ends in -ing");
const GERUND_OBJECT: (&str, &str) =
    ("这个动词后面接 -ing 形式", "this verb is followed by an -ing form");
const INFINITIVE: (&str, &str) =
    ("这个动词后面接 to do", "this verb is followed by “to” and the base form");

/// Verbs followed by `to` and the base form.
const TO: &[&str] = &[
    "want",
    "hope",
    "decide",
    "plan",
    "agree",
    "refuse",
    "expect",
    "promise",
    "wish",
    "choose",
    "manage",
    "fail",
    "offer",
    "pretend",
    "learn",
    "need",
    "ask",
    "afford",
    "prepare",
    "hesitate",
    "determine",
    "tend",
    "seem",
    "happen",
];
/// Phrases whose `to` is a preposition.
const TO_PREPOSITION: &[&str] = &[
    "forward",
    "used",
    "devoted",
    "addition",
    "due",
    "according",
    "addicted",
    "accustomed",
    "object",
    "lead",
    "leads",
    "led",
    "leading",
    "contribute",
    "contributes",
    "contributed",
    "key",
    "close",
    "closer",
    "opposed",
    "committed",
    "dedicated",
    "thanks",
    "attention",
    "approach",
    "way",
    "ways",
    "prefer",
    "prefers",
    "preferred",
    "get",
    "got",
    "stick",
    "sticks",
    "stuck",
    "next",
    "relates",
    "related",
    "attached",
    "apply",
    "applied",
    "similar",
    "response",
    "turn",
    "turned",
    "back",
    "solution",
    "barrier",
    "exposed",
    "compared",
    "equal",
    "belong",
    "belongs",
    "subject",
    "limited",
    "adapt",
    "adapted",
    "adjust",
    "come",
    "comes",
    "came",
    "when",
    "return",
    "returned",
    "resort",
    "switch",
    "switched",
    "go",
    "goes",
    "went",
    "gone",
    "going",
];

/// Checks every verb that is not finite.
pub fn check(finder: &mut Finder<'_>) {
    for at in 0..finder.len() {
        after_to(finder, at);
        after_preposition(finder, at);
        gerund(finder, at);
        infinitive(finder, at);
    }
}

fn after_to(finder: &mut Finder<'_>, at: usize) {
    if finder.word(at, 0) != "to" || at + 1 >= finder.len() {
        return;
    }
    let (before, next) = (finder.word(at, -1), finder.word(at, 1));
    let Some(base) = finder.verb(next) else { return };
    let verb = finder.tag(at, 1) == Tag::Verb || finder.text.only_verb(at, 1);
    if finder.is_verb(next, Form::Base) || base == next || !verb {
        return;
    }
    let third = finder.is_verb(next, Form::Third) && !finder.plural(next)
        || finder.is_verb(next, Form::Third) && finder.determiner(finder.word(at, 2));
    let past = finder.is_verb(next, Form::Past)
        && !finder.lexicon.can_be(next, Class::Adjective)
        && !finder.determiner(next)
        && (finder.determiner(finder.word(at, 2))
            || one_of(finder.word(at, 2), "him her them it me us")
            || TO.contains(&finder.verb(before).unwrap_or("")));
    // `is now used to getting up`: an adverb may stand between.
    let helper =
        if one_of(finder.word(at, -2), "now not already never quite well") { -3 } else { -2 };
    let used_to = before == "used"
        && !finder.text.near(at, helper).is_some_and(|token| {
            super::linking(&token.lower)
                || token.lower.ends_with("'m")
                || token.lower.ends_with("'s")
                || token.lower.ends_with("'re")
        });
    let taker = TO.contains(&finder.verb(before).unwrap_or(""))
        || one_of(
            before,
            "able willing ready eager anxious glad happy sure likely ability \
chance have has had time",
        )
        || OBJECT_TO.contains(&finder.verb(finder.word(at, -2)).unwrap_or(""))
            && !PREPOSITIONS.contains(&before);
    // `devote all his time to helping`: an object stands before the preposition.
    let start = finder.sentence(at).start.max(at.saturating_sub(6));
    let given = (start..at).any(|index| {
        finder.verb(finder.word(index, 0)).is_some_and(|verb| {
            one_of(verb, "devote dedicate commit contribute adapt adjust limit expose prefer")
        })
    });
    let gerund = finder.is_verb(next, Form::Ing)
        && (used_to || taker && !given)
        && (!TO_PREPOSITION.contains(&before) || used_to)
        && finder.tag(at, 1) == Tag::Verb;
    if third || past || gerund {
        finder.replace(at + 1, base.to_owned(), "R:VERB:FORM", BASE);
        if used_to {
            finder.point("nonfinite.infinitive");
        }
    }
}

fn after_preposition(finder: &mut Finder<'_>, at: usize) {
    let word = finder.word(at, 0);
    let preposition = one_of(
        word,
        "of in at for with without by about from on after before like \
instead besides through into against",
    );
    let to = word == "to"
        && (finder.word(at, -1) == "forward" && finder.verb(finder.word(at, -2)) == Some("look")
            || matches!(finder.word(at, -1), "addicted" | "devoted")
            || matches!(finder.word(at, -1), "used" | "accustomed")
                && super::linking(finder.word(at, -2))
                && one_of(finder.word(at, -3), "i he she we they")
            || finder.word(at, -1) == "attention");
    if !preposition && !to || at + 1 >= finder.len() {
        return;
    }
    let next = finder.word(at, 1);
    let Some(base) = finder.verb(next) else { return };
    if finder.is_verb(next, Form::Ing)
        || crate::rules::words::auxiliary(next) && next != "have" && next != "do" && next != "be"
    {
        return;
    }
    let third = finder.is_verb(next, Form::Third) && next != base;
    let plain = finder.is_verb(next, Form::Base);
    if !third && !plain {
        return;
    }
    let after = finder.word(at, 2);
    let only = finder.text.only_verb(at, 1)
        && (finder.tag(at, 1) == Tag::Verb
            || finder.lexicon.class_in_dictionary(next) == Some(Class::Verb));
    // `in check`, `at play`: a noun of the dictionary stands alone.
    let alone = plain
        && finder.lexicon.noun_in_dictionary(next)
        && (finder.tag(at, 2) == Tag::Mark
            || one_of(word, "in at on") && PREPOSITIONS.contains(&after)
            || after.is_empty());
    let object = one_of(
        after,
        "me him us them it this these those a an the my his your our their \
at that some up more",
    );
    let noun_alike = finder.lexicon.can_be(next, Class::Noun)
        || finder.lexicon.can_be(next, Class::Adjective)
        || finder.lexicon.can_be(next, Class::Adverb);
    let clause = one_of(word, "after before like for in") && third && !object;
    let verbal = only && (plain || object)
        || noun_alike
            && object
            && !(one_of(after, "at that more a an") && plain)
            && finder.tag(at, 1) == Tag::Verb
        || third && object && after == "at";
    let phrase = matches!(
        (word, next),
        (
            "by" | "for" | "on" | "in" | "at" | "of" | "from" | "with" | "without",
            "fear" | "need" | "use" | "help" | "love" | "work" | "mean" | "rest"
        )
    ) && !object
        || one_of(
            next,
            "let like wonder don will can may must saw found left spring ring \
cut",
        );
    let with_question = one_of(word, "on in at for about of with from to")
        && finder
            .verb(finder.word(at, -1))
            .is_some_and(|word| one_of(word, "come go get take put turn carry look hold keep"))
        && !only;
    let being = next == "be" && word != "like";
    let hedge = word == "of" && one_of(finder.word(at, -1), "kind sort");
    let like_verb = word == "like" && finder.tag(at, 0) != Tag::Preposition;
    if (verbal || being) && !(clause || phrase || with_question || like_verb || hedge || alone) {
        let with = morph::ing(base);
        finder.replace(at + 1, with, "R:VERB:FORM", GERUND_AFTER_PREPOSITION);
        finder.point("nonfinite.gerund_after_preposition");
    }
}

fn gerund(finder: &mut Finder<'_>, at: usize) {
    let word = finder.word(at, 0);
    let Some(base) = finder.verb(word) else { return };
    let phrase = word == "busy"
        || word == "worth"
        || word == "help" && matches!(finder.word(at, -1), "can't" | "couldn't");
    let taker = (GERUND.contains(&base) || one_of(base, "include involve"))
        && !one_of(base, "spend suggest consider mind keep miss recommend escape appreciate")
        || one_of(base, "suggest consider mind keep recommend") && finder.tag(at, 0) == Tag::Verb;
    if !(taker || phrase) || at + 1 >= finder.len() || finder.tag(at, 0) == Tag::Noun {
        return;
    }
    let next = finder.word(at, 1);
    if next == "to"
        && finder.is_verb(finder.word(at, 2), Form::Base)
        && finder.tag(at, 2) != Tag::Noun
        && !one_of(base, "keep mind escape")
        && !(base == "consider" && finder.is_verb(word, Form::Past))
    {
        let passive = matches!(base, "admit" | "consider")
            && finder.is_verb(word, Form::Participle)
            && super::linking(finder.word(at, -1));
        if !passive {
            let with = morph::ing(finder.verb(finder.word(at, 2)).unwrap_or(next));
            finder.found.push(super::Found {
                at: at + 1,
                count: 2,
                replacement: with,
                code: "R:VERB:FORM",
                point: Some("nonfinite.gerund_object"),
                reason: GERUND_OBJECT,
            });
        }
    } else if finder.is_verb(next, Form::Base)
        && finder.text.only_verb(at, 1)
        && !MODALS.contains(&next)
        && next != "be"
        && base != "suggest"
        && base != "recommend"
    {
        let with = morph::ing(next);
        finder.replace(at + 1, with, "R:VERB:FORM", GERUND_OBJECT);
        finder.point("nonfinite.gerund_object");
    }
}

fn infinitive(finder: &mut Finder<'_>, at: usize) {
    let word = finder.word(at, 0);
    let next = finder.word(at, 1);
    let Some(base) = finder.verb(word) else { return };
    let taker = one_of(
        base,
        "want hope decide plan agree refuse expect promise wish manage fail \
offer pretend afford hesitate determine",
    );
    if !taker
        || finder.tag(at, 0) == Tag::Noun
        || finder.word(at, 1).is_empty()
        || !matches!(finder.tag(at, 0), Tag::Verb)
    {
        return;
    }
    if finder.is_verb(next, Form::Ing)
        && finder.tag(at, 1) == Tag::Verb
        && !finder.is_verb(word, Form::Ing)
        && !finder.lexicon.can_be(next, Class::Noun)
    {
        let base = finder.verb(next).unwrap_or(next);
        finder.replace(at + 1, format!("to {base}"), "R:VERB:FORM", INFINITIVE);
        finder.point("nonfinite.infinitive_object");
    } else if finder.is_verb(next, Form::Base)
        && finder.text.only_verb(at, 1)
        && !crate::rules::words::auxiliary(next)
    {
        finder.insert(at + 1, "to", "M:VERB:FORM", INFINITIVE);
        finder.point("nonfinite.infinitive_object");
    }
}

#[cfg(test)]
mod tests {
    use crate::rules::check::tests::corrected;

    #[test]
    fn patterns_of_verbs() {
        assert_eq!(corrected("She wants to sings a song."), "She wants to sing a song.");
        assert_eq!(corrected("He left without say goodbye."), "He left without saying goodbye.");
        assert_eq!(corrected("I finished to write the letter."), "I finished writing the letter.");
        assert_eq!(corrected("They decided go by train."), "They decided to go by train.");
        assert_eq!(corrected("She asked me help her."), "She asked me to help her.");
        assert_eq!(
            corrected("The teacher made him to clean the room."),
            "The teacher made him clean the room."
        );
        assert_eq!(
            corrected("I am afraid of speak in public."),
            "I am afraid of speaking in public."
        );
        for right in [
            "He is now used to getting up early.",
            "She devoted all her time to helping the poor.",
            "It is time to get down to studying.",
        ] {
            assert_eq!(corrected(right), right);
        }
        assert_eq!(
            corrected("I look forward to hear from you."),
            "I look forward to hearing from you."
        );
    }

    #[test]
    fn joined_verbs_agree() {
        assert_eq!(
            corrected("You can stay here or went to the park."),
            "You can stay here or go to the park."
        );
        assert_eq!(corrected("He ran away, shout at us."), "He ran away, shouting at us.");
    }
}
