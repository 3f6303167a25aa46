//! Whether an answer is right, as a patient teacher would say.

use crate::mistake::{MistakeType, fingerprint::plain};

/// Words of an answer that can be compared: nobody writes more of them alike.
const MOST_WORDS: usize = 8;

/// How a student answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AnswerForm {
    /// They write the answer, and [`is_right`] compares it.
    Text,
    /// They look at the right answer and grade themself.
    SelfRating,
}

/// Returns how a question is answered: what is short and written can be compared, every Chinese
/// character counting as a word.
#[must_use]
pub fn answer_form(kind: MistakeType, correct: &str) -> AnswerForm {
    let is_free = match kind {
        MistakeType::Writing | MistakeType::Speaking | MistakeType::Pronunciation => true,
        MistakeType::Grammar
        | MistakeType::Vocabulary
        | MistakeType::Reading
        | MistakeType::Listening
        | MistakeType::Comprehension => false,
    };
    let shortest = correct.split(['/', '／', '|']).map(length).min().unwrap_or_default();
    if is_free || shortest > MOST_WORDS { AnswerForm::SelfRating } else { AnswerForm::Text }
}

fn length(text: &str) -> usize {
    let plain = words(text);
    let han = plain.chars().filter(|c| ('\u{3400}'..='\u{9fff}').contains(c)).count();
    plain.split(' ').count() + han.saturating_sub(1)
}

/// Tells whether `answer` is right: case, space and punctuation do not matter; the right answer
/// may name alternatives with `/`; an option may be named by its letter or by its text.
#[must_use]
pub fn is_right(question: &str, correct: &str, answer: &str) -> bool {
    let options = options(question);
    let given = forms(answer, &options);
    let whole = forms(correct, &options);
    let mut accepted = whole;
    for alternative in correct.split(['/', '／', '|']) {
        accepted.extend(forms(alternative, &options));
    }
    if given.iter().any(|form| accepted.contains(form)) {
        return true;
    }
    let (given, wanted) = (letters(answer, &options), letters(correct, &options));
    given.is_some() && given == wanted
}

/// Tells whether `answer` is right where the mistake itself was one of case or punctuation (`it's` for
/// `its`, `monday` for `Monday`): then these matter.
#[must_use]
pub fn is_mended(question: &str, correct: &str, wrong: &str, answer: &str) -> bool {
    if !is_right(question, correct, wrong) || exact(wrong) == exact(correct) {
        return is_right(question, correct, answer);
    }
    let mut accepted = correct.split(['/', '／', '|']).chain([correct]);
    let names_letter =
        options(question).iter().any(|(letter, _)| words(answer) == letter.to_string());
    if names_letter {
        return is_right(question, correct, answer);
    }
    accepted.any(|accepted| exact(accepted) == exact(answer))
}

/// Returns a text in usual letters with single spaces, as it stands otherwise.
fn exact(text: &str) -> String {
    let text: String = text.chars().map(plain).collect();
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Returns a text with its words in small letters and nothing between them but single spaces.
fn words(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut gap = false;
    for character in text.chars().map(plain).flat_map(char::to_lowercase) {
        if character == '\'' {
            continue;
        }
        if !character.is_alphanumeric() {
            gap = !out.is_empty();
            continue;
        }
        if gap {
            out.push(' ');
            gap = false;
        }
        out.push(character);
    }
    out
}

/// Returns every way to say an answer: its words, and letter and text of the option it names.
fn forms(text: &str, options: &[(char, String)]) -> Vec<String> {
    let mut own = words(text);
    if own.is_empty() {
        // A punctuation mark can be an answer too.
        text.trim().clone_into(&mut own);
    }
    let mut forms: Vec<String> = Vec::new();
    if own.is_empty() {
        return forms;
    }
    for (letter, option) in options {
        let name = letter.to_string();
        let both = format!("{name} {option}");
        if own == name || own == *option || own == both {
            forms.extend([name, option.clone()]);
        }
    }
    forms.push(own);
    forms.retain(|form| !form.is_empty());
    forms
}

/// Returns the options `A.` to `H.` of a question in small letters, with the words of their text.
fn options(question: &str) -> Vec<(char, String)> {
    let text: Vec<char> = question.chars().map(plain).collect();
    let mut marks = Vec::new();
    let mut next = 'A';
    for (place, character) in text.iter().enumerate() {
        let before = place.checked_sub(1).and_then(|before| text.get(before));
        let starts = before.is_none_or(|before| !before.is_alphanumeric());
        let after = text.get(place + 1).copied().unwrap_or(' ');
        let is_mark = matches!(after, '.' | ')' | ',' | ':' | ']');
        if starts && is_mark && character.eq_ignore_ascii_case(&next) && next <= 'H' {
            marks.push((next.to_ascii_lowercase(), place));
            next = char::from_u32(u32::from(next) + 1).unwrap_or('Z');
        }
    }
    if marks.len() < 2 {
        return Vec::new();
    }
    let ends = marks.iter().skip(1).map(|(_, place)| *place).chain([text.len()]);
    let options = marks.iter().zip(ends).map(|((letter, place), end)| {
        let option: String = text.get(place + 2..end).unwrap_or_default().iter().collect();
        // The last option ends with its line.
        let option = option.trim_start().lines().next().unwrap_or_default();
        (*letter, words(option))
    });
    options.collect()
}

/// Returns the letters of an answer that names several options.
fn letters(text: &str, options: &[(char, String)]) -> Option<Vec<char>> {
    let mut letters: Vec<char> = words(text).chars().filter(|c| *c != ' ').collect();
    letters.sort_unstable();
    letters.dedup();
    let all = letters.iter().all(|letter| options.iter().any(|(known, _)| known == letter));
    (all && letters.len() > 1).then_some(letters)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn short_written_answers_are_compared_and_others_graded() {
        let grammar = |correct| answer_form(MistakeType::Grammar, correct);
        assert_eq!(grammar("goes"), AnswerForm::Text);
        assert_eq!(grammar("He has been to Beijing twice already."), AnswerForm::Text);
        assert_eq!(
            grammar("He has been to Beijing twice since we last met"),
            AnswerForm::SelfRating
        );
        assert_eq!(grammar("一般现在时"), AnswerForm::Text);
        assert_eq!(grammar("主语是第三人称单数所以要加"), AnswerForm::SelfRating);
        assert_eq!(answer_form(MistakeType::Writing, "goes"), AnswerForm::SelfRating);
    }

    const CHOICE: &str = "He ____ to school by bus every day.\nA. go  B. goes  C. going  D. gone";

    #[test]
    fn case_space_and_punctuation_do_not_matter() {
        assert!(is_right("", "had been", "  Had   been. "));
        assert!(is_right("", "don't", "Don’t"));
        assert!(is_right("", "It is, isn't it?", "it is isnt it"));
        assert!(!is_right("", "every day", "everyday"));
        assert!(!is_right("", "goes", "go"));
        assert!(!is_right("", "goes", ""));
        assert!(!is_right("", "goes", " . "));
    }

    #[test]
    fn case_and_punctuation_matter_where_they_were_the_mistake() {
        let mended = |correct, wrong, answer| is_mended("", correct, wrong, answer);
        assert!(!mended("its", "it's", "it’s") && mended("its", "it's", " its "));
        assert!(!mended("Monday", "monday", "monday") && mended("Monday", "monday", "Monday"));
        assert!(!mended("However, he", "However he", "However he"));
        assert!(mended("students' / pupils'", "students", "pupils’"));
        assert!(mended("its", "his", "Its"), "elsewhere they do not");
        assert!(mended("B", "B", "b"));
    }

    #[test]
    fn alternatives_are_named_with_a_slash() {
        assert!(is_right("", "color / colour", "Colour"));
        assert!(is_right("", "and/or", "and/or"));
        assert!(!is_right("", "color/colour", "colours"));
    }

    #[test]
    fn option_is_named_by_letter_or_text() {
        for answer in ["B", "b", "goes", "B. goes", "（B）", "Ｂ"] {
            assert!(is_right(CHOICE, "B", answer), "{answer}");
            assert!(is_right(CHOICE, "goes", answer), "{answer}");
            assert!(is_right(CHOICE, "B. goes", answer), "{answer}");
        }
        for answer in ["A", "go", "C. going", "AB"] {
            assert!(!is_right(CHOICE, "B", answer), "{answer}");
        }
    }

    #[test]
    fn several_options_come_in_any_order() {
        let question = "Which are right?\nA) one\nB) two\nC) three";
        assert!(is_right(question, "AC", "C, A"));
        assert!(is_right(question, "A、C", "ac"));
        assert!(!is_right(question, "AC", "AB"));
        assert!(!is_right(question, "AC", "A"));
    }

    #[test]
    fn article_is_no_option_without_options() {
        assert!(is_right("___ apple a day", "an", "An"));
        assert!(!is_right("___ apple a day", "an", "a"));
    }
}
