//! What a process leaves in a local folder that is killed while it writes a file.

use std::{fs, io, path::Path, time::SystemTime};

/// Deletes files of the store that were begun and never finished, and have not changed since
/// `moment`. The store writes `name#1` and renames it at the end; it lists no such file.
pub(super) fn sweep(folder: &Path, moment: SystemTime) -> io::Result<usize> {
    let entries = match fs::read_dir(folder) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(0),
        entries => entries?,
    };
    let mut swept = 0;
    for entry in entries {
        let entry = entry?;
        let path = entry.path();
        // Another process may finish it or sweep at the same time.
        let removed = entry.metadata().and_then(|about| {
            if about.is_dir() {
                let swept = sweep(&path, moment)?;
                if swept > 0 {
                    // Goes when that was all there was.
                    let _ = fs::remove_dir(&path);
                }
                return Ok(swept);
            }
            if !is_staged(&path) || about.modified()? >= moment {
                return Ok(0);
            }
            fs::remove_file(&path)?;
            tracing::info!(path = %path.display(), "deleted a file that was never finished");
            Ok(1)
        });
        match removed {
            Ok(count) => swept += count,
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return Err(error),
        }
    }
    Ok(swept)
}

/// Tells whether the store has begun a file and not finished it.
fn is_staged(path: &Path) -> bool {
    let name = path.file_name().and_then(|name| name.to_str());
    let number = name.and_then(|name| name.rsplit_once('#')).map(|(_, number)| number);
    number.is_some_and(|number| !number.is_empty() && number.bytes().all(|b| b.is_ascii_digit()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_the_store_has_begun_is_staged() {
        for (name, expected) in [("a#1", true), ("a#b#22", true), ("a", false), ("a#", false)] {
            assert_eq!(is_staged(Path::new(name)), expected, "{name}");
        }
        assert!(!is_staged(Path::new("tasks#1/a")), "the folder does not matter");
        assert!(!is_staged(Path::new("a#1b")));
    }
}
