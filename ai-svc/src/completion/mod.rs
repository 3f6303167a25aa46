//! Free text from a model; there are no rules that could write it instead.

use std::time::Duration;

use kit::{
    caller::Caller,
    error::{Classify, Kind},
};
use tokio::time::Instant;

use crate::{
    ledger::Payer,
    models::{Asked, Asker, Models, NoAnswer, Pieces, Unusable},
    providers::{Answer, Prompt, Schema},
};

/// Says that no model wrote anything.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct NoModel(#[from] pub NoAnswer);

impl Classify for NoModel {
    fn kind(&self) -> Kind {
        Kind::Unavailable
    }

    fn reason(&self) -> &'static str {
        "NO_MODEL"
    }

    fn retry_after(&self) -> Option<Duration> {
        match self.0 {
            NoAnswer::ProviderFailed | NoAnswer::LedgerUnavailable => Some(Duration::from_secs(10)),
            NoAnswer::NoProvider | NoAnswer::BudgetSpent => Some(Duration::from_hours(1)),
        }
    }
}

/// Lets models write.
#[derive(Clone)]
pub struct Writer {
    models: Models,
}

impl Writer {
    #[must_use]
    pub fn new(models: Models) -> Self {
        Self { models }
    }

    /// Asks for a whole text, in the form of the prompt's schema if it has one.
    pub async fn complete(
        &self,
        caller: &Caller,
        feature: &str,
        prompt: Prompt,
        until: Option<Instant>,
    ) -> Result<Asked<String>, NoModel> {
        let asker = Asker { payer: Payer::from(caller), feature, until, fresh: false };
        let schema = prompt.schema.clone();
        let accept = |answer: &Answer| accept(answer, schema.as_deref());
        Ok(self.models.ask(asker, prompt, accept).await?)
    }

    /// Asks for a text in pieces.
    pub async fn stream(
        &self,
        caller: &Caller,
        feature: &str,
        prompt: &Prompt,
        until: Option<Instant>,
    ) -> Result<Pieces, NoModel> {
        let asker = Asker { payer: Payer::from(caller), feature, until, fresh: false };
        Ok(self.models.stream(asker, prompt).await?)
    }
}

fn accept(answer: &Answer, schema: Option<&Schema>) -> Result<String, Unusable> {
    if answer.text.trim().is_empty() {
        return Err(Unusable("it is empty".to_owned()));
    }
    let Some(schema) = schema else {
        return Ok(answer.text.clone());
    };
    let value = Schema::read(&answer.text).filter(|value| schema.accepts(value));
    let value = value.ok_or_else(|| Unusable("it does not fit the JSON schema".to_owned()))?;
    Ok(value.to_string())
}
