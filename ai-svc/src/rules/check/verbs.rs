//! Forms of verbs after helpers; missing and superfluous helpers.

use super::scan::{Finder, Told, contracted_be};
use crate::rules::lexicon::{Class, Form};
use crate::rules::text::Tag;
use crate::rules::words::one_of;
use crate::rules::words::{BE, HAVE, MODALS, PREPOSITIONS};

const BARE: (&str, &str) =
    ("情态动词和助动词后面接动词原形", "a modal or auxiliary verb takes the base form");
const PASSIVE: (&str, &str) =
    ("被动语态由 be + 过去分词构成", "the passive is “be” and the past participle");
const PERFECT: (&str, &str) =
    ("完成时由 have + 过去分词构成", "the perfect is “have” and the past participle");
const MISSING: (&str, &str) =
    ("形容词作表语，前面缺少 be 动词", "an adjective as predicate needs “be”");
const EXTRA: (&str, &str) =
    ("已有实义动词，不能再加 be 动词", "there is a full verb already, so “be” is not needed");
const ACTIVE: (&str, &str) = ("这个动词没有被动语态", "this verb has no passive");
const ACTIVE_HERE: (&str, &str) = (
    "主语是动作的执行者，且后面有宾语，用主动语态",
    "the subject acts and an object follows, so the verb is active",
);

/// Verbs that take two objects, so that one may follow the passive.
const TWO_OBJECTS: &[&str] = &[
    "give", "buy", "show", "tell", "offer", "teach", "ask", "call", "name", "elect", "make",
    "send", "pay", "lend", "consider", "award", "grant", "leave", "promise", "bring", "deny",
    "cost", "allow", "keep", "find", "choose", "hand", "bear", "appoint", "think",
];
const NO_PASSIVE: &[&str] = &[
    "happen",
    "appear",
    "disappear",
    "die",
    "exist",
    "occur",
    "arrive",
    "belong",
    "remain",
    "last",
];

/// Checks every verb group.
pub fn check(finder: &mut Finder<'_>) {
    for at in 0..finder.len() {
        after_helper(finder, at);
        after_be(finder, at);
        after_have(finder, at);
        missing_be(finder, at);
        extra_be(finder, at);
        extra_been(finder, at);
        like(finder, at);
    }
}

/// Index of the verb after a helper, adverbs and `not` left out.
fn main_verb(finder: &Finder<'_>, at: usize) -> usize {
    let mut index = at + 1;
    while index < finder.len()
        && (one_of(finder.word(index, 0), "not never also always often still just only even")
            || finder.word(index, 0).ends_with("ly")
                && finder.lexicon.adjective_of(finder.word(index, 0)).is_some())
    {
        index += 1;
    }
    index
}

fn after_helper(finder: &mut Finder<'_>, at: usize) {
    let word = finder.word(at, 0);
    let modal = MODALS.contains(&word) && !matches!(word, "need" | "dare" | "ought")
        || word.ends_with("'ll");
    let support = matches!(word, "didn't" | "doesn't" | "don't");
    if !modal && !support
        || finder.tag(at, 0) == Tag::Noun
        || finder.tag(at, 0) == Tag::Name && word != "may"
    {
        return;
    }
    if one_of(word, "can will might must may")
        && (finder.determiner(finder.word(at, -1))
            && finder.tag(at, -1) == Tag::Determiner
            && !one_of(
                finder.word(at, -1),
                "all this that these those each some many both few either one",
            ))
    {
        return;
    }
    let verb = main_verb(finder, at);
    if verb >= finder.sentence(at).end {
        return;
    }
    let here = finder.word(verb, 0);
    if here == "to"
        && modal
        && finder.is_verb(finder.word(verb, 1), Form::Base)
        && !understood(finder, at)
    {
        finder.delete(verb, "U:VERB:FORM", BARE);
        finder.point("verb.modal.base");
        return;
    }
    let Some(base) = finder.verb(here) else { return };
    let wrong = !finder.is_verb(here, Form::Base)
        && (finder.tag(verb, 0) == Tag::Verb
            || finder.text.only_verb(verb, 0)
            || one_of(here, "was were is are has had"));
    let elliptic = finder.tag(at, 1) == Tag::Mark || PREPOSITIONS.contains(&finder.word(at, 1));
    let adjacent = finder.tag(verb, 0) != Tag::Adjective || modal;
    if wrong && !elliptic && adjacent && base != here {
        finder.replace(verb, base.to_owned(), "R:VERB:FORM", BARE);
        finder.point(if modal { "verb.modal.base" } else { "verb.auxiliary" });
    }
}

/// Says whether the verb of a modal is left out, as in `all we can to help` or `as fast as he could`.
fn understood(finder: &Finder<'_>, at: usize) -> bool {
    let opener = finder.word(at, if finder.word(at, -2) == "that" { -3 } else { -2 });
    one_of(finder.word(at, 0), "can could")
        && finder.tag(at, -1) == Tag::Pronoun
        && one_of(opener, "as all everything anything what whatever best")
}

fn after_be(finder: &mut Finder<'_>, at: usize) {
    let word = finder.word(at, 0);
    if !BE.contains(&word) {
        return;
    }
    let verb = main_verb(finder, at);
    if verb >= finder.sentence(at).end {
        return;
    }
    let here = finder.word(verb, 0);
    let irregular_past = finder.is_verb(here, Form::Past)
        && !finder.is_verb(here, Form::Participle)
        && !finder.is_verb(here, Form::Base);
    if irregular_past
        && !BE.contains(&here)
        && !HAVE.contains(&here)
        && here != "did"
        && !finder.lexicon.can_be(here, Class::Adjective)
        && !finder.lexicon.can_be(here, Class::Noun)
    {
        let base = finder.verb(here).unwrap_or(here);
        let with = finder.lexicon.participle(base);
        finder.replace(verb, with, "R:VERB:VOICE", PASSIVE);
        return;
    }
    // `was build in 1990`
    let by = one_of(finder.word(verb, 1), "by in into from");
    let base = finder.is_verb(here, Form::Base)
        && finder.text.only_verb(verb, 0)
        && !finder.is_verb(here, Form::Participle);
    if base
        && by
        && verb == at + 1
        && !one_of(here, "go come live agree be arrive believe have")
        && word != "being"
    {
        let with = finder.lexicon.participle(here);
        finder.replace(verb, with, "R:VERB:VOICE", PASSIVE);
    }
}

fn after_have(finder: &mut Finder<'_>, at: usize) {
    let word = finder.word(at, 0);
    if !HAVE.contains(&word) && !word.ends_with("'ve") || word == "having" {
        return;
    }
    let verb = main_verb(finder, at);
    if verb >= finder.sentence(at).end {
        return;
    }
    let here = finder.word(verb, 0);
    let past_only = finder.is_verb(here, Form::Past)
        && !finder.is_verb(here, Form::Participle)
        && !finder.is_verb(here, Form::Base);
    let base_only = finder.text.only_verb(verb, 0)
        && finder.is_verb(here, Form::Base)
        && !finder.is_verb(here, Form::Participle)
        && !MODALS.contains(&here)
        && !HAVE.contains(&here)
        && finder.tag(verb, 0) == Tag::Verb;
    let causative = finder.verb(finder.word(at, 1)).is_none() && verb == at + 1;
    if (past_only && !finder.lexicon.can_be(here, Class::Noun) || base_only)
        && !causative
        && !matches!(here, "did" | "do")
    {
        let base = finder.verb(here).unwrap_or(here);
        let with = finder.lexicon.participle(base);
        finder.replace(verb, with, "R:VERB:TENSE", PERFECT);
        finder.point(if matches!(word, "had") {
            "verb.tense.past_perfect"
        } else {
            "verb.tense.present_perfect"
        });
    }
}

/// `She ready to`, `They very happy.`
fn missing_be(finder: &mut Finder<'_>, at: usize) {
    let word = finder.word(at, 0);
    let subject =
        one_of(word, "i he she we they") || (word == "it" && finder.text.opens_clause(at));
    if !subject
        || finder.text.near(at, -1).is_some_and(|token| {
            crate::rules::words::auxiliary(&token.lower)
                || token.tag == Tag::Verb && token.lower != "said"
        })
    {
        return;
    }
    let mut index = at + 1;
    while one_of(finder.word(index, 0), "very so too not also always quite really still more")
        && index + 1 < finder.len()
    {
        index += 1;
    }
    let here = finder.word(index, 0);
    if !finder.sentence(at).contains(&index) {
        return;
    }
    let participial =
        finder.lexicon.readings(here).iter().any(|reading| reading.class == Class::Verb);
    let by_shape = here.starts_with("un")
        && finder.lexicon.can_be(here.trim_start_matches("un"), Class::Adjective)
        && !participial;
    let felt = index > at + 1 && here.ends_with("ed") && finder.adjective(here);
    let adjective = felt
        || finder.only_adjective(here)
        || by_shape
        || (!participial
            && finder.adjective(here)
            && !finder.lexicon.can_be(here, Class::Adverb)
            && !finder.lexicon.can_be(here, Class::Noun));
    let next = finder.word(index, 1);
    let closes = finder.tag(index, 1) == Tag::Mark && next != ","
        || PREPOSITIONS.contains(&next)
        || matches!(
            next,
            "" | "to"
                | "of"
                | "that"
                | "with"
                | "about"
                | "at"
                | "for"
                | "because"
                | "when"
                | "in"
                | "and"
                | "from"
        );
    if !(adjective && closes) {
        return;
    }
    let plural = matches!(word, "we" | "they");
    let past =
        finder.told == Told::Past || finder.sentence(at).any(|index| finder.finite_past(index));
    let be = if word == "i" && !past {
        "am".to_owned()
    } else {
        finder.conjugate("be", past, true, plural)
    };
    finder.insert(at + 1, be, "M:VERB", MISSING);
    finder.point("verb.be");
}

/// `I am agree`, `It was happened`.
fn extra_be(finder: &mut Finder<'_>, at: usize) {
    let word = finder.word(at, 0);
    if !one_of(word, "am is are was were been be") {
        return;
    }
    let next = finder.word(at, 1);
    let stative = finder.is_verb(next, Form::Base)
        && one_of(
            next,
            "agree want know think believe hope depend belong understand go \
have enjoy disagree prefer hate appreciate seem",
        );
    if stative
        && matches!(word, "am" | "is" | "are")
        // `All you have to do is believe`: what is done is named by a bare infinitive.
        && !one_of(finder.word(at, -1), "to what that do does did")
    {
        finder.delete(at, "U:VERB", EXTRA);
    }
    let base = finder.verb(next).unwrap_or("");
    if NO_PASSIVE.contains(&base) && finder.is_verb(next, Form::Past) {
        finder.delete(at, "U:VERB:TENSE", ACTIVE);
        finder.point("verb.voice.passive");
    }
    if one_of(word, "was were is are") && finder.finite_past_like(at + 1) {
        finder.delete(at, "U:VERB", EXTRA);
    }
}

/// `has been given up the plan`: an object follows the passive.
fn extra_been(finder: &mut Finder<'_>, at: usize) {
    if finder.word(at, 0) != "been" || !matches!(finder.word(at, -1), "have" | "has" | "had") {
        return;
    }
    let verb = finder.word(at, 1);
    let base = finder.verb(verb).unwrap_or("");
    if !finder.is_verb(verb, Form::Participle)
        || TWO_OBJECTS.contains(&base)
        || finder.lexicon.can_be(verb, Class::Adjective)
    {
        return;
    }
    let particle = one_of(finder.word(at, 2), "over up out off down away");
    let object = finder.word(at, if particle { 3 } else { 2 });
    let is_object = crate::rules::words::possessive_determiner(object)
        || one_of(object, "the a an many us them him me");
    if is_object
        && (particle || !matches!(object, "a" | "an"))
        && !one_of(finder.word(at, 3), "time day way same")
    {
        finder.delete(at, "U:VERB:TENSE", ACTIVE_HERE);
        finder.point("verb.voice.passive");
    }
}

/// `they are like to do`, `I am like swimming`: `like` as a verb after `be`.
fn like(finder: &mut Finder<'_>, at: usize) {
    let word = finder.word(at, 0);
    if !one_of(word, "am is are was were") || finder.word(at, 1) != "like" {
        return;
    }
    let next = finder.word(at, 2);
    let verb = next == "to" && finder.is_verb(finder.word(at, 3), Form::Base)
        || finder.is_verb(next, Form::Ing) && matches!(finder.word(at, -1), "i" | "we" | "they");
    if verb {
        finder.delete(at, "U:VERB", EXTRA);
    }
}

impl Finder<'_> {
    /// A word that is a past tense and nothing else, as `went` after `was`.
    fn finite_past_like(&self, at: usize) -> bool {
        let word = self.word(at, 0);
        one_of(word, "went came saw began did fell grew knew")
            && self.tag(at, 0) == Tag::Verb
            && !contracted_be(self.word(at, -1))
            && self.word(at, -1) != "been"
            && one_of(self.word(at, -2), "i he she we they")
    }
}

#[cfg(test)]
mod tests {
    use crate::rules::check::tests::corrected;

    #[test]
    fn helpers_take_their_form() {
        assert_eq!(corrected("He can swims fast."), "He can swim fast.");
        assert_eq!(corrected("You must to finish it today."), "You must finish it today.");
        assert_eq!(corrected("She didn't went there."), "She didn't go there.");
        assert_eq!(corrected("The window was broke by Tom."), "The window was broken by Tom.");
        assert_eq!(corrected("I have wrote three letters."), "I have written three letters.");
    }

    #[test]
    fn be_is_neither_missing_nor_too_much() {
        assert_eq!(corrected("They afraid of dogs."), "They are afraid of dogs.");
        assert_eq!(corrected("I am agree with you."), "I agree with you.");
        assert_eq!(
            corrected("The accident was happened at night."),
            "The accident happened at night."
        );
    }

    #[test]
    fn verbs_that_are_understood_are_not_missed() {
        for text in [
            "We should do everything we can to protect the animals.",
            "He ran as fast as he could to catch the bus.",
            "All you have to do is believe in yourself.",
        ] {
            assert_eq!(corrected(text), text);
        }
    }
}
