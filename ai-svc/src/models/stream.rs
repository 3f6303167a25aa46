//! Answers that are passed on while a model writes them.

use futures::{StreamExt as _, stream::BoxStream};

use tokio::time::Instant;
use tracing::Instrument as _;

use super::{Asker, Bill, LEAST_TIME, Link, Models, NoAnswer, Permit, turn};
use crate::providers::{Event, Events, Failure, Prompt, Usage, estimated_tokens};

/// A piece of an answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Piece {
    Delta(String),
    /// The model has ended; nothing follows.
    End {
        model: String,
        usage: Usage,
        /// Whether it stopped by itself, and not at the limit of tokens.
        is_whole: bool,
    },
}

/// The pieces of one answer; a failure is the last of them.
pub type Pieces = BoxStream<'static, Result<Piece, Failure>>;

impl Models {
    /// Asks for an answer in pieces. Once a model has begun to write, no other one is asked.
    pub async fn stream(&self, asker: Asker<'_>, prompt: &Prompt) -> Result<Pieces, NoAnswer> {
        let order = self.order(asker).await?;
        let until = self.until(asker, prompt);
        let mut waiting = order.as_slice();
        while let [link, others @ ..] = waiting {
            waiting = others;
            match self.begin_one(link, asker, turn(until, others), prompt).await {
                Ok(pieces) => return Ok(pieces),
                Err(failure) => tracing::warn!(
                    provider = link.provider.name(),
                    class = failure.class(),
                    "model did not begin to write"
                ),
            }
        }
        Err(NoAnswer::ProviderFailed)
    }

    /// Lets one model begin, again while its failures may pass.
    async fn begin_one(
        &self,
        link: &Link,
        asker: Asker<'_>,
        until: Instant,
        prompt: &Prompt,
    ) -> Result<Pieces, Failure> {
        let mut calls = 0;
        loop {
            if until.saturating_duration_since(Instant::now()) < LEAST_TIME {
                return Err(Failure::Timeout);
            }
            let permit = link.circuit.admit().ok_or(Failure::Resting)?;
            let bill = self.open_bill(link, asker, prompt);
            let beginning = begin(link, prompt).instrument(link.span(asker.feature));
            let begun = tokio::time::timeout_at(until, beginning).await;
            let failure = match begun.unwrap_or(Err(Failure::Timeout)) {
                Ok((first, events)) => {
                    let most = self.total_timeout + prompt.extra_time(link.provider.max_tokens());
                    let until = Instant::now() + most;
                    return Ok(pieces(link, permit, bill, until, first, events));
                }
                Err(failure) => failure,
            };
            permit.failed(&failure);
            bill.settle(Some(&failure));
            calls += 1;
            self.wait(calls, failure, until).await?;
        }
    }
}

/// Waits until a model writes, so that another one can still be asked when it does not.
async fn begin(link: &Link, prompt: &Prompt) -> Result<(Event, Events), Failure> {
    let mut events = link.provider.stream(prompt).await?;
    let first = events.next().await.ok_or(Failure::InvalidAnswer("empty"))??;
    Ok((first, events))
}

fn pieces(
    link: &Link,
    mut permit: Permit,
    bill: Bill,
    until: Instant,
    first: Event,
    events: Events,
) -> Pieces {
    permit.begun();
    let mut writing = Writing {
        events,
        until,
        bill: Some(bill),
        permit: Some(permit),
        model: link.provider.model().to_owned(),
        counted: false,
        is_whole: true,
    };
    let first = writing.note(first);
    let rest = futures::stream::unfold(writing, |mut writing| async {
        let next = writing.next().await?;
        Some((next, writing))
    });
    futures::stream::iter(first.map(Ok)).chain(rest).boxed()
}

struct Writing {
    events: Events,
    /// When the model has to have ended.
    until: Instant,
    bill: Option<Bill>,
    permit: Option<Permit>,
    model: String,
    /// Whether the provider said how many tokens the call took.
    counted: bool,
    is_whole: bool,
}

impl Writing {
    async fn next(&mut self) -> Option<Result<Piece, Failure>> {
        loop {
            let bill = self.bill.as_ref()?;
            let next = tokio::time::timeout_at(self.until, self.events.next()).await;
            match next.unwrap_or(Some(Err(Failure::Timeout))) {
                Some(Ok(event)) => {
                    if let Some(piece) = self.note(event) {
                        return Some(Ok(piece));
                    }
                }
                Some(Err(failure)) => {
                    self.close(Some(&failure));
                    return Some(Err(failure));
                }
                None => {
                    let usage = bill.usage();
                    self.close(None);
                    let model = std::mem::take(&mut self.model);
                    return Some(Ok(Piece::End { model, usage, is_whole: self.is_whole }));
                }
            }
        }
    }

    /// Counts an event and returns what is passed on of it.
    fn note(&mut self, event: Event) -> Option<Piece> {
        let bill = self.bill.as_mut()?;
        match event {
            Event::Delta(text) => {
                if !self.counted {
                    bill.wrote(estimated_tokens(&text));
                }
                Some(Piece::Delta(text))
            }
            Event::Usage(usage) => {
                self.counted = true;
                bill.used(usage);
                None
            }
            Event::CutOff => {
                self.is_whole = false;
                None
            }
        }
    }

    fn close(&mut self, failure: Option<&Failure>) {
        if let Some(permit) = self.permit.take() {
            match failure {
                Some(failure) => permit.failed(failure),
                None => permit.succeeded(),
            }
        }
        if let Some(bill) = self.bill.take() {
            bill.settle(failure);
        }
    }
}
