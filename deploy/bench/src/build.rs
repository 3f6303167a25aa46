//! Building everything from nothing.

use std::{
    fs,
    path::Path,
    process::Command,
    time::{Duration, Instant},
};

use anyhow::{Context as _, ensure};

use crate::report::{Budget, Report};

/// Builds the workspace for release into an empty folder. Sources of dependencies lie on the
/// machine already: other programs of the same lock file were built from them.
pub fn measure(report: &mut Report, folder: &Path) -> anyhow::Result<()> {
    let target = folder.join("target");
    if target.exists() {
        fs::remove_dir_all(&target)?;
    }
    let start = Instant::now();
    let status = Command::new("cargo")
        .args(["build", "--quiet", "--release", "--locked", "--workspace", "--bins"])
        .env("CARGO_TARGET_DIR", &target)
        .status()
        .context("cargo cannot be run")?;
    let took = start.elapsed();
    fs::remove_dir_all(&target)?;
    ensure!(status.success(), "the build failed");
    report.add(
        "clean release build of the workspace",
        format!("{:.1} min", took.as_secs_f64() / 60.0),
        "",
        Budget {
            text: "15 min on two cores",
            holds: took < Duration::from_mins(15),
            why: "most of it are typst, candle and the vector engine, which are compiled from source",
        },
    );
    Ok(())
}
