//! The first page: whose book it is, and its figures.

use serde::Serialize;

use super::tally;
use crate::{
    document::{Book, MistakeStatus},
    render::text::Text,
};

/// Knowledge points that the cover shows.
const TOP: usize = 6;

/// What the first page shows.
#[derive(Debug, Serialize)]
pub(in crate::render) struct Cover {
    pub(in crate::render) pupil: Text,
    pub(in crate::render) facts: Vec<Fact>,
    pub(in crate::render) figures: Vec<Fact>,
    pub(in crate::render) statuses: Vec<Share>,
    pub(in crate::render) points: Vec<Bar>,
    pub(in crate::render) notice: Option<&'static str>,
}

/// A value and what it is.
#[derive(Debug, Serialize)]
pub(in crate::render) struct Fact {
    pub(in crate::render) label: &'static str,
    pub(in crate::render) value: Text,
}

/// How many mistakes are in one state.
#[derive(Debug, Serialize)]
pub(in crate::render) struct Share {
    pub(in crate::render) label: &'static str,
    pub(in crate::render) count: usize,
    /// Darkness of its tint, in percent.
    tint: u32,
}

/// How many mistakes are about one knowledge point.
#[derive(Debug, Serialize)]
pub(in crate::render) struct Bar {
    pub(in crate::render) name: Text,
    pub(in crate::render) count: usize,
    /// Length of its bar, in percent.
    length: usize,
}

impl Cover {
    pub(super) fn of(book: &Book) -> Self {
        let labels = book.style.language.labels();
        let language = book.style.language;
        let mut facts = Vec::new();
        let mut fact = |label, value: &str| {
            if !value.trim().is_empty() {
                facts.push(Fact { label, value: value.into() });
            }
        };
        fact(labels.student_no, &book.student_no);
        fact(labels.class, &book.class);
        fact(labels.teacher, &book.teacher);
        if let Some((from, until)) = book.period {
            fact(labels.period, &labels.period_of(from, until));
        }
        fact(labels.made_on, &language.day(book.made_on));

        let figure = |label, value: String| Fact { label, value: value.into() };
        let mut figures = vec![
            figure(labels.in_book, book.mistakes.len().to_string()),
            figure(labels.in_total, book.total.to_string()),
            figure(labels.mastered, book.mastered.to_string()),
        ];
        // As on the screens: of those that are not ignored, to the nearest percent.
        let counted = u64::from(book.total.saturating_sub(book.ignored));
        let share = u64::from(book.mastered) * 200 + counted;
        if let Some(share) = share.checked_div(counted * 2) {
            figures.push(figure(labels.mastery, format!("{}%", share.min(100))));
        }

        let tints = [
            (MistakeStatus::Pending, 78),
            (MistakeStatus::Reviewing, 48),
            (MistakeStatus::Mastered, 24),
            (MistakeStatus::Ignored, 10),
        ];
        let statuses = tints.into_iter().map(|(status, tint)| Share {
            label: labels.status(status),
            count: book.mistakes.iter().filter(|mistake| mistake.status == status).count(),
            tint,
        });

        let names = book.mistakes.iter().flat_map(|mistake| &mistake.points);
        let names = names.map(|point| point.name(language).trim().to_owned());
        let tallied = tally(names.filter(|name| !name.is_empty()));
        let most = tallied.first().map_or(1, |(_, count)| *count);
        let points = tallied.into_iter().take(TOP).map(|(name, count)| Bar {
            name: name.into(),
            count,
            length: (count * 100).div_ceil(most),
        });
        Self {
            pupil: book.pupil.as_str().into(),
            facts,
            figures,
            statuses: statuses.filter(|share| share.count > 0).collect(),
            points: points.collect(),
            notice: book.truncated.then_some(labels.truncated),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::sample;

    #[test]
    fn figures_add_up() {
        let cover = Cover::of(&sample(40));
        assert_eq!(cover.statuses.iter().map(|share| share.count).sum::<usize>(), 40);
        assert_eq!(cover.points.iter().map(|bar| bar.count).sum::<usize>(), 40);
        assert!(cover.points.is_sorted_by(|a, b| a.count >= b.count));
        assert_eq!(cover.points[0].length, 100);
    }

    #[test]
    fn student_number_tells_pupils_of_one_name_apart() {
        let facts = |student_no: &str| -> Vec<(&str, String)> {
            let book = Book { student_no: student_no.to_owned(), ..sample(1) };
            let facts = Cover::of(&book).facts.into_iter();
            facts.map(|fact| (fact.label, fact.value.0)).collect()
        };
        assert_eq!(facts("2024030127")[0], ("学号", "2024030127".to_owned()));
        assert_eq!(facts(" ")[0].0, "班级");
    }

    #[test]
    fn mastery_is_that_of_the_screens() {
        let mastery = |total, mastered, ignored| {
            let book = Book { total, mastered, ignored, ..sample(1) };
            Cover::of(&book).figures.get(3).map(|figure| figure.value.0.clone())
        };
        assert_eq!(mastery(10, 4, 2).as_deref(), Some("50%"));
        assert_eq!(mastery(3, 2, 0).as_deref(), Some("67%"));
        assert_eq!(mastery(3, 0, 0).as_deref(), Some("0%"));
        assert_eq!(mastery(5, 0, 5), None);
    }

    #[test]
    fn empty_book_has_no_shares() {
        let cover = Cover::of(&sample(0));
        assert!(cover.statuses.is_empty() && cover.points.is_empty());
        assert_eq!(cover.figures.len(), 3);
    }
}
