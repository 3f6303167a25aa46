//! Runs the commands of a manual as they are printed.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Stdio,
    time::Duration,
};

use anyhow::{Context as _, ensure};
use tokio::process::Command;

use super::{Commands, difference};

/// Begins the line that separates what the blocks print.
const MARK: char = '\u{1e}';

/// A shell in a copy of this checkout.
#[derive(Debug)]
pub struct Shell {
    pub folder: PathBuf,
    pub command: Command,
    /// How long all blocks together may take.
    pub limit: Duration,
}

impl Shell {
    /// Copies this checkout into `folder`, with a home beside its files.
    ///
    /// # Errors
    ///
    /// Fails when the folder cannot be filled.
    pub fn in_checkout(folder: &Path, limit: Duration) -> anyhow::Result<Self> {
        let home = folder.join("home");
        fs::create_dir_all(&home)?;
        check_out(folder)?;
        let mut command = Command::new("bash");
        command.current_dir(folder).env("HOME", home).stdin(Stdio::null()).kill_on_drop(true);
        Ok(Self { folder: folder.to_owned(), command, limit })
    }

    /// Runs all blocks in order and compares what they print. `spell` changes what is run, and
    /// `read` what was printed, where this system has other ports than the manual's.
    ///
    /// # Errors
    ///
    /// Fails with the line of the first block that fails or prints something else.
    pub async fn run(
        mut self,
        blocks: &[Commands<'_>],
        spell: impl Fn(&str) -> String,
        read: impl Fn(&str) -> String,
    ) -> anyhow::Result<()> {
        let mut script = vec!["set -euo pipefail\nexec 2>&1".to_owned()];
        for (number, commands) in blocks.iter().enumerate() {
            let file = self.folder.join(format!("home/{number}"));
            fs::write(&file, spell(&commands.block.text))?;
            script.push(format!("printf '{MARK}%s\\n' {number}\n. '{}'", file.display()));
        }
        let running = self.command.arg("-c").arg(script.join("\n")).output();
        let output = tokio::time::timeout(self.limit, running).await.context("it takes long")??;
        let printed = read(&String::from_utf8_lossy(&output.stdout));
        let printed = printed.split(MARK).skip(1);
        let printed: Vec<_> =
            printed.map(|text| text.split_once('\n').map_or("", |(_, text)| text)).collect();
        let (all, run) = (blocks.len(), printed.len());
        for (number, (commands, text)) in blocks.iter().zip(&printed).enumerate() {
            let line = commands.block.line;
            let failed = number + 1 == run && !output.status.success();
            ensure!(!failed, "line {line} failed with {}:\n{text}", output.status);
            if let Some(difference) = difference(commands.output.unwrap_or("…"), text) {
                anyhow::bail!("line {line}: {difference}");
            }
        }
        ensure!(output.status.success() && run == all, "{run} of {all} blocks ran");
        Ok(())
    }
}

/// Copies the files of this checkout that git knows into `folder`.
///
/// # Errors
///
/// Fails when the folder cannot be filled.
pub fn check_out(folder: &Path) -> anyhow::Result<()> {
    for path in tracked()? {
        let (from, to) = (repository().join(&path), folder.join(&path));
        fs::create_dir_all(to.parent().unwrap_or(folder))?;
        fs::copy(from, to).context(path)?;
    }
    Ok(())
}

/// Returns the folder of this checkout.
#[must_use]
pub fn repository() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.parent().unwrap_or(here).to_owned()
}

/// Returns the files of this checkout that git knows.
///
/// # Errors
///
/// Fails where there is no git.
pub fn tracked() -> anyhow::Result<Vec<String>> {
    let mut git = std::process::Command::new("git");
    let output = git.arg("ls-files").current_dir(repository()).output().context("git")?;
    ensure!(output.status.success(), "{} is no checkout of git", repository().display());
    Ok(String::from_utf8(output.stdout)?.lines().map(str::to_owned).collect())
}
