//! Classes, who teaches them and who is in them.

mod enroll;
mod error;
mod join_code;
mod manage;
mod teachers;

use chrono::{DateTime, Utc};
pub use enroll::Enrolled;
pub use error::ClassError;
use kit::{
    clock::SharedClock,
    db::Pool,
    error::{Checks, Invalid},
};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{student::Student, upstream::Auth};

/// Students that a class has room for when nobody says.
pub const DEFAULT_CAPACITY: u32 = 60;
/// Students that a class has room for at most.
pub const MAX_CAPACITY: u32 = 500;
/// Students that one call enrolls at most.
pub const MAX_ENROLLED_AT_ONCE: usize = 200;

kit::named! {
    /// Whether a class is in the lists.
    ClassStatus {
        Active => "active",
        Archived => "archived",
    }
}
kit::named! {
    /// How a stay in a class is, or ended.
    EnrollmentStatus {
        Active => "active",
        Left => "left",
        Graduated => "graduated",
    }
}

/// An assistant of a class.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Teacher {
    pub id: Uuid,
    pub full_name: String,
}

/// One class.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Class {
    pub id: Uuid,
    pub organization_id: Uuid,
    pub name: String,
    pub description: String,
    pub grade: String,
    /// As in `2026-2027-1`.
    pub semester: String,
    pub status: ClassStatus,
    pub head_teacher_id: Uuid,
    pub head_teacher_name: String,
    pub assistants: Vec<Teacher>,
    /// 1 to [`MAX_CAPACITY`].
    pub max_students: u32,
    /// Students who are enrolled now.
    pub active_students: u32,
    /// Students join with it; empty for those who must not see it.
    pub join_code: String,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
    pub archived_at: Option<DateTime<Utc>>,
}

/// A class that is not stored yet.
#[derive(Clone, Debug)]
pub struct NewClass {
    pub name: String,
    pub description: String,
    pub grade: String,
    pub semester: String,
    /// 0 means [`DEFAULT_CAPACITY`].
    pub max_students: u32,
}

/// Fields to change; absent ones stay.
#[derive(Clone, Debug, Default)]
pub struct ClassChanges {
    pub name: Option<String>,
    pub description: Option<String>,
    pub grade: Option<String>,
    pub semester: Option<String>,
    pub max_students: Option<u32>,
    pub head_teacher_id: Option<Uuid>,
}

impl ClassChanges {
    fn check(&self) -> Result<(), Invalid> {
        let mut checks = Checks::new();
        if let Some(name) = &self.name {
            checks.text("name", name, 1..=100);
        }
        if let Some(description) = &self.description {
            checks.multiline("description", description, 0..=2_000);
        }
        if let Some(grade) = &self.grade {
            checks.text("grade", grade, 0..=50);
        }
        if let Some(semester) = &self.semester {
            checks.text("semester", semester, 0..=50);
        }
        if let Some(capacity) = self.max_students {
            checks.range("max_students", capacity, 1..=MAX_CAPACITY);
        }
        checks.finish()
    }

    fn apply(self, class: &mut Class) {
        let Self { name, description, grade, semester, max_students, head_teacher_id: _ } = self;
        let trimmed = |text: String| text.trim().to_owned();
        if let Some(name) = name {
            class.name = trimmed(name);
        }
        if let Some(description) = description {
            class.description = trimmed(description);
        }
        if let Some(grade) = grade {
            class.grade = trimmed(grade);
        }
        if let Some(semester) = semester {
            class.semester = trimmed(semester);
        }
        if let Some(capacity) = max_students {
            class.max_students = capacity;
        }
    }
}

impl From<NewClass> for ClassChanges {
    fn from(new: NewClass) -> Self {
        let capacity = if new.max_students == 0 { DEFAULT_CAPACITY } else { new.max_students };
        Self {
            name: Some(new.name),
            description: Some(new.description),
            grade: Some(new.grade),
            semester: Some(new.semester),
            max_students: Some(capacity),
            head_teacher_id: None,
        }
    }
}

/// One stay of a student in a class.
#[derive(Clone, Debug)]
pub struct Enrollment {
    pub id: Uuid,
    pub class_id: Uuid,
    pub student: Student,
    pub status: EnrollmentStatus,
    pub enrolled_at: DateTime<Utc>,
    pub ended_at: Option<DateTime<Utc>>,
    pub notes: String,
}

/// Which enrollments a list has.
#[derive(Clone, Debug, Default)]
pub struct EnrollmentFilter {
    /// `None`: active ones, or all when ended ones are wanted as well.
    pub status: Option<EnrollmentStatus>,
    pub with_ended: bool,
    /// Part of name, username or number of the student.
    pub query: String,
}

impl EnrollmentFilter {
    /// Returns the status that is wanted, nothing for all.
    #[must_use]
    pub fn wanted(&self) -> Option<EnrollmentStatus> {
        match (self.status, self.with_ended) {
            (Some(status), _) => Some(status),
            (None, true) => None,
            (None, false) => Some(EnrollmentStatus::Active),
        }
    }
}

/// The classes, and the rules about them.
#[derive(Clone)]
pub struct Classes {
    pool: Pool,
    clock: SharedClock,
    auth: Auth,
}

impl Classes {
    /// Puts the use cases together.
    #[must_use]
    pub fn new(pool: Pool, clock: SharedClock, auth: Auth) -> Self {
        Self { pool, clock, auth }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn list_has_active_enrollments_unless_asked_otherwise() {
        let filter = |status, with_ended| EnrollmentFilter {
            status,
            with_ended,
            ..EnrollmentFilter::default()
        };
        assert_eq!(filter(None, false).wanted(), Some(EnrollmentStatus::Active));
        assert_eq!(filter(None, true).wanted(), None);
        let left = Some(EnrollmentStatus::Left);
        assert_eq!(filter(left, false).wanted(), left);
    }

    #[test]
    fn capacity_has_a_default_and_bounds() {
        let new = |max_students| NewClass {
            name: "高二（3）班".to_owned(),
            description: String::new(),
            grade: String::new(),
            semester: String::new(),
            max_students,
        };
        assert_eq!(ClassChanges::from(new(0)).max_students, Some(60));
        assert!(ClassChanges::from(new(500)).check().is_ok());
        assert!(ClassChanges::from(new(501)).check().is_err());
    }
}
