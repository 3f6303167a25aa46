//! Copying the names that have changed in auth-svc.
//!
//! Every process asks every few seconds who was renamed since names were copied last, and a little
//! before: a renaming is dated before it is committed, and a name that was read before it may be
//! stored here after it. What is copied twice changes nothing.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use kit::{
    caller,
    clock::SharedClock,
    db::{DbError, Pool},
    error::{Chain, Classify as _, Kind},
};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use super::Named;
use crate::{
    store::names,
    student::KeptProfiles,
    upstream::{Auth, UpstreamError},
};

const EVERY: Duration = Duration::from_secs(5);
/// Names that are asked for and written at once.
const PAGE: usize = 500;
/// The place of a reader whom nothing new reaches is stored this often.
const PLACE: TimeDelta = TimeDelta::minutes(1);
/// How long after its date a renaming is looked for: longer than any transaction or call takes.
pub const OVERLAP: TimeDelta = TimeDelta::minutes(5);

/// Says why names were not copied.
#[derive(Debug, thiserror::Error)]
pub enum FollowError {
    #[error(transparent)]
    Upstream(#[from] UpstreamError),
    #[error("store failed")]
    Store(#[from] DbError),
}

/// Copies the names of auth-svc.
#[derive(Clone)]
pub struct Follower {
    pool: Pool,
    clock: SharedClock,
    kept: KeptProfiles,
    auth: Auth,
}

impl Follower {
    /// Copies from `auth`, and outdates what is `kept` of those who are renamed.
    #[must_use]
    pub fn new(pool: Pool, clock: SharedClock, kept: KeptProfiles, auth: Auth) -> Self {
        Self { pool, clock, kept, auth }
    }

    /// Copies every few seconds until `stop`. Harmless in several processes at once.
    pub async fn run(self, stop: CancellationToken) {
        loop {
            let work = caller::anonymous(self.clock.new_id().to_string(), self.turn());
            let done = tokio::select! {
                done = work => done,
                () = stop.cancelled() => return,
            };
            match done {
                Ok(()) => {}
                // It comes back, and then nothing was missed.
                Err(FollowError::Upstream(error)) if error.kind() == Kind::Unavailable => {
                    tracing::debug!(error = %Chain(&error), "names are not copied now");
                }
                Err(error) => {
                    let error = Chain(&error);
                    tracing::warn!(%error, "names are not copied now");
                }
            }
            if tokio::time::timeout(EVERY, stop.cancelled()).await.is_ok() {
                return;
            }
        }
    }

    /// Copies all names that have changed since the last turn.
    ///
    /// # Errors
    ///
    /// Fails when auth-svc or the store is away; what was copied until then stays.
    pub async fn turn(&self) -> Result<(), FollowError> {
        let (start, mut turn) = {
            let db = self.pool.get().await.map_err(DbError::from)?;
            names::position(&db).await?
        };
        let mut after = (start, Uuid::nil());
        let mut end = None;
        loop {
            let (page, as_of) = self.auth.renamed(after, PAGE).await?;
            let reached = *end.get_or_insert((as_of - OVERLAP).max(start));
            let next = page.last().filter(|_| page.len() >= PAGE);
            let next = next.map(|last| (last.renamed_at, last.id));
            if page.is_empty() && reached - start < PLACE {
                return Ok(());
            }
            let moment = if next.is_some() { start } else { reached };
            if !self.copy(turn, &page, moment).await? {
                // Another process has read the same names, or later ones.
                return Ok(());
            }
            match next {
                Some(next) => (after, turn) = (next, turn + 1),
                None => return Ok(()),
            }
        }
    }

    /// Writes names that were read in `turn`; `false` when others were written since.
    async fn copy(
        &self,
        turn: i64,
        page: &[Named],
        moment: DateTime<Utc>,
    ) -> Result<bool, DbError> {
        let mut db = self.pool.get().await.map_err(DbError::from)?;
        let tx = db.transaction().await.map_err(DbError::from)?;
        if names::lock_turn(&tx).await? != turn {
            return Ok(false);
        }
        let students = if page.is_empty() {
            Vec::new()
        } else {
            names::rename_teachers(&tx, page).await?;
            names::rename_students(&tx, page, self.clock.now()).await?
        };
        names::advance(&tx, moment, turn + 1).await?;
        tx.commit().await.map_err(DbError::from)?;
        if !students.is_empty() {
            tracing::info!(students = students.len(), "names copied");
            self.kept.outdate(students).await;
        }
        Ok(true)
    }
}
