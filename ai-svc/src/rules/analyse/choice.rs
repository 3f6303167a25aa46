//! Reads a question and works out what it tests, from its options and its gap.

use super::Question;

/// Marks that stand right after a word.
const CLOSING: [char; 7] = ['.', ',', '?', '!', ';', ':', ')'];

/// A question taken apart.
#[derive(Debug, Default)]
pub struct Item {
    /// Without the options.
    pub stem: String,
    pub options: Vec<String>,
    pub wrong: String,
    pub right: String,
    /// Byte range of the gap in the stem.
    pub gap: Option<std::ops::Range<usize>>,
    /// Word in brackets after the gap.
    pub hint: String,
}

impl Item {
    /// The stem with the right answer in its gap.
    pub fn filled(&self) -> String {
        self.gap.as_ref().map_or_else(
            || self.stem.clone(),
            |gap| {
                let (before, rest) = (self.stem[..gap.start].trim_end(), self.rest(gap));
                let space = if rest.starts_with(CLOSING) { "" } else { " " };
                format!("{before} {}{space}{rest}", self.right.trim())
            },
        )
    }

    /// What follows the gap, the word in brackets left out.
    pub fn rest(&self, gap: &std::ops::Range<usize>) -> &str {
        let after = self.stem[gap.end..].trim_start();
        if self.hint.is_empty() {
            return after;
        }
        after.split_once([')', '）']).map_or(after, |(_, rest)| rest.trim_start())
    }

    /// Says whether the options are whole sentences.
    pub fn sentences(&self) -> bool {
        self.options.iter().filter(|option| option.split_whitespace().count() > 4).count() > 1
    }
}

/// Takes a question apart.
pub fn read(question: &Question<'_>) -> Item {
    let text = question.question.replace('’', "'").replace(" '", "'");
    let (stem, options) = options(&text);
    let gap = gap(&stem);
    let hint = gap.as_ref().map_or_else(String::new, |gap| hint(&stem[gap.end..]));
    let right = answer(question.correct_answer, &options);
    let wrong = answer(question.wrong_answer, &options);
    Item { stem, options, wrong, right, gap, hint }
}

fn options(text: &str) -> (String, Vec<String>) {
    let bytes: Vec<(usize, char)> = text.char_indices().collect();
    let mut starts: Vec<(usize, usize)> = Vec::new();
    for (index, (at, letter)) in bytes.iter().enumerate() {
        let expected = u32::from('A') + u32::try_from(starts.len()).unwrap_or(0);
        let opens = index == 0 || bytes[index - 1].1.is_whitespace();
        let marked = bytes
            .get(index + 1)
            .is_some_and(|(_, mark)| matches!(mark, '.' | '．' | '、' | ')' | '）'));
        if opens && marked && u32::from(*letter) == expected {
            let (mark_at, mark) = bytes[index + 1];
            starts.push((*at, mark_at + mark.len_utf8()));
        }
    }
    if starts.len() < 2 {
        return (text.to_owned(), Vec::new());
    }
    let ends = starts.iter().skip(1).map(|(at, _)| *at).chain([text.len()]);
    let list = starts
        .iter()
        .zip(ends)
        .map(|((_, from), to)| text[*from..to].split_whitespace().collect::<Vec<_>>().join(" "))
        .collect();
    (text[..starts[0].0].trim_end().to_owned(), list)
}

fn gap(stem: &str) -> Option<std::ops::Range<usize>> {
    if let Some(start) = stem.find("__") {
        let end =
            stem[start..].find(|letter| letter != '_').map_or(stem.len(), |more| start + more);
        return Some(start..end);
    }
    let mut run: Option<(usize, usize)> = None;
    for (at, letter) in stem.char_indices() {
        if letter == ' ' || letter == '\u{3000}' {
            let (from, count) = run.unwrap_or((at, 0));
            run = Some((from, count + 1));
        } else {
            // Spaces at the end of a line are no gap.
            if let Some((from, count)) = run
                && count >= 3
                && letter != '\n'
            {
                return Some(from..at);
            }
            run = None;
        }
    }
    None
}

fn hint(after: &str) -> String {
    let rest =
        after.trim_start_matches(|letter: char| letter.is_whitespace() || letter.is_ascii_digit());
    let Some(inside) = rest.strip_prefix(['(', '（']) else { return String::new() };
    inside.split([')', '）']).next().unwrap_or("").trim().to_owned()
}

/// The text of an option for its letter; what is the text of another option stays as it is.
fn answer(given: &str, options: &[String]) -> String {
    let plain = given.trim().replace('’', "'");
    let letter = plain.trim_end_matches(['.', '．', '、', ')']);
    // The article `a` is no letter; only a capital is one beside an option that differs in case.
    let is_small = letter.starts_with(char::is_lowercase);
    let is_word = |text: &String| text == letter || is_small && text.eq_ignore_ascii_case(letter);
    if letter.chars().count() == 1
        && let Some(at) = letter
            .chars()
            .next()
            .and_then(|letter| u32::from(letter.to_ascii_uppercase()).checked_sub(u32::from('A')))
        && let Some(option) = usize::try_from(at).ok().and_then(|at| options.get(at))
    {
        let is_other = options.iter().any(|other| other != option && is_word(other));
        return if is_other { letter.to_owned() } else { option.clone() };
    }
    let opens =
        plain.len() > 2 && plain.chars().next().is_some_and(|first| ('A'..='G').contains(&first));
    match plain.get(1..).map(str::trim_start).and_then(|rest| rest.strip_prefix(['.', '、'])) {
        Some(rest) if opens => rest.trim().to_owned(),
        _ => plain,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn article_is_a_word_and_no_letter() {
        let options = |texts: [&str; 3]| texts.map(str::to_owned);
        let articles = options(["an", "a", "the"]);
        for (given, text) in [("a", "a"), ("A", "an"), ("B", "a"), ("c", "the"), ("an", "an")] {
            assert_eq!(answer(given, &articles), text);
        }
        let capitals = options(["An", "A", "The"]);
        assert_eq!(["a", "A", "b"].map(|given| answer(given, &capitals)), ["a", "A", "A"]);
        assert_eq!(answer("a", &options(["a", "an", "the"])), "a");
        assert_eq!(answer("a.", &options(["cat", "dog", "cow"])), "cat");
    }
}
