//! Lets a backup copy the folder while this process runs.

use std::{
    fs::{File, TryLockError},
    io,
    path::Path,
    sync::{Mutex, MutexGuard, PoisonError},
    thread,
    time::{Duration, Instant},
};

use super::super::VectorError;

/// Locked by whoever changes files of the folder, and by a backup while it copies them.
const FILE: &str = ".writing";
/// How long a write waits for a backup. Shorter than callers wait, so that they learn why.
const PATIENCE: Duration = Duration::from_secs(3);
const LOOK_EVERY: Duration = Duration::from_millis(20);

/// Where writers of this process and backups take turns.
pub(super) struct Gate(Mutex<File>);

/// The turn of one writer.
pub(super) struct Turn<'a>(MutexGuard<'a, File>);

impl Gate {
    pub(super) fn new(folder: &Path) -> io::Result<Self> {
        Ok(Self(Mutex::new(File::create(folder.join(FILE))?)))
    }

    /// Waits for its turn, but not as long as a large copy takes.
    pub(super) fn enter(&self) -> Result<Turn<'_>, VectorError> {
        let file = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let until = Instant::now() + PATIENCE;
        loop {
            match file.try_lock() {
                Ok(()) => return Ok(Turn(file)),
                Err(TryLockError::WouldBlock) if Instant::now() < until => {
                    thread::sleep(LOOK_EVERY);
                }
                Err(TryLockError::WouldBlock) => {
                    return Err(VectorError::Unavailable("a backup copies it".to_owned()));
                }
                Err(TryLockError::Error(error)) => {
                    return Err(VectorError::Engine(error.to_string()));
                }
            }
        }
    }
}

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        if let Err(error) = self.0.unlock() {
            tracing::error!(%error, "vector folder stays locked");
        }
    }
}
