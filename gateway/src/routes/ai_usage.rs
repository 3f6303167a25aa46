//! What the models have cost, and may cost.

use actix_web::{get, put, web::Data};
use proto::ai::v1 as pb;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_actix_web::service_config::ServiceConfig;

use super::Answer;
use crate::{
    app::State,
    http::{Json, Problem, Query, ok},
    session::Signed,
    view::input,
};

pub(super) fn mount(config: &mut ServiceConfig) {
    config.service(get_ai_usage).service(set_ai_budget);
}

/// Micro-units of one unit of currency.
const MICROS: f64 = 1_000_000.0;
/// Largest budget, in units of currency.
const LARGEST_BUDGET: f64 = 1_000_000_000.0;

/// Which days are wanted.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct UsageFilter {
    /// Days back from now, 1 to 366; 30 when absent.
    days: Option<u32>,
}

/// What the models have cost the organization.
#[derive(Serialize, ToSchema)]
struct Usage {
    items: Vec<UsageRow>,
    /// Units of currency spent this month.
    spent: f64,
    /// Units of currency a month; null: no limit.
    budget: Option<f64>,
    currency: String,
    /// A model has no price, so that what it does costs nothing here and no budget binds.
    without_prices: bool,
}

/// Calls of one day, feature and model.
#[derive(Serialize, ToSchema)]
struct UsageRow {
    /// YYYY-MM-DD in UTC.
    day: String,
    feature: String,
    model: String,
    calls: u64,
    prompt_tokens: u64,
    completion_tokens: u64,
    /// Units of currency.
    cost: f64,
    mean_latency_ms: f64,
    failures: u64,
}

impl From<pb::UsageRow> for UsageRow {
    fn from(row: pb::UsageRow) -> Self {
        Self {
            day: row.day,
            feature: row.feature,
            model: row.model,
            calls: row.calls,
            prompt_tokens: row.prompt_tokens,
            completion_tokens: row.completion_tokens,
            cost: units(row.cost_micros),
            mean_latency_ms: row.mean_latency_ms,
            failures: row.failures,
        }
    }
}

#[expect(clippy::cast_precision_loss, reason = "money stays far below 2^53 micro-units")]
fn units(micros: u64) -> f64 {
    micros as f64 / MICROS
}

fn limit(micros: u64) -> Option<f64> {
    (micros > 0).then(|| units(micros))
}

/// Sums what the organization has used. Administrators only.
#[utoipa::path(
    tag = "ai",
    params(UsageFilter),
    responses((status = 200, description = "The sums", body = Usage)),
)]
#[get("/ai/usage")]
async fn get_ai_usage(state: Data<State>, _: Signed, filter: Query<UsageFilter>) -> Answer {
    let message = pb::GetUsageRequest { days: input::counted("days", filter.0.days)? };
    let answer = state.upstream.ai_status().get_usage(message).await?.into_inner();
    Ok(ok(Usage {
        items: answer.rows.into_iter().map(Into::into).collect(),
        spent: units(answer.spent_micros),
        budget: limit(answer.budget_micros),
        currency: answer.currency,
        without_prices: answer.without_prices,
    }))
}

/// A monthly budget.
#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Budget {
    /// Units of currency a month; null or 0: no limit.
    budget: Option<f64>,
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "the range was checked"
)]
fn micros(budget: f64) -> Result<u64, Problem> {
    if (0.0..=LARGEST_BUDGET).contains(&budget) {
        Ok((budget * MICROS).round() as u64)
    } else {
        Err(Problem::field("budget", "OUT_OF_RANGE", "must be from 0 to 1,000,000,000"))
    }
}

/// Sets the monthly budget of the organization. Administrators only.
#[utoipa::path(
    tag = "ai",
    responses((status = 200, description = "The budget", body = Budget)),
)]
#[put("/ai/budget")]
async fn set_ai_budget(state: Data<State>, _: Signed, body: Json<Budget>) -> Answer {
    let budget_micros = micros(body.0.budget.unwrap_or_default())?;
    let message = pb::SetBudgetRequest { budget_micros };
    let answer = state.upstream.ai_status().set_budget(message).await?.into_inner();
    Ok(ok(Budget { budget: limit(answer.budget_micros) }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn money_comes_back_as_it_went() {
        assert_eq!(micros(12.345_678).ok(), Some(12_345_678));
        assert!((units(12_345_678) - 12.345_678).abs() < 1e-9);
        assert_eq!(limit(0), None);
        for wrong in [-1.0, 2e9, f64::NAN, f64::INFINITY] {
            assert!(micros(wrong).is_err());
        }
    }
}
