//! Prepositions with words of time.

use super::scan::Finder;
use crate::rules::text::Tag;
use crate::rules::words::one_of;
use crate::rules::words::{ORDINALS, PREPOSITIONS};

const TIME: (&str, &str) = (
    "时间介词：钟点用 at，某一天用 on，月份、年份、季节用 in",
    "“at” for hours, “on” for days, “in” for months and years",
);

const NO_TIME: (&str, &str) = (
    "every、last、next、this、that 前不用时间介词",
    "no preposition before “every”, “last”, “next”, “this” or “that”",
);

const DURING: (&str, &str) = (
    "during 是介词，后面接句子要用 when/while",
    "“during” is a preposition; a clause takes “when”",
);

/// Checks every word.
pub fn check(finder: &mut Finder<'_>) {
    for at in 0..finder.len() {
        during(finder, at);
        time(finder, at);
        no_time(finder, at);
    }
}

/// `during he slept`.
fn during(finder: &mut Finder<'_>, at: usize) {
    let (word, next) = (finder.word(at, 0), finder.word(at, 1));
    let clause = one_of(next, "i he she we they")
        || matches!(next, "you" | "it") && matches!(finder.tag(at, 2), Tag::Verb | Tag::Auxiliary)
        || matches!(next, "my" | "the")
            && matches!(finder.tag(at, 3), Tag::Auxiliary)
            && finder.tag(at, 2) == Tag::Noun
            && one_of(finder.word(at, 3), "was were is are");
    let with = match word {
        "during" => "when",
        "despite" => "although",
        _ => return,
    };
    if clause {
        finder.replace(at, with, "R:CONJ:SUB", DURING);
        finder.point(if word == "during" {
            "clause.adverbial.time"
        } else {
            "clause.adverbial.concession"
        });
    }
}

fn time(finder: &mut Finder<'_>, at: usize) {
    let word = finder.word(at, 0);
    if !matches!(word, "in" | "on" | "at") {
        return;
    }
    let (next, after) = (finder.word(at, 1), finder.word(at, 2));
    let weekday = |word: &str| {
        one_of(
            word,
            "monday tuesday wednesday thursday friday saturday sunday mondays \
sundays saturdays fridays",
        )
    };
    let month = |word: &str| {
        one_of(
            word,
            "january february april june july august september october november \
december",
        )
    };
    // `May` and `March` are months before a number.
    let month = |word: &str, after: &str| {
        month(word)
            || one_of(word, "may march") && after.starts_with(|first: char| first.is_ascii_digit())
    };
    let year =
        next.len() == 4 && next.parse::<u32>().is_ok_and(|year| (1500..2100).contains(&year));
    let closed = finder.tag(at, 2) == Tag::Mark || after.is_empty();
    let with = if weekday(next)
        || matches!(next, "the" | "a" | "one")
            && matches!(after, "morning" | "afternoon" | "evening")
            && finder.word(at, 3) == "of"
            && (weekday(finder.word(at, 4)) || month(finder.word(at, 4), ""))
        || next == "the"
            && ORDINALS.contains(&after)
            && finder.word(at, 3) == "of"
            && month(finder.word(at, 4), "")
    {
        "on"
    } else if month(next, after) && (closed || after.parse::<u32>().is_ok_and(|year| year > 31))
        || year && closed
        || one_of(next, "spring summer winter autumn") && closed
        || next == "the"
            && matches!(after, "morning" | "afternoon" | "evening")
            && finder.tag(at, 3) == Tag::Mark
    {
        "in"
    } else if month(next, after)
        && after
            .trim_end_matches("st")
            .trim_end_matches("nd")
            .trim_end_matches("rd")
            .trim_end_matches("th")
            .parse::<u32>()
            .is_ok_and(|day| day <= 31)
    {
        "on"
    } else if matches!(next, "night" | "noon" | "midnight") && closed || after == "o'clock" {
        "at"
    } else {
        return;
    };
    if with != word {
        finder.replace(at, with, "R:PREP", TIME);
        finder.point("preposition.time");
    }
}

/// `on every day`, `in last week`.
fn no_time(finder: &mut Finder<'_>, at: usize) {
    let word = finder.word(at, 0);
    if !matches!(word, "in" | "on" | "at") {
        return;
    }
    let (next, after) = (finder.word(at, 1), finder.word(at, 2));
    let unit = one_of(
        after,
        "day morning afternoon evening night week month year weekend summer \
winter spring sunday monday saturday friday time",
    );
    let determined = matches!(next, "every" | "last" | "next")
        || matches!(next, "this") && one_of(after, "morning afternoon evening week year month");
    let verb_particle =
        finder.verb(finder.word(at, -1)).is_some_and(|verb| one_of(verb, "move go carry keep"));
    let closed = finder.tag(at, 3) == Tag::Mark
        || finder.word(at, 3).is_empty()
        || PREPOSITIONS.contains(&finder.word(at, 3))
        || one_of(finder.word(at, 3), "i we he they she and because when");
    let repeated = unit && determined && !verb_particle && closed;
    if repeated && !(word == "in" && next == "every")
        || matches!(next, "tomorrow" | "yesterday" | "today")
            && (finder.tag(at, 2) == Tag::Mark
                || after.is_empty()
                || matches!(after, "morning" | "evening" | "afternoon"))
    {
        finder.delete(at, "U:PREP", NO_TIME);
        finder.point("preposition.time");
    } else if one_of(next, "abroad downstairs upstairs home")
        && word != "at"
        && finder
            .verb(finder.word(at, -1))
            .is_some_and(|verb| one_of(verb, "go come travel return"))
    {
        finder.delete(at, "U:PREP", ("副词前不用介词", "an adverb takes no preposition"));
    }
}
