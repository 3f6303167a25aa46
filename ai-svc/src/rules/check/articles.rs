//! Articles.

use super::scan::Finder;
use crate::rules::lexicon::{Class, Form};
use crate::rules::morph::takes_an;
use crate::rules::text::Tag;
use crate::rules::words::one_of;
use crate::rules::words::{ORDINALS, PREPOSITIONS};

const SOUND: (&str, &str) = (
    "元音音素前用 an，辅音音素前用 a",
    "“an” stands before a vowel sound, “a” before a consonant sound",
);
const NONE: (&str, &str) = ("这个固定短语里不用冠词", "this set phrase has no article");
const MASS: (&str, &str) = ("不可数名词前不用 a/an", "an uncountable noun takes no “a”");
const THE: (&str, &str) = ("特指或独一无二的事物前用 the", "what is known or unique takes “the”");

/// What follows `in a`, `on the` and the like in phrases without an article.
const PHRASES: &[(&str, &[&str])] = &[
    (
        "in",
        &[
            "fact",
            "general",
            "particular",
            "common",
            "danger",
            "trouble",
            "need",
            "silence",
            "surprise",
            "love",
            "addition",
            "time",
        ],
    ),
    (
        "at",
        &[
            "first",
            "last",
            "least",
            "once",
            "home",
            "present",
            "night",
            "noon",
            "work",
            "lunch",
            "dinner",
            "breakfast",
        ],
    ),
    (
        "by",
        &[
            "bus", "car", "train", "plane", "bike", "bicycle", "taxi", "air", "sea", "ship",
            "accident", "mistake", "chance", "hand", "subway", "boat",
        ],
    ),
    ("on", &["foot", "time", "purpose", "holiday", "duty", "sale", "fire", "earth", "display"]),
    (
        "for",
        &["example", "instance", "fun", "sale", "breakfast", "lunch", "dinner", "supper", "sure"],
    ),
    ("of", &["course"]),
    ("go to", &["bed", "work"]),
];

const SPORTS: &[&str] = &[
    "football",
    "basketball",
    "volleyball",
    "tennis",
    "badminton",
    "baseball",
    "chess",
    "soccer",
    "golf",
    "hockey",
];

/// Meals, which take no article unless they are described.
const MEALS: &str = "breakfast lunch dinner supper";

/// Uncountable nouns that no adjective makes countable.
const NEVER_ONE: &str = "news advice information progress weather homework housework furniture luggage \
                         equipment traffic luck fun evidence software health";

/// Instruments, which take `the` after `play`.
const INSTRUMENTS: &str = "piano violin guitar drum drums flute erhu trumpet cello harp";

/// Nouns of which there is one, or that carry `the` after a preposition.
const UNIQUE: &[&str] =
    &["world", "sun", "moon", "earth", "sky", "internet", "universe", "countryside", "environment"];

/// Checks every article and every noun without one.
pub fn check(finder: &mut Finder<'_>) {
    for at in 0..finder.len() {
        sound(finder, at);
        superfluous(finder, at);
        unique(finder, at);
        instrument(finder, at);
        ordinal(finder, at);
        superlative(finder, at);
    }
}

fn sound(finder: &mut Finder<'_>, at: usize) {
    let word = finder.word(at, 0);
    let next = &finder.text.near(at, 1).map_or(String::new(), |token| token.text.clone());
    if finder.text.tokens[at].text.len() == 1
        && finder.text.tokens[at].text == "A"
        && at > 0
        && !finder.text.at(at, -1).is_empty()
    {
        return;
    }
    let labelled = finder.text.tokens[at].text == "A" && next.starts_with(char::is_uppercase);
    let plain = !labelled
        && next.len() > 1
        && next.chars().all(|letter| letter.is_alphabetic() || letter == '-')
        && next.chars().skip(1).any(char::is_lowercase);
    if !plain {
        return;
    }
    let vowel = takes_an(&next.to_lowercase());
    match word {
        "a" if vowel => finder.replace(at, "an", "R:DET:ART", SOUND),
        "an" if !vowel => finder.replace(at, "a", "R:DET:ART", SOUND),
        _ => {}
    }
}

fn superfluous(finder: &mut Finder<'_>, at: usize) {
    let word = finder.word(at, 0);
    let titled =
        finder.text.near(at, 1).is_some_and(|token| token.text.starts_with(char::is_uppercase));
    if !matches!(word, "a" | "an" | "the") || titled {
        return;
    }
    let (before, next, after) = (finder.word(at, -1), finder.word(at, 1), finder.word(at, 2));
    let ends = finder.tag(at, 2) == Tag::Mark
        || after.is_empty()
        || PREPOSITIONS.contains(&after) && after != "of"
        || one_of(after, "and but because when");
    let set = PHRASES.iter().any(|(start, nouns)| *start == before && nouns.contains(&next));
    if set
        && ends
        && !(word == "the"
            && one_of(
                next,
                "time train hand boat ship sea fire air earth car bus present last \
first work sale display holiday plane bike taxi need",
            ))
        && !(next == "time" || next == "surprise" && word == "a")
        || finder.verb(before) == Some("play")
            && SPORTS.contains(&next)
            && finder.tag(at, 2) != Tag::Noun
    {
        finder.delete(at, "U:DET:ART", NONE);
    } else if before == "of"
        && one_of(finder.word(at, -2), "kind kinds sort sorts type types")
        && word == "the"
    {
        finder.delete(
            at,
            "U:DET:ART",
            (
                "kind of 后的名词表示泛指，不用冠词",
                "a noun after “kind of” is general and takes no article",
            ),
        );
    } else if word != "the"
        && finder.uncountable(next)
        && finder.tag(at, 2) != Tag::Noun
        && finder.tag(at, 2) != Tag::Name
        && !one_of(next, "fun help coffee shame pity knowledge education understanding")
        && !finder.lexicon.can_be(next, Class::Adjective)
        && !finder.lexicon.can_be(after, Class::Noun)
    {
        finder.delete(at, "U:DET:ART", MASS);
    } else if matches!(word, "a" | "an")
        && finder.adjective(next)
        && one_of(after, NEVER_ONE)
        && finder.tag(at, 3) != Tag::Noun
        || word != "a"
            && word != "an"
            && one_of(next, MEALS)
            && ends
            && finder.verb(before).is_some_and(|verb| one_of(verb, "have eat cook make"))
            && after != "that"
    {
        finder.delete(at, "U:DET:ART", if one_of(next, MEALS) { NONE } else { MASS });
    } else if matches!(word, "a" | "an")
        && one_of(next, "my your his their our the this these some")
    {
        finder.delete(
            at,
            "U:DET:ART",
            ("一个名词前只用一个限定词", "a noun takes one determiner only"),
        );
    }
}

fn unique(finder: &mut Finder<'_>, at: usize) {
    let (word, before) = (finder.word(at, 0), finder.word(at, -1));
    if UNIQUE.contains(&word)
        && PREPOSITIONS.contains(&before)
        && !(word == "earth" && before == "on")
        && finder.text.tokens[at].text.chars().all(char::is_lowercase)
        && !matches!(finder.tag(at, 1), Tag::Noun | Tag::Name)
        && before != "like"
    {
        finder.insert(at, "the", "M:DET:ART", THE);
    }
    if word == "same"
        && !one_of(before, "the this that these those very")
        && !before.is_empty()
        && !finder.text.tokens[at].quoted
    {
        finder.insert(at, "the", "M:DET:ART", ("same 前面要用 the", "“same” takes “the”"));
    }
    if one_of(word, "morning afternoon evening middle past future end beginning")
        && matches!(before, "in" | "at")
        && (before == "in" && !one_of(word, "end beginning middle future past")
            || before == "in"
                && matches!(word, "past" | "future")
                && finder.tag(at, 1) == Tag::Mark
            || finder.word(at, 1) == "of")
        && finder.tag(at, 1) != Tag::Noun
    {
        finder.insert(at, "the", "M:DET:ART", THE);
    }
}

/// `plays piano`.
fn instrument(finder: &mut Finder<'_>, at: usize) {
    if one_of(finder.word(at, 0), INSTRUMENTS)
        && finder.verb(finder.word(at, -1)) == Some("play")
        && finder.tag(at, -1) == Tag::Verb
        && finder.tag(at, 1) != Tag::Noun
    {
        finder.insert(
            at,
            "the",
            "M:DET:ART",
            ("演奏乐器时，乐器名前用 the", "an instrument one plays takes “the”"),
        );
    }
}

/// `that second game was long`, `on third morning`: an ordinal without a determiner.
fn ordinal(finder: &mut Finder<'_>, at: usize) {
    let (word, before) = (finder.word(at, 0), finder.word(at, -1));
    if !ORDINALS.contains(&word) || matches!(word, "second") && finder.tag(at, 1) != Tag::Noun {
        return;
    }
    let noun = finder.word(at, 1);
    let lone = finder.lexicon.is(noun, Class::Noun, Form::Base)
        && finder.countable_singular(noun)
        && !matches!(finder.tag(at, 2), Tag::Noun);
    let opens = before.is_empty() || finder.tag(at, -1) == Tag::Mark;
    let free = finder.determiner(before)
        || before.contains('\'')
        || one_of(
            before,
            "at and or very whole every twenty thirty won win wins got take \
took came in",
        );
    let possessed =
        before.ends_with('s') && !finder.word(at, -2).is_empty() && finder.tag(at, -1) == Tag::Name;
    if lone
        && !opens
        && !free
        && !possessed
        && !one_of(
            noun,
            "hand place prize class thing name year time aid sight glance floor cousin",
        )
    {
        finder.insert(
            at,
            "the",
            "M:DET:ART",
            ("序数词前要用 the 或物主代词", "an ordinal takes “the” or a possessive"),
        );
    }
}

/// `is most popular sport in`, `one of best`.
fn superlative(finder: &mut Finder<'_>, at: usize) {
    let (word, before) = (finder.word(at, 0), finder.word(at, -1));
    let is_most = word == "most"
        && finder.adjective(finder.word(at, 1))
        && finder.lexicon.can_be(finder.word(at, 2), Class::Noun);
    let is_best = finder.lexicon.is(word, Class::Adjective, Form::Superlative)
        && !one_of(word, "most least last latest")
        && finder.lexicon.can_be(finder.word(at, 1), Class::Noun)
        && finder.tag(at, 1) == Tag::Noun;
    let linked = super::linking(before) || before == "of" && finder.word(at, -2) == "one";
    if (is_most || is_best) && linked && !matches!(finder.word(at, 1), "friends") {
        finder.insert(at, "the", "M:DET:ART", ("最高级前要用 the", "a superlative takes “the”"));
    }
}

#[cfg(test)]
mod tests {
    use crate::rules::check::tests::corrected;

    #[test]
    fn the_article_fits_the_sound() {
        assert_eq!(
            corrected("It is an useful tool and a old one."),
            "It is a useful tool and an old one."
        );
    }

    #[test]
    fn missing_articles_are_added() {
        assert_eq!(corrected("My father is doctor."), "My father is a doctor.");
        assert_eq!(corrected("It was such lovely day."), "It was such a lovely day.");
        assert_eq!(
            corrected("She is best singer in our class."),
            "She is the best singer in our class."
        );
        assert_eq!(corrected("They live in same town."), "They live in the same town.");
        assert_eq!(corrected("We had good time there."), "We had a good time there.");
    }

    #[test]
    fn superfluous_articles_go() {
        assert_eq!(
            corrected("They play the basketball every day."),
            "They play basketball every day."
        );
        assert_eq!(corrected("He comes by the bus."), "He comes by the bus.");
        assert_eq!(corrected("In a general, he is right."), "In general, he is right.");
    }
}
