//! What learning-svc knows about pupils, asked as the one who ordered the document.

use std::{
    collections::{HashMap, HashSet},
    time::Duration,
};

use kit::{
    error::{self, Classify, Kind},
    grpc::{Client, MAX_MESSAGE},
};
use proto::learning::v1::{
    self as pb, notebook_service_client::NotebookServiceClient,
    student_service_client::StudentServiceClient,
};
use tonic::{Code, Status};
use uuid::Uuid;

/// Says that learning-svc refused or did not answer.
#[derive(Debug, thiserror::Error)]
pub enum LearningError {
    #[error("the student or class does not exist")]
    NotFound,
    #[error("{0}")]
    Forbidden(String),
    #[error("{0}")]
    Invalid(String),
    #[error("the learning service is away")]
    Away,
    #[error("the learning service failed")]
    Failed(#[source] Status),
}

impl From<Status> for LearningError {
    fn from(status: Status) -> Self {
        // Only our services give a reason, so only their text is fit for people.
        let message = match error::reason_of(&status) {
            Some(_) => status.message().to_owned(),
            None => "the learning service refused".to_owned(),
        };
        match status.code() {
            Code::NotFound => Self::NotFound,
            Code::PermissionDenied => Self::Forbidden(message),
            Code::InvalidArgument => Self::Invalid(message),
            Code::Unavailable | Code::DeadlineExceeded | Code::Cancelled => Self::Away,
            Code::Ok
            | Code::Unknown
            | Code::AlreadyExists
            | Code::ResourceExhausted
            | Code::FailedPrecondition
            | Code::Aborted
            | Code::OutOfRange
            | Code::Unimplemented
            | Code::Internal
            | Code::DataLoss
            | Code::Unauthenticated => Self::Failed(status),
        }
    }
}

impl Classify for LearningError {
    fn kind(&self) -> Kind {
        match self {
            Self::NotFound => Kind::NotFound,
            Self::Forbidden(_) => Kind::Forbidden,
            Self::Invalid(_) => Kind::Invalid,
            Self::Away => Kind::Unavailable,
            Self::Failed(_) => Kind::Internal,
        }
    }

    fn reason(&self) -> &'static str {
        match self {
            Self::NotFound => "SUBJECT_NOT_FOUND",
            Self::Forbidden(_) => "PERMISSION_DENIED",
            Self::Away => "LEARNING_UNAVAILABLE",
            Self::Invalid(_) | Self::Failed(_) => "LEARNING_FAILED",
        }
    }

    fn retry_after(&self) -> Option<Duration> {
        matches!(self, Self::Away).then_some(Duration::from_secs(2))
    }
}

/// A class and the students whose books are wanted.
#[derive(Clone, Debug)]
pub struct Class {
    pub name: String,
    pub students: Vec<Uuid>,
    /// Those of them whose name another one has too.
    pub namesakes: HashSet<Uuid>,
}

/// A client of learning-svc.
#[derive(Clone, Debug)]
pub struct Learning {
    notebooks: NotebookServiceClient<Client>,
    students: StudentServiceClient<Client>,
}

impl Learning {
    /// Builds the client over one channel.
    #[must_use]
    pub fn new(client: Client) -> Self {
        let notebooks = NotebookServiceClient::new(client.clone());
        Self {
            notebooks: notebooks.max_decoding_message_size(MAX_MESSAGE),
            students: StudentServiceClient::new(client),
        }
    }

    /// Returns the name of a student that the caller may see.
    pub async fn student_name(&self, student: Uuid) -> Result<String, LearningError> {
        let request = pb::GetStudentRequest { student_id: student.to_string() };
        let answer = self.students.clone().get_student(request).await?.into_inner();
        Ok(answer.student.unwrap_or_default().full_name)
    }

    /// Returns a class that the caller teaches and the students in it, or those of `only`.
    pub async fn class(&self, class: Uuid, only: &[Uuid]) -> Result<Class, LearningError> {
        let request = pb::ListNotebookStudentsRequest {
            class_id: class.to_string(),
            student_ids: only.iter().map(Uuid::to_string).collect(),
        };
        let answer = self.notebooks.clone().list_notebook_students(request).await?.into_inner();
        let students = answer.students.iter().filter_map(id).collect();
        let namesakes = namesakes(&answer.students);
        Ok(Class { name: answer.class_name, students, namesakes })
    }

    /// Returns the contents of one book.
    pub async fn notebook(
        &self,
        request: pb::GetNotebookRequest,
    ) -> Result<pb::GetNotebookResponse, LearningError> {
        Ok(self.notebooks.clone().get_notebook(request).await?.into_inner())
    }
}

fn id(student: &pb::Student) -> Option<Uuid> {
    student.id.parse().ok()
}

fn namesakes(students: &[pb::Student]) -> HashSet<Uuid> {
    let name = |student: &pb::Student| student.full_name.trim().to_lowercase();
    let mut times: HashMap<String, u32> = HashMap::new();
    for student in students {
        *times.entry(name(student)).or_default() += 1;
    }
    let has_namesake = |student: &&pb::Student| times.get(&name(student)).is_some_and(|n| *n > 1);
    students.iter().filter(has_namesake).filter_map(id).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pupils_of_one_name_are_known() {
        let ids = [1, 2, 3, 4, 5].map(Uuid::from_u128);
        let names = ["王芳", "Tom Lee", "王芳", "赵敏", "tom lee "];
        let students = ids.iter().zip(names).map(|(id, name)| pb::Student {
            id: id.to_string(),
            full_name: name.to_owned(),
            ..pb::Student::default()
        });
        let students: Vec<_> = students.collect();
        assert_eq!(namesakes(&students), HashSet::from([ids[0], ids[1], ids[2], ids[4]]));
        assert!(namesakes(&students[..2]).is_empty());
    }
}
