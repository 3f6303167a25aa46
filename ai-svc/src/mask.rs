//! Keeps out of prompts by what a person could be reached or recognised: addresses and numbers.
//! Names are taken out by learning-svc, which knows them.
//!
//! Every character is replaced by one other, so that places in the masked text are places in the
//! text. Nothing is put back into answers.

use std::ops::Range;

/// Digits from which on a number is somebody's, and not an amount, a year or a price.
const LONG: usize = 7;
/// The same where blanks part the groups, as between amounts in a row.
const LONG_IN_GROUPS: usize = 10;
/// The same in a word that has letters too, as in `S20231`.
const LONG_WITH_LETTERS: usize = 5;

/// Replaces e-mail addresses by `x`, and long numbers by zeros.
#[must_use]
pub fn mask(text: &str) -> String {
    let mut chars: Vec<char> = text.chars().collect();
    let mut read: Vec<char> = chars.iter().copied().map(narrow).collect();
    let mut at = 0;
    while at < read.len() {
        if !is_part(read[at]) {
            at += 1;
            continue;
        }
        let word = word(&read, at);
        at = word.end;
        if is_address(&read[word.clone()]) {
            for at in word.filter(|at| read[*at].is_ascii_alphanumeric()).collect::<Vec<_>>() {
                (chars[at], read[at]) = ('x', 'x');
            }
        }
    }
    at = 0;
    while at < read.len() {
        if !read[at].is_ascii_alphanumeric() {
            at += 1;
            continue;
        }
        let number = number(&read, at);
        at = number.end;
        if is_long(&read[number.clone()]) {
            for at in number.filter(|at| read[*at].is_ascii_digit()) {
                chars[at] = '0';
            }
        }
    }
    chars.into_iter().collect()
}

/// Returns a character in its usual width: input methods for Chinese write wide letters and digits.
fn narrow(c: char) -> char {
    match c {
        '\u{ff01}'..='\u{ff5e}' => char::from_u32(u32::from(c) - 0xfee0).unwrap_or(c),
        c => c,
    }
}

fn is_part(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '+' | '-' | '%' | '@')
}

fn word(chars: &[char], start: usize) -> Range<usize> {
    let length = chars[start..].iter().take_while(|c| is_part(**c)).count();
    start..start + length
}

fn is_address(word: &[char]) -> bool {
    let Some(at) = word.iter().position(|c| *c == '@') else {
        return false;
    };
    let (name, host) = (&word[..at], &word[at + 1..]);
    name.iter().any(char::is_ascii_alphanumeric)
        && host.iter().any(char::is_ascii_alphanumeric)
        && host.contains(&'.')
}

/// Returns a word of letters and digits from `start` on, with the groups of digits that follow it
/// after a hyphen or a blank.
fn number(chars: &[char], start: usize) -> Range<usize> {
    let run = |from: usize| chars[from..].iter().take_while(|c| c.is_ascii_alphanumeric()).count();
    let mut end = start + run(start);
    if !chars[start..end].iter().all(char::is_ascii_digit) {
        return start..end;
    }
    while end + 1 < chars.len() && matches!(chars[end], '-' | ' ') {
        let next = end + 1 + run(end + 1);
        let group = &chars[end + 1..next];
        if group.len() < 3 || !group.iter().all(char::is_ascii_digit) {
            break;
        }
        end = next;
    }
    start..end
}

fn is_long(word: &[char]) -> bool {
    let digits = word.iter().filter(|c| c.is_ascii_digit()).count();
    if word.iter().any(char::is_ascii_alphabetic) {
        return digits >= LONG_WITH_LETTERS;
    }
    let mut groups = word.split(|c| !c.is_ascii_digit());
    // `2012-2013`: years are no secret, and tenses hang on them.
    let years =
        word.len() > 4 && groups.all(|group| group.len() == 4 && matches!(group[0], '1' | '2'));
    let least = if word.contains(&' ') { LONG_IN_GROUPS } else { LONG };
    digits >= least && !years
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_and_long_numbers_are_masked() {
        for (text, masked) in [
            ("Write to li.ming_01@mail.example.com.", "Write to xx.xxxx_xx@xxxx.xxxxxxx.xxx."),
            ("我的邮箱是li@qq.com，请回信", "我的邮箱是xx@xx.xxx，请回信"),
            ("Call 13800138000 or 010-6552-9988.", "Call 00000000000 or 000-0000-0000."),
            ("Call +86 138 0013 8000 now.", "Call +00 000 0000 0000 now."),
            ("学号2023010145，考号S20231", "学号0000000000，考号S00000"),
            ("学号２０２３０１０１，邮箱ｌｉ@ｑｑ．ｃｏｍ", "学号00000000，邮箱xx@xx．xxx"),
        ] {
            assert_eq!(mask(text), masked);
            assert_eq!(text.chars().count(), mask(text).chars().count());
        }
    }

    #[test]
    fn what_is_nobodys_stays() {
        for text in [
            "In 1998 he earned 1,400,000 yuan; from 2012-2013 and 2019 2020 2021 nothing.",
            "Room 305 @ 7.30, 12 345 people, B2C, 3-2-1, page 100 200.",
            "",
        ] {
            assert_eq!(mask(text), text);
        }
    }
}
