//! Why somebody may not.

use kit::{
    db::DbError,
    error::{Classify, Kind},
};
use uuid::Uuid;

/// Says why a caller may not do something.
#[derive(Debug, thiserror::Error)]
pub enum AccessError {
    #[error("class {0} does not exist")]
    NoClass(Uuid),
    #[error("student {0} does not exist")]
    NoStudent(Uuid),
    #[error("student {0} has left the classes that the caller teaches")]
    FormerStudent(Uuid),
    #[error("only teachers may do this")]
    TeachersOnly,
    #[error("only students may do this")]
    StudentsOnly,
    #[error("only the head teacher of the class and administrators may do this")]
    HeadTeacherOnly,
    #[error("store failed")]
    Store(#[from] DbError),
}

impl Classify for AccessError {
    fn kind(&self) -> Kind {
        match self {
            Self::NoClass(_) | Self::NoStudent(_) => Kind::NotFound,
            Self::FormerStudent(_)
            | Self::TeachersOnly
            | Self::StudentsOnly
            | Self::HeadTeacherOnly => Kind::Forbidden,
            Self::Store(error) => error.kind(),
        }
    }

    fn reason(&self) -> &'static str {
        match self {
            Self::NoClass(_) => "CLASS_NOT_FOUND",
            Self::NoStudent(_) => "STUDENT_NOT_FOUND",
            Self::FormerStudent(_) => "FORMER_STUDENT",
            Self::TeachersOnly => "TEACHERS_ONLY",
            Self::StudentsOnly => "STUDENTS_ONLY",
            Self::HeadTeacherOnly => "HEAD_TEACHER_ONLY",
            Self::Store(error) => error.reason(),
        }
    }

    fn inner(&self) -> Option<&dyn Classify> {
        match self {
            Self::Store(error) => Some(error),
            Self::NoClass(_)
            | Self::NoStudent(_)
            | Self::FormerStudent(_)
            | Self::TeachersOnly
            | Self::StudentsOnly
            | Self::HeadTeacherOnly => None,
        }
    }
}
