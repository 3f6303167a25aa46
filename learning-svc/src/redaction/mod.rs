//! Takes names and numbers of people out of a text before a model, or embeddings made elsewhere,
//! get to see it.
//!
//! Every character is replaced by one other, so that places in one text are places in the other.

mod pinyin;

use std::{collections::HashMap, ops::Range};

use pinyin::{Likeness, Spelling};

/// Shorter numbers are places in the list of a class, and say nothing elsewhere.
const SHORTEST_NUMBER: usize = 4;
/// Words or Chinese characters of a name that are looked at; those of a longer one stay.
const MOST_UNITS: usize = 12;
/// What can stand between the parts of a name, and how much of it: `Li, Xiao-ming`.
const JOINTS: &str = ",'’-_·•‧・";
const LONGEST_JOINT: usize = 2;

/// Somebody who must not be recognised.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Person {
    pub full_name: String,
    /// Empty: none.
    pub student_no: String,
    /// Whether they wrote the text. Of others, a name that is a single word in Latin letters stays:
    /// it is a word more often (May, Will, Grace).
    pub is_author: bool,
}

/// In which letters a name is one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Letters {
    /// Each part begins with a capital: "may" is no May, and "So he" is nobody called So He.
    Capitals,
    /// The first part does: `Li na`, but not "lina".
    Capital,
    /// A capital or two parts: of somebody who writes of themself as `li na`.
    CapitalOrParts,
    Any,
}

/// Takes people out of texts.
#[derive(Clone, Debug, Default)]
pub struct Redaction {
    /// Names and numbers in small letters, without what stands between their parts.
    secrets: HashMap<String, Letters>,
}

impl Redaction {
    /// Prepares to take `people` out.
    #[must_use]
    pub fn of<'a>(people: impl IntoIterator<Item = &'a Person>) -> Self {
        let mut redaction = Self::default();
        for person in people {
            let (name, number) = (person.full_name.trim(), person.student_no.trim());
            let is_word = name.chars().all(|c| c.is_alphabetic() && !is_chinese(c));
            // One character is a word of its own more often than a name.
            if name.chars().count() > 1 && (person.is_author || !is_word) {
                let is_small = name.chars().all(char::is_lowercase);
                let letters = if is_word && !is_small { Letters::Capitals } else { Letters::Any };
                redaction.hide(name, letters);
            }
            if number.chars().count() >= SHORTEST_NUMBER {
                redaction.hide(number, Letters::Any);
            }
            for Spelling { letters, likeness } in pinyin::spellings(name) {
                let written = match likeness {
                    Likeness::None => Letters::Any,
                    Likeness::Little | Likeness::Some if person.is_author => {
                        Letters::CapitalOrParts
                    }
                    Likeness::Little => Letters::Capital,
                    Likeness::Some | Likeness::Much => Letters::Capitals,
                };
                redaction.hide(&letters, written);
            }
        }
        redaction
    }

    fn hide(&mut self, secret: &str, letters: Letters) {
        let key: String = units(secret).into_iter().map(|unit| small(&secret[unit])).collect();
        let known = self.secrets.entry(key).or_insert(letters);
        *known = letters.max(*known);
    }

    /// Returns the text without the people: as many characters, and all others as they were.
    #[must_use]
    pub fn apply(&self, text: &str) -> String {
        let units = units(text);
        let mut redacted = String::with_capacity(text.len());
        let mut end = 0;
        for first in 0..units.len() {
            let hidden = self.longest(text, &units[first..]);
            let Some(hidden) = hidden.filter(|hidden| hidden.end > end) else { continue };
            redacted.push_str(&text[end..hidden.start.max(end)]);
            redacted.extend(text[hidden.start.max(end)..hidden.end].chars().map(instead));
            end = hidden.end;
        }
        redacted.push_str(&text[end..]);
        redacted
    }

    /// Returns the longest name or number that begins with the first of `units`.
    fn longest(&self, text: &str, units: &[Range<usize>]) -> Option<Range<usize>> {
        let start = units.first()?.start;
        let (mut key, mut found, mut capitals) = (String::new(), None, 0);
        for (at, unit) in units.iter().take(MOST_UNITS).enumerate() {
            if at > 0 && !is_joint(&text[units[at - 1].end..unit.start]) {
                break;
            }
            let part = &text[unit.clone()];
            capitals += usize::from(part.starts_with(char::is_uppercase));
            let begins = text[start..].starts_with(char::is_uppercase);
            key.push_str(&small(part));
            let is_name = self.secrets.get(&key).is_some_and(|letters| match letters {
                Letters::Capitals => capitals == at + 1,
                Letters::Capital => begins,
                Letters::CapitalOrParts => begins || at > 0,
                Letters::Any => true,
            });
            if is_name {
                found = Some(start..unit.end);
            }
        }
        found
    }
}

/// Returns where the words, numbers and single Chinese characters of a text are.
fn units(text: &str) -> Vec<Range<usize>> {
    let mut units: Vec<Range<usize>> = Vec::new();
    let mut open = None;
    for (at, c) in text.char_indices() {
        let end = at + c.len_utf8();
        let part = part(c);
        match units.last_mut() {
            // A tone that is a character of its own goes with its vowel.
            Some(word) if open.is_some() && is_tone(c) => word.end = end,
            Some(word) if part.is_some() && part == open => word.end = end,
            _ if c.is_alphanumeric() => units.push(at..end),
            _ => {}
        }
        if !is_tone(c) {
            open = part;
        }
    }
    units
}

/// What a character can be a part of.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Part {
    Word,
    Number,
}

fn part(c: char) -> Option<Part> {
    match c {
        c if c.is_numeric() => Some(Part::Number),
        c if c.is_alphanumeric() && !is_chinese(c) => Some(Part::Word),
        _ => None,
    }
}

/// Tells whether a character changes the letter before it: the combining diacritical marks of Unicode.
fn is_tone(c: char) -> bool {
    matches!(c, '\u{300}'..='\u{36f}')
}

fn is_joint(between: &str) -> bool {
    let joins = |c: char| c.is_whitespace() || JOINTS.contains(c);
    between == "." || (between.chars().count() <= LONGEST_JOINT && between.chars().all(joins))
}

/// Tells whether a character is a word of its own: unified ideographs of Unicode.
fn is_chinese(c: char) -> bool {
    matches!(c, '\u{3400}'..='\u{4dbf}' | '\u{4e00}'..='\u{9fff}' | '\u{20000}'..='\u{323af}')
}

/// Returns a part in small letters of usual width without tones.
fn small(part: &str) -> String {
    let letters = part.chars().flat_map(char::to_lowercase).map(plain).flat_map(char::to_lowercase);
    letters.filter(|c| !is_tone(*c)).collect()
}

/// Returns a small letter or a digit as a keyboard has it: input methods for Chinese write wide ones, and
/// 拼音 marks tones.
fn plain(c: char) -> char {
    match c {
        '\u{ff01}'..='\u{ff5e}' => char::from_u32(u32::from(c) - 0xfee0).unwrap_or(c),
        'ā' | 'á' | 'ǎ' | 'à' => 'a',
        'ē' | 'é' | 'ě' | 'è' => 'e',
        'ī' | 'í' | 'ǐ' | 'ì' => 'i',
        'ō' | 'ó' | 'ǒ' | 'ò' => 'o',
        'ū' | 'ú' | 'ǔ' | 'ù' => 'u',
        'ǖ' | 'ǘ' | 'ǚ' | 'ǜ' => 'ü',
        c => c,
    }
}

fn instead(c: char) -> char {
    match c {
        c if c.is_numeric() => '0',
        c if c.is_lowercase() => 'x',
        c if c.is_uppercase() => 'X',
        c if c.is_alphabetic() => '某',
        c => c,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn author(full_name: &str, student_no: &str) -> Person {
        let (full_name, student_no) = (full_name.to_owned(), student_no.to_owned());
        Person { full_name, student_no, is_author: true }
    }

    fn mate(full_name: &str, student_no: &str) -> Person {
        Person { is_author: false, ..author(full_name, student_no) }
    }

    fn redact(text: &str, people: &[Person]) -> String {
        let redacted = Redaction::of(people).apply(text);
        assert_eq!(redacted.chars().count(), text.chars().count());
        redacted
    }

    #[test]
    fn names_and_numbers_are_taken_out() {
        let li = [author("李晓明", "0107")];
        assert_eq!(redact("我叫李晓明，学号 0107。李晓明", &li), "我叫某某某，学号 0000。某某某");
        assert_eq!(redact("Call 20107 or 01070.", &li), "Call 20107 or 01070.");
        assert_eq!(redact("No0107, v1.0", &li), "No0000, v1.0");
        let ann = [author("Ann Lee", "12")];
        assert_eq!(
            redact("Ann Lee met Joann Lee, 12 times, ann lee's aunt. Ann. Lee", &ann),
            "Xxx Xxx met Joann Lee, 12 times, xxx xxx's aunt. Ann. Lee"
        );
        assert_eq!(redact("a text", &[author("", "")]), "a text");
        assert_eq!(redact("A王 B", &[author("王", "")]), "A王 B");
        assert_eq!(redact("", &li), "");
    }

    #[test]
    fn a_name_that_is_a_word_has_capitals() {
        let may = [author("May", "")];
        assert_eq!(redact("May I? MAY may dismay.", &may), "Xxx I? XXX may dismay.");
        let anna = [author("anna", "")];
        assert_eq!(redact("I am anna, not Anna.", &anna), "I am xxxx, not Xxxx.");
    }

    #[test]
    fn classmates_are_taken_out_too() {
        let names = ["王", "王小", "王小明", "Bob Smith", "Will", ""];
        let people: Vec<Person> = names.iter().map(|name| mate(name, "S20231")).collect();
        assert_eq!(
            redact("王小明 and bob smith (S20231), 王小: Will you come?", &people),
            "某某某 and xxx xxxxx (X00000), 某某: Will you come?"
        );
        let crossed = [mate("王小明", ""), mate("明小王", "")];
        assert_eq!(redact("王小明小王", &crossed), "某某某某某");
    }

    #[test]
    fn chinese_names_are_taken_out_in_pinyin() {
        let people = [mate("李晓明", ""), mate("曾丽", ""), mate("欧阳雪", ""), mate("吕梁", "")];
        for (text, redacted) in [
            ("My name is Li Xiaoming.", "My name is Xx Xxxxxxxx."),
            ("LI Xiao-ming, li xiaoming", "XX Xxxx-xxxx, xx xxxxxxxx"),
            ("Xiaoming Li; Li, Xiaoming", "Xxxxxxxx Xx; Xx, Xxxxxxxx"),
            ("Xiaoming's pen, xiaomings", "Xxxxxxxx's pen, xiaomings"),
            ("Lǐ Xiǎomíng, Ｌｉ Ｘｉａｏｍｉｎｇ", "Xx Xxxxxxxx, Xx Xxxxxxxx"),
            (
                "LǏ XIǍOMÍNG, Li\u{30c} Xia\u{30c}omi\u{301}ng",
                "XX XXXXXXXX, Xx\u{30c} Xxx\u{30c}xxx\u{301}xx",
            ),
            ("lixiaoming2008", "xxxxxxxxxx2008"),
            ("Zeng li, Li\nXiaoming, xue.ouyang", "Xxxx xx, Xx\nXxxxxxxx, xxx.xxxxxx"),
            ("我和Zeng Li去", "我和Xxxx Xx去"),
            ("Ouyang Xue, Lyu Liang, Lü Liang", "Xxxxxx Xxx, Xxx Xxxxx, Xx Xxxxx"),
        ] {
            assert_eq!(redact(text, &people), redacted);
        }
    }

    #[test]
    fn writers_who_name_themselves_in_small_letters_are_taken_out() {
        let li = [author("李娜", "20230107")];
        assert_eq!(
            redact("i am li na (２０２３０１０７), not lina", &li),
            "i am xx xx (00000000), not lina"
        );
        assert_eq!(redact("Is she li na?", &[mate("李娜", "")]), "Is she li na?");
        let sun = [author("孙洁", "")];
        assert_eq!(redact("my name is sun jie", &sun), "my name is xxx xxx");
        assert_eq!(redact("the sun is up, Sun Jie", &[mate("孙洁", "")]), "the sun is up, Xxx Xxx");
        let he = [author("何灿", "")];
        assert_eq!(redact("He can swim. I am He Can.", &he), "He can swim. I am Xx Xxx.");
    }

    #[test]
    fn english_words_stay_words() {
        let people = [mate("何索", ""), mate("王安", ""), mate("龙儿", ""), mate("马丁", "")];
        let text = "So he was longer ill, and an old man made a living in Beijing.";
        assert_eq!(redact(text, &people), text);
    }
}
