//! Pupils and their profiles.

mod ensure;
mod error;
mod kept;
mod profiles;

use chrono::{DateTime, Utc};
pub use ensure::ensure_self;
pub use error::StudentError;
pub use kept::KeptProfiles;
use kit::error::Checks;
pub use profiles::Profiles;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::name::Named;

/// Levels of the Common European Framework of Reference for Languages.
pub const CEFR_LEVELS: [&str; 6] = ["A1", "A2", "B1", "B2", "C1", "C2"];
/// Highest score of any exam; most end at 990 (TOEIC) or below.
pub const MAX_SCORE: f64 = 10_000.0;

/// A pupil; the id is that of the account.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Student {
    pub id: Uuid,
    pub organization_id: Uuid,
    pub username: String,
    pub full_name: String,
    /// Unique within the organization.
    pub student_no: Option<String>,
    pub grade: String,
    pub target_exam: String,
    /// 0 to [`MAX_SCORE`].
    pub target_score: Option<f64>,
    /// One of [`CEFR_LEVELS`].
    pub cefr_level: Option<String>,
    pub study_goal: String,
    /// Since when auth-svc calls them so, as far as it is known here.
    #[serde(default)]
    pub renamed_at: DateTime<Utc>,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
}

impl Student {
    /// Makes a pupil of whom no more is known than the account that is `named` so.
    #[must_use]
    pub fn new(named: Named, organization_id: Uuid, now: DateTime<Utc>) -> Self {
        let Named { id, username, full_name, renamed_at } = named;
        Self {
            id,
            organization_id,
            username,
            full_name,
            student_no: None,
            grade: String::new(),
            target_exam: String::new(),
            target_score: None,
            cefr_level: None,
            study_goal: String::new(),
            renamed_at,
            created_at: now,
            updated_at: now,
        }
    }

    /// Calls the student as auth-svc does, unless a newer name is known.
    pub fn follow(&mut self, named: &Named) {
        if named.renamed_at >= self.renamed_at {
            self.username.clone_from(&named.username);
            self.full_name.clone_from(&named.full_name);
            self.renamed_at = named.renamed_at;
        }
    }
}

/// A class that a student is in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClassRef {
    pub id: Uuid,
    pub name: String,
}

/// A student and those of their classes that the one who asks may see.
#[derive(Clone, Debug, PartialEq)]
pub struct Profile {
    pub student: Student,
    pub classes: Vec<ClassRef>,
}

/// Which students a list has; empty texts filter nothing.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// Enrolled in this class now.
    pub class: Option<Uuid>,
    /// Part of name, username or number.
    pub query: String,
    pub grade: String,
    pub cefr_level: String,
}

/// Fields to change; absent ones stay.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Changes {
    pub full_name: Option<String>,
    /// Empty: none.
    pub student_no: Option<String>,
    pub grade: Option<String>,
    pub target_exam: Option<String>,
    /// Negative: none.
    pub target_score: Option<f64>,
    /// Empty: unknown.
    pub cefr_level: Option<String>,
    pub study_goal: Option<String>,
}

impl Changes {
    /// Tells whether only those fields are changed that students decide themselves.
    #[must_use]
    pub fn are_personal(&self) -> bool {
        let Self {
            full_name,
            student_no,
            grade,
            target_exam: _,
            target_score: _,
            cefr_level,
            study_goal: _,
        } = self;
        full_name.is_none() && student_no.is_none() && grade.is_none() && cefr_level.is_none()
    }

    /// Checks the fields.
    pub fn check(&self, checks: &mut Checks) {
        if let Some(name) = &self.full_name {
            checks.text("full_name", name, 1..=100);
        }
        if let Some(number) = &self.student_no {
            checks.text("student_no", number, 0..=50);
        }
        if let Some(grade) = &self.grade {
            checks.text("grade", grade, 0..=50);
        }
        if let Some(exam) = &self.target_exam {
            checks.text("target_exam", exam, 0..=100);
        }
        if let Some(score) = self.target_score {
            let valid = score.is_finite() && score <= MAX_SCORE;
            let detail = format!("must be at most {MAX_SCORE}");
            checks.require(valid, "target_score", "OUT_OF_RANGE", detail);
        }
        if let Some(level) = &self.cefr_level {
            let known = level.is_empty() || CEFR_LEVELS.contains(&level.as_str());
            checks.require(known, "cefr_level", "UNKNOWN", "is none of A1, A2, B1, B2, C1, C2");
        }
        if let Some(goal) = &self.study_goal {
            checks.multiline("study_goal", goal, 0..=2_000);
        }
    }

    /// Puts the changes into `student`.
    pub fn apply(self, student: &mut Student) {
        let Self {
            full_name,
            student_no,
            grade,
            target_exam,
            target_score,
            cefr_level,
            study_goal,
        } = self;
        let trimmed = |text: String| text.trim().to_owned();
        let present = |text: String| Some(trimmed(text)).filter(|text| !text.is_empty());
        if let Some(name) = full_name {
            student.full_name = trimmed(name);
        }
        if let Some(number) = student_no {
            student.student_no = present(number);
        }
        if let Some(grade) = grade {
            student.grade = trimmed(grade);
        }
        if let Some(exam) = target_exam {
            student.target_exam = trimmed(exam);
        }
        if let Some(score) = target_score {
            student.target_score = Some(score).filter(|score| *score >= 0.0);
        }
        if let Some(level) = cefr_level {
            student.cefr_level = present(level);
        }
        if let Some(goal) = study_goal {
            student.study_goal = goal;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(full_name: &str, seconds: i64) -> Named {
        let (id, username) = (Uuid::nil(), "lin".to_owned());
        let renamed_at = DateTime::UNIX_EPOCH + chrono::TimeDelta::seconds(seconds);
        Named { id, username, full_name: full_name.to_owned(), renamed_at }
    }

    fn student() -> Student {
        Student::new(named("林晓雨", 5), Uuid::nil(), DateTime::UNIX_EPOCH)
    }

    #[test]
    fn older_name_replaces_no_newer_one() {
        let mut lin = student();
        lin.follow(&named("林小雨", 4));
        assert_eq!((lin.full_name.as_str(), lin.renamed_at.timestamp()), ("林晓雨", 5));
        lin.follow(&named("林晓宇", 6));
        assert_eq!((lin.full_name.as_str(), lin.renamed_at.timestamp()), ("林晓宇", 6));
    }

    #[test]
    fn negative_score_and_empty_texts_mean_none() {
        let mut lin = student();
        lin.target_score = Some(120.0);
        lin.student_no = Some("1".to_owned());
        let changes = Changes {
            student_no: Some(" ".to_owned()),
            target_score: Some(-1.0),
            cefr_level: Some("B1".to_owned()),
            ..Changes::default()
        };
        assert!(!changes.are_personal());
        changes.apply(&mut lin);
        assert_eq!((lin.student_no, lin.target_score), (None, None));
        assert_eq!(lin.cefr_level.as_deref(), Some("B1"));
        assert_eq!(lin.full_name, "林晓雨");
    }

    #[test]
    fn wrong_fields_are_named() {
        let changes = Changes {
            full_name: Some(String::new()),
            target_score: Some(f64::NAN),
            cefr_level: Some("D1".to_owned()),
            ..Changes::default()
        };
        let mut checks = Checks::new();
        changes.check(&mut checks);
        let fields: Vec<_> =
            checks.finish().unwrap_err().0.into_iter().map(|violation| violation.field).collect();
        assert_eq!(fields, ["full_name", "target_score", "cefr_level"]);
    }
}
