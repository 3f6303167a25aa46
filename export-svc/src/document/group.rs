//! Which mistakes stand together, and in which order.

use std::{cmp::Reverse, collections::HashMap};

use chrono::{Datelike as _, NaiveDate};

use super::{Book, KnowledgePoint, Mistake};
use crate::task::Order;

/// Mistakes under one heading, in the order they are printed.
#[derive(Debug, PartialEq)]
pub struct Group<'a> {
    pub name: String,
    pub mistakes: Vec<&'a Mistake>,
}

/// Groups the mistakes of `book` as its style says.
///
/// Knowledge points: the one with most mistakes first, mistakes without one last; inside, what went
/// wrong most often first. A mistake stands under the first of its points that was asked for, or its
/// first one. Dates: by month, the latest first. Frequency: the most frequent first.
#[must_use]
pub fn groups(book: &Book) -> Vec<Group<'_>> {
    let labels = book.style.language.labels();
    let mut groups: Vec<Group<'_>> = Vec::new();
    let mut places: HashMap<String, usize> = HashMap::new();
    for mistake in &book.mistakes {
        let name = match book.style.order {
            Order::KnowledgePoint => first_point(mistake, book).unwrap_or(labels.other).to_owned(),
            Order::Date => month(mistake.mistaken_on, book),
            Order::Frequency => match mistake.times_wrong {
                times @ 0..=4 => labels.times_wrong(times.max(1)),
                _ => labels.five_times.to_owned(),
            },
        };
        let place = *places.entry(name.clone()).or_insert_with(|| {
            groups.push(Group { name, mistakes: Vec::new() });
            groups.len() - 1
        });
        if let Some(group) = groups.get_mut(place) {
            group.mistakes.push(mistake);
        }
    }
    for group in &mut groups {
        let by_day = book.style.order == Order::Date;
        group.mistakes.sort_by_key(|mistake| {
            let times = if by_day { 0 } else { mistake.times_wrong };
            (Reverse(times), Reverse(mistake.mistaken_on))
        });
    }
    match book.style.order {
        Order::KnowledgePoint => groups.sort_by_key(|group| {
            let unknown = group.mistakes.iter().all(|mistake| first_point(mistake, book).is_none());
            (unknown, Reverse(group.mistakes.len()))
        }),
        Order::Date => groups.sort_by_key(|group| {
            Reverse(group.mistakes.first().and_then(|mistake| mistake.mistaken_on))
        }),
        Order::Frequency => groups.sort_by_key(|group| {
            Reverse(group.mistakes.first().map_or(0, |mistake| mistake.times_wrong))
        }),
    }
    groups
}

fn first_point<'a>(mistake: &'a Mistake, book: &Book) -> Option<&'a str> {
    let name = |point: &'a KnowledgePoint| point.name(book.style.language).trim();
    let mut named = mistake.points.iter().filter(|point| !name(point).is_empty());
    let first = named.clone().next();
    named.find(|point| book.wanted_points.contains(&point.id)).or(first).map(name)
}

fn month(day: Option<NaiveDate>, book: &Book) -> String {
    let labels = book.style.language.labels();
    day.map_or_else(|| labels.no_date.to_owned(), |day| labels.month(day.year(), day.month()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::sample;

    fn named(name: &str) -> KnowledgePoint {
        KnowledgePoint { id: name.to_owned(), name_zh: name.to_owned(), name_en: String::new() }
    }

    fn book(order: Order, mistakes: &[(&str, u32, Option<&str>)]) -> Book {
        let mut book = sample(mistakes.len());
        book.style.order = order;
        for (mistake, (point, times, day)) in book.mistakes.iter_mut().zip(mistakes) {
            mistake.points = vec![named(point)];
            mistake.times_wrong = *times;
            mistake.mistaken_on = day.map(|day| day.parse().unwrap());
        }
        book
    }

    fn outline(book: &Book) -> Vec<(String, Vec<u32>)> {
        let times = |group: &Group<'_>| group.mistakes.iter().map(|m| m.times_wrong).collect();
        groups(book).iter().map(|group| (group.name.clone(), times(group))).collect()
    }

    #[test]
    fn fullest_knowledge_point_comes_first_and_nameless_ones_last() {
        let book = book(
            Order::KnowledgePoint,
            &[
                ("", 9, None),
                (" ", 9, None),
                ("", 9, None),
                ("时态", 1, None),
                ("冠词", 1, None),
                ("冠词", 4, None),
            ],
        );
        let expected = [
            ("冠词".to_owned(), vec![4, 1]),
            ("时态".to_owned(), vec![1]),
            ("其他".to_owned(), vec![9, 9, 9]),
        ];
        assert_eq!(outline(&book), expected);
    }

    #[test]
    fn mistakes_stand_under_the_points_that_were_asked_for() {
        let mut book =
            book(Order::KnowledgePoint, &[("时态", 3, None), ("冠词", 2, None), ("", 1, None)]);
        book.mistakes[0].points.extend(["介词", "冠词"].map(named));
        book.mistakes[2].points.push(named("介词"));
        book.wanted_points = vec!["冠词".to_owned(), String::new()];
        let expected = [("冠词".to_owned(), vec![3, 2]), ("介词".to_owned(), vec![1])];
        assert_eq!(outline(&book), expected);
        book.wanted_points.clear();
        assert_eq!(outline(&book).len(), 3);
    }

    #[test]
    fn latest_month_comes_first_and_latest_day_in_it() {
        let book = book(
            Order::Date,
            &[
                ("", 1, Some("2026-02-27")),
                ("", 2, None),
                ("", 3, Some("2026-03-02")),
                ("", 4, Some("2026-03-20")),
            ],
        );
        let expected = [
            ("2026 年 3 月".to_owned(), vec![4, 3]),
            ("2026 年 2 月".to_owned(), vec![1]),
            ("日期未知".to_owned(), vec![2]),
        ];
        assert_eq!(outline(&book), expected);
    }

    #[test]
    fn most_frequent_comes_first_and_much_is_one_group() {
        let book =
            book(Order::Frequency, &[("", 1, None), ("", 7, None), ("", 5, None), ("", 2, None)]);
        let expected = [
            ("错 5 次及以上".to_owned(), vec![7, 5]),
            ("错 2 次".to_owned(), vec![2]),
            ("错 1 次".to_owned(), vec![1]),
        ];
        assert_eq!(outline(&book), expected);
    }

    #[test]
    fn every_mistake_is_printed_once() {
        for order in [Order::KnowledgePoint, Order::Date, Order::Frequency] {
            let mut book = sample(60);
            book.style.order = order;
            let printed: usize = groups(&book).iter().map(|group| group.mistakes.len()).sum();
            assert_eq!(printed, 60);
        }
    }
}
