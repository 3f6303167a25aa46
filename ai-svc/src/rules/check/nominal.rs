//! Words that begin nominal clauses.

use super::clauses::finite;
use super::scan::Finder;
use crate::rules::text::Tag;
use crate::rules::words::BE;
use crate::rules::words::one_of;

const WHAT: (&str, &str) =
    ("从句缺少主语或宾语，用 what", "the clause lacks its subject or object, so it takes “what”");

const THAT: (&str, &str) = ("从句不缺成分，用 that", "the clause is complete, so it takes “that”");

const SUGGEST: (&str, &str) =
    ("suggest 表“建议”时从句用 should + 动词原形", "after “suggest” the clause takes “should”");

/// Checks every word.
pub fn check(finder: &mut Finder<'_>) {
    for at in 0..finder.len() {
        nominal(finder, at);
        suggest(finder, at);
        how(finder, at);
    }
}

/// `tell me which has changed`, `believe what he is right`, `the reason is because`.
fn nominal(finder: &mut Finder<'_>, at: usize) {
    let word = finder.word(at, 0);
    let before = finder.verb(finder.word(at, -1));
    let knows = before.is_some_and(|word| {
        one_of(
            word,
            "see know understand tell say realize wonder imagine remember guess \
believe forget explain learn do hear notice discover",
        )
    });
    if word == "which"
        && knows
        && finder.word(at, 1) != "of"
        && finite(finder, at + 1)
        && !finder
            .text
            .near(at, -2)
            .is_some_and(|token| token.tag == Tag::Noun && !matches!(finder.tag(at, -1), Tag::Verb))
        && one_of(finder.word(at, 1), "was is happened has had will would")
        && !one_of(finder.word(at, 2), "the better best right")
    {
        finder.replace(at, "what", "R:CONJ:NOM", WHAT);
        finder.point("clause.nominal.object");
    }
    if word == "that"
        && one_of(finder.word(at, 1), "i he she we they you")
        && matches!(finder.word(at, -1), "do" | "understand" | "of")
    {
        // `do that I want`, `of that he said`: a clause without its object.
        let verb = finder.word(at, 2);
        let lacks = finder
            .verb(verb)
            .is_some_and(|word| one_of(word, "say do want need like mean see hear"))
            && (finder.tag(at, 3) == Tag::Mark
                || finder.word(at, 3).is_empty()
                || finder.word(at, 3) == "to" && finder.tag(at, 5) == Tag::Mark);
        if lacks {
            finder.replace(at, "what", "R:CONJ:NOM", WHAT);
            finder.point("clause.nominal.object");
        }
    }
    let reason = word == "because"
        && BE.contains(&finder.word(at, -1))
        && (finder.sentence(at).start..at).any(|index| finder.word(index, 0) == "reason");
    if reason {
        finder.replace(
            at,
            "that",
            "R:CONJ:NOM",
            ("reason 作主语时表语从句用 that", "after “the reason is” the clause takes “that”"),
        );
        finder.point("clause.nominal.predicative");
    }
    // `think what he is right`: a complete clause. Verbs of opinion ask nothing.
    let opinion = before.is_some_and(|word| {
        one_of(word, "think believe hope feel suppose claim insist suspect agree complain promise")
    });
    if one_of(word, "what which where")
        && opinion
        && (one_of(finder.word(at, 1), "i he she we they it")
            && BE.contains(&finder.word(at, 2))
            && finder.adjective(finder.word(at, 3))
            && finder.tag(at, 4) == Tag::Mark
            || finder.determiner(finder.word(at, 1))
                && BE.contains(&finder.word(at, 3))
                && finder.adjective(finder.word(at, 4))
                && finder.tag(at, 5) == Tag::Mark)
    {
        finder.replace(at, "that", "R:CONJ:NOM", THAT);
        finder.point("clause.nominal.object");
    }
}

/// `suggest we can go`.
fn suggest(finder: &mut Finder<'_>, at: usize) {
    let word = finder.word(at, 0);
    if !one_of(word, "can could will would must") {
        return;
    }
    let verb: isize = if finder.word(at, -2) == "that" { -3 } else { -2 };
    let base = finder.text.near(at, verb).and_then(|token| finder.verb(&token.lower));
    if base.is_some_and(|word| one_of(word, "suggest recommend propose demand"))
        && matches!(finder.tag(at, -1), Tag::Pronoun)
    {
        finder.replace(at, "should", "R:MODAL", SUGGEST);
        finder.point("mood.subjunctive.should");
    }
}

/// `talk about how to do`: `do` without its object.
fn how(finder: &mut Finder<'_>, at: usize) {
    if finder.word(at, 0) != "how" {
        return;
    }
    let (to, verb, after) = (finder.word(at, 1), finder.word(at, 2), finder.word(at, 3));
    let open_end = finder.tag(at, 3) == Tag::Mark
        || after.is_empty()
        || one_of(after, "during next in on at after when if");
    if to == "to" && matches!(verb, "do" | "say") && open_end {
        finder.replace(
            at,
            "what",
            "R:CONJ:NOM",
            ("do 后缺宾语，用 what to do", "“do” lacks its object, so it is “what to do”"),
        );
        finder.point("clause.nominal.object");
    }
    if finder.word(at, 2) == "look" && matches!(finder.word(at, 3), "like") {
        finder.replace(
            at,
            "what",
            "R:CONJ:NOM",
            ("like 后缺宾语，用 what", "“like” lacks its object, so it is “what”"),
        );
        finder.point("clause.nominal.object");
    }
}
