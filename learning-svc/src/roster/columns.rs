//! The columns of a roster.

use crate::sheet::{Column, Format, Locale, SheetError, Template, TemplateColumn};

/// Columns that are understood.
pub const COLUMNS: &[Column] = &[
    Column {
        field: "student_no",
        headings: &[
            "学号",
            "Student No.",
            "学生编号",
            "编号",
            "Student Number",
            "Student ID",
            "No.",
        ],
        required: true,
    },
    Column {
        field: "full_name",
        headings: &["姓名", "Name", "学生姓名", "名字", "Full Name", "Student Name"],
        required: true,
    },
    Column {
        field: "username",
        headings: &["用户名", "Username", "账号", "登录名", "Login", "Account"],
        required: false,
    },
    Column { field: "grade", headings: &["年级", "Grade"], required: false },
    Column {
        field: "cefr_level",
        headings: &["英语水平", "CEFR Level", "英语等级", "水平", "CEFR", "Level", "English Level"],
        required: false,
    },
    Column {
        field: "target_exam",
        headings: &["目标考试", "Target Exam", "考试", "Exam"],
        required: false,
    },
    Column {
        field: "target_score",
        headings: &["目标分数", "Target Score", "目标成绩"],
        required: false,
    },
    Column {
        field: "phone",
        headings: &["电话", "Phone", "手机", "手机号", "联系电话", "Mobile", "Telephone"],
        required: false,
    },
    Column {
        field: "email",
        headings: &["邮箱", "E-mail", "电子邮箱", "电子邮件", "Mail"],
        required: false,
    },
];

/// Example, and the hint in Chinese and English, by field.
const TEXTS: [(&str, &str, &str); 9] = [
    (
        "20260101",
        "必填，同一学校内唯一；再次导入时按学号更新",
        "Required; unique within the school. Importing again updates by this number.",
    ),
    ("林晓雨", "必填，最多 100 个字符", "Required; at most 100 characters."),
    (
        "",
        "可不填，默认用学号；3 至 100 个字母、数字、_ 或 -，仅用于新账号",
        "May be empty: the student number. 3 to 100 letters, digits, _ or -; for new accounts only.",
    ),
    ("高二", "可不填", "May be empty."),
    ("B1", "可不填；A1、A2、B1、B2、C1、C2 之一", "May be empty; one of A1, A2, B1, B2, C1, C2."),
    ("高考", "可不填，如高考、CET4、IELTS", "May be empty; as in Gaokao, CET4, IELTS."),
    ("135", "可不填，数字", "May be empty; a number."),
    ("13800000000", "可不填，仅用于新账号", "May be empty; for new accounts only."),
    ("", "可不填，仅用于新账号", "May be empty; for new accounts only."),
];

/// Writes an empty roster with headings, an example and hints.
///
/// # Errors
///
/// Fails when the workbook cannot be put together.
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
    let title = locale.pick("学生名单", "Roster");
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
            assert_eq!(sheet.rows[0].get("student_no"), "20260101");
        }
    }
}
