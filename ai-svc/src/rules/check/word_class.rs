//! Participles of feeling, and nouns in the place of adjectives.

use super::scan::{Finder, contracted_be};
use crate::rules::lexicon::{Class, Form};
use crate::rules::morph;
use crate::rules::text::Tag;
use crate::rules::words::one_of;
use crate::rules::words::possessive_determiner;

const ADJECTIVE: (&str, &str) =
    ("修饰名词或作表语要用形容词", "a noun or a linking verb takes an adjective");

const ED: (&str, &str) = ("说人的感受用 -ed 形容词", "how people feel is said with -ed");

const ING: (&str, &str) = ("说事物的特点用 -ing 形容词", "what things are like is said with -ing");

const NOUN: (&str, &str) = ("这里需要名词", "a noun is needed here");

/// Verbs whose participles say how people feel.
const FEELINGS: &[&str] = &[
    "interest",
    "excite",
    "surprise",
    "bore",
    "tire",
    "disappoint",
    "amaze",
    "frighten",
    "confuse",
    "please",
    "satisfy",
    "worry",
    "shock",
    "embarrass",
    "annoy",
    "relax",
    "astonish",
    "puzzle",
    "thrill",
    "touch",
    "encourage",
    "discourage",
    "fascinate",
    "inspire",
    "scare",
    "terrify",
];

/// Nouns that follow `to one's`.
const TO_ONES: &[(&str, &str)] = &[
    ("surprise", "surprise"),
    ("amaze", "amazement"),
    ("astonish", "astonishment"),
    ("disappoint", "disappointment"),
    ("satisfy", "satisfaction"),
    ("excite", "excitement"),
    ("shock", "shock"),
    ("relieve", "relief"),
    ("please", "pleasure"),
    ("embarrass", "embarrassment"),
    ("delight", "delight"),
    ("amuse", "amusement"),
    ("disappointed", "disappointment"),
];

/// Checks every word.
pub fn check(finder: &mut Finder<'_>) {
    for at in 0..finder.len() {
        feelings(finder, at);
        pairs(finder, at);
    }
}

fn feelings(finder: &mut Finder<'_>, at: usize) {
    let word = finder.word(at, 0);
    let Some(base) =
        FEELINGS.iter().find(|base| morph::ing(base) == word || morph::regular_past(base) == word)
    else {
        return;
    };
    let (before, next) = (finder.word(at, -1), finder.word(at, 1));
    if finder.is_verb(word, Form::Ing)
        && finder.word(at, -2) == "to"
        && (before.ends_with("'s") || possessive_determiner(before))
        || finder.word(at, -2) == "to" && before.ends_with("'s")
        || finder.word(at, -2) == "to" && possessive_determiner(before)
    {
        let noun = TO_ONES.iter().find(|(verb, _)| verb == base).map(|(_, noun)| *noun);
        if let Some(noun) = noun
            && (finder.tag(at, 1) == Tag::Mark || next.is_empty())
        {
            finder.replace(at, noun, "R:MORPH:NOUN", NOUN);
        }
        return;
    }
    let degree = one_of(before, "very so too more really quite deeply extremely not all both");
    let link_at: isize = if degree { -2 } else { -1 };
    let link = finder.text.near(at, link_at).map_or("", |token| token.lower.as_str());
    let subject = finder.text.near(at, link_at - 1).map_or("", |token| token.lower.as_str());
    let linked = super::linking(link) || contracted_be(link);
    let person =
        one_of(subject, "i he she we they") || one_of(link, "i'm we're they're he's she's");
    let thing = one_of(subject, "it this that which") && !contracted_be(link)
        || matches!(link, "it's" | "that's")
        || one_of(
            subject,
            "book story film movie news game trip lesson class match result \
journey books stories films lessons classes results experience job",
        );
    if finder.is_verb(word, Form::Ing)
        && linked
        && person
        && !finder.tag_object(at)
        && !one_of(base, "worry touch relax inspire encourage bore")
    {
        let with = morph::regular_past(base);
        finder.replace(at, with, "R:MORPH:PART", ED);
        return;
    }
    if finder.is_verb(word, Form::Ing) {
        return;
    }
    let said_of_thing = linked
        && thing
        && !one_of(next, "by to with at in")
        && !one_of(
            base,
            "worry touch please scare encourage inspire shock discourage \
terrify satisfy relax",
        );
    let before_thing = one_of(before, "a an very the such most more")
        && one_of(
            next,
            "book story film movie news game trip lesson match journey \
experience job thing things day stories books films place city \
sight moment activity activities way",
        );
    if said_of_thing || before_thing {
        let with = morph::ing(base);
        finder.replace(at, with, "R:MORPH:PART", ING);
    }
}

/// `difference kinds`, `the important of`, `keep health`.
fn pairs(finder: &mut Finder<'_>, at: usize) {
    let (word, before, next) = (finder.word(at, 0), finder.word(at, -1), finder.word(at, 1));
    let to_adjective = word
        .strip_suffix("ence")
        .map(|stem| format!("{stem}ent"))
        .or_else(|| word.strip_suffix("ance").map(|stem| format!("{stem}ant")));
    if let Some(adjective) =
        to_adjective.filter(|adjective| finder.lexicon.can_be(adjective, Class::Adjective))
    {
        let plural_next = finder.plural(next) && finder.tag(at, 1) == Tag::Noun;
        let degree =
            one_of(before, "very so too more quite") && super::linking(finder.word(at, -2));
        let predicate = super::linking(before)
            && (one_of(next, "from to for that with of") || matches!(next, "." | "!"))
            && !matches!(before, "get" | "got");
        if plural_next && !finder.is_verb(next, Form::Third)
            || degree
            || predicate && word != "influence" && word != "evidence"
        {
            finder.replace(at, adjective, "R:MORPH:ADJ", ADJECTIVE);
            return;
        }
    }
    let to_noun = word
        .strip_suffix("ent")
        .map(|stem| format!("{stem}ence"))
        .or_else(|| word.strip_suffix("ant").map(|stem| format!("{stem}ance")));
    if let Some(noun) = to_noun.filter(|noun| {
        finder.lexicon.can_be(noun, Class::Noun) && finder.lexicon.can_be(word, Class::Adjective)
    }) {
        let determined = one_of(before, "the his her my our their your a no great with some");
        let after = one_of(next, "of between in to and") || finder.tag(at, 1) == Tag::Mark;
        if determined
            && after
            && !finder.lexicon.can_be(word, Class::Noun)
            && !matches!(word, "different")
            || word == "different" && next == "between"
        {
            finder.replace(at, noun, "R:MORPH:NOUN", NOUN);
            return;
        }
    }
    let simple: &[(&str, &str)] = &[
        ("health", "healthy"),
        ("success", "successful"),
        ("danger", "dangerous"),
        ("beauty", "beautiful"),
        ("safety", "safe"),
        ("happiness", "happy"),
        ("fame", "famous"),
        ("comfort", "comfortable"),
        ("wonder", "wonderful"),
        ("health", "healthy"),
        ("luck", "lucky"),
        ("noise", "noisy"),
        ("use", "useful"),
        ("help", "helpful"),
        ("pride", "proud"),
        ("difficulty", "difficult"),
        ("anger", "angry"),
        ("honesty", "honest"),
        ("wisdom", "wise"),
        ("friendship", "friendly"),
        ("death", "dead"),
        ("interest", "interesting"),
        ("care", "careful"),
        ("mystery", "mysterious"),
        ("truth", "true"),
    ];
    if let Some((_, adjective)) = simple.iter().find(|(noun, _)| *noun == word) {
        let degree = one_of(before, "very too quite more")
            && finder.text.near(at, -2).is_some_and(|token| super::linking(&token.lower))
            && before != "more";
        let keep = matches!(finder.verb(before), Some("keep" | "stay"))
            && word == "health"
            && (finder.tag(at, 1) == Tag::Mark || next == "and");
        if degree || keep {
            finder.replace(at, *adjective, "R:MORPH:ADJ", ADJECTIVE);
        }
    }
}
