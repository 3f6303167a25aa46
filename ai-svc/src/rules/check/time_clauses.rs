//! Tense in clauses of time and condition and beside words of time.
//!
//! Swan, *Practical English Usage* (4th edition), entries “tense simplification”, “present perfect or past?” and
//! “past perfect: basic information”.

use super::past_times::{dates_another, names_past_time};
use super::scan::Finder;
use crate::rules::lexicon::Form;
use crate::rules::morph;
use crate::rules::text::Tag;
use crate::rules::words::{one_of, subject};

const NO_WILL: (&str, &str) = (
    "时间、条件状语从句用一般现在时表示将来",
    "a clause of time or condition speaks of the future in the present tense",
);
const PAST: (&str, &str) = (
    "有 ago、yesterday、last 等过去时间，用一般过去时",
    "a time that is over goes with the past simple",
);
const SINCE: (&str, &str) =
    ("since 引导的从句用一般过去时", "the clause after “since” is in the past");
const EARLIER: (&str, &str) =
    ("过去的过去用过去完成时", "what was over before another past event is in the past perfect");
const UP_TO_NOW: (&str, &str) =
    ("so far 等表示到现在为止，用现在完成时", "“so far” goes with the present perfect");
const OVER: (&str, &str) = (
    "主句讲过去的事，时间状语从句也用过去时",
    "where the main clause is in the past, so is the clause of time",
);
const REPORTED: (&str, &str) = (
    "主句是过去时，间接引语用过去将来时",
    "what was said about the future is reported with “would”",
);
const BACKGROUND: (&str, &str) =
    ("过去某事发生时正在进行的动作用过去进行时", "what was going on is in the past progressive");

/// Checks every word.
pub fn check(finder: &mut Finder<'_>) {
    for at in 0..finder.len() {
        if finder.text.tokens[at].quoted {
            continue;
        }
        will(finder, at);
        perfect_of_past(finder, at);
        since(finder, at);
        earlier(finder, at);
        perfect(finder, at);
        so_far(finder, at);
        background(finder, at);
        dated(finder, at);
        when_past(finder, at);
        reported(finder, at);
    }
}

fn finite_past_in(finder: &Finder<'_>, mut range: std::ops::Range<usize>) -> bool {
    range.any(|index| finder.finite_past(index) && !finder.text.tokens[index].quoted)
}

fn report(
    finder: &mut Finder<'_>,
    (at, count): (usize, usize),
    replacement: String,
    point: &'static str,
    reason: (&'static str, &'static str),
) {
    finder.found.push(super::Found {
        at,
        count,
        replacement,
        code: "R:VERB:TENSE",
        point: Some(point),
        reason,
    });
}

/// `If it will rain, we will stay.`
fn will(finder: &mut Finder<'_>, at: usize) {
    if !matches!(finder.word(at, 0), "will") {
        return;
    }
    let verb = finder.word(at, 1);
    let who = finder.word(at, -1);
    let pronoun = subject(who) || matches!(who, "you" | "it");
    let opener = if pronoun {
        at.checked_sub(2)
    } else {
        (at.saturating_sub(4)..at.saturating_sub(1)).rev().find(|index| {
            finder.determiner(finder.word(*index + 1, 0))
                && one_of(finder.word(*index, 0), "if unless when until before after once")
        })
    };
    let Some(opener) = opener else { return };
    let conjunction = one_of(finder.word(opener, 0), "if unless when until before after once")
        || finder.word(opener, 0) == "as" && finder.word(opener, -1) == "soon";
    let before = finder.word(opener, -1);
    // `I don't know if he will come` asks.
    let asks = finder.verb(before).is_some_and(|word| {
        one_of(word, "know wonder ask tell see doubt care say decide understand")
    }) || one_of(before, "sure about me us him her them certain is was");
    let main = finder.sentence(at).any(|index| {
        index != at && one_of(finder.word(index, 0), "will can must shall won't may should")
            || finder.word(index, 0).ends_with("'ll")
    });
    if conjunction && !asks && main && finder.is_verb(verb, Form::Base) {
        let third = matches!(who, "he" | "she" | "it")
            || !pronoun && finder.noun(who) == Some(who) && !finder.plural(who);
        let with = match (verb, third) {
            ("be", true) => "is".to_owned(),
            ("be", false) if who == "i" => "am".to_owned(),
            ("be", false) => "are".to_owned(),
            (_, true) => morph::third(verb),
            _ => verb.to_owned(),
        };
        report(finder, (at, 2), with, "clause.adverbial.condition", NO_WILL);
    }
}

/// `I have met him two years ago.`
fn perfect_of_past(finder: &mut Finder<'_>, at: usize) {
    let verb = finder.word(at, 1);
    let over = names_past_time(finder, at)
        || finder
            .sentence(at)
            .any(|index| finder.word(index, 0) == "just" && finder.word(index, 1) == "now");
    let reaches = finder.sentence_has(at, &["since", "for", "and", "but", "that", "?"]);
    if matches!(finder.word(at, 0), "have" | "has")
        && finder.is_verb(verb, Form::Participle)
        && finder.tag(at, 1) != Tag::Adjective
        && over
        && !reaches
        && !dates_another(finder, at)
    {
        let past = match finder.verb(verb) {
            Some("be") if one_of(finder.word(at, -1), "we you they") => "were".to_owned(),
            Some(base) => finder.lexicon.past(base),
            None => return,
        };
        report(finder, (at, 2), past, "verb.tense.past_simple", PAST);
    }
}

/// `She has worked here since she leaves school.`
fn since(finder: &mut Finder<'_>, at: usize) {
    let who = finder.word(at, -1);
    let word = finder.word(at, 0);
    if finder.word(at, -2) != "since" || !(subject(who) || matches!(who, "it" | "you")) {
        return;
    }
    let perfect = finder.sentence(at).any(|index| {
        one_of(finder.word(index, 0), "have has haven't hasn't")
            && (finder.is_verb(finder.word(index, 1), Form::Participle)
                || finder.is_verb(finder.word(index, 2), Form::Participle))
    });
    let Some(base) = finder.verb(word) else { return };
    let present = finder.is_verb(word, Form::Base) || finder.is_verb(word, Form::Third);
    if perfect && present && !finder.is_verb(word, Form::Past) && !matches!(base, "have" | "do") {
        let with = match word {
            "are" => "were".to_owned(),
            _ => finder.lexicon.past(base),
        };
        finder.replace(at, with, "R:VERB:TENSE", SINCE);
        finder.point("verb.tense.past_simple");
    }
}

/// `When I arrived, the train has left.`
fn earlier(finder: &mut Finder<'_>, at: usize) {
    let word = finder.word(at, 0);
    if !matches!(word, "has" | "have" | "hasn't" | "haven't") {
        return;
    }
    let adverb = usize::from(one_of(finder.word(at, 1), "already just never not ever been"));
    let place = at + 1 + adverb;
    if !finder.sentence(at).contains(&place)
        || !finder.is_verb(finder.word(place, 0), Form::Participle)
    {
        return;
    }
    let range = finder.sentence(at);
    let opener = range.clone().find(|index| {
        one_of(finder.word(*index, 0), "when before")
            || finder.word(*index, 0) == "time"
                && finder.word(*index, -1) == "the"
                && finder.word(*index, -2) == "by"
    });
    let Some(opener) = opener else { return };
    // The clause of time is in the past and this verb stands outside it.
    let (clause, outside) = if opener > at {
        (opener..range.end, true)
    } else {
        let comma = (opener..at).find(|index| finder.word(*index, 0) == ",").unwrap_or(at);
        (opener..comma, comma < at)
    };
    if outside && finite_past_in(finder, clause) {
        let with = if word.ends_with("n't") { "hadn't" } else { "had" };
        finder.replace(at, with, "R:VERB:TENSE", EARLIER);
        finder.point("verb.tense.past_perfect");
    }
}

/// Says whether the sentence of `at` names a time that reaches up to now.
fn lately(finder: &Finder<'_>, at: usize) -> bool {
    let range = finder.sentence(at);
    range.clone().any(|index| {
        let (a, b, c) = (finder.word(index, 0), finder.word(index, 1), finder.word(index, 2));
        a == "so" && b == "far" && (finder.tag(index, 2) == Tag::Mark || index == range.start)
            || a == "up" && b == "to" && c == "now"
            || one_of(a, "in over during")
                && b == "the"
                && one_of(c, "past last")
                && one_of(finder.word(index, 3), "few two three four several five ten years")
    })
}

/// `Our town had changed a lot in the past few years.`
fn perfect(finder: &mut Finder<'_>, at: usize) {
    let participle = finder.is_verb(finder.word(at, 1), Form::Participle)
        || one_of(finder.word(at, 1), "not never been");
    if finder.word(at, 0) != "had" || !participle || !lately(finder, at) {
        return;
    }
    let range = finder.sentence(at);
    let past = range.clone().any(|index| index != at && finder.finite_past(index));
    let before = finder.before(at);
    let third = !(one_of(before, "i we they you") || finder.plural(before));
    if !past {
        finder.replace(at, if third { "has" } else { "have" }, "R:VERB:TENSE", UP_TO_NOW);
        finder.point("verb.tense.present_perfect");
    }
}

/// `So far, we received many letters.`
fn so_far(finder: &mut Finder<'_>, at: usize) {
    let word = finder.word(at, 0);
    let who = finder.word(at, -1);
    let Some(base) = finder.verb(word) else { return };
    if lately(finder, at)
        && (subject(who) || matches!(who, "it"))
        && finder.finite_past(at)
        && finder.is_verb(word, Form::Past)
        && !crate::rules::words::auxiliary(word)
    {
        let have = if one_of(who, "he she it") { "has" } else { "have" };
        let with = format!("{have} {}", finder.lexicon.participle(base));
        report(finder, (at, 1), with, "verb.tense.present_perfect", UP_TO_NOW);
    }
}

/// `While I am cooking, the lights went out.`
fn background(finder: &mut Finder<'_>, at: usize) {
    let word = finder.word(at, 0);
    let who = finder.word(at, -1);
    if !one_of(word, "am is are")
        || !one_of(finder.word(at, -2), "while when as")
        || !finder.is_verb(finder.word(at, 1), Form::Ing)
    {
        return;
    }
    let range = finder.sentence(at);
    let past = finite_past_in(finder, range.clone()) || names_past_time(finder, at);
    let present = range.clone().any(|index| index != at && finder.finite_present(index));
    if past && !present && (subject(who) || who == "it") {
        let with = if one_of(who, "we they") { "were" } else { "was" };
        finder.replace(at, with, "R:VERB:TENSE", BACKGROUND);
        finder.point("verb.tense.past_progressive");
    }
}

/// `Last month our class hold a meeting`: a noun, a bare verb and a time that is over.
fn dated(finder: &mut Finder<'_>, at: usize) {
    let word = finder.word(at, 0);
    let noun = finder.tag(at, -1) == Tag::Noun;
    let range = finder.sentence(at);
    let other = range.clone().any(|index| {
        index != at
            && (finder.finite_past(index)
                || finder.finite_present(index)
                || crate::rules::words::auxiliary(finder.word(index, 0))
                || one_of(finder.word(index, 0), "to let make help see hear watch that ?"))
    });
    let object = finder.determiner(finder.word(at, 1))
        || one_of(finder.word(at, 1), "me him us them it to in on at");
    if noun
        && names_past_time(finder, at)
        && finder.tag(at, 0) == Tag::Verb
        && finder.is_verb(word, Form::Base)
        && !finder.is_verb(word, Form::Past)
        && !other
        && object
    {
        let base = finder.verb(word).unwrap_or(word);
        let past = finder.lexicon.past(base);
        finder.replace(at, past, "R:VERB:TENSE", PAST);
        finder.point("verb.tense.past_simple");
    }
}

/// `I was four when she passes away`, `When we get there, it had left`: both clauses are over.
fn when_past(finder: &mut Finder<'_>, at: usize) {
    let (word, who) = (finder.word(at, 0), finder.word(at, -1));
    let opener = one_of(finder.word(at, -2), "when before after until");
    if !opener || !(subject(who) || who == "it") || !finder.finite_present(at) {
        return;
    }
    let range = finder.sentence(at);
    let other = range.clone().any(|index| index != at && finder.finite_present(index));
    let mixed = finder.sentence_has(at, &["always", "often", "usually", "every", "will", "said"]);
    if finite_past_in(finder, range) && !other && !mixed && !crate::rules::words::auxiliary(word) {
        let base = finder.verb(word).unwrap_or(word);
        let past = finder.lexicon.past(base);
        finder.replace(at, past, "R:VERB:TENSE", OVER);
        finder.point("verb.tense.past_simple");
    }
}

/// `He said he will come the next day`: what was to come is reported with `would`.
fn reported(finder: &mut Finder<'_>, at: usize) {
    let who = finder.word(at, -1);
    let step: isize = if finder.word(at, -2) == "that" { -3 } else { -2 };
    let verb = finder.word(at, step);
    let told = one_of(verb, "said thought hoped promised knew believed decided")
        || one_of(verb, "me him her us them") && finder.word(at, step - 1) == "told";
    let still = finder.sentence_has(at, &["tomorrow", "now", "next", "always", "soon", "“"])
        && !finder.sentence(at).any(|index| {
            finder.word(index, 0) == "the" && one_of(finder.word(index, 1), "next following")
        });
    if finder.word(at, 0) == "will" && (subject(who) || who == "it") && told && !still {
        finder.replace(at, "would", "R:VERB:TENSE", REPORTED);
        finder.point("verb.tense.consistency");
    }
}

#[cfg(test)]
mod tests {
    use crate::rules::check::tests::corrected;

    #[test]
    fn clauses_of_time_and_condition_have_their_tense() {
        for (wrong, right) in [
            ("If it will snow, we will ski.", "If it snows, we will ski."),
            ("I have seen him two days ago.", "I saw him two days ago."),
            ("He has lived here since he comes.", "He has lived here since he came."),
            (
                "When we got there, the film has already begun.",
                "When we got there, the film had already begun.",
            ),
            ("So far, she wrote five books.", "So far, she has written five books."),
            ("While I am reading, the phone rang.", "While I was reading, the phone rang."),
            ("Last week my aunt buy a car.", "Last week my aunt bought a car."),
            ("He said he will come.", "He said he would come."),
            ("I was ten when he moves here.", "I was ten when he moved here."),
        ] {
            assert_eq!(corrected(wrong), right);
        }
    }

    #[test]
    fn other_clauses_are_left_alone() {
        for text in [
            "I don't know if he will come.",
            "He has been ill since last week.",
            "When he calls, I will tell him that you are here.",
            "I have never met the man who came yesterday.",
            "I have read the book you lent me last week.",
        ] {
            assert_eq!(corrected(text), text);
        }
    }
}
