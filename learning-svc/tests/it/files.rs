//! Files that are refused, as a whole or row by row.

use std::io::{Cursor, Write as _};

use kit::error::{reason_of, violations_of};
use tonic::Code;
use zip::{ZipArchive, ZipWriter, write::SimpleFileOptions};

use crate::support::Service;

/// Writes a roster as a workbook.
fn workbook(rows: &[[&str; 2]]) -> Vec<u8> {
    let mut book = rust_xlsxwriter::Workbook::new();
    let sheet = book.add_worksheet();
    for (line, row) in (0..).zip(rows) {
        for (column, text) in (0..).zip(row) {
            if let Some(formula) = text.strip_prefix('=') {
                sheet.write_formula(line, column, formula).unwrap();
            } else {
                sheet.write_string(line, column, *text).unwrap();
            }
        }
    }
    book.save_to_buffer().unwrap()
}

/// Changes the text of one part of a workbook.
fn changed(book: &[u8], part: &str, change: impl Fn(String) -> String) -> Vec<u8> {
    let mut archive = ZipArchive::new(Cursor::new(book)).unwrap();
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    for index in 0..archive.len() {
        let mut file = archive.by_index(index).unwrap();
        let name = file.name().unwrap().into_owned();
        let mut text = String::new();
        std::io::Read::read_to_string(&mut file, &mut text).unwrap();
        writer.start_file(&name, SimpleFileOptions::default()).unwrap();
        let text = if name == part { change(text) } else { text };
        writer.write_all(text.as_bytes()).unwrap();
    }
    writer.finish().unwrap().into_inner()
}

#[tokio::test]
async fn wrong_files_are_refused_for_their_reason() {
    let service = Service::new().await;
    let teacher = service.teacher("chen");
    let class = service.class(&teacher, 0).await;
    let good = workbook(&[["学号", "姓名"], ["1", "林晓雨"]]);
    let many: String =
        (0..2_001).fold("学号,姓名\n".to_owned(), |text, n| text + &format!("{n},学生\n"));
    let bomb = changed(&good, "xl/sharedStrings.xml", |_| " ".repeat(101 << 20));
    let many_texts =
        changed(&good, "xl/sharedStrings.xml", |_| "<si><t>a</t></si>".repeat(2 << 20));
    let boasts = changed(&good, "xl/sharedStrings.xml", |_| {
        "<sst uniqueCount = '+10000000000000'></sst>".to_owned()
    });
    let cases: Vec<(Vec<u8>, &str)> = vec![
        (good[..good.len() / 2].to_vec(), "BROKEN_FILE"),
        (b"PK\x03\x04".to_vec(), "BROKEN_FILE"),
        (changed(&good, "xl/worksheets/sheet1.xml", |_| "<x/>".to_owned()), "BROKEN_FILE"),
        (bomb, "FILE_TOO_LARGE"),
        (many_texts, "FILE_TOO_LARGE"),
        (boasts, "BROKEN_FILE"),
        (vec![0xD0, 0xCF, 0x11, 0xE0, 0xA1, 0xB1, 0x1A, 0xE1], "UNSUPPORTED_FORMAT"),
        (vec![b'a', 0xFF, 0xFF, b',', b'b'], "UNKNOWN_ENCODING"),
        ("学号,姓名,Student No.\n1,林,1\n".into(), "DUPLICATE_HEADING"),
        ("学号,班级\n1,三\n".into(), "MISSING_COLUMN"),
        ("学号,姓名\n".into(), "EMPTY_FILE"),
        (Vec::new(), "EMPTY_FILE"),
        (many.into(), "TOO_MANY_ROWS"),
    ];
    for (content, reason) in cases {
        let status = service.upload(&teacher, &class, content).await.unwrap_err();
        assert_eq!(
            (status.code(), reason_of(&status).as_deref()),
            (Code::InvalidArgument, Some(reason))
        );
        assert_eq!(violations_of(&status)[0].0, "file");
    }
}

#[tokio::test]
async fn formula_counts_by_its_value_and_is_refused_without_one() {
    let service = Service::new().await;
    let teacher = service.teacher("chen");
    let class = service.class(&teacher, 0).await;
    let book = workbook(&[["学号", "姓名"], ["=1+1", "林晓雨"], ["3", "=A1"]]);
    // As openpyxl writes it: a formula that no program has computed.
    let book = changed(&book, "xl/worksheets/sheet1.xml", |text| {
        text.replace("<f>A1</f><v>0</v>", "<f>A1</f><v></v>")
    });
    let import = service.upload(&teacher, &class, book).await.unwrap();
    assert_eq!((import.new_rows, import.refused_rows, import.encoding.as_str()), (1, 1, ""));
    let rows = service.rows(&teacher, &import.id).await;
    assert_eq!(rows[0].cells["student_no"], "0");
    let problem = &rows[1].problems[0];
    assert_eq!(
        (problem.field.as_str(), problem.code.as_str()),
        ("full_name", "FORMULA_WITHOUT_VALUE")
    );
    assert!(problem.detail.contains("B3"), "{}", problem.detail);
    // What could not be read is refused at the commit as well.
    let committed = service.commit(&teacher, &import.id).await.unwrap();
    assert_eq!(committed.refused_rows, 1);
    assert_eq!(service.enrollments(&teacher, &class, true).await.len(), 1);
}

#[tokio::test]
async fn wrong_rows_say_what_is_wrong() {
    let service = Service::new().await;
    let teacher = service.teacher("chen");
    let class = service.class(&teacher, 0).await;
    let text = "学号;姓名;英语水平;座位;邮箱\n\
                1;林\u{7}晓雨;;3;\n\
                2;周明;B7;;\n\
                3;吴;;;nobody\n\
                ;郑;;;\n\
                5;王;b2;;a@b.cn\n\
                6;甲;;;\n\
                6;乙;;;\n";
    let (gb, _, _) = encoding_rs::GB18030.encode(text);
    let import = service.upload(&teacher, &class, gb.into_owned()).await.unwrap();
    assert_eq!(import.encoding, "gb18030");
    assert_eq!(import.ignored_columns, ["座位"]);
    assert_eq!((import.rows, import.new_rows, import.refused_rows), (7, 1, 6));
    let rows = service.rows(&teacher, &import.id).await;
    let problems: Vec<_> = rows
        .iter()
        .filter_map(|row| Some((row.row, row.problems.first()?.code.as_str())))
        .collect();
    let expected = [
        (2, "CONTROL_CHARACTER"),
        (3, "UNKNOWN"),
        (4, "INVALID_EMAIL"),
        (5, "REQUIRED"),
        (7, "DUPLICATE_ROW"),
        (8, "DUPLICATE_ROW"),
    ];
    assert_eq!(problems, expected);
}

#[tokio::test]
async fn numbers_that_the_spreadsheet_cut_are_no_student_numbers() {
    let service = Service::new().await;
    let teacher = service.teacher("chen");
    let class = service.class(&teacher, 0).await;
    let text = "学号,姓名,电话\n\
                1.23457E+19,林晓雨,\n\
                1.23457E+19,周明,\n\
                20260103,吴桐,1.38E+10\n\
                20260104,陈静,13800000000\n";
    let import = service.upload(&teacher, &class, text).await.unwrap();
    assert_eq!((import.new_rows, import.refused_rows), (1, 3));
    let rows = service.rows(&teacher, &import.id).await;
    let problems = rows.iter().map(|row| {
        let codes = row.problems.iter().map(|p| (p.field.as_str(), p.code.as_str()));
        codes.collect::<Vec<_>>()
    });
    let cut = |field| vec![(field, "NUMBER_ROUNDED")];
    let expected = [cut("student_no"), cut("student_no"), cut("phone"), vec![]];
    assert_eq!(problems.collect::<Vec<_>>(), expected);
    assert!(rows[0].problems[0].detail.contains("format the column as text"));
}
