//! One ZIP with a book for each student of a class, written while the books are made.

use std::{
    collections::HashSet,
    io::{self, Write},
};

use futures::{Stream, StreamExt as _, TryStreamExt as _};
use kit::caller::{self, Caller};
use tokio::sync::mpsc;
use tokio_util::task::AbortOnDropHandle;
use uuid::Uuid;
use zip::{CompressionMethod, ZipWriter, write::SimpleFileOptions};

use super::{
    Workshop,
    book::{Book, title},
    error::WorkError,
    names,
    work::{Progress, identity},
};
use crate::{
    document::Language,
    files::Upload,
    task::{File, Format, Task},
};

/// Books that are asked for and laid out at the same time.
const AHEAD: usize = 4;
/// Finished books that wait for the file.
const WAITING: usize = 2;

/// What the file is made of.
enum Piece {
    Book(Book),
    /// All books are there. Without this word the file is given up: who made the books is gone.
    End,
}

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

        let (pieces, waiting) = mpsc::channel(WAITING);
        let upload = self.files.upload(key).await?;
        let (format, limit) = (task.format, self.max_file_bytes);
        let archive = tokio::task::spawn_blocking(move || write(upload, waiting, format, limit));

        let send = async |piece| pieces.send(piece).await.map_err(|_| WorkError::Lost);
        let namesakes = &class_details.namesakes;
        let books = class_details.students.into_iter().map(|student| {
            let (workshop, task) = (self.clone(), task.clone());
            let number = namesakes.contains(&student);
            async move { workshop.book(&task, student, Some(class), number).await }
        });
        let made = ahead(identity(task), books)
            .try_for_each(async |book| {
                send(Piece::Book(book)).await?;
                progress.step();
                Ok(())
            })
            .await;
        let made = match made {
            Ok(()) => send(Piece::End).await,
            Err(error) => Err(error),
        };
        drop(pieces);
        let written = archive.await.map_err(|error| WorkError::Render(error.to_string()))?;
        // When nobody takes pieces any more, the writer knows why.
        let size_bytes = match made {
            Ok(()) | Err(WorkError::Lost) => written?,
            Err(error) => return Err(error),
        };
        let title = title(Language::of(&task.options.locale));
        let name = names::file_name(&[&class_details.name, title], "zip");
        Ok(File { key: key.to_owned(), name, size_bytes })
    }
}

/// Does works in order, a few at the same time. They go on while the store is waited for: a book that
/// has its press has to come off it. Those that nobody waits for any more are given up.
fn ahead<T: Send + 'static>(
    caller: Caller,
    works: impl Iterator<Item = impl Future<Output = Result<T, WorkError>> + Send + 'static>,
) -> impl Stream<Item = Result<T, WorkError>> {
    futures::stream::iter(works)
        .map(move |work| AbortOnDropHandle::new(tokio::spawn(caller::scope(caller.clone(), work))))
        .buffered(AHEAD)
        .map(|done| done.unwrap_or(Err(WorkError::Panicked)))
}

/// Writes books as they come, and returns the size of the archive.
fn write(
    mut upload: Upload,
    pieces: mpsc::Receiver<Piece>,
    format: Format,
    limit: u64,
) -> Result<u64, WorkError> {
    let written = fill(&mut upload, pieces, format, limit).and_then(|size| {
        upload.finish()?;
        Ok(size)
    });
    if written.is_err() {
        upload.abort();
    }
    written
}

fn fill(
    upload: &mut Upload,
    mut pieces: mpsc::Receiver<Piece>,
    format: Format,
    limit: u64,
) -> Result<u64, WorkError> {
    let method = match format {
        // A PDF is compressed already.
        Format::Pdf => CompressionMethod::Stored,
        Format::Markdown => CompressionMethod::Deflated,
    };
    let options = SimpleFileOptions::default().compression_method(method).large_file(false);
    let mut archive = ZipWriter::new_stream(Counted { inner: upload, bytes: 0 });
    let mut taken = HashSet::new();
    loop {
        match pieces.blocking_recv() {
            Some(Piece::Book(book)) => {
                let name = names::unique(book.file_name, &mut taken);
                archive.start_file(name, options).map_err(io::Error::from)?;
                archive.write_all(&book.content)?;
            }
            Some(Piece::End) => break,
            None => return Err(WorkError::Lost),
        }
        if archive.get_ref().is_some_and(|writer| writer.get_ref().bytes > limit) {
            return Err(WorkError::TooLarge(limit));
        }
    }
    Ok(archive.finish().map_err(io::Error::from)?.into_inner().bytes)
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

#[cfg(test)]
mod tests {
    use std::{pin::pin, sync::Arc, time::Duration};

    use kit::{caller::Role, testing};
    use tokio::sync::Semaphore;

    use super::*;

    #[tokio::test]
    async fn works_ahead_leave_the_press_while_nobody_asks() {
        let presses = Arc::new(Semaphore::new(1));
        let caller = testing::caller(Role::Teacher);
        let works = (0..6).map(|number| {
            let (presses, user) = (presses.clone(), caller.user_id);
            async move {
                let _press = presses.acquire().await.unwrap();
                tokio::time::sleep(Duration::from_millis(5)).await;
                assert_eq!(caller::current().unwrap().user_id, user);
                Ok(number)
            }
        });
        let mut made = pin!(ahead(caller.clone(), works));
        assert_eq!(made.next().await.unwrap().unwrap(), 0);
        let other = tokio::time::timeout(Duration::from_secs(5), presses.acquire());
        drop(other.await.expect("a press is free for others").unwrap());
        assert_eq!(made.map(Result::unwrap).collect::<Vec<_>>().await, [1, 2, 3, 4, 5]);
    }

    #[tokio::test]
    async fn works_that_nobody_waits_for_are_given_up() {
        let presses = Arc::new(Semaphore::new(2));
        let works = (0..2).map(|number| {
            let presses = presses.clone();
            async move {
                let _press = presses.acquire().await.unwrap();
                if number == 1 {
                    std::future::pending::<()>().await;
                }
                Ok(number)
            }
        });
        let mut made = Box::pin(ahead(testing::caller(Role::Teacher), works));
        assert_eq!(made.next().await.unwrap().unwrap(), 0);
        drop(made);
        let all = tokio::time::timeout(Duration::from_secs(5), presses.acquire_many(2));
        drop(all.await.expect("no press is held").unwrap());
    }
}
