//! A book made ready for its pages: numbered, labelled, every text where it will stand. PDF and
//! Markdown are both written from it.

mod cover;
mod entry;

use std::collections::HashMap;

use chrono::Datelike as _;
use cover::Cover;
use entry::{Entry, right_height};
pub(super) use entry::{Part, Solution};
use serde::Serialize;

use super::text::{Text, one_line};
use crate::{
    document::{self, Book, Labels, Language},
    task::{Answers, FontSize, Paper},
};

/// What the template reads.
#[derive(Debug, Serialize)]
pub(super) struct Sheet {
    /// Title and author of the file.
    title: String,
    author: String,
    language: &'static str,
    region: Option<&'static str>,
    /// Year, month, day.
    made_on: [i32; 3],
    paper: &'static str,
    /// Margin at the sides, in millimetres.
    margin: u32,
    /// Size of the type, in points.
    size: f64,
    pub(super) labels: &'static Labels,
    pub(super) cover: Cover,
    /// Stands at the head of every page.
    running: Text,
    pub(super) groups: Vec<Group>,
    pub(super) answers: Vec<Answer>,
}

/// Mistakes under one heading.
#[derive(Debug, Serialize)]
pub(super) struct Group {
    pub(super) name: Text,
    pub(super) count: String,
    pub(super) entries: Vec<Entry>,
}

/// A solution that stands at the end of the book.
#[derive(Debug, Serialize)]
pub(super) struct Answer {
    pub(super) number: usize,
    pub(super) solution: Solution,
    /// Right answers of the similar questions.
    pub(super) similar: Vec<Text>,
    keep: bool,
}

/// Width and height of what is printed on a page, in ems of the type.
#[derive(Clone, Copy, Debug)]
pub(super) struct Page {
    pub(super) width: f64,
    pub(super) height: f64,
}

impl Sheet {
    /// Prepares `book`.
    pub(super) fn of(book: &Book) -> Self {
        let style = book.style;
        let labels = style.language.labels();
        let size = match style.font_size {
            FontSize::Small => 9.5,
            FontSize::Medium => 10.5,
            FontSize::Large => 12.5,
        };
        // Millimetres: width, height, margin.
        let (paper, width, height, margin) = match style.paper {
            Paper::A4 => ("a4", 210.0, 297.0, 20),
            Paper::B5 => ("iso-b5", 176.0, 250.0, 16),
        };
        let em = size / 72.0 * 25.4;
        let page =
            Page { width: (width - 2.0 * f64::from(margin)) / em, height: (height - 44.0) / em };
        let (groups, answers) = content(book, page);
        let names = [book.pupil.as_str(), book.class.as_str()].map(one_line);
        let names: Vec<_> = names.into_iter().filter(|name| !name.is_empty()).collect();
        let running = names.join(" · ");
        Self {
            title: format!("{} · {running}", labels.title),
            author: one_line(&book.teacher),
            language: match style.language {
                Language::Chinese => "zh",
                Language::English => "en",
            },
            region: (style.language == Language::Chinese).then_some("cn"),
            made_on: [
                book.made_on.year(),
                i32::try_from(book.made_on.month()).unwrap_or(1),
                i32::try_from(book.made_on.day()).unwrap_or(1),
            ],
            paper,
            margin,
            size,
            labels,
            cover: Cover::of(book),
            running: running.into(),
            groups,
            answers,
        }
    }
}

fn content(book: &Book, page: Page) -> (Vec<Group>, Vec<Answer>) {
    let labels = book.style.language.labels();
    let (mut groups, mut answers) = (Vec::new(), Vec::new());
    let mut number = 0;
    for group in document::groups(book) {
        let mut entries = Vec::with_capacity(group.mistakes.len());
        for mistake in &group.mistakes {
            number += 1;
            entries.push(Entry::of(mistake, number, book.style, page));
            if book.style.answers == Answers::Apart {
                let solution = Solution::of(mistake, book.style, page);
                let similar = mistake.similar.iter().filter(|_| book.style.with_similar);
                let similar: Vec<Text> = similar.map(|item| item.right.as_str().into()).collect();
                let rights: f64 = similar.iter().map(|right| right_height(right, page)).sum();
                answers.push(Answer {
                    number,
                    keep: solution.height(page) + rights < page.height * 0.4,
                    solution,
                    similar,
                });
            }
        }
        groups.push(Group {
            name: group.name.into(),
            count: labels.questions(entries.len()),
            entries,
        });
    }
    (groups, answers)
}

/// Counts names, the most frequent first, those of equal count in the order they came.
fn tally(names: impl IntoIterator<Item = String>) -> Vec<(String, usize)> {
    let mut counts: Vec<(String, usize)> = Vec::new();
    let mut places = HashMap::new();
    for name in names {
        let place = *places.entry(name.clone()).or_insert(counts.len());
        match counts.get_mut(place) {
            Some((_, count)) => *count += 1,
            None => counts.push((name, 1)),
        }
    }
    counts.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    counts
}
