//! `ExportService`: translates and calls one use case.

use std::{pin::Pin, time::Duration};

use futures::{Stream, StreamExt as _};
use kit::{caller::Caller, error::into_status, idempotency::Operation, page::Page, wire};
use proto::export::v1::{self as pb, export_service_server::ExportService};
use tokio_util::sync::CancellationToken;
use tonic::{Request, Response, Status};
use uuid::Uuid;

use super::translate;
use crate::task::{TaskError, TaskId, Tasks, Watch};

/// A watcher hears at least this often, so that a dead connection is noticed.
const SILENCE: Duration = Duration::from_secs(15);

/// Serves [`ExportService`].
pub struct ExportServer {
    tasks: Tasks,
    stop: CancellationToken,
}

impl ExportServer {
    /// Serves `tasks`; open watches end at `stop`.
    #[must_use]
    pub fn new(tasks: Tasks, stop: CancellationToken) -> Self {
        Self { tasks, stop }
    }
}

type Reply<T> = Result<Response<T>, Status>;
type Replies<T> = Pin<Box<dyn Stream<Item = Result<T, Status>> + Send>>;

#[tonic::async_trait]
impl ExportService for ExportServer {
    async fn create_task(
        &self,
        request: Request<pb::CreateTaskRequest>,
    ) -> Reply<pb::CreateTaskResponse> {
        let caller = Caller::of(&request)?;
        let operation = Operation::of(&request, "CreateTask")?;
        let new = translate::new_task(request.into_inner())?;
        let task = self.tasks.create(&caller, &operation, new).await.map_err(into_status)?;
        Ok(Response::new(pb::CreateTaskResponse { task: Some(translate::task(task)) }))
    }

    async fn get_task(&self, request: Request<pb::GetTaskRequest>) -> Reply<pb::GetTaskResponse> {
        let caller = Caller::of(&request)?;
        let id = task_id(&request.get_ref().task_id)?;
        let task = self.tasks.get(&caller, id).await.map_err(into_status)?;
        Ok(Response::new(pb::GetTaskResponse { task: Some(translate::task(task)) }))
    }

    async fn list_tasks(
        &self,
        request: Request<pb::ListTasksRequest>,
    ) -> Reply<pb::ListTasksResponse> {
        let caller = Caller::of(&request)?;
        let pb::ListTasksRequest { status, limit, cursor } = request.into_inner();
        let status = translate::status(status)?;
        let page: Page<Uuid> = Page::of(limit, &cursor).map_err(into_status)?;
        let (tasks, counts) = self.tasks.list(&caller, status, &page).await.map_err(into_status)?;
        let next_cursor = page.next(&tasks, |task| task.id.0);
        Ok(Response::new(pb::ListTasksResponse {
            tasks: tasks.into_iter().map(translate::task).collect(),
            next_cursor,
            active_tasks: counts.active,
            queued_tasks: counts.queued,
            completed_today: counts.completed_today,
            failed_today: counts.failed_today,
        }))
    }

    async fn cancel_task(
        &self,
        request: Request<pb::CancelTaskRequest>,
    ) -> Reply<pb::CancelTaskResponse> {
        let caller = Caller::of(&request)?;
        let id = task_id(&request.get_ref().task_id)?;
        let task = self.tasks.cancel(&caller, id).await.map_err(into_status)?;
        Ok(Response::new(pb::CancelTaskResponse { task: Some(translate::task(task)) }))
    }

    async fn retry_task(
        &self,
        request: Request<pb::RetryTaskRequest>,
    ) -> Reply<pb::RetryTaskResponse> {
        let caller = Caller::of(&request)?;
        let id = task_id(&request.get_ref().task_id)?;
        let task = self.tasks.retry(&caller, id).await.map_err(into_status)?;
        Ok(Response::new(pb::RetryTaskResponse { task: Some(translate::task(task)) }))
    }

    async fn delete_task(
        &self,
        request: Request<pb::DeleteTaskRequest>,
    ) -> Reply<pb::DeleteTaskResponse> {
        let caller = Caller::of(&request)?;
        let id = task_id(&request.get_ref().task_id)?;
        self.tasks.delete(&caller, id).await.map_err(into_status)?;
        Ok(Response::new(pb::DeleteTaskResponse {}))
    }

    type WatchTaskStream = Replies<pb::WatchTaskResponse>;

    async fn watch_task(
        &self,
        request: Request<pb::WatchTaskRequest>,
    ) -> Reply<Self::WatchTaskStream> {
        let caller = Caller::of(&request)?;
        let id = task_id(&request.get_ref().task_id)?;
        let watch = self.tasks.watch(&caller, id).await.map_err(into_status)?;
        let watch = Watched { watch, id, last: None, ended: false, stop: self.stop.clone() };
        let events = futures::stream::unfold(watch, |mut watch| async {
            let event = watch.next().await?;
            Some((event, watch))
        });
        Ok(Response::new(events.boxed()))
    }

    type DownloadFileStream = Replies<pb::DownloadFileResponse>;

    async fn download_file(
        &self,
        request: Request<pb::DownloadFileRequest>,
    ) -> Reply<Self::DownloadFileStream> {
        let caller = Caller::of(&request)?;
        let pb::DownloadFileRequest { task_id: id, offset } = request.into_inner();
        let id = task_id(&id)?;
        let (task, file, content) =
            self.tasks.open(&caller, id, offset).await.map_err(into_status)?;
        let info = pb::FileInfo {
            file_name: file.name,
            content_type: task.content_type().to_owned(),
            size_bytes: file.size_bytes,
            made_at: task.finished_at.map(wire::time),
        };
        let first = pb::DownloadFileResponse { info: Some(info), chunk: bytes::Bytes::default() };
        let chunks = content.map(|chunk| {
            let chunk = chunk.map_err(into_status)?;
            Ok(pb::DownloadFileResponse { info: None, chunk })
        });
        let first = futures::stream::once(async { Ok(first) });
        Ok(Response::new(first.chain(chunks).boxed()))
    }
}

/// Follows one task until it has ended.
struct Watched {
    watch: Watch,
    id: TaskId,
    last: Option<pb::Task>,
    ended: bool,
    stop: CancellationToken,
}

impl Watched {
    /// Returns the next event, or nothing when there is no more.
    async fn next(&mut self) -> Option<Result<pb::WatchTaskResponse, Status>> {
        if self.ended {
            return None;
        }
        let change = tokio::time::timeout(SILENCE, self.watch.next());
        match self.stop.run_until_cancelled(change).await? {
            Ok(Some(task)) => {
                self.ended = task.status.has_ended();
                self.last = Some(translate::task(task));
            }
            Ok(None) if self.stop.is_cancelled() => return None,
            Ok(None) => {
                self.ended = true;
                return Some(Err(into_status(TaskError::NotFound(self.id))));
            }
            // Nothing new: what is known is said again.
            Err(_) => {}
        }
        Some(Ok(pb::WatchTaskResponse { task: self.last.clone() }))
    }
}

fn task_id(value: &str) -> Result<TaskId, Status> {
    wire::id("task_id", value).map(TaskId)
}
