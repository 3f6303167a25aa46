//! One ZIP with a book for each student of a class, written while the books are made.

use std::{
    collections::HashSet,
    io::{self, Write},
};

use futures::{StreamExt as _, TryStreamExt as _};
use tokio::sync::mpsc;
use tokio_util::io::SyncIoBridge;
use uuid::Uuid;
use zip::{CompressionMethod, ZipWriter, write::SimpleFileOptions};

use super::{Progress, WorkError, Workshop, book::Book, names};
use crate::task::{File, Format, Task};

/// Books that are asked for and laid out at the same time.
const AHEAD: usize = 4;
/// Finished books that wait for the file.
const WAITING: usize = 2;

impl Workshop {
    /// Makes the books of a class; at most a few of them are in memory at any time.
    pub(super) async fn bundle(
        &self,
        task: &Task,
        class: Uuid,
        only: &[Uuid],
        key: &str,
        progress: &Progress,
    ) -> Result<File, WorkError> {
        let class_details = self.learning.class(class, only).await?;
        progress.expect(u32::try_from(class_details.students.len()).unwrap_or(u32::MAX));

        let (books, waiting) = mpsc::channel(WAITING);
        let writer = SyncIoBridge::new(self.files.writer(key));
        let (format, limit) = (task.format, self.max_file_bytes);
        let archive = tokio::task::spawn_blocking(move || write(writer, waiting, format, limit));

        let students = class_details.students;
        let made = futures::stream::iter(students)
            .map(|student| self.book(task, student, Some(class)))
            .buffered(AHEAD)
            .try_for_each(|book| {
                let books = books.clone();
                async move {
                    progress.step();
                    // A closed channel means that writing failed, which the writer reports.
                    let _ = books.send(book).await;
                    Ok(())
                }
            })
            .await;
        if made.is_err() {
            // Left unfinished: what was written is deleted by the one who called.
            drop(books);
            let _ = archive.await;
            return Err(made.err().unwrap_or(WorkError::Lost));
        }
        drop(books);
        let size_bytes = archive.await.map_err(|error| WorkError::Render(error.to_string()))??;
        let name = names::file_name(&[&class_details.name, "错题本"], "zip");
        Ok(File { key: key.to_owned(), name, size_bytes })
    }
}

/// Writes books as they come, and returns the size of the archive.
fn write<W: Write + Shutdown>(
    writer: W,
    mut books: mpsc::Receiver<Book>,
    format: Format,
    limit: u64,
) -> Result<u64, WorkError> {
    let method = match format {
        // A PDF is compressed already.
        Format::Pdf => CompressionMethod::Stored,
        Format::Markdown => CompressionMethod::Deflated,
    };
    let options = SimpleFileOptions::default().compression_method(method).large_file(false);
    let mut archive = ZipWriter::new_stream(Counted { inner: writer, bytes: 0 });
    let mut taken = HashSet::new();
    while let Some(book) = books.blocking_recv() {
        let name = names::unique(book.file_name, &mut taken);
        archive.start_file(name, options).map_err(io::Error::from)?;
        archive.write_all(&book.content)?;
        if archive.get_ref().is_some_and(|writer| writer.get_ref().bytes > limit) {
            return Err(WorkError::TooLarge(limit));
        }
    }
    let mut counted = archive.finish().map_err(io::Error::from)?.into_inner();
    counted.inner.shut_down()?;
    Ok(counted.bytes)
}

/// Closes what was written, so that it appears in the store.
trait Shutdown {
    fn shut_down(&mut self) -> io::Result<()>;
}

impl<T: tokio::io::AsyncWrite + Unpin> Shutdown for SyncIoBridge<T> {
    fn shut_down(&mut self) -> io::Result<()> {
        self.shutdown()
    }
}

/// Counts what passes.
struct Counted<W> {
    inner: W,
    bytes: u64,
}

impl<W: Write> Write for Counted<W> {
    fn write(&mut self, content: &[u8]) -> io::Result<usize> {
        let written = self.inner.write(content)?;
        self.bytes += written as u64;
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.inner.flush()
    }
}
