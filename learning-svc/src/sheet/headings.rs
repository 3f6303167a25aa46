//! Which column means which field.

use super::{Column, MAX_COLUMNS, SheetError};

/// The fields of one file by column.
#[derive(Debug)]
pub(super) struct Mapping {
    fields: Vec<(usize, &'static str)>,
    pub ignored: Vec<String>,
}

impl Mapping {
    /// Reads a line of headings.
    pub(super) fn of(columns: &[Column], cells: Vec<(usize, String)>) -> Result<Self, SheetError> {
        let mut mapping = Self { fields: Vec::new(), ignored: Vec::new() };
        for (place, heading) in cells {
            let heading = heading.trim();
            if heading.is_empty() {
                continue;
            }
            let plain = plain(heading);
            let means = |column: &&Column| {
                column.field == heading || column.headings.iter().any(|h| self::plain(h) == plain)
            };
            match columns.iter().find(means) {
                Some(column) if mapping.fields.iter().any(|(_, field)| *field == column.field) => {
                    return Err(SheetError::DuplicateHeading(shown(column)));
                }
                Some(column) => mapping.fields.push((place, column.field)),
                None if place >= MAX_COLUMNS => return Err(SheetError::TooManyColumns),
                None => mapping.ignored.push(heading.chars().take(100).collect()),
            }
        }
        let missing = columns.iter().filter(|column| {
            column.required && !mapping.fields.iter().any(|(_, field)| *field == column.field)
        });
        let missing: Vec<String> = missing.map(shown).collect();
        if missing.is_empty() { Ok(mapping) } else { Err(SheetError::MissingColumns(missing)) }
    }

    pub(super) fn field(&self, column: usize) -> Option<&'static str> {
        self.fields.iter().find(|(place, _)| *place == column).map(|(_, field)| *field)
    }

    pub(super) fn fields(&self) -> Vec<&'static str> {
        self.fields.iter().map(|(_, field)| *field).collect()
    }
}

/// Returns how a column is named towards people: `学号 (Student No.)`.
fn shown(column: &Column) -> String {
    match column.headings {
        [chinese, english, ..] => format!("{chinese} ({english})"),
        [only] => (*only).to_owned(),
        [] => column.field.to_owned(),
    }
}

/// Leaves of a heading what matters: no case, no blanks and marks, nothing in brackets.
fn plain(heading: &str) -> String {
    let mut depth = 0_u32;
    let mut plain = String::new();
    for c in heading.chars() {
        match c {
            '(' | '（' | '[' | '【' => depth += 1,
            ')' | '）' | ']' | '】' => depth = depth.saturating_sub(1),
            _ if depth > 0 || !c.is_alphanumeric() => {}
            // Letters and digits of full width.
            '\u{FF01}'..='\u{FF5E}' => {
                let narrow = char::from_u32(u32::from(c) - 0xFEE0).unwrap_or(c);
                plain.extend(narrow.to_lowercase());
            }
            _ => plain.extend(c.to_lowercase()),
        }
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn heading_is_known_in_any_dress() {
        for heading in ["Student No.", "student_no", " STUDENT-NO* ", "Student No (required)"] {
            assert_eq!(plain(heading), "studentno", "{heading}");
        }
        assert_eq!(plain("学号（必填）："), "学号");
        assert_eq!(plain("Ｎａｍｅ１"), "name1");
    }
}
