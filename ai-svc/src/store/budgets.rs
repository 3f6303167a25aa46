//! What organizations may spend, and what they have spent this month.

use chrono::{DateTime, NaiveDate, Utc};
use kit::db::{self, DbError, GenericClient};
use uuid::Uuid;

use super::{signed, unsigned};

const READ: &str = "
    SELECT coalesce((SELECT spent_micros FROM monthly_spendings
                     WHERE organization_id = $1 AND month = $2), 0) AS spent,
           (SELECT budget_micros FROM budgets WHERE organization_id = $1) AS budget";

/// Reads what an organization spent in a month and its budget, if it has one of its own.
pub async fn read(
    db: &impl GenericClient,
    organization: Uuid,
    month: NaiveDate,
) -> Result<(u64, Option<u64>), DbError> {
    let row = db::query_one(db, "budgets.read", READ, &[&organization, &month]).await?;
    let budget: Option<i64> = row.get("budget");
    Ok((unsigned(row.get("spent")), budget.map(unsigned)))
}

const FULLEST: &str = "
    SELECT coalesce(max(spent_micros::float8 / budget_micros), 0) AS share
      FROM (SELECT spent_micros, coalesce(budget_micros, $2) AS budget_micros
              FROM monthly_spendings LEFT JOIN budgets USING (organization_id)
             WHERE month = $1) spent
     WHERE budget_micros > 0";

/// Returns the largest share of its budget that any organization has spent in a month; `usual` is
/// the budget of those without one of their own.
pub async fn fullest(
    db: &impl GenericClient,
    month: NaiveDate,
    usual: u64,
) -> Result<f64, DbError> {
    let row = db::query_one(db, "budgets.fullest", FULLEST, &[&month, &signed(usual)]).await?;
    Ok(row.try_get("share")?)
}

const SET: &str = "
    INSERT INTO budgets (organization_id, budget_micros, set_by, set_at)
    VALUES ($1, $2, $3, $4)
    ON CONFLICT (organization_id)
    DO UPDATE SET budget_micros = excluded.budget_micros, set_by = excluded.set_by,
                  set_at = excluded.set_at";

/// Sets the monthly budget of an organization.
pub async fn set(
    db: &impl GenericClient,
    organization: Uuid,
    budget_micros: u64,
    by: Uuid,
    now: DateTime<Utc>,
) -> Result<(), DbError> {
    let budget = signed(budget_micros);
    let changed = db::execute(db, "budgets.set", SET, &[&organization, &budget, &by, &now]).await?;
    DbError::expect_rows("budgets", changed, 1)
}

const SPENT: &str = "
    SELECT organization_id, spent_micros, coalesce(budget_micros, $2) AS budget_micros
      FROM monthly_spendings LEFT JOIN budgets USING (organization_id)
     WHERE month = $1 AND coalesce(budget_micros, $2) > 0
       AND spent_micros >= coalesce(budget_micros, $2)
     ORDER BY organization_id LIMIT 100";

/// Lists organizations that have spent their budget of a month, with both; `usual` is the budget of
/// those without one of their own.
pub async fn spent(
    db: &impl GenericClient,
    month: NaiveDate,
    usual: u64,
) -> Result<Vec<(Uuid, u64, u64)>, DbError> {
    let rows = db::query(db, "budgets.spent", SPENT, &[&month, &signed(usual)]).await?;
    let row = |row: &db::Row| {
        let [spent, budget] = ["spent_micros", "budget_micros"].map(|name| row.try_get(name));
        Ok((row.try_get("organization_id")?, unsigned(spent?), unsigned(budget?)))
    };
    rows.iter().map(row).collect()
}
