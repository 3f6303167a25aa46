//! Log files that are rotated by size and kept by count.

use std::{
    fs::{self, File, OpenOptions},
    io::{self, ErrorKind, Write},
    os::unix::fs::{MetadataExt as _, OpenOptionsExt as _},
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use tracing_subscriber::fmt::MakeWriter;

/// How often a writer looks whether somebody else moved its file away.
const LOOK_EVERY: Duration = Duration::from_secs(1);

/// Appends to a file; when it is full, `app.log` becomes `app.log.1`, and so on.
///
/// Several processes may write to the same file.
#[derive(Clone, Debug)]
pub struct RotatingFile(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    path: PathBuf,
    max_size: u64,
    backups: usize,
    open: Mutex<Open>,
}

#[derive(Debug)]
struct Open {
    file: File,
    size: u64,
    looked_at: Instant,
}

impl RotatingFile {
    /// Opens `path` for appending and makes its directory.
    ///
    /// # Errors
    ///
    /// Fails when the file cannot be opened.
    pub fn open(path: &Path, max_size: u64, backups: usize) -> io::Result<Self> {
        if let Some(dir) = path.parent() {
            crate::files::make_private(dir)?;
        }
        let open = Mutex::new(Open::append(path)?);
        Ok(Self(Arc::new(Shared { path: path.to_owned(), max_size, backups, open })))
    }

    /// Opens the file again, after somebody moved it away.
    ///
    /// # Errors
    ///
    /// Fails when the file cannot be opened; the old one stays in use then.
    pub fn reopen(&self) -> io::Result<()> {
        let mut open = self.0.open.lock().unwrap_or_else(PoisonError::into_inner);
        *open = Open::append(&self.0.path)?;
        Ok(())
    }

    fn append(&self, line: &[u8]) -> io::Result<()> {
        let mut open = self.0.open.lock().unwrap_or_else(PoisonError::into_inner);
        let added = u64::try_from(line.len()).unwrap_or(u64::MAX);
        let room = self.make_room(&mut open, added);
        // Where files cannot be moved, the line goes into the one that is open.
        open.size = open.size.saturating_add(added);
        open.file.write_all(line)?;
        room
    }

    fn make_room(&self, open: &mut Open, added: u64) -> io::Result<()> {
        if open.looked_at.elapsed() > LOOK_EVERY {
            open.look(&self.0.path)?;
        }
        if open.size > 0 && open.size.saturating_add(added) > self.0.max_size {
            self.rotate(open, added)?;
        }
        Ok(())
    }

    fn rotate(&self, open: &mut Open, added: u64) -> io::Result<()> {
        let path = &self.0.path;
        let lock = File::create(numbered(path, "lock"))?;
        lock.lock()?;
        // Another process may have been faster.
        open.look(path)?;
        if open.size.saturating_add(added) <= self.0.max_size {
            return Ok(());
        }
        for number in (1..self.0.backups).rev() {
            let from = numbered(path, &number.to_string());
            if from.exists() {
                fs::rename(from, numbered(path, &(number + 1).to_string()))?;
            }
        }
        let away = if self.0.backups == 0 {
            fs::remove_file(path)
        } else {
            fs::rename(path, numbered(path, "1"))
        };
        match away {
            // Somebody else, logrotate say, moved it just now.
            Err(error) if error.kind() != ErrorKind::NotFound => return Err(error),
            _ => *open = Open::append(path)?,
        }
        Ok(())
    }
}

impl Open {
    fn append(path: &Path) -> io::Result<Self> {
        let file = OpenOptions::new().create(true).append(true).mode(0o640).open(path)?;
        let size = file.metadata()?.len();
        Ok(Self { file, size, looked_at: Instant::now() })
    }

    /// Reads the true size, and follows the path when the file was moved away.
    fn look(&mut self, path: &Path) -> io::Result<()> {
        let ours = self.file.metadata()?;
        let same = fs::metadata(path).is_ok_and(|there| there.ino() == ours.ino());
        if same {
            self.size = ours.len();
            self.looked_at = Instant::now();
        } else {
            *self = Self::append(path)?;
        }
        Ok(())
    }
}

fn numbered(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".");
    name.push(suffix);
    name.into()
}

impl Write for &RotatingFile {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        self.append(line)?;
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for RotatingFile {
    type Writer = &'a RotatingFile;

    fn make_writer(&'a self) -> Self::Writer {
        self
    }
}
