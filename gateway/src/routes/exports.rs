//! Tasks that make documents.

use actix_web::{
    delete, get, post,
    web::{Data, Path},
};
use proto::export::v1 as pb;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

use super::{Answer, present};
use crate::{
    app::State,
    http::{Json, Query, created, no_content, ok},
    session::Signed,
    view::{BookOptions, Document, Format, Task, TaskStatus, all, input, text},
};

pub(super) fn mount(config: &mut ServiceConfig) {
    config
        .service(list_tasks)
        .service(create_task)
        .service(get_task)
        .service(cancel_task)
        .service(retry_task)
        .service(delete_task);
}

/// A document to make.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct NewTask {
    document: Document,
    format: Format,
    /// For a mistake book; students may leave it out.
    student_id: Option<Uuid>,
    /// For class mistake books.
    class_id: Option<Uuid>,
    /// For class mistake books: only these, at most 500; all active ones when empty.
    #[serde(default)]
    student_ids: Vec<Uuid>,
    #[serde(default)]
    options: BookOptions,
}

/// Queues a document. Teachers for their students and classes, students for themselves.
#[utoipa::path(
    tag = "exports",
    responses((status = 201, description = "The queued task", body = Task)),
)]
#[post("/exports/tasks")]
async fn create_task(state: Data<State>, signed: Signed, body: Json<NewTask>) -> Answer {
    let Json(body) = body;
    let is_own =
        body.document == Document::MistakeBook && signed.caller.role == kit::caller::Role::Student;
    let student = body.student_id.or(is_own.then_some(signed.caller.user_id));
    let message = pb::CreateTaskRequest {
        document: body.document.to_wire(),
        format: body.format.to_wire(),
        student_id: input::id(student),
        class_id: input::id(body.class_id),
        options: Some(body.options.to_wire()),
        student_ids: input::ids(body.student_ids),
    };
    let answer = state.upstream.exports().create_task(message).await?.into_inner();
    Ok(created(Task::try_from(present(answer.task)?)?))
}

/// Which tasks are wanted.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct TaskFilter {
    status: Option<TaskStatus>,
    limit: Option<u32>,
    cursor: Option<String>,
}

/// The caller's tasks, with counts; for administrators, the counts of the organization.
#[derive(Serialize, ToSchema)]
#[expect(clippy::struct_field_names, reason = "the names that the old API had")]
struct Tasks {
    active_tasks: u32,
    queued_tasks: u32,
    completed_today: u32,
    failed_today: u32,
    items: Vec<Task>,
    next_cursor: Option<String>,
}

/// Lists the caller's tasks, the latest first, with counts.
#[utoipa::path(
    tag = "exports",
    params(TaskFilter),
    responses((status = 200, description = "A page of tasks", body = Tasks)),
)]
#[get("/exports/tasks")]
async fn list_tasks(state: Data<State>, _: Signed, filter: Query<TaskFilter>) -> Answer {
    let message = pb::ListTasksRequest {
        status: filter.0.status.map(TaskStatus::to_wire).unwrap_or_default(),
        limit: input::counted("limit", filter.0.limit)?,
        cursor: filter.0.cursor.unwrap_or_default(),
    };
    let answer = state.upstream.exports().list_tasks(message).await?.into_inner();
    Ok(ok(Tasks {
        active_tasks: answer.active_tasks,
        queued_tasks: answer.queued_tasks,
        completed_today: answer.completed_today,
        failed_today: answer.failed_today,
        items: all(answer.tasks)?,
        next_cursor: text(answer.next_cursor),
    }))
}

/// Returns one task.
#[utoipa::path(
    tag = "exports",
    responses((status = 200, description = "The task", body = Task)),
)]
#[get("/exports/tasks/{id}")]
async fn get_task(state: Data<State>, _: Signed, id: Path<Uuid>) -> Answer {
    let message = pb::GetTaskRequest { task_id: id.to_string() };
    let answer = state.upstream.exports().get_task(message).await?.into_inner();
    Ok(ok(Task::try_from(present(answer.task)?)?))
}

/// Cancels a task that has not ended.
#[utoipa::path(
    tag = "exports",
    responses((status = 200, description = "The task", body = Task)),
)]
#[post("/exports/tasks/{id}/cancel")]
async fn cancel_task(state: Data<State>, _: Signed, id: Path<Uuid>) -> Answer {
    let message = pb::CancelTaskRequest { task_id: id.to_string() };
    let answer = state.upstream.exports().cancel_task(message).await?.into_inner();
    Ok(ok(Task::try_from(present(answer.task)?)?))
}

/// Queues a failed or cancelled task again.
#[utoipa::path(
    tag = "exports",
    responses((status = 200, description = "The task", body = Task)),
)]
#[post("/exports/tasks/{id}/retry")]
async fn retry_task(state: Data<State>, _: Signed, id: Path<Uuid>) -> Answer {
    let message = pb::RetryTaskRequest { task_id: id.to_string() };
    let answer = state.upstream.exports().retry_task(message).await?.into_inner();
    Ok(ok(Task::try_from(present(answer.task)?)?))
}

/// Deletes an ended task and its file.
#[utoipa::path(tag = "exports", responses((status = 204, description = "Deleted")))]
#[delete("/exports/tasks/{id}")]
async fn delete_task(state: Data<State>, _: Signed, id: Path<Uuid>) -> Answer {
    let message = pb::DeleteTaskRequest { task_id: id.to_string() };
    state.upstream.exports().delete_task(message).await?;
    Ok(no_content())
}
