//! A learning-svc that answers as a test says.

use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use proto::learning::v1::{
    self as pb,
    notebook_service_server::{NotebookService, NotebookServiceServer},
    student_service_server::{StudentService, StudentServiceServer},
};
use tokio::net::TcpListener;
use tokio_stream::wrappers::TcpListenerStream;
use tonic::{Request, Response, Status};
use uuid::Uuid;

/// What the service answers, to be changed while it runs.
#[derive(Default)]
pub struct Script {
    /// Notebooks that were asked for.
    pub wanted: Mutex<Vec<pb::GetNotebookRequest>>,
    /// What a notebook holds; twice the same when there is nothing.
    pub mistakes: Mutex<Vec<pb::Mistake>>,
    /// A notebook waits until this is off.
    pub slow: AtomicBool,
    pub away: AtomicBool,
    /// The caller sees nobody any more.
    pub foreign: AtomicBool,
    /// The notebook of this student waits for ever.
    pub stuck: Mutex<Option<Uuid>>,
    /// What was asked for is not valid.
    pub invalid: AtomicBool,
    /// Students that do not exist.
    pub unknown: Mutex<Vec<Uuid>>,
    /// Names of the students of the class.
    pub class: Mutex<Vec<(Uuid, &'static str)>>,
    /// Their numbers, of those who have one.
    pub numbers: Mutex<HashMap<Uuid, &'static str>>,
}

impl Script {
    /// Serves the script and returns its address.
    pub async fn serve(self: &Arc<Self>) -> String {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let server = tonic::transport::Server::builder()
            .add_service(NotebookServiceServer::new(Scripted(Arc::clone(self))))
            .add_service(StudentServiceServer::new(Scripted(Arc::clone(self))))
            .serve_with_incoming(TcpListenerStream::new(listener));
        tokio::spawn(server);
        url
    }

    pub fn asked(&self) -> usize {
        self.wanted.lock().unwrap().len()
    }

    fn student(&self, id: &str) -> Result<pb::Student, Status> {
        if self.away.load(Ordering::SeqCst) {
            return Err(Status::unavailable("away"));
        }
        let uuid: Uuid = id.parse().map_err(|_| Status::invalid_argument("student_id"))?;
        if self.foreign.load(Ordering::SeqCst) {
            return Err(Status::not_found("student"));
        }
        if self.unknown.lock().unwrap().contains(&uuid) {
            return Err(Status::not_found("student"));
        }
        let names: HashMap<_, _> = self.class.lock().unwrap().iter().copied().collect();
        let full_name = names.get(&uuid).copied().unwrap_or("林晓雨").to_owned();
        let student_no = self.numbers.lock().unwrap().get(&uuid).copied().unwrap_or_default();
        Ok(pb::Student {
            id: id.to_owned(),
            full_name,
            student_no: student_no.to_owned(),
            ..pb::Student::default()
        })
    }
}

struct Scripted(Arc<Script>);

#[tonic::async_trait]
impl NotebookService for Scripted {
    async fn get_notebook(
        &self,
        request: Request<pb::GetNotebookRequest>,
    ) -> Result<Response<pb::GetNotebookResponse>, Status> {
        let request = request.into_inner();
        self.0.wanted.lock().unwrap().push(request.clone());
        while self.0.slow.load(Ordering::SeqCst) {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        if self.0.invalid.load(Ordering::SeqCst) {
            return Err(Status::invalid_argument("topic is too long"));
        }
        let stuck = *self.0.stuck.lock().unwrap();
        if stuck.is_some_and(|stuck| stuck.to_string() == request.student_id) {
            return std::future::pending().await;
        }
        let mistake = pb::Mistake {
            question: "He ____ to school by bus.\nA. go\nB. goes".to_owned(),
            wrong_answer: "A".to_owned(),
            correct_answer: "B".to_owned(),
            times_wrong: 2,
            ..pb::Mistake::default()
        };
        let mut mistakes = self.0.mistakes.lock().unwrap().clone();
        if mistakes.is_empty() {
            mistakes = vec![mistake; 2];
        }
        let entry = |mistake| pb::NotebookMistake { mistake: Some(mistake), similar: Vec::new() };
        Ok(Response::new(pb::GetNotebookResponse {
            student: Some(self.0.student(&request.student_id)?),
            class_name: "高二（3）班".to_owned(),
            teacher_name: "陈老师".to_owned(),
            mistakes_total: u32::try_from(mistakes.len()).unwrap(),
            mistakes: mistakes.into_iter().map(entry).collect(),
            mastered: 0,
            ignored: 0,
            truncated: false,
        }))
    }

    async fn list_notebook_students(
        &self,
        request: Request<pb::ListNotebookStudentsRequest>,
    ) -> Result<Response<pb::ListNotebookStudentsResponse>, Status> {
        let only = request.into_inner().student_ids;
        let class = self.0.class.lock().unwrap().clone();
        let students = class.iter().map(|(id, _)| self.0.student(&id.to_string()));
        let mut students = students.collect::<Result<Vec<_>, _>>()?;
        students.retain(|student| only.is_empty() || only.contains(&student.id));
        Ok(Response::new(pb::ListNotebookStudentsResponse {
            class_name: "高二（3）班".to_owned(),
            students,
        }))
    }
}

#[tonic::async_trait]
impl StudentService for Scripted {
    async fn get_student(
        &self,
        request: Request<pb::GetStudentRequest>,
    ) -> Result<Response<pb::GetStudentResponse>, Status> {
        let student = self.0.student(&request.into_inner().student_id)?;
        Ok(Response::new(pb::GetStudentResponse { student: Some(student) }))
    }

    async fn list_students(
        &self,
        _: Request<pb::ListStudentsRequest>,
    ) -> Result<Response<pb::ListStudentsResponse>, Status> {
        Err(Status::unimplemented("not scripted"))
    }

    async fn update_student(
        &self,
        _: Request<pb::UpdateStudentRequest>,
    ) -> Result<Response<pb::UpdateStudentResponse>, Status> {
        Err(Status::unimplemented("not scripted"))
    }

    async fn reset_student_password(
        &self,
        _: Request<pb::ResetStudentPasswordRequest>,
    ) -> Result<Response<pb::ResetStudentPasswordResponse>, Status> {
        Err(Status::unimplemented("not scripted"))
    }

    async fn redact_text(
        &self,
        _: Request<pb::RedactTextRequest>,
    ) -> Result<Response<pb::RedactTextResponse>, Status> {
        Err(Status::unimplemented("not scripted"))
    }
}
