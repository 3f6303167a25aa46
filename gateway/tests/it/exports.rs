//! Exports over a scripted export-svc: orders, files, progress.

use std::{
    pin::Pin,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use futures::{Stream, StreamExt as _, stream};
use kit::{
    access_token::AccessClaims,
    error::{Invalid, into_status},
    grpc,
    health::Health,
    testing,
};
use proto::export::v1::{
    self as pb,
    export_service_server::{ExportService, ExportServiceServer},
};
use reqwest::Method;
use serde_json::{Value, json};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
};
use tokio_util::sync::CancellationToken;
use tonic::{Request, Response, Status};
use uuid::Uuid;

use crate::support::{Gateway, header, problem};

const FILE: &[u8] = b"0123456789";

/// An export-svc with one task.
#[derive(Clone)]
struct Exports {
    task: Arc<Mutex<pb::Task>>,
    /// What is told to a watcher before the stream ends; with `None` it stays open.
    told: Arc<Mutex<Option<Vec<pb::TaskStatus>>>>,
    calls: Arc<Mutex<Vec<String>>>,
    /// A file never comes to its end.
    is_stuck: Arc<AtomicBool>,
}

type Replies<T> = Pin<Box<dyn Stream<Item = Result<T, Status>> + Send>>;

impl Exports {
    async fn start() -> (Self, Gateway) {
        let now = prost_types::Timestamp { seconds: 1_700_000_000, nanos: 0 };
        let task = pb::Task {
            id: Uuid::now_v7().to_string(),
            document: pb::Document::MistakeBook.into(),
            format: pb::Format::Pdf.into(),
            status: pb::TaskStatus::Running.into(),
            content_type: "application/pdf".to_owned(),
            file_size_bytes: FILE.len() as u64,
            created_at: Some(now),
            finished_at: Some(now),
            options: Some(pb::BookOptions {
                paper: pb::Paper::A4.into(),
                order: pb::Order::Date.into(),
                answers: pb::Answers::Inline.into(),
                font_size: pb::FontSize::Medium.into(),
                locale: "zh-CN".to_owned(),
                ..pb::BookOptions::default()
            }),
            ..pb::Task::default()
        };
        let exports = Self {
            task: Arc::new(Mutex::new(task)),
            told: Arc::default(),
            calls: Arc::default(),
            is_stuck: Arc::default(),
        };
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let server = grpc::Server::new(&testing::common("export-svc"), Health::new("1.0.0"))
            .add(ExportServiceServer::new(exports.clone()));
        tokio::spawn(server.serve_on(listener, CancellationToken::new()));
        let gateway = Gateway::with(&[("EXPORT_SVC_URL", url.as_str())]).await;
        (exports, gateway)
    }

    fn path(&self, rest: &str) -> String {
        format!("/exports/tasks/{}{rest}", self.task.lock().unwrap().id)
    }

    fn called(&self, call: impl Into<String>, status: pb::TaskStatus) -> pb::Task {
        self.calls.lock().unwrap().push(call.into());
        pb::Task { status: status.into(), ..self.task.lock().unwrap().clone() }
    }
}

#[tonic::async_trait]
impl ExportService for Exports {
    async fn create_task(
        &self,
        request: Request<pb::CreateTaskRequest>,
    ) -> Result<Response<pb::CreateTaskResponse>, Status> {
        if !request.get_ref().class_id.is_empty() {
            let wrong = Invalid::one("class_id", "INVALID", "does not belong to this document");
            return Err(into_status(wrong));
        }
        let task = self.called("create", pb::TaskStatus::Queued);
        Ok(Response::new(pb::CreateTaskResponse { task: Some(task) }))
    }

    async fn get_task(
        &self,
        _: Request<pb::GetTaskRequest>,
    ) -> Result<Response<pb::GetTaskResponse>, Status> {
        let task = self.called("get", pb::TaskStatus::Completed);
        Ok(Response::new(pb::GetTaskResponse { task: Some(task) }))
    }

    async fn list_tasks(
        &self,
        request: Request<pb::ListTasksRequest>,
    ) -> Result<Response<pb::ListTasksResponse>, Status> {
        let status = request.get_ref().status();
        Ok(Response::new(pb::ListTasksResponse {
            tasks: vec![self.called(format!("list {status:?}"), pb::TaskStatus::Running)],
            next_cursor: String::new(),
            active_tasks: 2,
            queued_tasks: 1,
            completed_today: 15,
            failed_today: 0,
        }))
    }

    async fn cancel_task(
        &self,
        _: Request<pb::CancelTaskRequest>,
    ) -> Result<Response<pb::CancelTaskResponse>, Status> {
        let task = self.called("cancel", pb::TaskStatus::Cancelled);
        Ok(Response::new(pb::CancelTaskResponse { task: Some(task) }))
    }

    async fn retry_task(
        &self,
        _: Request<pb::RetryTaskRequest>,
    ) -> Result<Response<pb::RetryTaskResponse>, Status> {
        let task = self.called("retry", pb::TaskStatus::Queued);
        Ok(Response::new(pb::RetryTaskResponse { task: Some(task) }))
    }

    async fn delete_task(
        &self,
        _: Request<pb::DeleteTaskRequest>,
    ) -> Result<Response<pb::DeleteTaskResponse>, Status> {
        self.called("delete", pb::TaskStatus::Completed);
        Ok(Response::new(pb::DeleteTaskResponse {}))
    }

    type WatchTaskStream = Replies<pb::WatchTaskResponse>;

    async fn watch_task(
        &self,
        _: Request<pb::WatchTaskRequest>,
    ) -> Result<Response<Self::WatchTaskStream>, Status> {
        let told = self.told.lock().unwrap().clone();
        let stays = told.is_none();
        let events: Vec<_> = told
            .unwrap_or_else(|| vec![pb::TaskStatus::Running])
            .into_iter()
            .map(|status| Ok(pb::WatchTaskResponse { task: Some(self.called("watch", status)) }))
            .collect();
        let events = stream::iter(events);
        let events = if stays { events.chain(stream::pending()).boxed() } else { events.boxed() };
        Ok(Response::new(events))
    }

    type DownloadFileStream = Replies<pb::DownloadFileResponse>;

    async fn download_file(
        &self,
        request: Request<pb::DownloadFileRequest>,
    ) -> Result<Response<Self::DownloadFileStream>, Status> {
        let offset = usize::try_from(request.get_ref().offset).unwrap();
        let info = pb::FileInfo {
            file_name: "高二（3）班-错题本.pdf".to_owned(),
            content_type: "application/pdf".to_owned(),
            size_bytes: FILE.len() as u64,
            made_at: self.task.lock().unwrap().finished_at,
        };
        let first = pb::DownloadFileResponse { info: Some(info), ..Default::default() };
        // In pieces of three bytes, so that ranges end within one.
        let pieces = FILE[offset..].chunks(3).map(|chunk| pb::DownloadFileResponse {
            info: None,
            chunk: bytes::Bytes::from_static(chunk),
        });
        let messages: Vec<_> = std::iter::once(first).chain(pieces).map(Ok).collect();
        let messages = stream::iter(messages);
        let is_stuck = self.is_stuck.load(Ordering::SeqCst);
        let messages = if is_stuck {
            messages.take(2).chain(stream::pending()).boxed()
        } else {
            messages.boxed()
        };
        Ok(Response::new(messages))
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn list_has_the_counts_that_operators_know() {
    let (exports, gateway) = Exports::start().await;
    let body: Value = gateway.get("/exports/tasks?status=running").await.json().await.unwrap();
    assert_eq!(body["active_tasks"], 2);
    assert_eq!(body["queued_tasks"], 1);
    assert_eq!(body["completed_today"], 15);
    assert_eq!(body["failed_today"], 0);
    assert_eq!(body["items"][0]["status"], "running");
    assert_eq!(body["next_cursor"], Value::Null);
    assert_eq!(*exports.calls.lock().unwrap(), ["list Running"]);
    assert_eq!(gateway.get("/exports/tasks?status=resting").await.status(), 422);
}

#[tokio::test(flavor = "multi_thread")]
async fn task_is_ordered_cancelled_retried_and_deleted() {
    let (exports, gateway) = Exports::start().await;
    let order =
        json!({ "document": "mistake_book", "format": "pdf", "student_id": Uuid::now_v7() });
    let answer = gateway.request(Method::POST, "/exports/tasks").json(&order).send().await.unwrap();
    assert_eq!(answer.status(), 201);
    let mut wrong = order.clone();
    wrong["class_id"] = json!(Uuid::now_v7());
    let answer = gateway.request(Method::POST, "/exports/tasks").json(&wrong).send().await.unwrap();
    assert_eq!(answer.status(), 422);
    assert_eq!(problem(answer).await["errors"][0]["field"], "class_id");
    for (action, status) in [("cancel", "cancelled"), ("retry", "queued")] {
        let path = exports.path(&format!("/{action}"));
        let answer = gateway.request(Method::POST, &path).send().await.unwrap();
        assert_eq!(answer.status(), 200, "{action}");
        let body: Value = answer.json().await.unwrap();
        assert_eq!(body["status"], status, "{action}");
    }
    let answer = gateway.request(Method::DELETE, &exports.path("")).send().await.unwrap();
    assert_eq!(answer.status(), 204);
    assert_eq!(*exports.calls.lock().unwrap(), ["create", "cancel", "retry", "delete"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn file_comes_whole_in_parts_or_not_at_all() {
    let (exports, gateway) = Exports::start().await;
    let path = exports.path("/file");
    let whole = gateway.get(&path).await;
    assert_eq!(whole.status(), 200);
    assert_eq!(header(&whole, "content-type"), "application/pdf");
    assert_eq!(header(&whole, "accept-ranges"), "bytes");
    assert_eq!(header(&whole, "content-length"), "10");
    assert!(header(&whole, "content-disposition").starts_with("attachment"));
    let tag = header(&whole, "etag").to_owned();
    assert_eq!(whole.bytes().await.unwrap(), FILE);

    let ask = async |range: &str, if_range: &str| {
        let request = gateway.request(Method::GET, &path).header("range", range);
        request.header("if-range", if_range).send().await.unwrap()
    };
    for (range, place, content) in [
        ("bytes=4-", "bytes 4-9/10", &FILE[4..]),
        ("bytes=2-4", "bytes 2-4/10", &FILE[2..=4]),
        ("bytes=8-99", "bytes 8-9/10", &FILE[8..]),
    ] {
        let part = ask(range, &tag).await;
        assert_eq!(part.status(), 206, "{range}");
        assert_eq!(header(&part, "content-range"), place);
        assert_eq!(part.bytes().await.unwrap(), content, "{range}");
    }
    let other = ask("bytes=4-", "\"another file\"").await;
    assert_eq!((other.status().as_u16(), other.content_length()), (200, Some(10)));
    let beyond = ask("bytes=10-", &tag).await;
    assert_eq!(beyond.status(), 416);
    assert_eq!(header(&beyond, "content-range"), "bytes */10");
    assert_eq!(problem(beyond).await["code"], "RANGE_NOT_SATISFIABLE");
}

#[tokio::test(flavor = "multi_thread")]
async fn head_of_a_file_does_not_wait_for_its_end() {
    let (exports, gateway) = Exports::start().await;
    let path = exports.path("/file");
    exports.is_stuck.store(true, Ordering::SeqCst);
    for (range, status, length) in [("", 200, "10"), ("bytes=4-", 206, "6")] {
        let request = gateway.request(Method::HEAD, &path).header("range", range);
        let head = request.send().await.unwrap();
        assert_eq!(head.status(), status);
        assert_eq!(header(&head, "content-length"), length);
        assert_eq!(head.bytes().await.unwrap(), "");
    }
    exports.is_stuck.store(false, Ordering::SeqCst);
    assert_eq!(gateway.get(&path).await.bytes().await.unwrap(), FILE);
}

#[tokio::test(flavor = "multi_thread")]
async fn file_that_was_made_again_is_not_joined_to_the_one_before() {
    let (exports, gateway) = Exports::start().await;
    let path = exports.path("/file");
    let first = header(&gateway.get(&path).await, "etag").to_owned();
    let again = prost_types::Timestamp { seconds: 1_700_000_060, nanos: 0 };
    exports.task.lock().unwrap().finished_at = Some(again);
    let rest = async |tag: &str| {
        let request = gateway.request(Method::GET, &path).header("range", "bytes=4-");
        request.header("if-range", tag).send().await.unwrap()
    };
    let other = rest(&first).await;
    assert_eq!(other.status(), 200);
    let second = header(&other, "etag").to_owned();
    assert_ne!(second, first);
    assert_eq!(other.bytes().await.unwrap(), FILE, "as large as before, and yet another file");
    assert_eq!(rest(&second).await.status(), 206);
}

#[tokio::test(flavor = "multi_thread")]
async fn events_end_with_the_task() {
    let (exports, gateway) = Exports::start().await;
    *exports.told.lock().unwrap() =
        Some(vec![pb::TaskStatus::Queued, pb::TaskStatus::Running, pb::TaskStatus::Completed]);
    let answer = gateway.get(&exports.path("/events")).await;
    assert_eq!(header(&answer, "content-type"), "text/event-stream");
    let text = answer.text().await.unwrap();
    let states: Vec<Value> = text
        .lines()
        .filter_map(|line| line.strip_prefix("data: "))
        .map(|data| serde_json::from_str::<Value>(data).unwrap()["status"].clone())
        .collect();
    assert_eq!(states, ["queued", "running", "completed"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn events_end_with_the_token_and_with_the_session() {
    let (exports, gateway) = Exports::start().await;
    let url = format!("{}/api/v1{}", gateway.base, exports.path("/events"));
    let short = AccessClaims { exp: chrono::Utc::now().timestamp() + 2, ..gateway.claims };
    let watch = gateway.client.get(&url).bearer_auth(gateway.token(&short)).send().await.unwrap();
    let text = tokio::time::timeout(Duration::from_secs(4), watch.text()).await;
    assert!(text.expect("it ends with the token").unwrap().contains("running"));

    let watch = gateway.get(&exports.path("/events")).await;
    let ttl = Duration::from_mins(1);
    gateway.cache.revoke(&[(gateway.claims.sid, ttl)]).await;
    let text = tokio::time::timeout(Duration::from_secs(8), watch.text()).await;
    assert!(text.expect("it ends with the session").unwrap().contains("running"));
}

#[tokio::test(flavor = "multi_thread")]
async fn socket_says_whether_to_come_back() {
    const NORMAL: u16 = 1000;
    const RESTART: u16 = 1012;
    let (exports, gateway) = Exports::start().await;
    for (told, code) in [
        (vec![pb::TaskStatus::Running, pb::TaskStatus::Failed], NORMAL),
        (vec![pb::TaskStatus::Running], RESTART),
        (Vec::new(), RESTART),
    ] {
        *exports.told.lock().unwrap() = Some(told.clone());
        let path = format!("/api/v1{}", exports.path("/socket"));
        let (messages, closed) = socket(&gateway, &path).await;
        assert_eq!((messages.len(), closed), (told.len(), code), "{told:?}");
        assert!(messages.iter().all(|message| message["event"] == "task"));
    }
}

/// Reads a WebSocket to its end: its messages and the code of its close.
async fn socket(gateway: &Gateway, path: &str) -> (Vec<Value>, u16) {
    let address = gateway.base.trim_start_matches("http://");
    let mut stream = TcpStream::connect(address).await.unwrap();
    let token = gateway.token(&gateway.claims);
    let request = format!(
        "GET {path} HTTP/1.1\r\nHost: {address}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
         Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\
         Sec-WebSocket-Protocol: bearer, {token}\r\n\r\n"
    );
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(stream.read_u8().await.unwrap());
    }
    let head = String::from_utf8(head).unwrap();
    assert!(head.starts_with("HTTP/1.1 101"), "{head}");
    let mut messages = Vec::new();
    loop {
        let kind = stream.read_u8().await.unwrap() & 0x0f;
        let length = match stream.read_u8().await.unwrap() {
            126 => usize::from(stream.read_u16().await.unwrap()),
            length => usize::from(length),
        };
        let mut content = vec![0; length];
        stream.read_exact(&mut content).await.unwrap();
        match kind {
            1 => messages.push(serde_json::from_slice(&content).unwrap()),
            8 => return (messages, u16::from_be_bytes([content[0], content[1]])),
            _ => {}
        }
    }
}
