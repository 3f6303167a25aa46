//! Pupils.

use chrono::{DateTime, Utc};
use proto::learning::v1 as pb;
use serde::Serialize;
use utoipa::ToSchema;

use super::{moment, text};
use crate::http::Problem;

/// A pupil; the id is that of the account.
#[derive(Debug, Serialize, ToSchema)]
pub struct Student {
    pub id: String,
    pub username: String,
    pub full_name: String,
    pub student_no: Option<String>,
    pub grade: Option<String>,
    /// As in `gaokao`, `cet4`, `ielts`; free text.
    pub target_exam: Option<String>,
    pub target_score: Option<f64>,
    /// A1 to C2.
    pub cefr_level: Option<String>,
    pub study_goal: Option<String>,
    pub organization_id: String,
    pub classes: Vec<ClassRef>,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
}

/// A class by name.
#[derive(Debug, Serialize, ToSchema)]
pub struct ClassRef {
    pub id: String,
    pub name: String,
}

impl TryFrom<pb::Student> for Student {
    type Error = Problem;

    fn try_from(student: pb::Student) -> Result<Self, Problem> {
        let classes = student.classes.into_iter();
        Ok(Self {
            id: student.id,
            username: student.username,
            full_name: student.full_name,
            student_no: text(student.student_no),
            grade: text(student.grade),
            target_exam: text(student.target_exam),
            target_score: student.target_score,
            cefr_level: text(student.cefr_level),
            study_goal: text(student.study_goal),
            organization_id: student.organization_id,
            classes: classes.map(|class| ClassRef { id: class.id, name: class.name }).collect(),
            created_at: moment(student.created_at)?,
            updated_at: moment(student.updated_at)?,
        })
    }
}
