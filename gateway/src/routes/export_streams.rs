//! The progress of a task as it happens: server-sent events, and a WebSocket.

use std::{convert::Infallible, time::Duration};

use actix_web::{
    HttpRequest, HttpResponse, get,
    http::{StatusCode, header},
    rt,
    web::{Data, Path, Payload},
};
use actix_ws::{CloseCode, CloseReason, Message, MessageStream, Session};
use bytes::Bytes;
use futures::{Stream, stream};
use kit::caller;
use proto::export::v1 as pb;
use serde::Serialize;
use tokio::time::{Instant, Interval, MissedTickBehavior};
use tonic::Streaming;
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

use super::Answer;
use crate::{
    app::State,
    http::Problem,
    session::Signed,
    view::{Task, TaskStatus},
};

/// How often something is sent, so that nobody between takes the connection for dead.
const KEEP_ALIVE: Duration = Duration::from_secs(15);
/// How often it is looked whether the session has ended.
const CHECK: Duration = Duration::from_secs(5);

pub(super) fn mount(config: &mut ServiceConfig) {
    config.service(watch_task_events).service(watch_task_socket);
}

type Changes = Streaming<pb::WatchTaskResponse>;

/// Something to tell the watcher.
enum News {
    Task(Box<Task>),
    Failed(Problem),
    KeepAlive,
}

/// A watched task.
struct Watch {
    state: Data<State>,
    signed: Signed,
    changes: Changes,
    keep_alive: Interval,
    check: Interval,
    /// Here the access token ends; the client has to come back with one that still holds.
    end: Instant,
    /// The task that was told last has ended.
    has_ended: bool,
    over: bool,
}

impl Watch {
    async fn open(state: Data<State>, signed: Signed, id: Uuid) -> Result<Self, Problem> {
        let message = pb::WatchTaskRequest { task_id: id.to_string() };
        let changes = state.upstream.exports().watch_task(message).await?.into_inner();
        let every = |period| {
            let mut ticks = tokio::time::interval_at(Instant::now() + period, period);
            ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
            ticks
        };
        Ok(Self {
            end: Instant::now() + signed.rest(),
            state,
            signed,
            changes,
            keep_alive: every(KEEP_ALIVE),
            check: every(CHECK),
            has_ended: false,
            over: false,
        })
    }

    /// Waits for the next news in the name of whoever watches; `None` when there will be no more.
    async fn next(&mut self) -> Option<News> {
        caller::scope(self.signed.caller.clone(), Box::pin(self.wait())).await
    }

    async fn wait(&mut self) -> Option<News> {
        loop {
            if self.over {
                return None;
            }
            tokio::select! {
                () = self.state.stop.cancelled() => return None,
                () = tokio::time::sleep_until(self.end) => return None,
                _ = self.check.tick() => if !self.signed.is_live(&self.state).await {
                    return None;
                },
                _ = self.keep_alive.tick() => return Some(News::KeepAlive),
                change = self.changes.message() => match change {
                    Ok(Some(pb::WatchTaskResponse { task: Some(task) })) => {
                        return Some(match Task::try_from(task) {
                            Ok(task) => {
                                self.has_ended = has_ended(&task);
                                News::Task(Box::new(task))
                            }
                            Err(problem) => {
                                self.over = true;
                                News::Failed(problem)
                            }
                        });
                    }
                    Ok(Some(pb::WatchTaskResponse { task: None })) => {}
                    Ok(None) => self.over = true,
                    Err(status) => {
                        self.over = true;
                        return Some(News::Failed(status.into()));
                    }
                },
            }
        }
    }
}

fn has_ended(task: &Task) -> bool {
    match task.status {
        TaskStatus::Queued | TaskStatus::Running => false,
        TaskStatus::Completed
        | TaskStatus::Failed
        | TaskStatus::Cancelled
        | TaskStatus::Expired => true,
    }
}

/// Sends the task now and at every change until it has ended, as events named `task`.
///
/// Where no header can be set, the access token may be given as `access_token` in the query.
#[utoipa::path(
    tag = "exports",
    responses((status = 200, description = "Events", content_type = "text/event-stream")),
)]
#[get("/exports/tasks/{id}/events")]
async fn watch_task_events(state: Data<State>, signed: Signed, id: Path<Uuid>) -> Answer {
    let watch = Watch::open(state, signed, id.into_inner()).await?;
    Ok(HttpResponse::Ok()
        .content_type("text/event-stream")
        .insert_header((header::CACHE_CONTROL, "no-store"))
        .insert_header((header::CONTENT_ENCODING, "identity"))
        // Keeps nginx from collecting events.
        .insert_header(("x-accel-buffering", "no"))
        .streaming(events(watch)))
}

fn events(watch: Watch) -> impl Stream<Item = Result<Bytes, Infallible>> {
    stream::unfold(watch, |mut watch| async move {
        let text = match watch.next().await? {
            News::Task(task) => event("task", &task),
            News::Failed(problem) => event("problem", &problem),
            News::KeepAlive => ": keep-alive\n\n".to_owned(),
        };
        Some((Ok(Bytes::from(text)), watch))
    })
}

fn event(name: &str, data: &impl Serialize) -> String {
    // JSON on one line: it holds no line break that would end the event.
    format!("event: {name}\ndata: {}\n\n", serde_json::to_string(data).unwrap_or_default())
}

/// Sends the task now and at every change until it has ended, over a WebSocket.
///
/// Each message is `{"event": "task", "data": …}`. The access token is given as `access_token` in
/// the query, or as a subprotocol: `bearer, <token>`.
#[utoipa::path(
    tag = "exports",
    responses((status = 101, description = "A WebSocket")),
)]
#[get("/exports/tasks/{id}/socket")]
async fn watch_task_socket(
    state: Data<State>,
    signed: Signed,
    id: Path<Uuid>,
    request: HttpRequest,
    payload: Payload,
) -> Answer {
    if !request.headers().contains_key(header::SEC_WEBSOCKET_KEY) {
        return Err(Problem::new(
            StatusCode::UPGRADE_REQUIRED,
            "WEBSOCKET_REQUIRED",
            "open a WebSocket here",
        ));
    }
    let watch = Watch::open(state, signed, id.into_inner()).await?;
    let opened = actix_ws::handle_with_protocols(&request, payload, &["bearer"]);
    let (response, session, messages) = opened.map_err(|error| {
        tracing::debug!(%error, "no WebSocket");
        Problem::new(
            StatusCode::BAD_REQUEST,
            "WEBSOCKET_HANDSHAKE",
            "the WebSocket handshake is not valid",
        )
    })?;
    rt::spawn(talk(watch, session, messages));
    Ok(response)
}

/// One message of the WebSocket.
#[derive(Serialize)]
struct Notice<T> {
    event: &'static str,
    data: T,
}

fn notice(event: &'static str, data: impl Serialize) -> String {
    serde_json::to_string(&Notice { event, data }).unwrap_or_default()
}

async fn talk(mut watch: Watch, mut session: Session, mut messages: MessageStream) {
    let code = loop {
        let sent = tokio::select! {
            news = watch.next() => match news {
                Some(News::Task(task)) => session.text(notice("task", task)).await,
                Some(News::Failed(problem)) => session.text(notice("problem", problem)).await,
                Some(News::KeepAlive) => session.ping(b"").await,
                None if watch.has_ended => break CloseCode::Normal,
                // The task goes on, and so may the watcher.
                None => break CloseCode::Restart,
            },
            message = messages.recv() => match message {
                Some(Ok(Message::Ping(data))) => session.pong(&data).await,
                Some(Ok(Message::Close(_)) | Err(_)) | None => break CloseCode::Normal,
                Some(Ok(
                    Message::Text(_)
                    | Message::Binary(_)
                    | Message::Continuation(_)
                    | Message::Pong(_)
                    | Message::Nop,
                )) => Ok(()),
            },
        };
        if sent.is_err() {
            return;
        }
    };
    if session.close(Some(CloseReason::from(code))).await.is_err() {
        tracing::trace!("the watcher had gone");
    }
}
