//! Folders, owners and secrets under `.run/`.

use std::{
    fs,
    io::Write as _,
    os::unix::fs::{MetadataExt as _, OpenOptionsExt as _, PermissionsExt as _, chown},
    path::Path,
    process::Command,
};

use anyhow::Context as _;
use rand::RngExt as _;

/// Creates `folder` with access for its owner alone.
///
/// # Errors
///
/// Fails when the folder cannot be created.
pub fn private_folder(folder: &Path) -> anyhow::Result<()> {
    fs::create_dir_all(folder).with_context(|| format!("cannot create {}", folder.display()))?;
    fs::set_permissions(folder, fs::Permissions::from_mode(0o700))?;
    Ok(())
}

/// Returns the secret kept in `file`, making a random one the first time.
///
/// # Errors
///
/// Fails when the file can neither be read nor written.
pub fn secret(file: &Path) -> anyhow::Result<String> {
    if let Ok(secret) = fs::read_to_string(file) {
        return Ok(secret.trim().to_owned());
    }
    let halves: [u128; 2] = rand::rng().random();
    let secret = format!("{:032x}{:032x}", halves[0], halves[1]);
    write_private(file, &secret)?;
    Ok(secret)
}

/// Writes a file that only its owner can read.
///
/// # Errors
///
/// Fails when the file cannot be written.
pub fn write_private(file: &Path, text: &str) -> anyhow::Result<()> {
    fs::OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(true)
        .mode(0o600)
        .open(file)
        .and_then(|mut open| open.write_all(text.as_bytes()))
        .with_context(|| format!("cannot write {}", file.display()))
}

/// Tells whether this process runs as root.
#[must_use]
pub fn is_root() -> bool {
    fs::metadata("/proc/self").is_ok_and(|process| process.uid() == 0)
}

/// Gives `path` to the account `user`.
///
/// # Errors
///
/// Fails when the account does not exist.
pub fn give_to(path: &Path, user: &str) -> anyhow::Result<()> {
    let output = Command::new("id").args(["-u", user]).output()?;
    let id = String::from_utf8_lossy(&output.stdout)
        .trim()
        .parse()
        .with_context(|| format!("there is no account {user}"))?;
    chown(path, Some(id), None)?;
    Ok(())
}

/// Tells whether the account `user` can write to `folder`.
#[must_use]
pub fn reachable_by(folder: &Path, user: &str) -> bool {
    Command::new("setpriv")
        .args(["--reuid", user, "--regid", user, "--init-groups", "--", "test", "-w"])
        .arg(folder)
        .status()
        .is_ok_and(|status| status.success())
}
