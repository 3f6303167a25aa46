//! Text of people, made fit for print.

use serde::{Serialize, Serializer, ser::SerializeMap as _};

use super::fonts;

/// Letters of a word after which a line may break, in case the word is longer than a line.
const LONG_WORD: usize = 40;
const BREAK_EVERY: usize = 20;
const MAY_BREAK: char = '\u{200B}';

/// Text as people wrote it.
///
/// The template gets it as a string when it is one line without anything special, and otherwise as
/// lines of runs, where each run says whether its quotation marks are those of Latin type.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Text(pub(super) String);

impl<T: Into<String>> From<T> for Text {
    fn from(text: T) -> Self {
        Self(text.into())
    }
}

impl Serialize for Text {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let text = printable(&self.0);
        let chinese = text.chars().any(is_chinese);
        let simple = !text.contains('\n') && (!text.contains(is_quote) || !chinese);
        if chinese && simple {
            return serializer.serialize_str(&text);
        }
        let lines: Vec<Vec<Run<'_>>> = text.split('\n').map(|line| runs(line, chinese)).collect();
        let mut map = serializer.serialize_map(Some(2))?;
        map.serialize_entry("latin", &!chinese)?;
        map.serialize_entry("lines", &lines)?;
        map.end()
    }
}

/// Text with quotation marks of one kind.
#[derive(Debug, PartialEq, Eq, Serialize)]
#[serde(untagged)]
enum Run<'a> {
    Plain(&'a str),
    Latin { latin: &'a str },
}

/// Cuts a line where the kind of its quotation marks changes.
fn runs(line: &str, chinese: bool) -> Vec<Run<'_>> {
    if !chinese || !line.contains(is_quote) {
        return vec![Run::Plain(line)];
    }
    let mut runs = Vec::new();
    let (mut at, mut before) = (0, None);
    for (start, c) in line.char_indices() {
        let end = start + c.len_utf8();
        if is_quote(c) && is_latin_quote(c, before, &line[end..]) {
            if at < start {
                runs.push(Run::Plain(&line[at..start]));
            }
            runs.push(Run::Latin { latin: &line[start..end] });
            at = end;
        }
        before = Some(c);
    }
    if at < line.len() {
        runs.push(Run::Plain(&line[at..]));
    }
    runs
}

/// A quotation mark belongs to what it encloses.
fn is_latin_quote(c: char, before: Option<char>, after: &str) -> bool {
    let inside = if matches!(c, '“' | '‘') { after.chars().next() } else { before };
    inside.is_some_and(|inside| inside.is_ascii())
}

fn is_quote(c: char) -> bool {
    matches!(c, '“' | '”' | '‘' | '’')
}

/// Tells whether a character is Chinese writing or its punctuation.
pub(super) fn is_chinese(c: char) -> bool {
    matches!(u32::from(c), 0x2E80..=0x9FFF | 0xAC00..=0xD7AF | 0xF900..=0xFAFF | 0xFE30..=0xFE4F | 0xFF00..=0xFFEF | 0x20000..=0x3FFFF)
}

/// Drops what cannot be seen; every end of line becomes `\n`.
pub(super) fn printable_plain(text: &str) -> String {
    let mut chars = text.trim().chars().peekable();
    let mut clean = String::with_capacity(text.len());
    while let Some(c) = chars.next() {
        match c {
            '\r' if chars.peek() == Some(&'\n') => {}
            '\r' | '\n' | '\u{B}' | '\u{C}' | '\u{85}' | '\u{2028}' | '\u{2029}' => {
                clean.push('\n');
            }
            '\t' => clean.push(' '),
            c if is_invisible(c) => {}
            c => clean.push(c),
        }
    }
    clean
}

/// Drops what cannot be seen, replaces what has no shape, and lets endless words break.
pub(super) fn printable(text: &str) -> String {
    let fonts = fonts::fonts();
    let mut clean = String::with_capacity(text.len());
    // Characters since a line could break.
    let mut word = 0;
    for c in printable_plain(text).chars() {
        let shown = c.is_ascii() || fonts.as_ref().is_ok_and(|fonts| fonts.cover(c));
        let c = if shown { c } else { char::REPLACEMENT_CHARACTER };
        word = if c.is_whitespace() || is_chinese(c) { 0 } else { word + 1 };
        if word > LONG_WORD && word % BREAK_EVERY == 1 {
            clean.push(MAY_BREAK);
        }
        clean.push(c);
    }
    clean
}

/// Control characters, marks of direction, joiners and selectors of emoji, soft hyphens.
fn is_invisible(c: char) -> bool {
    c.is_control()
        || matches!(u32::from(c),
            0xAD | 0x61C | 0x180B..=0x180F | 0x200B..=0x200F | 0x202A..=0x202E | 0x2060..=0x206F
            | 0xFE00..=0xFE0F | 0xFEFF | 0xFFF9..=0xFFFB | 0xE0000..=0xE0FFF)
}

/// Returns the first line of a text, for places that have one.
pub(super) fn one_line(text: &str) -> String {
    printable(text).replace(MAY_BREAK, "").split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Returns the width of a text in ems, about: an ideograph has one, a letter half of it.
pub(super) fn width(text: &str) -> f64 {
    text.chars().map(|c| if is_chinese(c) { 1.0 } else { 0.5 }).sum()
}

/// Returns how many lines a text needs in a column of `column` ems, rather too many than too few.
pub(super) fn lines(text: &str, column: f64) -> f64 {
    let text = printable_plain(text);
    text.lines().map(|line| (width(line) * 1.05 / column).ceil().max(1.0)).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn control_characters_vanish_and_shapeless_ones_are_replaced() {
        assert_eq!(printable("a\u{0}b\u{7}\u{202e}c\u{feff}"), "abc");
        assert_eq!(printable("x\u{10fffd}y"), "x\u{fffd}y");
        assert_eq!(printable("a\r\nb\rc\td"), "a\nb\nc d");
        assert_eq!(printable("你好，“世界” θ ✓"), "你好，“世界” θ ✓");
    }

    #[test]
    fn endless_words_may_break() {
        let word = "x".repeat(100);
        let shown = printable(&word);
        assert_eq!(shown.replace(MAY_BREAK, ""), word);
        assert_eq!(shown.matches(MAY_BREAK).count(), 3);
        assert_eq!(
            printable("an ordinary sentence of many words, none of them long").find(MAY_BREAK),
            None
        );
    }

    #[test]
    fn quotation_marks_belong_to_what_they_enclose() {
        let expected = [
            Run::Plain("他说“好”，"),
            Run::Latin { latin: "“" },
            Run::Plain("don"),
            Run::Latin { latin: "’" },
            Run::Plain("t"),
            Run::Latin { latin: "”" },
        ];
        assert_eq!(runs("他说“好”，“don’t”", true), expected);
        assert_eq!(runs("“don’t”", false), [Run::Plain("“don’t”")]);
    }

    #[test]
    fn template_gets_lines() {
        let json = |text: &str| serde_json::to_value(Text::from(text)).unwrap();
        assert_eq!(json("你好"), "你好");
        assert_eq!(json("a\nb"), serde_json::json!({"latin": true, "lines": [["a"], ["b"]]}));
    }

    #[test]
    fn chinese_is_twice_as_wide() {
        assert!((width("你好ab") - 3.0).abs() < f64::EPSILON);
        assert!((lines("a\n\nb", 10.0) - 3.0).abs() < f64::EPSILON);
        assert!((lines("a\rb\u{2028}c", 10.0) - 3.0).abs() < f64::EPSILON);
    }
}
