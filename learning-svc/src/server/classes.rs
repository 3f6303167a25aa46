//! `ClassService`: translates and calls one use case.

use kit::{caller::Caller, error::into_status, idempotency::Operation, wire};
use proto::learning::v1::{self as pb, class_service_server::ClassService};
use tonic::{Request, Response};

use super::{Reply, translate};
use crate::class::{ClassChanges, Classes, EnrollmentFilter, EnrollmentStatus, NewClass};

/// Serves [`ClassService`].
#[derive(Clone)]
pub struct ClassServer(Classes);

impl ClassServer {
    /// Serves `classes`.
    #[must_use]
    pub fn new(classes: Classes) -> Self {
        Self(classes)
    }
}

#[tonic::async_trait]
impl ClassService for ClassServer {
    async fn create_class(
        &self,
        request: Request<pb::CreateClassRequest>,
    ) -> Reply<pb::CreateClassResponse> {
        let caller = Caller::of(&request)?;
        let operation = Operation::of(&request, "CreateClass")?;
        let pb::CreateClassRequest { name, description, grade, semester, max_students } =
            request.into_inner();
        let new = NewClass { name, description, grade, semester, max_students };
        let class = self.0.create(&caller, &operation, new).await.map_err(into_status)?;
        Ok(Response::new(pb::CreateClassResponse { class: Some(translate::class(class)) }))
    }

    async fn get_class(
        &self,
        request: Request<pb::GetClassRequest>,
    ) -> Reply<pb::GetClassResponse> {
        let caller = Caller::of(&request)?;
        let id = wire::id("class_id", &request.get_ref().class_id)?;
        let class = self.0.get(&caller, id).await.map_err(into_status)?;
        Ok(Response::new(pb::GetClassResponse { class: Some(translate::class(class)) }))
    }

    async fn list_classes(
        &self,
        request: Request<pb::ListClassesRequest>,
    ) -> Reply<pb::ListClassesResponse> {
        let caller = Caller::of(&request)?;
        let pb::ListClassesRequest { status, query, limit, cursor } = request.into_inner();
        let status = translate::class_status(status)?;
        let page = translate::page(limit, &cursor)?;
        let list = self.0.list(&caller, status, &query, &page).await.map_err(into_status)?;
        let next_cursor = page.next(&list, |class| class.id);
        let classes = list.into_iter().map(translate::class).collect();
        Ok(Response::new(pb::ListClassesResponse { classes, next_cursor }))
    }

    async fn update_class(
        &self,
        request: Request<pb::UpdateClassRequest>,
    ) -> Reply<pb::UpdateClassResponse> {
        let caller = Caller::of(&request)?;
        let request = request.into_inner();
        let id = wire::id("class_id", &request.class_id)?;
        let head = request.head_teacher_id.as_deref();
        let changes = ClassChanges {
            name: request.name,
            description: request.description,
            grade: request.grade,
            semester: request.semester,
            max_students: request.max_students,
            head_teacher_id: head.map(|head| wire::id("head_teacher_id", head)).transpose()?,
        };
        let class = self.0.update(&caller, id, changes).await.map_err(into_status)?;
        Ok(Response::new(pb::UpdateClassResponse { class: Some(translate::class(class)) }))
    }

    async fn archive_class(
        &self,
        request: Request<pb::ArchiveClassRequest>,
    ) -> Reply<pb::ArchiveClassResponse> {
        let caller = Caller::of(&request)?;
        let id = wire::id("class_id", &request.get_ref().class_id)?;
        let class = self.0.archive(&caller, id).await.map_err(into_status)?;
        Ok(Response::new(pb::ArchiveClassResponse { class: Some(translate::class(class)) }))
    }

    async fn restore_class(
        &self,
        request: Request<pb::RestoreClassRequest>,
    ) -> Reply<pb::RestoreClassResponse> {
        let caller = Caller::of(&request)?;
        let id = wire::id("class_id", &request.get_ref().class_id)?;
        let class = self.0.restore(&caller, id).await.map_err(into_status)?;
        Ok(Response::new(pb::RestoreClassResponse { class: Some(translate::class(class)) }))
    }

    async fn add_assistant(
        &self,
        request: Request<pb::AddAssistantRequest>,
    ) -> Reply<pb::AddAssistantResponse> {
        let caller = Caller::of(&request)?;
        let id = wire::id("class_id", &request.get_ref().class_id)?;
        let teacher = wire::id("teacher_id", &request.get_ref().teacher_id)?;
        let class = self.0.add_assistant(&caller, id, teacher).await.map_err(into_status)?;
        Ok(Response::new(pb::AddAssistantResponse { class: Some(translate::class(class)) }))
    }

    async fn remove_assistant(
        &self,
        request: Request<pb::RemoveAssistantRequest>,
    ) -> Reply<pb::RemoveAssistantResponse> {
        let caller = Caller::of(&request)?;
        let id = wire::id("class_id", &request.get_ref().class_id)?;
        let teacher = wire::id("teacher_id", &request.get_ref().teacher_id)?;
        let class = self.0.remove_assistant(&caller, id, teacher).await.map_err(into_status)?;
        Ok(Response::new(pb::RemoveAssistantResponse { class: Some(translate::class(class)) }))
    }

    async fn renew_join_code(
        &self,
        request: Request<pb::RenewJoinCodeRequest>,
    ) -> Reply<pb::RenewJoinCodeResponse> {
        let caller = Caller::of(&request)?;
        let operation = Operation::of(&request, "RenewJoinCode")?;
        let id = wire::id("class_id", &request.get_ref().class_id)?;
        let class = self.0.renew_join_code(&caller, &operation, id).await.map_err(into_status)?;
        Ok(Response::new(pb::RenewJoinCodeResponse { class: Some(translate::class(class)) }))
    }

    async fn join_class(
        &self,
        request: Request<pb::JoinClassRequest>,
    ) -> Reply<pb::JoinClassResponse> {
        let caller = Caller::of(&request)?;
        let code = request.into_inner().join_code;
        let class = self.0.join(&caller, &code).await.map_err(into_status)?;
        Ok(Response::new(pb::JoinClassResponse { class: Some(translate::class(class)) }))
    }

    async fn enroll_students(
        &self,
        request: Request<pb::EnrollStudentsRequest>,
    ) -> Reply<pb::EnrollStudentsResponse> {
        let caller = Caller::of(&request)?;
        let operation = Operation::of(&request, "EnrollStudents")?;
        let id = wire::id("class_id", &request.get_ref().class_id)?;
        let students = translate::ids("student_ids", &request.get_ref().student_ids)?;
        let done = self.0.enroll(&caller, &operation, id, students).await.map_err(into_status)?;
        Ok(Response::new(pb::EnrollStudentsResponse {
            enrolled: done.enrolled,
            already_enrolled: done.already_enrolled,
        }))
    }

    async fn end_enrollment(
        &self,
        request: Request<pb::EndEnrollmentRequest>,
    ) -> Reply<pb::EndEnrollmentResponse> {
        let caller = Caller::of(&request)?;
        let operation = Operation::of(&request, "EndEnrollment")?;
        let pb::EndEnrollmentRequest { class_id, student_id, status, notes } = request.into_inner();
        let class = wire::id("class_id", &class_id)?;
        let student = wire::id("student_id", &student_id)?;
        // Unspecified is refused just as active is.
        let status = translate::enrollment_status(status)?.unwrap_or(EnrollmentStatus::Active);
        let whose = (class, student);
        let ended = self.0.end_enrollment(&caller, &operation, whose, status, &notes);
        let enrollment = Some(translate::enrollment(ended.await.map_err(into_status)?));
        Ok(Response::new(pb::EndEnrollmentResponse { enrollment }))
    }

    async fn list_enrollments(
        &self,
        request: Request<pb::ListEnrollmentsRequest>,
    ) -> Reply<pb::ListEnrollmentsResponse> {
        let caller = Caller::of(&request)?;
        let request = request.into_inner();
        let class = wire::id("class_id", &request.class_id)?;
        let page = translate::page(request.limit, &request.cursor)?;
        let filter = EnrollmentFilter {
            status: translate::enrollment_status(request.status)?,
            with_ended: request.with_ended,
            query: request.query,
        };
        let list = self.0.enrollments(&caller, class, &filter, &page).await;
        let list = list.map_err(into_status)?;
        let next_cursor = page.next(&list, |enrollment| {
            let student = &enrollment.student;
            let number = student.student_no.clone().unwrap_or_default();
            (number, student.full_name.clone(), enrollment.id)
        });
        let enrollments = list.into_iter().map(translate::enrollment).collect();
        Ok(Response::new(pb::ListEnrollmentsResponse { enrollments, next_cursor }))
    }
}
