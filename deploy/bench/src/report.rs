//! The table of what was measured.

use std::{fmt::Write as _, fs, path::Path, process::Command};

use chrono::Utc;

/// One line of the table.
struct Line {
    what: String,
    seen: String,
    yardstick: String,
    budget: String,
    /// Empty when the budget holds.
    missed: &'static str,
}

/// What a measurement may be.
pub struct Budget {
    pub text: &'static str,
    pub holds: bool,
    /// Why it is missed, if it is.
    pub why: &'static str,
}

/// Everything that was measured.
#[derive(Default)]
pub struct Report(Vec<Line>);

impl Report {
    /// Adds a measurement.
    pub fn add(
        &mut self,
        what: impl Into<String>,
        seen: impl Into<String>,
        yardstick: impl Into<String>,
        budget: Budget,
    ) {
        self.0.push(Line {
            what: what.into(),
            seen: seen.into(),
            yardstick: yardstick.into(),
            budget: budget.text.to_owned(),
            missed: if budget.holds { "" } else { budget.why },
        });
    }

    /// Writes the table.
    pub fn write(&self, out: &Path) -> anyhow::Result<()> {
        let mut text = String::from(
            "# Measured budgets\n\nWritten by `make bench`. All figures of one table come from one run on one machine, where \
             the services, the stores, the yardsticks and the load share the processors. Compare ratios. Reasons of misses are what we take them for where no figure beside them shows it.\n\n",
        );
        let day = Utc::now().date_naive();
        writeln!(text, "Machine: {}. Measured on {day}, commit {}.\n", machine(), commit())?;
        writeln!(text, "| what | measured | yardstick | budget | holds |\n|---|---|---|---|---|")?;
        for Line { what, seen, yardstick, budget, missed } in &self.0 {
            let holds =
                if missed.is_empty() { "yes".to_owned() } else { format!("**no**: {missed}") };
            writeln!(text, "| {what} | {seen} | {yardstick} | {budget} | {holds} |")?;
        }
        fs::write(out, text)?;
        Ok(())
    }
}

/// What was measured, with `-dirty` where files differed from it.
fn commit() -> String {
    let describe = Command::new("git")
        .args(["describe", "--always", "--dirty"])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output();
    let text = describe.map(|output| String::from_utf8_lossy(&output.stdout).trim().to_owned());
    text.ok().filter(|text| !text.is_empty()).unwrap_or_else(|| "unknown".to_owned())
}

fn machine() -> String {
    let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let read = |file: &str, name: &str| {
        let text = fs::read_to_string(file).unwrap_or_default();
        let line = text.lines().find(|line| line.starts_with(name)).unwrap_or_default().to_owned();
        line.split_once(':').map(|(_, value)| value.trim().to_owned()).unwrap_or_default()
    };
    let memory = read("/proc/meminfo", "MemTotal");
    format!("{cores} cores ({}), {memory}", read("/proc/cpuinfo", "model name"))
}
