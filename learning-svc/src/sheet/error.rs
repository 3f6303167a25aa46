//! Why a file as a whole cannot be read.

use kit::error::{Classify, Kind, Violation};

use super::MAX_COLUMNS;

/// Says why a spreadsheet cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SheetError {
    #[error("the file is an .xls workbook or under a password; save it as .xlsx without one")]
    OldBinary,
    #[error("the file is no readable .xlsx workbook")]
    Broken,
    #[error("the file is no text in UTF-8, UTF-16 or GB18030; save it as .xlsx or as CSV UTF-8")]
    UnknownEncoding,
    #[error("the file has no rows below its headings")]
    Empty,
    #[error("the file has no column {}", .0.join(", no column "))]
    MissingColumns(Vec<String>),
    #[error("more than one column means {0}")]
    DuplicateHeading(String),
    #[error("the file has more than {0} rows")]
    TooManyRows(usize),
    #[error("the file has more than {MAX_COLUMNS} columns")]
    TooManyColumns,
    #[error("the workbook is larger than {0} MB when unpacked")]
    TooLarge(u64),
    #[error("the template format is neither xlsx nor csv")]
    UnknownFormat,
    #[error("the template locale is neither zh-CN nor en")]
    UnknownLocale,
    #[error("the template cannot be written")]
    Template,
}

impl Classify for SheetError {
    fn kind(&self) -> Kind {
        match self {
            Self::OldBinary
            | Self::Broken
            | Self::UnknownEncoding
            | Self::Empty
            | Self::MissingColumns(_)
            | Self::DuplicateHeading(_)
            | Self::TooManyRows(_)
            | Self::TooManyColumns
            | Self::TooLarge(_)
            | Self::UnknownFormat
            | Self::UnknownLocale => Kind::Invalid,
            Self::Template => Kind::Internal,
        }
    }

    fn reason(&self) -> &'static str {
        match self {
            Self::OldBinary => "UNSUPPORTED_FORMAT",
            Self::Broken => "BROKEN_FILE",
            Self::UnknownEncoding => "UNKNOWN_ENCODING",
            Self::Empty => "EMPTY_FILE",
            Self::MissingColumns(_) => "MISSING_COLUMN",
            Self::DuplicateHeading(_) => "DUPLICATE_HEADING",
            Self::TooManyRows(_) => "TOO_MANY_ROWS",
            Self::TooManyColumns => "TOO_MANY_COLUMNS",
            Self::TooLarge(_) => "FILE_TOO_LARGE",
            Self::UnknownFormat | Self::UnknownLocale => "INVALID_FIELDS",
            Self::Template => "INTERNAL",
        }
    }

    fn violations(&self) -> Vec<Violation> {
        let (field, code) = match self {
            Self::OldBinary
            | Self::Broken
            | Self::UnknownEncoding
            | Self::Empty
            | Self::MissingColumns(_)
            | Self::DuplicateHeading(_)
            | Self::TooManyRows(_)
            | Self::TooManyColumns
            | Self::TooLarge(_) => ("file", self.reason()),
            Self::UnknownFormat => ("format", "UNKNOWN"),
            Self::UnknownLocale => ("locale", "UNKNOWN"),
            Self::Template => return Vec::new(),
        };
        vec![Violation { field: field.to_owned(), code, detail: self.to_string() }]
    }
}
