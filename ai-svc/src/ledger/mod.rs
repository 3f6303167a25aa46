//! What model calls cost, and what an organization may spend.

mod money;

use std::time::Duration;

use chrono::{DateTime, Datelike as _, NaiveDate, TimeDelta, Utc};
use kit::{
    caller::{Caller, Role},
    clock::SharedClock,
    db::{DbError, Pool},
    error::{Chain, Classify, Kind},
};
use tokio::runtime::Handle;
use tokio_util::task::TaskTracker;
use uuid::Uuid;

pub use money::{Money, Price};

use crate::{
    measure,
    providers::Usage,
    store::{budgets, calls},
};

/// How long single calls are kept; usage can be asked for 366 days back.
const KEPT: TimeDelta = TimeDelta::days(400);
/// From this share of the budget on, in per cent, smaller models are asked first.
const TIGHT_PERCENT: u64 = 80;

/// Who pays for a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Payer {
    pub user_id: Uuid,
    pub organization_id: Uuid,
}

impl From<&Caller> for Payer {
    fn from(caller: &Caller) -> Self {
        Self { user_id: caller.user_id, organization_id: caller.organization_id }
    }
}

/// One call of a model.
#[derive(Clone, Debug)]
pub struct Entry {
    pub id: Uuid,
    pub called_at: DateTime<Utc>,
    pub payer: Payer,
    pub feature: String,
    pub provider: &'static str,
    pub model: String,
    pub usage: Usage,
    pub cost_micros: u64,
    pub latency: Duration,
    /// `ok`, `cancelled`, or the class of the failure.
    pub outcome: &'static str,
}

/// Calls of one day, feature and model.
#[derive(Clone, Debug, PartialEq)]
pub struct UsageRow {
    pub day: NaiveDate,
    pub feature: String,
    pub model: String,
    pub calls: u64,
    pub prompt_tokens: u64,
    pub completion_tokens: u64,
    pub cost_micros: u64,
    pub mean_latency_ms: f64,
    pub failures: u64,
}

/// How an organization stands this month.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Standing {
    pub spent_micros: u64,
    /// 0 means no limit.
    pub budget_micros: u64,
}

/// How much of the budget is left.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Room {
    Ample,
    /// Smaller models are asked first.
    Tight,
    /// No model is asked.
    Spent,
}

impl Standing {
    /// Says how much room the budget leaves.
    #[must_use]
    pub fn room(self) -> Room {
        if self.budget_micros == 0 {
            return Room::Ample;
        }
        if self.spent_micros >= self.budget_micros {
            return Room::Spent;
        }
        let tight = u128::from(self.spent_micros) * 100
            >= u128::from(self.budget_micros) * u128::from(TIGHT_PERCENT);
        if tight { Room::Tight } else { Room::Ample }
    }
}

/// Says why the ledger did not do what it was asked for.
#[derive(Debug, thiserror::Error)]
pub enum LedgerError {
    #[error("only administrators see and set what models cost")]
    AdminOnly,
    #[error("ledger store failed")]
    Store(#[from] DbError),
}

impl Classify for LedgerError {
    fn kind(&self) -> Kind {
        match self {
            Self::AdminOnly => Kind::Forbidden,
            Self::Store(error) => error.kind(),
        }
    }

    fn reason(&self) -> &'static str {
        match self {
            Self::AdminOnly => "ADMIN_ONLY",
            Self::Store(error) => error.reason(),
        }
    }

    fn inner(&self) -> Option<&dyn Classify> {
        match self {
            Self::Store(error) => Some(error),
            Self::AdminOnly => None,
        }
    }
}

/// Keeps the books.
#[derive(Clone)]
pub struct Ledger {
    pool: Pool,
    clock: SharedClock,
    /// Budget of organizations that have none of their own; 0 means no limit.
    usual_budget: Money,
    writes: TaskTracker,
}

impl Ledger {
    #[must_use]
    pub fn new(pool: Pool, clock: SharedClock, usual_budget: Money) -> Self {
        Self { pool, clock, usual_budget, writes: TaskTracker::new() }
    }

    /// Returns the clock that entries are dated by.
    #[must_use]
    pub fn clock(&self) -> &SharedClock {
        &self.clock
    }

    /// Says how an organization stands this month.
    pub async fn standing(&self, organization: Uuid) -> Result<Standing, DbError> {
        let db = self.pool.get().await?;
        let month = month(self.clock.now());
        let (spent_micros, budget) = budgets::read(&db, organization, month).await?;
        Ok(Standing { spent_micros, budget_micros: budget.unwrap_or(self.usual_budget.0) })
    }

    /// Says which share of its budget the organization has spent this month that is nearest to the
    /// end of it; 1 is all.
    pub async fn fullest(&self) -> Result<f64, DbError> {
        let db = self.pool.get().await?;
        budgets::fullest(&db, month(self.clock.now()), self.usual_budget.0).await
    }

    /// Writes one call down in the background.
    pub fn record_later(&self, entry: Entry) {
        measure::called(&entry);
        let Ok(runtime) = Handle::try_current() else {
            return;
        };
        let ledger = self.clone();
        let write = async move {
            if let Err(error) = ledger.record(&entry).await {
                tracing::error!(
                    error = %Chain(&error),
                    organization_id = %entry.payer.organization_id,
                    model = entry.model,
                    cost_micros = entry.cost_micros,
                    "call of a model could not be written down"
                );
            }
        };
        self.writes.spawn_on(write, &runtime);
    }

    /// Returns the writes in progress, for whoever ends the process.
    #[must_use]
    pub fn writes(&self) -> &TaskTracker {
        &self.writes
    }

    /// Writes one call down.
    pub async fn record(&self, entry: &Entry) -> Result<(), DbError> {
        let db = self.pool.get().await?;
        calls::record(&db, entry, month(entry.called_at)).await
    }

    /// Sums what the caller's organization used in the last `days` days.
    pub async fn usage(
        &self,
        caller: &Caller,
        days: u32,
    ) -> Result<(Vec<UsageRow>, Standing), LedgerError> {
        admins_only(caller)?;
        let since = self.clock.now() - TimeDelta::days(days.into());
        let standing = self.standing(caller.organization_id).await?;
        let db = self.pool.get().await.map_err(DbError::from)?;
        let rows = calls::usage(&db, caller.organization_id, since).await?;
        Ok((rows, standing))
    }

    /// Sets the monthly budget of the caller's organization.
    pub async fn set_budget(&self, caller: &Caller, budget: Money) -> Result<(), LedgerError> {
        admins_only(caller)?;
        let db = self.pool.get().await.map_err(DbError::from)?;
        let now = self.clock.now();
        budgets::set(&db, caller.organization_id, budget.0, caller.user_id, now).await?;
        tracing::info!(
            organization_id = %caller.organization_id,
            budget_micros = budget.0,
            "budget was set"
        );
        Ok(())
    }

    /// Lists the organizations whose budget of this month is spent.
    pub async fn spent(&self) -> Result<Vec<(Uuid, Standing)>, DbError> {
        let db = self.pool.get().await?;
        let spent = budgets::spent(&db, month(self.clock.now()), self.usual_budget.0).await?;
        let standing = |(organization, spent_micros, budget_micros)| {
            (organization, Standing { spent_micros, budget_micros })
        };
        Ok(spent.into_iter().map(standing).collect())
    }

    /// Deletes calls that are older than anybody can ask for.
    pub async fn forget_old(&self) -> Result<u64, DbError> {
        let db = self.pool.get().await?;
        calls::forget(&db, self.clock.now() - KEPT).await
    }
}

fn admins_only(caller: &Caller) -> Result<(), LedgerError> {
    match caller.role {
        Role::Admin => Ok(()),
        Role::Teacher | Role::Student => Err(LedgerError::AdminOnly),
    }
}

/// Returns the first day of the month of a moment, in UTC.
fn month(moment: DateTime<Utc>) -> NaiveDate {
    let day = moment.date_naive();
    day.with_day(1).unwrap_or(day)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn budget_gets_tight_before_it_is_spent() {
        let room = |spent_micros, budget_micros| Standing { spent_micros, budget_micros }.room();
        assert_eq!(room(7, 0), Room::Ample);
        assert_eq!(room(79, 100), Room::Ample);
        assert_eq!(room(80, 100), Room::Tight);
        assert_eq!(room(100, 100), Room::Spent);
        assert_eq!(room(u64::MAX - 1, u64::MAX), Room::Tight);
    }
}
