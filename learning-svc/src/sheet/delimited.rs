//! Text with separators, in the character sets that spreadsheet programs write.

use std::borrow::Cow;

use encoding_rs::{Encoding, GB18030, UTF_16BE, UTF_16LE};

use super::{Cell, MAX_COLUMNS, Reading, SheetError};

const SEPARATORS: [u8; 3] = [b',', b';', b'\t'];

/// Reads text into `reading`.
pub(super) fn read(content: &[u8], reading: &mut Reading<'_>) -> Result<(), SheetError> {
    let (text, encoding) = decode(content)?;
    reading.sheet.encoding = encoding;
    // One byte ends a line, as the lines below are counted.
    let text = if text.contains('\r') {
        Cow::Owned(text.replace("\r\n", "\n").replace('\r', "\n"))
    } else {
        text
    };
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .delimiter(separator(&text))
        .from_reader(text.as_bytes());
    // Line breaks inside of cells are lines of the file and not of the spreadsheet.
    let mut inner = 0_u64;
    let mut record = csv::StringRecord::new();
    while reader.read_record(&mut record).map_err(|_| SheetError::UnknownEncoding)? {
        let line = record.position().map_or(0, |at| first_line(&text, at)).saturating_sub(inner);
        let breaks = record.iter().map(|cell| cell.matches('\n').count() as u64);
        inner += breaks.sum::<u64>();
        let cells = record.iter().take(MAX_COLUMNS + 1).enumerate();
        let cells = cells.map(|(column, cell)| (column, Cell::Text(cell.to_owned())));
        reading.row(u32::try_from(line).unwrap_or(u32::MAX), cells.collect())?;
    }
    Ok(())
}

/// Returns the line of a record that was read from `at` on: lines without anything are passed over.
fn first_line(text: &str, at: &csv::Position) -> u64 {
    let start = usize::try_from(at.byte()).unwrap_or(usize::MAX);
    let rest = text.as_bytes().get(start..).unwrap_or_default();
    at.line() + rest.iter().take_while(|byte| **byte == b'\n').count() as u64
}

/// Returns the text without byte order mark, and the name of its character set.
fn decode(content: &[u8]) -> Result<(Cow<'_, str>, &'static str), SheetError> {
    let strict = |encoding: &'static Encoding, bytes| {
        encoding
            .decode_without_bom_handling_and_without_replacement(bytes)
            .ok_or(SheetError::UnknownEncoding)
    };
    let (text, name) = match Encoding::for_bom(content) {
        Some((encoding, mark)) if encoding == UTF_16LE || encoding == UTF_16BE => {
            (strict(encoding, &content[mark..])?, "utf-16")
        }
        Some((_, mark)) => {
            let text = std::str::from_utf8(&content[mark..]);
            (text.map_err(|_| SheetError::UnknownEncoding)?.into(), "utf-8")
        }
        None => match std::str::from_utf8(content) {
            Ok(text) => (text.into(), "utf-8"),
            Err(_) => (strict(GB18030, content)?, "gb18030"),
        },
    };
    // Text has no NUL; what has some is UTF-16 without a mark, or no text at all.
    if text.contains('\0') { Err(SheetError::UnknownEncoding) } else { Ok((text, name)) }
}

/// Returns the separator that is most frequent outside of quotes in the first lines.
fn separator(text: &str) -> u8 {
    let mut counts = [0_usize; SEPARATORS.len()];
    let mut quoted = false;
    for byte in text.bytes().take(4_096) {
        match byte {
            b'"' => quoted = !quoted,
            b'\n' if !quoted && counts.iter().any(|count| *count > 0) => break,
            _ if quoted => {}
            _ => {
                let place = SEPARATORS.iter().position(|separator| *separator == byte);
                if let Some(count) = place.and_then(|place| counts.get_mut(place)) {
                    *count += 1;
                }
            }
        }
    }
    let best = SEPARATORS.iter().zip(counts).max_by_key(|(_, count)| *count);
    best.filter(|(_, count)| *count > 0).map_or(b',', |(separator, _)| *separator)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn character_sets_are_told_apart() {
        let chinese = "学号,姓名\n1,林晓雨\n";
        let (gb, _, _) = GB18030.encode(chinese);
        assert_eq!(decode(&gb), Ok((chinese.into(), "gb18030")));
        assert_eq!(decode(chinese.as_bytes()), Ok((chinese.into(), "utf-8")));
        let marked = format!("\u{FEFF}{chinese}");
        assert_eq!(decode(marked.as_bytes()), Ok((chinese.into(), "utf-8")));
        let wide: Vec<u8> = marked.encode_utf16().flat_map(u16::to_le_bytes).collect();
        assert_eq!(decode(&wide), Ok((chinese.into(), "utf-16")));
        assert_eq!(decode(&wide[2..]), Err(SheetError::UnknownEncoding));
        assert_eq!(decode(&[0x61, 0xFF, 0x2C]), Err(SheetError::UnknownEncoding));
    }

    #[test]
    fn separator_is_the_most_frequent_one_outside_quotes() {
        assert_eq!(separator("a;\"b,c,d\";e\n1,2,3,4,5"), b';');
        assert_eq!(separator("a\tb\n"), b'\t');
        assert_eq!(separator("title\na,b;c,d\n"), b',');
        assert_eq!(separator("alone"), b',');
    }
}
