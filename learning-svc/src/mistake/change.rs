//! One change to one or several mistakes, all or none.

use chrono::{DateTime, Utc};
use kit::{
    caller::Caller,
    db::{DbError, GenericClient},
    error::Invalid,
};
use uuid::Uuid;

use super::{
    AnalysisStatus, Change, MAX_BATCH, Mistake, MistakeError, Mistakes, RESTORABLE, Status,
    book::{distinct, live, save, with_status},
};
use crate::{
    access,
    store::{
        mistake_jobs::{self, Kind},
        mistakes,
    },
};

/// A mistake that was changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Changed {
    pub id: Uuid,
    pub previous_status: Status,
}

impl Mistakes {
    /// Deletes a mistake; it can be restored for 30 days.
    pub async fn delete(&self, caller: &Caller, id: Uuid) -> Result<(), MistakeError> {
        match self.change(caller, &[id], Change::Delete).await?.as_slice() {
            [] => Err(MistakeError::NotFound(id)),
            _ => Ok(()),
        }
    }

    /// Restores a deleted mistake.
    pub async fn restore(&self, caller: &Caller, id: Uuid) -> Result<Mistake, MistakeError> {
        self.change(caller, &[id], Change::Restore).await?;
        self.get(caller, id).await
    }

    /// Queues a new analysis.
    pub async fn analyse(&self, caller: &Caller, id: Uuid) -> Result<Mistake, MistakeError> {
        self.change(caller, &[id], Change::Analyse).await?;
        self.get(caller, id).await
    }

    /// Does the same with several mistakes, all or none; returns those that it
    /// changed.
    pub async fn change(
        &self,
        caller: &Caller,
        ids: &[Uuid],
        change: Change,
    ) -> Result<Vec<Changed>, MistakeError> {
        if ids.is_empty() || ids.len() > MAX_BATCH {
            let detail = format!("must be 1 to {MAX_BATCH}");
            return Err(Invalid::one("mistake_ids", "OUT_OF_RANGE", detail).into());
        }
        let now = self.clock.now();
        let ids = distinct(ids.iter().copied());
        let mut db = self.pool.get().await.map_err(DbError::from)?;
        let tx = db.transaction().await.map_err(DbError::from)?;
        let found = mistakes::lock_all(&tx, &ids).await?;
        if let Some(unknown) = ids.iter().find(|id| found.iter().all(|one| one.id != **id)) {
            return Err(MistakeError::NotFound(*unknown));
        }
        let students = distinct(found.iter().map(|mistake| mistake.student_id));
        if let Err(error) = access::students(&tx, caller, &students).await {
            let hidden = ids.first().copied().unwrap_or_default();
            return Err(MistakeError::hide(hidden)(error));
        }
        let mut changed = Vec::new();
        for mistake in found {
            let previous = Changed { id: mistake.id, previous_status: mistake.status };
            if let Some(mistake) = apply(&tx, caller, mistake, change, now).await? {
                save(&tx, &mistake).await?;
                changed.push(previous);
            }
        }
        tx.commit().await.map_err(DbError::from)?;
        self.changed(&db, &students).await;
        Ok(changed)
    }
}

/// Does one change to one locked mistake, with the work that follows from it; nothing when it is
/// as wanted already.
async fn apply(
    tx: &impl GenericClient,
    caller: &Caller,
    mut mistake: Mistake,
    change: Change,
    now: DateTime<Utc>,
) -> Result<Option<Mistake>, MistakeError> {
    let job = [(mistake.id, mistake.student_id)];
    let queue = async |kind| mistake_jobs::queue(tx, caller, kind, &job, false, now).await;
    match change {
        Change::Restore => {
            let Some(deleted_at) = mistake.deleted_at else { return Ok(None) };
            if deleted_at + RESTORABLE < now {
                return Err(MistakeError::NotFound(mistake.id));
            }
            if let Some(twin) = mistakes::twin(tx, &mistake).await? {
                return Err(MistakeError::Exists(twin));
            }
            mistake.deleted_at = None;
            mistake_jobs::cancel(tx, &[mistake.id], &[Kind::Forget]).await?;
            if mistake.analysis_status == AnalysisStatus::Done {
                queue(Kind::Index).await?;
            } else {
                mistake.analysis_status = AnalysisStatus::Queued;
                queue(Kind::Analyse).await?;
            }
        }
        Change::Delete => {
            if mistake.deleted_at.is_some() {
                return Ok(None);
            }
            mistake.deleted_at = Some(now);
            mistake_jobs::cancel(tx, &[mistake.id], &[Kind::Analyse, Kind::Index]).await?;
            queue(Kind::Forget).await?;
        }
        Change::Status(status) => {
            mistake = live(mistake)?;
            if mistake.status == status {
                return Ok(None);
            }
            mistake = with_status(mistake, status, now);
        }
        Change::Analyse => {
            mistake = live(mistake)?;
            mistake.analysis_status = AnalysisStatus::Queued;
            queue(Kind::Analyse).await?;
        }
    }
    mistake.updated_at = now;
    Ok(Some(mistake))
}
