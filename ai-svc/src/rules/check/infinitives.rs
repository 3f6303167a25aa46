//! Infinitives of purpose and result, infinitives after nouns and adjectives, and formal `it`.
//!
//! Swan, *Practical English Usage* (4th edition), “infinitive of purpose”, “too and enough: infinitive”, “infinitives
//! after nouns”; Quirk et al. (1985), §16.83 for the verbs that take one.

use super::Found;
use super::scan::Finder;
use crate::rules::clauses_nouns::person;
use crate::rules::lexicon::{Class, Form};
use crate::rules::morph;
use crate::rules::text::Tag;
use crate::rules::words::{BE, auxiliary, one_of};

const DEGREE: (&str, &str) = (
    "too … to do、enough to do 结构后接不定式",
    "“too” and “enough” are followed by an infinitive",
);
const FORMAL: (&str, &str) = (
    "find/think/make it + 形容词 + to do：it 作形式宾语",
    "“it” stands for the infinitive that follows the adjective",
);
const PURPOSE: (&str, &str) =
    ("表示目的用不定式 to do", "a purpose is said with “to” and the base form");
const AFTER_NOUN: (&str, &str) =
    ("这个名词后接不定式作定语", "this noun is followed by “to” and the base form");
const AFTER_ADJECTIVE: (&str, &str) =
    ("这个形容词后接不定式", "this adjective is followed by “to” and the base form");
const NO_USE: (&str, &str) =
    ("It is no use/good 后接动词 -ing 形式", "“it is no use” is followed by the -ing form");
const USED: (&str, &str) = (
    "be used to 意为“习惯于”，to 是介词，后接 -ing 形式",
    "in “be used to” the “to” is a preposition, so -ing follows",
);
const HAVING: (&str, &str) = (
    "句首作状语用分词，先于谓语动作用 having done",
    "the clause has no subject of its own, so it begins with “having”",
);
const SENSES: (&str, &str) = (
    "see/hear/watch sb do：感官动词后的宾语补足语不带 to",
    "no “to” after “see”, “hear” and “watch” with an object",
);

/// Nouns made of or like verbs and adjectives that take an infinitive.
const NOUNS: &str = "ability attempt chance choice decision desire determination duty effort failure \
    freedom intention invitation offer opportunity order permission plan plans promise refusal \
    request right tendency willingness wish";

/// Adjectives of readiness, likelihood and feeling, and those of `it is … to do`.
const ADJECTIVES: &str = "able anxious ashamed delighted determined eager easy difficult glad hard \
    important impossible likely necessary pleased possible prepared proud ready safe surprised \
    unable unlikely unwilling willing";

/// Checks every word.
pub fn check(finder: &mut Finder<'_>) {
    for at in 0..finder.len() {
        degree(finder, at);
        formal(finder, at);
        no_use(finder, at);
        used_to(finder, at);
        purpose(finder, at);
        after_noun(finder, at);
        having(finder, at);
        senses(finder, at);
    }
}

/// A verb in its base form, not read as a noun here.
pub(super) fn bare(finder: &Finder<'_>, at: usize) -> bool {
    let word = finder.word(at, 0);
    let next = finder.word(at, 1);
    let object = finder.determiner(next) || one_of(next, "me him her us them it");
    finder.is_verb(word, Form::Base)
        && !auxiliary(word)
        && !finder.lexicon.can_be(word, Class::Adjective)
        && (finder.text.only_verb(at, 0) || finder.tag(at, 0) == Tag::Verb && object)
}

/// `old enough going`, `too tired walking`.
fn degree(finder: &mut Finder<'_>, at: usize) {
    let word = finder.word(at, 0);
    let before = finder.word(at, -1);
    let enough = before == "enough"
        && (finder.adjective(finder.word(at, -2)) || finder.word(at, -2) == "well");
    let too = finder.word(at, -2) == "too" && finder.adjective(before) && before != "much";
    let busy = one_of(before, "busy interesting boring exciting worth");
    let Some(base) = finder.verb(word) else { return };
    if (enough || too) && !busy && finder.is_verb(word, Form::Ing) && finder.tag(at, 0) == Tag::Verb
    {
        finder.replace(at, format!("to {base}"), "R:VERB:FORM", DEGREE);
        finder.point("nonfinite.infinitive");
    }
}

/// `I find hard to learn it`, `made possible for us to go`.
fn formal(finder: &mut Finder<'_>, at: usize) {
    let word = finder.word(at, 0);
    let takes =
        finder.verb(word).is_some_and(|verb| one_of(verb, "find think make consider believe"));
    let mut adjective = at + 1;
    while one_of(finder.word(adjective, 0), "very so quite really too more extremely") {
        adjective += 1;
    }
    if !takes
        || finder.tag(at, 0) == Tag::Noun
        || !finder.sentence(at).contains(&(adjective + 2))
        || BE.contains(&finder.before(at))
    {
        return;
    }
    let named = one_of(
        finder.word(adjective, 0),
        "hard easy difficult important necessary possible impossible useful interesting strange \
         exciting helpful wonderful convenient dangerous pleasant natural",
    );
    let to =
        finder.word(adjective, 1) == "to" && finder.is_verb(finder.word(adjective, 2), Form::Base);
    let for_whom = finder.word(adjective, 1) == "for" && finder.word(adjective, 3) == "to";
    if named && (to || for_whom) {
        finder.insert(at + 1, "it", "M:PRON", FORMAL);
        finder.point("pronoun.it_formal");
    }
}

/// `It is no use to cry.`
fn no_use(finder: &mut Finder<'_>, at: usize) {
    let phrase = finder.word(at, -2) == "no" && one_of(finder.word(at, -1), "use good point");
    if phrase && finder.word(at, 0) == "to" && finder.is_verb(finder.word(at, 1), Form::Base) {
        let replacement = morph::ing(finder.word(at, 1));
        finder.found.push(Found {
            at,
            count: 2,
            replacement,
            code: "R:VERB:FORM",
            point: Some("nonfinite.gerund"),
            reason: NO_USE,
        });
    }
}

/// `My uncle is used to get up early.`
fn used_to(finder: &mut Finder<'_>, at: usize) {
    let who = finder.word(at, -2);
    let somebody = person(finder.lexicon, who) || one_of(who, "i he she we they i'm he's she's");
    let verb = finder.word(at, 2);
    if finder.word(at, 0) == "used"
        && finder.word(at, 1) == "to"
        && BE.contains(&finder.word(at, -1))
        && somebody
        && finder.is_verb(verb, Form::Base)
        && !finder.lexicon.can_be(verb, Class::Noun)
    {
        finder.replace(at + 2, morph::ing(verb), "R:VERB:FORM", USED);
        finder.point("nonfinite.gerund_after_preposition");
    }
}

/// `I am writing tell you`, `He came see me`.
fn purpose(finder: &mut Finder<'_>, at: usize) {
    let word = finder.word(at, 0);
    let set_out = one_of(word, "out off") && finder.verb(finder.word(at, -1)) == Some("set");
    let moved = finder.verb(word).is_some_and(|verb| {
        one_of(verb, "write come go stay stop hurry rush return wait run travel")
    });
    let form = finder.is_verb(word, Form::Ing) || finder.is_verb(word, Form::Past);
    let base = finder.is_verb(word, Form::Base);
    let listed = finder.word(at, -1) == "and" || finder.word(at, 1) == "and";
    if (set_out || moved && form && !base && finder.tag(at, 0) == Tag::Verb)
        && !listed
        && finder.sentence(at).contains(&(at + 1))
        && bare(finder, at + 1)
    {
        finder.insert(at + 1, "to", "M:VERB:FORM", PURPOSE);
        finder.point("nonfinite.infinitive_purpose");
    }
}

/// `no plans retire`, `the ability learn`, `It is possible walk there.`
fn after_noun(finder: &mut Finder<'_>, at: usize) {
    let word = finder.word(at, 0);
    let before = finder.word(at, -1);
    let noun = one_of(word, NOUNS)
        && (finder.determiner(before)
            || finder.adjective(before)
            || finder.verb(before).is_some_and(|verb| one_of(verb, "have make get")));
    let adjective = one_of(word, ADJECTIVES)
        && (BE.contains(&finder.before(at))
            || super::scan::contracted_be(finder.before(at))
            || super::linking(finder.before(at)));
    let verb = finder.word(at, 1);
    // `possible` and `able` describe no noun after `be`, so that a verb must follow.
    let never_before_noun = adjective && one_of(word, "possible impossible able unable likely");
    let base = finder.is_verb(verb, Form::Base)
        && !auxiliary(verb)
        && (finder.tag(at, 1) == Tag::Verb || never_before_noun)
        && (never_before_noun
            || bare(finder, at + 1)
            || noun && !finder.lexicon.can_be(verb, Class::Adjective));
    if (noun || adjective) && finder.sentence(at).contains(&(at + 1)) && base {
        let reason = if noun { AFTER_NOUN } else { AFTER_ADJECTIVE };
        finder.insert(at + 1, "to", "M:VERB:FORM", reason);
        finder.point(if noun { "nonfinite.infinitive_attribute" } else { "nonfinite.infinitive" });
    }
}

/// `Have finished my homework, I went out.`
fn having(finder: &mut Finder<'_>, at: usize) {
    let range = finder.sentence(at);
    if at != range.start
        || finder.word(at, 0) != "have"
        || !finder.is_verb(finder.word(at, 1), Form::Participle)
    {
        return;
    }
    let comma = range.clone().find(|index| finder.word(*index, 0) == ",");
    let asks = range.clone().any(|index| finder.word(index, 0) == "?");
    let main = comma.is_some_and(|comma| {
        finder.tag(comma, 1) == Tag::Pronoun
            || finder.determiner(finder.word(comma, 1))
            || finder.tag(comma, 1) == Tag::Name
    });
    if main && !asks {
        finder.replace(at, "having", "R:VERB:FORM", HAVING);
        finder.point("nonfinite.present_participle");
    }
}

/// `I heard someone to knock`, `saw a man to enter`.
fn senses(finder: &mut Finder<'_>, at: usize) {
    let senses =
        finder.verb(finder.word(at, 0)).is_some_and(|verb| one_of(verb, "see hear watch notice"));
    if !senses || finder.tag(at, 0) == Tag::Noun || BE.contains(&finder.before(at)) {
        return;
    }
    let who = finder.word(at, 1);
    let to = if one_of(who, "someone somebody anyone everybody nobody") {
        at + 2
    } else if one_of(who, "a an the my his her our their") {
        match finder.head(at + 1) {
            Some(head) if head < at + 4 && person(finder.lexicon, finder.word(head, 0)) => head + 1,
            _ => return,
        }
    } else {
        return;
    };
    if finder.sentence(at).contains(&to)
        && finder.word(to, 0) == "to"
        && finder.is_verb(finder.word(to, 1), Form::Base)
        && finder.tag(to, 1) != Tag::Noun
    {
        finder.delete(to, "U:VERB:FORM", SENSES);
        finder.point("nonfinite.bare_infinitive");
    }
}

#[cfg(test)]
mod tests {
    use crate::rules::check::tests::corrected;

    #[test]
    fn infinitives_and_gerunds_follow_their_words() {
        for (wrong, right) in [
            ("She is old enough driving a car.", "She is old enough to drive a car."),
            ("We think necessary to tell them.", "We think it necessary to tell them."),
            ("It is no use to complain.", "It is no use complaining."),
            ("My aunt is used to eat late.", "My aunt is used to eating late."),
            ("He came tell us the news.", "He came to tell us the news."),
            ("He has no plan sell the house.", "He has no plan to sell the house."),
            ("Have eaten lunch, we left.", "Having eaten lunch, we left."),
            ("I saw a boy to fall.", "I saw a boy fall."),
        ] {
            assert_eq!(corrected(wrong), right);
        }
    }

    #[test]
    fn other_patterns_are_left_alone() {
        for text in [
            "Wood is used to make paper.",
            "We found it easy to use.",
            "Have you finished your work?",
            "He is too busy reading to talk.",
            "They went and told him.",
        ] {
            assert_eq!(corrected(text), text);
        }
    }
}
