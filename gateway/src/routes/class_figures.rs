//! How classes and their students are doing.

use actix_web::{
    get,
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
    http::{Query, ok},
    session::Signed,
    view::{
        ActivityDay, Figures, Page, StudentFigures, StudentOrder, all,
        input::{self, Pages},
    },
};

pub(super) fn mount(config: &mut ServiceConfig) {
    config
        .service(get_class_statistics)
        .service(list_class_students)
        .service(get_class_activity)
        .service(list_weak_students);
}

/// From when until when.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct Period {
    from: Option<DateTime<Utc>>,
    until: Option<DateTime<Utc>>,
}

/// How a class is doing.
#[derive(Serialize, ToSchema)]
struct ClassStatistics {
    students: u32,
    /// Students with a mistake or review in the last 7 days.
    active_students: u32,
    figures: Figures,
    /// The most unmastered mistakes first, at most 100.
    by_student: Vec<StudentFigures>,
}

/// Counts the mistakes and reviews of a class. Its teachers and administrators.
#[utoipa::path(
    tag = "classes",
    params(Period),
    responses((status = 200, description = "The figures", body = ClassStatistics)),
)]
#[get("/classes/{id}/statistics")]
async fn get_class_statistics(
    state: Data<State>,
    _: Signed,
    id: Path<Uuid>,
    period: Query<Period>,
) -> Answer {
    let message = pb::GetClassStatisticsRequest {
        class_id: id.to_string(),
        from: input::time(period.0.from),
        until: input::time(period.0.until),
    };
    let answer = state.upstream.statistics().get_class_statistics(message).await?.into_inner();
    Ok(ok(ClassStatistics {
        students: answer.students,
        active_students: answer.active_students,
        figures: present(answer.figures)?.try_into()?,
        by_student: all(answer.by_student)?,
    }))
}

/// Which students of a class are wanted, and in what order.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct LineFilter {
    /// By name when absent.
    order: Option<StudentOrder>,
    /// Part of name, username or number.
    query: Option<String>,
    limit: Option<u32>,
    cursor: Option<String>,
}

/// Lists the figures of all present students of a class. Its teachers and administrators.
#[utoipa::path(
    tag = "classes",
    params(LineFilter),
    responses((status = 200, description = "A page of students", body = Page<StudentFigures>)),
)]
#[get("/classes/{id}/students-figures")]
async fn list_class_students(
    state: Data<State>,
    _: Signed,
    id: Path<Uuid>,
    filter: Query<LineFilter>,
) -> Answer {
    let Query(filter) = filter;
    let message = pb::ListClassStudentsRequest {
        class_id: id.to_string(),
        order: filter.order.map(StudentOrder::to_wire).unwrap_or_default(),
        query: filter.query.unwrap_or_default(),
        limit: input::counted("limit", filter.limit)?,
        cursor: filter.cursor.unwrap_or_default(),
    };
    let answer = state.upstream.statistics().list_class_students(message).await?.into_inner();
    Ok(ok(Page::<StudentFigures>::of(answer.students, answer.next_cursor)?))
}

/// Which days are wanted, as the school counts them.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct DayFilter {
    /// 30 days when absent.
    from: Option<NaiveDate>,
    /// Today when absent; at most 366 days.
    until: Option<NaiveDate>,
}

/// Counts what the present students of a class did on each day. Its teachers and administrators.
#[utoipa::path(
    tag = "classes",
    params(DayFilter),
    responses((status = 200, description = "Every day, the oldest first", body = Page<ActivityDay>)),
)]
#[get("/classes/{id}/activity")]
async fn get_class_activity(
    state: Data<State>,
    _: Signed,
    id: Path<Uuid>,
    days: Query<DayFilter>,
) -> Answer {
    let message = pb::GetClassActivityRequest {
        class_id: id.to_string(),
        from: input::day(days.0.from),
        until: input::day(days.0.until),
    };
    let answer = state.upstream.statistics().get_class_activity(message).await?.into_inner();
    Ok(ok(Page::<ActivityDay>::whole(answer.days)?))
}

/// Lists the students behind one weak point of a class.
#[utoipa::path(
    tag = "classes",
    params(Pages),
    responses((status = 200, description = "A page of students", body = Page<StudentFigures>)),
)]
#[get("/classes/{id}/weak-points/{knowledge_point_id}/students")]
async fn list_weak_students(
    state: Data<State>,
    _: Signed,
    path: Path<(Uuid, String)>,
    pages: Query<Pages>,
) -> Answer {
    let (class, knowledge_point_id) = path.into_inner();
    let (limit, cursor) = pages.0.to_wire()?;
    let class_id = class.to_string();
    let message = pb::ListWeakStudentsRequest { class_id, knowledge_point_id, limit, cursor };
    let answer = state.upstream.statistics().list_weak_students(message).await?.into_inner();
    Ok(ok(Page::<StudentFigures>::of(answer.students, answer.next_cursor)?))
}
