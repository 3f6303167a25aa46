//! A mistake book as Markdown, for other programs.

use std::fmt::{self, Write as _};

use super::{
    sheet::{Part, Sheet, Solution},
    text::{Text, printable_plain},
};
use crate::document::{Book, Labels};

/// Writes a mistake book as Markdown. Text of people never becomes markup.
#[must_use]
pub fn markdown(book: &Book) -> String {
    let mut out = String::new();
    // Writing to a string cannot fail.
    let _ = write(&mut out, &Sheet::of(book));
    out
}

fn write(out: &mut String, sheet: &Sheet) -> fmt::Result {
    let (labels, cover) = (sheet.labels, &sheet.cover);
    writeln!(out, "# {} · {}\n", labels.title, line(&cover.pupil))?;
    for fact in cover.facts.iter().chain(&cover.figures) {
        writeln!(out, "- {}{}{}", fact.label, colon(labels), line(&fact.value))?;
    }
    for share in &cover.statuses {
        writeln!(out, "- {}{}{}", share.label, colon(labels), share.count)?;
    }
    if !cover.points.is_empty() {
        writeln!(out, "\n**{}**\n", labels.by_point)?;
        for bar in &cover.points {
            writeln!(out, "- {}{}{}", line(&bar.name), colon(labels), bar.count)?;
        }
    }
    if let Some(notice) = cover.notice {
        writeln!(out, "\n> {notice}")?;
    }
    if sheet.groups.is_empty() {
        writeln!(out, "\n## {}\n\n{}", labels.empty_title, labels.empty_text)?;
    }
    contents(out, sheet)?;
    for (index, group) in sheet.groups.iter().enumerate() {
        writeln!(out, "\n<a id=\"part-{}\"></a>\n", index + 1)?;
        writeln!(out, "## {} ({})", line(&group.name), group.count)?;
        for entry in &group.entries {
            writeln!(out, "\n### {}.\n", entry.number)?;
            writeln!(out, "{} · {}\n", line(&entry.meta), entry.status)?;
            parts(out, &entry.parts)?;
            if let Some(solution) = &entry.solution {
                self::solution(out, solution, labels)?;
            }
            if !entry.similar.is_empty() {
                writeln!(out, "\n**{}**", labels.similar)?;
                for item in &entry.similar {
                    writeln!(out)?;
                    parts(out, &item.parts)?;
                    if let Some(right) = &item.right {
                        writeln!(out, "\n{}{}{}", labels.right, colon(labels), lines(right))?;
                    }
                }
            }
            if entry.redo > 0 {
                writeln!(out, "\n**{}**", labels.redo)?;
            }
            for _ in 0..entry.redo {
                // A rule, as a line to write on.
                writeln!(out, "\n&nbsp;\n\n___")?;
            }
        }
    }
    if !sheet.answers.is_empty() {
        writeln!(out, "\n<a id=\"answers\"></a>\n\n## {}", labels.answers)?;
    }
    for answer in &sheet.answers {
        writeln!(out, "\n### {}.", answer.number)?;
        solution(out, &answer.solution, labels)?;
        for right in &answer.similar {
            writeln!(out, "\n{}{}{}", labels.similar, colon(labels), lines(right))?;
        }
    }
    Ok(())
}

fn contents(out: &mut String, sheet: &Sheet) -> fmt::Result {
    if sheet.groups.is_empty() {
        return Ok(());
    }
    writeln!(out, "\n**{}**\n", sheet.labels.contents)?;
    for (index, group) in sheet.groups.iter().enumerate() {
        writeln!(out, "- [{}](#part-{}) ({})", line(&group.name), index + 1, group.count)?;
    }
    if !sheet.answers.is_empty() {
        writeln!(out, "- [{}](#answers)", sheet.labels.answers)?;
    }
    Ok(())
}

fn parts(out: &mut String, parts: &[Part]) -> fmt::Result {
    for (index, part) in parts.iter().enumerate() {
        if index > 0 {
            writeln!(out)?;
        }
        match part {
            Part::Text { text } => writeln!(out, "{}", lines(text))?,
            Part::Options { options, .. } => {
                for (letter, text) in options {
                    writeln!(out, "- {letter} {}", line(text))?;
                }
            }
        }
    }
    Ok(())
}

fn solution(out: &mut String, solution: &Solution, labels: &Labels) -> fmt::Result {
    let Solution { wrong, right, notes, origin, .. } = solution;
    if let Some(wrong) = wrong {
        writeln!(out, "\n**{}**{}{}", labels.wrong, colon(labels), lines(wrong))?;
    }
    if let Some(right) = right {
        writeln!(out, "\n**{}**{}{}", labels.right, colon(labels), lines(right))?;
    }
    for (label, text) in notes {
        writeln!(out, "\n**{label}**{}{}", colon(labels), lines(text))?;
    }
    if let Some(origin) = origin {
        writeln!(out, "\n_{}_", line(origin))?;
    }
    Ok(())
}

fn colon(labels: &Labels) -> &'static str {
    if labels.is_chinese() { "：" } else { ": " }
}

/// Escapes a text on one line.
fn line(text: &Text) -> String {
    let clean = printable_plain(&text.0);
    escape(&clean.split_whitespace().collect::<Vec<_>>().join(" "))
}

/// Escapes a text and keeps its lines, with hard breaks.
fn lines(text: &Text) -> String {
    let clean = printable_plain(&text.0);
    let lines = clean.lines().map(str::trim).filter(|line| !line.is_empty());
    lines.map(escape).collect::<Vec<_>>().join("\\\n")
}

/// Escapes what Markdown or HTML would read as markup; `line` stands at the start of a line.
fn escape(line: &str) -> String {
    let mut escaped = String::with_capacity(line.len() + 8);
    // `1.` and `1)` at the start of a line would become a list.
    let digits = line.len() - line.trim_start_matches(|c: char| c.is_ascii_digit()).len();
    for (at, c) in line.char_indices() {
        let markup = match c {
            '\\' | '`' | '*' | '_' | '{' | '}' | '[' | ']' | '<' | '>' | '#' | '|' | '~' | '$'
            | '&' | '!' => true,
            '+' | '-' | '=' | ':' => at == 0,
            '.' | ')' => at == digits && digits > 0,
            _ => false,
        };
        if markup {
            escaped.push('\\');
        }
        escaped.push(c);
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{document::sample, task::Answers};

    #[test]
    fn markup_is_escaped() {
        assert_eq!(escape("*a* _b_ `c` [d](e)"), r"\*a\* \_b\_ \`c\` \[d\](e)");
        assert_eq!(escape("<b>&amp;</b>"), r"\<b\>\&amp;\</b\>");
        assert_eq!(escape("# not a heading"), r"\# not a heading");
        assert_eq!(escape("- x - y"), r"\- x - y");
        assert_eq!(escape("1. one 2. two"), r"1\. one 2. two");
        assert_eq!(escape("12) x"), r"12\) x");
        assert_eq!(escape(r"\"), r"\\");
    }

    #[test]
    fn text_of_people_opens_no_heading() {
        let mut book = sample(1);
        book.mistakes[0].question = "# one\n## two\n> three".to_owned();
        let headings = |book: &Book| markdown(book).lines().filter(|l| l.starts_with('#')).count();
        assert_eq!(headings(&book), headings(&sample(1)));
    }

    #[test]
    fn book_tells_everything_once() {
        let mut book = sample(12);
        for answers in [Answers::Inline, Answers::Apart] {
            book.style.answers = answers;
            let text = markdown(&book);
            assert_eq!(text.matches("**正确答案**").count(), 12, "{text}");
            assert_eq!(text.matches("**怎样记住**").count(), 12);
        }
        book.style.answers = Answers::None;
        assert!(!markdown(&book).contains("正确答案"));
    }

    #[test]
    fn contents_lead_to_every_part_and_lines_wait_for_the_pen() {
        let mut book = sample(12);
        book.style.answers = Answers::Apart;
        let text = markdown(&book);
        let links: Vec<_> = text.split("](#").skip(1).collect();
        let targets = links.iter().filter_map(|link| link.split_once(')')).map(|(to, _)| to);
        let targets: Vec<_> = targets.collect();
        assert!(targets.len() > 2 && targets.contains(&"answers"), "{targets:?}");
        for target in targets {
            assert_eq!(text.matches(&format!("<a id=\"{target}\">")).count(), 1, "{target}");
        }
        assert_eq!(text.matches("**订正**").count(), 12);
        book.style.with_redo_space = false;
        assert!(!markdown(&book).contains("订正") && !markdown(&book).contains("___"));
    }

    #[test]
    fn empty_book_is_friendly() {
        assert!(!markdown(&sample(0)).contains("目录"));
        assert!(markdown(&sample(0)).contains("这里还没有错题"));
    }
}
