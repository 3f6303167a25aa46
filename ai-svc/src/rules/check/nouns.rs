//! Number of nouns.

use super::scan::Finder;
use crate::rules::lexicon::{Class, Form};
use crate::rules::text::Tag;
use crate::rules::words::one_of;
use crate::rules::words::{CARDINALS, ORDINALS, possessive_determiner};

const PLURAL: (&str, &str) = (
    "前面的词表示不止一个，可数名词要用复数",
    "the words before it mean more than one, so the noun is plural",
);
const ORDINAL: (&str, &str) = ("表示“第几”用序数词", "the place in a row is named by an ordinal");
const SINGULAR: (&str, &str) =
    ("前面的词表示一个，名词用单数", "the word before it means one, so the noun is singular");
const MASS: (&str, &str) =
    ("这个名词不可数，没有复数形式", "this noun is uncountable and has no plural");
const MUCH: (&str, &str) = (
    "不可数名词用 much 修饰，可数名词复数用 many",
    "“much” goes with uncountable nouns, “many” with plurals",
);

/// Nouns that never have a plural in general English.
const NEVER_PLURAL: &[&str] = &[
    "knowledge",
    "homework",
    "information",
    "advice",
    "furniture",
    "equipment",
    "luggage",
    "news",
    "housework",
    "progress",
    "traffic",
    "weather",
    "fun",
    "health",
    "money",
    "music",
    "homework",
    "patience",
    "happiness",
    "courage",
    "luck",
    "evidence",
    "software",
    "scenery",
    "bread",
    "research",
];

/// Nouns of things that come in a row and are told by their place in it.
const IN_A_ROW: &str = "birthday anniversary century floor chapter lesson round stage generation \
edition grandchild marriage";

/// Nouns people have one of but that the language counts in pairs.
const PAIRS: &[&str] = &["parent", "grandparent", "trouser", "glove"];

/// Checks every noun.
pub fn check(finder: &mut Finder<'_>) {
    for at in 0..finder.len() {
        if finder.tag(at, 0) == Tag::Mark {
            continue;
        }
        mass(finder, at);
        ordinal(finder, at);
        counted(finder, at);
        all_of(finder, at);
        one(finder, at);
        pairs(finder, at);
        bare_after_plural(finder, at);
    }
}

fn mass(finder: &mut Finder<'_>, at: usize) {
    let word = finder.word(at, 0);
    if let Some(base) = word.strip_suffix('s')
        && NEVER_PLURAL.contains(&base)
    {
        finder.replace(at, base, "R:NOUN:NUM", MASS);
        finder.point("noun.countability");
        return;
    }
    if word == "many" {
        let next = finder.word(at, 1);
        let stands_alone = next.is_empty() || one_of(next, ", . ! ? but yet");
        // It stands for nothing counted: no plural comes before it.
        let verbal = finder.tag(at, -1) == Tag::Verb || finder.word(at, -1) == "very";
        let counted =
            (finder.sentence(at).start..at).any(|index| finder.plural(finder.word(index, 0)));
        let mass =
            finder.uncountable(next) && finder.tag(at, 2) != Tag::Noun && !finder.plural(next);
        if mass || stands_alone && verbal && !counted {
            finder.replace(at, "much", "R:DET", MUCH);
            finder.point("numeral.quantifier");
        }
    }
    if word == "much"
        && finder.plural(finder.word(at, 1))
        && finder.noun(finder.word(at, 1)) != Some(finder.word(at, 1))
    {
        finder.replace(at, "many", "R:DET", MUCH);
        finder.point("numeral.quantifier");
    }
    if matches!(word, "few" | "fewer") && finder.uncountable(finder.word(at, 1)) {
        let with = if word == "few" { "little" } else { "less" };
        finder.replace(at, with, "R:DET", MUCH);
        finder.point("numeral.quantifier");
    }
}

/// `her twelve birthday`, `the five floor`: one in a row, named by its place.
fn ordinal(finder: &mut Finder<'_>, at: usize) {
    let word = finder.word(at, 0);
    let place = CARDINALS.iter().position(|cardinal| *cardinal == word);
    let ordinal = place.and_then(|place| ORDINALS.get(place));
    let before = finder.word(at, -1);
    if let Some(ordinal) = ordinal
        && one_of(finder.word(at, 1), IN_A_ROW)
        && (possessive_determiner(before) || before == "the" || before.ends_with("'s"))
        && word != "dozen"
    {
        finder.replace(at, *ordinal, "R:MORPH:NUM", ORDINAL);
    }
}

/// `many city`, `two book`, `a few day`, `one of my friend`, `different kind`.
fn counted(finder: &mut Finder<'_>, at: usize) {
    let word = finder.word(at, 0);
    let before = finder.word(at, -1);
    // `a Senior Two student`: the number is part of a name.
    let named = before == "senior"
        || before == "junior"
        || finder.sentence(at).start != at
            && finder.text.tokens[at].text.starts_with(char::is_uppercase);
    let number = (CARDINALS.contains(&word) && word != "one"
        || word.parse::<u32>().is_ok_and(|n| n > 1 && !(1500..2100).contains(&n)))
        && !finder.determiner(finder.word(at, 1))
        && !named
        && !one_of(before, "the number page class grade room chapter unit - $ /");
    let few = word == "few" && one_of(before, "a quite very the every");
    let many = word == "many" && !(finder.word(at, 1) == "a" || finder.word(at, 1) == "an");
    let of_several = word == "of"
        && (one_of(before, "one each many several some most few two three both"))
        && one_of(finder.word(at, 1), "the my his her our your their these those");
    let plain = one_of(word, "several various these those both numerous");
    let lots = word == "of"
        && (one_of(before, "hundreds thousands dozens millions variety number lots plenty couple")
            || before == "lot" && finder.word(at, -2) == "a"
            || before == "pair" && one_of(finder.word(at, 1), "shoe sock glove boot shoes glass"));
    let hours = word == "half" && finder.word(at, -1) == "a" && finder.word(at, -2) == "and";
    let graded = before.ends_with("ly") || one_of(before, "very quite rather so too");
    let owner = if graded { finder.word(at, -2) } else { before };
    let different = matches!(word, "different" | "many" | "numerous") && !finder.determiner(owner);
    let in_a_row = possessive_determiner(before) && one_of(finder.word(at, 1), IN_A_ROW);
    if in_a_row || !(number || few || many || of_several || plain || lots || hours || different) {
        return;
    }
    let Some(head) = finder.head(at + 1) else { return };
    if finder.text.tokens[head].text.starts_with(char::is_uppercase) {
        return;
    }
    if head > at + 4 {
        return;
    }
    // `one of my best friend lives`: the last word is the verb.
    let verbal = of_several
        && finder.is_verb(finder.word(head, 0), Form::Third)
        && finder.countable_singular(finder.word(head, -1));
    let head = if verbal { head - 1 } else { head };
    let noun = finder.word(head, 0);
    let next = finder.word(head, 1);
    let in_compound = !verbal
        && (matches!(next, "-" | "'")
            || finder.tag(head, 1) == Tag::Noun
            || finder.tag(head, 1) == Tag::Number
            || finder.lexicon.is(next, Class::Noun, Form::Base)
                && !finder.lexicon.can_be(next, Class::Verb)
                && finder.lexicon.counting(next).is_some());
    let may_count = finder.countable_singular(noun)
        || (of_several || many || plain)
            && finder.lexicon.is(noun, Class::Noun, Form::Base)
            && !finder.uncountable(noun)
            && !finder.plural(noun);
    let pronoun_use = plain
        && word != "various"
        && finder.is_verb(noun, Form::Base)
        && finder.tag(head, 0) == Tag::Verb;
    let hundreds = one_of(
        noun,
        "hundred thousand million dozen o'clock pm am p a percent one other \
past next",
    );
    // `both body and mind` names one of each; `those present` are the ones who are.
    let pair = word == "both" && next == "and";
    let present = present_ones(finder, head);
    // `one of the most success …` lacks an adjective, not a plural.
    let degree = finder.word(head, -1) == "most" || noun.ends_with('s');
    // `most of the book` is right of one book.
    let part = of_several && matches!(before, "most" | "some");
    if may_count
        && !in_compound
        && !pronoun_use
        && !hundreds
        && !part
        && !degree
        && !pair
        && !present
    {
        let plural = finder.lexicon.plural(noun);
        finder.replace(head, plural, "R:NOUN:NUM", PLURAL);
    }
}

/// `those present`: an adjective after a word that stands for people.
fn present_ones(finder: &Finder<'_>, at: usize) -> bool {
    finder.word(at, -1) == "those" && finder.adjective(finder.word(at, 0))
}

/// `all kind of`, `all the student`.
fn all_of(finder: &mut Finder<'_>, at: usize) {
    let word = finder.word(at, 0);
    // `they all laugh`: the word goes with the subject before it.
    if !matches!(word, "all" | "other" | "such") || finder.tag(at, -1) == Tag::Pronoun {
        return;
    }
    if word == "other" {
        let before = finder.word(at, -1);
        let one = finder.determiner(before)
            && !one_of(before, "all many some most two three several these those")
            || one_of(before, "another each every no any one some");
        if one {
            return;
        }
    } else if word == "such" {
        return;
    }
    if word == "all" && matches!(finder.word(at, 1), "kind" | "sort") && finder.word(at, 2) == "of"
    {
        let plural = format!("{}s", finder.word(at, 1));
        finder.replace(at + 1, plural, "R:NOUN:NUM", PLURAL);
        return;
    }
    let skip = usize::from(one_of(finder.word(at, 1), "the my our his her their your of"));
    let skip = if finder.word(at, 1) == "of" {
        if matches!(finder.word(at, 2), "sort" | "kind") { 1 } else { 2 }
    } else {
        skip
    };
    let Some(head) = finder.head(at + 1 + skip) else { return };
    let noun = finder.word(head, 0);
    let whole = [
        "day",
        "night",
        "morning",
        "afternoon",
        "evening",
        "time",
        "week",
        "year",
        "way",
        "world",
        "month",
        "summer",
        "winter",
        "life",
        "country",
        "family",
        "city",
        "school",
        "class",
        "house",
        "course",
        "hand",
        "team",
        "village",
        "town",
        "book",
        "story",
        "room",
        "company",
        "journey",
        "trip",
        "body",
        "kind",
        "sort",
        "weekend",
        "lifetime",
        "heart",
        "soul",
        "mind",
        "difference",
    ];
    let sorts = skip == 0 && matches!(noun, "kind" | "sort") && finder.word(head, 1) == "of";
    let of_sort = finder.word(at, -1) == "of" && matches!(noun, "kind" | "sort");
    let next_noun = finder.tag(head, 1) == Tag::Noun;
    let owned = matches!(finder.word(head, 1), "'s" | "'");
    if head > at + 4 || next_noun || owned || present_ones(finder, head) {
        return;
    }
    if sorts || of_sort || (finder.countable_singular(noun) && !whole.contains(&noun)) {
        let plural = finder.lexicon.plural(noun);
        finder.replace(head, plural, "R:NOUN:NUM", PLURAL);
    }
}

/// `a friends`, `every students`, `another books`.
fn one(finder: &mut Finder<'_>, at: usize) {
    let word = finder.word(at, 0);
    if !one_of(word, "a an every another each this") {
        return;
    }
    let mut head = at + 1;
    if finder.adjective(finder.word(at, 1))
        && finder.lexicon.can_be(finder.word(at, 2), Class::Noun)
    {
        head += 1;
    }
    let noun = finder.word(head, 0);
    let Some(base) = finder.noun(noun) else { return };
    let next = finder.word(head, 1);
    let titled =
        finder.text.near(head, 0).is_some_and(|token| token.text.starts_with(char::is_uppercase));
    let only_plural = finder.plural(noun) && base != noun && !finder.is_verb(noun, Form::Third)
        || finder.plural(noun) && base != noun && matches!(word, "a" | "an" | "every");
    let number = CARDINALS.contains(&finder.word(at, 1))
        || one_of(finder.word(at, 1), "few great good many");
    if only_plural
        && !number
        && !titled
        && !finder.lexicon.is(noun, Class::Noun, Form::Base)
        && finder.tag(head, 1) != Tag::Noun
        && !matches!(next, "of" | "'")
    {
        finder.replace(head, base.to_owned(), "R:NOUN:NUM", SINGULAR);
    }
}

/// `with her grandparent`.
fn pairs(finder: &mut Finder<'_>, at: usize) {
    let word = finder.word(at, 0);
    if PAIRS.contains(&word)
        && possessive_determiner(finder.word(at, -1))
        && finder.tag(at, 1) != Tag::Noun
        && !one_of(finder.word(at, 1), "is was has 's")
    {
        let plural = finder.lexicon.plural(word);
        finder.replace(at, plural, "R:NOUN:NUM", PLURAL);
    }
}

/// `fill boxes with toy`, `with long leg`: a counted noun alone after a preposition, where the verb has
/// a bare plural before it or the noun names one of a pair.
fn bare_after_plural(finder: &mut Finder<'_>, at: usize) {
    const BODY: &[&str] = &[
        "shoulder", "eye", "ear", "arm", "leg", "hand", "foot", "finger", "lip", "tear", "knee",
        "cheek", "eyebrow",
    ];
    let noun = finder.word(at, 0);
    if !finder.countable_singular(noun)
        || finder.lexicon.can_be(noun, Class::Verb) && finder.tag(at, 0) != Tag::Noun
    {
        return;
    }
    let described = finder.adjective(finder.word(at, -1));
    let preposition: isize = if described { -2 } else { -1 };
    let closes =
        finder.tag(at, 1) == Tag::Mark || matches!(finder.word(at, 1), "" | "and" | "or" | "but");
    if !one_of(finder.word(at, preposition), "with into") || !closes {
        return;
    }
    let body = BODY.contains(&noun) && described && finder.word(at, preposition) == "with";
    // The object of the verb, bare and plural, stands straight before the preposition.
    let object = finder.word(at, preposition - 1);
    let bare = finder.plural(object)
        && finder.tag(at, preposition - 1) == Tag::Noun
        && finder.verb(finder.word(at, preposition - 2)).is_some();
    if body || bare {
        let plural = finder.lexicon.plural(noun);
        finder.replace(at, plural, "R:NOUN:NUM", PLURAL);
    }
}

#[cfg(test)]
mod tests {
    use crate::rules::check::tests::corrected;

    #[test]
    fn counted_nouns_are_plural() {
        assert_eq!(corrected("She has three brother."), "She has three brothers.");
        assert_eq!(corrected("It is one of the best film."), "It is one of the best films.");
        assert_eq!(
            corrected("I met many interesting person there."),
            "I met many interesting people there."
        );
        assert_eq!(corrected("We sell all kind of fruit."), "We sell all kinds of fruit.");
        assert_eq!(corrected("All the student laughed."), "All the students laughed.");
        assert_eq!(corrected("It is her twelve birthday."), "It is her twelfth birthday.");
    }

    #[test]
    fn one_of_a_kind_stays_singular() {
        for text in [
            "I am a Senior Two student.",
            "Sport is good for both body and mind.",
            "He opened the door to a completely different world.",
            "I thank you with all my heart.",
            "A smile makes all the difference.",
            "All those present were moved.",
            "He studies at a boys' school.",
        ] {
            assert_eq!(corrected(text), text);
        }
    }

    #[test]
    fn mass_nouns_are_not() {
        assert_eq!(corrected("He gave me some advices."), "He gave me some advice.");
        assert_eq!(corrected("There is too many traffic."), "There is too much traffic.");
        assert_eq!(corrected("Every students has a desk."), "Every student has a desk.");
    }
}
