//! Workbooks: the first visible sheet, cell by cell, so that far-away cells cost nothing.

use std::io::{self, Cursor, Read as _};

use calamine::{DataRef, ExcelDateTime, Reader as _, SheetType, SheetVisible, Xlsx};
use zip::ZipArchive;

use super::{Cell, MAX_CELL, MAX_COLUMNS, Reading, SheetError};

/// Bytes that the parts of a workbook have together at most when unpacked.
const MAX_UNPACKED: u64 = 100 << 20;
/// Bytes that the texts of all cells have together at most when unpacked.
const MAX_TEXTS: u64 = 20 << 20;
/// Bytes of the shortest text among them, `<si/>`.
const SHORTEST_TEXT: u64 = 5;
/// Parts that a workbook has at most.
const MAX_PARTS: usize = 2_000;
/// Whole numbers up to here are exact; Excel itself rounds to 15 digits.
const EXACT: f64 = 999_999_999_999_999.0;

/// Reads a workbook into `reading`.
pub(super) fn read(content: &[u8], reading: &mut Reading<'_>) -> Result<(), SheetError> {
    bound(content)?;
    let mut book: Xlsx<_> =
        calamine::open_workbook_from_rs(Cursor::new(content)).map_err(|_| SheetError::Broken)?;
    let sheets = book.sheets_metadata().iter();
    let name = sheets
        .filter(|sheet| sheet.typ == SheetType::WorkSheet)
        .find(|sheet| sheet.visible == SheetVisible::Visible)
        .map(|sheet| sheet.name.clone())
        .ok_or(SheetError::Broken)?;
    let mut cells = book.worksheet_cells_reader(&name).map_err(|_| SheetError::Broken)?;
    let mut line: Option<u32> = None;
    let mut row = Vec::new();
    while let Some(cell) =
        cells.next_cell_with_formula_metadata().map_err(|_| SheetError::Broken)?
    {
        let (at, column) = cell.pos;
        if let Some(before) = line.replace(at)
            && before != at
        {
            // Lines come in order; a workbook where they do not was not written by a program.
            if at < before {
                return Err(SheetError::Broken);
            }
            reading.row(before.saturating_add(1), std::mem::take(&mut row))?;
        }
        let column = usize::try_from(column).unwrap_or(usize::MAX);
        if column > MAX_COLUMNS || row.len() > MAX_COLUMNS {
            continue;
        }
        row.push((column, text(&cell.value, cell.formula.is_some())));
    }
    match line {
        Some(line) => reading.row(line.saturating_add(1), row),
        None => Ok(()),
    }
}

/// Refuses a workbook that grows too large when unpacked, whatever it declares.
fn bound(content: &[u8]) -> Result<(), SheetError> {
    let too_large = SheetError::TooLarge(MAX_UNPACKED >> 20);
    let mut archive = ZipArchive::new(Cursor::new(content)).map_err(|_| SheetError::Broken)?;
    if archive.len() > MAX_PARTS {
        return Err(too_large);
    }
    let mut left = MAX_UNPACKED;
    for index in 0..archive.len() {
        let part = archive.by_index(index).map_err(|_| SheetError::Broken)?;
        if part.size() > left {
            return Err(too_large);
        }
        let name = part.name().map_err(|_| SheetError::Broken)?.to_ascii_lowercase();
        let read = if name.ends_with("sharedstrings.xml") {
            let mut texts = Vec::new();
            let read = part.take(MAX_TEXTS + 1).read_to_end(&mut texts);
            read.map_err(|_| SheetError::Broken)?;
            bound_texts(&texts)?
        } else {
            let read = io::copy(&mut part.take(left + 1), &mut io::sink());
            read.map_err(|_| SheetError::Broken)?
        };
        left = left.checked_sub(read).ok_or_else(|| too_large.clone())?;
    }
    Ok(())
}

/// Refuses texts of cells that are too long together, or that claim to be more than they can be: room
/// is made for as many as they claim. Returns how many bytes they have.
fn bound_texts(texts: &[u8]) -> Result<u64, SheetError> {
    const COUNT: &[u8] = b"uniqueCount";
    let bytes = texts.len() as u64;
    if bytes > MAX_TEXTS {
        return Err(SheetError::TooLarge(MAX_TEXTS >> 20));
    }
    let claims = texts.windows(COUNT.len()).enumerate().filter(|(_, window)| *window == COUNT);
    for (at, _) in claims {
        let rest = texts[at + COUNT.len()..].iter();
        let digits = rest
            .skip_while(|byte| byte.is_ascii_whitespace() || b"='\"+".contains(byte))
            .take_while(|byte| byte.is_ascii_digit());
        let claimed = digits.fold(0_u64, |number, digit| {
            number.saturating_mul(10).saturating_add(u64::from(digit - b'0'))
        });
        if claimed > bytes / SHORTEST_TEXT {
            return Err(SheetError::Broken);
        }
    }
    Ok(bytes)
}

/// Returns what a cell shows.
fn text(value: &DataRef<'_>, formula: bool) -> Cell {
    let long = || Cell::Refused("TOO_LONG", format!("has more than {MAX_CELL} characters"));
    let whole = |text: &str| {
        // A character has up to four bytes; what is exactly too long is found out later.
        if text.len() > MAX_CELL * 4 { long() } else { Cell::Text(text.to_owned()) }
    };
    match value {
        DataRef::Empty if formula => Cell::Refused(
            "FORMULA_WITHOUT_VALUE",
            "holds a formula whose value was never computed; open and save the file in a \
             spreadsheet program, or paste values"
                .to_owned(),
        ),
        DataRef::Empty => Cell::Text(String::new()),
        DataRef::String(text) | DataRef::DateTimeIso(text) | DataRef::DurationIso(text) => {
            whole(text)
        }
        DataRef::SharedString(text) => whole(text),
        DataRef::Int(number) => Cell::Text(number.to_string()),
        DataRef::Float(number) => float(*number),
        DataRef::Bool(true) => Cell::Text("TRUE".to_owned()),
        DataRef::Bool(false) => Cell::Text("FALSE".to_owned()),
        DataRef::DateTime(moment) => Cell::Text(moment_text(moment)),
        DataRef::Error(error) => Cell::Refused("CELL_ERROR", format!("shows the error {error}")),
    }
}

fn float(number: f64) -> Cell {
    if number.abs() > EXACT {
        return Cell::Refused(
            "NUMBER_ROUNDED",
            "holds a number of more than 15 digits, which the spreadsheet has rounded; format the \
             column as text and enter it again"
                .to_owned(),
        );
    }
    // Sums such as 0.1 + 0.2 are shown with 15 digits and no zeros at their end.
    let rounded: f64 = format!("{number:.14e}").parse().unwrap_or(number);
    Cell::Text(if rounded == 0.0 { "0".to_owned() } else { rounded.to_string() })
}

fn moment_text(moment: &ExcelDateTime) -> String {
    let (year, month, day, hour, minute, second, _) = moment.to_ymd_hms_milli();
    let date = format!("{year:04}-{month:02}-{day:02}");
    let time = format!("{hour:02}:{minute:02}:{second:02}");
    let number = moment.as_f64();
    if moment.is_duration() || (0.0..1.0).contains(&number) {
        time
    } else if number.fract() == 0.0 {
        date
    } else {
        format!("{date} {time}")
    }
}

#[cfg(test)]
mod tests {
    use rust_xlsxwriter::{ExcelDateTime as Date, Format, Formula, Workbook};

    use super::{super::Column, *};

    const COLUMNS: &[Column] = &[
        Column { field: "number", headings: &["学号"], required: true },
        Column { field: "name", headings: &["姓名"], required: false },
    ];

    fn shown(value: &DataRef<'_>, formula: bool) -> Result<String, &'static str> {
        match text(value, formula) {
            Cell::Text(text) => Ok(text),
            Cell::Refused(code, _) => Err(code),
        }
    }

    #[test]
    fn numbers_read_as_they_are_seen() {
        let float = |number| shown(&DataRef::Float(number), false);
        assert_eq!(float(20_260_101.0), Ok("20260101".to_owned()));
        assert_eq!(float(95.5), Ok("95.5".to_owned()));
        assert_eq!(float(0.1 + 0.2), Ok("0.3".to_owned()));
        assert_eq!(float(-0.0), Ok("0".to_owned()));
        assert_eq!(float(4_401_061_998_010_112_345.0), Err("NUMBER_ROUNDED"));
        assert_eq!(shown(&DataRef::Empty, true), Err("FORMULA_WITHOUT_VALUE"));
        assert_eq!(shown(&DataRef::String(String::new()), true), Ok(String::new()));
    }

    #[test]
    fn workbook_is_read_cell_by_cell() {
        let mut book = Workbook::new();
        let sheet = book.add_worksheet();
        sheet.write_string(0, 0, "学号").unwrap();
        sheet.write_string(0, 1, "姓名").unwrap();
        sheet.write_number(1, 0, 20_260_101).unwrap();
        sheet.write_string(1, 1, " 林晓雨 ").unwrap();
        let day = Date::from_ymd(2026, 9, 1).unwrap();
        sheet.write_with_format(2, 0, &day, &Format::new().set_num_format("yyyy-mm-dd")).unwrap();
        sheet.write_formula(3, 0, Formula::new("=1+1").set_result("2")).unwrap();
        sheet.write_string(1_048_575, 16_383, "far away").unwrap();
        let content = book.save_to_buffer().unwrap();
        let sheet = super::super::read(&content, COLUMNS, 10).unwrap();
        let rows = sheet.rows.iter().map(|row| (row.row, row.get("number"))).collect::<Vec<_>>();
        assert_eq!(rows, [(2, "20260101"), (3, "2026-09-01"), (4, "2")]);
        assert_eq!(sheet.rows[0].get("name"), "林晓雨");
        assert_eq!(sheet.encoding, "");
    }
}
