//! The table of model calls.

use chrono::{DateTime, NaiveDate, Utc};
use kit::db::{self, DbError, GenericClient};
use uuid::Uuid;

use super::{signed, unsigned};
use crate::ledger::{Entry, UsageRow};

// One statement, so that the sum of the month never differs from its rows.
const RECORD: &str = "
    WITH call AS (
        INSERT INTO model_calls (id, called_at, organization_id, user_id, feature, provider, model,
                                 prompt_tokens, completion_tokens, cost_micros, latency_ms, outcome)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
    )
    INSERT INTO monthly_spendings (organization_id, month, spent_micros)
    VALUES ($3, $13, $10)
    ON CONFLICT (organization_id, month)
    DO UPDATE SET spent_micros = monthly_spendings.spent_micros + excluded.spent_micros";

/// Writes one call and adds its cost to the month.
pub async fn record(
    db: &impl GenericClient,
    entry: &Entry,
    month: NaiveDate,
) -> Result<(), DbError> {
    let changed = db::execute(
        db,
        "model_calls.record",
        RECORD,
        &[
            &entry.id,
            &entry.called_at,
            &entry.payer.organization_id,
            &entry.payer.user_id,
            &entry.feature,
            &entry.provider,
            &entry.model,
            &i64::from(entry.usage.prompt_tokens),
            &i64::from(entry.usage.completion_tokens),
            &signed(entry.cost_micros),
            &i64::try_from(entry.latency.as_millis()).unwrap_or(i64::MAX),
            &entry.outcome,
            &month,
        ],
    )
    .await?;
    DbError::expect_rows("monthly_spendings", changed, 1)
}

const USAGE: &str = "
    SELECT (called_at AT TIME ZONE 'UTC')::date AS day, feature, model,
           count(*) AS calls,
           sum(prompt_tokens)::bigint AS prompt_tokens,
           sum(completion_tokens)::bigint AS completion_tokens,
           sum(cost_micros)::bigint AS cost_micros,
           avg(latency_ms)::double precision AS mean_latency_ms,
           count(*) FILTER (WHERE outcome NOT IN ('ok', 'cancelled')) AS failures
    FROM model_calls
    WHERE organization_id = $1 AND called_at >= $2
    GROUP BY day, feature, model
    ORDER BY day DESC, feature, model";

/// Sums the calls of an organization by day, feature and model, the newest day first.
pub async fn usage(
    db: &impl GenericClient,
    organization: Uuid,
    since: DateTime<Utc>,
) -> Result<Vec<UsageRow>, DbError> {
    let rows = db::query(db, "model_calls.usage", USAGE, &[&organization, &since]).await?;
    let rows = rows.into_iter().map(|row| UsageRow {
        day: row.get("day"),
        feature: row.get("feature"),
        model: row.get("model"),
        calls: unsigned(row.get("calls")),
        prompt_tokens: unsigned(row.get("prompt_tokens")),
        completion_tokens: unsigned(row.get("completion_tokens")),
        cost_micros: unsigned(row.get("cost_micros")),
        mean_latency_ms: row.get("mean_latency_ms"),
        failures: unsigned(row.get("failures")),
    });
    Ok(rows.collect())
}

const FORGET: &str = "DELETE FROM model_calls WHERE called_at < $1";

/// Deletes calls made before `until`; the sums of the months stay.
pub async fn forget(db: &impl GenericClient, until: DateTime<Utc>) -> Result<u64, DbError> {
    db::execute(db, "model_calls.forget", FORGET, &[&until]).await
}
