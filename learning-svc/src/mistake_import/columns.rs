//! The columns of a spreadsheet of mistakes.

use crate::sheet::{Column, Format, Locale, SheetError, Template, TemplateColumn};

/// Columns that are understood.
pub const COLUMNS: &[Column] = &[
    Column {
        field: "student_no",
        headings: &["学号", "Student No.", "学生编号", "Student Number", "Student ID"],
        required: false,
    },
    Column {
        field: "full_name",
        headings: &["姓名", "Name", "学生姓名", "Full Name", "Student Name"],
        required: false,
    },
    Column {
        field: "question",
        headings: &["题目", "Question", "错题", "问题", "题干"],
        required: true,
    },
    Column {
        field: "wrong_answer",
        headings: &["错误答案", "Wrong Answer", "学生答案", "错答", "Student Answer"],
        required: true,
    },
    Column {
        field: "correct_answer",
        headings: &["正确答案", "Correct Answer", "标准答案", "答案", "Right Answer", "Answer"],
        required: true,
    },
    Column {
        field: "type",
        headings: &["类型", "Type", "错题类型", "题型", "Mistake Type"],
        required: false,
    },
    Column {
        field: "explanation",
        headings: &["解析", "Explanation", "讲解", "分析"],
        required: false,
    },
    Column {
        field: "source", headings: &["来源", "Source", "试卷", "出处"], required: false
    },
    Column { field: "topic", headings: &["主题", "Topic", "话题", "考点"], required: false },
    Column {
        field: "difficulty_level",
        headings: &["难度", "Difficulty", "难度等级", "Difficulty Level", "Level", "CEFR"],
        required: false,
    },
    Column {
        field: "mistaken_at",
        headings: &["日期", "Date", "时间", "出错日期", "Mistaken At"],
        required: false,
    },
];

/// Example, and the hint in Chinese and English, by field.
const TEXTS: [(&str, &str, &str); 11] = [
    (
        "20260101",
        "学号和姓名至少填一项；重名时必须填学号",
        "Student number or name is required; the number when names are equal.",
    ),
    ("林晓雨", "学号和姓名至少填一项", "Student number or name is required."),
    (
        "He ____ to school by bus every day.",
        "必填，最多 10000 个字符；选择题请把选项写在题目里",
        "Required; at most 10,000 characters. Options belong to the question.",
    ),
    ("go", "必填，最多 5000 个字符", "Required; at most 5,000 characters."),
    (
        "goes",
        "必填，最多 5000 个字符；多个正确答案用 / 分开",
        "Required; at most 5,000 characters. Alternatives are separated by /.",
    ),
    (
        "语法",
        "可不填，默认语法；语法、词汇、阅读、听力、写作、口语、发音、理解之一",
        "May be empty: grammar. One of grammar, vocabulary, reading, listening, writing, speaking, pronunciation, comprehension.",
    ),
    ("主语是第三人称单数。", "可不填", "May be empty."),
    ("2026 期中卷", "可不填，最多 200 个字符", "May be empty; at most 200 characters."),
    ("一般现在时", "可不填，最多 200 个字符", "May be empty; at most 200 characters."),
    ("A2", "可不填；A1、A2、B1、B2、C1、C2 之一", "May be empty; one of A1, A2, B1, B2, C1, C2."),
    ("2026-03-02", "可不填，默认当天；如 2026-03-02", "May be empty: today. As in 2026-03-02."),
];

/// Writes an empty spreadsheet with headings, an example and hints.
pub fn template(format: Format, locale: Locale) -> Result<Vec<u8>, SheetError> {
    let columns = COLUMNS.iter().zip(TEXTS).map(|(column, (example, chinese, english))| {
        let heading = |place: usize| column.headings.get(place).copied().unwrap_or(column.field);
        TemplateColumn {
            heading: locale.pick(heading(0), heading(1)),
            example,
            hint: locale.pick(chinese, english),
            required: column.required,
        }
    });
    let title = locale.pick("错题", "Mistakes");
    Template { locale, title, columns: columns.collect() }.write(format)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn templates_have_every_column_once() {
        for (format, locale) in [(Format::Xlsx, Locale::Chinese), (Format::Csv, Locale::English)] {
            let sheet =
                crate::sheet::read(&template(format, locale).unwrap(), COLUMNS, 10).unwrap();
            assert_eq!(sheet.fields.len(), COLUMNS.len());
            assert_eq!(sheet.ignored_columns, [""; 0]);
            assert_eq!(sheet.rows[0].get("correct_answer"), "goes");
        }
    }
}
