//! Walks over the tokens of a text and notes what is found.

use crate::rules::words::one_of;
use std::ops::Range;

use super::super::lexicon::{Class, Counting, Form, Lexicon};
use super::super::morph;
use super::super::text::{Tag, Text};
use super::super::words::{
    ARTICLES, BE, CARDINALS, DETERMINERS, DO, HAVE, MODALS, ORDINALS, PREPOSITIONS,
    possessive_determiner,
};

/// A mistake: `count` tokens from `at` should read `replacement`. No tokens: insert before `at`.
pub struct Found {
    pub at: usize,
    pub count: usize,
    pub replacement: String,
    pub code: &'static str,
    pub point: Option<&'static str>,
    /// Chinese and English.
    pub reason: (&'static str, &'static str),
}

/// Tense most of a text is told in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Told {
    Past,
    Present,
    Mixed,
}

/// The text under examination and what was found in it.
pub struct Finder<'a> {
    pub text: &'a Text,
    pub lexicon: &'a Lexicon,
    pub told: Told,
    pub found: Vec<Found>,
}

/// Says whether a verb links its subject to an adjective.
pub fn linking(word: &str) -> bool {
    BE.contains(&word)
        || [
            "feel", "seem", "become", "sound", "get", "look", "smell", "taste", "keep", "stay",
            "remain", "appear", "turn", "grow",
        ]
        .iter()
        .any(|base| {
            word == *base
                || super::super::lexicon::shared()
                    .readings(word)
                    .iter()
                    .any(|reading| reading.class == Class::Verb && reading.base == *base)
        })
}

/// Contraction of a subject and `be`, as in `I'm`.
pub fn contracted_be(word: &str) -> bool {
    one_of(word, "i'm you're we're they're he's she's it's that's there's")
}

impl<'a> Finder<'a> {
    pub fn new(text: &'a Text) -> Self {
        let mut finder = Self { text, lexicon: text.lexicon, told: Told::Mixed, found: Vec::new() };
        finder.told = finder.telling();
        finder
    }

    /// Number of tokens.
    pub fn len(&self) -> usize {
        self.text.tokens.len()
    }

    /// Word at a distance from `at`, within the sentence.
    pub fn word(&self, at: usize, offset: isize) -> &'a str {
        self.text.at(at, offset)
    }

    pub fn tag(&self, at: usize, offset: isize) -> Tag {
        self.text.tag(at, offset)
    }

    pub fn replace(
        &mut self,
        at: usize,
        with: impl Into<String>,
        code: &'static str,
        reason: (&'static str, &'static str),
    ) {
        self.push(at, 1, with.into(), code, reason);
    }

    pub fn insert(
        &mut self,
        at: usize,
        word: impl Into<String>,
        code: &'static str,
        reason: (&'static str, &'static str),
    ) {
        self.push(at, 0, word.into(), code, reason);
    }

    pub fn delete(&mut self, at: usize, code: &'static str, reason: (&'static str, &'static str)) {
        self.push(at, 1, String::new(), code, reason);
    }

    fn push(
        &mut self,
        at: usize,
        count: usize,
        replacement: String,
        code: &'static str,
        reason: (&'static str, &'static str),
    ) {
        if at >= self.len() {
            return;
        }
        let same = count == 1 && self.text.tokens[at].lower == replacement.to_lowercase();
        if !same || code == "R:ORTH" {
            self.found.push(Found { at, count, replacement, code, point: None, reason });
        }
    }

    /// Names the knowledge point of what was found last.
    pub fn point(&mut self, id: &'static str) {
        if let Some(last) = self.found.last_mut() {
            last.point = Some(id);
        }
    }

    pub fn noun(&self, word: &str) -> Option<&'a str> {
        self.lexicon.base(word, Class::Noun)
    }

    pub fn verb(&self, word: &str) -> Option<&'a str> {
        self.lexicon.base(word, Class::Verb)
    }

    pub fn is_verb(&self, word: &str, form: Form) -> bool {
        self.lexicon.is(word, Class::Verb, form)
    }

    /// A singular noun that has a plural and is always counted.
    pub fn countable_singular(&self, word: &str) -> bool {
        self.lexicon.is(word, Class::Noun, Form::Base)
            && self.lexicon.counting(word) == Some(Counting::Countable)
            && !self.lexicon.is(word, Class::Noun, Form::Plural)
    }

    pub fn plural(&self, word: &str) -> bool {
        self.lexicon.is(word, Class::Noun, Form::Plural)
    }

    pub fn uncountable(&self, word: &str) -> bool {
        self.lexicon.counting(word) == Some(Counting::Uncountable)
    }

    /// A word that can be an adjective in its positive degree.
    pub fn adjective(&self, word: &str) -> bool {
        self.lexicon.is(word, Class::Adjective, Form::Base)
    }

    /// A word that is an adjective and neither a noun, a verb nor an adverb.
    pub fn only_adjective(&self, word: &str) -> bool {
        let readings = self.lexicon.readings(word);
        !readings.is_empty() && readings.iter().all(|reading| reading.class == Class::Adjective)
    }

    /// A word that begins a noun phrase.
    #[expect(clippy::unused_self, reason = "asked like the other questions about words")]
    pub fn determiner(&self, word: &str) -> bool {
        ARTICLES.contains(&word)
            || possessive_determiner(word)
            || DETERMINERS.contains(&word)
            || CARDINALS.contains(&word)
            || word.ends_with("'s") && !contracted_be(word)
            || one_of(word, "his whose which what half various")
    }

    /// Skips determiners and adjectives: index of the noun that heads the phrase from `at` on.
    pub fn head(&self, at: usize) -> Option<usize> {
        let end = self.text.sentence(at).end;
        let mut index = at;
        while index < end {
            let token = &self.text.tokens[index];
            let word = token.lower.as_str();
            let modifier = self.determiner(word)
                || ORDINALS.contains(&word)
                || self.adjective(word)
                || (token.tag == Tag::Adjective)
                || word.ends_with("ly") && self.lexicon.adjective_of(word).is_some();
            let is_noun = self.lexicon.can_be(word, Class::Noun);
            let next = self.word(index, 1);
            if is_noun
                && self.plural(word)
                && self.noun(word) != Some(word)
                && token.tag == Tag::Noun
            {
                return Some(index);
            }
            let next_is_noun = self.lexicon.can_be(next, Class::Noun)
                && matches!(self.tag(index, 1), Tag::Noun | Tag::Name);
            let next_is_adjective = self.adjective(next) && self.tag(index, 1) == Tag::Adjective;
            let goes_on = next_is_noun && (index + 1 < end || modifier);
            let described = goes_on || modifier && next_is_adjective;
            let heads = is_noun && !self.determiner(word);
            if heads && !described {
                return Some(index);
            }
            if !(modifier || is_noun && next_is_noun) {
                return None;
            }
            index += 1;
        }
        None
    }

    /// Sentence that holds a token.
    pub fn sentence(&self, at: usize) -> Range<usize> {
        self.text.sentence(at)
    }

    /// Says whether any of the words stands in the sentence of `at`.
    pub fn sentence_has(&self, at: usize, words: &[&str]) -> bool {
        self.sentence(at).any(|index| words.contains(&self.text.tokens[index].lower.as_str()))
    }

    /// Says whether a token is a finite verb in the past.
    pub fn finite_past(&self, at: usize) -> bool {
        let word = self.word(at, 0);
        if one_of(word, "was were did had didn't wasn't weren't hadn't") {
            return true;
        }
        if !self.is_verb(word, Form::Past) || self.is_verb(word, Form::Base) {
            return false;
        }
        if matches!(self.tag(at, 0), Tag::Adjective | Tag::Noun | Tag::Name) {
            return false;
        }
        let before = self.before(at);
        !(BE.contains(&before)
            || HAVE.contains(&before)
            || contracted_be(before)
            || linking(before)
            || PREPOSITIONS.contains(&before)
            || self.determiner(before) && !one_of(before, "what which")
            || before.ends_with("'ve"))
    }

    /// Says whether a token is a finite verb in the present.
    pub fn finite_present(&self, at: usize) -> bool {
        let word = self.word(at, 0);
        if one_of(word, "is are am has does don't doesn't isn't aren't") || contracted_be(word) {
            return true;
        }
        let before = self.before(at);
        let subject = one_of(before, "i you we they he she it who");
        if subject && (self.is_verb(word, Form::Base) || self.is_verb(word, Form::Third)) {
            return !self.is_verb(word, Form::Past)
                && !MODALS.contains(&word)
                && !DO.contains(&word);
        }
        let object = one_of(self.word(at, 1), "me him us them it");
        self.is_verb(word, Form::Third)
            && (self.tag(at, 0) == Tag::Verb || object)
            && !self.determiner(before)
            && !PREPOSITIONS.contains(&before)
    }

    /// Word before a token, adverbs and `not` left out.
    pub fn before(&self, at: usize) -> &'a str {
        self.text.at(at, -(1 + self.adverbs_before(at)))
    }

    /// Number of adverbs straight before a token.
    pub fn adverbs_before(&self, at: usize) -> isize {
        let mut count = 0;
        loop {
            let word = self.word(at, -1 - count);
            let adverb = one_of(
                word,
                "not never also always often still just ever even already soon only \
then usually sometimes almost all",
            ) || (word.ends_with("ly") && self.lexicon.adjective_of(word).is_some());
            if word.is_empty() || !adverb {
                return count;
            }
            count += 1;
        }
    }

    fn telling(&self) -> Told {
        let (mut past, mut present) = (0, 0);
        for at in 0..self.len() {
            if self.text.tokens[at].quoted {
                continue;
            }
            if self.finite_past(at) {
                past += 1;
            } else if self.finite_present(at) {
                present += 1;
            }
        }
        match (past, present) {
            (0, 0) => Told::Mixed,
            _ if past >= 3 && past >= 3 * present => Told::Past,
            _ if present >= 3 && present >= 2 * past => Told::Present,
            _ => Told::Mixed,
        }
    }

    /// Finite form of a verb for a subject.
    pub fn conjugate(&self, base: &str, past: bool, third: bool, plural_be: bool) -> String {
        match (base, past) {
            ("be", true) => if plural_be { "were" } else { "was" }.into(),
            ("be", false) => if plural_be { "are" } else { "is" }.into(),
            (_, true) => self.lexicon.past(base),
            (_, false) if third => morph::third(base),
            _ => base.into(),
        }
    }
}
