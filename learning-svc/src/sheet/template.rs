//! Empty spreadsheets for people to fill in.

use rust_xlsxwriter::{Color, Format as Style, FormatBorder, Workbook, XlsxError};

use super::SheetError;

const XLSX: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
const CSV: &str = "text/csv; charset=utf-8";

/// What a template is written as.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    Xlsx,
    Csv,
}

impl Format {
    /// Reads a name; empty means `.xlsx`.
    ///
    /// # Errors
    ///
    /// Fails when the name is unknown.
    pub fn from_name(name: &str) -> Result<Self, SheetError> {
        match name {
            "" | "xlsx" => Ok(Self::Xlsx),
            "csv" => Ok(Self::Csv),
            _ => Err(SheetError::UnknownFormat),
        }
    }

    /// Returns the ending of a file name.
    #[must_use]
    pub fn extension(self) -> &'static str {
        match self {
            Self::Xlsx => "xlsx",
            Self::Csv => "csv",
        }
    }

    /// Returns the media type.
    #[must_use]
    pub fn content_type(self) -> &'static str {
        match self {
            Self::Xlsx => XLSX,
            Self::Csv => CSV,
        }
    }
}

/// The language of a template.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Locale {
    Chinese,
    English,
}

impl Locale {
    /// Reads a language tag; empty means Chinese.
    ///
    /// # Errors
    ///
    /// Fails when the tag is unknown.
    pub fn from_tag(tag: &str) -> Result<Self, SheetError> {
        match tag {
            "" | "zh-CN" => Ok(Self::Chinese),
            "en" => Ok(Self::English),
            _ => Err(SheetError::UnknownLocale),
        }
    }

    /// Returns the text of the language.
    #[must_use]
    pub fn pick<'a>(self, chinese: &'a str, english: &'a str) -> &'a str {
        match self {
            Self::Chinese => chinese,
            Self::English => english,
        }
    }
}

/// One column of a template.
#[derive(Clone, Copy, Debug)]
pub struct TemplateColumn<'a> {
    pub heading: &'a str,
    /// Cell of the example row.
    pub example: &'a str,
    /// What belongs there, on the sheet of hints.
    pub hint: &'a str,
    pub required: bool,
}

/// An empty spreadsheet.
#[derive(Clone, Debug)]
pub struct Template<'a> {
    pub locale: Locale,
    /// Name of the sheet.
    pub title: &'a str,
    pub columns: Vec<TemplateColumn<'a>>,
}

impl Template<'_> {
    /// Writes headings and an example row; in a workbook also a sheet of hints.
    ///
    /// # Errors
    ///
    /// Fails when the workbook cannot be put together.
    pub fn write(&self, format: Format) -> Result<Vec<u8>, SheetError> {
        match format {
            Format::Xlsx => self.workbook().map_err(|_| SheetError::Template),
            Format::Csv => self.text().map_err(|_| SheetError::Template),
        }
    }

    fn workbook(&self) -> Result<Vec<u8>, XlsxError> {
        let head = Style::new()
            .set_bold()
            .set_background_color(Color::RGB(0x00DD_EBF7))
            .set_border_bottom(FormatBorder::Thin);
        // Long numbers and leading zeros stay as they are typed.
        let cell = Style::new().set_num_format("@");
        let wrapped = Style::new().set_text_wrap();
        let mut book = Workbook::new();
        let sheet = book.add_worksheet();
        sheet.set_name(self.title)?;
        sheet.set_freeze_panes(1, 0)?;
        for (place, column) in (0_u16..).zip(&self.columns) {
            sheet.set_column_width(place, 18)?;
            sheet.set_column_format(place, &cell)?;
            sheet.write_string_with_format(0, place, column.heading, &head)?;
            sheet.write_string_with_format(1, place, column.example, &cell)?;
        }
        let hints = book.add_worksheet();
        hints.set_name(self.locale.pick("填写说明", "Hints"))?;
        let titles = [("列", "Column"), ("必填", "Required"), ("说明", "What belongs there")];
        for (place, (chinese, english)) in (0_u16..).zip(titles) {
            hints.write_string_with_format(0, place, self.locale.pick(chinese, english), &head)?;
        }
        hints.set_column_width(0, 18)?;
        hints.set_column_width(2, 80)?;
        for (line, column) in (1_u32..).zip(&self.columns) {
            let required = if column.required { self.locale.pick("是", "yes") } else { "" };
            hints.write_string(line, 0, column.heading)?;
            hints.write_string(line, 1, required)?;
            hints.write_string_with_format(line, 2, column.hint, &wrapped)?;
        }
        book.save_to_buffer()
    }

    /// Writes text with a byte order mark, without which Excel takes UTF-8 for something else.
    fn text(&self) -> Result<Vec<u8>, csv::Error> {
        let mut content = "\u{FEFF}".as_bytes().to_vec();
        {
            let mut writer = csv::WriterBuilder::new()
                .terminator(csv::Terminator::CRLF)
                .from_writer(&mut content);
            writer.write_record(self.columns.iter().map(|column| column.heading))?;
            writer.write_record(self.columns.iter().map(|column| column.example))?;
            writer.flush()?;
        }
        Ok(content)
    }
}

#[cfg(test)]
mod tests {
    use super::{super::Column, *};

    #[test]
    fn template_can_be_read_again() {
        const COLUMNS: &[Column] =
            &[Column { field: "number", headings: &["学号", "Student No."], required: true }];
        for (locale, heading) in [(Locale::Chinese, "学号"), (Locale::English, "Student No.")] {
            let column =
                TemplateColumn { heading, example: "0012", hint: "as printed", required: true };
            let template = Template { locale, title: "Roster", columns: vec![column] };
            for format in [Format::Xlsx, Format::Csv] {
                let content = template.write(format).unwrap();
                let sheet = super::super::read(&content, COLUMNS, 10).unwrap();
                assert_eq!(sheet.rows[0].get("number"), "0012");
            }
        }
    }
}
