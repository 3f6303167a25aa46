//! How a Chinese name is spelled in Latin letters (汉语拼音, GB/T 28039).

use std::{collections::BTreeSet, ops::RangeInclusive};

use pinyin::ToPinyinMulti as _;

/// Syllables that are common words of English, too: "He can" is not always 何灿.
const WORDS: [&str; 38] = [
    "a", "an", "ban", "bang", "ben", "bin", "can", "chin", "die", "ding", "fan", "fun", "gun",
    "hang", "he", "hen", "lie", "long", "man", "me", "men", "pan", "pen", "pin", "ping", "ran",
    "rang", "sang", "she", "shun", "so", "song", "sun", "tan", "tie", "wan", "wen", "you",
];
/// Characters of a name; longer ones are names of minorities, whose spelling follows other rules.
const LENGTHS: RangeInclusive<usize> = 2..=4;
/// From so many syllables on a spelling is no English word by chance.
const UNMISTAKABLE: usize = 3;

/// One spelling, in small letters and without anything between the syllables.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Spelling {
    pub(super) letters: String,
    pub(super) likeness: Likeness,
}

/// How much a spelling is like English words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Likeness {
    /// Not at all: `li xiaoming`.
    None,
    /// A word could be spelled so, but hardly two: `li na`.
    Little,
    /// One of two parts is a word: `sun jie`.
    Some,
    /// Words are spelled so: `he can`.
    Much,
}

/// Returns how `name` can be spelled; nothing unless every character of it is a Chinese one.
///
/// Surname first and last, and the given name alone when it has two syllables or more; with every
/// reading of every character.
pub(super) fn spellings(name: &str) -> Vec<Spelling> {
    let syllables: Option<Vec<BTreeSet<String>>> = name.chars().map(readings).collect();
    let Some(syllables) = syllables.filter(|syllables| LENGTHS.contains(&syllables.len())) else {
        return Vec::new();
    };
    let mut orders = vec![syllables.clone()];
    // The surname is the first character, or the first two: 欧阳.
    for surname in 1..=(syllables.len() - 1).min(2) {
        let (surname, given) = syllables.split_at(surname);
        orders.push([given, surname].concat());
        if given.len() > 1 {
            orders.push(given.to_vec());
        }
    }
    orders.iter().flat_map(|order| spelled(order)).collect()
}

/// Joins syllables in all their readings.
fn spelled(syllables: &[BTreeSet<String>]) -> impl Iterator<Item = Spelling> + use<> {
    let is_word = |syllable: &BTreeSet<String>| {
        syllable.iter().any(|reading| WORDS.contains(&reading.as_str()))
    };
    let likeness = if syllables.len() >= UNMISTAKABLE {
        Likeness::None
    } else if syllables.iter().all(is_word) {
        Likeness::Much
    } else if syllables.iter().any(is_word) {
        Likeness::Some
    } else {
        Likeness::Little
    };
    let joined = syllables.iter().fold(vec![String::new()], |begun, syllable| {
        begun
            .iter()
            .flat_map(|begun| syllable.iter().map(move |more| format!("{begun}{more}")))
            .collect()
    });
    joined.into_iter().map(move |letters| Spelling { letters, likeness })
}

/// Returns all readings of a character, with `ü` in all ways in which people do without it.
fn readings(c: char) -> Option<BTreeSet<String>> {
    let plain = c.to_pinyin_multi()?.into_iter().map(pinyin::Pinyin::plain);
    let latin = |plain: &str| ["ü", "v", "u", "yu"].map(|instead| plain.replace('ü', instead));
    Some(plain.flat_map(latin).collect())
}
