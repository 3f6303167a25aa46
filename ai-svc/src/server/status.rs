//! `StatusService`.

use kit::{
    caller::Caller,
    error::{Checks, into_status},
    wire,
};
use proto::ai::v1::{self as pb, status_service_server::StatusService};
use tonic::{Request, Response};

use super::{Reply, count};
use crate::{
    ledger::{Ledger, Money, UsageRow},
    models::{ModelState, Models},
    vectors::Index,
};

const DEFAULT_DAYS: u32 = 30;
/// Largest budget: a billion units of currency.
const MAX_BUDGET: u64 = 1_000_000_000_000_000;

/// Serves [`StatusService`].
pub struct StatusServer {
    models: Models,
    index: Index,
    ledger: Ledger,
    currency: String,
}

impl StatusServer {
    #[must_use]
    pub fn new(models: Models, index: Index, ledger: Ledger, currency: String) -> Self {
        Self { models, index, ledger, currency }
    }
}

#[tonic::async_trait]
impl StatusService for StatusServer {
    async fn get_status(
        &self,
        request: Request<pb::GetStatusRequest>,
    ) -> Reply<pb::GetStatusResponse> {
        Caller::of(&request)?;
        let mode = if self.models.can_answer() { "model" } else { "rules" };
        let embedder = self.index.embedder();
        let engine = self.index.engine();
        Ok(Response::new(pb::GetStatusResponse {
            mode: mode.to_owned(),
            providers: self.models.states().into_iter().map(provider).collect(),
            embedding_model: embedder.model().to_owned(),
            embedding_dimension: count(embedder.dimension()),
            vector_engine: engine.name().to_owned(),
            vector_engine_healthy: engine.healthy().await,
        }))
    }

    async fn get_usage(
        &self,
        request: Request<pb::GetUsageRequest>,
    ) -> Reply<pb::GetUsageResponse> {
        let caller = Caller::of(&request)?;
        let days = request.into_inner().days;
        let mut checks = Checks::new();
        checks.range("days", days, 0..=366);
        checks.finish().map_err(into_status)?;
        let days = if days == 0 { DEFAULT_DAYS } else { days };
        let (rows, standing) = self.ledger.usage(&caller, days).await.map_err(into_status)?;
        Ok(Response::new(pb::GetUsageResponse {
            rows: rows.into_iter().map(row).collect(),
            spent_micros: standing.spent_micros,
            budget_micros: standing.budget_micros,
            currency: self.currency.clone(),
            without_prices: !self.models.have_prices() || !self.index.has_price(),
        }))
    }

    async fn set_budget(
        &self,
        request: Request<pb::SetBudgetRequest>,
    ) -> Reply<pb::SetBudgetResponse> {
        let caller = Caller::of(&request)?;
        let budget_micros = request.into_inner().budget_micros;
        let mut checks = Checks::new();
        checks.range("budget_micros", budget_micros, 0..=MAX_BUDGET);
        checks.finish().map_err(into_status)?;
        let set = self.ledger.set_budget(&caller, Money(budget_micros));
        set.await.map_err(into_status)?;
        Ok(Response::new(pb::SetBudgetResponse { budget_micros }))
    }
}

fn provider(state: ModelState) -> pb::Provider {
    pb::Provider {
        name: state.provider.to_owned(),
        model: state.model,
        circuit: state.circuit.state.as_str().to_owned(),
        last_success_at: state.circuit.last_success_at.map(wire::time),
        last_failure_at: state.circuit.last_failure_at.map(wire::time),
        last_failure: state.circuit.last_failure.unwrap_or_default().to_owned(),
    }
}

fn row(row: UsageRow) -> pb::UsageRow {
    pb::UsageRow {
        day: row.day.to_string(),
        feature: row.feature,
        model: row.model,
        calls: row.calls,
        prompt_tokens: row.prompt_tokens,
        completion_tokens: row.completion_tokens,
        cost_micros: row.cost_micros,
        mean_latency_ms: row.mean_latency_ms,
        failures: row.failures,
    }
}
