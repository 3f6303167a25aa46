//! Conjunctions: pairs, doubled ones, missing ones.

use super::scan::Finder;
use crate::rules::lexicon::{Class, Form};
use crate::rules::text::Tag;
use crate::rules::words::one_of;
use crate::rules::words::{MODALS, SUBORDINATORS};

const DOUBLED: (&str, &str) = (
    "英语里 although 与 but、because 与 so 只用一个",
    "“although” and “but”, or “because” and “so”, do not go together",
);
const PAIR: (&str, &str) = ("关联连词要成对使用", "these words come in pairs");
const JOIN: (&str, &str) = ("两个句子之间要有连词", "two clauses need a conjunction between them");
const IF: (&str, &str) =
    ("whether 表“是否”，条件用 if，时间用 when", "“whether” asks; a condition takes “if”");
const WHENEVER: (&str, &str) = ("表示“无论何时”用 whenever", "“at any time” is “whenever”");

/// Checks every conjunction.
pub fn check(finder: &mut Finder<'_>) {
    for at in 0..finder.len() {
        doubled(finder, at);
        pairs(finder, at);
        condition(finder, at);
        splice(finder, at);
    }
}

fn doubled(finder: &mut Finder<'_>, at: usize) {
    let word = finder.word(at, 0);
    if !matches!(word, "but" | "so") || finder.word(at, -1) != "," || finder.text.tokens[at].quoted
    {
        return;
    }
    let start = finder.sentence(at).start;
    let first = finder.word(start, 0);
    let clause =
        matches!(finder.tag(at, 1), Tag::Pronoun | Tag::Determiner | Tag::Noun | Tag::Name)
            || finder.word(at, 1) == "there";
    let other = match word {
        "but" => {
            matches!(first, "although" | "though")
                || first == "even" && finder.word(start, 1) == "though"
        }
        _ => matches!(first, "because" | "since" | "as") && finder.word(start, 1) != "for",
    };
    let commas = (start..at).filter(|index| finder.word(*index, 0) == ",").count();
    if other && clause && commas == 1 {
        finder.delete(at, "U:CONJ", DOUBLED);
        finder.point("conjunction.doubled");
    }
}

fn pairs(finder: &mut Finder<'_>, at: usize) {
    let word = finder.word(at, 0);
    if !one_of(word, "and or but nor to also") {
        return;
    }
    let start = finder.sentence(at).start.max(at.saturating_sub(12));
    let opener = (start..at).rev().find(|index| {
        one_of(finder.word(*index, 0), "both either neither between")
            || finder.word(*index, 0) == "not" && finder.word(*index, 1) == "only"
    });
    let Some(opener) = opener else { return };
    let between = (opener + 1..at).any(|index| one_of(finder.word(index, 0), "and or nor but ;"));
    if between {
        return;
    }
    if finder.word(at, 1) == finder.word(opener, 0) {
        return;
    }
    let with = match finder.word(opener, 0) {
        "not" if word == "and" && finder.word(at, 1) == "also" => "but",
        "not" if matches!(word, "and" | "or") && finder.word(at, -1) == "," => "but",
        "both" if word == "or" => "and",
        "either"
            if word == "and"
                && at - opener <= 5
                && finder.tag(opener, 1) != Tag::Mark
                && finder.word(opener, 1) != "of" =>
        {
            "or"
        }
        "neither"
            if matches!(word, "or" | "and")
                && at - opener <= 5
                && finder.word(opener, 1) != "of"
                && finder.tag(opener, 1) != Tag::Mark =>
        {
            "nor"
        }
        "between"
            if matches!(word, "or" | "to")
                && at - opener <= 5
                && !finder.adjective(finder.word(at, -1)) =>
        {
            "and"
        }
        _ => return,
    };
    if finder.word(opener, 0) == "between"
        && word == "to"
        && finder.is_verb(finder.word(at, 1), Form::Base)
        && !finder.lexicon.can_be(finder.word(at, 1), Class::Noun)
    {
        return;
    }
    finder.replace(at, with, "R:CONJ", PAIR);
    finder.point("conjunction.correlative");
}

/// `Whether it rains, we …`, `whatever possible`.
fn condition(finder: &mut Finder<'_>, at: usize) {
    let word = finder.word(at, 0);
    let range = finder.sentence(at);
    if word == "whether" && at == range.start {
        let comma = range.clone().find(|index| finder.word(*index, 0) == ",");
        let alternative = range.clone().any(|index| finder.word(index, 0) == "or");
        let subject_after = comma.is_some_and(|comma| {
            finder.tag(comma, 1) == Tag::Pronoun || finder.determiner(finder.word(comma, 1))
        });
        if subject_after && !alternative {
            finder.replace(at, "if", "R:CONJ:SUB", IF);
            finder.point("clause.adverbial.condition");
        }
    }
    if matches!(word, "whatever" | "whichever" | "whoever")
        && one_of(finder.word(at, 1), "necessary possible needed required convenient available")
    {
        finder.replace(at, "whenever", "R:CONJ:SUB", WHENEVER);
        finder.point("clause.adverbial.time");
    }
    if word == "unless"
        && finder.sentence(at).start == at
        && (one_of(finder.word(at, 2), "don't doesn't didn't not"))
    {
        finder.replace(
            at,
            "if",
            "R:CONJ:SUB",
            ("unless 已含否定，不再与 not 连用", "“unless” already means “if not”"),
        );
        finder.point("clause.adverbial.condition");
    }
}

/// Says whether a sentence opens as `No matter how …`, `The moment he …` or `The first time I …`.
fn subordinating_phrase(finder: &Finder<'_>, start: usize) -> bool {
    let subject_at = |offset: isize| {
        finder.tag(start, offset) == Tag::Pronoun || finder.determiner(finder.word(start, offset))
    };
    let moment = one_of(finder.word(start, 1), "moment minute instant second time day year");
    finder.word(start, 0) == "no" && finder.word(start, 1) == "matter"
        || moment && subject_at(2)
        || one_of(finder.word(start, 1), "first second third next last")
            && finder.word(start, 2) == "time"
            && subject_at(3)
}

/// `It was late, we went home.`
fn splice(finder: &mut Finder<'_>, at: usize) {
    if finder.word(at, 0) != "," || finder.text.tokens[at].quoted || at + 2 >= finder.len() {
        return;
    }
    let range = finder.sentence(at);
    let subject = finder.word(at, 1);
    if !one_of(subject, "i he she we they it") {
        return;
    }
    let verb = finder.word(at, 2);
    let finite = matches!(finder.tag(at, 2), Tag::Verb | Tag::Auxiliary)
        && (finder.finite_past(at + 2) || finder.finite_present(at + 2) || MODALS.contains(&verb));
    let reporting = finder.verb(verb).is_some_and(|word| {
        one_of(
            word,
            "say think believe suppose guess hope mean know feel find tell ask \
realize",
        )
    });
    if !finite || reporting {
        return;
    }
    // The first half must be a full clause of its own, opened by its subject.
    let first = finder.word(range.start, 0);
    let subject_first = one_of(first, "i he she we they it")
        || finder.determiner(first)
            && !one_of(first, "what which whose this that one every all some two three");
    let quick = subject_first
        && matches!(
            finder.tag(range.start, 1),
            Tag::Verb | Tag::Auxiliary | Tag::Noun | Tag::Adjective | Tag::Adverb
        );
    let subordinate = (range.start..at).any(|index| {
        let word = finder.word(index, 0);
        SUBORDINATORS.contains(&word) && !one_of(word, "before after as than") || matches!(word, "the" if finder.word(index, 1).ends_with("er") && index == range.start) || finder.text.tokens[index].quoted
    });
    let finite_first = (range.start..at).any(|index| {
        finder.finite_past(index)
            || finder.finite_present(index)
            || MODALS.contains(&finder.word(index, 0))
    });
    let noun_time = one_of(
        finder.word(at, -1),
        "day morning afternoon evening night year time summer winter week",
    ) && !finite_first;
    let later = (at + 1..range.end).any(|index| {
        finder.word(index, 0) == "," && one_of(finder.word(index, 1), "and but or so")
    }) || finder.sentence(at).any(|index| index > at && finder.word(index, 0) == "?");
    let whole_speech =
        (range.start..range.end).any(|index| matches!(finder.word(index, 0), "“" | "\"" | ";"));
    if quick
        && finite_first
        && !subordinate
        && !subordinating_phrase(finder, range.start)
        && !noun_time
        && !later
        && !whole_speech
        && at > range.start + 2
    {
        finder.insert(at + 1, "and", "M:CONJ", JOIN);
        finder.point("conjunction.coordinating");
    }
}

#[cfg(test)]
mod tests {
    use crate::rules::check::tests::corrected;

    #[test]
    fn only_one_conjunction() {
        assert_eq!(
            corrected("Although he was ill, but he went to school."),
            "Although he was ill, he went to school."
        );
        assert_eq!(
            corrected("Because it rained, so we stayed in."),
            "Because it rained, we stayed in."
        );
    }

    #[test]
    fn pairs_and_joints() {
        assert_eq!(
            corrected("She can not only sing and also dance."),
            "She can not only sing but also dance."
        );
        assert_eq!(
            corrected("Neither my father or my mother smokes."),
            "Neither my father nor my mother smokes."
        );
        assert_eq!(
            corrected("The bus was late, we walked home."),
            "The bus was late, and we walked home."
        );
        assert_eq!(
            corrected("The next day he got up late, he missed the bus."),
            "The next day he got up late, and he missed the bus."
        );
    }

    #[test]
    fn a_clause_that_opens_with_a_phrase_is_joined() {
        for text in [
            "No matter how hard it is, we will finish it.",
            "The moment he heard the news, he rushed out.",
            "The first time I met her, she was reading.",
        ] {
            assert_eq!(corrected(text), text);
        }
    }
}
