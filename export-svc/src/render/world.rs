//! What typst sees of this process: the template, the data of one book, the fonts.

use std::sync::LazyLock;

use typst::{
    Library, LibraryExt as _, World,
    diag::{FileError, FileResult},
    foundations::{Bytes, Datetime, Duration},
    syntax::{FileId, RootedPath, Source, VirtualPath, VirtualRoot},
    text::{Font, FontBook},
    utils::LazyHash,
};

use super::{RenderError, fonts::Fonts};

static LIBRARY: LazyLock<LazyHash<Library>> = LazyLock::new(|| LazyHash::new(Library::default()));
static FILES: LazyLock<Option<Sources>> = LazyLock::new(Sources::new);

/// The template and where everything is.
struct Sources {
    main: Source,
    parts: Vec<Source>,
    data: FileId,
}

impl Sources {
    fn new() -> Option<Self> {
        let source = |path, text: &str| Some(Source::new(id(path)?, text.to_owned()));
        Some(Self {
            main: source("/main.typ", include_str!("../../templates/main.typ"))?,
            parts: vec![
                source("/book.typ", include_str!("../../templates/book.typ"))?,
                source("/cover.typ", include_str!("../../templates/cover.typ"))?,
                source("/mistake.typ", include_str!("../../templates/mistake.typ"))?,
                source("/text.typ", include_str!("../../templates/text.typ"))?,
            ],
            data: id("/book.json")?,
        })
    }
}

fn id(path: &str) -> Option<FileId> {
    Some(RootedPath::new(VirtualRoot::Project, VirtualPath::new(path).ok()?).intern())
}

/// One book to be laid out.
pub(super) struct BookWorld {
    fonts: &'static Fonts,
    sources: &'static Sources,
    data: Bytes,
}

impl BookWorld {
    /// Puts the data of one book, as JSON, beside the template.
    pub(super) fn new(fonts: &'static Fonts, data: Vec<u8>) -> Result<Self, RenderError> {
        let sources = FILES.as_ref().ok_or_else(|| RenderError::Typst {
            step: "setup",
            detail: "a path of the template is wrong".to_owned(),
        })?;
        Ok(Self { fonts, sources, data: Bytes::new(data) })
    }
}

impl World for BookWorld {
    fn library(&self) -> &LazyHash<Library> {
        &LIBRARY
    }

    fn book(&self) -> &LazyHash<FontBook> {
        self.fonts.book()
    }

    fn main(&self) -> FileId {
        self.sources.main.id()
    }

    fn source(&self, id: FileId) -> FileResult<Source> {
        let mut sources = std::iter::once(&self.sources.main).chain(&self.sources.parts);
        let found = sources.find(|source| source.id() == id).cloned();
        found.ok_or_else(|| FileError::NotFound(id.vpath().get_with_slash().into()))
    }

    fn file(&self, id: FileId) -> FileResult<Bytes> {
        if id == self.sources.data {
            return Ok(self.data.clone());
        }
        Ok(Bytes::from_string(self.source(id)?.text().to_owned()))
    }

    fn font(&self, index: usize) -> Option<Font> {
        self.fonts.font(index)
    }

    /// The book brings its dates with it.
    fn today(&self, _offset: Option<Duration>) -> Option<Datetime> {
        None
    }
}
