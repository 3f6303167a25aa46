//! Classes and who teaches them.

use actix_web::{
    delete, get, patch, post,
    web::{Data, Path},
};
use chrono::{DateTime, Utc};
use proto::learning::v1 as pb;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

use super::{Answer, present};
use crate::{
    app::State,
    http::{Json, Problem, Query, created, ok},
    session::Signed,
    view::{
        Page,
        input::{self, changed},
        moment, text, time, words,
    },
};

pub(super) fn mount(config: &mut ServiceConfig) {
    config
        .service(list_classes)
        .service(create_class)
        .service(get_class)
        .service(update_class)
        .service(archive_class)
        .service(restore_class)
        .service(add_assistant)
        .service(remove_assistant)
        .service(renew_join_code);
}

words! {
    /// Whether a class is at work.
    ClassStatus of pb::ClassStatus { Active, Archived }
}

/// A class.
#[derive(Serialize, ToSchema)]
pub(super) struct Class {
    id: String,
    name: String,
    description: Option<String>,
    grade: Option<String>,
    /// As in `2026-2027-1`.
    semester: Option<String>,
    status: ClassStatus,
    head_teacher_id: String,
    head_teacher_name: String,
    assistants: Vec<Teacher>,
    max_students: u32,
    active_students: u32,
    /// Null for students.
    join_code: Option<String>,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
    archived_at: Option<DateTime<Utc>>,
    organization_id: String,
}

/// A teacher by name.
#[derive(Serialize, ToSchema)]
struct Teacher {
    id: String,
    full_name: String,
}

impl TryFrom<pb::Class> for Class {
    type Error = Problem;

    fn try_from(class: pb::Class) -> Result<Self, Problem> {
        let assistants = class.assistants.into_iter();
        Ok(Self {
            id: class.id,
            name: class.name,
            description: text(class.description),
            grade: text(class.grade),
            semester: text(class.semester),
            status: ClassStatus::from_wire(class.status)?,
            head_teacher_id: class.head_teacher_id,
            head_teacher_name: class.head_teacher_name,
            assistants: assistants
                .map(|teacher| Teacher { id: teacher.id, full_name: teacher.full_name })
                .collect(),
            max_students: class.max_students,
            active_students: class.active_students,
            join_code: text(class.join_code),
            created_at: moment(class.created_at)?,
            updated_at: moment(class.updated_at)?,
            archived_at: time(class.archived_at),
            organization_id: class.organization_id,
        })
    }
}

/// Which classes are wanted.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct ClassFilter {
    /// Active ones when absent.
    status: Option<ClassStatus>,
    query: Option<String>,
    limit: Option<u32>,
    cursor: Option<String>,
}

/// Lists the classes that the caller may see.
#[utoipa::path(
    tag = "classes",
    params(ClassFilter),
    responses((status = 200, description = "A page of classes", body = Page<Class>)),
)]
#[get("/classes")]
async fn list_classes(state: Data<State>, _: Signed, filter: Query<ClassFilter>) -> Answer {
    let Query(filter) = filter;
    let message = pb::ListClassesRequest {
        status: filter.status.map(ClassStatus::to_wire).unwrap_or_default(),
        query: filter.query.unwrap_or_default(),
        limit: input::counted("limit", filter.limit)?,
        cursor: filter.cursor.unwrap_or_default(),
    };
    let answer = state.upstream.classes().list_classes(message).await?.into_inner();
    Ok(ok(Page::<Class>::of(answer.classes, answer.next_cursor)?))
}

/// A class to create.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct NewClass {
    /// 1 to 100 characters.
    name: String,
    description: Option<String>,
    grade: Option<String>,
    /// As in `2026-2027-1`.
    semester: Option<String>,
    /// 1 to 500; 60 when absent.
    max_students: Option<u32>,
}

/// Creates a class headed by the caller. Teachers and administrators.
#[utoipa::path(
    tag = "classes",
    responses((status = 201, description = "The class", body = Class)),
)]
#[post("/classes")]
async fn create_class(state: Data<State>, _: Signed, body: Json<NewClass>) -> Answer {
    let Json(body) = body;
    let message = pb::CreateClassRequest {
        name: body.name,
        description: body.description.unwrap_or_default(),
        grade: body.grade.unwrap_or_default(),
        semester: body.semester.unwrap_or_default(),
        max_students: input::counted("max_students", body.max_students)?,
    };
    let answer = state.upstream.classes().create_class(message).await?.into_inner();
    Ok(created(Class::try_from(present(answer.class)?)?))
}

/// Returns one class.
#[utoipa::path(
    tag = "classes",
    responses((status = 200, description = "The class", body = Class)),
)]
#[get("/classes/{id}")]
async fn get_class(state: Data<State>, _: Signed, id: Path<Uuid>) -> Answer {
    let message = pb::GetClassRequest { class_id: id.to_string() };
    let answer = state.upstream.classes().get_class(message).await?.into_inner();
    Ok(ok(Class::try_from(present(answer.class)?)?))
}

/// A change of a class; absent fields stay, null empties.
#[derive(Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
struct ClassChange {
    #[serde(deserialize_with = "changed")]
    name: Option<String>,
    #[serde(deserialize_with = "changed")]
    description: Option<String>,
    #[serde(deserialize_with = "changed")]
    grade: Option<String>,
    #[serde(deserialize_with = "changed")]
    semester: Option<String>,
    max_students: Option<u32>,
    /// Hands the class over to another teacher of the organization.
    head_teacher_id: Option<Uuid>,
}

/// Changes a class. Head teacher and administrators.
#[utoipa::path(
    tag = "classes",
    responses((status = 200, description = "The changed class", body = Class)),
)]
#[patch("/classes/{id}")]
async fn update_class(
    state: Data<State>,
    _: Signed,
    id: Path<Uuid>,
    body: Json<ClassChange>,
) -> Answer {
    let Json(body) = body;
    let message = pb::UpdateClassRequest {
        class_id: id.to_string(),
        name: body.name,
        description: body.description,
        grade: body.grade,
        semester: body.semester,
        max_students: body.max_students,
        head_teacher_id: body.head_teacher_id.map(|id| id.to_string()),
    };
    let answer = state.upstream.classes().update_class(message).await?.into_inner();
    Ok(ok(Class::try_from(present(answer.class)?)?))
}

/// Archives a class: it leaves the lists, nothing is deleted.
#[utoipa::path(
    tag = "classes",
    responses((status = 200, description = "The class", body = Class)),
)]
#[post("/classes/{id}/archive")]
async fn archive_class(state: Data<State>, _: Signed, id: Path<Uuid>) -> Answer {
    let message = pb::ArchiveClassRequest { class_id: id.to_string() };
    let answer = state.upstream.classes().archive_class(message).await?.into_inner();
    Ok(ok(Class::try_from(present(answer.class)?)?))
}

/// Brings an archived class back.
#[utoipa::path(
    tag = "classes",
    responses((status = 200, description = "The class", body = Class)),
)]
#[post("/classes/{id}/restore")]
async fn restore_class(state: Data<State>, _: Signed, id: Path<Uuid>) -> Answer {
    let message = pb::RestoreClassRequest { class_id: id.to_string() };
    let answer = state.upstream.classes().restore_class(message).await?.into_inner();
    Ok(ok(Class::try_from(present(answer.class)?)?))
}

/// A teacher who shall assist.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct NewAssistant {
    teacher_id: Uuid,
}

/// Makes a teacher of the organization an assistant. Head teacher and administrators.
#[utoipa::path(
    tag = "classes",
    responses((status = 200, description = "The class", body = Class)),
)]
#[post("/classes/{id}/assistants")]
async fn add_assistant(
    state: Data<State>,
    _: Signed,
    id: Path<Uuid>,
    body: Json<NewAssistant>,
) -> Answer {
    let teacher_id = body.0.teacher_id.to_string();
    let message = pb::AddAssistantRequest { class_id: id.to_string(), teacher_id };
    let answer = state.upstream.classes().add_assistant(message).await?.into_inner();
    Ok(ok(Class::try_from(present(answer.class)?)?))
}

/// Takes an assistant off a class.
#[utoipa::path(
    tag = "classes",
    responses((status = 200, description = "The class", body = Class)),
)]
#[delete("/classes/{id}/assistants/{teacher_id}")]
async fn remove_assistant(state: Data<State>, _: Signed, path: Path<(Uuid, Uuid)>) -> Answer {
    let (class, teacher) = path.into_inner();
    let (class_id, teacher_id) = (class.to_string(), teacher.to_string());
    let message = pb::RemoveAssistantRequest { class_id, teacher_id };
    let answer = state.upstream.classes().remove_assistant(message).await?.into_inner();
    Ok(ok(Class::try_from(present(answer.class)?)?))
}

/// Replaces the join code, so that the old one stops working.
#[utoipa::path(
    tag = "classes",
    responses((status = 200, description = "The class with its new code", body = Class)),
)]
#[post("/classes/{id}/join-code")]
async fn renew_join_code(state: Data<State>, _: Signed, id: Path<Uuid>) -> Answer {
    let message = pb::RenewJoinCodeRequest { class_id: id.to_string() };
    let answer = state.upstream.classes().renew_join_code(message).await?.into_inner();
    Ok(ok(Class::try_from(present(answer.class)?)?))
}
