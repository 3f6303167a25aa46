//! What the book itself says, in both languages.

use chrono::{Datelike as _, NaiveDate};
use serde::Serialize;

use super::{MistakeStatus, MistakeType};

/// Language of the labels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Language {
    Chinese,
    English,
}

impl Language {
    /// Reads `zh-CN` or `en`; anything else is Chinese.
    #[must_use]
    pub fn of(locale: &str) -> Self {
        if locale.eq_ignore_ascii_case("en") { Self::English } else { Self::Chinese }
    }

    /// Returns the labels in this language.
    #[must_use]
    pub const fn labels(self) -> &'static Labels {
        match self {
            Self::Chinese => &CHINESE,
            Self::English => &ENGLISH,
        }
    }

    /// Writes a day: `2026-03-12` or `12 Mar 2026`.
    #[must_use]
    pub fn day(self, day: NaiveDate) -> String {
        match self {
            Self::Chinese => day.format("%Y-%m-%d").to_string(),
            Self::English => day.format("%-d %b %Y").to_string(),
        }
    }
}

/// Texts of one language.
#[derive(Debug, Serialize)]
pub struct Labels {
    #[serde(skip)]
    language: Language,
    pub title: &'static str,
    pub subtitle: &'static str,
    pub student_no: &'static str,
    pub class: &'static str,
    pub teacher: &'static str,
    pub period: &'static str,
    pub made_on: &'static str,
    pub in_book: &'static str,
    pub in_total: &'static str,
    pub mastered: &'static str,
    pub mastery: &'static str,
    pub by_status: &'static str,
    pub by_point: &'static str,
    pub contents: &'static str,
    pub other: &'static str,
    pub no_date: &'static str,
    pub five_times: &'static str,
    pub wrong: &'static str,
    pub right: &'static str,
    pub explanation: &'static str,
    pub what_went_wrong: &'static str,
    pub why_right: &'static str,
    pub how_to_remember: &'static str,
    pub similar: &'static str,
    pub redo: &'static str,
    pub answers: &'static str,
    pub empty_title: &'static str,
    pub empty_text: &'static str,
    pub truncated: &'static str,
    /// What stands before, between and after the numbers of a page.
    pub page: [&'static str; 3],
}

static CHINESE: Labels = Labels {
    language: Language::Chinese,
    title: "英语错题本",
    subtitle: "温故而知新",
    student_no: "学号",
    class: "班级",
    teacher: "教师",
    period: "时段",
    made_on: "印制日期",
    in_book: "本册题数",
    in_total: "累计错题",
    mastered: "已掌握",
    mastery: "掌握率",
    by_status: "掌握情况",
    by_point: "主要知识点",
    contents: "目录",
    other: "其他",
    no_date: "日期未知",
    five_times: "错 5 次及以上",
    wrong: "我的答案",
    right: "正确答案",
    explanation: "讲解",
    what_went_wrong: "错在哪里",
    why_right: "为什么对",
    how_to_remember: "怎样记住",
    similar: "同类题",
    redo: "订正",
    answers: "答案与解析",
    empty_title: "这里还没有错题",
    empty_text: "所选范围内没有需要订正的题目。保持下去，遇到新错题时再来整理。",
    truncated: "符合条件的错题较多，本册收录最近的 1000 题。",
    page: ["第 ", " / ", " 页"],
};

static ENGLISH: Labels = Labels {
    language: Language::English,
    title: "English Mistake Book",
    subtitle: "Look again, learn again",
    student_no: "Student No.",
    class: "Class",
    teacher: "Teacher",
    period: "Period",
    made_on: "Printed on",
    in_book: "In this book",
    in_total: "Mistakes so far",
    mastered: "Mastered",
    mastery: "Mastery",
    by_status: "Progress",
    by_point: "Main topics",
    contents: "Contents",
    other: "Other",
    no_date: "No date",
    five_times: "5 times wrong or more",
    wrong: "My answer",
    right: "Right answer",
    explanation: "Explanation",
    what_went_wrong: "Mistake",
    why_right: "Reason",
    how_to_remember: "Remember",
    similar: "Similar questions",
    redo: "Try again",
    answers: "Answers and analysis",
    empty_title: "No mistakes here yet",
    empty_text: "Nothing in the chosen range needs another look. Keep going, and come back when there is something new to work on.",
    truncated: "More mistakes match than one book holds: these are the latest 1000.",
    page: ["Page ", " / ", ""],
};

impl Labels {
    /// Tells whether these are the Chinese ones.
    #[must_use]
    pub fn is_chinese(&self) -> bool {
        self.language == Language::Chinese
    }

    /// Counts questions, as in `5 题`.
    #[must_use]
    pub fn questions(&self, count: usize) -> String {
        match (self.language, count) {
            (Language::Chinese, _) => format!("{count} 题"),
            (Language::English, 1) => "1 question".to_owned(),
            (Language::English, _) => format!("{count} questions"),
        }
    }

    /// Says how often something went wrong.
    #[must_use]
    pub fn times_wrong(&self, times: u32) -> String {
        match (self.language, times) {
            (Language::Chinese, _) => format!("错 {times} 次"),
            (Language::English, 1) => "wrong once".to_owned(),
            (Language::English, 2) => "wrong twice".to_owned(),
            (Language::English, _) => format!("wrong {times} times"),
        }
    }

    /// Names a month.
    #[must_use]
    pub fn month(&self, year: i32, month: u32) -> String {
        match self.language {
            Language::Chinese => format!("{year} 年 {month} 月"),
            Language::English => NaiveDate::from_ymd_opt(year, month, 1)
                .map_or_else(String::new, |day| day.format("%B %Y").to_string()),
        }
    }

    /// Names the days from `from` to `until`.
    #[must_use]
    pub fn period_of(&self, from: NaiveDate, until: NaiveDate) -> String {
        let (first, last) = (self.language.day(from), self.language.day(until));
        if from.num_days_from_ce() == until.num_days_from_ce() {
            return first;
        }
        match self.language {
            Language::Chinese => format!("{first} 至 {last}"),
            Language::English => format!("{first} – {last}"),
        }
    }

    /// Says who wrote an analysis: the rules, or a model by its name.
    #[must_use]
    pub fn origin(&self, model: Option<&str>) -> String {
        match (self.language, model.map(str::trim)) {
            (Language::Chinese, None) => "来源：规则".to_owned(),
            (Language::Chinese, Some("")) => "来源：AI 模型".to_owned(),
            (Language::Chinese, Some(name)) => format!("来源：{name}"),
            (Language::English, None) => "Source: rules".to_owned(),
            (Language::English, Some("")) => "Source: AI model".to_owned(),
            (Language::English, Some(name)) => format!("Source: {name}"),
        }
    }

    /// Names a type of mistake.
    #[must_use]
    pub const fn kind(&self, kind: MistakeType) -> &'static str {
        let (chinese, english) = match kind {
            MistakeType::Unspecified => ("", ""),
            MistakeType::Grammar => ("语法", "Grammar"),
            MistakeType::Vocabulary => ("词汇", "Vocabulary"),
            MistakeType::Reading => ("阅读", "Reading"),
            MistakeType::Listening => ("听力", "Listening"),
            MistakeType::Writing => ("写作", "Writing"),
            MistakeType::Speaking => ("口语", "Speaking"),
            MistakeType::Pronunciation => ("语音", "Pronunciation"),
            MistakeType::Comprehension => ("理解", "Comprehension"),
        };
        match self.language {
            Language::Chinese => chinese,
            Language::English => english,
        }
    }

    /// Names how far a mistake is.
    #[must_use]
    pub const fn status(&self, status: MistakeStatus) -> &'static str {
        let (chinese, english) = match status {
            MistakeStatus::Unspecified => ("", ""),
            MistakeStatus::Pending => ("待复习", "To review"),
            MistakeStatus::Reviewing => ("复习中", "Reviewing"),
            MistakeStatus::Mastered => ("已掌握", "Mastered"),
            MistakeStatus::Ignored => ("已忽略", "Set aside"),
        };
        match self.language {
            Language::Chinese => chinese,
            Language::English => english,
        }
    }
}
