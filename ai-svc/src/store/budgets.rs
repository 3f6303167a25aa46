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
