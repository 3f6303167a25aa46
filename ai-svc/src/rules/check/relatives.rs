//! Relative, nominal and cleft clauses told apart by what the clause lacks.
//!
//! Huddleston and Pullum, *The Cambridge Grammar of the English Language* (2002), chapters 12 (relative
//! constructions) and 11 (content clauses); §16.9 for clefts.

use super::Found;
use super::clauses::finite;
use super::scan::Finder;
use crate::rules::clauses_nouns::{PLACES, TIMES};
use crate::rules::lexicon::{Class, Form};
use crate::rules::morph;
use crate::rules::text::Tag;
use crate::rules::words::{BE, MODALS, PREPOSITIONS, one_of, subject};

const WHERE: (&str, &str) = (
    "从句不缺主语或宾语，先行词表示地点，用 where",
    "the clause is complete and the noun is a place, so it takes “where”",
);
const WHEN: (&str, &str) = (
    "从句不缺主语或宾语，先行词表示时间，用 when",
    "the clause is complete and the noun is a time, so it takes “when”",
);
const WHICH: (&str, &str) = (
    "从句缺宾语，用关系代词 which/that",
    "the clause lacks its object, so it takes “which” or “that”",
);
const ALL_THAT: (&str, &str) =
    ("先行词是 all、everything 等时用 that", "after “all” the relative word is “that”");
const CLEFT: (&str, &str) =
    ("强调句型 It is … that", "“it is … that” puts a part of the sentence first");
const ORDER: (&str, &str) =
    ("宾语从句用陈述语序", "a question inside a sentence has the order of a statement");
const WHETHER: (&str, &str) =
    ("有 or not，表示“是否”用 whether", "with “or not” the clause takes “whether”");
const WHAT: (&str, &str) =
    ("从句缺少主语或宾语，用 what", "the clause lacks its subject or object, so it takes “what”");

/// Verbs that lack nothing when a place or a time is all that is meant.
const COMPLETE: &str =
    "live grow stay work study meet wait sleep rest die sit stand play arrive settle";
/// Verbs that lack their object when nothing follows.
const OPEN: &str =
    "buy visit build see love like sell rent call describe choose design own make find";

/// Checks every word.
pub fn check(finder: &mut Finder<'_>) {
    for at in 0..finder.len() {
        gap(finder, at);
        all_what(finder, at);
        cleft(finder, at);
        question_order(finder, at);
        whether(finder, at);
        what_subject(finder, at);
    }
}

fn who(finder: &Finder<'_>, at: usize) -> bool {
    subject(finder.word(at, 0)) || matches!(finder.word(at, 0), "you")
}

/// First token after the verb at `at` that closes the clause.
fn clause_end(finder: &Finder<'_>, at: usize) -> usize {
    let end = finder.sentence(at).end;
    (at + 1..end)
        .find(|index| {
            finder.tag(*index, 0) == Tag::Mark
                || *index > at + 1 && (finder.finite_past(*index) || finder.finite_present(*index))
        })
        .unwrap_or(end)
}

/// `the village which I was born`, `the day which I joined the team`, `the house where I bought`.
fn gap(finder: &mut Finder<'_>, at: usize) {
    let word = finder.word(at, 0);
    if !matches!(word, "which" | "where" | "that") || at == 0 || !who(finder, at + 1) {
        return;
    }
    let noun = finder.noun(finder.word(at, -1)).unwrap_or("");
    let (place, time) = (PLACES.contains(&noun), TIMES.contains(&noun));
    if !(place || time)
        || PREPOSITIONS.contains(&finder.word(at, -1))
        || finder.tag(at, -1) != Tag::Noun
    {
        return;
    }
    let mut verb = at + 2;
    if BE.contains(&finder.word(verb, 0)) || one_of(finder.word(verb, 0), "have has had first") {
        verb += 1;
    }
    let Some(base) = finder.verb(finder.word(verb, 0)) else { return };
    let end = clause_end(finder, verb);
    let stranded = PREPOSITIONS.contains(&finder.word(end, -1)) && finder.word(end, -1) != "up";
    let next = finder.word(verb, 1);
    let object = finder.determiner(next) || one_of(next, "me him her us them it");
    if word == "where" {
        let adverbial = one_of(next, "last two three in on when yesterday this from");
        if one_of(base, OPEN) && (finder.tag(verb, 1) == Tag::Mark || next.is_empty() || adverbial)
        {
            finder.replace(at, "which", "R:CONJ:REL", WHICH);
            finder.point("clause.relative.pronoun");
        }
        return;
    }
    let born = finder.word(verb, 0) == "born";
    let complete = born
        || one_of(base, COMPLETE) && !object
        || object && !stranded && one_of(base, "join leave start begin meet finish enter win lose");
    // `that` may stand for `when` after a noun of time.
    if complete && !stranded && word == "which" {
        finder.replace(
            at,
            if time { "when" } else { "where" },
            "R:CONJ:REL",
            if time { WHEN } else { WHERE },
        );
        finder.point("clause.relative.adverb");
    }
}

/// `All what he said is true.`
fn all_what(finder: &mut Finder<'_>, at: usize) {
    if finder.word(at, 0) == "what"
        && one_of(finder.word(at, -1), "all everything anything nothing something")
        && (who(finder, at + 1) || finite(finder, at + 1))
        && finder.sentence(at).start + 1 == at
    {
        finder.replace(at, "that", "R:CONJ:REL", ALL_THAT);
        finder.point("clause.relative.pronoun");
    }
}

/// `It was in the park where I met her.`
fn cleft(finder: &mut Finder<'_>, at: usize) {
    let range = finder.sentence(at);
    if !one_of(finder.word(at, 0), "where when which")
        || finder.word(range.start, 0) != "it"
        || !one_of(finder.word(range.start, 1), "is was")
        || !one_of(finder.word(range.start, 2), "in on at from under by during through")
        || !(who(finder, at + 1) || finder.determiner(finder.word(at, 1)))
    {
        return;
    }
    let simple = (range.start + 2..at).all(|index| {
        finder.tag(index, 0) != Tag::Mark && finder.verb(finder.word(index, 0)).is_none()
            || matches!(finder.tag(index, 0), Tag::Noun | Tag::Preposition)
    });
    if simple && at > range.start + 3 {
        finder.replace(at, "that", "R:CONJ", CLEFT);
        finder.point("sentence.emphasis");
    }
}

/// `She asked me where did I live`, `Tell me how can I get there.`
fn question_order(finder: &mut Finder<'_>, at: usize) {
    let wh = one_of(finder.word(at, 0), "where when why how what who which");
    let before = finder.word(at, -1);
    let asked = if one_of(before, "me him her us them") { -2 } else { -1 };
    let asks = finder.verb(finder.word(at, asked)).is_some_and(|verb| {
        one_of(verb, "ask tell know wonder understand remember show explain learn find say")
    });
    let who = finder.word(at, 2);
    let pronoun = subject(who) || matches!(who, "you" | "it");
    if !wh || !asks || !pronoun || finder.text.tokens[at].quoted {
        return;
    }
    let (helper, verb) = (finder.word(at, 1), finder.word(at, 3));
    let shown: String = finder.text.tokens[at + 2].text.clone();
    let (count, replacement) = match helper {
        "do" | "does" | "did" if finder.is_verb(verb, Form::Base) => {
            let form = match helper {
                "did" => finder.lexicon.past(verb),
                "does" => morph::third(verb),
                _ => verb.to_owned(),
            };
            (3, format!("{shown} {form}"))
        }
        _ if MODALS.contains(&helper) || one_of(helper, "is are was were am has have had") => {
            (2, format!("{shown} {helper}"))
        }
        _ => return,
    };
    finder.found.push(Found {
        at: at + 1,
        count,
        replacement,
        code: "R:WO",
        point: Some("clause.nominal.object"),
        reason: ORDER,
    });
}

/// `I wonder that he will come or not.`
fn whether(finder: &mut Finder<'_>, at: usize) {
    let before = finder.word(at, -1);
    let asks = finder.verb(before).is_some_and(|verb| one_of(verb, "wonder know ask doubt decide"))
        || one_of(before, "sure me him her us them");
    let range = finder.sentence(at);
    let choice = (at..range.end)
        .any(|index| finder.word(index, 0) == "or" && finder.word(index, 1) == "not");
    if matches!(finder.word(at, 0), "that" | "what")
        && asks
        && choice
        && finder.word(at, 1) != "one"
    {
        finder.replace(at, "whether", "R:CONJ:NOM", WHETHER);
        finder.point("clause.nominal.object");
    }
}

/// `That he needs is rest.`, `That surprised me most was his answer.`
fn what_subject(finder: &mut Finder<'_>, at: usize) {
    if finder.word(at, 0) != "that" || at != finder.sentence(at).start {
        return;
    }
    let end = finder.sentence(at).end;
    let lacks_object = who(finder, at + 1)
        && finder
            .verb(finder.word(at, 2))
            .is_some_and(|verb| one_of(verb, "need want say do mean require wish learn"))
        && BE.contains(&finder.word(at, 3));
    let past = finder.is_verb(finder.word(at, 1), Form::Past)
        && !finder.lexicon.can_be(finder.word(at, 1), Class::Noun)
        && !crate::rules::words::auxiliary(finder.word(at, 1));
    let object = one_of(finder.word(at, 2), "me him her us them everyone people");
    let second = (at + 3..end.min(at + 6)).find(|index| {
        one_of(finder.word(*index, 0), "is was")
            && !one_of(finder.word(*index, -1), "he she it that")
    });
    let joined = second.is_some_and(|second| {
        (at..second).any(|index| {
            finder.tag(index, 0) == Tag::Mark
                || one_of(finder.word(index, 0), "and but because when how what")
        })
    });
    let lacks_subject = past && object && second.is_some() && !joined;
    if lacks_object || lacks_subject {
        finder.replace(at, "what", "R:CONJ:NOM", WHAT);
        finder.point("clause.nominal.subject");
    }
}

#[cfg(test)]
mod tests {
    use crate::rules::check::tests::corrected;

    #[test]
    fn the_gap_decides() {
        for (wrong, right) in [
            ("This is the town which I grew up.", "This is the town where I grew up."),
            ("I remember the day which I met him.", "I remember the day when I met him."),
            ("It is the shop where we visited.", "It is the shop which we visited."),
            ("All what she wants is peace.", "All that she wants is peace."),
            ("It was at school where we met.", "It was at school that we met."),
            ("I know where does he live.", "I know where he lives."),
            ("Tell me what is it.", "Tell me what it is."),
            ("I wonder that it is true or not.", "I wonder whether it is true or not."),
            ("That she said is true.", "What she said is true."),
        ] {
            assert_eq!(corrected(wrong), right);
        }
    }

    #[test]
    fn complete_clauses_are_left_alone() {
        for text in [
            "This is the house which we live in.",
            "The day that we met was sunny.",
            "It was a park where I met her.",
            "Where did you go?",
            "That book is mine.",
        ] {
            assert_eq!(corrected(text), text);
        }
    }
}
