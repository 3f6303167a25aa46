//! What people do with mistake books.

use chrono::{DateTime, Utc};
use kit::{
    caller::{Caller, Role},
    clock::SharedClock,
    db::{DbError, GenericClient, Pool, Reads},
    error::Checks,
    idempotency::{self, Claimed, Operation},
    page::Page,
};
use uuid::Uuid;

use super::{
    AnalysisStatus, MAX_BATCH, Mistake, MistakeError, MistakeType, NewMistake, Origin, Recorded,
    Status, check, check_edit, check_filter, fingerprint, record,
};
use crate::{
    access::{self, Subject},
    analysis::Bell,
    import::Reporter,
    review,
    statistics::Remembered,
    store::{
        mistake_jobs::{self, Kind},
        mistake_list::{self, Last, Whose},
        mistakes, occurrences,
    },
    student::ensure_self,
    upstream::{Ai, Auth},
};

/// In which order mistakes are listed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Order {
    /// Latest mistaken first.
    #[default]
    Latest,
    Oldest,
    MostFrequent,
}

/// Which mistakes are wanted; empty means all.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    pub statuses: Vec<Status>,
    pub types: Vec<MistakeType>,
    pub topic: String,
    /// At least one of them.
    pub knowledge_point_ids: Vec<String>,
    /// Last mistaken at or after.
    pub from: Option<DateTime<Utc>>,
    /// Last mistaken before.
    pub until: Option<DateTime<Utc>>,
    /// Part of question, answers or explanation.
    pub query: String,
    pub analysis_status: Option<AnalysisStatus>,
    /// Deleted ones instead of the others.
    pub deleted: bool,
}

/// Whose mistakes are wanted, which, and in what order.
#[derive(Clone, Debug, Default)]
pub struct Wanted {
    pub subject: Subject,
    pub filter: Filter,
    pub order: Order,
}

/// Fields to be changed; absent ones stay.
#[derive(Clone, Debug, Default)]
pub struct Edit {
    pub mistake_type: Option<MistakeType>,
    pub status: Option<Status>,
    pub question: Option<String>,
    pub wrong_answer: Option<String>,
    pub correct_answer: Option<String>,
    pub explanation: Option<String>,
    pub topic: Option<String>,
    pub difficulty_level: Option<String>,
    pub source: Option<String>,
    /// The version that the caller has read.
    pub version: Option<u64>,
}

/// One page of mistakes.
#[derive(Clone, Debug)]
pub struct Listed {
    pub mistakes: Vec<Mistake>,
    /// Key that the next page continues after; absent on the last one.
    pub next: Option<Last>,
}

/// The use cases around mistake books.
#[derive(Clone)]
pub struct Mistakes {
    pub(super) pool: Pool,
    reads: Reads,
    pub(super) clock: SharedClock,
    pub(super) ai: Ai,
    auth: Auth,
    figures: Remembered,
    bell: Bell,
}

impl Mistakes {
    /// Wires the use cases together; `bell` wakes the workers of this process.
    #[must_use]
    pub fn new(
        (pool, reads): (Pool, Reads),
        clock: SharedClock,
        (ai, auth): (Ai, Auth),
        figures: Remembered,
        bell: Bell,
    ) -> Self {
        Self { pool, reads, clock, ai, auth, figures, bell }
    }

    /// Returns the present moment.
    #[must_use]
    pub fn now(&self) -> DateTime<Utc> {
        self.clock.now()
    }

    /// Records mistakes, all or none; a repeated call returns what the first one recorded.
    pub async fn create(
        &self,
        caller: &Caller,
        operation: &Operation,
        path: fn(usize) -> String,
        new: &[NewMistake],
    ) -> Result<Vec<(Mistake, bool)>, MistakeError> {
        let now = self.clock.now();
        let mut checks = Checks::new();
        let count = (1..=MAX_BATCH).contains(&new.len());
        checks.require(count, "mistakes", "OUT_OF_RANGE", format!("must be 1 to {MAX_BATCH}"));
        for (place, mistake) in new.iter().enumerate().take(MAX_BATCH) {
            check(&mut checks, &path(place), mistake, now);
        }
        checks.finish()?;
        let students = distinct(new.iter().map(|mistake| mistake.student_id));

        {
            let db = self.pool.get().await.map_err(DbError::from)?;
            access::acts_on(&db, caller, &students).await?;
        }
        ensure_self(&self.pool, &self.auth, caller, now).await?;
        let mut db = self.pool.get().await.map_err(DbError::from)?;
        let tx = db.transaction().await.map_err(DbError::from)?;
        let recorded = match idempotency::claim(&tx, operation, self.clock.new_id(), now).await? {
            Claimed::New(batch) => {
                let silent = Reporter::silent();
                record(&tx, caller, (batch, false), new, &*self.clock, &silent).await?.all
            }
            Claimed::Repeated(batch) => occurrences::of_batch(&tx, batch).await?,
        };
        let answer = told(&tx, &recorded).await?;
        tx.commit().await.map_err(DbError::from)?;
        self.changed(&db, caller, &students).await;
        Ok(answer)
    }

    /// Returns one mistake.
    pub async fn get(&self, caller: &Caller, id: Uuid) -> Result<Mistake, MistakeError> {
        let db = self.pool.get().await.map_err(DbError::from)?;
        let mistake = mistakes::get(&db, id).await?.ok_or(MistakeError::NotFound(id))?;
        visible(&db, caller, &mistake).await?;
        live(mistake)
    }

    /// Returns one mistake, and where it came from.
    pub async fn with_origin(
        &self,
        caller: &Caller,
        id: Uuid,
    ) -> Result<(Mistake, Origin), MistakeError> {
        let mistake = self.get(caller, id).await?;
        let db = self.pool.get().await.map_err(DbError::from)?;
        let origin = mistakes::origin(&db, id).await?;
        Ok((mistake, origin))
    }

    /// Lists mistakes of the students whom the caller may see.
    pub async fn list(
        &self,
        caller: &Caller,
        wanted: &Wanted,
        page: &Page<Last>,
    ) -> Result<Listed, MistakeError> {
        let mut checks = Checks::new();
        check_filter(&mut checks, &wanted.filter);
        checks.finish()?;
        let db = self.pool.get().await.map_err(DbError::from)?;
        let is_all = caller.role == Role::Admin && wanted.subject == Subject::default();
        let students = if is_all && wanted.order != Order::MostFrequent {
            Vec::new()
        } else {
            access::reach(&db, caller, wanted.subject).await?
        };
        let whose = if is_all {
            Whose::Organization(caller.organization_id, &students)
        } else {
            Whose::Students(&students)
        };
        let own = Subject::student(caller.user_id);
        let about = if caller.role == Role::Student { own } else { wanted.subject };
        let db = self.reads.instead_of(db, self.figures.changed(about)).await;
        // One more than asked for tells whether there is another page.
        let mut mistakes = mistake_list::list(
            &db,
            whose,
            &wanted.filter,
            wanted.order,
            page.after,
            page.limit + 1,
        )
        .await?;
        let length = usize::try_from(page.limit).unwrap_or(usize::MAX);
        let more = mistakes.len() > length;
        mistakes.truncate(length);
        let next = mistakes.last().filter(|_| more).map(|last| Last {
            times_wrong: last.times_wrong,
            last_mistaken_at: last.last_mistaken_at,
            id: last.id,
        });
        Ok(Listed { mistakes, next })
    }

    /// Changes fields of a mistake.
    pub async fn update(
        &self,
        caller: &Caller,
        id: Uuid,
        edit: Edit,
    ) -> Result<Mistake, MistakeError> {
        let mut checks = Checks::new();
        check_edit(&mut checks, &edit);
        checks.finish()?;
        let now = self.clock.now();
        let mut db = self.pool.get().await.map_err(DbError::from)?;
        let tx = db.transaction().await.map_err(DbError::from)?;
        let before = mistakes::lock(&tx, id).await?.ok_or(MistakeError::NotFound(id))?;
        let may = access::acts_on(&tx, caller, &[before.student_id]).await;
        may.map_err(MistakeError::hide(id))?;
        let before = live(before)?;
        if edit.version.is_some_and(|version| version != before.version) {
            return Err(MistakeError::ChangedMeanwhile);
        }
        let mut mistake = edited(before.clone(), edit, now)?;
        if mistake == before {
            return Ok(before);
        }
        let print = |of: &Mistake| fingerprint(&of.question, &of.correct_answer);
        if print(&mistake) != print(&before)
            && let Some(twin) = mistakes::twin(&tx, &[&mistake]).await?
        {
            return Err(MistakeError::Exists(twin));
        }
        mistake.updated_at = now;
        let other_text = mistake.question != before.question
            || mistake.wrong_answer != before.wrong_answer
            || mistake.correct_answer != before.correct_answer;
        if other_text {
            mistake.analysis_status = AnalysisStatus::Queued;
            let job = [(mistake.id, mistake.student_id)];
            mistake_jobs::queue(&tx, caller, Kind::Analyse, &job, false, now).await?;
        }
        let saved = mistakes::save(&tx, &mistake).await;
        if let Err(error) = saved {
            tx.rollback().await.map_err(DbError::from)?;
            return Err(collision(&db, error, std::slice::from_ref(&mistake)).await);
        }
        let mistake = mistakes::get(&tx, id).await?.ok_or(MistakeError::NotFound(id))?;
        tx.commit().await.map_err(DbError::from)?;
        self.changed(&db, caller, &[mistake.student_id]).await;
        Ok(mistake)
    }

    /// Makes the figures of students be counted again, and wakes the workers.
    pub(super) async fn changed(
        &self,
        db: &impl GenericClient,
        caller: &Caller,
        students: &[Uuid],
    ) {
        self.figures.outdate(db, caller, students).await;
        self.bell.ring();
    }
}

fn edited(mut mistake: Mistake, edit: Edit, now: DateTime<Utc>) -> Result<Mistake, MistakeError> {
    if let Some(mistake_type) = edit.mistake_type {
        mistake.mistake_type = mistake_type;
    }
    let texts = [
        (&mut mistake.question, edit.question),
        (&mut mistake.wrong_answer, edit.wrong_answer),
        (&mut mistake.correct_answer, edit.correct_answer),
        (&mut mistake.explanation, edit.explanation),
        (&mut mistake.topic, edit.topic),
        (&mut mistake.difficulty_level, edit.difficulty_level),
        (&mut mistake.source, edit.source),
    ];
    for (text, new) in texts {
        if let Some(new) = new {
            *text = new;
        }
    }
    match edit.status {
        Some(status) if status != mistake.status => with_status(mistake, status, now),
        Some(_) | None => Ok(mistake),
    }
}

/// Returns an entry with the status that somebody gives it by hand, planned anew.
pub(super) fn with_status(
    mistake: Mistake,
    status: Status,
    now: DateTime<Utc>,
) -> Result<Mistake, MistakeError> {
    let memory = match (status, mistake.memory) {
        (Status::Mastered, None) => Some(review::vouched(now)?),
        // Without a review, all that is known is that somebody called it mastered.
        (Status::Pending | Status::Reviewing | Status::Ignored, _) if mistake.review_count == 0 => {
            None
        }
        (_, memory) => memory,
    };
    let due_at = review::planned((mistake.status, status), memory, mistake.due_at, now);
    Ok(Mistake { status, due_at, memory, ..mistake })
}

/// Reads why mistakes were not written: another entry with the same question may have come
/// meanwhile. Asks once the transaction is rolled back.
pub(super) async fn collision(
    db: &impl GenericClient,
    error: DbError,
    written: &[Mistake],
) -> MistakeError {
    if error.unique_violation().is_none() {
        return error.into();
    }
    let written: Vec<&Mistake> = written.iter().collect();
    match mistakes::twin(db, &written).await {
        Ok(Some(twin)) => MistakeError::Exists(twin),
        // It is gone again: the same change will do.
        Ok(None) => MistakeError::ChangedMeanwhile,
        Err(error) => error.into(),
    }
}

async fn told(
    tx: &impl GenericClient,
    recorded: &[Recorded],
) -> Result<Vec<(Mistake, bool)>, DbError> {
    let ids: Vec<Uuid> = recorded.iter().map(|one| one.mistake_id).collect();
    let mistakes = mistakes::get_all(tx, &ids).await?;
    Ok(mistakes.into_iter().zip(recorded.iter().map(|one| one.is_repeated)).collect())
}

/// Makes sure that the caller may see a mistake.
pub(super) async fn visible(
    db: &impl GenericClient,
    caller: &Caller,
    mistake: &Mistake,
) -> Result<(), MistakeError> {
    access::student(db, caller, mistake.student_id).await.map_err(MistakeError::hide(mistake.id))
}

/// Makes sure that a mistake is not deleted.
pub(super) fn live(mistake: Mistake) -> Result<Mistake, MistakeError> {
    match mistake.deleted_at {
        None => Ok(mistake),
        Some(_) => Err(MistakeError::NotFound(mistake.id)),
    }
}

/// Returns ids once each, sorted.
pub(super) fn distinct(ids: impl Iterator<Item = Uuid>) -> Vec<Uuid> {
    ids.collect::<std::collections::BTreeSet<_>>().into_iter().collect()
}
