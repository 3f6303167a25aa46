//! `StudentService`: translates and calls one use case.

use kit::{caller::Caller, error::into_status, wire};
use proto::learning::v1::{self as pb, student_service_server::StudentService};
use tonic::{Request, Response};

use super::{Reply, translate};
use crate::student::{Changes, Filter, Profiles};

/// Serves [`StudentService`].
#[derive(Clone)]
pub struct StudentServer(Profiles);

impl StudentServer {
    /// Serves `profiles`.
    #[must_use]
    pub fn new(profiles: Profiles) -> Self {
        Self(profiles)
    }
}

#[tonic::async_trait]
impl StudentService for StudentServer {
    async fn list_students(
        &self,
        request: Request<pb::ListStudentsRequest>,
    ) -> Reply<pb::ListStudentsResponse> {
        let caller = Caller::of(&request)?;
        let request = request.into_inner();
        let page = translate::page(request.limit, &request.cursor)?;
        let filter = Filter {
            class: wire::optional_id("class_id", request.class_id.as_str())?,
            query: request.query,
            grade: request.grade,
            cefr_level: request.cefr_level,
        };
        let list = self.0.list(&caller, &filter, &page).await.map_err(into_status)?;
        let next_cursor =
            page.next(&list, |profile| (profile.student.full_name.clone(), profile.student.id));
        let students = list.into_iter().map(translate::student).collect();
        Ok(Response::new(pb::ListStudentsResponse { students, next_cursor }))
    }

    async fn get_student(
        &self,
        request: Request<pb::GetStudentRequest>,
    ) -> Reply<pb::GetStudentResponse> {
        let caller = Caller::of(&request)?;
        let id = wire::id("student_id", &request.get_ref().student_id)?;
        let profile = self.0.get(&caller, id).await.map_err(into_status)?;
        let student = Some(translate::student(profile));
        Ok(Response::new(pb::GetStudentResponse { student }))
    }

    async fn update_student(
        &self,
        request: Request<pb::UpdateStudentRequest>,
    ) -> Reply<pb::UpdateStudentResponse> {
        let caller = Caller::of(&request)?;
        let request = request.into_inner();
        let id = wire::id("student_id", &request.student_id)?;
        let changes = Changes {
            full_name: request.full_name,
            student_no: request.student_no,
            grade: request.grade,
            target_exam: request.target_exam,
            target_score: request.target_score,
            cefr_level: request.cefr_level,
            study_goal: request.study_goal,
        };
        let profile = self.0.update(&caller, id, changes).await.map_err(into_status)?;
        let student = Some(translate::student(profile));
        Ok(Response::new(pb::UpdateStudentResponse { student }))
    }

    async fn reset_student_password(
        &self,
        request: Request<pb::ResetStudentPasswordRequest>,
    ) -> Reply<pb::ResetStudentPasswordResponse> {
        let caller = Caller::of(&request)?;
        let id = wire::id("student_id", &request.get_ref().student_id)?;
        let password = self.0.reset_password(&caller, id).await.map_err(into_status)?;
        Ok(Response::new(pb::ResetStudentPasswordResponse { password }))
    }

    async fn redact_text(
        &self,
        request: Request<pb::RedactTextRequest>,
    ) -> Reply<pb::RedactTextResponse> {
        let caller = Caller::of(&request)?;
        let text = request.into_inner().text;
        let text = self.0.redact(&caller, &text).await.map_err(into_status)?;
        Ok(Response::new(pb::RedactTextResponse { text }))
    }
}
