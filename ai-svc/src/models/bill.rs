//! One call of a model, from its start to its line in the ledger.

use std::time::Instant;

use crate::{
    ledger::{Entry, Ledger, Payer, Price},
    providers::{Failure, Usage},
};

/// A call that will be written down exactly once, even when nobody waits for it any more.
pub(crate) struct Bill {
    ledger: Ledger,
    price: Price,
    started: Instant,
    entry: Option<Entry>,
}

impl Bill {
    /// Starts the clock of a call whose prompt has about `prompt_tokens`.
    pub(crate) fn open(
        ledger: &Ledger,
        payer: Payer,
        feature: &str,
        (provider, model): (&'static str, &str),
        price: Price,
        prompt_tokens: u32,
    ) -> Self {
        let entry = Entry {
            id: ledger.clock().new_id(),
            called_at: ledger.clock().now(),
            payer,
            feature: feature.to_owned(),
            provider,
            model: model.to_owned(),
            usage: Usage { prompt_tokens, completion_tokens: 0 },
            cost_micros: 0,
            latency: std::time::Duration::ZERO,
            outcome: "cancelled",
        };
        let ledger = ledger.clone();
        Self { ledger, price, started: Instant::now(), entry: Some(entry) }
    }

    /// Notes what the call took so far.
    pub(crate) fn used(&mut self, usage: Usage) {
        if let Some(entry) = &mut self.entry {
            entry.usage = usage;
        }
    }

    /// Adds to what the model has written so far, for a provider that does not count.
    pub(crate) fn wrote(&mut self, tokens: u32) {
        if let Some(entry) = &mut self.entry {
            entry.usage.completion_tokens = entry.usage.completion_tokens.saturating_add(tokens);
        }
    }

    /// Returns what the call took so far.
    pub(crate) fn usage(&self) -> Usage {
        self.entry.as_ref().map(|entry| entry.usage).unwrap_or_default()
    }

    /// Ends the call. It is written down in the background: nobody waits for the ledger, and a
    /// ledger that is away does not spoil the answer.
    pub(crate) fn settle(mut self, failure: Option<&Failure>) {
        self.close(failure.map_or("ok", Failure::class));
    }

    fn close(&mut self, outcome: &'static str) {
        let Some(mut entry) = self.entry.take() else {
            return;
        };
        // A call that the provider refused costs nothing.
        if !matches!(outcome, "ok" | "cancelled" | "invalid_answer" | "timeout") {
            entry.usage = Usage::default();
        }
        entry.cost_micros = self.price.of(entry.usage).0;
        entry.latency = self.started.elapsed();
        entry.outcome = outcome;
        self.ledger.record_later(entry);
    }
}

impl Drop for Bill {
    fn drop(&mut self) {
        self.close("cancelled");
    }
}
