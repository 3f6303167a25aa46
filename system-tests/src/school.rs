//! A school to test with: a roster and pupils' mistakes as spreadsheets.

use rust_xlsxwriter::{Workbook, XlsxError};

use crate::exam::SingleChoice;

const SURNAMES: [&str; 9] = ["王", "李", "张", "刘", "陈", "杨", "赵", "黄", "周"];
const GIVEN: [&str; 5] = ["子涵", "浩然", "雨桐", "思远", "欣怡"];

/// One pupil of the roster.
#[derive(Clone, Debug)]
pub struct Pupil {
    pub number: String,
    pub name: String,
}

/// Returns `count` pupils with different names, at most 45.
#[must_use]
pub fn pupils(count: usize) -> Vec<Pupil> {
    let names = SURNAMES.iter().flat_map(|surname| GIVEN.map(|given| format!("{surname}{given}")));
    names
        .take(count)
        .enumerate()
        .map(|(index, name)| Pupil { number: format!("2026{:04}", index + 1), name })
        .collect()
}

/// Returns the roster as an .xlsx file with Chinese headings.
///
/// # Errors
///
/// Fails when the file cannot be built.
pub fn roster(pupils: &[Pupil]) -> Result<Vec<u8>, XlsxError> {
    let rows = pupils.iter().map(|pupil| {
        vec![pupil.number.clone(), pupil.name.clone(), "高二".to_owned(), "B1".to_owned()]
    });
    spreadsheet(&["学号", "姓名", "年级", "英语水平"], rows)
}

/// One wrong answer of one pupil.
#[derive(Clone, Debug)]
pub struct WrongAnswer {
    pub pupil: Pupil,
    pub item: SingleChoice,
    pub option: &'static str,
}

/// Spreads all `items` over the pupils, every wrong option chosen by several of them.
#[must_use]
pub fn wrong_answers(pupils: &[Pupil], items: &[SingleChoice]) -> Vec<WrongAnswer> {
    let mut answers = Vec::new();
    for (index, item) in items.iter().enumerate() {
        for (turn, option) in item.wrong_options().into_iter().enumerate() {
            for repeat in 0..3 {
                let pupil = pupils[(index * 7 + turn * 3 + repeat * 11) % pupils.len()].clone();
                answers.push(WrongAnswer { pupil, item: item.clone(), option });
            }
        }
    }
    answers
}

/// Returns wrong answers as an .xlsx file with Chinese headings.
///
/// # Errors
///
/// Fails when the file cannot be built.
pub fn mistakes(answers: &[WrongAnswer]) -> Result<Vec<u8>, XlsxError> {
    let rows = answers.iter().map(|answer| {
        vec![
            answer.pupil.number.clone(),
            answer.item.question.clone(),
            answer.option.to_owned(),
            answer.item.answer.clone(),
            "语法".to_owned(),
            answer.item.explanation.clone(),
            answer.item.source.clone(),
        ]
    });
    spreadsheet(&["学号", "题目", "错误答案", "正确答案", "类型", "解析", "来源"], rows)
}

/// Returns rows of text beneath `headings` as an .xlsx file.
///
/// # Errors
///
/// Fails when the file cannot be built.
pub fn spreadsheet(
    headings: &[&str],
    rows: impl Iterator<Item = Vec<String>>,
) -> Result<Vec<u8>, XlsxError> {
    let mut workbook = Workbook::new();
    let sheet = workbook.add_worksheet();
    for (column, heading) in (0..).zip(headings) {
        sheet.write_string(0, column, *heading)?;
    }
    for (line, row) in (1..).zip(rows) {
        for (column, cell) in (0..).zip(row) {
            sheet.write_string(line, column, cell)?;
        }
    }
    workbook.save_to_buffer()
}
