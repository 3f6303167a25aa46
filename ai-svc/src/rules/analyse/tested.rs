//! Works out what a question tests, from its options and its gap.

use super::choice::Item;
use super::{joining, verbs};
use crate::rules::classify::{self, Site};
use crate::rules::classify_words::{self, Group};
use crate::rules::lexicon::{Class, Form, Lexicon, shared};
use crate::rules::points;
use crate::rules::words::one_of;
use crate::rules::words::{
    ARTICLES, COORDINATORS, INDEFINITES, MODALS, PREPOSITIONS, RELATIVES, SUBORDINATORS, personal,
    possessive, reflexive, split,
};

/// What a question tests.
pub struct Tested {
    pub point: &'static str,
    pub code: Option<&'static str>,
}

/// Works out what is tested; `None` when there is nothing to go by.
pub fn tested(item: &Item) -> Option<Tested> {
    let lexicon = shared();
    let filled = item.filled();
    if item.right.is_empty() {
        return None;
    }
    if item.options.len() < 2 {
        return filled_in(item, &filled);
    }
    let site = Site::new(&item.wrong, &item.right, &filled);
    let site = Site {
        original: split(&item.wrong),
        replacement: split(&item.right),
        ..around(item, site)
    };
    let all: Vec<Vec<String>> = item.options.iter().map(|option| split(option)).collect();
    let joined: Vec<String> = all.iter().map(|words| words.join(" ")).collect();
    let right = split(&item.right).join(" ");
    let every = |test: &dyn Fn(&str) -> bool| joined.iter().all(|option| test(option));
    let most = |test: &dyn Fn(&str) -> bool| {
        joined.iter().filter(|option| test(option)).count() * 4 >= joined.len() * 3
    };
    let at = |point: &'static str| Some(Tested { point, code: code_of(point) });
    let article = |option: &str| {
        option
            .split([';', ' ', ','])
            .filter(|part| !part.is_empty())
            .all(|part| ARTICLES.contains(&part) || one_of(part, "不 填 不填 / x × \\ one"))
    };
    if every(&article) {
        let last = right.rsplit([';', ' ']).next().unwrap_or("");
        return at(points::article("", last));
    }
    if every(&|option| MODALS.contains(&option) || option == "have to") {
        let perfect = site.next() == "have";
        return at(if perfect { "verb.modal.perfect" } else { "verb.modal" });
    }
    if reply(item) {
        return at("communication.general");
    }
    if let Some(point) = order(&all, &split(&item.right), &site) {
        return at(point);
    }
    if most(&|option| {
        RELATIVES.contains(&option)
            || SUBORDINATORS.contains(&option)
            || COORDINATORS.contains(&option)
    }) && !every(&|option| PREPOSITIONS.contains(&option))
        && !every(&|option| INDEFINITES.contains(&option))
    {
        return at(joining::point(&right, &joined, &site));
    }
    if most(&|option| {
        PREPOSITIONS.contains(&option) && !lexicon.is(option, Class::Verb, Form::Base)
    }) {
        let kind = crate::taxonomy::error_type("R:PREP")?;
        let found = points::refine(kind, &item.wrong, &item.right, &filled);
        return Some(Tested { point: found.id, code: Some("R:PREP") });
    }
    if most(&|option| INDEFINITES.contains(&option) || option.starts_with("other")) {
        return at("pronoun.indefinite");
    }
    if most(&personal) {
        return at(if reflexive(&right) {
            "pronoun.reflexive"
        } else if possessive(&right) {
            "pronoun.possessive"
        } else if right == "it" {
            "pronoun.it"
        } else {
            "pronoun.personal"
        });
    }
    let groups: Vec<Option<Group>> =
        all.iter().map(|words| classify_words::parse(words, lexicon)).collect();
    if let Some(groups) = groups.into_iter().collect::<Option<Vec<_>>>()
        && groups.iter().all(|group| group.base == groups[0].base)
    {
        return verbs::tested(item, &groups, &site);
    }
    words(&all, &right, lexicon).and_then(at)
}

fn filled_in(item: &Item, filled: &str) -> Option<Tested> {
    let from = if item.hint.is_empty() { "" } else { item.hint.as_str() };
    if from.is_empty() && !item.wrong.is_empty() {
        return None;
    }
    let from = if from == item.right { "" } else { from };
    let site = around(item, Site::new(from, &item.right, filled));
    if let Some(point) = super::hint::verb(from, &item.right, &site) {
        return Some(Tested { point, code: code_of(point) });
    }
    let kind = classify::classify(from, &item.right, filled);
    let found = points::refine(kind, from, &item.right, filled);
    Some(Tested {
        point: found.id,
        code: code_of(found.id).filter(|_| item.wrong.is_empty()).or(Some(kind.code)),
    })
}

/// Options that are replies in a dialogue.
fn reply(item: &Item) -> bool {
    let Some(gap) = &item.gap else { return false };
    let before = item.stem[..gap.start].trim_end();
    let opens = before.ends_with(['-', '—', '–'])
        || before.ends_with(['.', '!', '?']) && before.contains("--");
    let after = item.stem[gap.end..].trim_start();
    let closes = after.is_empty()
        || after.starts_with(['.', '!', '?', ','])
        || after.starts_with(char::is_uppercase);
    let phrases = item.options.iter().filter(|option| option.contains(' ')).count();
    opens && closes && phrases * 2 >= item.options.len()
}

/// Options made of the same words in different orders.
fn order(all: &[Vec<String>], right: &[String], site: &Site) -> Option<&'static str> {
    let stems = |words: &[String]| {
        let lexicon = shared();
        let mut bases: Vec<String> = words
            .iter()
            .filter(|word| !matches!(word.as_str(), "did" | "do" | "does"))
            .map(|word| lexicon.base(word, Class::Verb).unwrap_or(word).to_owned())
            .collect();
        bases.sort();
        bases
    };
    if all.iter().all(|words| classify_words::parse(words, shared()).is_some()) {
        return None; // Forms of one verb, not an order of words.
    }
    let first = stems(right);
    let same = all.iter().filter(|words| stems(words) == first).count();
    if first.len() < 2 || same * 2 < all.len() || all.iter().all(|words| words[0] == all[0][0]) {
        return None;
    }
    let words: Vec<&str> = all[0].iter().map(String::as_str).collect();
    if words.iter().any(|word| one_of(word, "half twice times percent")) {
        return Some("numeral.fraction");
    }
    if words.contains(&"as") && words.iter().filter(|word| **word == "as").count() > 1 {
        return Some("comparison.as_as");
    }
    if words.contains(&"as") {
        return Some("clause.relative.as");
    }
    let opener = site.before.iter().any(|word| {
        one_of(word.as_str(), "only never hardly seldom little not no so nowhere neither nor")
    });
    Some(if opener { "sentence.inversion.partial" } else { "sentence.word_order" })
}

fn words(all: &[Vec<String>], right: &str, lexicon: &Lexicon) -> Option<&'static str> {
    let verb_first = |words: &Vec<String>| lexicon.can_be(&words[0], Class::Verb);
    let particle = |words: &Vec<String>| {
        words.len() > 1
            && words[1..].iter().any(|word| {
                PREPOSITIONS.contains(&word.as_str())
                    || one_of(word.as_str(), "away back together along forward")
            })
    };
    if all.iter().all(|words| verb_first(words) && particle(words)) {
        return Some("vocabulary.phrasal_verb");
    }
    if all.iter().all(|words| words.len() > 1 && words.last().is_some_and(|word| word == "than")) {
        return Some("vocabulary.collocation");
    }
    if all.iter().all(|words| one_of(words[0].as_str(), "more less most least much little")) {
        return Some(if right.contains(' ') {
            "adjective.comparative"
        } else {
            "vocabulary.collocation"
        });
    }
    let single: Vec<&str> =
        all.iter().filter(|words| words.len() == 1).map(|words| words[0].as_str()).collect();
    if single.len() < all.len() {
        return all
            .iter()
            .all(|words| PREPOSITIONS.contains(&words[0].as_str()))
            .then_some("preposition.phrase");
    }
    let adverb = |word: &&&str| word.ends_with("ly") || lexicon.can_be(word, Class::Adverb);
    if single.iter().filter(adverb).count() * 4 >= single.len() * 3 {
        return Some("vocabulary.adverb");
    }
    let share = |class: Class| single.iter().filter(|word| lexicon.can_be(word, class)).count();
    let (mut best, mut count) = (None, 0);
    for (class, point) in [
        (Class::Verb, "vocabulary.verb"),
        (Class::Noun, "vocabulary.noun"),
        (Class::Adjective, "vocabulary.adjective"),
    ] {
        if share(class) > count {
            (best, count) = (Some(point), share(class));
        }
    }
    best
}

/// The error type that goes with a knowledge point.
pub fn code_of(point: &str) -> Option<&'static str> {
    const CODES: &[(&str, &str)] = &[
        ("noun.number", "R:NOUN:NUM"),
        ("noun.countability", "R:NOUN:NUM"),
        ("noun.possessive", "R:NOUN:POSS"),
        ("article", "R:DET:ART"),
        ("pronoun.possessive", "R:PRON:POSS"),
        ("pronoun", "R:PRON"),
        ("numeral.ordinal", "R:MORPH:NUM"),
        ("adjective.comparative", "R:ADJ:FORM"),
        ("adjective.superlative", "R:ADJ:FORM"),
        ("adjective.participle", "R:MORPH:PART"),
        ("preposition", "R:PREP"),
        ("conjunction", "R:CONJ"),
        ("verb.tense", "R:VERB:TENSE"),
        ("verb.voice", "R:VERB:VOICE"),
        ("verb.modal", "R:MODAL"),
        ("mood.subjunctive", "R:VERB:TENSE"),
        ("nonfinite", "R:VERB:FORM"),
        ("clause.nominal", "R:CONJ:NOM"),
        ("clause.relative", "R:CONJ:REL"),
        ("clause.adverbial.ellipsis", "R:VERB:FORM"),
        ("clause.adverbial", "R:CONJ:SUB"),
        ("sentence.agreement", "R:VERB:SVA"),
        ("sentence.inversion", "R:WO"),
        ("sentence.emphasis", "R:CONJ:NOM"),
        ("sentence.word_order", "R:WO"),
        ("numeral.fraction", "R:WO"),
        ("comparison.as_as", "R:WO"),
        ("vocabulary.phrasal_verb", "R:PHRASAL"),
        ("vocabulary.verb", "R:VERB"),
        ("vocabulary.noun", "R:NOUN"),
        ("vocabulary.adjective", "R:ADJ"),
        ("vocabulary.adverb", "R:ADV"),
        ("communication", "R:COMM"),
    ];
    CODES
        .iter()
        .filter(|(prefix, _)| {
            point == *prefix || point.strip_prefix(prefix).is_some_and(|rest| rest.starts_with('.'))
        })
        .max_by_key(|(prefix, _)| prefix.len())
        .map(|(_, code)| *code)
}

/// The site with the words around the gap.
fn around(item: &Item, site: Site) -> Site {
    let Some(gap) = &item.gap else { return site };
    Site { before: split(&item.stem[..gap.start]), after: split(item.rest(gap)), ..site }
}
