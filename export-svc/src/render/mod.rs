//! From a book to a file: PDF by typst in this process, or Markdown.

mod fonts;
mod markdown;
mod sheet;
mod text;
mod world;

pub use fonts::check_fonts;
pub use markdown::markdown;
use sheet::Sheet;
use typst::diag::SourceDiagnostic;
use typst_layout::PagedDocument;
use typst_pdf::PdfOptions;

use crate::document::Book;

/// Results that this many later books did not need are forgotten, so that memory stays bounded.
const KEEP_FOR: usize = 4;

/// Says why a document could not be laid out.
#[derive(Debug, thiserror::Error)]
pub enum RenderError {
    #[error(transparent)]
    Fonts(#[from] fonts::FontError),
    #[error("the data of the document cannot be written")]
    Data(#[from] serde_json::Error),
    #[error("{step} failed: {detail}")]
    Typst { step: &'static str, detail: String },
}

impl RenderError {
    fn typst(step: &'static str, errors: &[SourceDiagnostic]) -> Self {
        let messages: Vec<_> = errors.iter().map(|error| error.message.as_str()).collect();
        Self::Typst { step, detail: messages.join("; ") }
    }
}

/// Lays out a mistake book as a tagged PDF. Takes a processor for tens of milliseconds.
///
/// # Errors
///
/// Fails when the fonts are missing or typst does not accept the document.
pub fn pdf(book: &Book) -> Result<Vec<u8>, RenderError> {
    let fonts = fonts::fonts()?;
    let data = serde_json::to_vec(&Sheet::of(book))?;
    let world = world::BookWorld::new(fonts, data)?;
    let document = typst::compile::<PagedDocument>(&world);
    let rendered = document
        .output
        .map_err(|errors| RenderError::typst("layout", &errors))
        .and_then(|document| {
            typst_pdf::pdf(&document, &PdfOptions::default())
                .map_err(|errors| RenderError::typst("export", &errors))
        });
    typst::comemo::evict(KEEP_FOR);
    rendered
}
