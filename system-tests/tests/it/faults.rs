//! Every part dies in turn while mistakes are written and books are printed.

use std::{
    collections::BTreeSet,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use chrono::{DateTime, Utc};
use launcher::Service;
use reqwest::{Method, StatusCode, header};
use serde_json::{Value, json};
use system_tests::{Answer, Api, Installation, school};

use crate::support::{School, analysed, enroll, finished, found, text};

/// How long a part stays away.
const ABSENCE: Duration = Duration::from_secs(4);
/// Within which all goes on by itself after the part is back.
const RECOVERY: Duration = Duration::from_secs(10);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Part {
    Service(Service),
    Redis,
    Postgres,
    /// By SIGKILL, as if the power had gone.
    PostgresAtOnce,
}

impl Part {
    fn all() -> Vec<Self> {
        let services = Service::ALL.into_iter().map(Self::Service);
        services.chain([Self::Redis, Self::Postgres, Self::PostgresAtOnce]).collect()
    }

    /// Whether somebody who writes or prints is told to come again while it is away. The gateway
    /// can say nothing, and the others are not needed for it.
    fn is_missed(self) -> bool {
        match self {
            Self::Service(Service::Learning | Service::Export)
            | Self::Postgres
            | Self::PostgresAtOnce => true,
            Self::Service(Service::Auth | Service::Ai | Service::Gateway) | Self::Redis => false,
        }
    }
}

/// What the clients saw, shared with the one who kills.
#[derive(Default)]
struct Seen {
    acknowledged: std::sync::Mutex<BTreeSet<String>>,
    writes: AtomicU64,
    unavailable: AtomicU64,
    complaints: std::sync::Mutex<Vec<String>>,
    gateway_away: AtomicBool,
    stop: AtomicBool,
}

#[tokio::test(flavor = "multi_thread")]
async fn no_acknowledged_write_is_lost_when_a_part_dies() {
    let mut installation = Installation::start().await.unwrap();
    let School { teacher, class, .. } = found(&installation, "faults").await.unwrap();
    enroll(&teacher, &class, &school::pupils(4)).await.unwrap();
    let students = teacher.all(&format!("/students?class_id={class}")).await.unwrap();
    let student = text(&students[0], "id").unwrap();

    let seen = Arc::new(Seen::default());
    let writer = tokio::spawn(write(teacher.clone(), student.clone(), Arc::clone(&seen)));
    // The book of a pupil with few mistakes, so that printing takes as long at the end.
    let reader = text(&students[1], "id").unwrap();
    let few = json!({
        "student_id": reader, "type": "grammar", "question": "They ___ (be) here.",
        "wrong_answer": "is", "correct_answer": "are",
    });
    teacher.post("/mistakes", few).await.unwrap().expect().unwrap();
    let printer = tokio::spawn(order_books(teacher.clone(), reader, Arc::clone(&seen)));

    for part in Part::all() {
        wait_for_writes(&seen, 3, RECOVERY).await.unwrap_or_else(|| panic_before(part, &seen));
        let before = seen.unavailable.load(Ordering::SeqCst);
        seen.gateway_away.store(part == Part::Service(Service::Gateway), Ordering::SeqCst);
        take_away(&mut installation, part);
        tokio::time::sleep(ABSENCE).await;
        bring_back(&mut installation, part).await;
        let (back, since) = (Instant::now(), Utc::now());
        let missed = seen.unavailable.load(Ordering::SeqCst) - before;
        assert!(missed > 0 || !part.is_missed(), "nobody noticed that {part:?} was away");
        let took = wait_for_writes(&seen, 3, RECOVERY).await;
        assert!(took.is_some(), "writes did not go on within {RECOVERY:?} of {part:?}'s return");
        all_ready(&mut installation, RECOVERY.saturating_sub(back.elapsed())).await;
        let rest = RECOVERY.saturating_sub(back.elapsed());
        let has_book = book_since(&teacher, since, rest).await;
        assert!(has_book, "no book was printed within {RECOVERY:?} of {part:?}'s return");
        seen.gateway_away.store(false, Ordering::SeqCst);
    }

    seen.stop.store(true, Ordering::SeqCst);
    writer.await.unwrap();
    let orders = printer.await.unwrap();
    assert_eq!(*seen.complaints.lock().unwrap(), Vec::<String>::new());

    analysed(&teacher, &class, Duration::from_mins(3)).await.unwrap();
    let kept = teacher.all(&format!("/mistakes?student_id={student}")).await.unwrap();
    let kept_once: BTreeSet<_> = kept.iter().map(|m| text(m, "question").unwrap()).collect();
    let acknowledged = seen.acknowledged.lock().unwrap().clone();
    let lost: Vec<_> = acknowledged.difference(&kept_once).collect();
    assert!(lost.is_empty(), "acknowledged and lost: {lost:?}");
    assert!(kept.iter().all(|mistake| mistake["times_wrong"] == 1), "a retry counted twice");
    let is_done = |mistake: &Value| mistake["analysis_status"] == "done";
    let open: Vec<_> = kept.iter().filter(|mistake| !is_done(mistake)).collect();
    assert!(open.is_empty(), "not analysed: {open:?}");

    assert!(!orders.is_empty());
    for order in orders {
        let task = finished(&teacher, &order, Duration::from_mins(1)).await.unwrap();
        let path = format!("/exports/tasks/{order}/file");
        let file = teacher.send(teacher.request(Method::GET, &path)).await.unwrap();
        assert!(file.status.is_success(), "finished, and its file is gone: {task}");
        assert!(file.body.starts_with(b"%PDF"), "{task}");
        assert_eq!(task["file_size_bytes"], file.body.len());
    }
}

fn panic_before(part: Part, seen: &Seen) -> Duration {
    let complaints = seen.complaints.lock().unwrap();
    unreachable!("no writes before {part:?} was taken away: {complaints:?}")
}

fn take_away(installation: &mut Installation, part: Part) {
    match part {
        Part::Service(service) => installation.system.kill(service).unwrap(),
        Part::Redis => installation.system.redis.stop().unwrap(),
        Part::Postgres => installation.system.postgres.stop().unwrap(),
        Part::PostgresAtOnce => installation.system.postgres.kill().unwrap(),
    }
}

async fn bring_back(installation: &mut Installation, part: Part) {
    match part {
        Part::Service(service) => {
            installation.system.launch(service).unwrap();
            installation.system.ready(service, RECOVERY).await.unwrap();
        }
        Part::Redis => installation.system.redis.resume().unwrap(),
        Part::Postgres | Part::PostgresAtOnce => {
            installation.system.postgres.resume().await.unwrap();
        }
    }
}

async fn all_ready(installation: &mut Installation, limit: Duration) {
    for service in Service::ALL {
        installation.system.ready(service, limit).await.unwrap();
    }
}

async fn wait_for_writes(seen: &Seen, count: u64, limit: Duration) -> Option<Duration> {
    let start = Instant::now();
    let target = seen.writes.load(Ordering::SeqCst) + count;
    while seen.writes.load(Ordering::SeqCst) < target {
        if start.elapsed() > limit {
            return None;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    Some(start.elapsed())
}

/// Waits until a book is printed that was ordered after `since`.
async fn book_since(teacher: &Api, since: DateTime<Utc>, limit: Duration) -> bool {
    let start = Instant::now();
    while start.elapsed() < limit {
        let tasks = teacher.get("/exports/tasks?status=completed&limit=1").await.unwrap().json();
        let ordered = tasks["items"][0]["created_at"].as_str().map(str::parse::<DateTime<Utc>>);
        if ordered.is_some_and(|ordered| ordered.unwrap() > since) {
            return true;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    false
}

/// Writes mistakes one after the other, each with its own key, until all is acknowledged.
async fn write(teacher: Api, student: String, seen: Arc<Seen>) {
    for number in 0_u32.. {
        if seen.stop.load(Ordering::SeqCst) {
            return;
        }
        let question = format!("Fill the gap number {number}: She ___ (go) to school every day.");
        let body = json!({
            "student_id": student, "type": "grammar", "question": question,
            "wrong_answer": "go", "correct_answer": "goes",
        });
        let key = format!("write-{number}");
        while !seen.stop.load(Ordering::SeqCst) {
            if acknowledged(teacher.post_once("/mistakes", &key, &body).await, &seen).is_some() {
                seen.acknowledged.lock().unwrap().insert(question.clone());
                seen.writes.fetch_add(1, Ordering::SeqCst);
                break;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }
}

/// Orders a book every second and returns the ids of the tasks.
async fn order_books(teacher: Api, student: String, seen: Arc<Seen>) -> Vec<String> {
    let mut tasks = Vec::new();
    let body = json!({ "document": "mistake_book", "format": "pdf", "student_id": student });
    for number in 0_u32.. {
        if seen.stop.load(Ordering::SeqCst) {
            break;
        }
        let answer = teacher.post_once("/exports/tasks", &format!("book-{number}"), &body).await;
        if answer.as_ref().is_ok_and(|answer| answer.status == StatusCode::TOO_MANY_REQUESTS) {
            // The limit of tasks at work is no failure.
        } else if let Some(task) = acknowledged(answer, &seen) {
            tasks.push(text(&task, "id").unwrap());
        }
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
    tasks
}

/// Returns what was acknowledged; notes every refusal that is not as it should be.
fn acknowledged(answer: anyhow::Result<Answer>, seen: &Seen) -> Option<Value> {
    match answer {
        Ok(answer) if answer.status.is_success() => return Some(answer.json()),
        Ok(answer) if answer.status == StatusCode::SERVICE_UNAVAILABLE => {
            seen.unavailable.fetch_add(1, Ordering::SeqCst);
            let kind = answer.headers.get(header::CONTENT_TYPE).map(|v| v.to_str().unwrap_or(""));
            let is_problem = kind.is_some_and(|kind| kind.starts_with("application/problem+json"));
            if !is_problem || !answer.headers.contains_key(header::RETRY_AFTER) {
                complain(seen, format!("503 without problem or Retry-After: {answer:?}"));
            }
        }
        Ok(answer) => complain(seen, format!("{}: {}", answer.status, answer.json())),
        Err(error) if !seen.gateway_away.load(Ordering::SeqCst) => {
            complain(seen, format!("{error:#}"));
        }
        Err(_) => {}
    }
    None
}

fn complain(seen: &Seen, text: String) {
    seen.complaints.lock().unwrap().push(text);
}
