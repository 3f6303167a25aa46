//! Degrees of comparison and words of degree that are taken for each other.

use super::scan::Finder;
use crate::rules::lexicon::{Class, Form};
use crate::rules::morph;
use crate::rules::text::Tag;
use crate::rules::words::BE;
use crate::rules::words::one_of;

const ADVERB: (&str, &str) =
    ("修饰动词、形容词或整个句子要用副词", "a verb, an adjective or a sentence takes an adverb");

const DOUBLE: (&str, &str) = ("比较级前不能再加 more", "one sign of the comparative is enough");

const THAN: (&str, &str) = ("有 than 要用比较级", "“than” goes with the comparative");

/// Checks every word.
pub fn check(finder: &mut Finder<'_>) {
    for at in 0..finder.len() {
        degrees(finder, at);
        confused(finder, at);
        modifiers(finder, at);
    }
}

fn degrees(finder: &mut Finder<'_>, at: usize) {
    let (word, before, next) = (finder.word(at, 0), finder.word(at, -1), finder.word(at, 1));
    if matches!(word, "more" | "most")
        && finder
            .is_degree(next, if word == "more" { Form::Comparative } else { Form::Superlative })
        && next != "more"
        && next != "most"
        && next != "less"
    {
        finder.delete(at, "U:ADV", DOUBLE);
        finder.point(if word == "more" {
            "adjective.comparative"
        } else {
            "adjective.superlative"
        });
        return;
    }
    let positive = finder.adjective(word)
        && (!finder.lexicon.can_be(word, Class::Verb) || super::linking(before) && next == "than")
        && morph::degrees(word).is_some();
    if positive && next == "than" && !one_of(before, "more less rather as other") && word != "other"
    {
        if let Some((comparative, _)) = morph::degrees(word) {
            finder.replace(at, comparative, "R:ADJ:FORM", THAN);
            finder.point("adjective.comparative");
        }
        return;
    }
    if matches!(before, "much" | "even" | "far")
        && positive
        && one_of(finder.word(at, -2), "is are was were become became feel felt")
        && !matches!(word, "good" | "little" | "few")
        && finder.tag(at, 1) == Tag::Mark
        && before != "even"
    {
        if let Some((comparative, _)) = morph::degrees(word) {
            finder.replace(
                at,
                comparative,
                "R:ADJ:FORM",
                ("much、far 后用比较级", "“much” and “far” go with the comparative"),
            );
            finder.point("adjective.comparative");
        }
        return;
    }
    // `so much angry`, `very much cold`
    if word == "much"
        && one_of(before, "so very too quite")
        && (finder.only_adjective(next)
            || finder.adjective(next) && finder.tag(at, 1) == Tag::Adjective)
        && finder.tag(at, 2) != Tag::Noun
        && !finder.lexicon.can_be(next, Class::Noun)
    {
        finder.delete(
            at,
            "U:ADV",
            (
                "so/very 直接修饰形容词，much 多余",
                "“so” and “very” modify an adjective without “much”",
            ),
        );
        return;
    }
    if word == "very" && matches!(before, "so" | "too") {
        finder.delete(at, "U:ADV", ("so/too 与 very 不连用", "“so” and “very” do not go together"));
        return;
    }
    // A length of time that opens its sentence says when: `An hour late, he …`.
    let unit = one_of(
        before,
        "moment moments minute minutes hour hours day days week weeks month months year years",
    );
    let opens = (finder.sentence(at).start..at - usize::from(at > 0)).all(|index| {
        let word = finder.word(index, 0);
        finder.determiner(word)
            || one_of(word, "about almost nearly just few little couple of")
            || word.parse::<u32>().is_ok()
    });
    if word == "late" && unit && opens && (next == "," || finder.tag(at, 1) == Tag::Pronoun) {
        finder.replace(
            at,
            "later",
            "R:ADV:FORM",
            ("“一段时间之后”用 later", "“after some time” is “later”"),
        );
        finder.point("adverb.comparative");
    }
}

fn confused(finder: &mut Finder<'_>, at: usize) {
    let (word, before, next) = (finder.word(at, 0), finder.word(at, -1), finder.word(at, 1));
    let closes = finder.tag(at, 1) == Tag::Mark
        || next.is_empty()
        || one_of(next, "to and at on in for back every so because when");
    if word == "hardly"
        && closes
        && (finder.verb(before).is_some()
            && !BE.contains(&before)
            && !crate::rules::words::auxiliary(before)
            || one_of(before, "it him them very so too me"))
        && next != "any"
        && next != "ever"
    {
        finder.replace(
            at,
            "hard",
            "R:ADV",
            (
                "hardly 意为“几乎不”，“努力、用力”用 hard",
                "“hardly” means “almost not”; “with effort” is “hard”",
            ),
        );
        finder.point("vocabulary.confusable");
    }
    let lives =
        finder.verb(before).is_some_and(|verb| one_of(verb, "live travel go walk stay eat"));
    if word == "lonely"
        && lives
        && finder.tag(at, -1) == Tag::Verb
        && (closes || one_of(next, "in with"))
    {
        finder.replace(
            at,
            "alone",
            "R:ADV",
            ("“独自”用 alone，lonely 是“孤独的”", "“alone” says how, “lonely” how one feels"),
        );
        finder.point("vocabulary.confusable");
    }
    let (such_that, so_next) =
        (matches!(word, "such"), finder.only_adjective(next) && finder.word(at, 2) == "that");
    if such_that && (so_next || matches!(next, "many" | "much" | "few")) {
        finder.replace(
            at,
            "so",
            "R:ADV",
            (
                "such 修饰名词，so 修饰形容词、副词或引出 so that",
                "“such” goes with nouns, “so” with the rest",
            ),
        );
        finder.point("clause.adverbial.result");
    }
    let so_noun = word == "so"
        && matches!(next, "a" | "an")
        && finder.lexicon.can_be(finder.word(at, 2), Class::Adjective);
    if so_noun {
        finder.replace(at, "such", "R:ADV", ("名词前用 such", "a noun takes “such”"));
        finder.point("clause.adverbial.result");
    }
}

/// `the best I have never seen`, `I very like`, `sing good`, `remember very much`.
fn modifiers(finder: &mut Finder<'_>, at: usize) {
    let (word, before, next) = (finder.word(at, 0), finder.word(at, -1), finder.word(at, 1));
    if word == "never" && one_of(before, "have i've had has") {
        let superlative = (finder.sentence(at).start..at).any(|index| {
            finder.lexicon.is(finder.word(index, 0), Class::Adjective, Form::Superlative)
                || finder.word(index, 0) == "most" && finder.word(index, -1) == "the"
        });
        if superlative
            && finder.sentence_has(at, &["is", "was", "are", "were", "it's", "that's"])
            && finder.word(at, -2) != ","
        {
            finder.replace(
                at,
                "ever",
                "R:ADV",
                ("最高级后的从句用 ever 表示“曾经”", "after a superlative the word is “ever”"),
            );
        }
    }
    if word == "very"
        && finder.verb(next).is_some_and(|word| one_of(word, "like enjoy love want miss hope"))
        && one_of(before, "i we they he she")
    {
        finder.replace(
            at,
            "really",
            "R:ADV",
            ("very 不能直接修饰动词", "“very” does not modify a verb"),
        );
    }
    if word == "good"
        && finder
            .verb(before)
            .is_some_and(|verb| one_of(verb, "sing dance swim speak write cook drive sleep study"))
        && (finder.tag(at, 1) == Tag::Mark || next.is_empty())
    {
        finder.replace(at, "well", "R:MORPH:ADV", ADVERB);
    }
    if word == "much"
        && before == "very"
        && !finder.word(at, -2).is_empty()
        && (finder.tag(at, 1) == Tag::Mark)
    {
        let start = finder.sentence(at).start;
        let remembers = (start..at).any(|index| {
            finder.verb(finder.word(index, 0)).is_some_and(|word| {
                one_of(word, "remember know sing swim dance sleep cook understand")
            }) && finder.tag(index, 0) == Tag::Verb
        });
        let likes = (start..at).any(|index| {
            finder
                .verb(finder.word(index, 0))
                .is_some_and(|word| one_of(word, "like love enjoy thank want miss help"))
        });
        if remembers && !likes {
            finder.replace(
                at,
                "well",
                "R:ADV",
                (
                    "remember、know 等动词用 very well 修饰",
                    "“remember” and “know” go with “very well”",
                ),
            );
        }
    }
}
