//! Reads what stands in printed documents.

use std::{fs, path::Path, process::Command};

use anyhow::{Context as _, ensure};

/// Returns the text of a PDF, one string per page.
///
/// # Errors
///
/// Fails when `pdftotext` is missing or cannot read the file.
pub fn pages(scratch: &Path, pdf: &[u8]) -> anyhow::Result<Vec<String>> {
    let file = scratch.join("document.pdf");
    fs::write(&file, pdf)?;
    let output = Command::new("pdftotext")
        .args(["-enc", "UTF-8", "-raw"])
        .arg(&file)
        .arg("-")
        .output()
        .context("pdftotext (package poppler-utils) reads the documents back")?;
    ensure!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let text = String::from_utf8(output.stdout)?;
    Ok(text.trim_end_matches('\u{c}').split('\u{c}').map(str::to_owned).collect())
}

/// Returns the names of the fonts in a PDF that are not embedded.
///
/// # Errors
///
/// Fails when `pdffonts` is missing or cannot read the file.
pub fn foreign_fonts(scratch: &Path, pdf: &[u8]) -> anyhow::Result<Vec<String>> {
    let file = scratch.join("fonts.pdf");
    fs::write(&file, pdf)?;
    let output = Command::new("pdffonts").arg(&file).output()?;
    ensure!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let table = String::from_utf8(output.stdout)?;
    // name, type, encoding, emb, sub, uni, object, id: `emb` is the fifth from the end.
    let fonts = table.lines().skip(2).filter_map(|line| {
        let columns: Vec<_> = line.split_whitespace().collect();
        let embedded = columns.len().checked_sub(5).and_then(|column| columns.get(column))?;
        (*embedded != "yes").then(|| columns[0].to_owned())
    });
    Ok(fonts.collect())
}

/// Removes everything that a line break or justification may change.
#[must_use]
pub fn squeezed(text: &str) -> String {
    text.chars().filter(|c| !c.is_whitespace() && !matches!(c, '\u{ad}' | '-' | '‐')).collect()
}
