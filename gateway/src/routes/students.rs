//! Pupils.

use actix_web::{
    get, patch,
    web::{Data, Path},
};
use chrono::{DateTime, NaiveDate, Utc};
use proto::learning::v1 as pb;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

use super::{Answer, present};
use crate::{
    app::State,
    http::{Json, Problem, Query, ok},
    session::Signed,
    view::{
        Figures, Page, ProgressStep, Student,
        input::{self, changed, changed_number},
    },
};

pub(super) fn mount(config: &mut ServiceConfig) {
    config
        .service(list_students)
        .service(get_student)
        .service(update_student)
        .service(get_student_statistics)
        .service(get_student_progress);
}

/// Which students are wanted.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct StudentFilter {
    class_id: Option<Uuid>,
    /// Part of name, username or number.
    query: Option<String>,
    grade: Option<String>,
    /// A1 to C2.
    cefr_level: Option<String>,
    limit: Option<u32>,
    cursor: Option<String>,
}

/// Lists the students that the caller may see.
#[utoipa::path(
    tag = "students",
    params(StudentFilter),
    responses((status = 200, description = "A page of students", body = Page<Student>)),
)]
#[get("/students")]
async fn list_students(state: Data<State>, _: Signed, filter: Query<StudentFilter>) -> Answer {
    let Query(filter) = filter;
    let message = pb::ListStudentsRequest {
        class_id: input::id(filter.class_id),
        query: filter.query.unwrap_or_default(),
        grade: filter.grade.unwrap_or_default(),
        cefr_level: filter.cefr_level.unwrap_or_default(),
        limit: input::counted("limit", filter.limit)?,
        cursor: filter.cursor.unwrap_or_default(),
    };
    let answer = state.upstream.students().list_students(message).await?.into_inner();
    Ok(ok(Page::<Student>::of(answer.students, answer.next_cursor)?))
}

/// Returns one student.
#[utoipa::path(
    tag = "students",
    responses((status = 200, description = "The student", body = Student)),
)]
#[get("/students/{id}")]
async fn get_student(state: Data<State>, _: Signed, id: Path<Uuid>) -> Answer {
    let message = pb::GetStudentRequest { student_id: id.to_string() };
    let answer = state.upstream.students().get_student(message).await?.into_inner();
    Ok(ok(Student::try_from(present(answer.student)?)?))
}

/// A change of a student; absent fields stay, null empties.
#[derive(Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
struct StudentChange {
    #[serde(deserialize_with = "changed")]
    full_name: Option<String>,
    #[serde(deserialize_with = "changed")]
    student_no: Option<String>,
    #[serde(deserialize_with = "changed")]
    grade: Option<String>,
    #[serde(deserialize_with = "changed")]
    target_exam: Option<String>,
    #[expect(clippy::option_option, reason = "null empties, absence keeps")]
    #[serde(deserialize_with = "changed_number")]
    #[schema(value_type = Option<f64>)]
    target_score: Option<Option<f64>>,
    /// A1 to C2.
    #[serde(deserialize_with = "changed")]
    cefr_level: Option<String>,
    #[serde(deserialize_with = "changed")]
    study_goal: Option<String>,
}

/// Changes a student. Students may change target and goal of themselves only.
#[utoipa::path(
    tag = "students",
    responses((status = 200, description = "The changed student", body = Student)),
)]
#[patch("/students/{id}")]
async fn update_student(
    state: Data<State>,
    _: Signed,
    id: Path<Uuid>,
    body: Json<StudentChange>,
) -> Answer {
    let Json(body) = body;
    if body.target_score.flatten().is_some_and(|score| score < 0.0) {
        return Err(Problem::field("target_score", "OUT_OF_RANGE", "must be at least 0"));
    }
    let message = pb::UpdateStudentRequest {
        student_id: id.to_string(),
        full_name: body.full_name,
        student_no: body.student_no,
        grade: body.grade,
        target_exam: body.target_exam,
        // On the wire a negative score is none.
        target_score: body.target_score.map(|score| score.unwrap_or(-1.0)),
        cefr_level: body.cefr_level,
        study_goal: body.study_goal,
    };
    let answer = state.upstream.students().update_student(message).await?.into_inner();
    Ok(ok(Student::try_from(present(answer.student)?)?))
}

/// From when until when.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct Period {
    from: Option<DateTime<Utc>>,
    until: Option<DateTime<Utc>>,
}

/// How one student is doing.
#[derive(Serialize, ToSchema)]
struct StudentStatistics {
    figures: Figures,
    /// Days in a row with at least one review, up to today or yesterday.
    streak_days: u32,
    longest_streak_days: u32,
    due_today: u32,
}

/// Counts the mistakes and reviews of one student.
#[utoipa::path(
    tag = "students",
    params(Period),
    responses((status = 200, description = "The figures", body = StudentStatistics)),
)]
#[get("/students/{id}/statistics")]
async fn get_student_statistics(
    state: Data<State>,
    _: Signed,
    id: Path<Uuid>,
    period: Query<Period>,
) -> Answer {
    let message = pb::GetStudentStatisticsRequest {
        student_id: id.to_string(),
        from: input::time(period.0.from),
        until: input::time(period.0.until),
    };
    let answer = state.upstream.statistics().get_student_statistics(message).await?.into_inner();
    Ok(ok(StudentStatistics {
        figures: present(answer.figures)?.try_into()?,
        streak_days: answer.streak_days,
        longest_streak_days: answer.longest_streak_days,
        due_today: answer.due_today,
    }))
}

/// Which days are wanted, as the school counts them.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct ProgressFilter {
    /// 30 days when absent.
    from: Option<NaiveDate>,
    /// Today when absent; at most 366 days.
    until: Option<NaiveDate>,
    /// Every day when absent; a week means every seventh day up to the last.
    step: Option<ProgressStep>,
}

/// How a student stood at the end of one day, or stands now.
#[derive(Serialize, ToSchema)]
struct ProgressPoint {
    /// YYYY-MM-DD.
    day: String,
    /// Made by then, neither ignored then nor deleted since.
    mistakes: u32,
    mastered: u32,
    /// Mastered of mistakes, 0 to 1.
    mastery: f64,
    /// Mean probability of recall over those reviewed by then, 0 to 1; null when there was none.
    mean_retrievability: Option<f64>,
}

impl From<pb::ProgressPoint> for ProgressPoint {
    fn from(point: pb::ProgressPoint) -> Self {
        let pb::ProgressPoint { day, mistakes, mastered, mastery, mean_retrievability } = point;
        Self { day, mistakes, mastered, mastery, mean_retrievability }
    }
}

/// Tells how a student stood at the end of each day. Days before the first mistake, and days of
/// which it is not known, are left out.
#[utoipa::path(
    tag = "students",
    params(ProgressFilter),
    responses((status = 200, description = "Known days, the oldest first", body = Page<ProgressPoint>)),
)]
#[get("/students/{id}/progress")]
async fn get_student_progress(
    state: Data<State>,
    _: Signed,
    id: Path<Uuid>,
    filter: Query<ProgressFilter>,
) -> Answer {
    let Query(filter) = filter;
    let message = pb::GetStudentProgressRequest {
        student_id: id.to_string(),
        from: input::day(filter.from),
        until: input::day(filter.until),
        step: filter.step.map(ProgressStep::to_wire).unwrap_or_default(),
    };
    let answer = state.upstream.statistics().get_student_progress(message).await?.into_inner();
    Ok(ok(Page::<ProgressPoint>::whole(answer.points)?))
}
