//! What one row of a roster says, and the rules about its fields.

use std::collections::BTreeMap;

use kit::error::Checks;

use crate::{
    sheet::{CUT_NUMBER, Problem, is_cut_number},
    student::{CEFR_LEVELS, MAX_SCORE, Student},
};

const MAX_USERNAME: usize = 100;
const MIN_USERNAME: usize = 3;
/// Bytes of an address before its `@` (RFC 5321).
const MAX_LOCAL: usize = 64;

/// A row whose fields are right; empty cells are absent and change nothing.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    pub student_no: String,
    pub full_name: String,
    pub username: Option<String>,
    pub grade: Option<String>,
    pub cefr_level: Option<String>,
    pub target_exam: Option<String>,
    pub target_score: Option<f64>,
    pub phone: Option<String>,
    pub email: Option<String>,
}

impl Entry {
    /// Reads the cells of a row.
    ///
    /// # Errors
    ///
    /// Fails with everything that is wrong.
    pub fn read(cells: &BTreeMap<String, String>) -> Result<Self, Vec<Problem>> {
        let cell = |field: &str| cells.get(field).cloned().filter(|text| !text.is_empty());
        let mut checks = Checks::new();
        let mut text = |field: &str, least, most| {
            let value = cell(field);
            checks.text(field, value.as_deref().unwrap_or_default(), least..=most);
            value
        };
        let student_no = text("student_no", 1, 50).unwrap_or_default();
        let full_name = text("full_name", 1, 100).unwrap_or_default();
        let grade = text("grade", 0, 50);
        let target_exam = text("target_exam", 0, 100);
        let phone = text("phone", 0, 30);
        let email = text("email", 0, 254);
        for (field, number) in [("student_no", Some(&student_no)), ("phone", phone.as_ref())] {
            let cut = number.is_some_and(|number| is_cut_number(number));
            checks.require(!cut, field, "NUMBER_ROUNDED", CUT_NUMBER);
        }
        let username = cell("username");
        if let Some(name) = &username {
            let detail = "must be 3 to 100 letters, digits, _ or -";
            checks.require(is_username(name), "username", "INVALID", detail);
        }
        if let Some(address) = &email {
            let valid = is_address(address);
            checks.require(valid, "email", "INVALID_EMAIL", "is not an e-mail address");
        }
        let cefr_level = cell("cefr_level").map(|level| level.to_uppercase());
        if let Some(level) = &cefr_level {
            let known = CEFR_LEVELS.contains(&level.as_str());
            checks.require(known, "cefr_level", "UNKNOWN", "is none of A1, A2, B1, B2, C1, C2");
        }
        let score = cell("target_score").map(|score| score.parse::<f64>());
        let valid = match &score {
            None => true,
            Some(Ok(score)) => (0.0..=MAX_SCORE).contains(score),
            Some(Err(_)) => false,
        };
        let detail = format!("must be a number from 0 to {MAX_SCORE}");
        checks.require(valid, "target_score", "OUT_OF_RANGE", detail);
        checks.finish().map_err(Problem::of)?;
        Ok(Self {
            student_no,
            full_name,
            username,
            grade,
            cefr_level,
            target_exam,
            target_score: score.and_then(Result::ok),
            phone,
            email,
        })
    }

    /// Puts what the row says into `student`.
    pub fn apply(&self, student: &mut Student) {
        student.full_name.clone_from(&self.full_name);
        student.student_no = Some(self.student_no.clone());
        if let Some(grade) = &self.grade {
            student.grade.clone_from(grade);
        }
        if let Some(exam) = &self.target_exam {
            student.target_exam.clone_from(exam);
        }
        student.cefr_level = self.cefr_level.clone().or(student.cefr_level.take());
        student.target_score = self.target_score.or(student.target_score);
    }

    /// Returns the username that a new account gets: the one of the row, or one made of the
    /// number; from the second `attempt` on with a number at its end.
    #[must_use]
    pub fn username(&self, attempt: u32) -> String {
        if let Some(username) = &self.username {
            return username.clone();
        }
        let plain: String = self.student_no.chars().filter(|c| is_username_character(*c)).collect();
        let mut name =
            if plain.chars().count() < MIN_USERNAME { format!("stu-{plain}") } else { plain };
        if attempt > 1 {
            name = format!("{name}-{attempt}");
        }
        name.chars().take(MAX_USERNAME).collect()
    }
}

fn is_username_character(c: char) -> bool {
    c.is_alphanumeric() || c == '_' || c == '-'
}

fn is_username(name: &str) -> bool {
    let length = name.chars().take(MAX_USERNAME + 1).count();
    (MIN_USERNAME..=MAX_USERNAME).contains(&length) && name.chars().all(is_username_character)
}

/// Tells whether a text is an address as auth-svc takes them: `dot-atom@domain` of RFC 5322.
fn is_address(text: &str) -> bool {
    let is_atom = |c: char| c.is_alphanumeric() || "!#$%&'*+-/=?^_`{|}~".contains(c);
    let is_label = |label: &str| {
        let inner = label.chars().all(|c| c.is_alphanumeric() || c == '-');
        inner && !label.is_empty() && !label.starts_with('-') && !label.ends_with('-')
    };
    text.rsplit_once('@').is_some_and(|(local, domain)| {
        local.len() <= MAX_LOCAL
            && local.split('.').all(|atom| !atom.is_empty() && atom.chars().all(is_atom))
            && domain.contains('.')
            && domain.split('.').all(is_label)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(cells: &[(&str, &str)]) -> Result<Entry, Vec<String>> {
        let cells = cells.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect();
        Entry::read(&cells).map_err(|problems| problems.into_iter().map(|p| p.field).collect())
    }

    #[test]
    fn every_wrong_field_is_named() {
        let wrong = [
            ("full_name", "林晓雨"),
            ("username", "a b"),
            ("email", "nobody"),
            ("cefr_level", "D"),
            ("target_score", "viel"),
        ];
        let fields = read(&wrong).unwrap_err();
        assert_eq!(fields, ["student_no", "username", "email", "cefr_level", "target_score"]);
    }

    #[test]
    fn addresses_are_those_that_accounts_can_have() {
        for good in ["li.ming@qq.com", "a+b@mail.school.example", "李明@学校.cn"] {
            assert!(is_address(good), "{good}");
        }
        for bad in
            ["li..ming@qq.com", "liming.@qq.com", ".a@b.c", "a b@c.d", "a@b", "a@-b.c", "a@b..c"]
        {
            assert!(!is_address(bad), "{bad}");
        }
    }

    #[test]
    fn username_comes_from_the_number() {
        let name = |number, attempt| {
            read(&[("student_no", number), ("full_name", "林")]).unwrap().username(attempt)
        };
        assert_eq!(name("20260101", 1), "20260101");
        assert_eq!(name("20260101", 2), "20260101-2");
        assert_eq!(name("G3/07 ", 1), "G307");
        assert_eq!(name("7", 1), "stu-7");
        assert_eq!(name("七/", 3), "stu-七-3");
    }

    #[test]
    fn empty_cells_change_nothing() {
        let (id, now) = (uuid::Uuid::nil(), chrono::DateTime::UNIX_EPOCH);
        let (username, full_name) = ("lin".to_owned(), "林".to_owned());
        let named = crate::name::Named { id, username, full_name, renamed_at: now };
        let mut student = Student::new(named, id, now);
        student.cefr_level = Some("B1".to_owned());
        student.grade = "高一".to_owned();
        let entry = read(&[("student_no", "1"), ("full_name", "林"), ("grade", "高二")]).unwrap();
        entry.apply(&mut student);
        assert_eq!(student.cefr_level.as_deref(), Some("B1"));
        assert_eq!((student.grade.as_str(), student.student_no.as_deref()), ("高二", Some("1")));
    }
}
