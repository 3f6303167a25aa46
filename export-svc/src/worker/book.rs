//! One student's mistake book: asked for, laid out, named.

use bytes::Bytes;
use uuid::Uuid;

use super::{WorkError, Workshop, names};
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

impl Workshop {
    /// Makes the book of `student`, with the name of `class` on it, or of the student's latest one.
    pub(super) async fn book(
        &self,
        task: &Task,
        student: Uuid,
        class: Option<Uuid>,
    ) -> Result<Book, WorkError> {
        let request = document::request(student, class, &task.options);
        let notebook = self.learning.notebook(request).await?;
        let book = document::from_notebook(notebook, &task.options, self.clock.now());
        let (title, extension) = match (book.style.language, task.format) {
            (Language::Chinese, Format::Pdf) => ("错题本", "pdf"),
            (Language::Chinese, Format::Markdown) => ("错题本", "md"),
            (Language::English, Format::Pdf) => ("mistake book", "pdf"),
            (Language::English, Format::Markdown) => ("mistake book", "md"),
        };
        let file_name = names::file_name(&[&book.class, &book.pupil, title], extension);

        // Closed never: the semaphore lives as long as the workshop.
        let permit = self.presses.clone().acquire_owned().await.map_err(|_| WorkError::Lost)?;
        let format = task.format;
        let rendered = tokio::task::spawn_blocking(move || {
            let _permit = permit;
            match format {
                Format::Pdf => render::pdf(&book),
                Format::Markdown => Ok(render::markdown(&book).into_bytes()),
            }
        });
        let content = rendered.await.map_err(|error| WorkError::Render(error.to_string()))?;
        let content = content.map_err(|error| WorkError::Render(error.to_string()))?;
        Ok(Book { file_name, content: content.into() })
    }
}
