//! Who is in a class.

use actix_web::{
    get, post,
    web::{Data, Path},
};
use chrono::{DateTime, Utc};
use proto::learning::v1 as pb;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

use super::{Answer, classes::Class, present};
use crate::{
    app::State,
    http::{Json, Problem, Query, created, ok},
    session::Signed,
    view::{Page, Student, input, moment, text, time, words},
};

pub(super) fn mount(config: &mut ServiceConfig) {
    config
        .service(join_class)
        .service(list_enrollments)
        .service(enroll_students)
        .service(end_enrollment);
}

words! {
    /// Whether a student is in the class, or how they went.
    EnrollmentStatus of pb::EnrollmentStatus { Active, Left, Graduated }
}

/// A student's time in a class.
#[derive(Serialize, ToSchema)]
struct Enrollment {
    id: String,
    class_id: String,
    student: Student,
    status: EnrollmentStatus,
    enrolled_at: DateTime<Utc>,
    ended_at: Option<DateTime<Utc>>,
    notes: Option<String>,
}

impl TryFrom<pb::Enrollment> for Enrollment {
    type Error = Problem;

    fn try_from(enrollment: pb::Enrollment) -> Result<Self, Problem> {
        Ok(Self {
            id: enrollment.id,
            class_id: enrollment.class_id,
            student: present(enrollment.student)?.try_into()?,
            status: EnrollmentStatus::from_wire(enrollment.status)?,
            enrolled_at: moment(enrollment.enrolled_at)?,
            ended_at: time(enrollment.ended_at),
            notes: text(enrollment.notes),
        })
    }
}

/// The code that a teacher gave.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Join {
    join_code: String,
}

/// Enrolls the calling student by join code.
#[utoipa::path(
    tag = "classes",
    responses((status = 201, description = "The class", body = Class)),
)]
#[post("/classes/join")]
async fn join_class(state: Data<State>, _: Signed, body: Json<Join>) -> Answer {
    let message = pb::JoinClassRequest { join_code: body.0.join_code };
    let answer = state.upstream.classes().join_class(message).await?.into_inner();
    Ok(created(Class::try_from(present(answer.class)?)?))
}

/// Which enrollments are wanted.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct EnrollmentFilter {
    /// Active ones when absent.
    status: Option<EnrollmentStatus>,
    /// Also those that have ended.
    with_ended: Option<bool>,
    /// Part of name, username or number.
    query: Option<String>,
    limit: Option<u32>,
    cursor: Option<String>,
}

/// Lists enrollments of a class.
#[utoipa::path(
    tag = "classes",
    params(EnrollmentFilter),
    responses((status = 200, description = "A page of enrollments", body = Page<Enrollment>)),
)]
#[get("/classes/{id}/enrollments")]
async fn list_enrollments(
    state: Data<State>,
    _: Signed,
    id: Path<Uuid>,
    filter: Query<EnrollmentFilter>,
) -> Answer {
    let Query(filter) = filter;
    let message = pb::ListEnrollmentsRequest {
        class_id: id.to_string(),
        status: filter.status.map(EnrollmentStatus::to_wire).unwrap_or_default(),
        with_ended: filter.with_ended.unwrap_or_default(),
        query: filter.query.unwrap_or_default(),
        limit: input::counted("limit", filter.limit)?,
        cursor: filter.cursor.unwrap_or_default(),
    };
    let answer = state.upstream.classes().list_enrollments(message).await?.into_inner();
    Ok(ok(Page::<Enrollment>::of(answer.enrollments, answer.next_cursor)?))
}

/// Students to enroll.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct NewEnrollments {
    /// 1 to 200.
    student_ids: Vec<Uuid>,
}

/// How many were enrolled.
#[derive(Serialize, ToSchema)]
struct Enrolled {
    enrolled: u32,
    already_enrolled: u32,
}

/// Enrolls students of the organization. One whose enrollment has ended comes back with a new one.
#[utoipa::path(
    tag = "classes",
    responses((status = 201, description = "How many were enrolled", body = Enrolled)),
)]
#[post("/classes/{id}/enrollments")]
async fn enroll_students(
    state: Data<State>,
    _: Signed,
    id: Path<Uuid>,
    body: Json<NewEnrollments>,
) -> Answer {
    let student_ids = input::ids(body.0.student_ids);
    let message = pb::EnrollStudentsRequest { class_id: id.to_string(), student_ids };
    let answer = state.upstream.classes().enroll_students(message).await?.into_inner();
    let pb::EnrollStudentsResponse { enrolled, already_enrolled } = answer;
    Ok(created(Enrolled { enrolled, already_enrolled }))
}

/// How a student leaves a class.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct EnrollmentEnd {
    /// Left or graduated.
    status: EnrollmentStatus,
    notes: Option<String>,
}

/// Ends an enrollment; the student's data stays.
#[utoipa::path(
    tag = "classes",
    responses((status = 200, description = "The ended enrollment", body = Enrollment)),
)]
#[post("/classes/{id}/enrollments/{student_id}/end")]
async fn end_enrollment(
    state: Data<State>,
    _: Signed,
    path: Path<(Uuid, Uuid)>,
    body: Json<EnrollmentEnd>,
) -> Answer {
    let (class, student) = path.into_inner();
    let message = pb::EndEnrollmentRequest {
        class_id: class.to_string(),
        student_id: student.to_string(),
        status: body.0.status.to_wire(),
        notes: body.0.notes.unwrap_or_default(),
    };
    let answer = state.upstream.classes().end_enrollment(message).await?.into_inner();
    Ok(ok(Enrollment::try_from(present(answer.enrollment)?)?))
}
