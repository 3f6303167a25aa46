//! Who else on this machine may look into what a process reads and writes.

use std::{
    fs::{self, DirBuilder},
    io,
    os::unix::fs::{DirBuilderExt as _, PermissionsExt as _},
    path::Path,
};

/// Makes a folder that its owner alone may enter. One that is there stays as it is, and is
/// complained about when others may read it or write to it.
///
/// # Errors
///
/// Fails when the folder cannot be made.
pub fn private_folder(folder: &Path) -> io::Result<()> {
    make_private(folder)?;
    warn_if_open(folder);
    Ok(())
}

/// Makes a folder that its owner alone may enter, unless it is there.
pub(crate) fn make_private(folder: &Path) -> io::Result<()> {
    DirBuilder::new().recursive(true).mode(0o700).create(folder)
}

/// Complains about a folder that others may read or write.
pub(crate) fn warn_if_open(folder: &Path) {
    if is_open(folder).unwrap_or(false) {
        tracing::warn!(
            folder = %folder.display(),
            "others on this machine may read or write this folder; chmod 700 ends that"
        );
    }
}

/// Tells whether others than the owner and the group may read or write `path`.
pub(crate) fn is_open(path: &Path) -> io::Result<bool> {
    Ok(fs::metadata(path)?.permissions().mode() & 0o006 != 0)
}
