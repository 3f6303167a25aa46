//! Finds the options A, B, C, D in the running text of a question.

/// A piece of a question.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Part {
    Text(String),
    Options(Vec<Choice>),
}

/// One option.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Choice {
    pub letter: char,
    pub text: String,
}

/// Where an option begins.
#[derive(Clone, Copy)]
struct Marker {
    letter: char,
    start: usize,
    /// First byte of the option's text.
    text: usize,
    /// Only blanks stand before it on its line.
    opens_line: bool,
}

/// Splits a question into its text and its options.
///
/// Options are letters in order from A, each followed by a full stop, an ideographic comma or a
/// bracket: at least three of them, or two that each open a line. A colon makes no option, since
/// dialogues are written so.
#[must_use]
pub fn parts(question: &str) -> Vec<Part> {
    let markers = markers(question);
    let mut parts = Vec::new();
    let (mut at, mut first) = (0, 0);
    while first < markers.len() {
        let run = run(&markers[first..]);
        if run.len() < 2 {
            first += 1;
            continue;
        }
        push_text(&mut parts, &question[at..run[0].start]);
        let mut choices = Vec::with_capacity(run.len());
        for (index, marker) in run.iter().enumerate() {
            let end = match run.get(index + 1) {
                Some(next) => next.start,
                // The last option ends with its line.
                None => question[marker.text..]
                    .find('\n')
                    .map_or(question.len(), |length| marker.text + length),
            };
            let words: Vec<_> = question[marker.text..end].split_whitespace().collect();
            choices.push(Choice { letter: marker.letter, text: words.join(" ") });
            at = end;
        }
        parts.push(Part::Options(choices));
        first += run.len();
    }
    push_text(&mut parts, &question[at..]);
    parts
}

/// Returns the markers at the beginning that are options together; fewer than two are none.
fn run(markers: &[Marker]) -> &[Marker] {
    let length =
        markers.iter().zip('A'..='H').take_while(|(m, letter)| m.letter == *letter).count();
    let run = &markers[..length];
    let sure = length >= 3 || run.iter().all(|marker| marker.opens_line);
    if sure { run } else { &[] }
}

fn markers(question: &str) -> Vec<Marker> {
    let mut markers = Vec::new();
    let (mut opens_line, mut after_blank) = (true, true);
    for (start, c) in question.char_indices() {
        if after_blank && let Some((letter, length)) = marker(&question[start..]) {
            markers.push(Marker { letter, start, text: start + length, opens_line });
        }
        after_blank = c.is_whitespace();
        opens_line = c == '\n' || (opens_line && after_blank);
    }
    markers
}

/// Reads a marker such as `A.`, `B、`, `（C）` at the start of `text`; returns its length in bytes.
fn marker(text: &str) -> Option<(char, usize)> {
    let mut chars = text.char_indices();
    let (_, mut c) = chars.next()?;
    let bracket = matches!(c, '(' | '（');
    if bracket {
        c = chars.next()?.1;
    }
    let letter = match c {
        'A'..='H' => c,
        'Ａ'..='Ｈ' => char::from_u32(u32::from(c) - 0xFEE0)?,
        _ => return None,
    };
    let (at, close) = chars.next()?;
    let closes = match close {
        ')' | '）' => true,
        '.' | '．' | '、' => !bracket,
        _ => false,
    };
    closes.then_some((letter, at + close.len_utf8()))
}

fn push_text(parts: &mut Vec<Part>, text: &str) {
    let text = text.trim_matches(['\n', '\r']).trim_end();
    if !text.trim().is_empty() {
        parts.push(Part::Text(text.to_owned()));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn options(question: &str) -> Vec<Vec<String>> {
        let parts = parts(question);
        let options = parts.iter().filter_map(|part| match part {
            Part::Options(choices) => Some(choices),
            Part::Text(_) => None,
        });
        let shown = |choice: &Choice| format!("{}={}", choice.letter, choice.text);
        options.map(|choices| choices.iter().map(shown).collect()).collect()
    }

    #[test]
    fn options_on_lines_of_their_own() {
        let found = parts("She ____ here.\nA. live\nB. lives\nC. living\nD. lived");
        assert_eq!(found[0], Part::Text("She ____ here.".to_owned()));
        assert_eq!(found.len(), 2);
    }

    #[test]
    fn options_on_one_line() {
        let found = options("He ____. A) go B) goes  C) going D) gone");
        assert_eq!(found, [["A=go", "B=goes", "C=going", "D=gone"]]);
        assert_eq!(options("选 （A）一 （B）二 （C）三"), [["A=一", "B=二", "C=三"]]);
        assert_eq!(options("Ａ．in　Ｂ．on　Ｃ．at"), [["A=in", "B=on", "C=at"]]);
    }

    #[test]
    fn cloze_has_several_rows_of_options() {
        let found = parts("Fill in.\nA. a B. b C. c\n2.\nA. d B. e C. f\nThank you.");
        assert_eq!(found.len(), 5);
        assert_eq!(found[4], Part::Text("Thank you.".to_owned()));
    }

    #[test]
    fn names_and_dialogues_are_no_options() {
        for text in
            ["Mr A. Miller saw B. Brown.", "A: Hello.\nB: Hi.\nA: Bye.", "Plan A. It works."]
        {
            assert_eq!(parts(text), [Part::Text(text.to_owned())]);
        }
    }

    #[test]
    fn section_letter_does_not_hide_the_options() {
        let found = options("A. Choose.\nA. one\nB. two");
        assert_eq!(found, [["A=one", "B=two"]]);
    }

    #[test]
    fn nothing_is_lost() {
        let text = "Look:\n  A. x\nB. y\n\nend C. z";
        let found = parts(text);
        assert!(matches!(found.as_slice(), [Part::Text(_), Part::Options(_), ..]));
        let shown = format!("{found:?}");
        assert!(["Look:", "x", "y", "end", "z"].iter().all(|word| shown.contains(word)));
    }
}
