//! What the one who asked can do: order, look, cancel, repeat, delete, download.

use bytes::Bytes;
use chrono::{DateTime, FixedOffset, NaiveTime, Utc};
use futures::stream::BoxStream;
use kit::{
    caller::{Caller, Role},
    clock::SharedClock,
    db::{DbError, Pool},
    error::{Chain, Checks},
    idempotency::{self, Claimed, Operation},
    page::Page,
};
use uuid::Uuid;

use super::{
    Counts, File, NewTask, Owner, Status, Subject, Task, TaskError, TaskId, Watch, Watches,
};
use crate::{
    files::{FileError, Files},
    learning::Learning,
    store::tasks,
};

/// Most students of one bundle.
const MAX_STUDENTS: usize = 500;
/// Longest topic or id of a knowledge point, and most of these, as learning-svc takes them.
const LABEL: usize = 200;
const MAX_POINTS: usize = 100;

/// How much one person may ask for.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Tasks of one user that are queued or running.
    pub active_per_user: u32,
}

/// The orders, and the rules about them.
#[derive(Clone)]
pub struct Tasks {
    pool: Pool,
    clock: SharedClock,
    files: Files,
    learning: Learning,
    limits: Limits,
    /// Where the school's days begin.
    zone: FixedOffset,
    watches: Watches,
}

impl Tasks {
    /// Puts the use cases together.
    #[must_use]
    pub fn new(
        pool: Pool,
        clock: SharedClock,
        files: Files,
        learning: Learning,
        limits: Limits,
        zone: FixedOffset,
        watches: Watches,
    ) -> Self {
        Self { pool, clock, files, learning, limits, zone, watches }
    }

    /// Queues a document, after learning-svc has said that the caller may see whom it is about.
    pub async fn create(
        &self,
        caller: &Caller,
        operation: &Operation,
        new: NewTask,
    ) -> Result<Task, TaskError> {
        check(&new)?;
        let (title, total) = self.subject(caller, &new.subject).await?;

        let now = self.clock.now();
        let mut db = self.pool.get().await.map_err(DbError::from)?;
        let tx = db.transaction().await.map_err(DbError::from)?;
        let id = match idempotency::claim(&tx, operation, self.clock.new_id(), now).await? {
            Claimed::New(id) => TaskId(id),
            Claimed::Repeated(id) => {
                let id = TaskId(id);
                return tasks::find(&tx, id).await?.ok_or(TaskError::NotFound(id));
            }
        };
        tasks::lock_user(&tx, caller.user_id).await?;
        if tasks::active_of(&tx, caller.user_id).await? >= self.limits.active_per_user {
            return Err(TaskError::TooMany(self.limits.active_per_user));
        }
        let task = Task {
            id,
            owner: owner(caller),
            subject: new.subject,
            format: new.format,
            options: new.options,
            title,
            status: Status::Queued,
            done: 0,
            total,
            attempts: 0,
            file: None,
            error_code: String::new(),
            error_detail: String::new(),
            created_at: now,
            started_at: None,
            finished_at: None,
            expires_at: None,
            waiting_since: None,
        };
        tasks::insert(&tx, &task).await?;
        tx.commit().await.map_err(DbError::from)?;
        Ok(task)
    }

    /// Returns one of the caller's tasks.
    pub async fn get(&self, caller: &Caller, id: TaskId) -> Result<Task, TaskError> {
        let db = self.pool.get().await.map_err(DbError::from)?;
        own(caller, id, tasks::find(&db, id).await?)
    }

    /// Lists the caller's tasks, the latest first, and counts.
    pub async fn list(
        &self,
        caller: &Caller,
        status: Option<Status>,
        page: &Page<Uuid>,
    ) -> Result<(Vec<Task>, Counts), TaskError> {
        let db = self.pool.get().await.map_err(DbError::from)?;
        let list = tasks::page(&db, caller.user_id, status, page).await?;
        let midnight = start_of_day(self.clock.now(), self.zone);
        let counts = match caller.role {
            Role::Admin => tasks::counts_of_organization(&db, caller.organization_id, midnight),
            Role::Teacher | Role::Student => {
                return Ok((list, tasks::counts_of_user(&db, caller.user_id, midnight).await?));
            }
        };
        Ok((list, counts.await?))
    }

    /// Cancels a task that has not ended; cancelling twice is no error.
    pub async fn cancel(&self, caller: &Caller, id: TaskId) -> Result<Task, TaskError> {
        let mut db = self.pool.get().await.map_err(DbError::from)?;
        let tx = db.transaction().await.map_err(DbError::from)?;
        let task = own(caller, id, tasks::lock(&tx, id).await?)?;
        match task.status {
            Status::Cancelled => return Ok(task),
            Status::Queued | Status::Running => {}
            Status::Completed | Status::Failed | Status::Expired => {
                return Err(TaskError::WrongState(task.status));
            }
        }
        let task = tasks::cancel(&tx, id, self.clock.now()).await?;
        tx.commit().await.map_err(DbError::from)?;
        Ok(task)
    }

    /// Follows one of the caller's tasks.
    pub async fn watch(&self, caller: &Caller, id: TaskId) -> Result<Watch, TaskError> {
        self.watches.open(self.get(caller, id).await?)
    }

    /// Queues a failed, cancelled or expired task again, or one whose file is gone, if the caller
    /// may still see whom it is about; one that is on its way stays as it is.
    pub async fn retry(&self, caller: &Caller, id: TaskId) -> Result<Task, TaskError> {
        let task = self.get(caller, id).await?;
        let (title, total) = self.subject(caller, &task.subject).await?;
        // Before the row is locked: the store of files may take long.
        let gone = self.gone(&task).await?;
        let mut db = self.pool.get().await.map_err(DbError::from)?;
        let tx = db.transaction().await.map_err(DbError::from)?;
        let task = own(caller, id, tasks::lock(&tx, id).await?)?;
        match (task.status, &task.file) {
            (Status::Queued | Status::Running, _) => return Ok(task),
            (Status::Failed | Status::Cancelled | Status::Expired, _)
            | (Status::Completed, None) => {}
            (Status::Completed, file) if *file == gone => {}
            (Status::Completed, Some(_)) => return Err(TaskError::WrongState(task.status)),
        }
        tasks::lock_user(&tx, caller.user_id).await?;
        if tasks::active_of(&tx, caller.user_id).await? >= self.limits.active_per_user {
            return Err(TaskError::TooMany(self.limits.active_per_user));
        }
        let now = self.clock.now();
        let task = tasks::requeue(&tx, id, &owner(caller), (&title, total), now).await?;
        tx.commit().await.map_err(DbError::from)?;
        Ok(task)
    }

    /// Returns the file of a completed task if the store has it no more.
    async fn gone(&self, task: &Task) -> Result<Option<File>, FileError> {
        let Some(file) = task.file.as_ref().filter(|_| task.status == Status::Completed) else {
            return Ok(None);
        };
        match self.files.size(&file.key).await {
            Ok(_) => Ok(None),
            Err(FileError::Gone) => Ok(Some(file.clone())),
            Err(error) => Err(error),
        }
    }

    /// Deletes a task that has ended, and its file.
    pub async fn delete(&self, caller: &Caller, id: TaskId) -> Result<(), TaskError> {
        let mut db = self.pool.get().await.map_err(DbError::from)?;
        let tx = db.transaction().await.map_err(DbError::from)?;
        let task = own(caller, id, tasks::lock(&tx, id).await?)?;
        if !task.status.has_ended() {
            return Err(TaskError::WrongState(task.status));
        }
        tasks::delete(&tx, id).await?;
        tx.commit().await.map_err(DbError::from)?;
        drop(db);
        if let Some(file) = &task.file
            && let Err(error) = self.files.delete(&file.key).await
        {
            // The sweep finds a file that no task names.
            tracing::warn!(error = %Chain(&error), "file not deleted");
        }
        Ok(())
    }

    /// Opens the finished file from byte `offset` on, if the caller may still see whom it is about.
    pub async fn open(
        &self,
        caller: &Caller,
        id: TaskId,
        offset: u64,
    ) -> Result<(Task, File, BoxStream<'static, Result<Bytes, FileError>>), TaskError> {
        let task = self.get(caller, id).await?;
        let file = match (task.status, &task.file) {
            (Status::Completed, Some(file)) => file.clone(),
            (Status::Expired, _) => return Err(TaskError::FileExpired),
            (status, _) => return Err(TaskError::WrongState(status)),
        };
        let mut checks = Checks::new();
        checks.range("offset", offset, 0..=file.size_bytes);
        checks.finish()?;
        self.still_sees(caller, &task.subject).await?;
        let content = self.files.read(&file.key, offset..file.size_bytes).await?;
        Ok((task, file, content))
    }

    /// Asks learning-svc, as the caller, whom a document is about and how many books it has.
    async fn subject(
        &self,
        caller: &Caller,
        subject: &Subject,
    ) -> Result<(String, u32), TaskError> {
        is_for(caller, subject)?;
        match subject {
            Subject::Student(student) => Ok((self.learning.student_name(*student).await?, 1)),
            Subject::Class { id, students } => {
                let class = self.learning.class(*id, students).await?;
                let total = u32::try_from(class.students.len()).unwrap_or(u32::MAX);
                let mut checks = Checks::new();
                checks.require(total > 0, "class_id", "EMPTY_CLASS", "has no active students");
                checks.finish()?;
                Ok((class.name, total))
            }
        }
    }

    /// Makes sure that the caller sees the student, or teaches the class, also today. Who has left
    /// the class since stays in its archive.
    async fn still_sees(&self, caller: &Caller, subject: &Subject) -> Result<(), TaskError> {
        is_for(caller, subject)?;
        match subject {
            Subject::Student(student) => self.learning.student_name(*student).await.map(|_| ())?,
            Subject::Class { id, .. } => self.learning.class(*id, &[]).await.map(|_| ())?,
        }
        Ok(())
    }
}

/// Students print their own book only.
fn is_for(caller: &Caller, subject: &Subject) -> Result<(), TaskError> {
    let is_own = *subject == Subject::Student(caller.user_id);
    if caller.role == Role::Student && !is_own { Err(TaskError::OnlyOwnBook) } else { Ok(()) }
}

fn owner(caller: &Caller) -> Owner {
    Owner { user_id: caller.user_id, role: caller.role, organization_id: caller.organization_id }
}

fn check(new: &NewTask) -> Result<(), TaskError> {
    let mut checks = Checks::new();
    if let Subject::Class { students, .. } = &new.subject {
        let few = students.len() <= MAX_STUDENTS;
        checks.require(few, "student_ids", "TOO_MANY", "has more than 500 entries");
    }
    checks.text("options.topic", &new.options.topic, 0..=LABEL);
    let known = ["zh-CN", "en"].contains(&new.options.locale.as_str());
    checks.require(known, "options.locale", "UNKNOWN", "is neither zh-CN nor en");
    let points = &new.options.knowledge_point_ids;
    let few = points.len() <= MAX_POINTS;
    checks.require(few, "options.knowledge_point_ids", "TOO_MANY", "has more than 100 entries");
    for (index, point) in points.iter().enumerate().take(MAX_POINTS) {
        checks.text(&format!("options.knowledge_point_ids[{index}]"), point, 1..=LABEL);
    }
    if let (Some(from), Some(until)) = (new.options.from, new.options.until) {
        checks.require(from <= until, "options.until", "OUT_OF_RANGE", "is before options.from");
    }
    Ok(checks.finish()?)
}

/// What is not the caller's does not exist for them.
fn own(caller: &Caller, id: TaskId, task: Option<Task>) -> Result<Task, TaskError> {
    task.filter(|task| task.owner.user_id == caller.user_id).ok_or(TaskError::NotFound(id))
}

/// Returns when the day of `now` began at the school.
fn start_of_day(now: DateTime<Utc>, zone: FixedOffset) -> DateTime<Utc> {
    let today = now.with_timezone(&zone).date_naive().and_time(NaiveTime::MIN);
    today.and_local_timezone(zone).single().map_or(now, |midnight| midnight.to_utc())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn day_begins_at_the_schools_midnight() {
        let evening: DateTime<Utc> = "2026-03-01T17:30:00Z".parse().unwrap();
        let begins = |hours: i32| {
            let zone = FixedOffset::east_opt(hours * 3_600).unwrap();
            start_of_day(evening, zone).to_rfc3339_opts(chrono::SecondsFormat::Secs, true)
        };
        assert_eq!(begins(8), "2026-03-01T16:00:00Z");
        assert_eq!(begins(0), "2026-03-01T00:00:00Z");
        assert_eq!(begins(-12), "2026-03-01T12:00:00Z");
    }
}
