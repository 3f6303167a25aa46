//! The store of files: what is swept from it, and one that answers late or not at all.

use std::{
    pin::pin,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use chrono::TimeDelta;
use export_svc::{
    files::{Files, Place},
    task::{Limits, Status, Task, TaskError, Tasks, Watches},
};
use kit::{
    caller::{self, Caller, Role},
    error::Classify as _,
    testing,
};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
    sync::mpsc,
};
use uuid::Uuid;

use crate::support::{RETENTION, Service};

/// A call to an S3 server that answers when the test says so.
struct Call(TcpStream);

impl Call {
    async fn answer(mut self, status: &str) {
        let head = format!("HTTP/1.1 {status}\r\nconnection: close\r\ncontent-length: 0\r\n\r\n");
        self.0.write_all(head.as_bytes()).await.unwrap();
    }
}

/// Starts an S3 server and returns a store there, with the calls that reach it.
async fn held() -> (Files, mpsc::UnboundedReceiver<Call>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let place = Place::S3 {
        bucket: "exports".to_owned(),
        endpoint: Some(format!("http://{}", listener.local_addr().unwrap())),
        region: "us-east-1".to_owned(),
        key: "key".to_owned(),
        secret: "secret".into(),
    };
    let (calls, received) = mpsc::unbounded_channel();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let mut head = [0; 8_192];
            if stream.read(&mut head).await.is_ok_and(|length| length > 0) {
                let _ = calls.send(Call(stream));
            }
        }
    });
    (Files::open(&place).unwrap(), received)
}

/// Makes a document.
async fn completed(service: &Service, teacher: &Caller) -> Task {
    let task = service.order(teacher, Uuid::now_v7()).await.unwrap();
    assert!(service.turn().await);
    service.tasks.get(teacher, task.id).await.unwrap()
}

#[tokio::test]
async fn file_that_no_task_names_is_swept() {
    let service = Service::new().await;
    let teacher = testing::caller(Role::Teacher);
    let task = service.order(&teacher, Uuid::now_v7()).await.unwrap();
    assert!(service.turn().await);
    let files = &service.workshop.files;
    for owner in [task.id.0, Uuid::now_v7()] {
        files.put(&format!("tasks/{owner}/{}", Uuid::now_v7()), "x".into()).await.unwrap();
    }
    service.workshop.sweep_orphans().await.unwrap();
    assert_eq!(service.files(), 3, "a task may be about to name it");
    service.clock.advance(TimeDelta::hours(2));
    service.workshop.sweep_orphans().await.unwrap();
    assert_eq!(service.files(), 1);
    assert!(service.download(&teacher, task.id).await.unwrap().starts_with(b"%PDF"));
}

#[tokio::test]
async fn file_that_a_killed_worker_began_is_swept() {
    let service = Service::new().await;
    let folder = service.folder.join("tasks").join(Uuid::now_v7().to_string());
    std::fs::create_dir_all(&folder).unwrap();
    for number in [1, 2] {
        std::fs::write(folder.join(format!("{}#{number}", Uuid::now_v7())), "half").unwrap();
    }
    service.workshop.sweep_orphans().await.unwrap();
    assert_eq!(service.files(), 2, "somebody may be writing");
    service.clock.advance(TimeDelta::hours(2));
    service.workshop.sweep_orphans().await.unwrap();
    assert_eq!(service.files(), 0);
    assert!(!folder.exists());
}

#[tokio::test]
async fn completed_task_whose_file_is_gone_can_be_done_again() {
    let service = Service::new().await;
    let teacher = testing::caller(Role::Teacher);
    let task = service.order(&teacher, Uuid::now_v7()).await.unwrap();
    assert!(service.turn().await);
    let done = service.tasks.get(&teacher, task.id).await.unwrap();
    service.workshop.files.delete(&done.file.unwrap().key).await.unwrap();
    let gone = service.download(&teacher, task.id).await.unwrap_err();
    assert_eq!(gone.reason(), "EXPORT_FILE_GONE");
    assert_eq!(service.retry(&teacher, task.id).await.unwrap().status, Status::Queued);
    assert!(service.turn().await);
    assert!(service.download(&teacher, task.id).await.unwrap().starts_with(b"%PDF"));
}

#[tokio::test]
async fn sweep_leaves_alone_what_others_put_beside() {
    let service = Service::new().await;
    let teacher = testing::caller(Role::Teacher);
    let task = completed(&service, &teacher).await;
    let foreign = service.folder.join("lost+found");
    std::fs::create_dir_all(&foreign).unwrap();
    for name in ["lost+found/notes#1", "invoice#2"] {
        std::fs::write(service.folder.join(name), "not ours").unwrap();
    }
    service.clock.advance(TimeDelta::hours(2));
    service.workshop.sweep_orphans().await.unwrap();
    assert!(foreign.join("notes#1").exists() && service.folder.join("invoice#2").exists());
    assert!(service.download(&teacher, task.id).await.is_ok());
}

#[tokio::test]
async fn folder_that_cannot_be_looked_through_keeps_no_orphan() {
    let service = Service::new().await;
    let orphan = format!("tasks/{}/{}", Uuid::now_v7(), Uuid::now_v7());
    service.workshop.files.put(&orphan, "x".into()).await.unwrap();
    std::fs::write(service.folder.join("health"), "a file stands in the way").unwrap();
    service.clock.advance(TimeDelta::hours(2));
    let error = service.workshop.files.sweep_staged(chrono::Utc::now()).await.unwrap_err();
    assert_eq!(error.reason(), "FILE_STORE_UNAVAILABLE");
    service.workshop.sweep_orphans().await.unwrap();
    assert_eq!(service.files(), 0);
}

#[tokio::test]
async fn sweep_holds_no_connection_while_it_waits_for_the_store() {
    let mut service = Service::new().await;
    completed(&service, &testing::caller(Role::Teacher)).await;
    service.clock.advance(TimeDelta::days(31));
    let (files, mut calls) = held().await;
    service.workshop.files = files;
    let mut sweep = pin!(service.workshop.sweep_once(RETENTION));
    let call = tokio::select! {
        swept = &mut sweep => panic!("ended without the store: {swept:?}"),
        call = calls.recv() => call,
    };
    assert!(call.is_some());
    let pool = service.db.pool.status();
    assert_eq!(pool.available, pool.size, "a connection waits for the store");
}

#[tokio::test]
async fn sweep_ends_when_the_store_is_away() {
    let mut service = Service::new().await;
    for _ in 0..3 {
        completed(&service, &testing::caller(Role::Teacher)).await;
    }
    service.clock.advance(TimeDelta::days(31));
    let (files, mut calls) = held().await;
    service.workshop.files = files;
    let answered = Arc::new(AtomicUsize::new(0));
    let counter = answered.clone();
    tokio::spawn(async move {
        while let Some(call) = calls.recv().await {
            counter.fetch_add(1, Ordering::SeqCst);
            call.answer("403 Forbidden").await;
        }
    });
    service.workshop.sweep_once(RETENTION).await.unwrap();
    let asked = answered.load(Ordering::SeqCst);
    assert_eq!(asked, 2, "one file, and the question whether the store is well");
}

#[tokio::test]
async fn retry_locks_no_row_while_it_waits_for_the_store() {
    let service = Service::new().await;
    let teacher = testing::caller(Role::Teacher);
    let task = completed(&service, &teacher).await;
    let (files, mut calls) = held().await;
    let tasks = Tasks::new(
        service.db.pool.clone(),
        service.clock.clone(),
        files,
        service.workshop.learning.clone(),
        Limits { active_per_user: 5 },
        service.workshop.zone,
        Watches::default(),
    );
    let mut retry = pin!(caller::scope(teacher.clone(), tasks.retry(&teacher, task.id)));
    let call = tokio::select! {
        retried = &mut retry => panic!("ended without the store: {retried:?}"),
        call = calls.recv() => call.unwrap(),
    };
    // Meanwhile another try delivers another file.
    let db = service.db.pool.get().await.unwrap();
    let lock = "SELECT 1 FROM tasks WHERE id = $1 FOR UPDATE NOWAIT";
    db.query_one(lock, &[&task.id]).await.unwrap();
    let change = "UPDATE tasks SET file_key = 'tasks/other' WHERE id = $1";
    db.execute(change, &[&task.id]).await.unwrap();
    call.answer("404 Not Found").await;
    let refused = retry.await.unwrap_err();
    assert!(matches!(refused, TaskError::WrongState(Status::Completed)), "{refused}");
}
