//! Names the grammatical type of a correction.

use super::lexicon::{Class, Form, Lexicon, shared};
use super::words::{
    ADVERBS, ARTICLES, BE, CARDINALS, COORDINATORS, DETERMINERS, DO, HAVE, MODALS, ORDINALS,
    PREPOSITIONS, RELATIVES, SUBORDINATORS, auxiliary, personal, possessive, split,
};
use crate::taxonomy::{ErrorType, error_type_or_other};

/// The words that differ and their neighbours, in lower case.
pub struct Site {
    pub original: Vec<String>,
    pub replacement: Vec<String>,
    pub before: Vec<String>,
    pub after: Vec<String>,
}

impl Site {
    /// Strips what both sides share and finds the place in the context.
    pub fn new(original: &str, replacement: &str, context: &str) -> Self {
        let whole = (split(original), split(replacement));
        let (mut a, mut b) = whole.clone();
        let (mut before, mut after) = (Vec::new(), Vec::new());
        while !a.is_empty() && !b.is_empty() && a[0] == b[0] {
            before.push(a.remove(0));
            b.remove(0);
        }
        while let (Some(x), Some(y)) = (a.last(), b.last())
            && x == y
        {
            after.insert(0, x.clone());
            a.pop();
            b.pop();
        }
        let words = split(context);
        for needle in [&whole.0, &whole.1] {
            if let Some(at) = find(&words, needle) {
                let mut all = words[..at].to_vec();
                all.append(&mut before);
                before = all;
                after.extend_from_slice(&words[at + needle.len()..]);
                break;
            }
        }
        Self { original: a, replacement: b, before, after }
    }

    /// Word before the place, counted back from 1; empty when there is none.
    pub fn back(&self, count: usize) -> &str {
        self.before.len().checked_sub(count).map_or("", |at| self.before[at].as_str())
    }

    /// First word after the place.
    pub fn next(&self) -> &str {
        self.after.first().map_or("", String::as_str)
    }
}

fn find(words: &[String], needle: &[String]) -> Option<usize> {
    (!needle.is_empty()).then(|| words.windows(needle.len()).position(|at| at == needle)).flatten()
}

/// Names the type; see `Engine::classify`.
pub fn classify(original: &str, replacement: &str, context: &str) -> &'static ErrorType {
    error_type_or_other(&code(original, replacement, context))
}

fn code(original: &str, replacement: &str, context: &str) -> String {
    let squeeze = |text: &str| -> String {
        let small = text.to_lowercase().replace('’', "'");
        small.chars().filter(|letter| !letter.is_whitespace() && *letter != '-').collect()
    };
    if original.trim() == replacement.trim() {
        return "R:NONE".into();
    }
    if squeeze(original) == squeeze(replacement) {
        return "R:ORTH".into();
    }
    let site = Site::new(original, replacement, context);
    match (site.original.as_slice(), site.replacement.as_slice()) {
        ([], []) => "R:ORTH".into(),
        ([], added) => format!("M:{}", single(added, &site)),
        (removed, []) => format!("U:{}", single(removed, &site)),
        ([a], [b]) => format!("R:{}", pair(a, b, &site)),
        (a, b) => format!("R:{}", group(a, b, &site)),
    }
}

fn single(words: &[String], site: &Site) -> &'static str {
    let lexicon = shared();
    let word = match words {
        [word] => word.as_str(),
        _ if words.iter().all(|word| auxiliary(word)) => return "VERB:TENSE",
        [first, ..] if PREPOSITIONS.contains(&first.as_str()) => return "PREP",
        _ => words.last().map_or("", String::as_str),
    };
    if word.chars().all(|letter| !letter.is_alphanumeric()) {
        return "PUNCT";
    }
    let next = site.next();
    match word {
        "to" if lexicon.is(next, Class::Verb, Form::Base)
            && !ARTICLES.contains(&next)
            && !noun_here(next, site, lexicon) =>
        {
            "VERB:FORM"
        }
        _ if ARTICLES.contains(&word) => "DET:ART",
        "her" | "his" | "its" => "PRON:POSS",
        _ if possessive(word) => "PRON:POSS",
        _ if personal(word) => "PRON",
        "that" if lexicon.can_be(site.back(1), Class::Verb) => "CONJ:NOM",
        "which" | "who" | "whom" | "whose" | "that" => "CONJ:REL",
        "what" | "whether" | "how" => "CONJ:NOM",
        "been" | "being" | "have" | "has" | "had" | "does" | "did" | "don't" | "didn't"
        | "doesn't" => "VERB:TENSE",
        "do" if lexicon.is(next, Class::Verb, Form::Base) => "VERB:TENSE",
        _ if BE.contains(&word) => {
            let helped = lexicon.is(next, Class::Verb, Form::Ing)
                || lexicon.is(next, Class::Verb, Form::Participle);
            if helped { "VERB:TENSE" } else { "VERB" }
        }
        _ if MODALS.contains(&word) && word != "need" => "MODAL",
        "like" if matches!(site.back(1), "as" | "such") || site.back(2) == "such" => "PREP",
        "and" | "but" | "or" | "so" | "yet" => "CONJ",
        _ if PREPOSITIONS.contains(&word) => "PREP",
        _ if SUBORDINATORS.contains(&word) => "CONJ:SUB",
        _ if DETERMINERS.contains(&word) && !matches!(word, "much" | "little" | "enough") => "DET",
        _ if CARDINALS.contains(&word) || ORDINALS.contains(&word) => "NUM",
        _ if ADVERBS.contains(&word) || word == "much" => "ADV",
        _ => open_class(word, lexicon),
    }
}

fn open_class(word: &str, lexicon: &Lexicon) -> &'static str {
    let first = lexicon.readings(word).first().map(|reading| reading.class);
    match first {
        Some(Class::Noun) => "NOUN",
        Some(Class::Verb) => "VERB",
        Some(Class::Adjective) => "ADJ",
        Some(Class::Adverb) => "ADV",
        _ if word.ends_with("ly") => "ADV",
        _ if lexicon.knows(word) => "NOUN",
        _ => "OTHER",
    }
}

/// Says whether a word of two classes stands as a noun.
pub fn noun_here(word: &str, site: &Site, lexicon: &Lexicon) -> bool {
    if !lexicon.can_be(word, Class::Noun) {
        return false;
    }
    if !lexicon.can_be(word, Class::Verb) {
        return true;
    }
    let before = site.back(1);
    let counted = CARDINALS.contains(&before)
        || DETERMINERS.contains(&before)
        || ARTICLES.contains(&before)
        || (possessive(before) && before != "mine")
        || (before.chars().all(char::is_numeric) && !before.is_empty())
        || before.ends_with("'s");
    let after_noun_or_adjective = lexicon
        .readings(before)
        .iter()
        .all(|reading| reading.class == Class::Adjective && reading.form == Form::Base)
        && !lexicon.readings(before).is_empty();
    let object_of_preposition = PREPOSITIONS.contains(&before) && before != "to";
    counted || after_noun_or_adjective || object_of_preposition
}

fn both(list: &[&str], a: &str, b: &str) -> bool {
    list.contains(&a) && list.contains(&b)
}

fn pair(a: &str, b: &str, site: &Site) -> &'static str {
    let lexicon = shared();
    if both(ARTICLES, a, b) {
        return "DET:ART";
    }
    if personal(a) && personal(b) {
        // `her` is an object as well.
        let owner = |word: &str| possessive(word) && word != "her";
        return if owner(a) || owner(b) { "PRON:POSS" } else { "PRON" };
    }
    if RELATIVES.contains(&b) || SUBORDINATORS.contains(&b) {
        return connective(a, b, site, lexicon);
    }
    if MODALS.contains(&a) && MODALS.contains(&b) {
        return "MODAL";
    }
    if COORDINATORS.contains(&b) && (COORDINATORS.contains(&a) || SUBORDINATORS.contains(&a)) {
        return "CONJ";
    }
    if both(PREPOSITIONS, a, b) {
        return "PREP";
    }
    if (CARDINALS.contains(&a) && ORDINALS.contains(&b))
        || (ORDINALS.contains(&a) && CARDINALS.contains(&b))
    {
        return "MORPH:NUM";
    }
    if auxiliary(a) && auxiliary(b) {
        return auxiliaries(a, b);
    }
    if let Some(kind) = super::classify_words::same_root(a, b, site, lexicon) {
        return kind;
    }
    if possessive(b) || possessive(a) && DETERMINERS.contains(&b) {
        return "PRON:POSS";
    }
    if personal(a) || personal(b) {
        return "PRON";
    }
    if ARTICLES.contains(&b) {
        return if DETERMINERS.contains(&a) { "DET:ART" } else { "DET" };
    }
    if COORDINATORS.contains(&a) && b != "so" || matches!(b, "and" | "but" | "or") {
        return "CONJ";
    }
    if matches!(a, "such" | "so" | "very" | "too") && matches!(b, "such" | "so" | "very" | "too") {
        return "ADV";
    }
    if DETERMINERS.contains(&a) && DETERMINERS.contains(&b) {
        return "DET";
    }
    if PREPOSITIONS.contains(&b) && !ADVERBS.contains(&b) {
        return "PREP";
    }
    if MODALS.contains(&b) {
        return "MODAL";
    }
    if ADVERBS.contains(&b) {
        return "ADV";
    }
    if DETERMINERS.contains(&b) {
        return "DET";
    }
    super::classify_words::different_words(a, b, site, lexicon)
}

fn auxiliaries(a: &str, b: &str) -> &'static str {
    let family =
        |word: &str| [BE, HAVE, DO].iter().position(|list| list.contains(&word)).unwrap_or(3);
    let past = |word: &str| {
        matches!(word, "was" | "were" | "had" | "did" | "wasn't" | "weren't" | "hadn't" | "didn't")
    };
    let nonfinite =
        |word: &str| matches!(word, "be" | "been" | "being" | "having" | "doing" | "done");
    if family(a) != family(b) {
        return "VERB:TENSE";
    }
    if nonfinite(a) || nonfinite(b) {
        return "VERB:FORM";
    }
    if past(a) == past(b) { "VERB:SVA" } else { "VERB:TENSE" }
}

fn connective(a: &str, b: &str, site: &Site, lexicon: &Lexicon) -> &'static str {
    let before = site.back(1);
    let fresh = site.before.is_empty() || matches!(before, "." | "!" | "?" | ";" | "\"" | "“");
    if b == "as" && !RELATIVES.contains(&a) && !SUBORDINATORS.contains(&a) {
        return if PREPOSITIONS.contains(&a) { "PREP" } else { "CONJ:SUB" };
    }
    if b == "that"
        && matches!(a, "this" | "these" | "those" | "it")
        && lexicon.can_be(site.next(), Class::Noun)
    {
        return "DET";
    }
    if matches!(b, "whatever" | "whichever" | "whoever" | "whenever" | "wherever" | "however") {
        return if matches!(b, "whenever" | "wherever" | "however") {
            "CONJ:SUB"
        } else {
            "CONJ:NOM"
        };
    }
    if !RELATIVES.contains(&b) || COORDINATORS.contains(&a) {
        return if COORDINATORS.contains(&a) && COORDINATORS.contains(&b) {
            "CONJ"
        } else {
            "CONJ:SUB"
        };
    }
    if fresh && matches!(b, "when" | "where" | "as" | "whether") {
        return if b == "whether" { "CONJ:NOM" } else { "CONJ:SUB" };
    }
    if matches!(b, "what" | "how" | "why" | "whether") && before != "reason" {
        return "CONJ:NOM";
    }
    let noun_before = (lexicon.can_be(before, Class::Noun) && !verb_before(site, lexicon))
        || (before == ","
            && matches!(b, "which" | "who" | "whom" | "whose" | "where" | "when" | "as"))
        || (PREPOSITIONS.contains(&before) && matches!(b, "which" | "whom" | "whose"))
        || matches!(before, "those" | "something" | "anything" | "everything" | "all" | "one")
        || (!lexicon.knows_class(before) && !before.is_empty());
    if noun_before {
        if matches!(b, "when" | "where")
            && !super::clauses_nouns::takes_adverb(before, b)
            && before != ","
        {
            return "CONJ:SUB";
        }
        return "CONJ:REL";
    }
    match b {
        "when" | "where" if !lexicon.can_be(before, Class::Verb) => "CONJ:SUB",
        _ => "CONJ:NOM",
    }
}

/// Says whether the word before the place is a verb rather than a noun.
fn verb_before(site: &Site, lexicon: &Lexicon) -> bool {
    let word = site.back(1);
    let subject = site.back(2);
    lexicon.can_be(word, Class::Verb)
        && (personal(subject) && !possessive(subject)
            || subject == "to"
            || auxiliary(subject)
            || word.ends_with("ed") && !ARTICLES.contains(&subject))
}

/// Names the type of a change of several words.
fn group(a: &[String], b: &[String], site: &Site) -> &'static str {
    let lexicon = shared();
    let mut sorted = (a.to_vec(), b.to_vec());
    sorted.0.sort();
    sorted.1.sort();
    if sorted.0 == sorted.1 {
        return "WO";
    }
    let joined = (a.join(" "), b.join(" "));
    if let Some(kind) = super::classify_words::verb_groups(a, b, lexicon) {
        return kind;
    }
    for list in [SUBORDINATORS, RELATIVES] {
        if list.contains(&joined.1.as_str()) {
            return connective(&joined.0, &joined.1, site, lexicon);
        }
    }
    let prepositional =
        |words: &[String]| words.iter().any(|word| PREPOSITIONS.contains(&word.as_str()));
    if a.len() <= 2 && b.len() <= 2 && RELATIVES.contains(&b[b.len() - 1].as_str()) {
        return "CONJ:REL";
    }
    let verbal = |words: &[String]| lexicon.can_be(&words[0], Class::Verb);
    if verbal(a) && verbal(b) && a.len().max(b.len()) <= 3 && prepositional(b) {
        return "PHRASAL";
    }
    if a.len() == 1 && b.len() == 1 { "OTHER" } else { single_or_other(b) }
}

fn single_or_other(b: &[String]) -> &'static str {
    match b {
        [word] if PREPOSITIONS.contains(&word.as_str()) => "PREP",
        [word] if COORDINATORS.contains(&word.as_str()) => "CONJ",
        [first, ..] if PREPOSITIONS.contains(&first.as_str()) => "PREP",
        _ => "OTHER",
    }
}
