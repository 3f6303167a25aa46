//! `export-svc render-sample`: writes a made-up book, to look at the design and to measure.

use std::{
    fs,
    io::{self, Write as _},
    path::PathBuf,
    time::Instant,
};

use anyhow::{Context as _, bail};
use export_svc::{
    document::{Book, Language, sample},
    render,
    task::{Answers, FontSize, Format, Order, Paper},
};

const USAGE: &str = "usage: export-svc render-sample --out FILE [--mistakes N] [--paper a4|b5] \
                     [--order knowledge_point|date|frequency] [--answers inline|apart|none] \
                     [--font-size small|medium|large] [--locale zh-CN|en] \
                     [--format pdf|markdown] [--times N] [--plain]";

/// Renders the book that `arguments` describe, `--times` times, and says how long each took.
pub(crate) fn render(arguments: &[String]) -> anyhow::Result<()> {
    let mut arguments = arguments.iter().map(String::as_str);
    let (mut out, mut mistakes, mut times, mut format) = (None, 20, 1_usize, Format::Pdf);
    let mut style = sample(0).style;
    while let Some(flag) = arguments.next() {
        if flag == "--plain" {
            (style.with_redo_space, style.with_similar, style.with_analysis) =
                (false, false, false);
            continue;
        }
        let value = arguments.next().context(USAGE)?;
        let known = |name| format!("{flag} does not know {name}");
        match flag {
            "--out" => out = Some(PathBuf::from(value)),
            "--mistakes" => mistakes = value.parse().context("--mistakes is no number")?,
            "--times" => times = value.parse().context("--times is no number")?,
            "--paper" => style.paper = Paper::from_name(value).with_context(|| known(value))?,
            "--order" => style.order = Order::from_name(value).with_context(|| known(value))?,
            "--answers" => {
                style.answers = Answers::from_name(value).with_context(|| known(value))?;
            }
            "--font-size" => {
                style.font_size = FontSize::from_name(value).with_context(|| known(value))?;
            }
            "--locale" => style.language = Language::of(value),
            "--format" => format = Format::from_name(value).with_context(|| known(value))?,
            _ => bail!("{USAGE}"),
        }
    }
    let out = out.context(USAGE)?;
    render::check_fonts(None)?;
    let mut stdout = io::stdout();
    let mut content = Vec::new();
    for turn in 0..times.max(1) {
        let mut book = sample(mistakes);
        book.style = style;
        if turn > 0 {
            vary(&mut book, turn);
        }
        let start = Instant::now();
        content = match format {
            Format::Pdf => render::pdf(&book)?,
            Format::Markdown => render::markdown(&book).into_bytes(),
        };
        let bytes = content.len();
        writeln!(stdout, "{mistakes} mistakes, {bytes} bytes, {:.1?}", start.elapsed())?;
    }
    fs::write(&out, content).with_context(|| format!("{} cannot be written", out.display()))
}

/// Gives every text a mark of its turn, as if the book were another pupil's: what the printer
/// remembers of the one before is of no use. All turns are of the same length.
fn vary(book: &mut Book, turn: usize) {
    let mark = |text: &mut String| {
        // A letter alone stands for an option, which has its mark.
        if text.chars().count() > 1 {
            let lines = text.lines().map(|line| format!("{line} {:04}", turn % 10_000));
            *text = lines.collect::<Vec<_>>().join("\n");
        }
    };
    let texts = [&mut book.pupil, &mut book.class, &mut book.teacher];
    texts.into_iter().for_each(mark);
    for mistake in &mut book.mistakes {
        let texts = [
            &mut mistake.question,
            &mut mistake.wrong,
            &mut mistake.right,
            &mut mistake.explanation,
        ];
        texts.into_iter().for_each(mark);
        mark(&mut mistake.source);
        for point in &mut mistake.points {
            mark(&mut point.name_zh);
            mark(&mut point.name_en);
        }
        if let Some(analysis) = &mut mistake.analysis {
            mark(&mut analysis.kind_zh);
            mark(&mut analysis.what_went_wrong);
            mark(&mut analysis.why_right);
            mark(&mut analysis.how_to_remember);
        }
        for similar in &mut mistake.similar {
            mark(&mut similar.question);
            mark(&mut similar.right);
        }
    }
}
