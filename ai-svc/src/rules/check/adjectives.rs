//! Adjectives and adverbs: which of the two, and their degrees.

use super::scan::{Finder, contracted_be};
use crate::rules::lexicon::{Class, Form};
use crate::rules::text::Tag;
use crate::rules::words::one_of;
use crate::rules::words::{BE, possessive_determiner};

const ADJECTIVE: (&str, &str) =
    ("修饰名词或作表语要用形容词", "a noun or a linking verb takes an adjective");
const ADVERB: (&str, &str) =
    ("修饰动词、形容词或整个句子要用副词", "a verb, an adjective or a sentence takes an adverb");

/// Checks every adjective and adverb.
pub fn check(finder: &mut Finder<'_>) {
    for at in 0..finder.len() {
        adverb_as_adjective(finder, at);
        adjective_as_adverb(finder, at);
    }
}

fn adverb_as_adjective(finder: &mut Finder<'_>, at: usize) {
    let word = finder.word(at, 0);
    let Some(adjective) = finder.lexicon.adjective_of(word).map(str::to_owned) else { return };
    let (before, next) = (finder.word(at, -1), finder.word(at, 1));
    let modifies = one_of(
        word,
        "really only simply nearly hardly mainly mostly early usually \
certainly probably possibly clearly exactly truly actually finally \
newly recently fairly largely highly badly likely originally \
generally naturally well particularly especially roughly \
approximately directly currently partly supposedly obviously \
apparently purely entirely merely basically definitely constantly \
daily weekly",
    );
    let noun_next = (finder.tag(at, 1) == Tag::Noun || one_of(before, "a an"))
        && finder.lexicon.can_be(next, Class::Noun)
        && !finder.is_verb(next, Form::Participle)
        && !finder.is_verb(next, Form::Ing)
        && !finder.adjective(next);
    let attribute = (one_of(before, "a an the of with such some any many no have has very")
        || possessive_determiner(before)
        || finder.adjective(before) && finder.determiner(finder.word(at, -2)))
        && noun_next
        && !modifies;
    let described_after =
        attribute && !(finder.adjective(finder.word(at, 2)) && finder.tag(at, 2) == Tag::Adjective);
    if described_after {
        finder.replace(at, adjective, "R:MORPH:ADJ", ADJECTIVE);
        return;
    }
    let link = finder.verb(before);
    let firm = BE.contains(&before)
        || contracted_be(before)
        || link.is_some_and(|word| one_of(word, "seem become sound feel taste smell"))
        || one_of(before, "very so too more")
            && finder.text.near(at, -2).is_some_and(|token| BE.contains(&token.lower.as_str()));
    let clause_follows =
        one_of(next.split('\'').next().unwrap_or(next), "i you he she we they it that to about of");
    let closes = finder.tag(at, 1) == Tag::Mark
        && !matches!(next, "," | "'" | "“" | "\"" | "-" | "—" | "(")
        || next.is_empty()
        || clause_follows
            && one_of(
                word,
                "surely happily gladly sadly proudly carefully angrily confidently \
luckily hopefully certainly anxiously helpfully usefully \
importantly",
            );
    let sounds = !one_of(
        word,
        "really early only badly daily completely exactly differently well \
finally mainly strongly deeply",
    );
    if firm && closes && sounds && !matches!(next, "?") {
        finder.replace(at, adjective, "R:MORPH:ADJ", ADJECTIVE);
        return;
    }
    // `kind and helpfully.`
    let joined = matches!(before, "and" | "but" | "or")
        && finder.only_adjective_or_plain(finder.word(at, -2))
        && finder.text.near(at, -3).is_some_and(|token| {
            super::linking(&token.lower) || one_of(token.lower.as_str(), "very so both not")
        });
    if joined && closes && sounds {
        finder.replace(at, adjective, "R:MORPH:ADJ", ADJECTIVE);
    }
}

fn adjective_as_adverb(finder: &mut Finder<'_>, at: usize) {
    let word = finder.word(at, 0);
    if !finder.adjective(word) {
        return;
    }
    let Some(adverb) = finder.lexicon.adverb_of(word) else { return };
    let (before, next) = (finder.word(at, -1), finder.word(at, 1));
    // `terrible worried`, `extreme important`
    let predicate =
        super::linking(before) && finder.tag(at, -1) != Tag::Noun || contracted_be(before);
    let described = finder.adjective(next)
        && (finder.tag(at, 1) == Tag::Adjective
            || finder.is_verb(next, Form::Participle) && finder.adjective(next));
    let ends = finder.tag(at, 2) != Tag::Noun;
    if predicate
        && described
        && ends
        && next != word
        && !finder.lexicon.can_be(word, Class::Noun)
        && !finder.lexicon.can_be(word, Class::Verb)
        && !matches!(word, "new" | "good" | "pretty")
    {
        finder.replace(at, adverb, "R:MORPH:ADV", ADVERB);
        return;
    }
    // `Sudden, …`
    let opens = at == finder.sentence(at).start;
    if opens
        && next == ","
        && one_of(
            word,
            "sudden lucky unfortunate fortunate final actual unlucky usual \
general obvious certain immediate natural gradual hopeful basic \
personal honest",
        )
    {
        finder.replace(at, adverb, "R:MORPH:ADV", ADVERB);
        return;
    }
    // `he sudden stopped`
    let subject =
        one_of(before, "i he she we they it which who that") || finder.tag(at, -1) == Tag::Name;
    let verb_next = (finder.is_verb(next, Form::Past)
        || finder.is_verb(next, Form::Third)
        || finder.is_verb(next, Form::Base) && subject)
        && finder.text.only_verb(at, 1);
    if subject && verb_next && finder.only_adjective(word) {
        finder.replace(at, adverb, "R:MORPH:ADV", ADVERB);
        return;
    }
    // `be wide used`, `has great improved`
    let helper = BE.contains(&before)
        || one_of(before, "has have had been can could will would should must to");
    let participle = finder.is_verb(next, Form::Participle)
        && finder.text.only_verb(at, 1)
        && !finder.lexicon.can_be(next, Class::Adjective);
    let base_next = finder.is_verb(next, Form::Base)
        && finder.text.only_verb(at, 1)
        && one_of(before, "can could will would should must to didn't don't");
    if helper
        && (participle || base_next)
        && !finder.lexicon.can_be(word, Class::Adverb)
        && (!finder.lexicon.can_be(word, Class::Noun) || finder.tag(at, 0) == Tag::Adjective)
        && word != "own"
    {
        finder.replace(at, adverb, "R:MORPH:ADV", ADVERB);
        return;
    }
    manner(finder, at, adverb);
}

/// `speak English fluent.`, `sing beautiful.`
fn manner(finder: &mut Finder<'_>, at: usize, adverb: String) {
    let (word, before, next) = (finder.word(at, 0), finder.word(at, -1), finder.word(at, 1));
    let closes = finder.tag(at, 1) == Tag::Mark && !matches!(next, "-" | "“")
        || next.is_empty()
        || matches!(next, "and" | "because" | "when");
    let very = one_of(before, "very so too quite");
    let anchor =
        finder.text.near(at, if very { -2 } else { -1 }).map_or("", |token| token.lower.as_str());
    let acts = finder.verb(anchor).is_some_and(|verb| {
        one_of(
            verb,
            "speak sing run walk work study drive live shout smile laugh cry \
listen rise fall play act behave talk move sleep breathe wait \
dance swim write read learn develop grow increase change improve \
recover answer reply cheer rain shine perform",
        )
    }) && finder
        .text
        .near(at, if very { -2 } else { -1 })
        .is_some_and(|token| token.tag == Tag::Verb);
    let spoken = one_of(anchor, "english chinese it him them")
        && closes
        && finder.verb(finder.word(at, if very { -3 } else { -2 })).is_some_and(|verb| {
            one_of(verb, "speak do write read treat watch study learn answer explain play")
        });
    // `looked at me angry and left`
    let towards = one_of(anchor, "me him her us them")
        && one_of(finder.word(at, -2), "at to")
        && finder.verb(finder.word(at, -3)).is_some_and(|verb| {
            one_of(verb, "look speak talk shout smile stare laugh wave point nod listen")
        });
    if closes
        && (acts || spoken || towards)
        && !finder.lexicon.can_be(word, Class::Adverb)
        && !one_of(
            word,
            "young free calm alone open right wrong old big tall loud quick \
slow",
        )
    {
        finder.replace(at, adverb, "R:MORPH:ADV", ADVERB);
    }
}

impl Finder<'_> {
    /// Says whether an object follows, so that the word before it is a verb.
    pub fn tag_object(&self, at: usize) -> bool {
        let next = self.word(at, 1);
        self.determiner(next)
            || one_of(next, "me him her us them it you people person man woman girl boy others")
            || self.tag(at, 1) == Tag::Noun
    }

    fn only_adjective_or_plain(&self, word: &str) -> bool {
        self.lexicon.can_be(word, Class::Adjective) && !self.lexicon.can_be(word, Class::Adverb)
    }
}

impl Finder<'_> {
    /// Says whether an adjective is in a degree.
    pub fn is_degree(&self, word: &str, form: Form) -> bool {
        self.lexicon.is(word, Class::Adjective, form)
    }
}

#[cfg(test)]
mod tests {
    use crate::rules::check::tests::corrected;

    #[test]
    fn adjectives_and_adverbs_are_told_apart() {
        assert_eq!(corrected("It was a sadly story."), "It was a sad story.");
        assert_eq!(corrected("She is happily."), "She is happy.");
        assert_eq!(corrected("He was extreme tired."), "He was extremely tired.");
        assert_eq!(corrected("Lucky, nobody was hurt."), "Luckily, nobody was hurt.");
        assert_eq!(corrected("My father works very hardly."), "My father works very hard.");
    }

    #[test]
    fn degrees_are_single() {
        assert_eq!(corrected("Tom is more taller than Jim."), "Tom is taller than Jim.");
        assert_eq!(
            corrected("This box is heavy than that one."),
            "This box is heavier than that one."
        );
        assert_eq!(
            corrected("I was so much tired that I fell asleep."),
            "I was so tired that I fell asleep."
        );
    }

    #[test]
    fn feelings_are_told_from_their_causes() {
        assert_eq!(corrected("I am exciting about the trip."), "I am excited about the trip.");
        assert_eq!(corrected("It is a bored film."), "It is a boring film.");
    }
}
