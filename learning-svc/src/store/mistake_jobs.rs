//! Work on mistakes for the background.

use chrono::{DateTime, TimeDelta, Utc};
use kit::{
    caller::Caller,
    db::{self, DbError, GenericClient},
};
use uuid::Uuid;

/// What is to be done about a mistake.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Analyse,
    /// Make it findable by meaning.
    Index,
    /// Make it unfindable.
    Forget,
}

impl Kind {
    /// Returns the name that is stored.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Analyse => "analyse",
            Self::Index => "index",
            Self::Forget => "forget",
        }
    }
}

const QUEUE: &str = "
    INSERT INTO mistake_jobs AS j
           (mistake_id, kind, student_id, user_id, role, organization_id, request_id, is_bulk,
            not_before, queued_at)
    SELECT mistake_id, $3, student_id, $4, $5, $6, $7, $8, $9, $9
      FROM unnest($1::uuid[], $2::uuid[]) AS new (mistake_id, student_id)
     ORDER BY mistake_id
        ON CONFLICT (mistake_id, kind)
        DO UPDATE
       SET user_id = excluded.user_id, role = excluded.role,
           organization_id = excluded.organization_id, request_id = excluded.request_id,
           is_bulk = excluded.is_bulk, not_before = excluded.not_before,
           queued_at = excluded.queued_at,
           attempts = 0, worker = NULL, lease_until = NULL";

/// Queues work on mistakes, given with their students. What runs already runs once more.
pub async fn queue(
    db: &impl GenericClient,
    caller: &Caller,
    kind: Kind,
    mistakes: &[(Uuid, Uuid)],
    is_bulk: bool,
    now: DateTime<Utc>,
) -> Result<(), DbError> {
    if mistakes.is_empty() {
        return Ok(());
    }
    let (ids, students): (Vec<Uuid>, Vec<Uuid>) = mistakes.iter().copied().unzip();
    let params: [&(dyn db::ToSql + Sync); 9] = [
        &ids,
        &students,
        &kind.as_str(),
        &caller.user_id,
        &caller.role.as_str(),
        &caller.organization_id,
        &caller.request_id,
        &is_bulk,
        &now,
    ];
    db::execute(db, "mistake_jobs.queue", QUEUE, &params).await.map(|_| ())
}

/// In the order of ids, as [`queue`] does, so that nobody waits in a circle.
const REINDEX: &str = "
    WITH step AS MATERIALIZED (
        SELECT id, student_id, organization_id
          FROM mistakes
         WHERE id > $2 AND deleted_at IS NULL
         ORDER BY id
         LIMIT $3),
    queued AS (
        INSERT INTO mistake_jobs
               (mistake_id, kind, student_id, user_id, role, organization_id, request_id, is_bulk,
                not_before, queued_at)
        SELECT id, 'index', student_id, student_id, 'student', organization_id, 'reindex', TRUE, $1,
               $1
          FROM step
         ORDER BY id
            ON CONFLICT (mistake_id, kind) DO NOTHING
     RETURNING mistake_id)
    SELECT (SELECT count(*) FROM queued) AS queued,
           (SELECT id FROM step ORDER BY id OFFSET $3 - 1 LIMIT 1) AS last";

/// One step of indexing every mistake anew.
#[derive(Clone, Copy, Debug)]
pub struct Reindexed {
    /// Mistakes that did not wait already.
    pub queued: i64,
    /// The mistake after which the next step begins; absent when this was the last.
    pub last: Option<Uuid>,
}

/// Queues the `most` mistakes after one to be made findable anew, each in the name of its student.
pub async fn reindex(
    db: &impl GenericClient,
    after: Uuid,
    most: i64,
    now: DateTime<Utc>,
) -> Result<Reindexed, DbError> {
    let row = db::query_one(db, "mistake_jobs.reindex", REINDEX, &[&now, &after, &most]).await?;
    Ok(Reindexed { queued: row.try_get("queued")?, last: row.try_get("last")? })
}

const CANCEL: &str = "
    DELETE FROM mistake_jobs
     WHERE mistake_id = ANY ($1) AND kind = ANY ($2)
 RETURNING mistake_id, worker IS NOT NULL AND kind <> 'analyse' AS is_at_work";

/// Takes work of some kinds back; returns the mistakes that somebody may be indexing or forgetting
/// nevertheless.
pub async fn cancel(
    db: &impl GenericClient,
    mistakes: &[Uuid],
    kinds: &[Kind],
) -> Result<Vec<Uuid>, DbError> {
    let kinds: Vec<&str> = kinds.iter().map(|kind| kind.as_str()).collect();
    let rows = db::query(db, "mistake_jobs.cancel", CANCEL, &[&mistakes, &kinds]).await?;
    let mut at_work = Vec::new();
    for row in &rows {
        if row.try_get("is_at_work")? {
            at_work.push(row.try_get("mistake_id")?);
        }
    }
    Ok(at_work)
}

const DELAY: &str = "
    UPDATE mistake_jobs
       SET not_before = greatest(not_before, $2)
     WHERE mistake_id = ANY ($1)";

/// Lets work on mistakes wait until a moment.
pub async fn delay(
    db: &impl GenericClient,
    mistakes: &[Uuid],
    until: DateTime<Utc>,
) -> Result<(), DbError> {
    if mistakes.is_empty() {
        return Ok(());
    }
    db::execute(db, "mistake_jobs.delay", DELAY, &[&mistakes, &until]).await.map(|_| ())
}

/// Pieces of work of one kind and one caller, taken together.
#[derive(Clone, Debug)]
pub struct Taken {
    pub kind: Kind,
    pub caller: Caller,
    pub mistakes: Vec<Uuid>,
    /// Tries of the first piece that ended in a fault.
    pub attempts: u32,
}

/// The first piece, and others of its caller that are due, as `$and_of` narrows them. One that has
/// failed before goes alone, so that it cannot spoil the others. `LATERAL`, so that an index gives
/// the others in their order and no more of them are read than are taken.
macro_rules! take {
    ($and_of:literal) => {
        concat!(
            "WITH head AS MATERIALIZED (
                SELECT mistake_id, student_id, user_id, organization_id, role, attempts
                  FROM mistake_jobs
                 WHERE kind = $1 AND not_before <= $2
                   AND (lease_until IS NULL OR lease_until < $2)
                 ORDER BY is_bulk, not_before, mistake_id
                 LIMIT 1
                   FOR UPDATE SKIP LOCKED),
            picked AS MATERIALIZED (
                SELECT others.mistake_id
                  FROM head
                 CROSS JOIN LATERAL (
                       SELECT j.mistake_id
                         FROM mistake_jobs j
                        WHERE j.kind = $1 AND j.user_id = head.user_id ",
            $and_of,
            "             AND j.not_before <= $2
                          AND (j.lease_until IS NULL OR j.lease_until < $2)
                          AND j.role = head.role AND j.organization_id = head.organization_id
                          AND j.attempts = 0 AND head.attempts = 0
                          AND j.mistake_id <> head.mistake_id
                        ORDER BY j.is_bulk, j.not_before, j.mistake_id
                        LIMIT $5::bigint - 1
                          FOR UPDATE SKIP LOCKED) others
                 UNION ALL
                SELECT mistake_id FROM head)
            UPDATE mistake_jobs j
               SET worker = $3, lease_until = $4
              FROM picked
             WHERE j.kind = $1 AND j.mistake_id = picked.mistake_id
         RETURNING j.mistake_id, j.user_id, j.role, j.organization_id, j.request_id, j.attempts"
        )
    };
}

const TAKE_OF_CALLER: &str = take!("");
const TAKE_OF_STUDENT: &str = take!("AND j.student_id = head.student_id");

/// Takes up to `most` pieces of work of one caller for `worker` until `now + lease`; those of
/// `Kind::Analyse` are of one student.
pub async fn take(
    db: &impl GenericClient,
    kind: Kind,
    worker: Uuid,
    most: i64,
    now: DateTime<Utc>,
    lease: TimeDelta,
) -> Result<Option<Taken>, DbError> {
    let take = match kind {
        Kind::Analyse => TAKE_OF_STUDENT,
        Kind::Index | Kind::Forget => TAKE_OF_CALLER,
    };
    let until = now + lease;
    let params: [&(dyn db::ToSql + Sync); 5] = [&kind.as_str(), &now, &worker, &until, &most];
    let rows = db::query(db, "mistake_jobs.take", take, &params).await?;
    let Some(first) = rows.first() else {
        return Ok(None);
    };
    let role: &str = first.try_get("role")?;
    let caller = Caller {
        user_id: first.try_get("user_id")?,
        role: role.parse().map_err(|error| DbError::decode("role", error))?,
        organization_id: first.try_get("organization_id")?,
        request_id: first.try_get("request_id")?,
    };
    let attempts: i32 = first.try_get("attempts")?;
    let mistakes = rows.iter().map(|row| Ok(row.try_get("mistake_id")?));
    Ok(Some(Taken {
        kind,
        caller,
        mistakes: mistakes.collect::<Result<_, DbError>>()?,
        attempts: u32::try_from(attempts).unwrap_or_default(),
    }))
}

const KEEP: &str = "
    UPDATE mistake_jobs
       SET lease_until = $4
     WHERE kind = $1 AND mistake_id = ANY ($2) AND worker = $3";

/// Prolongs the lease; tells how many pieces are still the worker's.
pub async fn keep(
    db: &impl GenericClient,
    taken: &Taken,
    worker: Uuid,
    until: DateTime<Utc>,
) -> Result<u64, DbError> {
    let params: [&(dyn db::ToSql + Sync); 4] =
        [&taken.kind.as_str(), &taken.mistakes, &worker, &until];
    db::execute(db, "mistake_jobs.keep", KEEP, &params).await
}

const FINISH: &str = "
    DELETE FROM mistake_jobs
     WHERE kind = $1 AND mistake_id = ANY ($2) AND worker = $3
 RETURNING mistake_id, student_id";

/// Ends the pieces that are still the worker's and returns them with their students.
pub async fn finish(
    db: &impl GenericClient,
    taken: &Taken,
    worker: Uuid,
) -> Result<Vec<(Uuid, Uuid)>, DbError> {
    let params: [&(dyn db::ToSql + Sync); 3] = [&taken.kind.as_str(), &taken.mistakes, &worker];
    let rows = db::query(db, "mistake_jobs.finish", FINISH, &params).await?;
    rows.iter().map(|row| Ok((row.try_get("mistake_id")?, row.try_get("student_id")?))).collect()
}

const POSTPONE: &str = "
    UPDATE mistake_jobs
       SET worker = NULL, lease_until = NULL, not_before = $4,
           attempts = attempts + CASE WHEN $5 THEN 1 ELSE 0 END
     WHERE kind = $1 AND mistake_id = ANY ($2) AND worker = $3";

/// Gives work back, to be tried again at `not_before`; a `counted` try was one of its attempts.
pub async fn postpone(
    db: &impl GenericClient,
    taken: &Taken,
    worker: Uuid,
    not_before: DateTime<Utc>,
    counted: bool,
) -> Result<(), DbError> {
    let params: [&(dyn db::ToSql + Sync); 5] =
        [&taken.kind.as_str(), &taken.mistakes, &worker, &not_before, &counted];
    db::execute(db, "mistake_jobs.postpone", POSTPONE, &params).await.map(|_| ())
}

/// Counts no more than the first 100,000 of a kind in the order in which they are taken: a queue of
/// ten million is not read every ten seconds.
const DEPTHS: &str = "
    SELECT names.kind, found.*
      FROM unnest(ARRAY['analyse', 'index', 'forget']) AS names (kind)
     CROSS JOIN LATERAL (
           SELECT count(*) AS waiting,
                  count(*) FILTER (WHERE lease_until >= $1) AS at_work,
                  count(*) FILTER (WHERE attempts > 0) AS tried,
                  min(queued_at) AS oldest,
                  min(not_before) FILTER (WHERE not_before <= $1
                                            AND (lease_until IS NULL OR lease_until < $1)) AS due_since
             FROM (SELECT lease_until, attempts, queued_at, not_before
                     FROM mistake_jobs j
                    WHERE j.kind = names.kind
                    ORDER BY is_bulk, not_before, mistake_id
                    LIMIT 100000) first) found
     ORDER BY names.kind";

/// How much of one kind is to be done, as far as it is counted.
#[derive(Clone, Debug)]
pub struct Depth {
    pub kind: String,
    pub waiting: i64,
    pub at_work: i64,
    /// Pieces that failed before.
    pub tried: i64,
    /// Since when the oldest piece waits, however often it was put off.
    pub oldest: Option<DateTime<Utc>>,
    /// Since when the oldest piece could be done that nobody has taken.
    pub due_since: Option<DateTime<Utc>>,
}

/// Measures the queue of each kind.
pub async fn depths(db: &impl GenericClient, now: DateTime<Utc>) -> Result<Vec<Depth>, DbError> {
    let rows = db::query(db, "mistake_jobs.depths", DEPTHS, &[&now]).await?;
    let depth = |row: &db::Row| {
        Ok(Depth {
            kind: row.try_get("kind")?,
            waiting: row.try_get("waiting")?,
            at_work: row.try_get("at_work")?,
            tried: row.try_get("tried")?,
            oldest: row.try_get("oldest")?,
            due_since: row.try_get("due_since")?,
        })
    };
    rows.iter().map(depth).collect()
}
