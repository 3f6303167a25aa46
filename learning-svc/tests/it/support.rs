//! A whole learning-svc in this process, over a database of its own.

use std::{sync::Arc, time::Duration};

use chrono::Utc;
use kit::{
    caller::{self, Caller, Role},
    clock::Frozen,
    error::reason_of,
    grpc::{self, ChannelConfig},
    testing::{self, TestDb},
};
use learning_svc::{
    class::Classes,
    name::Follower,
    roster::{PasswordKey, Rosters},
    server::{ClassServer, RosterImportServer, StudentServer},
    store,
    student::{KeptProfiles, Profiles},
    upstream::Auth,
};
use proto::learning::v1::{
    self as pb, class_service_server::ClassService as _,
    roster_import_service_server::RosterImportService as _,
    student_service_server::StudentService as _,
};
use tonic::{Code, Response, Status};
use uuid::Uuid;

use crate::auth::Accounts;

/// Calls a method of a server in the name of somebody.
macro_rules! call {
    ($server:expr, $method:ident, $caller:expr, $message:expr) => {
        crate::support::answer($caller, $server.$method(kit::testing::request($caller, $message)))
            .await
    };
}
pub(crate) use call;

pub struct Service {
    pub db: TestDb,
    pub clock: Arc<Frozen>,
    pub accounts: Arc<Accounts>,
    pub classes: ClassServer,
    pub students: StudentServer,
    pub rosters: RosterImportServer,
    /// The same, for what it does by itself.
    pub tidier: Rosters,
    pub follower: Follower,
    pub organization: Uuid,
}

impl Service {
    pub async fn new() -> Self {
        let db = testing::database("learning", store::migrations()).await;
        let cache = testing::redis().await;
        let clock = Arc::new(Frozen::new(Utc::now()));
        let accounts = Arc::<Accounts>::default();
        let url = accounts.serve().await;
        let common = testing::common("learning-svc");
        let channel = grpc::channel(&url, ChannelConfig::default(), common.caller_key).unwrap();
        let (auth, pool) = (Auth::new(channel), db.pool.clone());
        let classes = Classes::new(pool.clone(), clock.clone(), auth.clone());
        let kept = KeptProfiles::new(cache.clone(), Duration::from_mins(5));
        let profiles = Profiles::new(pool.clone(), clock.clone(), kept.clone(), auth.clone());
        let follower = Follower::new(pool.clone(), clock.clone(), kept.clone(), auth.clone());
        let key = PasswordKey::derive(&common.jwt_secret);
        let rosters = Rosters::new(pool, clock.clone(), (cache, kept), auth, key);
        Self {
            db,
            clock,
            accounts,
            classes: ClassServer::new(classes),
            students: StudentServer::new(profiles),
            rosters: RosterImportServer::new(rosters.clone()),
            tidier: rosters,
            follower,
            organization: Uuid::now_v7(),
        }
    }

    /// Adds somebody to the organization.
    pub fn person(&self, role: Role, username: &str, full_name: &str) -> Caller {
        let person = Caller { organization_id: self.organization, ..testing::caller(role) };
        self.accounts.add(&person, username, full_name);
        person
    }

    pub fn teacher(&self, username: &str) -> Caller {
        self.person(Role::Teacher, username, "陈老师")
    }

    /// Makes a class of `teacher`.
    pub async fn class(&self, teacher: &Caller, max_students: u32) -> pb::Class {
        let message = pb::CreateClassRequest {
            name: "高二（3）班".to_owned(),
            grade: "高二".to_owned(),
            max_students,
            ..pb::CreateClassRequest::default()
        };
        let answer = call!(self.classes, create_class, teacher, message).unwrap();
        answer.class.unwrap()
    }

    pub async fn enroll(
        &self,
        teacher: &Caller,
        class: &pb::Class,
        students: &[&Caller],
    ) -> Result<pb::EnrollStudentsResponse, Status> {
        let message = pb::EnrollStudentsRequest {
            class_id: class.id.clone(),
            student_ids: students.iter().map(|student| student.user_id.to_string()).collect(),
        };
        call!(self.classes, enroll_students, teacher, message)
    }

    pub async fn enrollments(
        &self,
        teacher: &Caller,
        class: &pb::Class,
        with_ended: bool,
    ) -> Vec<pb::Enrollment> {
        let message = pb::ListEnrollmentsRequest {
            class_id: class.id.clone(),
            with_ended,
            limit: 100,
            ..pb::ListEnrollmentsRequest::default()
        };
        call!(self.classes, list_enrollments, teacher, message).unwrap().enrollments
    }

    pub async fn student(&self, caller: &Caller, id: &str) -> Result<pb::Student, Status> {
        let message = pb::GetStudentRequest { student_id: id.to_owned() };
        let answer = call!(self.students, get_student, caller, message)?;
        Ok(answer.student.unwrap())
    }

    /// Uploads a roster.
    pub async fn upload(
        &self,
        teacher: &Caller,
        class: &pb::Class,
        content: impl Into<Vec<u8>>,
    ) -> Result<pb::SpreadsheetImport, Status> {
        let message = pb::CreateRosterImportRequest {
            class_id: class.id.clone(),
            file_name: "名单.csv".to_owned(),
            content: content.into().into(),
        };
        let answer = call!(self.rosters, create_roster_import, teacher, message)?;
        Ok(answer.import.unwrap())
    }

    pub async fn rows(&self, teacher: &Caller, import: &str) -> Vec<pb::ImportRow> {
        let message = pb::ListRosterImportRowsRequest {
            import_id: import.to_owned(),
            limit: 100,
            ..pb::ListRosterImportRowsRequest::default()
        };
        call!(self.rosters, list_roster_import_rows, teacher, message).unwrap().rows
    }

    pub async fn commit(
        &self,
        teacher: &Caller,
        import: &str,
    ) -> Result<pb::SpreadsheetImport, Status> {
        let message = pb::CommitRosterImportRequest { import_id: import.to_owned() };
        let answer = call!(self.rosters, commit_roster_import, teacher, message)?;
        Ok(answer.import.unwrap())
    }

    pub async fn undo(
        &self,
        teacher: &Caller,
        import: &str,
    ) -> Result<pb::UndoRosterImportResponse, Status> {
        let message = pb::UndoRosterImportRequest { import_id: import.to_owned() };
        call!(self.rosters, undo_roster_import, teacher, message)
    }

    pub async fn passwords(
        &self,
        teacher: &Caller,
        import: &str,
    ) -> Result<Vec<pb::FirstPassword>, Status> {
        let message = pb::TakeFirstPasswordsRequest { import_id: import.to_owned() };
        Ok(call!(self.rosters, take_first_passwords, teacher, message)?.passwords)
    }

    /// Takes first passwords with an idempotency key.
    pub async fn passwords_by(
        &self,
        teacher: &Caller,
        import: &str,
        key: &str,
    ) -> Result<Vec<pb::FirstPassword>, Status> {
        let message = pb::TakeFirstPasswordsRequest { import_id: import.to_owned() };
        let asked = keyed(teacher, message, key);
        Ok(answer(teacher, self.rosters.take_first_passwords(asked)).await?.passwords)
    }

    /// Records a mistake of a student.
    pub async fn mistake(&self, student: &str) {
        let db = self.db.pool.get().await.unwrap();
        let now = kit::clock::Clock::now(&*self.clock);
        let id: Uuid = student.parse().unwrap();
        let sql = "
            INSERT INTO mistakes (id, student_id, organization_id, mistake_type, status, question,
                                  wrong_answer, correct_answer, explanation, topic,
                                  difficulty_level, source, times_wrong, first_mistaken_at,
                                  last_mistaken_at, analysis_status, fingerprint, created_by,
                                  created_at, updated_at)
            VALUES ($1, $2, $3, 'grammar', 'pending', 'q', 'a', 'b', '', '', '', '', 1, $4, $4,
                    'queued', '\\x00', $2, $4, $4)";
        db.execute(sql, &[&Uuid::now_v7(), &id, &self.organization, &now]).await.unwrap();
    }
}

/// Makes a request with an idempotency key.
pub fn keyed<T>(caller: &Caller, message: T, key: &str) -> tonic::Request<T> {
    let mut request = testing::request(caller, message);
    request.metadata_mut().insert("idempotency-key", key.parse().unwrap());
    request
}

pub async fn answer<T>(
    caller: &Caller,
    call: impl Future<Output = Result<Response<T>, Status>>,
) -> Result<T, Status> {
    caller::scope(caller.clone(), call).await.map(Response::into_inner)
}

/// Says why a call was refused: code and reason.
#[track_caller]
pub fn refused<T: std::fmt::Debug>(result: Result<T, Status>) -> (Code, String) {
    let status = result.unwrap_err();
    (status.code(), reason_of(&status).unwrap_or_default())
}
