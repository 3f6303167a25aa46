//! Reads the key of an error-correction text and finds the errors in the text.

use crate::rules::Edit;

/// One error of the key, placed in the passage. Offsets in Unicode scalar values.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Keyed {
    pub start: usize,
    pub end: usize,
    pub original: String,
    /// Every replacement the key accepts; an empty one is a deletion.
    pub replacements: Vec<String>,
    /// The published explanation of this error.
    pub explanation: String,
    /// The key names a word to add, but only roughly where.
    pub anywhere: bool,
}

impl Keyed {
    /// Says whether an edit touches the place of the error.
    pub fn is_at(&self, edit: &Edit) -> bool {
        if self.anywhere {
            return edit.start == edit.end && (self.start..=self.end).contains(&edit.start);
        }
        let slack = usize::from(self.start == self.end);
        edit.start <= self.end + slack
            && self.start <= edit.end + slack
            && (edit.start != edit.end || self.start == self.end || edit.start == self.start)
    }

    /// Says whether an edit does what the key says.
    pub fn is_mended_by(&self, edit: &Edit) -> bool {
        // The data mixes straight and curly apostrophes.
        let plain = |text: &str| text.trim().to_lowercase().replace('’', "'");
        let replacement = plain(&edit.replacement);
        self.is_at(edit)
            && plain(&edit.original) == plain(&self.original)
            && self.replacements.iter().any(|accepted| plain(accepted) == replacement)
    }
}

/// Cuts the passage out of the question and tidies its spaces.
pub fn passage(question: &str) -> String {
    let body = ["不计分", "不记分", "不给分"]
        .iter()
        .filter_map(|mark| question.rfind(mark).map(|at| at + mark.len()))
        .max()
        .map_or(question, |at| &question[at..]);
    let body = body.trim_start_matches(|letter: char| {
        !letter.is_ascii_alphabetic() && letter != '“' && letter != '"'
    });
    let mut text = String::with_capacity(body.len());
    for word in body.split_whitespace() {
        let opens_close = word.starts_with(['.', ',', '!', '?', ';', '’']) && !text.is_empty();
        if !text.is_empty() && !opens_close {
            text.push(' ');
        }
        text.push_str(&word.replace('`', "'"));
    }
    text
}

/// Finds the errors of the key in the passage; also counts those that could not be placed.
pub fn keyed(passage: &str, answer: &str, analysis: &str) -> (Vec<Keyed>, usize) {
    let explanations = numbered(analysis);
    let lines: Vec<String> = answer
        .replace("【答案】", "")
        .lines()
        .map(|line| line.trim().to_owned())
        .filter(|line| !line.is_empty())
        .collect();
    let chars: Vec<char> = passage.chars().collect();
    let mut found: Vec<Keyed> = Vec::new();
    let mut loose: Vec<(usize, Vec<String>, String)> = Vec::new();
    let mut unplaced = 0;
    let mut from = 0;
    for (index, line) in lines.iter().enumerate() {
        let explanation = explanations.get(index).map_or("", String::as_str);
        let change = change(line)
            .or_else(|| change(explanation))
            .or_else(|| bare(line, explanation, &chars, from));
        if let Some(Change::Insert(words, anchor, _)) = &change
            && anchor.is_empty()
        {
            loose.push((found.len(), words.clone(), explanation.to_owned()));
            continue;
        }
        let placed = change
            .and_then(|change| place(&chars, &change, from).or_else(|| place(&chars, &change, 0)));
        if let Some((start, end, original, replacements)) = placed {
            from = end;
            found.push(Keyed {
                start,
                end,
                original,
                replacements,
                explanation: explanation.into(),
                anywhere: false,
            });
        } else {
            unplaced += 1;
        }
    }
    for (added, (index, replacements, explanation)) in loose.into_iter().enumerate() {
        let index = index + added;
        let start = index
            .checked_sub(1)
            .and_then(|before| found.get(before))
            .map_or(0, |before| before.end);
        let end = found.get(index).map_or(chars.len(), |after| after.start);
        found.insert(
            index,
            Keyed {
                start,
                end: end.max(start),
                original: String::new(),
                replacements,
                explanation,
                anywhere: true,
            },
        );
    }
    (found, unplaced)
}

/// What a line of a key asks for.
#[derive(Debug, PartialEq, Eq)]
enum Change {
    Replace(String, Vec<String>),
    /// Words, before or after which to insert, and whether after.
    Insert(Vec<String>, String, bool),
    /// The word to delete and a word after it, if the key names one.
    Delete(String, String),
}

fn english(text: &str) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    let mut open = String::new();
    for letter in text.chars().chain(['\n']) {
        let letter = if matches!(letter, '’' | '`') { '\'' } else { letter };
        if letter.is_ascii_alphabetic() || (!open.is_empty() && matches!(letter, '\'' | '-')) {
            open.push(letter);
            continue;
        }
        if !open.is_empty() {
            words.push(std::mem::take(&mut open));
        }
    }
    words
}

fn choices(text: &str) -> Vec<String> {
    let text = text.replace(" '", "'");
    let head: String =
        text.split(['，', '。', ',', '．', '；', '(', '（']).next().unwrap_or("").to_owned();
    head.split(['/', '或'])
        .map(|part| part.replace("改为", "").replace("者", ""))
        .filter_map(|part| english(&part).into_iter().next())
        .collect()
}

fn change(line: &str) -> Option<Change> {
    let line = line.replace(" ’", "’");
    let line = line.trim_start_matches(|letter: char| {
        letter.is_ascii_digit() || matches!(letter, '.' | '．' | ' ' | '、')
    });
    let head: String = line.split("考查").next().unwrap_or(line).into();
    for arrow in ["改为", "改成", "→"] {
        if let Some((from, to)) = head.split_once(arrow)
            && let Some(word) = english(from).pop()
        {
            let removed = to.contains("去掉");
            let mut all = choices(to);
            all.retain(|word| !word.is_empty());
            if removed {
                all.retain(|other| !other.eq_ignore_ascii_case(&word));
                all.push(String::new());
            }
            if !all.is_empty() {
                return Some(Change::Replace(word, all));
            }
        }
    }
    if let Some(at) = head.find("去掉") {
        let after = &head[at + "去掉".len()..];
        let before = &head[..at];
        if let Some((near, word)) = after.split_once("前的").or_else(|| after.split_once("前面的"))
        {
            return Some(Change::Delete(english(word).into_iter().next()?, english(near).pop()?));
        }
        if let Some((_, word)) = after.split_once("后的").or_else(|| after.split_once("后面的"))
        {
            return Some(Change::Delete(english(word).into_iter().next()?, String::new()));
        }
        let word = english(after).into_iter().next().or_else(|| english(before).pop())?;
        return Some(Change::Delete(word, String::new()));
    }
    let add = head.find('加')?;
    let place = &head[..add];
    let words = choices(head[add + '加'.len_utf8()..].trim_start_matches(['上']));
    if words.is_empty() {
        return None;
    }
    let anchor = english(place);
    if place.contains('前') && !anchor.is_empty() {
        return Some(Change::Insert(words, anchor.last()?.clone(), false));
    }
    if place.contains('后') && !anchor.is_empty() {
        return Some(Change::Insert(words, anchor.join(" "), true));
    }
    Some(Change::Insert(words, String::new(), false))
}

/// A line that holds only the right word: the wrong one is the word of the passage closest to it.
fn bare(line: &str, explanation: &str, chars: &[char], from: usize) -> Option<Change> {
    let right = choices(line);
    let first = right.first()?.to_lowercase();
    if explanation.contains('加') && explanation.find('加') < Some(24) {
        return Some(Change::Insert(right, String::new(), false));
    }
    if let Some((_, to)) = explanation.split_once("改为") {
        let to = english(to).into_iter().next()?;
        if !to.eq_ignore_ascii_case(&first) && first.len() > 1 {
            return Some(Change::Replace(right[0].clone(), vec![to]));
        }
    }
    let confusable: &[&[&str]] = &[
        &["and", "but", "or", "so"],
        &["much", "many"],
        &["my", "your", "our", "his", "their", "her"],
        &["can", "could", "should", "may"],
        &["me", "us", "him", "them"],
        &["when", "where"],
        &["think", "thought"],
        &["ever", "never"],
    ];
    let words = words(chars);
    let family = confusable.iter().find(|family| family.contains(&first.as_str()));
    let wrong = words
        .iter()
        .filter(|(start, _)| *start >= from)
        .map(|(start, end)| chars[*start..*end].iter().collect::<String>())
        .find(|word| {
            let word = word.to_lowercase();
            word != first
                && (family.is_some_and(|family| family.contains(&word.as_str()))
                    || alike(&word, &first))
        })?;
    Some(Change::Replace(wrong, right))
}

fn alike(word: &str, other: &str) -> bool {
    let shared = word.chars().zip(other.chars()).take_while(|(a, b)| a == b).count();
    shared >= 3 && shared + 3 >= word.len().min(other.len())
}

fn words(chars: &[char]) -> Vec<(usize, usize)> {
    let mut found = Vec::new();
    let mut at = 0;
    while at < chars.len() {
        if chars[at].is_alphanumeric() {
            let start = at;
            while at < chars.len()
                && (chars[at].is_alphanumeric()
                    || matches!(chars[at], '\'' | '’' | '-')
                        && chars.get(at + 1).is_some_and(|next| next.is_alphanumeric()))
            {
                at += 1;
            }
            found.push((start, at));
        } else {
            at += 1;
        }
    }
    found
}

type Place = (usize, usize, String, Vec<String>);

fn place(chars: &[char], change: &Change, from: usize) -> Option<Place> {
    let words = words(chars);
    let text = |(start, end): &(usize, usize)| {
        chars[*start..*end].iter().collect::<String>().replace('’', "'")
    };
    let same = |at: &(usize, usize), word: &str| text(at).eq_ignore_ascii_case(word);
    let later = |index: &usize| words[*index].0 >= from;
    match change {
        Change::Replace(word, replacements) => {
            let at = (0..words.len()).filter(later).find(|index| same(&words[*index], word))?;
            Some((words[at].0, words[at].1, text(&words[at]), replacements.clone()))
        }
        Change::Delete(word, next) => {
            let fits = |index: &usize| {
                same(&words[*index], word)
                    && (next.is_empty()
                        || words.get(index + 1).is_some_and(|other| same(other, next)))
            };
            let at = (0..words.len()).filter(later).find(fits)?;
            Some((words[at].0, words[at].1, text(&words[at]), vec![String::new()]))
        }
        Change::Insert(added, anchor, after) => {
            let parts: Vec<&str> = anchor.split(' ').filter(|part| !part.is_empty()).collect();
            if parts.is_empty() {
                return None;
            }
            let at = (0..words.len()).filter(later).find(|index| {
                parts.iter().enumerate().all(|(step, part)| {
                    words.get(index + step).is_some_and(|other| same(other, part))
                })
            })?;
            let start = if *after { words.get(at + parts.len())?.0 } else { words[at].0 };
            Some((start, start, String::new(), added.clone()))
        }
    }
}

/// Splits a published analysis into its numbered explanations.
pub fn numbered(analysis: &str) -> Vec<String> {
    let body = analysis.split("【详解】").last().unwrap_or(analysis);
    let mut parts = Vec::new();
    let mut rest = body;
    let mut number = 1;
    while let Some((start, after)) = mark(rest, number) {
        let tail = &rest[after..];
        let end = mark(tail, number + 1).map_or(tail.len(), |(next, _)| next);
        parts.push(tail[..end].split("【点评】").next().unwrap_or("").trim().to_owned());
        let _ = start;
        rest = tail;
        number += 1;
    }
    parts
}

/// Place of `1．` or `1.` and the place after it.
fn mark(text: &str, number: usize) -> Option<(usize, usize)> {
    ["．", ". ", ".", "、"].iter().find_map(|dot| {
        let mark = format!("{number}{dot}");
        let mut from = 0;
        while let Some(at) = text[from..].find(&mark).map(|at| at + from) {
            let before = text[..at].chars().last();
            if !before.is_some_and(|letter| letter.is_ascii_digit() || letter == ':') {
                return Some((at, at + mark.len()));
            }
            from = at + mark.len();
        }
        None
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_of_every_form_are_read() {
        let replace = |from: &str, to: &[&str]| {
            Some(Change::Replace(from.into(), to.iter().map(|word| (*word).into()).collect()))
        };
        assert_eq!(change("toy改为 toys"), replace("toy", &["toys"]));
        assert_eq!(
            change("【答案】how改成 what".trim_start_matches("【答案】")),
            replace("how", &["what"])
        );
        assert_eq!(change("5.for→but / yet"), replace("for", &["but", "yet"]));
        assert_eq!(change("where改为 that或者去掉 where"), replace("where", &["that", ""]));
        assert_eq!(change("去掉 last前的 to"), Some(Change::Delete("to".into(), "last".into())));
        assert_eq!(change("1．of去掉，考查从句"), Some(Change::Delete("of".into(), String::new())));
        assert_eq!(
            change("在parents前加 my"),
            Some(Change::Insert(vec!["my".into()], "parents".into(), false))
        );
        assert_eq!(
            change("cafe后面加上to"),
            Some(Change::Insert(vec!["to".into()], "cafe".into(), true))
        );
    }

    #[test]
    fn errors_are_placed_in_order() {
        let text = passage("短文改错 不计分。\nI  have a dog . It like me. They like it.");
        assert_eq!(text, "I have a dog. It like me. They like it.");
        let (found, unplaced) = keyed(
            &text,
            "like改为likes\nThey改为We",
            "1．like改为likes 考查主谓一致．\n2．They改为We 考查代词．",
        );
        assert_eq!(unplaced, 0);
        assert_eq!((found[0].start, found[0].end), (17, 21));
        assert!(found[1].explanation.contains("代词"));
    }
}
