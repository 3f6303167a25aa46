//! The operator's manual in two languages: its sections, its commands, and what they print; READMEs are read alike.
//!
//! Words after the language of a code fence say what the block is:
//!
//! * ```` ```bash run ````: runs in a checkout beside a system on its usual ports, as after `make run`; every such block
//!   of a manual runs in one shell, in order.
//! * ```` ```bash docker ````: runs in a checkout where there is a Docker engine, before the images of `make compose-test`.
//! * ```` ```bash empty ````: restores a backup, `NAME`, into containers or a machine that have no data yet; run by
//!   `make compose-test` and `make install-test`.
//! * ```` ```bash systemd ````, ```` stores ````, ```` machines ````, ```` proxy ````: run by `make install-test` as root on
//!   machines without Docker.
//! * ```` ```bash internet ````, ```` root ````, …: what the commands need, so that they are run by hand.
//! * ```` ```text output ````: what the block before it prints; `…` stands for anything within a line, alone for any lines.
//! * ```` ```ini deploy/… ````: an excerpt of that file.

mod shell;

use std::{fs, path::Path};

use anyhow::Context as _;
pub use shell::{Shell, check_out, repository, tracked};

/// One of the two manuals.
#[derive(Clone, Debug, Default)]
pub struct Manual {
    pub headings: Vec<Heading>,
    pub blocks: Vec<Block>,
    /// The cells of each row of a table.
    pub rows: Vec<Vec<String>>,
    /// What stands between backticks in the text.
    pub spans: Vec<String>,
    /// Where links lead to.
    pub links: Vec<String>,
}

/// A title and how deep it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Heading {
    pub level: usize,
    pub text: String,
}

/// What stands between two fences.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Block {
    pub line: usize,
    pub language: String,
    /// What the block is, as in `run`.
    pub kind: String,
    pub text: String,
}

/// A block of commands and what they print, where the manual shows it.
#[derive(Clone, Copy, Debug)]
pub struct Commands<'a> {
    pub block: &'a Block,
    pub output: Option<&'a str>,
}

impl Heading {
    /// Returns the number in front, as in `3.2`, or the letter of an appendix.
    #[must_use]
    pub fn number(&self) -> Option<&str> {
        let (first, _) = self.text.split_once(' ')?;
        let number = first.trim_end_matches('.');
        let digits = number.chars().all(|c| c.is_ascii_digit() || c == '.');
        let letter = number.len() == 1 && number.chars().all(|c| c.is_ascii_uppercase());
        (digits || letter && first.ends_with('.')).then_some(number)
    }

    /// Returns the name by which links find it.
    #[must_use]
    pub fn anchor(&self) -> String {
        let kept = |c: &char| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_');
        let text: String = self.text.chars().filter(kept).collect();
        text.to_lowercase().replace(' ', "-")
    }
}

impl Manual {
    /// Reads a manual.
    ///
    /// # Errors
    ///
    /// Fails when the file cannot be read or a fence is left open.
    pub fn read(path: &Path) -> anyhow::Result<Self> {
        let text = fs::read_to_string(path).with_context(|| path.display().to_string())?;
        Self::parse(&text).with_context(|| path.display().to_string())
    }

    fn parse(text: &str) -> anyhow::Result<Self> {
        let mut manual = Self::default();
        let mut open: Option<Block> = None;
        for (number, line) in text.lines().enumerate() {
            match (&mut open, line.strip_prefix("```")) {
                (Some(block), Some("")) => {
                    manual.blocks.push(block.clone());
                    open = None;
                }
                (Some(block), _) => {
                    block.text.push_str(line);
                    block.text.push('\n');
                }
                (None, Some(info)) => {
                    let (language, kind) = info.split_once(' ').unwrap_or((info, ""));
                    let [language, kind] = [language, kind].map(str::to_owned);
                    open = Some(Block { line: number + 1, language, kind, text: String::new() });
                }
                (None, None) => manual.prose(line),
            }
        }
        anyhow::ensure!(open.is_none(), "a fence is left open: {open:?}");
        Ok(manual)
    }

    fn prose(&mut self, line: &str) {
        let level = line.chars().take_while(|&c| c == '#').count();
        if level > 0 && line[level..].starts_with(' ') {
            let text = line[level..].trim().to_owned();
            self.headings.push(Heading { level, text });
            return;
        }
        if let Some(cells) = line.trim_end().strip_prefix('|').and_then(|row| row.strip_suffix('|'))
            && !cells.starts_with("--")
        {
            self.rows.push(cells.split('|').map(|cell| cell.trim().to_owned()).collect());
        }
        self.spans.extend(line.split('`').skip(1).step_by(2).map(str::to_owned));
        let targets = line.split("](").skip(1).filter_map(|rest| rest.split_once(')'));
        self.links.extend(targets.map(|(target, _)| target.to_owned()));
    }

    /// Returns every block of commands with its output.
    #[must_use]
    pub fn commands(&self) -> Vec<Commands<'_>> {
        let mut commands: Vec<Commands<'_>> = Vec::new();
        for block in &self.blocks {
            if block.language == "bash" {
                commands.push(Commands { block, output: None });
            } else if block.kind == "output"
                && let Some(last) = commands.last_mut()
            {
                last.output = Some(&block.text);
            }
        }
        commands
    }

    /// Returns the blocks of commands of one kind.
    #[must_use]
    pub fn commands_for(&self, kind: &str) -> Vec<Commands<'_>> {
        self.commands().into_iter().filter(|commands| commands.block.kind == kind).collect()
    }
}

/// Says where `printed` is not what the manual `shows`, if anywhere.
#[must_use]
pub fn difference(shows: &str, printed: &str) -> Option<String> {
    let [shows, printed] = [shows, printed].map(|text| text.lines().collect::<Vec<_>>());
    if matches(&shows, &printed) {
        return None;
    }
    Some(format!("the manual shows:\n{}\n\nprinted:\n{}", shows.join("\n"), printed.join("\n")))
}

/// Compares lines; a line of `…` alone stands for any number of them.
fn matches(shows: &[&str], printed: &[&str]) -> bool {
    match (shows.split_first(), printed.split_first()) {
        (None, None) => true,
        (Some((&"…", rest)), _) => {
            (0..=printed.len()).any(|skip| matches(rest, &printed[skip..]))
        }
        (Some((first, rest)), Some((line, lines))) => like(first, line) && matches(rest, lines),
        (None, Some(_)) | (Some(_), None) => false,
    }
}

/// Compares one line; `…` stands for any text in it.
fn like(shows: &str, line: &str) -> bool {
    let mut parts = shows.trim_end().split('…');
    let first = parts.next().unwrap_or_default();
    let Some(mut rest) = line.trim_end().strip_prefix(first) else {
        return false;
    };
    let mut last = None;
    for part in parts {
        last = Some(part);
        match rest.find(part) {
            Some(at) => rest = &rest[at + part.len()..],
            None => return false,
        }
    }
    // The last part may also stand further to the right than where it was found first.
    last.map_or(rest.is_empty(), |last| line.trim_end().ends_with(last))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_manual_is_read_in_parts() {
        let text = "# M\n## 1. A b\nSee `x_y` and [it](#1-a-b).\n| a | |\n|---|---|\n| `b` | 1 |\n```bash run\necho `a`\n```\n\n\
             ```text output\na\n```\n### A. Ports\n";
        let manual = Manual::parse(text).unwrap();
        let numbers: Vec<_> = manual.headings.iter().map(Heading::number).collect();
        assert_eq!(numbers, [None, Some("1"), Some("A")]);
        assert_eq!(
            (&manual.spans[..], &manual.links[..]),
            (&["x_y".into(), "b".into()][..], &["#1-a-b".into()][..])
        );
        assert_eq!(manual.rows, [["a", ""], ["`b`", "1"]]);
        assert_eq!(manual.headings[1].anchor(), "1-a-b");
        let commands = manual.commands();
        assert_eq!((commands[0].block.line, commands[0].output), (7, Some("a\n")));
        assert!(Manual::parse("```\nx").is_err());
    }

    #[test]
    fn an_ellipsis_stands_for_what_changes() {
        let same = |shows, printed| difference(shows, printed).is_none();
        assert!(same("a …, b\n", "a 12, b\n"));
        assert!(same("…\nend\n", "1\n2\nend\n"));
        assert!(same("a\n…\n", "a\n"));
        assert!(same("x … x", "x 1 x 2 x"));
        assert!(!same("a …, b\n", "a 12, c\n"));
        assert!(!same("a\n", "a\nb\n"));
        assert!(!same("a …b\n", "a b c\n"));
    }
}
