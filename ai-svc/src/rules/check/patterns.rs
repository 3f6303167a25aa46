//! Patterns of verbs with `to`, without `to` and with `-ing`, and patterns of whole clauses.

use super::Found;
use super::scan::{Finder, Told};
use crate::rules::clauses_nouns::TIMES;
use crate::rules::lexicon::Form;
use crate::rules::morph;
use crate::rules::text::Tag;
use crate::rules::words::{BE, auxiliary, one_of, subject};

const NO_TO: (&str, &str) = (
    "had better、would rather、why not 后接不带 to 的动词原形",
    "no “to” after “had better”, “would rather” and “why not”",
);
const TO: (&str, &str) = ("这个结构里动词前要加 to", "the verb needs “to” in this pattern");
const ING: (&str, &str) = ("这个结构里动词用 -ing 形式", "the verb ends in -ing in this pattern");
const SENSES: (&str, &str) = (
    "see/hear/watch sb do：感官动词后的宾语补足语不带 to",
    "no “to” after “see”, “hear” and “watch” with an object",
);
const ENOUGH: (&str, &str) = ("enough 放在形容词后面", "“enough” follows the adjective");
const EITHER: (&str, &str) = ("否定句里的“也”用 either", "“too” becomes “either” after a negative");
const BE_FORM: (&str, &str) = ("be 要随主语和时态变化", "“be” changes with its subject and tense");
const PROGRESSIVE: (&str, &str) =
    ("-ing 形式单独不能作谓语，前面要有 be", "an -ing form alone is no predicate; it needs “be”");
const HOW: (&str, &str) = (
    "感叹句：what 修饰名词，how 修饰形容词",
    "in exclamations “what” goes with nouns, “how” with adjectives",
);

/// Checks every word.
pub fn check(finder: &mut Finder<'_>) {
    for at in 0..finder.len() {
        without_to(finder, at);
        with_to(finder, at);
        with_ing(finder, at);
        formal_it(finder, at);
        order(finder, at);
        bare_be(finder, at);
        bare_ing(finder, at);
        exclamation(finder, at);
        spaces(finder, at);
    }
}

fn base(finder: &Finder<'_>, at: usize) -> bool {
    let word = finder.word(at, 0);
    finder.is_verb(word, Form::Base) && finder.text.only_verb(at, 0) && !auxiliary(word)
}

/// `had better to go`, `why not to try`, `saw him to leave`.
fn without_to(finder: &mut Finder<'_>, at: usize) {
    if finder.word(at, 0) != "to" || !finder.is_verb(finder.word(at, 1), Form::Base) {
        return;
    }
    let (one, two) = (finder.word(at, -1), finder.word(at, -2));
    let had_better = one == "better" && two.ends_with("'d");
    if had_better || matches!((two, one), ("had", "better") | ("would", "rather") | ("why", "not"))
    {
        finder.delete(at, "U:VERB:FORM", NO_TO);
        finder.point("nonfinite.bare_infinitive");
    }
    let senses = finder.verb(two).is_some_and(|verb| one_of(verb, "see hear watch notice"));
    if senses && one_of(one, "me him her us them") && !BE.contains(&finder.word(at, -3)) {
        finder.delete(at, "U:VERB:FORM", SENSES);
        finder.point("nonfinite.bare_infinitive");
    }
}

/// `would like go`, `be able swim`, `have a chance see`, `in order save`.
fn with_to(finder: &mut Finder<'_>, at: usize) {
    let (word, one, two) = (finder.word(at, 0), finder.word(at, -1), finder.word(at, -2));
    let wished = one_of(one, "like love") && one_of(two, "would i'd he'd she'd we'd they'd you'd");
    if wished && finder.is_verb(word, Form::Ing) && finder.tag(at, 0) == Tag::Verb {
        let verb = finder.verb(word).unwrap_or(word);
        finder.replace(at, format!("to {verb}"), "R:VERB:FORM", TO);
        finder.point("nonfinite.infinitive_object");
        return;
    }
    let be = BE.contains(&two) || super::scan::contracted_be(two);
    let fixed = matches!((two, one), ("in", "order") | ("so", "as"))
        || (be || two == "not") && one == "able"
        || be && one == "going"
        || one == "ought"
        || one_of(one, "chance opportunity") && one_of(two, "a an the no great good")
        || one_of(one, "willing eager unwilling ready glad unable") && super::linking(two);
    let took = (finder.sentence(at).start..at).any(|index| {
        finder.word(index, 0) == "it" && finder.verb(finder.word(index, 1)) == Some("take")
    });
    let duration = took && (TIMES.contains(&one) || one_of(one, "hours time"));
    if (wished || fixed || duration) && base(finder, at) {
        finder.insert(at, "to", "M:VERB:FORM", TO);
        finder.point("nonfinite.infinitive");
    }
}

/// `spend two hours to do`, `have difficulty to find`, `feel like eat`, `keep me wait`.
fn with_ing(finder: &mut Finder<'_>, at: usize) {
    let (word, one, two) = (finder.word(at, 0), finder.word(at, -1), finder.word(at, -2));
    let start = finder.sentence(at).start.max(at.saturating_sub(7));
    let has = |list: &str| {
        (start..at)
            .any(|index| finder.verb(finder.word(index, 0)).is_some_and(|verb| one_of(verb, list)))
    };
    let spends = (TIMES.contains(&one) || one_of(one, "hours time money yuan dollars lot"))
        && has("spend waste");
    let troubled = one_of(one, "difficulty trouble fun difficulties") && has("have");
    if (spends || troubled) && word == "to" && base(finder, at + 1) {
        finder.found.push(Found {
            at,
            count: 2,
            replacement: morph::ing(finder.word(at, 1)),
            code: "R:VERB:FORM",
            point: Some("nonfinite.gerund"),
            reason: ING,
        });
        return;
    }
    let feels = one == "like" && finder.verb(two) == Some("feel");
    let keeps = one_of(one, "me him us them") && finder.verb(two) == Some("keep");
    if (spends || troubled || feels || keeps) && base(finder, at) {
        finder.replace(at, morph::ing(word), "R:VERB:FORM", ING);
        finder.point(if keeps { "nonfinite.participle_complement" } else { "nonfinite.gerund" });
    }
}

/// `It is important for us learn`, `It is easy learn`, `find it hard learn`.
fn formal_it(finder: &mut Finder<'_>, at: usize) {
    if !base(finder, at) {
        return;
    }
    let start = finder.sentence(at).start.max(at.saturating_sub(7));
    let it = (start..at).find(|index| {
        let finds = finder.verb(finder.word(*index, -1));
        let formal = BE.contains(&finder.word(*index, 1))
            || finds.is_some_and(|verb| one_of(verb, "find make think feel"));
        finder.word(*index, 0) == "it" && formal || finder.word(*index, 0) == "it's"
    });
    let Some(it) = it else { return };
    let clean = (it..at).all(|index| {
        finder.tag(index, 0) != Tag::Mark && !one_of(finder.word(index, 0), "that to who which")
    });
    let direct = finder.adjective(finder.word(at, -1)) && finder.tag(at, -1) == Tag::Adjective;
    let person = one_of(finder.word(at, -1), "me him her us them you people students everyone")
        && one_of(finder.word(at, -2), "for of")
        && finder.adjective(finder.word(at, -3));
    if clean && (direct || person) {
        finder.insert(at, "to", "M:VERB:FORM", TO);
        finder.point("pronoun.it_formal");
    }
}

/// `enough old`, `… not like it, too.`, `the most of the students`.
fn order(finder: &mut Finder<'_>, at: usize) {
    let (word, next) = (finder.word(at, 0), finder.word(at, 1));
    let predicate = super::linking(finder.word(at, -1)) || finder.word(at, -1) == "not";
    let alone = finder.only_adjective(next) && finder.tag(at, 2) != Tag::Noun;
    if word == "enough" && predicate && alone {
        finder.found.push(Found {
            at,
            count: 2,
            replacement: format!("{next} enough"),
            code: "R:WO",
            point: Some("adverb.position"),
            reason: ENOUGH,
        });
    }
    if word == "too" && matches!(next, "." | "!") {
        let start = finder.text.clause_start(at.saturating_sub(2));
        let negative = (start..at).any(|index| {
            let word = finder.word(index, 0);
            word == "not" && finder.word(index, 1) != "only"
                || word.ends_with("n't")
                || word == "cannot"
        });
        if negative {
            finder.replace(at, "either", "R:ADV", EITHER);
        }
    }
    let making = finder.verb(finder.word(at, -1)) == Some("make");
    if word == "the" && next == "most" && finder.word(at, 2) == "of" && !making {
        let reason = ("“大多数”是 most of，不用 the", "“most of” has no article");
        finder.delete(at, "U:DET:ART", reason);
    }
}

/// The form of `be` for a subject in this text.
fn be_for(finder: &Finder<'_>, at: usize, who: &str) -> String {
    let start = finder.sentence(at).start;
    let told_before =
        start > 0 && finder.sentence(start - 1).any(|index| finder.finite_past(index));
    let past = finder.told == Told::Past
        || finder.told == Told::Mixed && told_before
        || finder.sentence(at).any(|index| finder.finite_past(index));
    if who == "i" && !past {
        return "am".into();
    }
    finder.conjugate("be", past, true, one_of(who, "we they"))
}

/// `It be cold.`, `they be late`.
fn bare_be(finder: &mut Finder<'_>, at: usize) {
    if finder.word(at, 0) != "be" || at == 0 {
        return;
    }
    let who = finder.word(at, -1);
    let pronoun = subject(who)
        || one_of(who, "it this") && finder.text.opens_clause(at - 1)
        || finder.tag(at, -1) == Tag::Name && finder.sentence(at).start + 1 == at;
    let asked = finder.text.near(at, -2).is_some_and(|token| {
        auxiliary(&token.lower) || one_of(&token.lower, "let make that lest whether")
    });
    if pronoun && !asked {
        let with = be_for(finder, at, who);
        finder.replace(at, with, "R:VERB:TENSE", BE_FORM);
    }
}

/// `I looking forward to …`, `I'm look forward to …`.
fn bare_ing(finder: &mut Finder<'_>, at: usize) {
    let (word, next, after) = (finder.word(at, 0), finder.word(at, 1), finder.word(at, 2));
    let helped = finder
        .text
        .near(at, -1)
        .is_some_and(|token| auxiliary(&token.lower) || token.tag == Tag::Verb);
    let lone = finder.is_verb(next, Form::Ing) && finder.text.only_verb(at, 1);
    if subject(word) && finder.text.opens_clause(at) && lone && !helped {
        let be = be_for(finder, at, word);
        finder.insert(at + 1, be, "M:VERB:TENSE", PROGRESSIVE);
    }
    let be = super::scan::contracted_be(word) && word != "that's"
        || one_of(word, "am is are was were") && one_of(finder.word(at, -1), "i he she we they");
    let stative = one_of(
        next,
        "agree want know think believe hope depend belong understand go have enjoy \
         disagree prefer hate let set",
    );
    let object = finder.determiner(after) || one_of(after, "forward for to me him it them");
    if be && base(finder, at + 1) && finder.tag(at, 1) == Tag::Verb && !stative && object {
        finder.replace(at + 1, morph::ing(next), "R:VERB:FORM", PROGRESSIVE);
        finder.point("verb.tense.present_progressive");
    }
}

/// `How a beautiful day!`, `What beautiful the flowers are!`
fn exclamation(finder: &mut Finder<'_>, at: usize) {
    if at != finder.sentence(at).start {
        return;
    }
    let (word, next, after) = (finder.word(at, 0), finder.word(at, 1), finder.word(at, 2));
    let clause = one_of(after, "the my your his") || subject(after);
    if word == "how" && matches!(next, "a" | "an") {
        finder.replace(at, "what", "R:PRON", HOW);
        finder.point("mood.exclamation");
    } else if word == "what"
        && finder.only_adjective(next)
        && clause
        && finder.sentence_has(at, &["!"])
    {
        finder.replace(at, "how", "R:ADV", HOW);
        finder.point("mood.exclamation");
    }
}

/// `I run everyday.`, `thousand of people`, `its a pity`.
fn spaces(finder: &mut Finder<'_>, at: usize) {
    let (word, next) = (finder.word(at, 0), finder.word(at, 1));
    let closes = finder.tag(at, 1) == Tag::Mark || one_of(next, "and to because after in at");
    if word == "everyday" && closes {
        let reason = ("“每天”作状语写成两个词 every day", "as an adverbial it is two words");
        finder.replace(at, "every day", "R:ORTH", reason);
    }
    let counted = finder.determiner(finder.word(at, -1));
    if one_of(word, "hundred thousand million") && next == "of" && !counted {
        let reason = ("“成百上千的”用复数加 of", "an open number is plural before “of”");
        finder.replace(at, format!("{word}s"), "R:NOUN:NUM", reason);
    }
    if word == "its" && one_of(next, "a an the not very too really") && finder.text.opens_clause(at)
    {
        let reason = ("its 是“它的”，“它是”写作 it’s", "“its” is possessive; “it is” is “it’s”");
        finder.replace(at, "it's", "R:CONTR", reason);
    }
}

#[cfg(test)]
mod tests {
    use crate::rules::check::tests::corrected;

    #[test]
    fn verbs_follow_their_patterns() {
        assert_eq!(corrected("You had better to go now."), "You had better go now.");
        assert_eq!(corrected("I would like buy a pen."), "I would like to buy a pen.");
        assert_eq!(corrected("He spent two hours to write it."), "He spent two hours writing it.");
        assert_eq!(
            corrected("It is important for us learn English."),
            "It is important for us to learn English."
        );
        assert_eq!(corrected("It be very cold today."), "It is very cold today.");
        assert_eq!(
            corrected("I looking forward to your letter."),
            "I am looking forward to your letter."
        );
    }

    #[test]
    fn small_words_stand_where_they_belong() {
        assert_eq!(corrected("He is not enough old."), "He is not old enough.");
        assert_eq!(corrected("I don't like it, too."), "I don't like it, either.");
        assert_eq!(corrected("How a lovely day it is!"), "What a lovely day it is!");
        assert_eq!(corrected("We read everyday."), "We read every day.");
        let right = "We should make the most of our time.";
        assert_eq!(corrected(right), right);
    }
}
