//! One mistake on the page: what stands in it, and what must stay together.

use serde::Serialize;

use super::Page;
use crate::{
    document::{self, Choice, Labels, Mistake, MistakeType, Style},
    render::text::{Text, lines, width},
    task::Answers,
};

/// Width of the column left of an entry, with its number, in ems.
const NUMBER: f64 = 2.4;
/// Width of the labels of a solution, in ems.
const LABELS: f64 = 7.0;
/// Height of a line, and of a line to write on, in ems.
const LINE: f64 = 1.6;
const RULED: f64 = 2.2;
/// Longest answer that is struck through, in ems; a longer one could not be read any more.
const STRUCK: f64 = 24.0;

/// One mistake.
#[derive(Debug, Serialize)]
pub(in crate::render) struct Entry {
    pub(in crate::render) number: usize,
    pub(in crate::render) meta: Text,
    pub(in crate::render) status: &'static str,
    pub(in crate::render) parts: Vec<Part>,
    pub(in crate::render) solution: Option<Solution>,
    pub(in crate::render) similar: Vec<Similar>,
    keep_similar: bool,
    /// Lines to write on.
    pub(in crate::render) redo: usize,
    keep: Keep,
}

/// What is never divided between pages.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(in crate::render) enum Keep {
    /// The whole entry.
    All,
    /// Question and solution; similar questions and lines may follow on the next page.
    Question,
    /// Nothing: it is longer than a page.
    Nothing,
}

/// A piece of a question.
#[derive(Debug, Serialize)]
#[serde(untagged)]
pub(in crate::render) enum Part {
    Text { text: Text },
    Options { options: Vec<(String, Text)>, columns: usize },
}

/// Answers and analysis.
#[derive(Debug, Serialize)]
pub(in crate::render) struct Solution {
    pub(in crate::render) wrong: Option<Text>,
    pub(in crate::render) right: Option<Text>,
    /// The wrong answer is struck through.
    struck: bool,
    /// Both answers fit on one line.
    beside: bool,
    /// Label and text.
    pub(in crate::render) notes: Vec<(&'static str, Text)>,
    /// Kind of error and who says so, in small print.
    pub(in crate::render) origin: Option<Text>,
}

/// A question on the same point.
#[derive(Debug, Serialize)]
pub(in crate::render) struct Similar {
    pub(in crate::render) parts: Vec<Part>,
    /// Absent where answers are not shown.
    pub(in crate::render) right: Option<Text>,
}

impl Entry {
    pub(super) fn of(mistake: &Mistake, number: usize, style: Style, page: Page) -> Self {
        let labels = style.language.labels();
        let column = page.width - NUMBER;
        let inline = style.answers == Answers::Inline;
        let solution = inline.then(|| Solution::of(mistake, style, page));
        let parts = parts(&mistake.question, column);
        let similar: Vec<_> = mistake.similar.iter().filter(|_| style.with_similar).collect();
        let redo = if style.with_redo_space { redo_lines(mistake, column) } else { 0 };

        let mut question = height(&parts, column) + 2.0 * LINE;
        question += solution.as_ref().map_or(0.0, |solution| solution.height(page));
        let similar: Vec<_> = similar
            .into_iter()
            .map(|item| Similar {
                parts: self::parts(&item.question, column - 2.0),
                right: inline.then(|| item.right.as_str().into()),
            })
            .collect();
        let similar_height: f64 = similar
            .iter()
            .map(|item| {
                let right = item.right.as_ref().map_or(0.0, |right| right_height(right, page));
                height(&item.parts, column - 2.0) + right + 1.5 * LINE
            })
            .sum();
        #[expect(clippy::cast_precision_loss, reason = "a handful of lines")]
        let all = question + similar_height + redo as f64 * RULED + LINE;
        let keep = if all < page.height * 0.33 {
            Keep::All
        } else if question < page.height * 0.8 {
            Keep::Question
        } else {
            Keep::Nothing
        };
        Self {
            number,
            meta: meta(mistake, style, labels).into(),
            status: labels.status(mistake.status),
            parts,
            solution,
            similar,
            keep_similar: similar_height < page.height * 0.4,
            redo,
            keep,
        }
    }
}

fn meta(mistake: &Mistake, style: Style, labels: &Labels) -> String {
    let day = mistake.mistaken_on.map(|day| style.language.day(day)).unwrap_or_default();
    let times = labels.times_wrong(mistake.times_wrong.max(1));
    let shown = [
        day.as_str(),
        &times,
        labels.kind(mistake.kind),
        &mistake.level,
        &mistake.topic,
        &mistake.source,
    ];
    let shown = shown.into_iter().map(str::trim).filter(|text| !text.is_empty());
    shown.collect::<Vec<_>>().join(" · ")
}

fn parts(question: &str, column: f64) -> Vec<Part> {
    let parts = document::parts(question).into_iter();
    parts
        .map(|part| match part {
            document::Part::Text(text) => Part::Text { text: text.into() },
            document::Part::Options(choices) => Part::Options {
                columns: columns(&choices, column),
                options: choices
                    .into_iter()
                    .map(|choice| (format!("{}.", choice.letter), choice.text.into()))
                    .collect(),
            },
        })
        .collect()
}

/// Returns how many options stand side by side: as many as have room on one line each.
fn columns(choices: &[Choice], column: f64) -> usize {
    let widest = choices.iter().map(|choice| width(&choice.text)).fold(0.0, f64::max) + 2.5;
    match choices.len() {
        count @ 3..=4 if widest <= column / 4.0 => count,
        5.. if widest <= column / 4.0 => 4,
        _ if widest <= column / 2.0 => 2,
        _ => 1,
    }
}

/// Returns about how high a question is, in ems.
fn height(parts: &[Part], column: f64) -> f64 {
    let heights = parts.iter().map(|part| match part {
        Part::Text { text } => lines(&text.0, column) * LINE,
        Part::Options { options, columns: 1 } => {
            options.iter().map(|(_, text)| lines(&text.0, column - 2.0) * LINE).sum()
        }
        #[expect(clippy::cast_precision_loss, reason = "a handful of options")]
        Part::Options { options, columns } => options.len().div_ceil(*columns) as f64 * LINE,
    });
    heights.sum()
}

/// Returns about how high the right answer of a similar question is, in ems.
pub(super) fn right_height(right: &Text, page: Page) -> f64 {
    lines(&right.0, page.width - NUMBER - LABELS) * LINE
}

/// Returns how many lines doing it again takes: as the right answer and some more.
fn redo_lines(mistake: &Mistake, column: f64) -> usize {
    // Handwriting is twice as wide as print.
    let needed = lines(&mistake.right, column / 2.0).clamp(1.0, 12.0);
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "1 to 12")]
    let needed = needed as usize;
    if mistake.kind == MistakeType::Writing { needed.max(6) } else { (needed + 1).min(6) }
}

impl Solution {
    pub(super) fn of(mistake: &Mistake, style: Style, page: Page) -> Self {
        let labels = style.language.labels();
        let given = |text: &str| (!text.trim().is_empty()).then(|| Text::from(text));
        let (wrong, right) = (answer(mistake, &mistake.wrong), answer(mistake, &mistake.right));
        let mut notes = Vec::new();
        let mut note = |label, text: &str| notes.extend(given(text).map(|text| (label, text)));
        note(labels.explanation, &mistake.explanation);
        let mut origin = None;
        if style.with_analysis
            && let Some(analysis) = &mistake.analysis
        {
            note(labels.what_went_wrong, &analysis.what_went_wrong);
            note(labels.why_right, &analysis.why_right);
            note(labels.how_to_remember, &analysis.how_to_remember);
            let kind = analysis.kind(style.language).trim();
            let source = labels.origin(analysis.model.as_deref());
            let shown = [kind, &source].into_iter().filter(|text| !text.is_empty());
            origin = Some(shown.collect::<Vec<_>>().join(" · ").into());
        }
        let half = (page.width - NUMBER) / 2.0 - LABELS;
        let short = |text: &str| !text.contains('\n') && width(text) <= half;
        Self {
            struck: width(&wrong) <= STRUCK && !wrong.contains('\n'),
            beside: short(&wrong) && short(&right) && !wrong.is_empty() && !right.is_empty(),
            wrong: given(&wrong),
            right: given(&right),
            notes,
            origin,
        }
    }

    /// Returns about how high it is, in ems.
    pub(super) fn height(&self, page: Page) -> f64 {
        let column = page.width - NUMBER - LABELS;
        let answers = [&self.wrong, &self.right].into_iter().flatten();
        let texts = answers.chain(self.notes.iter().map(|(_, text)| text));
        texts.map(|text| lines(&text.0, column) * LINE).sum::<f64>() + 1.5 * LINE
    }
}

/// Adds the words of an option to an answer that is its letter only, and no other option's word.
fn answer(mistake: &Mistake, answer: &str) -> String {
    let answer = answer.trim();
    let bare = answer.trim_end_matches(['.', '．', '、', ')', '）']);
    let mut letters = bare.chars();
    let (Some(letter), None) = (letters.next(), letters.next()) else {
        return answer.to_owned();
    };
    let mut rows = document::parts(&mistake.question).into_iter().filter_map(|part| match part {
        document::Part::Options(choices) => Some(choices),
        document::Part::Text(_) => None,
    });
    let (Some(choices), None) = (rows.next(), rows.next()) else {
        return answer.to_owned();
    };
    // The article `a` is no letter; only a capital is one beside an option that differs in case.
    let is_word =
        |text: &str| text == bare || (letter.is_lowercase() && text.eq_ignore_ascii_case(bare));
    let (named, others): (Vec<_>, Vec<_>) =
        choices.iter().partition(|choice| choice.letter.eq_ignore_ascii_case(&letter));
    if others.iter().any(|choice| is_word(&choice.text)) {
        return answer.to_owned();
    }
    match named.first().filter(|choice| !choice.text.is_empty()) {
        Some(choice) => format!("{}. {}", choice.letter, choice.text),
        None => answer.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::sample;

    const PAGE: Page = Page { width: 46.0, height: 68.0 };

    fn mistake(question: &str) -> Mistake {
        let mut mistake = sample(1).mistakes.remove(0);
        question.clone_into(&mut mistake.question);
        mistake
    }

    #[test]
    fn letter_brings_the_words_of_its_option() {
        let mistake = mistake("Pick.\nA. cat\nB. dog");
        assert_eq!(answer(&mistake, "B"), "B. dog");
        assert_eq!(answer(&mistake, " a. "), "A. cat");
        assert_eq!(answer(&mistake, "D"), "D");
        assert_eq!(answer(&mistake, "dog"), "dog");
    }

    #[test]
    fn article_is_a_word_and_no_letter() {
        let articles = mistake("She is ___ university student.\nA. an\nB. a\nC. the\nD. /");
        for (given, shown) in [("a", "a"), ("A", "A. an"), ("B", "B. a"), ("c", "C. the")] {
            assert_eq!(answer(&articles, given), shown);
        }
        let capitals = mistake("___ cat is here.\nA. An\nB. A\nC. The");
        assert_eq!(["a", "A", "b"].map(|given| answer(&capitals, given)), ["a", "A", "B. A"]);
        let own = mistake("___ cat is here.\nA. a\nB. an");
        assert_eq!(answer(&own, "a"), "A. a");
    }

    #[test]
    fn short_options_stand_side_by_side() {
        let choices = |texts: &[&str]| -> Vec<Choice> {
            let choice =
                |(letter, text): (char, &&str)| Choice { letter, text: (*text).to_owned() };
            ('A'..='H').zip(texts).map(choice).collect()
        };
        assert_eq!(columns(&choices(&["go", "goes", "going", "gone"]), 44.0), 4);
        assert_eq!(columns(&choices(&["a rather long option", "b", "c", "d"]), 44.0), 2);
        let long = "an option that is longer than half of the line it would have to stand on";
        assert_eq!(columns(&choices(&[long, "b", "c", "d"]), 44.0), 1);
        assert_eq!(columns(&choices(&["x", "y", "z"]), 44.0), 3);
    }

    #[test]
    fn what_is_longer_than_a_page_may_be_divided() {
        let style = Style { with_redo_space: false, with_similar: false, ..sample(0).style };
        let entry = |question: &str| Entry::of(&mistake(question), 1, style, PAGE).keep;
        assert_eq!(entry("Short."), Keep::All);
        assert_eq!(entry(&"word ".repeat(300)), Keep::Question);
        assert_eq!(entry(&"word ".repeat(2_000)), Keep::Nothing);
    }

    #[test]
    fn long_right_answers_of_similar_questions_may_be_divided() {
        let style = Style { with_redo_space: false, with_similar: true, ..sample(0).style };
        let entry = |right: &str| {
            let mut mistake = mistake("Short.");
            let similar = document::Similar { question: "Short.".into(), right: right.to_owned() };
            mistake.similar = vec![similar; 2];
            let entry = Entry::of(&mistake, 1, style, PAGE);
            (entry.keep, entry.keep_similar)
        };
        assert_eq!(entry("word"), (Keep::Question, true));
        assert_eq!(entry(&"word ".repeat(380)), (Keep::Question, false));
        // Each of these ends is the end of a line on the page.
        assert_eq!(entry(&"x\r".repeat(380)), (Keep::Question, false));
    }

    #[test]
    fn answers_are_shown_where_they_were_asked_for() {
        let mut style = sample(0).style;
        let mistake = mistake("Pick.\nA. cat\nB. dog");
        for (answers, shown) in
            [(Answers::Inline, true), (Answers::Apart, false), (Answers::None, false)]
        {
            style.answers = answers;
            let entry = Entry::of(&mistake, 1, style, PAGE);
            assert_eq!(entry.solution.is_some(), shown);
            assert!(entry.similar.iter().all(|item| item.right.is_some() == shown));
        }
    }
}
