//! One change to one or several mistakes, all or none.

use std::collections::HashMap;

use chrono::{DateTime, TimeDelta, Utc};
use kit::{
    caller::{Caller, Role},
    db::{DbError, GenericClient},
    error::Invalid,
};
use uuid::Uuid;

use super::{
    AnalysisStatus, Change, MAX_BATCH, Mistake, MistakeError, Mistakes, RESTORABLE, Status,
    book::{collision, distinct, live, with_status},
    fingerprint,
};
use crate::{
    access::{self, AccessError},
    store::{
        mistake_jobs::{self, Kind},
        mistakes,
    },
    upstream::WRITES_END,
};

/// For so long a student cannot have the analysis of a model made anew.
const SETTLED: TimeDelta = TimeDelta::hours(24);

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

    /// Queues a new analysis, unless one waits already, or a student asks again about what a model
    /// has analysed within a day: then the mistake stays as it is.
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
        let mut db = self.pool.get().await.map_err(DbError::from)?;
        let tx = db.transaction().await.map_err(DbError::from)?;
        let found = mistakes::lock_all(&tx, &distinct(ids.iter().copied())).await?;
        let students = distinct(found.iter().map(|mistake| mistake.student_id));
        may_change(&tx, caller, ids, &found, &students).await?;

        let previous: Vec<Changed> = found.iter().map(Changed::from).collect();
        let mut after = Vec::new();
        for mistake in found {
            after.extend(changed(mistake, change, caller.role, now)?);
        }
        if matches!(change, Change::Restore) {
            let restored: Vec<&Mistake> = after.iter().collect();
            let twin = match twin_among(&restored) {
                None => mistakes::twin(&tx, &restored).await?,
                twin => twin,
            };
            if let Some(twin) = twin {
                return Err(MistakeError::Exists(twin));
            }
        }
        let saved = mistakes::save_all(&tx, &after).await;
        if let Err(error) = saved {
            tx.rollback().await.map_err(DbError::from)?;
            return Err(collision(&db, error, &after).await);
        }
        follow_up(&tx, caller, &after, change, now).await?;
        tx.commit().await.map_err(DbError::from)?;
        self.changed(&db, caller, &students).await;
        let is_changed = |one: &Changed| after.iter().any(|mistake| mistake.id == one.id);
        Ok(previous.into_iter().filter(is_changed).collect())
    }
}

impl From<&Mistake> for Changed {
    fn from(mistake: &Mistake) -> Self {
        Self { id: mistake.id, previous_status: mistake.status }
    }
}

/// Makes sure that the caller may change all of `ids`. The first one that is unknown is named, or
/// hidden, which is the same to the caller.
async fn may_change(
    tx: &impl GenericClient,
    caller: &Caller,
    ids: &[Uuid],
    found: &[Mistake],
    students: &[Uuid],
) -> Result<(), MistakeError> {
    let known = access::known(tx, caller, students).await?;
    let students: HashMap<Uuid, Uuid> =
        found.iter().map(|mistake| (mistake.id, mistake.student_id)).collect();
    for id in ids {
        let student = students.get(id).copied();
        match student.and_then(|student| Some((student, *known.get(&student)?))) {
            None => return Err(MistakeError::NotFound(*id)),
            Some((student, false)) => return Err(AccessError::FormerStudent(student).into()),
            Some((_, true)) => {}
        }
    }
    Ok(())
}

/// Finds an entry with the student, the question and the right answer of a later one.
fn twin_among(mistakes: &[&Mistake]) -> Option<Uuid> {
    let mut seen = HashMap::new();
    mistakes.iter().find_map(|mistake| {
        let print = fingerprint(&mistake.question, &mistake.correct_answer);
        seen.insert((mistake.student_id, print), mistake.id)
    })
}

/// Returns an entry as it is after a change; nothing when it is as wanted already.
fn changed(
    mut mistake: Mistake,
    change: Change,
    role: Role,
    now: DateTime<Utc>,
) -> Result<Option<Mistake>, MistakeError> {
    match change {
        Change::Restore => {
            let Some(deleted_at) = mistake.deleted_at else { return Ok(None) };
            if deleted_at + RESTORABLE < now {
                return Err(MistakeError::NotFound(mistake.id));
            }
            mistake.deleted_at = None;
            if mistake.analysis_status != AnalysisStatus::Done {
                mistake.analysis_status = AnalysisStatus::Queued;
            }
        }
        Change::Delete => {
            if mistake.deleted_at.is_some() {
                return Ok(None);
            }
            mistake.deleted_at = Some(now);
        }
        Change::Status(status) => {
            mistake = live(mistake)?;
            if mistake.status == status {
                return Ok(None);
            }
            mistake = with_status(mistake, status, now)?;
        }
        Change::Analyse => {
            mistake = live(mistake)?;
            if !may_differ(&mistake, role, now) {
                return Ok(None);
            }
            mistake.analysis_status = AnalysisStatus::Queued;
        }
    }
    mistake.updated_at = now;
    Ok(Some(mistake))
}

/// Tells whether a new analysis may say something that the present one, or the one to come, does
/// not. Another text has another analysis already: then it waits for it.
fn may_differ(mistake: &Mistake, role: Role, now: DateTime<Utc>) -> bool {
    match (mistake.analysis_status, &mistake.analysis) {
        (AnalysisStatus::Queued | AnalysisStatus::Running, _) => false,
        // A model costs money each time that a student asks it the same again.
        (AnalysisStatus::Done, Some(analysis)) if analysis.source == "model" => match role {
            Role::Student => now - analysis.analysed_at >= SETTLED,
            Role::Teacher | Role::Admin => true,
        },
        (AnalysisStatus::Done | AnalysisStatus::Failed, _) => true,
    }
}

/// Queues the work that follows from a change, and takes back what it makes needless. What somebody
/// is at nevertheless ends before its opposite begins.
async fn follow_up(
    tx: &impl GenericClient,
    caller: &Caller,
    after: &[Mistake],
    change: Change,
    now: DateTime<Utc>,
) -> Result<(), DbError> {
    let job = |mistake: &Mistake| (mistake.id, mistake.student_id);
    let all: Vec<(Uuid, Uuid)> = after.iter().map(job).collect();
    let ids: Vec<Uuid> = after.iter().map(|mistake| mistake.id).collect();
    match change {
        Change::Restore => {
            let at_work = mistake_jobs::cancel(tx, &ids, &[Kind::Forget]).await?;
            let is_done = |mistake: &&Mistake| mistake.analysis_status == AnalysisStatus::Done;
            let (done, open): (Vec<&Mistake>, Vec<&Mistake>) = after.iter().partition(is_done);
            let jobs = |list: Vec<&Mistake>| list.into_iter().map(job).collect::<Vec<_>>();
            mistake_jobs::queue(tx, caller, Kind::Index, &jobs(done), false, now).await?;
            mistake_jobs::queue(tx, caller, Kind::Analyse, &jobs(open), false, now).await?;
            mistake_jobs::delay(tx, &at_work, now + WRITES_END).await
        }
        Change::Delete => {
            let at_work = mistake_jobs::cancel(tx, &ids, &[Kind::Analyse, Kind::Index]).await?;
            mistake_jobs::queue(tx, caller, Kind::Forget, &all, false, now).await?;
            mistake_jobs::delay(tx, &at_work, now + WRITES_END).await
        }
        Change::Analyse => mistake_jobs::queue(tx, caller, Kind::Analyse, &all, false, now).await,
        Change::Status(_) => Ok(()),
    }
}
