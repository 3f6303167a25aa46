//! Tasks that somebody watches: one poller looks at all of them.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use kit::{
    db::{DbError, Pool},
    error::Chain,
};
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use super::{Task, TaskError, TaskId};
use crate::store::tasks;

/// How often watched tasks are looked at.
const LOOK_EVERY: Duration = Duration::from_millis(300);
/// Streams that one user may have open at a process.
const PER_USER: u32 = 10;

/// Knows who watches what.
#[derive(Clone, Default)]
pub struct Watches(Arc<Mutex<Book>>);

#[derive(Default)]
struct Book {
    tasks: HashMap<TaskId, watch::Sender<Task>>,
    users: HashMap<Uuid, u32>,
}

/// One open watch.
pub struct Watch {
    changes: watch::Receiver<Task>,
    user: Uuid,
    watches: Watches,
}

impl Watches {
    /// Watches `task` for its owner, who has just been told what it is.
    pub(super) fn open(&self, task: Task) -> Result<Watch, TaskError> {
        let user = task.owner.user_id;
        let mut book = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let open = book.users.entry(user).or_default();
        if *open >= PER_USER {
            return Err(TaskError::TooManyWatches(PER_USER));
        }
        *open += 1;
        // What is known may be as old as the last look: a task that was made again has not ended.
        let sender = book.tasks.entry(task.id).or_insert_with(|| watch::channel(task.clone()).0);
        know(sender, task);
        let mut changes = sender.subscribe();
        changes.mark_changed();
        Ok(Watch { changes, user, watches: self.clone() })
    }

    /// Looks at what is watched until `stop`; then all watches end.
    pub async fn run(self, pool: Pool, stop: CancellationToken) {
        while stop.run_until_cancelled(tokio::time::sleep(LOOK_EVERY)).await.is_some() {
            let ids = self.watched();
            if ids.is_empty() {
                continue;
            }
            match look(&pool, &ids).await {
                Ok(found) => self.tell(&ids, found),
                // The watches go on when the database is back.
                Err(error) => {
                    tracing::debug!(error = %Chain(&error), "watches wait");
                }
            }
        }
        self.0.lock().unwrap_or_else(PoisonError::into_inner).tasks.clear();
    }

    /// Forgets what nobody watches any more, and returns the rest.
    fn watched(&self) -> Vec<TaskId> {
        let mut book = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        book.tasks.retain(|_, sender| sender.receiver_count() > 0);
        book.tasks.keys().copied().collect()
    }

    /// Tells what was found; the watches of tasks that are gone end.
    fn tell(&self, ids: &[TaskId], found: Vec<Task>) {
        let mut found: HashMap<_, _> = found.into_iter().map(|task| (task.id, task)).collect();
        let mut book = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        for id in ids {
            let Some(task) = found.remove(id) else {
                book.tasks.remove(id);
                continue;
            };
            if let Some(sender) = book.tasks.get(id) {
                know(sender, task);
            }
        }
    }
}

async fn look(pool: &Pool, ids: &[TaskId]) -> Result<Vec<Task>, DbError> {
    let db = pool.get().await.map_err(DbError::from)?;
    tasks::find_all(&db, ids).await
}

/// Tells watchers of `task` as it is now, when they see a difference.
fn know(sender: &watch::Sender<Task>, task: Task) {
    sender.send_if_modified(|known| {
        let is_new = differ(known, &task);
        *known = task;
        is_new
    });
}

/// Tells whether a watcher sees a difference.
fn differ(one: &Task, other: &Task) -> bool {
    let seen = |task: &Task| (task.status, task.done, task.total, task.attempts);
    seen(one) != seen(other) || one.error_code != other.error_code
}

impl Watch {
    /// Waits for the task as it is, and then for each change; `None` when it is no longer watched.
    pub async fn next(&mut self) -> Option<Task> {
        self.changes.changed().await.ok()?;
        Some(self.changes.borrow_and_update().clone())
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        let mut book = self.watches.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(open) = book.users.get_mut(&self.user) {
            *open -= 1;
            if *open == 0 {
                book.users.remove(&self.user);
            }
        }
    }
}
