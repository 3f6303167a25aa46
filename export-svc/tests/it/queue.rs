//! Orders and workers over a real PostgreSQL.

use std::{
    io::{Cursor, Read as _},
    process::{Command, Stdio},
    sync::atomic::Ordering,
    time::{Duration, Instant},
};

use chrono::{TimeDelta, Utc};
use export_svc::{
    server::ExportServer,
    store::queue,
    task::{Format, Status, Subject, TaskError},
    worker,
};
use futures::{StreamExt as _, TryStreamExt as _};
use kit::{caller::Role, error::Classify as _, testing};
use proto::export::v1::{self as pb, export_service_server::ExportService as _};
use tokio_util::{sync::CancellationToken, task::TaskTracker};
use uuid::Uuid;

use crate::support::{RETENTION, Service, new};

const LEASE: TimeDelta = TimeDelta::seconds(6);

#[tokio::test(flavor = "multi_thread")]
async fn every_task_is_done_once_by_several_workers() {
    let service = Service::new().await;
    let teachers: Vec<_> = (0..4).map(|_| testing::caller(Role::Teacher)).collect();
    let mut orders = Vec::new();
    for teacher in teachers.iter().cycle().take(12) {
        orders.push((teacher, service.order(teacher, Uuid::now_v7()).await.unwrap().id));
    }
    let (tracker, stop) = (TaskTracker::new(), CancellationToken::new());
    worker::start(&service.workshop, 4, &tracker, &stop);
    for (teacher, id) in orders {
        let task = service.reaches(teacher, id, Status::Completed).await;
        assert_eq!((task.attempts, task.progress()), (1, 100));
        assert_eq!(task.file.unwrap().name, "高二（3）班-林晓雨-错题本.pdf");
    }
    stop.cancel();
    tracker.close();
    tracker.wait().await;
    assert_eq!(service.script.asked(), 12);
    assert_eq!(service.files(), 12);
}

#[tokio::test(flavor = "multi_thread")]
async fn two_workers_do_not_take_one_task() {
    let service = Service::new().await;
    let teacher = testing::caller(Role::Teacher);
    service.order(&teacher, Uuid::now_v7()).await.unwrap();
    let (first, second) = tokio::join!(service.turn(), service.turn());
    assert!(first ^ second);
    assert_eq!(service.script.asked(), 1);
    assert!(!service.turn().await);
}

#[tokio::test(flavor = "multi_thread")]
async fn task_of_a_killed_process_is_taken_over() {
    let service = Service::new().await;
    let teacher = testing::caller(Role::Teacher);
    service.script.slow.store(true, Ordering::SeqCst);
    let task = service.order(&teacher, Uuid::now_v7()).await.unwrap();

    let (server, _) = std::env::var("TEST_DATABASE_URL")
        .map(|url| url.rsplit_once('/').map(|(a, b)| (a.to_owned(), b.to_owned())).unwrap())
        .unwrap();
    let database = service.db.config.postgres.get_dbname().unwrap();
    let mut process = Command::new(env!("CARGO_BIN_EXE_export-svc"))
        .arg("--skip-migrations")
        .env_clear()
        .envs([
            ("APP_ENV", "development"),
            ("EXPORT_SVC_LISTEN", "127.0.0.1:0"),
            ("DATABASE_URL", &format!("{server}/{database}")),
            ("LEARNING_SVC_URL", &service.learning_url),
        ])
        .env("EXPORT_DIR", &service.folder)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    service.reaches(&teacher, task.id, Status::Running).await;
    while service.script.asked() == 0 {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    // SIGKILL: nothing is given back.
    process.kill().unwrap();
    process.wait().unwrap();
    let killed = Instant::now();
    service.script.slow.store(false, Ordering::SeqCst);

    loop {
        service.clock.set(Utc::now());
        if service.turn().await {
            break;
        }
        assert!(killed.elapsed() < Duration::from_secs(10), "nobody took it over");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    let waited = killed.elapsed();
    assert!(waited > Duration::from_secs(4), "taken from a worker that lived: {waited:?}");
    let task = service.tasks.get(&teacher, task.id).await.unwrap();
    assert_eq!((task.status, task.attempts), (Status::Completed, 2));
    assert_eq!(service.files(), 1);
}

#[tokio::test]
async fn silent_worker_loses_its_task_and_cannot_deliver() {
    let service = Service::new().await;
    let teacher = testing::caller(Role::Teacher);
    let task = service.order(&teacher, Uuid::now_v7()).await.unwrap();
    let silent = Uuid::now_v7();
    let db = service.db.pool.get().await.unwrap();
    let now = Utc::now();
    assert!(queue::take(&db, silent, now, LEASE).await.unwrap().is_some());

    service.clock.set(now + TimeDelta::seconds(5));
    assert!(!service.turn().await);
    service.clock.set(now + TimeDelta::seconds(7));
    assert!(service.turn().await);

    let done = service.tasks.get(&teacher, task.id).await.unwrap();
    let file = done.file.unwrap();
    assert!(!queue::complete(&db, task.id, silent, &file, now, now).await.unwrap());
    assert!(!queue::keep(&db, task.id, silent, now, (0, 1)).await.unwrap());
}

#[tokio::test(flavor = "multi_thread")]
async fn cancelled_task_stops_its_worker_and_leaves_no_file() {
    let service = Service::new().await;
    let teacher = testing::caller(Role::Teacher);
    service.script.slow.store(true, Ordering::SeqCst);
    let task = service.order(&teacher, Uuid::now_v7()).await.unwrap();
    let started = Instant::now();
    let cancel = async {
        service.reaches(&teacher, task.id, Status::Running).await;
        service.tasks.cancel(&teacher, task.id).await.unwrap();
        // Twice is no error.
        service.tasks.cancel(&teacher, task.id).await.unwrap()
    };
    let (worked, cancelled) = tokio::join!(service.turn(), cancel);
    assert!(worked && started.elapsed() < Duration::from_secs(4));
    assert_eq!(cancelled.status, Status::Cancelled);
    let after = service.tasks.get(&teacher, task.id).await.unwrap();
    assert_eq!((after.status, service.files()), (Status::Cancelled, 0));
    assert!(!service.turn().await);

    service.script.slow.store(false, Ordering::SeqCst);
    assert_eq!(service.retry(&teacher, task.id).await.unwrap().status, Status::Queued);
    assert!(service.turn().await);
    let done = service.tasks.get(&teacher, task.id).await.unwrap();
    assert_eq!((done.status, done.attempts), (Status::Completed, 1));
    let refused = service.retry(&teacher, task.id).await.unwrap_err();
    assert!(matches!(refused, TaskError::WrongState(Status::Completed)));
}

#[tokio::test]
async fn student_that_is_gone_fails_the_task_for_good() {
    let service = Service::new().await;
    let teacher = testing::caller(Role::Teacher);
    let student = Uuid::now_v7();
    let task = service.order(&teacher, student).await.unwrap();
    service.script.unknown.lock().unwrap().push(student);
    assert!(service.turn().await);
    let failed = service.tasks.get(&teacher, task.id).await.unwrap();
    assert_eq!(failed.status, Status::Failed);
    assert_eq!(failed.error_code, "SUBJECT_NOT_FOUND");
    assert!(!failed.error_detail.is_empty());

    service.script.unknown.lock().unwrap().clear();
    let again = service.retry(&teacher, task.id).await.unwrap();
    assert_eq!((again.status, again.error_code.as_str()), (Status::Queued, ""));
    assert!(service.turn().await);
    service.reaches(&teacher, task.id, Status::Completed).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn one_user_has_a_few_tasks_at_a_time() {
    let service = Service::new().await;
    let teacher = testing::caller(Role::Teacher);
    let orders = (0..10).map(|_| service.order(&teacher, Uuid::now_v7()));
    let answers = futures::future::join_all(orders).await;
    let (taken, refused): (Vec<_>, Vec<_>) = answers.into_iter().partition(Result::is_ok);
    assert_eq!((taken.len(), refused.len()), (5, 5));
    assert!(refused.into_iter().all(|answer| matches!(answer, Err(TaskError::TooMany(5)))));

    let other = testing::caller(Role::Teacher);
    service.order(&other, Uuid::now_v7()).await.unwrap();
    let first = taken.into_iter().next().unwrap().unwrap();
    service.tasks.cancel(&teacher, first.id).await.unwrap();
    service.order(&teacher, Uuid::now_v7()).await.unwrap();
    let retried = service.retry(&teacher, first.id).await.unwrap_err();
    assert!(matches!(retried, TaskError::TooMany(5)));
}

#[tokio::test]
async fn repeated_order_is_the_same_task() {
    let service = Service::new().await;
    let teacher = testing::caller(Role::Teacher);
    let student = Uuid::now_v7();
    let order = || new(Subject::Student(student), Format::Markdown);
    let first = service.create(&teacher, Some("k"), order()).await.unwrap();
    let second = service.create(&teacher, Some("k"), order()).await.unwrap();
    assert_eq!(first.id, second.id);
    let (list, counts) =
        service.tasks.list(&teacher, None, &kit::page::Page::of(10, "").unwrap()).await.unwrap();
    assert_eq!((list.len(), counts.queued), (1, 1));
}

#[tokio::test]
async fn sweep_deletes_what_has_served_its_time() {
    let service = Service::new().await;
    let teacher = testing::caller(Role::Teacher);
    let task = service.order(&teacher, Uuid::now_v7()).await.unwrap();
    assert!(service.turn().await);
    assert_eq!(service.files(), 1);

    service.clock.advance(TimeDelta::days(29));
    service.workshop.sweep_once(RETENTION).await.unwrap();
    assert!(service.download(&teacher, task.id).await.is_ok());

    service.clock.advance(TimeDelta::days(2));
    service.workshop.sweep_once(RETENTION).await.unwrap();
    let expired = service.tasks.get(&teacher, task.id).await.unwrap();
    assert_eq!((expired.status, service.files()), (Status::Expired, 0));
    let refused = service.tasks.open(&teacher, task.id, 0).await.err().unwrap();
    assert_eq!(refused.reason(), "EXPORT_FILE_EXPIRED");

    service.clock.advance(TimeDelta::days(8));
    service.workshop.sweep_once(RETENTION).await.unwrap();
    assert!(matches!(service.tasks.get(&teacher, task.id).await, Err(TaskError::NotFound(_))));
}

#[tokio::test]
async fn task_of_somebody_else_does_not_exist() {
    let service = Service::new().await;
    let (teacher, other) = (testing::caller(Role::Teacher), testing::caller(Role::Admin));
    let id = service.order(&teacher, Uuid::now_v7()).await.unwrap().id;
    assert!(service.turn().await);
    let tasks = &service.tasks;
    let answers = [
        tasks.get(&other, id).await.err(),
        tasks.cancel(&other, id).await.err(),
        service.retry(&other, id).await.err(),
        tasks.delete(&other, id).await.err(),
        tasks.open(&other, id, 0).await.err(),
    ];
    assert!(
        answers.iter().all(|error| matches!(error, Some(TaskError::NotFound(_)))),
        "{answers:?}"
    );
    tasks.delete(&teacher, id).await.unwrap();
    assert_eq!(service.files(), 0);
}

#[tokio::test]
async fn student_orders_only_the_own_book() {
    let service = Service::new().await;
    let student = testing::caller(Role::Student);
    service.order(&student, student.user_id).await.unwrap();
    let refused = service.order(&student, Uuid::now_v7()).await.unwrap_err();
    assert!(matches!(refused, TaskError::OnlyOwnBook));
    let class = Subject::Class { id: Uuid::now_v7(), students: Vec::new() };
    let refused = service.create(&student, None, new(class, Format::Pdf)).await.unwrap_err();
    assert!(matches!(refused, TaskError::OnlyOwnBook));
}

#[tokio::test(flavor = "multi_thread")]
async fn class_gets_one_archive_with_a_book_for_each() {
    let service = Service::new().await;
    let teacher = testing::caller(Role::Teacher);
    let names = ["林晓雨", "王芳", "王芳", "周/杰", "Tom Lee", "赵敏", "tom lee"];
    let class: Vec<_> = names.map(|name| (Uuid::now_v7(), name)).to_vec();
    // Nobody knows the number of Tom Lee.
    let numbers = [(class[1].0, "0107"), (class[2].0, "0108"), (class[3].0, "0109")];
    *service.script.numbers.lock().unwrap() = numbers.into();
    *service.script.class.lock().unwrap() = class;
    for format in [Format::Pdf, Format::Markdown] {
        let task = service.order_class(&teacher, format).await.unwrap();
        assert_eq!(task.total, 7);
        assert!(service.turn().await);
        let task = service.reaches(&teacher, task.id, Status::Completed).await;
        assert_eq!((task.done, task.content_type()), (7, "application/zip"));
        assert_eq!(task.file.as_ref().unwrap().name, "高二（3）班-错题本.zip");

        let bytes = service.download(&teacher, task.id).await.unwrap();
        let mut archive = zip::ZipArchive::new(Cursor::new(bytes)).unwrap();
        let mut found: Vec<_> =
            archive.file_names().map(|name| name.unwrap().to_string()).collect();
        found.sort();
        let extension = if format == Format::Pdf { "pdf" } else { "md" };
        let mut expected = ["Tom Lee", "周 杰", "林晓雨", "赵敏", "王芳-0107", "王芳-0108"]
            .map(|name| format!("高二（3）班-{name}-错题本.{extension}"))
            .to_vec();
        expected.push(format!("高二（3）班-tom lee-错题本-2.{extension}"));
        expected.sort();
        assert_eq!(found, expected);
        let mut first = Vec::new();
        archive.by_index(0).unwrap().read_to_end(&mut first).unwrap();
        let start: &[u8] =
            if format == Format::Pdf { b"%PDF" } else { "# 英语错题本".as_bytes() };
        assert!(first.starts_with(start));
    }
}

#[tokio::test]
async fn too_large_a_file_fails_and_is_deleted() {
    let mut service = Service::new().await;
    service.workshop.max_file_bytes = 1_000;
    let teacher = testing::caller(Role::Teacher);
    let task = service.order(&teacher, Uuid::now_v7()).await.unwrap();
    assert!(service.turn().await);
    let failed = service.tasks.get(&teacher, task.id).await.unwrap();
    assert_eq!((failed.status, failed.error_code.as_str()), (Status::Failed, "FILE_TOO_LARGE"));
    assert_eq!(service.files(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn whole_way_over_the_wire() {
    let service = Service::new().await;
    let teacher = testing::caller(Role::Teacher);
    let server = ExportServer::new(service.tasks.clone(), CancellationToken::new());
    let create = pb::CreateTaskRequest {
        document: pb::Document::MistakeBook.into(),
        student_id: Uuid::now_v7().to_string(),
        options: Some(pb::BookOptions { locale: "en".to_owned(), ..pb::BookOptions::default() }),
        ..pb::CreateTaskRequest::default()
    };
    let answer = server.create_task(testing::request(&teacher, create)).await.unwrap();
    let task_id = answer.into_inner().task.unwrap().id;

    let watch = pb::WatchTaskRequest { task_id: task_id.clone() };
    let watch = server.watch_task(testing::request(&teacher, watch)).await.unwrap().into_inner();
    let (events, _) = tokio::join!(watch.collect::<Vec<_>>(), service.turn());
    let states: Vec<_> =
        events.into_iter().map(|event| event.unwrap().task.unwrap().status()).collect();
    assert_eq!(states.first(), Some(&pb::TaskStatus::Queued));
    assert_eq!(states.last(), Some(&pb::TaskStatus::Completed));

    let download = |offset| pb::DownloadFileRequest { task_id: task_id.clone(), offset };
    let read = async |offset| {
        let request = testing::request(&teacher, download(offset));
        let stream = server.download_file(request).await.unwrap().into_inner();
        let messages: Vec<_> = stream.try_collect().await.unwrap();
        let info = messages[0].info.clone().unwrap();
        (info, messages.iter().flat_map(|message| message.chunk.to_vec()).collect::<Vec<u8>>())
    };
    let (info, whole) = read(0).await;
    assert_eq!(info.file_name, "高二（3）班-林晓雨-mistake book.pdf");
    assert_eq!(info.size_bytes, whole.len() as u64);
    let (_, rest) = read(100).await;
    assert_eq!(rest, whole[100..]);

    let unknown = pb::GetTaskRequest { task_id: Uuid::now_v7().to_string() };
    let refused = server.get_task(testing::request(&teacher, unknown)).await.unwrap_err();
    assert_eq!(refused.code(), tonic::Code::NotFound);
}
