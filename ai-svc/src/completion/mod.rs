//! Free text from a model; there are no rules that could write it instead.

use std::{sync::Arc, time::Duration};

use kit::{
    caller::Caller,
    error::{Classify, Kind},
};
use tokio::time::Instant;

use crate::{
    ledger::Payer,
    mask::mask,
    measure,
    models::{Accept, Asked, Asker, Keeping, Models, NoAnswer, Pieces, Unusable},
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

/// A text that a model wrote.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Written {
    pub text: String,
    /// Whether the model stopped by itself, and not at the limit of tokens.
    pub is_whole: bool,
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
        mut prompt: Prompt,
        until: Option<Instant>,
        keeping: Keeping,
    ) -> Result<Asked<Written>, NoModel> {
        hide(&mut prompt);
        let asker = Asker { payer: Payer::from(caller), feature, until, keeping };
        let schema = prompt.schema.clone();
        let accept: Accept<_> = Arc::new(move |answer: &_| accept(answer, schema.as_deref()));
        let answer = self.models.ask(asker, prompt, accept).await;
        Ok(answer.inspect_err(|why| measure::unanswered(*why))?)
    }

    /// Asks for a text in pieces.
    pub async fn stream(
        &self,
        caller: &Caller,
        feature: &str,
        mut prompt: Prompt,
        until: Option<Instant>,
    ) -> Result<Pieces, NoModel> {
        hide(&mut prompt);
        let keeping = Keeping::Elsewhere;
        let asker = Asker { payer: Payer::from(caller), feature, until, keeping };
        let pieces = self.models.stream(asker, &prompt).await;
        Ok(pieces.inspect_err(|why| measure::unanswered(*why))?)
    }
}

/// Takes addresses and numbers of people out of what a model gets to read.
fn hide(prompt: &mut Prompt) {
    prompt.system = mask(&prompt.system);
    for message in &mut prompt.messages {
        message.content = mask(&message.content);
    }
}

fn accept(answer: &Answer, schema: Option<&Schema>) -> Result<Written, Unusable> {
    if answer.text.trim().is_empty() {
        return Err(Unusable("it is empty".to_owned()));
    }
    let Some(schema) = schema else {
        return Ok(Written { text: answer.text.clone(), is_whole: answer.is_whole });
    };
    let value = Schema::read(&answer.text).filter(|value| schema.accepts(value));
    let value = value.ok_or_else(|| Unusable("it does not fit the JSON schema".to_owned()))?;
    Ok(Written { text: value.to_string(), is_whole: true })
}
