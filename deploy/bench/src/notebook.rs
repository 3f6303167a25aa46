//! Printing notebooks.

use std::{
    fs,
    path::Path,
    process::{Command, Stdio},
    time::{Duration, Instant},
};

use anyhow::{Context as _, ensure};

use crate::{
    report::{Budget, Report},
    sample::{self, ms},
};

/// Turns the Markdown of the same notebook into a PDF and says how long that took, in seconds.
const WEASYPRINT: &str = "
import sys, time, markdown, weasyprint
html = markdown.markdown(open(sys.argv[1], encoding='utf-8').read(), extensions=['tables'])
page = weasyprint.HTML(string='<meta charset=utf-8><style>body{font-family:\"Noto Sans CJK SC\"}</style>' + html)
page.write_pdf(sys.argv[2])
start = time.perf_counter()
weasyprint.HTML(string='<meta charset=utf-8><style>body{font-family:\"Noto Sans CJK SC\"}</style>' + html).write_pdf(sys.argv[2])
print(time.perf_counter() - start)
";

/// Measures one large notebook against `WeasyPrint`, and 600 small ones on two processes.
pub fn measure(report: &mut Report, binaries: &Path, folder: &Path) -> anyhow::Result<()> {
    let export = binaries.join("export-svc");
    let large = times(&export, folder, "50", "30")?;
    let warm = median(&large[5..]);
    let other = weasyprint(&export, folder)?;
    report.add(
        "PDF of a notebook of 50 mistakes, warm, median of 25",
        ms(warm),
        format!("WeasyPrint, warm, the same notebook: {}", ms(other)),
        Budget {
            text: "50 ms and 1/100 of WeasyPrint",
            holds: warm < Duration::from_millis(50) && warm * 100 <= other,
            why: "every text is new each time, so that nothing is remembered; our book has columns, boxes \
                  and tags, WeasyPrint sets the plain Markdown of it",
        },
    );
    let start = Instant::now();
    let workers: Vec<_> = (0..2)
        .map(|worker| {
            Command::new(&export)
                .args(["render-sample", "--mistakes", "4", "--times", "300", "--plain", "--out"])
                .arg(folder.join(format!("small-{worker}.pdf")))
                .stdout(Stdio::null())
                .spawn()
        })
        .collect::<Result<_, _>>()?;
    for mut worker in workers {
        ensure!(worker.wait()?.success(), "export-svc failed");
    }
    let took = start.elapsed();
    for worker in 0..2 {
        let pages = pages(&folder.join(format!("small-{worker}.pdf")))?;
        ensure!(pages == 2, "a small notebook has {pages} pages instead of two");
    }
    report.add(
        "600 notebooks of two pages on two processes",
        format!("{:.1} s", took.as_secs_f64()),
        "",
        Budget {
            text: "15 s on two cores",
            holds: took < Duration::from_secs(15),
            why: "every book is new, and each is a document of its own with its own fonts in it",
        },
    );
    Ok(())
}

/// Renders a sample again and again and returns how long each took.
fn times(
    export: &Path,
    folder: &Path,
    mistakes: &str,
    times: &str,
) -> anyhow::Result<Vec<Duration>> {
    let output = Command::new(export)
        .args(["render-sample", "--mistakes", mistakes, "--times", times, "--out"])
        .arg(folder.join("large.pdf"))
        .output()?;
    ensure!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    text.lines().map(|line| sample::duration(line.rsplit(' ').next().context("no time")?)).collect()
}

fn pages(pdf: &Path) -> anyhow::Result<u32> {
    let output = Command::new("pdfinfo").arg(pdf).output().context("pdfinfo cannot be run")?;
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let pages = text.lines().find_map(|line| line.strip_prefix("Pages:")).context("no pages")?;
    Ok(pages.trim().parse()?)
}

fn median(times: &[Duration]) -> Duration {
    let mut times = times.to_vec();
    times.sort_unstable();
    times.get(times.len() / 2).copied().unwrap_or_default()
}

fn weasyprint(export: &Path, folder: &Path) -> anyhow::Result<Duration> {
    let environment = folder.join("weasyprint");
    let python = environment.join("bin/python");
    if !python.exists() {
        run(Command::new("python3").args(["-m", "venv"]).arg(&environment))?;
        let pip = ["-m", "pip", "install", "-q", "weasyprint==66.0", "markdown==3.9"];
        run(Command::new(&python).args(pip))?;
    }
    let markdown = folder.join("large.md");
    run(Command::new(export)
        .args(["render-sample", "--mistakes", "50", "--format", "markdown", "--out"])
        .arg(&markdown)
        .stdout(Stdio::null()))?;
    let output = Command::new(&python)
        .args(["-c", WEASYPRINT])
        .arg(&markdown)
        .arg(folder.join("weasyprint.pdf"))
        .output()?;
    ensure!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    fs::metadata(folder.join("weasyprint.pdf"))?;
    let seconds: f64 = String::from_utf8_lossy(&output.stdout).trim().parse()?;
    Ok(Duration::from_secs_f64(seconds))
}

fn run(command: &mut Command) -> anyhow::Result<()> {
    let status = command.status().with_context(|| format!("{command:?} cannot be run"))?;
    ensure!(status.success(), "{command:?} failed");
    Ok(())
}
