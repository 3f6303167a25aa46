//! Workers: each takes pieces of work of one caller, keeps their lease, and does them in the name
//! of that caller.

use std::{panic::AssertUnwindSafe, time::Duration};

use chrono::{DateTime, TimeDelta, Utc};
use futures::FutureExt as _;
use kit::{
    caller,
    clock::SharedClock,
    db::{DbError, Pool},
    error::{Chain, Classify, Kind as Class},
    steady::steadily,
    telemetry::{
        self,
        Meaning::{self, Counter, Gauge},
    },
};
use metrics::Unit;
use tokio_util::{sync::CancellationToken, task::TaskTracker};
use tonic::Code;
use uuid::Uuid;

use super::{Bell, Pauses};
use crate::{
    mistake::AnalysisStatus,
    statistics::Remembered,
    store::{
        mistake_jobs::{self, Depth, Kind, Taken},
        mistakes,
    },
    upstream::{Ai, UpstreamError},
};

/// A worker that has given no sign of life for this long has lost its work.
const LEASE: TimeDelta = TimeDelta::seconds(8);
const HEARTBEAT: Duration = Duration::from_secs(2);
const POLL: Duration = Duration::from_millis(500);
const MEASURE_EVERY: Duration = Duration::from_secs(10);
/// The longest pause that ai-svc can ask for.
const LONGEST_ASKED: TimeDelta = TimeDelta::hours(1);
/// Refusals of one piece before it has failed.
const ATTEMPTS: u32 = 5;
/// The pause after the first refusal; each one after it is twice as long.
const FIRST_PAUSE: TimeDelta = TimeDelta::milliseconds(500);
const LONGEST_PAUSE: TimeDelta = TimeDelta::minutes(10);
/// Mistakes of one call of an analysis.
const ANALYSED_TOGETHER: i64 = 20;
/// Mistakes of one call that indexes or forgets.
const INDEXED_TOGETHER: i64 = 100;

const MEANINGS: [Meaning; 3] = [
    Gauge(
        "learning_jobs_waiting",
        Unit::Count,
        "mistakes that wait for an analysis or the index, those at work included, counted up to \
         100,000 of each kind; the same in every process: read it with max(), not sum()",
    ),
    Gauge(
        "learning_jobs_age_seconds",
        Unit::Seconds,
        "how long the oldest of those counted waits; the same in every process, too",
    ),
    Counter("learning_jobs_total", Unit::Count, "tries at such work, by how they ended"),
];

/// Says why work was not done.
#[derive(Debug, thiserror::Error)]
pub enum WorkError {
    #[error("the work was taken over")]
    Lost,
    #[error("the work panicked")]
    Panicked,
    #[error(transparent)]
    Upstream(#[from] UpstreamError),
    #[error("store failed")]
    Store(#[from] DbError),
}

impl WorkError {
    /// Tells whether waiting helps: then the try is not counted.
    fn is_passing(&self) -> bool {
        match self {
            Self::Lost | Self::Store(_) => true,
            // What it works on may make it panic each time.
            Self::Panicked => false,
            // What always takes too long would wait for ever: it is counted.
            Self::Upstream(error) if error.status.code() == Code::DeadlineExceeded => false,
            Self::Upstream(error) => match error.kind() {
                // A key that is being changed, a quota that is used up, a service that is away.
                Class::Unavailable
                | Class::Timeout
                | Class::Cancelled
                | Class::Exhausted
                | Class::Unauthenticated => true,
                Class::Invalid
                | Class::Forbidden
                | Class::NotFound
                | Class::Conflict
                | Class::Stale
                | Class::Precondition
                | Class::Internal => false,
            },
        }
    }
}

impl WorkError {
    /// Tells whether others can go on: a budget is of one organization, and says when it comes back.
    fn is_of_one_organization(&self) -> bool {
        matches!(self, Self::Upstream(error) if error.kind() == Class::Exhausted)
            && !self.asked_pause().is_zero()
    }

    /// Returns how long ai-svc asks to be left alone with this work: a budget that is spent takes
    /// longer to come back than a service.
    fn asked_pause(&self) -> TimeDelta {
        let asked = match self {
            Self::Upstream(error) => error.retry_after(),
            Self::Lost | Self::Panicked | Self::Store(_) => None,
        };
        let asked = asked.and_then(|asked| TimeDelta::from_std(asked).ok());
        asked.unwrap_or_default().min(LONGEST_ASKED)
    }
}

/// What workers need.
#[derive(Clone)]
pub struct Analyst {
    pub pool: Pool,
    pub clock: SharedClock,
    pub ai: Ai,
    pub figures: Remembered,
    pub bell: Bell,
    pub pauses: Pauses,
}

/// Publishes how much work waits and for how long, until `stop`.
pub async fn measure(analyst: Analyst, stop: CancellationToken) {
    telemetry::describe(&MEANINGS);
    while !stop.is_cancelled() {
        let now = analyst.clock.now();
        if let Ok(db) = analyst.pool.get().await
            && let Ok(depths) = mistake_jobs::depths(&db, now).await
        {
            for Depth { kind, waiting, oldest, .. } in depths {
                let waiting = f64::from(u32::try_from(waiting).unwrap_or(u32::MAX));
                let age = oldest.map_or(0.0, |oldest| (now - oldest).as_seconds_f64().max(0.0));
                metrics::gauge!("learning_jobs_waiting", "kind" => kind.clone()).set(waiting);
                metrics::gauge!("learning_jobs_age_seconds", "kind" => kind).set(age);
            }
        }
        let _ = tokio::time::timeout(MEASURE_EVERY, stop.cancelled()).await;
    }
}

/// Runs `count` workers until `stop`.
pub fn start(analyst: &Analyst, count: usize, tracker: &TaskTracker, stop: &CancellationToken) {
    for _ in 0..count {
        let (analyst, until) = (analyst.clone(), stop.clone());
        let turns = move || turns(analyst.clone(), until.clone());
        tracker.spawn(steadily("work on mistakes", stop.clone(), turns));
    }
}

/// Works until `stop`.
async fn turns(analyst: Analyst, stop: CancellationToken) {
    let worker = analyst.clock.new_id();
    while !stop.is_cancelled() {
        match Box::pin(analyst.turn(worker, &stop)).await {
            Ok(true) => {}
            Ok(false) => tokio::select! {
                () = analyst.bell.wait(POLL) => {}
                () = stop.cancelled() => {}
            },
            Err(error) => {
                tracing::warn!(error = %Chain(&error), "no work taken");
                let pause = Duration::from_secs(1);
                let _ = tokio::time::timeout(pause, stop.cancelled()).await;
            }
        }
    }
}

impl Analyst {
    /// Takes and does one piece of work of each kind; `false` when there is none. A kind that fails
    /// does not keep the others from their turn.
    pub async fn turn(&self, worker: Uuid, stop: &CancellationToken) -> Result<bool, DbError> {
        let kinds = [
            (Kind::Forget, INDEXED_TOGETHER),
            (Kind::Index, INDEXED_TOGETHER),
            (Kind::Analyse, ANALYSED_TOGETHER),
        ];
        let mut turn = Ok(false);
        for (kind, most) in kinds {
            let done = Box::pin(self.turn_of(kind, most, worker, stop)).await;
            turn = turn.and_then(|any| done.map(|one| any || one));
        }
        turn
    }

    /// Takes and does one piece of work of a kind; `false` when there is none.
    async fn turn_of(
        &self,
        kind: Kind,
        most: i64,
        worker: Uuid,
        stop: &CancellationToken,
    ) -> Result<bool, DbError> {
        let now = self.clock.now();
        if self.pauses.holds(kind, now) {
            return Ok(false);
        }
        let taken = {
            let db = self.pool.get().await.map_err(DbError::from)?;
            mistake_jobs::take(&db, kind, worker, most, now, LEASE).await?
        };
        let Some(taken) = taken else { return Ok(false) };
        let work = AssertUnwindSafe(self.work(worker, &taken, stop)).catch_unwind();
        let outcome = caller::scope(taken.caller.clone(), work).await;
        let outcome = outcome.unwrap_or(Err(WorkError::Panicked));
        let label = match &outcome {
            Ok(()) => "done",
            Err(error) if error.is_passing() => "postponed",
            Err(_) => "refused",
        };
        metrics::counter!("learning_jobs_total", "kind" => kind.as_str(), "outcome" => label)
            .increment(taken.mistakes.len() as u64);
        match outcome {
            Ok(()) => self.pauses.end(kind),
            Err(error) => self.settle(worker, &taken, &error).await?,
        }
        Ok(true)
    }

    /// Does the work beside a heartbeat that ends it when it is lost.
    async fn work(
        &self,
        worker: Uuid,
        taken: &Taken,
        stop: &CancellationToken,
    ) -> Result<(), WorkError> {
        tokio::select! {
            done = self.run(worker, taken) => done,
            lost = self.hold(worker, taken) => Err(lost),
            () = stop.cancelled() => Err(WorkError::Lost),
        }
    }

    /// Prolongs the lease as long as any piece is the worker's.
    async fn hold(&self, worker: Uuid, taken: &Taken) -> WorkError {
        let mut until = self.clock.now() + LEASE;
        loop {
            tokio::time::sleep(HEARTBEAT).await;
            let now = self.clock.now();
            match self.beat(worker, taken, now).await {
                Ok(0) => return WorkError::Lost,
                Ok(_) => until = now + LEASE,
                // Another worker may have it by now.
                Err(_) if now > until => return WorkError::Lost,
                Err(error) => {
                    tracing::warn!(error = %Chain(&error), "no sign of life");
                }
            }
        }
    }

    async fn beat(&self, worker: Uuid, taken: &Taken, now: DateTime<Utc>) -> Result<u64, DbError> {
        let db = self.pool.get().await.map_err(DbError::from)?;
        mistake_jobs::keep(&db, taken, worker, now + LEASE).await
    }

    /// Says in the table how a try ended that did not succeed.
    async fn settle(&self, worker: Uuid, taken: &Taken, error: &WorkError) -> Result<(), DbError> {
        let now = self.clock.now();
        let mut db = self.pool.get().await.map_err(DbError::from)?;
        if matches!(error, WorkError::Lost) {
            // Given back at once when we are the ones who stop; nothing changes if it is another's.
            return mistake_jobs::postpone(&db, taken, worker, now, false).await;
        }
        if error.is_passing() {
            report(taken, error, "work on mistakes waits");
            self.mark(&db, taken, AnalysisStatus::Queued).await?;
            let asked = now + error.asked_pause();
            let until = if error.is_of_one_organization() {
                asked
            } else {
                asked.max(self.pauses.prolong(taken.kind, now))
            };
            return mistake_jobs::postpone(&db, taken, worker, until, false).await;
        }
        let is_last = taken.attempts + 1 >= ATTEMPTS;
        if is_last {
            report(taken, error, "work on a mistake failed");
        }
        // What was deleted is never left findable, however long forgetting it takes.
        if !is_last || taken.kind == Kind::Forget {
            self.mark(&db, taken, AnalysisStatus::Queued).await?;
            let until = now + pause_after(taken.attempts);
            return mistake_jobs::postpone(&db, taken, worker, until, true).await;
        }
        let tx = db.transaction().await.map_err(DbError::from)?;
        mistakes::lock_rows(&tx, &taken.mistakes).await?;
        let ended = mistake_jobs::finish(&tx, taken, worker).await?;
        if taken.kind == Kind::Analyse {
            let ids: Vec<Uuid> = ended.iter().map(|(mistake, _)| *mistake).collect();
            mistakes::mark(&tx, &ids, AnalysisStatus::Failed).await?;
        }
        tx.commit().await.map_err(DbError::from)
    }

    /// Says how far analyses are; other kinds of work are not shown.
    pub(super) async fn mark(
        &self,
        db: &impl kit::db::GenericClient,
        taken: &Taken,
        status: AnalysisStatus,
    ) -> Result<(), DbError> {
        match taken.kind {
            Kind::Analyse => mistakes::mark(db, &taken.mistakes, status).await,
            Kind::Index | Kind::Forget => Ok(()),
        }
    }
}

/// Returns how long a piece rests that was refused `before` already.
fn pause_after(before: u32) -> TimeDelta {
    // Eleven doublings are longer than the longest pause.
    (FIRST_PAUSE * (1 << before.min(11))).min(LONGEST_PAUSE)
}

fn report(taken: &Taken, error: &WorkError, outcome: &'static str) {
    let cause = error as &dyn std::error::Error;
    tracing::warn!(error = cause, kind = taken.kind.as_str(), outcome, "work did not succeed");
}

#[cfg(test)]
mod tests {
    use kit::error::into_status;

    use super::*;

    #[derive(Debug, thiserror::Error)]
    #[error("refused")]
    struct Refusal(Option<Duration>);

    impl Classify for Refusal {
        fn kind(&self) -> Class {
            Class::Exhausted
        }

        fn reason(&self) -> &'static str {
            "BUDGET_SPENT"
        }

        fn retry_after(&self) -> Option<Duration> {
            self.0
        }
    }

    #[test]
    fn work_waits_as_long_as_it_is_asked_to() {
        let pause = |asked| {
            let status = into_status(Refusal(asked));
            WorkError::Upstream(UpstreamError { service: "ai-svc", status }).asked_pause()
        };
        assert_eq!(pause(Some(Duration::from_mins(15))), TimeDelta::minutes(15));
        assert_eq!(pause(Some(Duration::from_hours(48))), LONGEST_ASKED);
        assert_eq!(WorkError::Lost.asked_pause(), TimeDelta::zero());
    }

    #[test]
    fn budget_of_one_organization_does_not_hold_up_the_others() {
        let error = |asked| {
            let status = into_status(Refusal(asked));
            WorkError::Upstream(UpstreamError { service: "ai-svc", status })
        };
        assert!(error(Some(Duration::from_mins(15))).is_of_one_organization());
        assert!(!error(None).is_of_one_organization());
        assert!(!WorkError::Lost.is_of_one_organization());
    }

    #[test]
    fn pauses_grow_to_ten_minutes() {
        let pauses: Vec<i64> =
            (0..4).map(|before| pause_after(before).num_milliseconds()).collect();
        assert_eq!(pauses, [500, 1_000, 2_000, 4_000]);
        assert_eq!(pause_after(10), TimeDelta::seconds(512));
        assert_eq!((pause_after(11), pause_after(u32::MAX)), (LONGEST_PAUSE, LONGEST_PAUSE));
    }

    #[test]
    fn panic_counts_as_a_failed_try() {
        assert!(!WorkError::Panicked.is_passing());
        assert_eq!(WorkError::Panicked.asked_pause(), TimeDelta::zero());
    }
}
