//! How hard a text is: levels of its words and length of its sentences.

use std::collections::HashMap;

use super::lexicon::{Class, LEVELS, Lexicon};
use super::text::{Tag, Text};

/// What was measured in a text.
#[derive(Debug, Clone, PartialEq)]
pub struct Profile {
    pub words: u32,
    pub sentences: u32,
    /// Words per sentence; 0 for an empty text.
    pub mean_sentence_length: f64,
    /// `A1` to `C2`.
    pub level: &'static str,
    /// Running words of each level, lowest level first, all six levels.
    pub distribution: Vec<(&'static str, u32)>,
    /// Words of B2 and above, hardest first, at most 50.
    pub hard_words: Vec<HardWord>,
    /// Every word with its place.
    pub tokens: Vec<Token>,
    /// How the levels were decided, in Chinese.
    pub method_zh: &'static str,
    /// How the levels were decided, in English.
    pub method_en: &'static str,
}

/// A word above the level of most pupils.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HardWord {
    /// As it stands in the text, in lower case.
    pub word: String,
    pub lemma: String,
    pub level: &'static str,
    pub count: u32,
}

/// One word of the text; offsets in Unicode scalar values.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Token {
    pub start: usize,
    pub end: usize,
    pub level: &'static str,
}

const METHOD_ZH: &str = "词级由本系统自编的约五千词分级词表决定；表外的派生词按词根定级，其余按构词和长度估计\
     （专有名词不计）；文章等级取覆盖 95% 词次的最低级别，再按平均句长调整，仅供参考。";
const METHOD_EN: &str = "Words are levelled by a graded list of about 5,000 words compiled for this system; \
     derived words outside it take the level of their root and other words are estimated from their form and length \
     (names are left out); the text takes the lowest level that covers 95 per cent of its running words, adjusted by \
     mean sentence length. It is an estimate.";

const HARD: usize = 3;
const MOST_HARD_WORDS: usize = 50;

/// Share of running words, in per cent, that must be at or below the level of the text.
const COVERAGE: u64 = 95;

/// Mean sentence lengths from which a text is at least of the level: A2, B1, B2, C1.
const LENGTHS: [f64; 4] = [7.0, 11.0, 16.0, 26.0];

/// Measures a text.
pub fn profile(source: &str) -> Profile {
    let text = Text::new(source);
    let mut counts = [0u32; 6];
    let mut hard: HashMap<String, (String, usize, u32)> = HashMap::new();
    let mut tokens = Vec::new();
    let mut words = 0u32;
    let mut sentences = 0u32;
    let mut last_sentence = None;
    for (index, token) in text.tokens.iter().enumerate() {
        if token.tag == Tag::Mark {
            continue;
        }
        words += 1;
        if last_sentence != Some(token.sentence) {
            sentences += 1;
            last_sentence = Some(token.sentence);
        }
        let is_name = token.tag == Tag::Number
            || (token.text.starts_with(char::is_uppercase)
                && text.lexicon.level(&token.lower).is_none()
                && (!text.at(index, -1).is_empty() || token.tag == Tag::Name));
        let level = if is_name { 0 } else { level(text.lexicon, &token.lower) };
        counts[level] += 1;
        tokens.push(Token { start: token.start, end: token.end, level: LEVELS[level] });
        if level >= HARD {
            hard.entry(token.lower.clone())
                .or_insert_with(|| (lemma(text.lexicon, &token.lower), level, 0))
                .2 += 1;
        }
    }
    let mean = if sentences == 0 { 0.0 } else { f64::from(words) / f64::from(sentences) };
    let mut hard_words: Vec<HardWord> = hard
        .into_iter()
        .map(|(word, (lemma, level, count))| HardWord { word, lemma, level: LEVELS[level], count })
        .collect();
    hard_words
        .sort_by(|a, b| b.level.cmp(a.level).then(b.count.cmp(&a.count)).then(a.word.cmp(&b.word)));
    hard_words.truncate(MOST_HARD_WORDS);
    Profile {
        words,
        sentences,
        mean_sentence_length: mean,
        level: LEVELS[overall(&counts, mean)],
        distribution: LEVELS.into_iter().zip(counts).collect(),
        hard_words,
        tokens,
        method_zh: METHOD_ZH,
        method_en: METHOD_EN,
    }
}

fn overall(counts: &[u32; 6], mean_length: f64) -> usize {
    let total: u64 = counts.iter().map(|count| u64::from(*count)).sum();
    let mut below = 0;
    let by_words = counts
        .iter()
        .position(|count| {
            below += u64::from(*count);
            below * 100 >= total * COVERAGE
        })
        .unwrap_or(0);
    let by_length = LENGTHS.iter().filter(|length| mean_length >= **length).count();
    // Long sentences raise the level and short ones lower it, by one at most.
    if by_length > by_words + 1 {
        by_words + 1
    } else if by_length + 1 < by_words {
        by_words - 1
    } else {
        by_words
    }
}

fn lemma(lexicon: &Lexicon, word: &str) -> String {
    [Class::Verb, Class::Noun, Class::Adjective]
        .into_iter()
        .find_map(|class| lexicon.base(word, class))
        .map_or_else(|| stripped(lexicon, word).unwrap_or_else(|| word.into()), Into::into)
}

/// The word without what was joined to it: `does` of `doesn't`, `Tom` of `Tom's`.
fn uncontracted(word: &str) -> &str {
    match word.strip_suffix("n't") {
        Some("ca") => "can",
        Some("wo") => "will",
        Some("sha") => "shall",
        Some(verb) => verb,
        None => word.split('\'').next().unwrap_or(word),
    }
}

fn level(lexicon: &Lexicon, word: &str) -> usize {
    let plain = uncontracted(word);
    if let Some(level) = lexicon.level(word).or_else(|| lexicon.level(plain)) {
        return level;
    }
    if plain.contains('-') {
        return plain.split('-').map(|part| level(lexicon, part)).max().unwrap_or(0);
    }
    if plain.chars().count() <= 2 {
        return 0;
    }
    if let Some(root) = stripped(lexicon, plain)
        && let Some(level) = lexicon.level(&root)
    {
        return (level + 1).min(5);
    }
    let known = lexicon.knows(plain);
    match plain.chars().count() {
        0..=4 => 3,
        5..=8 if known => 4,
        9.. if known => 4 + usize::from(!lexicon.is_common(plain)),
        _ => 5,
    }
}

/// Endings and beginnings that make words out of words, with what the root ends in.
const SUFFIXES: &[(&str, &[&str])] = &[
    ("ies", &["y"]),
    ("es", &["", "e"]),
    ("s", &[""]),
    ("ied", &["y"]),
    ("ed", &["", "e"]),
    ("ing", &["", "e"]),
    ("ily", &["y"]),
    ("ally", &["", "al"]),
    ("ly", &["", "le"]),
    ("iness", &["y"]),
    ("ness", &[""]),
    ("less", &[""]),
    ("ful", &[""]),
    ("ment", &[""]),
    ("ation", &["e", "", "ate"]),
    ("ion", &["", "e"]),
    ("ity", &["", "e"]),
    ("ship", &[""]),
    ("ist", &["", "e", "y"]),
    ("ism", &["", "e"]),
    ("able", &["", "e"]),
    ("al", &["", "e"]),
    ("er", &["", "e"]),
    ("or", &["", "e"]),
    ("y", &["", "e"]),
    ("en", &["", "e"]),
];
const PREFIXES: &[&str] =
    &["un", "in", "im", "ir", "dis", "re", "non", "mis", "over", "under", "self"];

fn stripped(lexicon: &Lexicon, word: &str) -> Option<String> {
    let known = |root: &str| root.len() > 2 && lexicon.level(root).is_some();
    for (suffix, ends) in SUFFIXES {
        if let Some(stem) = word.strip_suffix(suffix) {
            for end in *ends {
                let root = format!("{stem}{end}");
                if known(&root) {
                    return Some(root);
                }
            }
        }
    }
    PREFIXES
        .iter()
        .filter_map(|prefix| word.strip_prefix(prefix))
        .find(|root| known(root))
        .map(Into::into)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_easy_text_is_easy_and_a_hard_one_is_hard() {
        let easy = profile("My name is Li Hua. I like my school. I have many friends there.");
        assert!(easy.level <= "A2", "{}", easy.level);
        assert_eq!(easy.sentences, 3);
        assert_eq!(easy.words, 14);
        let hard = profile(
            "Notwithstanding considerable scepticism, the committee unanimously endorsed an \
             unprecedented reallocation of discretionary expenditure, thereby antagonising \
             influential stakeholders whose acquiescence had been presumed.",
        );
        assert!(hard.level >= "C1", "{}", hard.level);
        assert!(hard.hard_words.iter().any(|word| word.word == "acquiescence"));
    }

    #[test]
    fn every_word_is_placed_and_counted_once() {
        let profile = profile("Tom’s dog ran home. It was happy!");
        let total: u32 = profile.distribution.iter().map(|(_, count)| count).sum();
        assert_eq!(total, profile.words);
        assert_eq!(profile.tokens.len(), profile.words as usize);
        assert_eq!((profile.tokens[0].start, profile.tokens[0].end), (0, 5));
    }

    #[test]
    fn contractions_are_as_easy_as_their_verbs() {
        let text = "It doesn't work. She can't, won't and shan't come. They aren't here, I'm sure.";
        let profile = profile(text);
        assert!(profile.hard_words.is_empty(), "{:?}", profile.hard_words);
        assert!(profile.tokens.iter().all(|token| token.level <= "A2"), "{profile:?}");
    }

    #[test]
    fn nothing_measures_nothing() {
        let profile = profile("");
        assert_eq!((profile.words, profile.sentences, profile.level), (0, 0, "A1"));
    }
}
