//! One student's mistake book: asked for, laid out, named.

use std::time::Instant;

use bytes::Bytes;
use uuid::Uuid;

use super::{Workshop, error::WorkError, names};
use crate::{
    document::{self, Language},
    render,
    task::{Format, Task},
};

/// A finished book.
pub(super) struct Book {
    pub(super) file_name: String,
    pub(super) content: Bytes,
}

/// Returns what a book is called in names of files.
pub(super) fn title(language: Language) -> &'static str {
    match language {
        Language::Chinese => "错题本",
        Language::English => "mistake book",
    }
}

impl Workshop {
    /// Makes the book of `student`, with the name of `class` on it, or of the student's latest one.
    /// With `number`, the file has the student's number in its name.
    pub(super) async fn book(
        &self,
        task: &Task,
        student: Uuid,
        class: Option<Uuid>,
        number: bool,
    ) -> Result<Book, WorkError> {
        let request = document::request(student, class, &task.options);
        let notebook = self.learning.notebook(request).await?;
        let now = self.clock.now();
        let book = document::from_notebook(notebook, &task.options, now, self.zone);
        let extension = match task.format {
            Format::Pdf => "pdf",
            Format::Markdown => "md",
        };
        let title = title(book.style.language);
        let number = if number { book.student_no.as_str() } else { "" };
        let file_name = names::file_name(&[&book.class, &book.pupil, number, title], extension);

        // Closed never: the semaphore lives as long as the workshop.
        let permit = self.presses.clone().acquire_owned().await.map_err(|_| WorkError::Lost)?;
        let format = task.format;
        let rendered = tokio::task::spawn_blocking(move || {
            let _permit = permit;
            let started = Instant::now();
            let content = match format {
                Format::Pdf => render::pdf(&book),
                Format::Markdown => Ok(render::markdown(&book).into_bytes()),
            };
            metrics::histogram!("export_render_seconds", "format" => format.as_str())
                .record(started.elapsed());
            content
        });
        let content = rendered.await.map_err(|error| WorkError::Render(error.to_string()))?;
        let content = content.map_err(|error| WorkError::Render(error.to_string()))?;
        metrics::counter!("export_books_total", "format" => format.as_str()).increment(1);
        Ok(Book { file_name, content: content.into() })
    }
}
