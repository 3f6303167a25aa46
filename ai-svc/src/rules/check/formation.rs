//! Words of the wrong class: the place in the sentence asks for a noun, an adjective or a verb.

use super::scan::{Finder, contracted_be};
use crate::rules::formation::{adjective_of, noun_of, verb_of};
use crate::rules::lexicon::{Class, Form};
use crate::rules::morph;
use crate::rules::text::Tag;
use crate::rules::words::{BE, MODALS, PREPOSITIONS, one_of, possessive_determiner};

const NOUN: (&str, &str) = (
    "冠词、物主代词或介词后面需要名词",
    "a noun is needed after an article, a possessive or a preposition",
);
const ADJECTIVE: (&str, &str) =
    ("修饰名词或作表语要用形容词", "a noun or a linking verb takes an adjective");
const VERB: (&str, &str) = ("to 和情态动词后面需要动词", "“to” and modal verbs take a verb");

/// Adjectives that stand after a preposition in set phrases.
const SET: &str = "general particular short sure free late common public private large full real good \
                   bad vain certain best least first last usual brief total secret present new old";

/// Checks every word.
pub fn check(finder: &mut Finder<'_>) {
    for at in 0..finder.len() {
        noun_before_of(finder, at);
        noun_at_end(finder, at);
        noun_after_preposition(finder, at);
        predicate(finder, at);
        attribute(finder, at);
        most_of(finder, at);
        verb(finder, at);
    }
}

/// A word that is no noun in general English: rare nouns of the dictionary, as `the die`, are left out
/// where another noun of the same root is meant.
fn no_noun(finder: &Finder<'_>, word: &str) -> bool {
    let rare = one_of(word, "die advise choose grow sell lose live give");
    !finder.lexicon.can_be(word, Class::Noun)
        && !finder.lexicon.readings(word).is_empty()
        && (rare || !finder.lexicon.noun_in_dictionary(word))
}

fn base_verb(finder: &Finder<'_>, word: &str) -> bool {
    finder.is_verb(word, Form::Base) && !finder.lexicon.can_be(word, Class::Adjective)
}

fn determined(word: &str) -> bool {
    possessive_determiner(word) && word != "her"
        || one_of(word, "the a an no much great little any his its their")
        || word.ends_with("'s") && !contracted_be(word)
}

/// `the develop of`, `the important of`.
fn noun_before_of(finder: &mut Finder<'_>, at: usize) {
    let word = finder.word(at, 0);
    let adjective = finder.only_adjective(word)
        && finder.adjective(word)
        && !one_of(word, "following young old rich poor very");
    let fits = base_verb(finder, word) && finder.text.only_verb(at, 0) || adjective;
    let before = finder.word(at, -1);
    let described = finder.adjective(before) && determined(finder.word(at, -2));
    if fits
        && no_noun(finder, word)
        && finder.word(at, 1) == "of"
        && (determined(before) && before != "much" && before != "little" || described)
        && let Some(noun) = noun_of(finder.lexicon, word)
    {
        finder.replace(at, noun, "R:MORPH:NOUN", NOUN);
    }
}

/// `his sudden die made`, `some useful advise.`
fn noun_at_end(finder: &mut Finder<'_>, at: usize) {
    let word = finder.word(at, 0);
    if !base_verb(finder, word)
        || !finder.text.only_verb(at, 0)
        || !no_noun(finder, word)
        || MODALS.contains(&word)
    {
        return;
    }
    let mut first: isize = -1;
    while finder.adjective(finder.word(at, first)) && first > -3 {
        first -= 1;
    }
    let starter = finder.word(at, first);
    // Adjectives stand between, or the starter is a possessive that is no object.
    let opens = first < -1 && (determined(starter) || one_of(starter, "some many"))
        || first == -1 && one_of(starter, "my your his its our their the a an");
    let next = finder.word(at, 1);
    let closes = finder.tag(at, 1) == Tag::Mark
        || next.is_empty()
        || BE.contains(&next)
        || MODALS.contains(&next)
        || finder.is_verb(next, Form::Past) && !finder.is_verb(next, Form::Base)
        || first < -1 && PREPOSITIONS.contains(&next);
    if opens
        && closes
        && let Some(noun) = noun_of(finder.lexicon, word)
    {
        finder.replace(at, noun, "R:MORPH:NOUN", NOUN);
    }
}

/// `filled with curious,`, `to protect environmental protect.`
fn noun_after_preposition(finder: &mut Finder<'_>, at: usize) {
    let word = finder.word(at, 0);
    let closes = finder.tag(at, 1) == Tag::Mark && !one_of(finder.word(at, 1), "- “ ” ' \"");
    if one_of(finder.word(at, -1), "with of in without for")
        && closes
        && finder.only_adjective(word)
        && finder.adjective(word)
        && no_noun(finder, word)
        && !one_of(word, SET)
        && !finder.is_verb(word, Form::Participle)
        && let Some(noun) = noun_of(finder.lexicon, word)
    {
        finder.replace(at, noun, "R:MORPH:NOUN", NOUN);
        return;
    }
    // `environmental protect.`: an adjective before a bare verb that closes its clause.
    let before = finder.word(at, -1);
    if closes
        && base_verb(finder, word)
        && finder.text.only_verb(at, 0)
        && no_noun(finder, word)
        && finder.only_adjective(before)
        && before.ends_with("al")
        && let Some(noun) = noun_of(finder.lexicon, word)
    {
        finder.replace(at, noun, "R:MORPH:NOUN", NOUN);
    }
}

/// `Be patience.`, `It is very danger.`, `She was too anger to speak.`
fn predicate(finder: &mut Finder<'_>, at: usize) {
    let word = finder.word(at, 0);
    let before = finder.word(at, -1);
    let degree = one_of(before, "very too quite so more rather extremely really");
    let step: isize = if degree || one_of(before, "always also never") { -2 } else { -1 };
    let link = finder.word(at, step);
    let subject = finder.word(at, step - 1);
    let be = BE.contains(&link) || contracted_be(link);
    let linked = be || super::linking(link) && degree;
    let noun = finder.lexicon.is(word, Class::Noun, Form::Base)
        && !finder.lexicon.can_be(word, Class::Adjective)
        && !finder.lexicon.can_be(word, Class::Adverb);
    if !linked || !noun {
        return;
    }
    let next = finder.word(at, 1);
    let ends = finder.tag(at, 1) == Tag::Mark && !matches!(next, "-" | "'")
        || one_of(next, "to that for when because if and but about in");
    let who = one_of(subject, "i he she they we you it everyone")
        || contracted_be(link)
        || link == "be" && (subject.is_empty() || subject == "just" || MODALS.contains(&subject));
    let verbal = finder.lexicon.can_be(word, Class::Verb) && !degree && !be;
    let quality = degree && !matches!(before, "more" | "really" | "quite" | "rather")
        || who && abstract_quality(finder, word) && !verbal;
    let fun = one_of(
        word,
        "fun home school news time death work love luck silence life day music art magic history nature",
    );
    if ends
        && quality
        && !fun
        && let Some(adjective) = adjective_of(finder.lexicon, word)
    {
        finder.replace(at, adjective, "R:MORPH:ADJ", ADJECTIVE);
    }
}

/// A noun that names a quality: uncountable, or made of an adjective.
fn abstract_quality(finder: &Finder<'_>, word: &str) -> bool {
    let made = ["ence", "ance", "ness", "ity", "ency", "dom", "th", "cess", "ety", "age"];
    finder.uncountable(word) || made.iter().any(|end| word.ends_with(end)) || word == "wonder"
}

/// Verbs of feeling that are no nouns, so that nothing else can be meant before a noun.
const FEELINGS: &str = "excite bore tire disappoint amaze frighten confuse please satisfy embarrass \
                        annoy relax astonish fascinate inspire terrify";

/// `an excite film`, `there are amaze stories`.
fn attribute(finder: &mut Finder<'_>, at: usize) {
    let word = finder.word(at, 0);
    let before = finder.word(at, -1);
    let noun_next =
        finder.lexicon.can_be(finder.word(at, 1), Class::Noun) && finder.tag(at, 1) == Tag::Noun;
    let opens = finder.determiner(before)
        || one_of(before, "very most more such many")
        || BE.contains(&before) && finder.word(at, -2) == "there";
    if one_of(word, FEELINGS) && noun_next && opens && !one_of(before, "that this") {
        finder.replace(at, morph::ing(word), "R:MORPH:ADJ", ADJECTIVE);
    }
}

/// `one of the most success singers`.
fn most_of(finder: &mut Finder<'_>, at: usize) {
    let word = finder.word(at, 0);
    let of = finder.word(at, -1) == "most"
        && finder.word(at, -2) == "the"
        && (finder.word(at, -3) == "of" || BE.contains(&finder.word(at, -3)));
    let noun = finder.lexicon.is(word, Class::Noun, Form::Base)
        && !finder.lexicon.can_be(word, Class::Adjective)
        && !finder.lexicon.can_be(word, Class::Adverb);
    let heads = finder.word(at, 1) == "of"
        || finder.lexicon.can_be(finder.word(at, 1), Class::Noun) && finder.tag(at, 1) == Tag::Noun;
    if of
        && noun
        && heads
        && let Some(adjective) = adjective_of(finder.lexicon, word)
    {
        finder.replace(at, adjective, "R:MORPH:ADJ", ADJECTIVE);
    }
}

/// `exercises to strength your legs`, `we must success`.
fn verb(finder: &mut Finder<'_>, at: usize) {
    let word = finder.word(at, 0);
    let before = finder.word(at, -1);
    let noun = !finder.lexicon.can_be(word, Class::Verb)
        && (finder.lexicon.is(word, Class::Noun, Form::Base) || finder.only_adjective(word));
    let next = finder.word(at, 1);
    let object = possessive_determiner(next) || one_of(next, "the a an me him us them it");
    let modal = MODALS.contains(&before) && finder.tag(at, -1) == Tag::Auxiliary;
    if noun
        && (before == "to" && object || modal && (object || finder.tag(at, 1) == Tag::Mark))
        && let Some(verb) = verb_of(finder.lexicon, word)
    {
        finder.replace(at, verb, "R:MORPH:VERB", VERB);
    }
}

#[cfg(test)]
mod tests {
    use crate::rules::check::tests::corrected;

    #[test]
    fn nouns_stand_where_nouns_belong() {
        for (wrong, right) in [
            ("The invent of paper changed the world.", "The invention of paper changed the world."),
            ("We know the important of water.", "We know the importance of water."),
            ("His sudden arrive surprised us.", "His sudden arrival surprised us."),
            ("He is full of curious.", "He is full of curiosity."),
        ] {
            assert_eq!(corrected(wrong), right);
        }
    }

    #[test]
    fn adjectives_and_verbs_stand_where_they_belong() {
        for (wrong, right) in [
            ("You should be patience.", "You should be patient."),
            ("The road is very danger.", "The road is very dangerous."),
            ("It was an excite match.", "It was an exciting match."),
            ("This is one of the most success plans.", "This is one of the most successful plans."),
            ("They run to strength their legs.", "They run to strengthen their legs."),
        ] {
            assert_eq!(corrected(wrong), right);
        }
    }

    #[test]
    fn right_classes_are_left_alone() {
        for text in [
            "In general, the best of them are free.",
            "It is music to my ears.",
            "Most of the people like it.",
            "He needs more energy.",
            "They walked to school in silence.",
            "Let him explain.",
        ] {
            assert_eq!(corrected(text), text);
        }
    }
}
