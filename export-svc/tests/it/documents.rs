//! What people get: text, pages and fonts of finished files.

use std::{fs, process::Command};

use export_svc::{
    document::{Book, Mistake, Similar, sample},
    render,
    task::{Answers, Order, Paper},
};
use uuid::Uuid;

/// Runs a tool of poppler over a PDF and returns what it prints.
pub fn poppler(tool: &str, arguments: &[&str], pdf: &[u8]) -> String {
    let path = std::env::temp_dir().join(format!("{}.pdf", Uuid::now_v7()));
    fs::write(&path, pdf).unwrap();
    let mut command = Command::new(tool);
    command.args(arguments).arg(&path);
    if tool == "pdftotext" {
        command.arg("-");
    }
    let output = command.output().unwrap();
    fs::remove_file(&path).unwrap();
    assert!(output.status.success(), "{tool}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

fn text(book: &Book) -> String {
    poppler("pdftotext", &["-layout"], &render::pdf(book).unwrap())
}

/// Text without blanks, since lines break where they must.
fn dense(text: &str) -> String {
    text.chars().filter(|c| !c.is_whitespace() && *c != '\u{200B}').collect()
}

fn pages(book: &Book) -> usize {
    let info = poppler("pdfinfo", &[], &render::pdf(book).unwrap());
    let line = info.lines().find_map(|line| line.strip_prefix("Pages:")).unwrap();
    line.trim().parse().unwrap()
}

fn with_question(question: &str) -> Book {
    let mut book = sample(1);
    let mistake = Mistake { question: question.to_owned(), ..book.mistakes[0].clone() };
    book.mistakes = vec![mistake];
    book
}

#[test]
fn book_gives_back_its_text_and_its_page_numbers() {
    let book = sample(12);
    let text = text(&book);
    let found = dense(&text);
    for mistake in &book.mistakes {
        let stem = mistake.question.lines().next().unwrap();
        assert!(found.contains(&dense(stem)), "{stem} is missing in\n{text}");
        let analysis = mistake.analysis.as_ref().unwrap();
        assert!(found.contains(&dense(&analysis.how_to_remember)), "{text}");
    }
    let pages = pages(&book);
    for page in 1..=pages {
        assert!(found.contains(&format!("第{page}/{pages}页")), "page {page} of {pages}");
    }
    for expected in
        ["林晓雨", "高二（3）班", "陈老师", "目录", "待复习", "来源：规则", "来源：qwen-plus"]
    {
        assert!(found.contains(expected), "{expected} is missing in\n{text}");
    }
}

#[test]
fn file_is_tagged_titled_and_brings_its_fonts() {
    let pdf = render::pdf(&sample(5)).unwrap();
    let info = poppler("pdfinfo", &[], &pdf);
    assert!(info.contains("英语错题本 · 林晓雨 · 高二（3）班"), "{info}");
    assert!(info.contains("陈老师"), "{info}");
    assert!(
        info.lines().any(|line| line.starts_with("Tagged:") && line.ends_with("yes")),
        "{info}"
    );
    let language = pdf.windows(9).any(|part| part == b"/Lang(zh-" || part == b"/Lang (zh");
    assert!(language, "no language");

    let fonts = poppler("pdffonts", &[], &pdf);
    let mut rows = fonts.lines().skip(2).peekable();
    assert!(rows.peek().is_some());
    for row in rows {
        let columns: Vec<_> = row.split_whitespace().rev().collect();
        assert_eq!(columns[4], "yes", "not embedded: {row}");
        assert_eq!(columns[2], "yes", "text cannot be taken out of: {row}");
    }
}

#[test]
fn both_papers_have_their_size() {
    for (paper, size) in [(Paper::A4, "595.276 x 841.89"), (Paper::B5, "498.898 x 708.661")] {
        let mut book = sample(3);
        book.style.paper = paper;
        let info = poppler("pdfinfo", &[], &render::pdf(&book).unwrap());
        assert!(info.contains(size), "{info}");
    }
}

#[test]
fn what_looks_like_markup_is_text() {
    let text = r"#let x = 1; *a* _b_ $x$ <b>c</b> \d `e` @f [g] = h // i /* j */ - k https://l.org";
    let mut book = with_question(text);
    book.pupil = "#panic() *王*".to_owned();
    book.mistakes[0].wrong = "#read(\"/etc/passwd\")".to_owned();
    book.mistakes[0].right = "$ sum_(i=0) $".to_owned();
    let shown = self::text(&book);
    let found = dense(&shown);
    for expected in [text, "#panic()*王*", "#read(\"/etc/passwd\")", "$sum_(i=0)$"] {
        assert!(found.contains(&dense(expected)), "{expected} is missing in\n{shown}");
    }
}

#[test]
fn what_has_no_shape_is_marked_and_what_cannot_be_seen_is_gone() {
    let book = with_question(
        "one\u{0}two\u{7}\u{202e}three \u{10fffd} four\tfive \u{1F600}\u{200d}\u{fe0f} six",
    );
    let shown = text(&book);
    let found = dense(&shown);
    assert!(found.contains("onetwothree\u{fffd}fourfive"), "{shown}");
    assert!(found.contains("six"), "{shown}");
    assert!(!found.chars().any(char::is_control), "{shown}");
}

#[test]
fn phonetic_signs_and_quotation_marks_are_shown() {
    let book = with_question("/ˈθɔːtfʊl/ “don’t” 她说：“好！” naïve café ① ✓ → ≠ Ω");
    let found = dense(&text(&book));
    for expected in ["/ˈθɔːtfʊl/", "“don’t”", "她说：“好！”", "naïvecafé", "①✓→≠Ω"]
    {
        assert!(found.contains(expected), "{expected} is missing in {found}");
    }
}

#[test]
fn long_words_and_long_questions_are_whole() {
    let word: String = ('a'..='z').cycle().take(400).collect();
    assert!(dense(&text(&with_question(&word))).contains(&word));

    let words: Vec<_> = (0..1_700).map(|n| format!("word{n}")).collect();
    let question = words.join(" ");
    assert!(question.len() > 10_000);
    let found = dense(&text(&with_question(&question)));
    let missing: Vec<_> = words.iter().filter(|word| !found.contains(*word)).collect();
    assert!(missing.is_empty(), "{missing:?}");
    assert!(pages(&with_question(&question)) >= 4);
}

#[test]
fn empty_book_is_one_friendly_page() {
    let book = sample(0);
    assert_eq!(pages(&book), 1);
    let shown = dense(&text(&book));
    assert!(shown.contains("这里还没有错题") && shown.contains("林晓雨"), "{shown}");
}

#[test]
fn answers_stand_where_they_were_asked_for() {
    let mut book = sample(6);
    let right = "has been";
    book.mistakes[4].right = format!("{right} there, of course");
    book.style.order = Order::Date;
    let mut found = Vec::new();
    for answers in [Answers::Inline, Answers::Apart, Answers::None] {
        book.style.answers = answers;
        book.style.with_redo_space = true;
        let text = dense(&text(&book));
        found.push((text.contains("hasbeenthere,ofcourse"), text.contains("答案与解析")));
    }
    assert_eq!(found, [(true, false), (true, true), (false, false)]);
}

#[test]
fn question_stays_with_its_answers() {
    let mut book = sample(40);
    book.style.with_redo_space = true;
    let text = poppler("pdftotext", &["-layout"], &render::pdf(&book).unwrap());
    let mut total = 0;
    for page in text.split('\u{c}').skip(1).map(dense) {
        let questions: usize = (1..=3).map(|n| page.matches(&format!("错{n}次·")).count()).sum();
        assert_eq!(page.matches("我的答案").count(), questions, "{page}");
        total += questions;
    }
    assert_eq!(total, 40);
}

#[test]
fn english_book_speaks_english() {
    let mut book = sample(4);
    book.style.language = export_svc::document::Language::English;
    let text = text(&book);
    for expected in
        ["English Mistake Book", "Page 1 / ", "Right answer", "Present perfect", "Source: rules"]
    {
        assert!(text.contains(expected), "{expected} is missing in\n{text}");
    }
}

#[test]
fn long_answers_of_similar_questions_are_whole() {
    let mut book = sample(1);
    let words = |name: &str| (0..190).map(|n| format!("{name}{n:04}")).collect::<Vec<_>>();
    let rights = [words("first"), words("other")];
    let similar = rights
        .iter()
        .map(|words| Similar { question: "Write about it.".to_owned(), right: words.join("\n") });
    book.mistakes[0].similar = similar.collect();
    book.style.with_similar = true;
    for answers in [Answers::Inline, Answers::Apart] {
        book.style.answers = answers;
        // What runs off a page is in the file, but not within the page.
        let all = ["-layout", "-nopgbrk", "-x", "0", "-y", "0", "-W", "596", "-H", "842"];
        let found = dense(&poppler("pdftotext", &all, &render::pdf(&book).unwrap()));
        let missing: Vec<_> =
            rights.iter().flatten().filter(|word| !found.contains(*word)).collect();
        assert!(missing.is_empty(), "{answers:?}: {missing:?}");
    }
}

#[test]
fn strange_books_are_rendered() {
    let mut book = sample(3);
    book.class.clear();
    book.teacher.clear();
    book.period = None;
    book.truncated = true;
    for mistake in &mut book.mistakes {
        mistake.points.clear();
        mistake.question.clear();
        mistake.wrong = "x\n".repeat(300);
        mistake.right.clear();
        mistake.mistaken_on = None;
        mistake.analysis = None;
        mistake.similar = vec![Similar { question: "A. x\nB. y".to_owned(), right: String::new() }];
    }
    for order in [Order::KnowledgePoint, Order::Date, Order::Frequency] {
        book.style.order = order;
        assert!(text(&book).contains("最近的"));
    }
    assert!(render::markdown(&book).starts_with("# 英语错题本"));
}
