//! Spreadsheets: reading what people upload, writing templates for them.
//!
//! Reads `.xlsx`, and text with commas, semicolons or tabs in UTF-8, UTF-16 or GB18030. What a file
//! is, is decided by its content, never by its name. [`read`] works for a while on a large file:
//! [`read_upload`] does it where blocking is allowed.

mod delimited;
mod error;
mod headings;
mod template;
mod xlsx;

use std::collections::BTreeMap;

use bytes::Bytes;
pub use error::SheetError;
use headings::Mapping;
use kit::error::{Checks, Invalid};

use serde::{Deserialize, Serialize};
pub use template::{Format, Locale, Template, TemplateColumn};
use tokio::{sync::Semaphore, task::JoinError};

use crate::mistake::fingerprint::plain;

/// Characters that a cell has at most.
pub const MAX_CELL: usize = 10_000;
/// Columns that are looked at; everything right of them is left out.
pub const MAX_COLUMNS: usize = 200;
/// Lines in which the headings are looked for: a title may stand above them.
const HEADING_LINES: usize = 10;

/// One column that a caller understands.
#[derive(Clone, Copy, Debug)]
pub struct Column {
    /// Name of the field.
    pub field: &'static str,
    /// Headings that mean it, in any case and with any blanks: the Chinese one of the template
    /// first, the English one second, then others.
    pub headings: &'static [&'static str],
    /// A file without this column is refused.
    pub required: bool,
}

/// Says what is wrong in a row.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Problem {
    /// Name of the field; empty when the row as a whole is wrong.
    pub field: String,
    /// Stable code in `UPPER_SNAKE`.
    pub code: String,
    pub detail: String,
}

impl Problem {
    /// Names a wrong field.
    pub fn new(
        field: impl Into<String>,
        code: impl Into<String>,
        detail: impl Into<String>,
    ) -> Self {
        Self { field: field.into(), code: code.into(), detail: detail.into() }
    }

    /// Names every wrong field that checks have found.
    #[must_use]
    pub fn of(invalid: Invalid) -> Vec<Self> {
        invalid.0.into_iter().map(|v| Self::new(v.field, v.code, v.detail)).collect()
    }
}

/// One row that is not blank.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SheetRow {
    /// Line in the spreadsheet, counted from 1.
    pub row: u32,
    /// Trimmed text by field; empty cells are absent.
    pub cells: BTreeMap<String, String>,
    /// Cells that could not be read.
    pub problems: Vec<Problem>,
}

impl SheetRow {
    /// Returns the text of a field, empty when there is none.
    #[must_use]
    pub fn get(&self, field: &str) -> &str {
        self.cells.get(field).map_or("", String::as_str)
    }
}

/// What a file says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sheet {
    /// Character set as in `utf-8`, `utf-16` or `gb18030`; empty for `.xlsx`.
    pub encoding: &'static str,
    /// Fields that have a column, in the order of the file.
    pub fields: Vec<&'static str>,
    /// Headings that mean nothing to the caller.
    pub ignored_columns: Vec<String>,
    pub rows: Vec<SheetRow>,
}

/// Reads a file; `max_rows` does not count blank rows.
///
/// # Errors
///
/// Fails when the file cannot be read as a whole: broken, of another kind, in an unknown character
/// set, without a required column, or too large. What is wrong with single cells is told in
/// [`SheetRow::problems`].
pub fn read(content: &[u8], columns: &[Column], max_rows: usize) -> Result<Sheet, SheetError> {
    let mut reading = Reading::new(columns, max_rows);
    match Kind::of(content) {
        Kind::Xlsx => xlsx::read(content, &mut reading)?,
        Kind::OldBinary => return Err(SheetError::OldBinary),
        Kind::Text => delimited::read(content, &mut reading)?,
    }
    reading.finish()
}

/// Files that are read at the same time: each may take a hundred megabytes of memory.
static READERS: Semaphore = Semaphore::const_new(2);

/// Reads an uploaded file as [`read`] does, where blocking is allowed.
///
/// # Errors
///
/// Fails when reading broke off.
pub async fn read_upload(
    content: Bytes,
    columns: &'static [Column],
    max_rows: usize,
) -> Result<Result<Sheet, SheetError>, JoinError> {
    let turn = READERS.acquire().await;
    let read = move || {
        // Held until reading ends, whether somebody still waits for it or not.
        let _turn = turn;
        read(&content, columns, max_rows)
    };
    tokio::task::spawn_blocking(read).await
}

/// What a file is by its first bytes.
enum Kind {
    Xlsx,
    /// `.xls`, and `.xlsx` under a password: both are OLE containers.
    OldBinary,
    Text,
}

impl Kind {
    fn of(content: &[u8]) -> Self {
        if content.starts_with(b"PK\x03\x04") || content.starts_with(b"PK\x05\x06") {
            Self::Xlsx
        } else if content.starts_with(&[0xD0, 0xCF, 0x11, 0xE0]) {
            Self::OldBinary
        } else {
            Self::Text
        }
    }
}

/// One cell as it stands in the file.
enum Cell {
    Text(String),
    /// Stable code, and why there is no text.
    Refused(&'static str, String),
}

/// Takes rows one after the other: first looks for the headings, then keeps what is below.
struct Reading<'a> {
    columns: &'a [Column],
    max_rows: usize,
    mapping: Option<Mapping>,
    /// Why the first line is not the headings.
    refused: Option<SheetError>,
    looked_at: usize,
    sheet: Sheet,
}

impl<'a> Reading<'a> {
    fn new(columns: &'a [Column], max_rows: usize) -> Self {
        Self {
            columns,
            max_rows,
            mapping: None,
            refused: None,
            looked_at: 0,
            sheet: Sheet::default(),
        }
    }

    /// Takes a row: its line and its cells by column, counted from 0.
    fn row(&mut self, line: u32, cells: Vec<(usize, Cell)>) -> Result<(), SheetError> {
        let blank = |cell: &Cell| matches!(cell, Cell::Text(text) if text.trim().is_empty());
        if cells.iter().all(|(_, cell)| blank(cell)) {
            return Ok(());
        }
        let Some(mapping) = &self.mapping else {
            return self.heading(cells);
        };
        let mut row = SheetRow { row: line, ..SheetRow::default() };
        let mut any = false;
        for (column, cell) in cells {
            let Some(field) = mapping.field(column) else { continue };
            any |= !blank(&cell);
            take(&mut row, field, column, cell);
        }
        // A row with nothing but remarks in ignored columns says nothing.
        if any {
            if self.sheet.rows.len() >= self.max_rows {
                return Err(SheetError::TooManyRows(self.max_rows));
            }
            self.sheet.rows.push(row);
        }
        Ok(())
    }

    fn heading(&mut self, cells: Vec<(usize, Cell)>) -> Result<(), SheetError> {
        let texts = cells.into_iter().filter_map(|(column, cell)| match cell {
            Cell::Text(text) => Some((column, text)),
            Cell::Refused(..) => None,
        });
        match Mapping::of(self.columns, texts.collect()) {
            Ok(mapping) => {
                self.sheet.fields = mapping.fields();
                self.sheet.ignored_columns.clone_from(&mapping.ignored);
                self.mapping = Some(mapping);
            }
            Err(error) => {
                self.looked_at += 1;
                let best = matches!(error, SheetError::DuplicateHeading(_));
                if self.refused.is_none() || best {
                    self.refused = Some(error);
                }
                if self.looked_at >= HEADING_LINES || best {
                    return Err(self.refused.take().unwrap_or(SheetError::Empty));
                }
            }
        }
        Ok(())
    }

    fn finish(self) -> Result<Sheet, SheetError> {
        match (self.mapping, self.refused) {
            (Some(_), _) if self.sheet.rows.is_empty() => Err(SheetError::Empty),
            (Some(_), _) => Ok(self.sheet),
            (None, Some(refused)) => Err(refused),
            (None, None) => Err(SheetError::Empty),
        }
    }
}

/// Puts one cell into its row, or what is wrong with it.
fn take(row: &mut SheetRow, field: &'static str, column: usize, cell: Cell) {
    let place = format!("cell {}{}", letters(column), row.row);
    match cell {
        Cell::Text(text) => {
            let text = if IDENTIFIERS.contains(&field) { identifier(&text) } else { text };
            let text = text.trim();
            let mut checks = Checks::new();
            checks.multiline(field, text, 0..=MAX_CELL);
            match checks.finish() {
                Ok(()) if text.is_empty() => {}
                Ok(()) => {
                    row.cells.insert(field.to_owned(), text.to_owned());
                }
                Err(invalid) => {
                    let problems = Problem::of(invalid).into_iter().map(|problem| Problem {
                        detail: format!("{place} {}", problem.detail),
                        ..problem
                    });
                    row.problems.extend(problems);
                }
            }
        }
        Cell::Refused(code, why) => {
            row.problems.push(Problem::new(field, code, format!("{place} {why}")));
        }
    }
}

/// Fields in which every character counts.
const IDENTIFIERS: [&str; 4] = ["student_no", "username", "phone", "email"];

/// Returns an identifier in the letters and digits of a keyboard, as somebody who writes Chinese may
/// not have typed it; and out of the formula by which a spreadsheet keeps it text, `="0107"`.
fn identifier(text: &str) -> String {
    let narrow: String = text.chars().map(plain).collect();
    let inner = narrow.trim().strip_prefix("=\"").and_then(|rest| rest.strip_suffix('"'));
    inner.map_or_else(|| narrow.clone(), str::to_owned)
}

/// Why a number in scientific notation is refused where every digit counts.
pub const CUT_NUMBER: &str = "is in scientific notation: the spreadsheet has cut the number; \
                              format the column as text and enter it again";

/// Tells whether a text is what spreadsheet programs leave of a long number, as in `1.23457E+19`.
#[must_use]
pub fn is_cut_number(text: &str) -> bool {
    let digits = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    let parts = text.split_once(['E', 'e']);
    let parts = parts.and_then(|(number, power)| Some((number, power.strip_prefix('+')?)));
    parts.is_some_and(|(number, power)| {
        let (whole, fraction) = number.split_once(['.', ',']).unwrap_or((number, "0"));
        whole.len() == 1 && digits(whole) && digits(fraction) && digits(power)
    })
}

/// Returns the letters of a column counted from 0, as in `A`, `Z`, `AA`.
fn letters(column: usize) -> String {
    let mut rest = column + 1;
    let mut letters = Vec::new();
    while rest > 0 {
        rest -= 1;
        letters.push(char::from(b'A' + u8::try_from(rest % 26).unwrap_or_default()));
        rest /= 26;
    }
    letters.iter().rev().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const COLUMNS: &[Column] = &[
        Column { field: "number", headings: &["学号", "Student No."], required: true },
        Column { field: "name", headings: &["姓名", "Name"], required: true },
        Column { field: "note", headings: &["备注", "Note"], required: false },
    ];

    #[test]
    fn columns_have_the_letters_of_spreadsheets() {
        assert_eq!([0, 25, 26, 701, 702].map(letters), ["A", "Z", "AA", "ZZ", "AAA"]);
    }

    #[test]
    fn cut_numbers_are_told_from_others() {
        for cut in ["1.23457E+19", "4,40106E+17", "5E+15", "1.38e+10"] {
            assert!(is_cut_number(cut), "{cut}");
        }
        for whole in ["", "20260101", "E+19", "1.5E", "1.2E-3", "12.5E+3", "G3E+7", "1.E+4", "2E+x"]
        {
            assert!(!is_cut_number(whole), "{whole}");
        }
    }

    #[test]
    fn rows_keep_their_line_and_blank_ones_are_left_out() {
        let text = "高二（3）班名单\n\n姓名,学号 ,座位\n林晓雨,20260101,3\n,,\n,,17\n周明,\"2026\n0102\",4\n";
        let sheet = read(text.as_bytes(), COLUMNS, 10).unwrap();
        assert_eq!(sheet.encoding, "utf-8");
        assert_eq!(sheet.fields, ["name", "number"]);
        assert_eq!(sheet.ignored_columns, ["座位"]);
        let rows: Vec<_> = sheet.rows.iter().map(|row| (row.row, row.get("name"))).collect();
        assert_eq!(rows, [(4, "林晓雨"), (7, "周明")]);
        assert_eq!(sheet.rows[1].get("number"), "2026\n0102");
        assert_eq!(sheet.rows[1].get("note"), "");
    }

    #[test]
    fn lines_are_those_of_the_spreadsheet_however_they_end() {
        let text = "\n学号,姓名\n1,林\n\n\n2,\"周\n明\"\n3,吴";
        for end in ["\n", "\r\n", "\r"] {
            let sheet = read(text.replace('\n', end).as_bytes(), COLUMNS, 10).unwrap();
            let lines: Vec<_> = sheet.rows.iter().map(|row| (row.row, row.get("name"))).collect();
            assert_eq!(lines, [(3, "林"), (6, "周\n明"), (7, "吴")], "{end:?}");
        }
    }

    #[test]
    fn wrong_cells_name_their_place_and_stop_nothing_else() {
        let sheet = read("学号,姓名\n1,a\u{7}b\n2,好\n".as_bytes(), COLUMNS, 10).unwrap();
        assert_eq!(sheet.rows[0].problems[0].code, "CONTROL_CHARACTER");
        assert!(sheet.rows[0].problems[0].detail.starts_with("cell B2 "));
        assert_eq!(sheet.rows[1].problems, []);
    }

    #[test]
    fn files_are_refused_for_their_reason() {
        use kit::error::Classify as _;
        let reason = |content: &[u8], max| read(content, COLUMNS, max).unwrap_err().reason();
        assert_eq!(reason("学号,姓名\n1,a\n2,b\n".as_bytes(), 1), "TOO_MANY_ROWS");
        assert_eq!(reason("学号,班级\n1,a\n".as_bytes(), 9), "MISSING_COLUMN");
        assert_eq!(reason("学号,姓名,student_no\n1,a,1\n".as_bytes(), 9), "DUPLICATE_HEADING");
        assert_eq!(reason("学号,姓名\n".as_bytes(), 9), "EMPTY_FILE");
        assert_eq!(reason(b"", 9), "EMPTY_FILE");
        assert_eq!(reason(b"PK\x03\x04nonsense", 9), "BROKEN_FILE");
        assert_eq!(reason(&[0xD0, 0xCF, 0x11, 0xE0, 0xA1], 9), "UNSUPPORTED_FORMAT");
        assert_eq!(reason(b"a,\xFF\xFF\xFF,b\n", 9), "UNKNOWN_ENCODING");
    }
}
