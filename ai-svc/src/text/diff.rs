//! What changed between two texts, word by word.

use crate::rules::{self, Edit};

/// A word, a mark, or the space between: offsets in Unicode scalar values.
#[derive(Clone, Copy, Debug)]
struct Piece<'a> {
    text: &'a str,
    start: usize,
    end: usize,
}

/// Texts with more pieces than this are compared line by line only at their changed middle.
const MAX_CELLS: usize = 16_000_000;

/// Names every change from `original` to `corrected`, in order and without overlaps.
pub(super) fn edits(engine: &rules::Engine, original: &str, corrected: &str) -> Vec<Edit> {
    let (old, new) = (pieces(original), pieces(corrected));
    let mut edits: Vec<Edit> = Vec::new();
    for (a, b) in changes(&old, &new) {
        let start = old.get(a.start).map_or_else(|| original.chars().count(), |piece| piece.start);
        let end = a.clone().last().map_or(start, |last| old[last].end);
        let original_part: String = old[a].iter().map(|piece| piece.text).collect();
        let replacement: String = new[b].iter().map(|piece| piece.text).collect();
        let context = sentence_around(original, start);
        let error_type = engine.classify(original_part.trim(), replacement.trim(), &context);
        let knowledge_point = engine.point(original_part.trim(), replacement.trim(), &context);
        let (explanation_zh, explanation_en) =
            explain(&original_part, &replacement, error_type.name_zh, error_type.name_en);
        edits.push(Edit {
            start,
            end,
            original: original_part,
            replacement,
            error_type,
            knowledge_point,
            explanation_zh,
            explanation_en,
        });
    }
    edits
}

fn explain(original: &str, replacement: &str, zh: &str, en: &str) -> (String, String) {
    let (old, new) = (original.trim(), replacement.trim());
    if old.is_empty() && new.is_empty() {
        return ("空格需要调整。".to_owned(), "Mend the spacing.".to_owned());
    }
    if old.is_empty() {
        return (format!("此处应加上“{new}”（{zh}）。"), format!("Add “{new}” here ({en})."));
    }
    if new.is_empty() {
        return (format!("“{old}”是多余的（{zh}）。"), format!("“{old}” is not needed ({en})."));
    }
    (format!("“{old}”应改为“{new}”（{zh}）。"), format!("Change “{old}” to “{new}” ({en})."))
}

/// Words that one change may leave out beyond those it puts in.
const MOST_LEFT_OUT: usize = 3;

/// Tells whether `corrected` is `original` with few changes: half of the words of the longer text
/// are in both, and nowhere more than a few words are left out or most of the text together.
pub(super) fn is_correction(original: &str, corrected: &str) -> bool {
    let words = |text| -> Vec<Piece<'_>> {
        let is_word = |piece: &Piece<'_>| piece.text.chars().any(char::is_alphanumeric);
        pieces(text).into_iter().filter(is_word).collect()
    };
    let (old, new) = (words(original), words(corrected));
    let changes = changes(&old, &new);
    let lost: usize = changes.iter().map(|(a, _)| a.len()).sum();
    let left_out = |(a, b): &Change| a.len().saturating_sub(b.len());
    let most = changes.iter().map(left_out).max().unwrap_or_default();
    let all: usize = changes.iter().map(left_out).sum();
    (old.len() - lost) * 2 >= old.len().max(new.len())
        && most <= MOST_LEFT_OUT
        && all <= MOST_LEFT_OUT.max(old.len() / 5)
}

fn pieces(text: &str) -> Vec<Piece<'_>> {
    let kind = |c: char| match c {
        c if c.is_alphanumeric() || c == '\'' || c == '’' || c == '-' => 0,
        c if c.is_whitespace() => 1,
        _ => 2,
    };
    let mut pieces = Vec::new();
    let (mut from, mut start) = (0, 0);
    let mut before: Option<i32> = None;
    for (count, (at, c)) in text.char_indices().enumerate() {
        let now = kind(c);
        // Marks stand alone.
        if before.is_some_and(|before| before != now || now == 2) {
            pieces.push(Piece { text: &text[from..at], start, end: count });
            (from, start) = (at, count);
        }
        before = Some(now);
    }
    if from < text.len() {
        let end = start + text[from..].chars().count();
        pieces.push(Piece { text: &text[from..], start, end });
    }
    pieces
}

type Change = (std::ops::Range<usize>, std::ops::Range<usize>);

/// Pairs ranges that differ, by a longest common subsequence.
fn changes(old: &[Piece<'_>], new: &[Piece<'_>]) -> Vec<Change> {
    let same = |(a, b): &(&Piece<'_>, &Piece<'_>)| a.text == b.text;
    let head = old.iter().zip(new).take_while(same).count();
    let tail = old[head..].iter().rev().zip(new[head..].iter().rev()).take_while(same).count();
    let (rows, columns) = (old.len() - head - tail, new.len() - head - tail);
    if rows == 0 && columns == 0 {
        return Vec::new();
    }
    if rows == 0 || columns == 0 || rows.saturating_mul(columns) > MAX_CELLS {
        return vec![(head..head + rows, head..head + columns)];
    }
    // lengths[i][j]: longest common subsequence of what follows i and j.
    let width = columns + 1;
    let mut lengths = vec![0_u32; (rows + 1) * width];
    for i in (0..rows).rev() {
        for j in (0..columns).rev() {
            lengths[i * width + j] = if old[head + i].text == new[head + j].text {
                lengths[(i + 1) * width + j + 1] + 1
            } else {
                lengths[(i + 1) * width + j].max(lengths[i * width + j + 1])
            };
        }
    }
    let mut changes: Vec<Change> = Vec::new();
    let (mut i, mut j) = (0, 0);
    let mut open: Option<(usize, usize)> = None;
    while i < rows || j < columns {
        let equal = i < rows && j < columns && old[head + i].text == new[head + j].text;
        if equal {
            if let Some((a, b)) = open.take() {
                changes.push((head + a..head + i, head + b..head + j));
            }
            (i, j) = (i + 1, j + 1);
            continue;
        }
        open = open.or(Some((i, j)));
        if i < rows && (j == columns || lengths[(i + 1) * width + j] >= lengths[i * width + j + 1])
        {
            i += 1;
        } else {
            j += 1;
        }
    }
    if let Some((a, b)) = open {
        changes.push((head + a..head + i, head + b..head + j));
    }
    changes
}

fn sentence_around(text: &str, at: usize) -> String {
    let is_end = |c: &char| matches!(c, '.' | '!' | '?' | '\n');
    let chars: Vec<char> = text.chars().collect();
    let at = at.min(chars.len());
    let start = chars[..at].iter().rposition(is_end).map_or(0, |end| end + 1);
    let end = chars[at..].iter().position(is_end).map_or(chars.len(), |end| at + end + 1);
    chars[start..end].iter().collect::<String>().trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn edits_carried_out_give_the_corrected_text() {
        let engine = rules::Engine::new();
        for (old, new) in [
            ("She go to school.", "She goes to school."),
            ("I like apple", "I like apples."),
            ("", "Hello."),
            ("He is is here — 你好!", "He is here — 你好!"),
            ("a b c", "c b a"),
        ] {
            let edits = edits(&engine, old, new);
            assert_eq!(rules::apply(old, &edits), new, "{old}");
        }
    }

    #[test]
    fn one_changed_word_is_one_edit() {
        let edits =
            edits(&rules::Engine::new(), "Yesterday she go home.", "Yesterday she went home.");
        assert_eq!(edits.len(), 1);
        assert_eq!((edits[0].start, edits[0].end), (14, 16));
        assert_eq!((edits[0].original.as_str(), edits[0].replacement.as_str()), ("go", "went"));
    }
}
