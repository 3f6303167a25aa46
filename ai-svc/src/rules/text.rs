//! Splits a text into tokens with their tags and sentences.

use std::collections::HashMap;

use harper_core::Document;
use harper_core::parsers::PlainEnglish;

use super::lexicon::{Class, Lexicon, Reading, shared};

/// Part of speech in its sentence; coarser than the tagger's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tag {
    Noun,
    Name,
    Verb,
    Auxiliary,
    Adjective,
    Adverb,
    Pronoun,
    Determiner,
    Preposition,
    Conjunction,
    Number,
    Particle,
    Mark,
    Unknown,
}

/// A word or a punctuation mark.
#[derive(Debug, Clone)]
pub struct Token {
    pub text: String,
    /// Lower case, with straight apostrophes.
    pub lower: String,
    /// First character, in characters of the text.
    pub start: usize,
    /// One past the last character.
    pub end: usize,
    pub tag: Tag,
    pub sentence: usize,
    /// Inside quotation marks.
    pub quoted: bool,
}

/// A text ready for the checks.
pub struct Text {
    pub tokens: Vec<Token>,
    pub lexicon: &'static Lexicon,
}

const CLOSERS: &[char] = &['.', '!', '?'];

fn is_word_char(letter: char) -> bool {
    letter.is_alphanumeric()
}

fn joins(letter: char) -> bool {
    matches!(letter, '\'' | '’' | '-')
}

impl Text {
    /// Tokenises and tags a text.
    pub fn new(source: &str) -> Self {
        let chars: Vec<char> = source.chars().collect();
        let mut tokens = split(&chars);
        let lexicon = shared();
        let plain: Vec<char> =
            chars.iter().map(|letter| if *letter == '’' { '\'' } else { *letter }).collect();
        let document =
            Document::new_from_chars(plain.into(), &PlainEnglish, lexicon.dictionary().as_ref());
        let mut tags = HashMap::new();
        for token in document.tokens() {
            let tag = token.kind.as_word().and_then(Option::as_ref).and_then(|word| word.pos_tag);
            if let Some(tag) = tag {
                tags.insert(token.span.end, format!("{tag:?}"));
            }
        }
        for token in &mut tokens {
            if token.tag != Tag::Mark {
                let given = tags.get(&token.end).map_or("", String::as_str);
                token.tag = tag(given, token, lexicon);
            }
        }
        Self { tokens, lexicon }
    }

    /// Returns the lower-case word at a position counted from `index`, within the same sentence.
    pub fn at(&self, index: usize, offset: isize) -> &str {
        self.near(index, offset).map_or("", |token| token.lower.as_str())
    }

    /// Returns the token at a position counted from `index`, within the same sentence.
    pub fn near(&self, index: usize, offset: isize) -> Option<&Token> {
        let here = self.tokens.get(index)?;
        let token = self.tokens.get(index.checked_add_signed(offset)?)?;
        (token.sentence == here.sentence).then_some(token)
    }

    /// Returns the tag at a position counted from `index`; `Mark` outside the sentence.
    pub fn tag(&self, index: usize, offset: isize) -> Tag {
        self.near(index, offset).map_or(Tag::Mark, |token| token.tag)
    }

    /// Lists the readings of the token at a position counted from `index`.
    pub fn readings(&self, index: usize, offset: isize) -> &[Reading] {
        self.lexicon.readings(self.at(index, offset))
    }

    /// Says whether the token can be a verb in one form and nothing but a verb.
    pub fn only_verb(&self, index: usize, offset: isize) -> bool {
        let readings = self.readings(index, offset);
        !readings.is_empty() && readings.iter().all(|reading| reading.class == Class::Verb)
    }

    /// Says whether a clause may begin at `index`: after a mark, a conjunction or nothing.
    pub fn opens_clause(&self, index: usize) -> bool {
        let before = self.at(index, -1);
        before.is_empty()
            || self.tag(index, -1) == Tag::Mark
            || CLAUSE_OPENERS.contains(&before)
            || (before == "that" && self.tag(index, -2) != Tag::Preposition)
    }

    /// Range of tokens of the sentence that holds `index`.
    pub fn sentence(&self, index: usize) -> std::ops::Range<usize> {
        let Some(number) = self.tokens.get(index).map(|token| token.sentence) else {
            return self.tokens.len()..self.tokens.len();
        };
        let start = self.tokens.partition_point(|token| token.sentence < number);
        let end = self.tokens.partition_point(|token| token.sentence <= number);
        start..end
    }

    /// First token of the clause that holds `index`: after a mark or a conjunction.
    pub fn clause_start(&self, index: usize) -> usize {
        let range = self.sentence(index);
        (range.start..index)
            .rev()
            .find(|&at| {
                self.tokens[at].tag == Tag::Mark
                    || CLAUSE_OPENERS.contains(&self.tokens[at].lower.as_str())
            })
            .map_or(range.start, |at| at + 1)
    }
}

/// Words that may stand before a subject.
pub const CLAUSE_OPENERS: &[&str] = &[
    "and", "but", "or", "so", "because", "when", "while", "if", "although", "though", "until",
    "unless", "since", "once", "whenever", "where", "whether", "whereas", "as",
];

fn split(chars: &[char]) -> Vec<Token> {
    let mut tokens: Vec<Token> = Vec::new();
    let (mut sentence, mut quoted, mut closing, mut at) = (0, false, false, 0);
    while at < chars.len() {
        let letter = chars[at];
        if letter.is_whitespace() {
            closing |= letter == '\n' && chars.get(at + 1) == Some(&'\n');
            at += 1;
            continue;
        }
        let mut end = at + 1;
        if is_word_char(letter) {
            while end < chars.len()
                && (is_word_char(chars[end])
                    || (joins(chars[end])
                        && chars.get(end + 1).is_some_and(|next| is_word_char(*next)))
                    || (matches!(chars[end], '.' | ',')
                        && chars[end - 1].is_ascii_digit()
                        && chars.get(end + 1).is_some_and(char::is_ascii_digit)))
            {
                end += 1;
            }
        }
        let text: String = chars[at..end].iter().collect();
        let is_word = is_word_char(letter);
        if closing && (is_word || matches!(letter, '“' | '"' | '(')) && !(letter == '"' && quoted)
        {
            sentence += 1;
            closing = false;
        }
        match letter {
            '“' => quoted = true,
            '"' => quoted = !quoted,
            _ => {}
        }
        closing |= CLOSERS.contains(&letter) && !abbreviates(tokens.last());
        let lower = text.to_lowercase().replace('’', "'");
        let tag = if is_word { Tag::Unknown } else { Tag::Mark };
        tokens.push(Token { text, lower, start: at, end, tag, sentence, quoted });
        if letter == '”' {
            quoted = false;
        }
        at = end;
    }
    tokens
}

fn abbreviates(last: Option<&Token>) -> bool {
    last.is_some_and(|token| {
        matches!(token.lower.as_str(), "mr" | "mrs" | "ms" | "dr" | "prof" | "st" | "e.g" | "i.e")
    })
}

const PREPOSITIONS: &[&str] = &[
    "of", "in", "at", "for", "with", "from", "by", "into", "about", "without", "during", "among",
    "towards", "toward", "against", "despite", "upon", "between", "through", "onto", "behind",
    "beside", "beneath", "beyond", "except", "besides", "until", "till", "via", "under", "on",
];
const CONJUNCTIONS: &[&str] = &[
    "and", "but", "or", "because", "although", "though", "if", "unless", "whether", "while", "nor",
];
const PRONOUNS: &[&str] = &[
    "i",
    "me",
    "he",
    "him",
    "she",
    "we",
    "us",
    "they",
    "them",
    "it",
    "you",
    "myself",
    "himself",
    "herself",
    "itself",
    "ourselves",
    "themselves",
    "yourself",
    "yourselves",
];
/// Auxiliary and modal verbs with their contractions.
pub const MODALS: &[&str] = &[
    "can",
    "could",
    "will",
    "would",
    "shall",
    "should",
    "must",
    "may",
    "might",
    "cannot",
    "can't",
    "couldn't",
    "won't",
    "wouldn't",
    "shouldn't",
    "mustn't",
    "needn't",
    "mightn't",
    "i'll",
    "you'll",
    "he'll",
    "she'll",
    "it'll",
    "we'll",
    "they'll",
    "don't",
    "doesn't",
    "didn't",
];
const DETERMINERS: &[&str] = &["a", "an", "the", "my", "your", "our", "their", "its", "every"];

fn tag(given: &str, token: &Token, lexicon: &Lexicon) -> Tag {
    let word = token.lower.as_str();
    if DETERMINERS.contains(&word) {
        return Tag::Determiner;
    }
    if PREPOSITIONS.contains(&word) && given != "ADV" && given != "SCONJ" {
        return Tag::Preposition;
    }
    if CONJUNCTIONS.contains(&word) {
        return Tag::Conjunction;
    }
    if PRONOUNS.contains(&word) {
        return Tag::Pronoun;
    }
    if word.starts_with(|letter: char| letter.is_ascii_digit()) {
        return Tag::Number;
    }
    if lexicon.adjective_of(word).is_some() && word.ends_with("ly") {
        return Tag::Adverb;
    }
    match given {
        "NOUN" => Tag::Noun,
        "PROPN" => Tag::Name,
        "VERB" => Tag::Verb,
        "AUX" => Tag::Auxiliary,
        "ADJ" => Tag::Adjective,
        "ADV" => Tag::Adverb,
        "PRON" => Tag::Pronoun,
        "DET" => Tag::Determiner,
        "ADP" => Tag::Preposition,
        "CCONJ" | "SCONJ" => Tag::Conjunction,
        "NUM" => Tag::Number,
        "PART" => Tag::Particle,
        _ => fallback(token, lexicon),
    }
}

fn fallback(token: &Token, lexicon: &Lexicon) -> Tag {
    let word = token.lower.as_str();
    if MODALS.contains(&word) {
        return Tag::Auxiliary;
    }
    match lexicon.readings(word).first().map(|reading| reading.class) {
        Some(Class::Noun) => Tag::Noun,
        Some(Class::Verb) => Tag::Verb,
        Some(Class::Adjective) => Tag::Adjective,
        Some(Class::Adverb) => Tag::Adverb,
        _ if token.text.starts_with(char::is_uppercase) => Tag::Name,
        _ => Tag::Unknown,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn offsets_are_characters_and_sentences_are_counted() {
        let text = Text::new("“Héllo, Mr. Li!” said Ann. It's 3.5 km.");
        let words: Vec<_> = text.tokens.iter().map(|token| token.text.as_str()).collect();
        assert_eq!(words[..4], ["“", "Héllo", ",", "Mr"]);
        assert!(words.contains(&"It's") && words.contains(&"3.5"));
        assert_eq!(text.tokens[1].start, 1);
        assert!(text.tokens[1].quoted);
        assert!(!text.tokens.last().is_some_and(|token| token.quoted));
    }
}
