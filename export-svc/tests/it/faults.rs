//! Workers that die or panic, parts that are away, people who may see something no longer.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use chrono::{DateTime, TimeDelta, Utc};
use export_svc::{
    store::{queue, tasks},
    task::{Format, Status, Subject, TaskError},
};
use kit::{
    caller::{Caller, Role},
    clock::{Clock, Frozen},
    error::Classify as _,
    testing,
};
use uuid::Uuid;

use crate::{
    learning::Script,
    support::{Service, new},
};

/// A clock that panics once when a notebook has been asked for.
struct Trap {
    clock: Arc<Frozen>,
    script: Arc<Script>,
    is_set: AtomicBool,
}

impl Clock for Trap {
    fn now(&self) -> DateTime<Utc> {
        let springs = self.script.asked() > 0 && self.is_set.swap(false, Ordering::SeqCst);
        assert!(!springs, "the trap springs");
        self.clock.now()
    }

    fn new_id(&self) -> Uuid {
        self.clock.new_id()
    }
}

#[tokio::test]
async fn panic_is_a_failed_try_and_the_worker_goes_on() {
    let mut service = Service::new().await;
    let (clock, script) = (service.clock.clone(), service.script.clone());
    service.workshop.clock = Arc::new(Trap { clock, script, is_set: AtomicBool::new(true) });
    let teacher = testing::caller(Role::Teacher);
    let task = service.order(&teacher, Uuid::now_v7()).await.unwrap();
    assert!(service.turn().await);
    let tried = service.tasks.get(&teacher, task.id).await.unwrap();
    let seen = (tried.status, tried.attempts, tried.error_code.as_str());
    assert_eq!(seen, (Status::Queued, 1, "RENDER_FAILED"));
    service.clock.advance(TimeDelta::seconds(1));
    assert!(service.turn().await);
    let done = service.tasks.get(&teacher, task.id).await.unwrap();
    assert_eq!((done.status, done.attempts, done.error_code.as_str()), (Status::Completed, 2, ""));
}

#[tokio::test]
async fn task_that_kills_its_workers_fails() {
    let service = Service::new().await;
    let teacher = testing::caller(Role::Teacher);
    let task = service.order(&teacher, Uuid::now_v7()).await.unwrap();
    let db = service.db.pool.get().await.unwrap();
    for _ in 0..5 {
        let now = Utc::now() + TimeDelta::days(1);
        let taken = queue::take(&db, Uuid::now_v7(), now, TimeDelta::seconds(-1)).await.unwrap();
        assert!(taken.is_some());
        queue::release(&db, now, 5).await.unwrap();
    }
    service.clock.advance(TimeDelta::days(2));
    assert!(!service.turn().await, "it is not tried a sixth time");
    let failed = service.tasks.get(&teacher, task.id).await.unwrap();
    assert_eq!((failed.status, failed.error_code.as_str()), (Status::Failed, "WORKER_DIED"));
    assert!(failed.finished_at.is_some());
    service.retry(&teacher, task.id).await.unwrap();
    assert!(service.turn().await);
    service.reaches(&teacher, task.id, Status::Completed).await;
}

#[tokio::test]
async fn task_waits_while_learning_is_away_and_gives_up_after_a_day() {
    let service = Service::new().await;
    let teacher = testing::caller(Role::Teacher);
    let task = service.order(&teacher, Uuid::now_v7()).await.unwrap();
    service.script.away.store(true, Ordering::SeqCst);
    // Pauses double, up to what may pass after the return.
    for pause in [500, 500, 1_000, 2_000, 4_000, 8_000, 8_000] {
        assert!(service.turn().await);
        let waiting = service.tasks.get(&teacher, task.id).await.unwrap();
        assert_eq!((waiting.status, waiting.attempts), (Status::Queued, 0));
        assert_eq!(waiting.error_code, "LEARNING_UNAVAILABLE");
        service.clock.advance(TimeDelta::milliseconds(pause - 1));
        assert!(!service.turn().await, "it must wait {pause} ms");
        service.clock.advance(TimeDelta::milliseconds(1));
    }
    service.clock.advance(TimeDelta::hours(24));
    assert!(service.turn().await);
    let failed = service.tasks.get(&teacher, task.id).await.unwrap();
    assert_eq!(failed.status, Status::Failed);
    assert_eq!(failed.error_code, "LEARNING_UNAVAILABLE");

    service.script.away.store(false, Ordering::SeqCst);
    service.retry(&teacher, task.id).await.unwrap();
    assert!(service.turn().await);
    let done = service.reaches(&teacher, task.id, Status::Completed).await;
    assert_eq!((done.error_code.as_str(), done.waiting_since), ("", None));
}

#[tokio::test]
async fn refused_options_fail_at_once() {
    let service = Service::new().await;
    let teacher = testing::caller(Role::Teacher);
    let task = service.order(&teacher, Uuid::now_v7()).await.unwrap();
    service.script.invalid.store(true, Ordering::SeqCst);
    assert!(service.turn().await);
    let failed = service.tasks.get(&teacher, task.id).await.unwrap();
    assert_eq!((failed.status, failed.attempts), (Status::Failed, 1));
}

#[tokio::test]
async fn wrong_options_are_refused_when_they_are_ordered() {
    let service = Service::new().await;
    let teacher = testing::caller(Role::Teacher);
    for (points, field) in [
        (vec!["x".to_owned(), "x".repeat(201)], "options.knowledge_point_ids[1]"),
        (vec![String::new()], "options.knowledge_point_ids[0]"),
        (vec!["x".to_owned(); 101], "options.knowledge_point_ids"),
    ] {
        let mut order = new(Subject::Student(Uuid::now_v7()), Format::Pdf);
        order.options.knowledge_point_ids = points;
        let refused = service.create(&teacher, None, order).await.unwrap_err();
        assert_eq!(refused.violations()[0].field, field);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn cancelled_bundle_leaves_no_file() {
    let service = Service::new().await;
    let teacher = testing::caller(Role::Teacher);
    let class: Vec<_> =
        ["林晓雨", "王芳", "周杰", "赵敏", "Tom Lee"].map(|name| (Uuid::now_v7(), name)).to_vec();
    *service.script.stuck.lock().unwrap() = Some(class[4].0);
    *service.script.class.lock().unwrap() = class;
    let task = service.order_class(&teacher, Format::Pdf).await.unwrap();
    let cancel = async {
        while service.tasks.get(&teacher, task.id).await.unwrap().done < 4 {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        service.tasks.cancel(&teacher, task.id).await.unwrap();
    };
    let (worked, ()) = tokio::join!(service.turn(), cancel);
    assert!(worked);
    // The thread that writes ends a moment later.
    for _ in 0..100 {
        if service.files() == 0 {
            break;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    tokio::time::sleep(Duration::from_millis(200)).await;
    assert_eq!(service.files(), 0);
}

#[tokio::test]
async fn who_sees_the_pupil_no_longer_gets_no_book() {
    let service = Service::new().await;
    let teacher = testing::caller(Role::Teacher);
    *service.script.class.lock().unwrap() = vec![(Uuid::now_v7(), "林晓雨")];
    let tasks = [
        service.order(&teacher, Uuid::now_v7()).await.unwrap().id,
        service.order_class(&teacher, Format::Markdown).await.unwrap().id,
    ];
    for _ in tasks {
        assert!(service.turn().await);
    }
    service.script.foreign.store(true, Ordering::SeqCst);
    for id in tasks {
        let refused = service.download(&teacher, id).await.unwrap_err();
        assert_eq!(refused.reason(), "SUBJECT_NOT_FOUND");
        let refused = service.retry(&teacher, id).await.unwrap_err();
        assert_eq!(refused.reason(), "SUBJECT_NOT_FOUND");
    }
    service.script.foreign.store(false, Ordering::SeqCst);
    let pupil = Caller { role: Role::Student, ..teacher };
    for id in tasks {
        let refused = service.download(&pupil, id).await.unwrap_err();
        assert!(matches!(refused, TaskError::OnlyOwnBook), "{refused}");
    }
}

#[tokio::test]
async fn retried_task_is_done_in_the_role_of_today() {
    let service = Service::new().await;
    let teacher = testing::caller(Role::Teacher);
    let task = service.order(&teacher, Uuid::now_v7()).await.unwrap();
    service.tasks.cancel(&teacher, task.id).await.unwrap();
    let moved = Caller { role: Role::Admin, organization_id: Uuid::now_v7(), ..teacher };
    service.retry(&moved, task.id).await.unwrap();
    let db = service.db.pool.get().await.unwrap();
    let owner = tasks::find(&db, task.id).await.unwrap().unwrap().owner;
    assert_eq!((owner.role, owner.organization_id), (Role::Admin, moved.organization_id));
}

#[tokio::test]
async fn one_user_watches_ten_tasks_at_most() {
    let service = Service::new().await;
    let teacher = testing::caller(Role::Teacher);
    let id = service.order(&teacher, Uuid::now_v7()).await.unwrap().id;
    let mut open = Vec::new();
    for _ in 0..10 {
        open.push(service.tasks.watch(&teacher, id).await.unwrap());
    }
    let refused = service.tasks.watch(&teacher, id).await.err().unwrap();
    assert!(matches!(refused, TaskError::TooManyWatches(10)));
    open.pop();
    let mut again = service.tasks.watch(&teacher, id).await.unwrap();
    assert_eq!(again.next().await.unwrap().status, Status::Queued);
    service.tasks.cancel(&teacher, id).await.unwrap();
    assert_eq!(again.next().await.unwrap().status, Status::Cancelled);
    service.tasks.delete(&teacher, id).await.unwrap();
    assert!(again.next().await.is_none());
}

#[tokio::test]
async fn who_watches_a_task_that_was_made_again_is_not_told_how_it_ended_before() {
    let service = Service::new().await;
    let teacher = testing::caller(Role::Teacher);
    let id = service.order(&teacher, Uuid::now_v7()).await.unwrap().id;
    let mut before = service.tasks.watch(&teacher, id).await.unwrap();
    service.tasks.cancel(&teacher, id).await.unwrap();
    while before.next().await.unwrap().status != Status::Cancelled {}
    service.retry(&teacher, id).await.unwrap();
    let mut after = service.tasks.watch(&teacher, id).await.unwrap();
    assert_eq!(after.next().await.unwrap().status, Status::Queued);
}
