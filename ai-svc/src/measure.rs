//! What ai-svc tells Prometheus.

use std::time::Duration;

use kit::{
    error::Chain,
    telemetry::{
        self,
        Meaning::{self, Counter, Gauge, Histogram},
    },
};
use metrics::Unit;
use tokio_util::sync::CancellationToken;

use crate::{
    ledger::{Entry, Ledger},
    models::{Models, NoAnswer, State},
    origin::Origin,
};

const EVERY: Duration = Duration::from_secs(15);

const MEANINGS: [Meaning; 10] = [
    Counter(
        "ai_answers_total",
        Unit::Count,
        "answers by source (model, rules, none), and why they are not a model's",
    ),
    Counter("ai_calls_total", Unit::Count, "calls of models, by how they ended"),
    Histogram("ai_call_duration_seconds", Unit::Seconds, "time of one call of a model"),
    Counter("ai_tokens_total", Unit::Count, "tokens that were read and written by models"),
    Counter(
        "ai_cost_micros_total",
        Unit::Count,
        "what models cost, in millionths of LLM_CURRENCY, for what they were asked",
    ),
    Gauge(
        "ai_budget_used_ratio",
        Unit::Count,
        "share of its monthly budget that the organization nearest to its end has spent, 1 is all; \
         the same in every process: read it with max()",
    ),
    Gauge("ai_provider_resting", Unit::Count, "1 while a model is not asked after its failures"),
    Histogram(
        "ai_embedding_seconds",
        Unit::Seconds,
        "time to turn the texts of one call to vectors",
    ),
    Counter("ai_embedded_texts_total", Unit::Count, "texts that were turned to vectors"),
    Histogram("ai_vector_seconds", Unit::Seconds, "time of one operation of the vector engine"),
];

/// Says how budgets and models stand, again and again until `stop`.
pub async fn run(ledger: Ledger, models: Models, stop: CancellationToken) {
    telemetry::describe(&MEANINGS);
    while !stop.is_cancelled() {
        for state in models.states() {
            let resting = state.circuit.state != State::Closed;
            let labels = [("provider", state.provider.to_owned()), ("model", state.model)];
            metrics::gauge!("ai_provider_resting", &labels).set(f64::from(u8::from(resting)));
        }
        match ledger.fullest().await {
            Ok(share) => metrics::gauge!("ai_budget_used_ratio").set(share),
            Err(error) => tracing::debug!(error = %Chain(&error), "budgets cannot be read"),
        }
        let _ = tokio::time::timeout(EVERY, stop.cancelled()).await;
    }
}

/// Counts an answer.
pub fn answered(origin: &Origin) {
    match origin {
        Origin::Model(_) => count("model", ""),
        Origin::Rules(why) => count("rules", why),
    }
}

/// Counts a question that only a model could have answered.
pub fn unanswered(why: NoAnswer) {
    count("none", why.as_str());
}

fn count(source: &'static str, reason: &'static str) {
    metrics::counter!("ai_answers_total", "source" => source, "reason" => reason).increment(1);
}

/// Counts one call of a model.
pub fn called(entry: &Entry) {
    let (provider, outcome) = (entry.provider, entry.outcome);
    metrics::counter!("ai_calls_total", "provider" => provider, "outcome" => outcome).increment(1);
    metrics::histogram!("ai_call_duration_seconds", "provider" => provider).record(entry.latency);
    let tokens =
        [("prompt", entry.usage.prompt_tokens), ("completion", entry.usage.completion_tokens)];
    for (kind, tokens) in tokens {
        metrics::counter!("ai_tokens_total", "provider" => provider, "kind" => kind)
            .increment(tokens.into());
    }
    // Models are those of the settings, and what they are asked for is named by our own code.
    let labels = [
        ("provider", provider.to_owned()),
        ("model", entry.model.clone()),
        ("feature", entry.feature.clone()),
    ];
    metrics::counter!("ai_cost_micros_total", &labels).increment(entry.cost_micros);
}

/// Counts texts that were turned to vectors together.
pub fn embedded(model: &str, texts: usize, took: Duration) {
    let model = model.to_owned();
    metrics::counter!("ai_embedded_texts_total", "model" => model.clone()).increment(texts as u64);
    metrics::histogram!("ai_embedding_seconds", "model" => model).record(took);
}

/// Notes how long the vector engine took.
pub fn searched(engine: &'static str, operation: &'static str, took: Duration) {
    metrics::histogram!("ai_vector_seconds", "engine" => engine, "operation" => operation)
        .record(took);
}
