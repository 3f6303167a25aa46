//! A whole export-svc in this process, over a database of its own.

use std::{path::PathBuf, sync::Arc, time::Duration};

use chrono::{FixedOffset, TimeDelta};
use export_svc::{
    files::{Files, Place},
    learning::Learning,
    store,
    task::{
        Answers, BookOptions, FontSize, Format, Limits, NewTask, Order, Paper, Status, Subject,
        Task, TaskError, TaskId, Tasks, Watches,
    },
    worker::{Retention, Workshop},
};
use futures::TryStreamExt as _;
use kit::{
    caller::{self, Caller},
    clock::{Clock as _, Frozen, SystemClock},
    grpc::{self, ChannelConfig},
    idempotency::Operation,
    testing::{self, TestDb},
};
use tokio::sync::Semaphore;
use tokio_util::sync::{CancellationToken, DropGuard};
use uuid::Uuid;

use crate::learning::Script;

pub const RETENTION: Retention = Retention { tasks: TimeDelta::days(7), keys: TimeDelta::days(2) };

pub struct Service {
    pub db: TestDb,
    pub clock: Arc<Frozen>,
    pub script: Arc<Script>,
    pub learning_url: String,
    pub folder: PathBuf,
    pub tasks: Tasks,
    pub workshop: Workshop,
    _stop: DropGuard,
}

impl Drop for Service {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

impl Service {
    pub async fn new() -> Self {
        let db = testing::database("export", store::migrations()).await;
        let clock = Arc::new(Frozen::new(SystemClock.now()));
        let script = Arc::<Script>::default();
        let learning_url = script.serve().await;
        let key = testing::common("export-svc").caller_key;
        let channel = grpc::channel(&learning_url, ChannelConfig::default(), key).unwrap();
        let learning = Learning::new(channel);
        let folder = std::env::temp_dir().join(format!("export-{}", Uuid::now_v7()));
        let files = Files::open(&Place::Folder(folder.clone())).unwrap();
        let workshop = Workshop {
            pool: db.pool.clone(),
            clock: clock.clone(),
            files: files.clone(),
            learning: learning.clone(),
            presses: Arc::new(Semaphore::new(2)),
            max_file_bytes: 10 << 20,
            file_retention: TimeDelta::days(30),
            zone: FixedOffset::east_opt(8 * 3_600).unwrap(),
        };
        let watches = Watches::default();
        let stop = CancellationToken::new();
        tokio::spawn(watches.clone().run(db.pool.clone(), stop.clone()));
        let limits = Limits { active_per_user: 5 };
        let tasks = Tasks::new(
            db.pool.clone(),
            clock.clone(),
            files,
            learning,
            limits,
            workshop.zone,
            watches,
        );
        let stop = stop.drop_guard();
        Self { db, clock, script, learning_url, folder, tasks, workshop, _stop: stop }
    }

    /// Orders the book of a student.
    pub async fn order(&self, caller: &Caller, student: Uuid) -> Result<Task, TaskError> {
        self.create(caller, None, new(Subject::Student(student), Format::Pdf)).await
    }

    pub async fn create(
        &self,
        caller: &Caller,
        key: Option<&str>,
        new: NewTask,
    ) -> Result<Task, TaskError> {
        let operation = Operation {
            caller: caller.user_id,
            method: "CreateTask",
            key: key.map(str::to_owned),
            request_hash: [0; 32],
        };
        caller::scope(caller.clone(), self.tasks.create(caller, &operation, new)).await
    }

    /// Orders the books of a class.
    pub async fn order_class(&self, caller: &Caller, format: Format) -> Result<Task, TaskError> {
        let subject = Subject::Class { id: Uuid::now_v7(), students: Vec::new() };
        self.create(caller, None, new(subject, format)).await
    }

    pub async fn retry(&self, caller: &Caller, id: TaskId) -> Result<Task, TaskError> {
        caller::scope(caller.clone(), self.tasks.retry(caller, id)).await
    }

    /// Downloads a file.
    pub async fn download(&self, caller: &Caller, id: TaskId) -> Result<Vec<u8>, TaskError> {
        let opened = caller::scope(caller.clone(), self.tasks.open(caller, id, 0)).await;
        let (_, file, content) = opened?;
        let bytes = content.try_collect::<Vec<_>>().await.unwrap().concat();
        assert_eq!(bytes.len() as u64, file.size_bytes);
        Ok(bytes)
    }

    /// Lets one worker take a turn.
    pub async fn turn(&self) -> bool {
        let stop = CancellationToken::new();
        Box::pin(self.workshop.turn(Uuid::now_v7(), &stop)).await.unwrap()
    }

    /// Waits, for ten seconds at most, until a task has a status.
    pub async fn reaches(&self, caller: &Caller, id: TaskId, status: Status) -> Task {
        for _ in 0..500 {
            let task = self.tasks.get(caller, id).await.unwrap();
            if task.status == status {
                return task;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        let task = self.tasks.get(caller, id).await.unwrap();
        assert_eq!(task.status, status, "{task:?}");
        task
    }

    /// Counts the files of tasks.
    pub fn files(&self) -> usize {
        fn count(folder: &std::path::Path) -> usize {
            let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
            let counts = entries.map(|entry| match entry.path() {
                path if path.is_dir() => count(&path),
                _ => 1,
            });
            counts.sum()
        }
        count(&self.folder.join("tasks"))
    }
}

pub fn new(subject: Subject, format: Format) -> NewTask {
    let options = BookOptions {
        paper: Paper::A4,
        order: Order::KnowledgePoint,
        answers: Answers::Inline,
        font_size: FontSize::Medium,
        with_redo_space: false,
        with_similar: false,
        with_analysis: true,
        statuses: Vec::new(),
        mistake_types: Vec::new(),
        knowledge_point_ids: Vec::new(),
        topic: String::new(),
        from: None,
        until: None,
        locale: "zh-CN".to_owned(),
    };
    NewTask { subject, format, options }
}
