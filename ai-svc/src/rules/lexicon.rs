//! What is known about single words: classes, inflected forms, level.

use std::collections::HashMap;
use std::sync::{Arc, LazyLock};

use harper_core::spell::{Dictionary, FstDictionary};

use super::morph;

/// Class of a word.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Class {
    Noun,
    Verb,
    Adjective,
    Adverb,
    Other,
}

/// Inflection of a word. `Base` is also the singular and the positive.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Form {
    Base,
    Third,
    Past,
    Participle,
    Ing,
    Plural,
    Comparative,
    Superlative,
}

/// One way to read a word.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reading {
    pub class: Class,
    pub form: Form,
    pub base: String,
}

/// Whether a noun has a plural.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Counting {
    Countable,
    Uncountable,
    Both,
}

/// The six levels, lowest first.
pub const LEVELS: [&str; 6] = ["A1", "A2", "B1", "B2", "C1", "C2"];

const WORDS: &str = include_str!("data/words.txt");
const VERBS: &str = include_str!("data/irregular_verbs.txt");
const NOUNS: &str = include_str!("data/irregular_nouns.txt");

/// The word list in memory, with every inflected form.
pub struct Lexicon {
    forms: HashMap<String, Vec<Reading>>,
    counting: HashMap<String, Counting>,
    levels: HashMap<String, usize>,
    verbs: HashMap<String, (String, String)>,
    plurals: HashMap<String, String>,
    adverbs: HashMap<String, String>,
    dictionary: Arc<FstDictionary>,
}

/// Lines of a data file without comments.
pub fn lines(data: &str) -> impl Iterator<Item = &str> {
    data.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'))
}

/// Returns the shared lexicon, built on first use.
pub fn shared() -> &'static Lexicon {
    static LEXICON: LazyLock<Lexicon> = LazyLock::new(Lexicon::load);
    &LEXICON
}

impl Lexicon {
    fn load() -> Self {
        let mut lexicon = Self {
            forms: HashMap::new(),
            counting: HashMap::new(),
            levels: HashMap::new(),
            verbs: HashMap::new(),
            plurals: HashMap::new(),
            adverbs: HashMap::new(),
            dictionary: FstDictionary::curated(),
        };
        let mut irregular: HashMap<&str, (Vec<&str>, Vec<&str>)> = HashMap::new();
        for line in lines(VERBS) {
            let mut fields = line.split_whitespace();
            if let (Some(base), Some(past), Some(participle)) =
                (fields.next(), fields.next(), fields.next())
            {
                irregular
                    .insert(base, (past.split('|').collect(), participle.split('|').collect()));
            }
        }
        for (singular, plural) in lines(NOUNS).filter_map(|line| line.split_once(' ')) {
            lexicon.plurals.insert(singular.into(), plural.into());
        }
        let (mut level, mut class) = (0, "");
        for line in lines(WORDS) {
            if let Some(heading) = line.strip_prefix('[') {
                let (name, kind) =
                    heading.trim_end_matches(']').split_once(' ').unwrap_or_default();
                level = LEVELS.iter().position(|known| *known == name).unwrap_or(0);
                class = kind;
                continue;
            }
            for word in line.split_whitespace() {
                lexicon.levels.entry(word.into()).or_insert(level);
                match class {
                    "n" => lexicon.add_noun(word, Counting::Countable),
                    "u" => lexicon.add_noun(word, Counting::Uncountable),
                    "b" => lexicon.add_noun(word, Counting::Both),
                    "v" => lexicon.add_verb(word, irregular.get(word)),
                    "a" => lexicon.add_adjective(word),
                    "r" => lexicon.add(word, Class::Adverb, Form::Base, word),
                    _ => lexicon.add(word, Class::Other, Form::Base, word),
                }
            }
        }
        for (base, pair) in &irregular {
            lexicon.add_verb(base, Some(pair));
        }
        lexicon
    }

    fn add(&mut self, form: &str, class: Class, kind: Form, base: &str) {
        let readings = self.forms.entry(form.into()).or_default();
        let reading = Reading { class, form: kind, base: base.into() };
        if !readings.contains(&reading) {
            readings.push(reading);
        }
    }

    fn add_noun(&mut self, word: &str, counting: Counting) {
        self.counting
            .entry(word.into())
            .and_modify(|known| {
                if *known != counting {
                    *known = Counting::Both;
                }
            })
            .or_insert(counting);
        self.add(word, Class::Noun, Form::Base, word);
        if counting != Counting::Uncountable {
            let plural = self.plural(word);
            self.add(&plural, Class::Noun, Form::Plural, word);
        }
    }

    fn add_verb(&mut self, word: &str, irregular: Option<&(Vec<&str>, Vec<&str>)>) {
        self.add(word, Class::Verb, Form::Base, word);
        self.add(&morph::third(word), Class::Verb, Form::Third, word);
        self.add(&morph::ing(word), Class::Verb, Form::Ing, word);
        if let Some((pasts, participles)) = irregular {
            for past in pasts {
                self.add(past, Class::Verb, Form::Past, word);
            }
            for participle in participles {
                self.add(participle, Class::Verb, Form::Participle, word);
            }
            self.verbs.insert(word.into(), (pasts[0].into(), participles[0].into()));
        } else {
            let past = morph::regular_past(word);
            self.add(&past, Class::Verb, Form::Past, word);
            self.add(&past, Class::Verb, Form::Participle, word);
        }
        if word == "be" {
            for form in ["am", "are"] {
                self.add(form, Class::Verb, Form::Third, word);
            }
            self.add("were", Class::Verb, Form::Past, word);
        }
    }

    fn add_adjective(&mut self, word: &str) {
        self.add(word, Class::Adjective, Form::Base, word);
        if let Some((more, most)) = morph::degrees(word) {
            self.add(&more, Class::Adjective, Form::Comparative, word);
            self.add(&most, Class::Adjective, Form::Superlative, word);
        }
        if let Some(adverb) = morph::adverb(word)
            && (adverb == "well" || self.dictionary.contains_word_str(&adverb))
        {
            self.add(&adverb, Class::Adverb, Form::Base, &adverb);
            if let Some(level) = self.levels.get(word).copied() {
                self.levels.entry(adverb.clone()).or_insert(level);
            }
            self.adverbs.entry(adverb).or_insert_with(|| word.into());
        }
    }

    /// Lists the readings of a word in lower case; empty when the word list has none.
    pub fn readings(&self, word: &str) -> &[Reading] {
        self.forms.get(word).map_or(&[], Vec::as_slice)
    }

    /// Says whether a word can be read so.
    pub fn is(&self, word: &str, class: Class, form: Form) -> bool {
        self.readings(word).iter().any(|reading| reading.class == class && reading.form == form)
    }

    /// Says whether a word can belong to a class.
    pub fn can_be(&self, word: &str, class: Class) -> bool {
        self.readings(word).iter().any(|reading| reading.class == class)
    }

    /// Finds the base of a word within a class.
    pub fn base<'a>(&'a self, word: &str, class: Class) -> Option<&'a str> {
        let readings = self.forms.get(word)?;
        let same = readings.iter().filter(|reading| reading.class == class);
        // `left`, `found`, `saw`: the inflected reading is the commoner one.
        same.clone()
            .find(|reading| reading.form != Form::Base && reading.base != "saw")
            .or_else(|| same.clone().next())
            .map(|reading| reading.base.as_str())
    }

    /// Says whether a noun has a plural; `None` for unknown nouns.
    pub fn counting(&self, noun: &str) -> Option<Counting> {
        self.counting.get(noun).copied()
    }

    /// Finds the level of a word or of its base: index into [`LEVELS`].
    pub fn level(&self, word: &str) -> Option<usize> {
        let of_bases =
            self.readings(word).iter().filter_map(|reading| self.levels.get(&reading.base)).min();
        self.levels.get(word).or(of_bases).copied()
    }

    /// Makes the past tense of a verb.
    pub fn past(&self, base: &str) -> String {
        self.verbs.get(base).map_or_else(|| morph::regular_past(base), |(past, _)| past.clone())
    }

    /// Makes the past participle of a verb.
    pub fn participle(&self, base: &str) -> String {
        let known = self.verbs.get(base);
        known.map_or_else(|| morph::regular_past(base), |(_, participle)| participle.clone())
    }

    /// Makes the plural of a noun.
    pub fn plural(&self, singular: &str) -> String {
        self.plurals.get(singular).cloned().unwrap_or_else(|| morph::with_s(singular))
    }

    /// Finds the adjective an adverb in `-ly` was made of.
    pub fn adjective_of(&self, adverb: &str) -> Option<&str> {
        self.adverbs.get(adverb).map(String::as_str)
    }

    /// Makes the adverb of a known adjective.
    pub fn adverb_of(&self, adjective: &str) -> Option<String> {
        let made = morph::adverb(adjective)?;
        self.adverbs.contains_key(&made).then_some(made)
    }

    /// Says whether a word is English, inflected or not.
    pub fn knows(&self, word: &str) -> bool {
        self.forms.contains_key(word) || self.dictionary.contains_word_str(word)
    }

    /// Says whether the word list or the dictionary has a class for a word.
    pub fn knows_class(&self, word: &str) -> bool {
        self.forms.contains_key(word) || self.class_in_dictionary(word).is_some()
    }

    /// Says whether the dictionary marks a word as common.
    pub fn is_common(&self, word: &str) -> bool {
        self.dictionary.get_word_metadata_str(word).is_some_and(|word| word.common)
    }

    /// Says whether the general dictionary knows a word as a noun.
    pub fn noun_in_dictionary(&self, word: &str) -> bool {
        self.dictionary.get_word_metadata_str(word).is_some_and(|word| word.noun.is_some())
    }

    /// Class of a word in the general dictionary.
    pub fn class_in_dictionary(&self, word: &str) -> Option<Class> {
        let found = self.dictionary.get_word_metadata_str(word)?;
        if found.adjective.is_some() {
            Some(Class::Adjective)
        } else if found.noun.is_some() {
            Some(Class::Noun)
        } else if found.verb.is_some() {
            Some(Class::Verb)
        } else {
            found.adverb.is_some().then_some(Class::Adverb)
        }
    }

    /// The general English dictionary.
    pub fn dictionary(&self) -> &Arc<FstDictionary> {
        &self.dictionary
    }
}
