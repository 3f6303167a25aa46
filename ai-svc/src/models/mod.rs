//! Asks models in order until one gives a usable answer.

mod bill;
mod circuit;
mod kept;
mod pace;
mod stream;

use std::{sync::Arc, time::Duration};

use tokio::time::Instant;
use tracing::Instrument as _;

pub(crate) use bill::Bill;
pub use circuit::{Circuit, Permit, Snapshot, State};
pub use kept::KeptAnswers;
use kit::{error::Chain, redis::Cache};
use pace::{LEAST_TIME, pause};
pub use stream::{Piece, Pieces};

use crate::{
    config::{LlmConfig, ProviderConfig},
    ledger::{Ledger, Payer, Price, Room},
    providers::{
        self, Answer, Failure, Http, Message, Prompt, Provider, Speaker, Usage, estimated_tokens,
    },
    workers,
};

/// Says why no model answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoAnswer {
    #[error("no model is configured")]
    NoProvider,
    #[error("the budget of this month is spent")]
    BudgetSpent,
    #[error("no model gave a usable answer")]
    ProviderFailed,
    #[error("the ledger cannot be read")]
    LedgerUnavailable,
}

impl NoAnswer {
    /// Returns the stable name of the reason.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::NoProvider => "no_provider",
            Self::BudgetSpent => "budget_spent",
            Self::ProviderFailed => "provider_failed",
            Self::LedgerUnavailable => "ledger_unavailable",
        }
    }
}

/// Who asks, what for, and until when.
#[derive(Clone, Copy, Debug)]
pub struct Asker<'a> {
    pub payer: Payer,
    /// Names the line in the ledger.
    pub feature: &'a str,
    /// When the one who asked stops waiting, if they do.
    pub until: Option<Instant>,
    pub keeping: Keeping,
}

/// What is done with answers in a form, which would be the same another time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Keeping {
    /// One that is kept will do.
    Usual,
    /// One that is kept will not do; the new one takes its place.
    Anew,
    /// Whoever asks keeps the parts of the answer themselves.
    Elsewhere,
}

/// A usable answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asked<T> {
    pub value: T,
    pub model: String,
    pub usage: Usage,
}

/// Says what is wrong with an answer, in words that a model can mend it by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unusable(pub String);

/// Reads an answer. Runs beside other work: reading may take long.
pub type Accept<T> = Arc<dyn Fn(&Answer) -> Result<T, Unusable> + Send + Sync>;

struct Link {
    provider: Arc<dyn Provider>,
    circuit: Circuit,
    price: Price,
    is_small: bool,
}

/// What is known of one model.
#[derive(Clone, Debug)]
pub struct ModelState {
    pub provider: &'static str,
    pub model: String,
    pub circuit: Snapshot,
}

/// All models, in the order in which they are asked.
#[derive(Clone)]
pub struct Models {
    links: Arc<[Link]>,
    /// All providers and models, in order.
    names: Arc<str>,
    kept: KeptAnswers,
    ledger: Ledger,
    attempts: u32,
    total_timeout: Duration,
}

impl Models {
    /// Makes the models that `config` lists.
    ///
    /// # Errors
    ///
    /// Fails when a key cannot be sent.
    pub fn new(
        http: &Http,
        config: &LlmConfig,
        ledger: Ledger,
        cache: Cache,
    ) -> anyhow::Result<Self> {
        let links = config.providers.iter().map(|provider| {
            let clock = ledger.clock().clone();
            Ok(Link {
                provider: providers::build(http, config, provider)?,
                circuit: Circuit::new(clock, config.failures_before_rest, config.rest),
                price: provider.price,
                is_small: provider.is_small,
            })
        });
        let name = |provider: &ProviderConfig| format!("{} {}", provider.base_url, provider.model);
        let names: Vec<_> = config.providers.iter().map(name).collect();
        Ok(Self {
            names: names.join("\n").into(),
            kept: KeptAnswers::new(cache, config.answer_ttl),
            links: links.collect::<anyhow::Result<_>>()?,
            ledger,
            attempts: config.attempts,
            total_timeout: config.total_timeout,
        })
    }

    /// Returns the answers that are kept.
    #[must_use]
    pub fn kept(&self) -> &KeptAnswers {
        &self.kept
    }

    /// Returns all providers and models, in order; a kept answer is one of theirs.
    #[must_use]
    pub fn names(&self) -> &str {
        &self.names
    }

    /// Returns how many tokens an answer can have, whichever model writes it.
    #[must_use]
    pub fn max_tokens(&self) -> u32 {
        self.links.iter().map(|link| link.provider.max_tokens()).min().unwrap_or_default()
    }

    /// Tells whether everything that models write has a price; budgets bind only then.
    #[must_use]
    pub fn have_prices(&self) -> bool {
        self.links.iter().all(|link| link.price != Price::default())
    }

    /// Tells whether a model can be asked now.
    #[must_use]
    pub fn can_answer(&self) -> bool {
        self.links.iter().any(|link| link.circuit.would_admit())
    }

    /// Says what is known of every model.
    #[must_use]
    pub fn states(&self) -> Vec<ModelState> {
        let state = |link: &Link| ModelState {
            provider: link.provider.name(),
            model: link.provider.model().to_owned(),
            circuit: link.circuit.snapshot(),
        };
        self.links.iter().map(state).collect()
    }

    /// Asks until an answer is accepted.
    ///
    /// An answer that `accept` refuses is sent back once with the reason; then the next model is
    /// asked. An accepted answer to the same prompt with a schema is given again for some time.
    pub async fn ask<T: Send + 'static>(
        &self,
        who: Asker<'_>,
        prompt: Prompt,
        accept: Accept<T>,
    ) -> Result<Asked<T>, NoAnswer> {
        if self.links.is_empty() {
            return Err(NoAnswer::NoProvider);
        }
        let keeps = who.keeping != Keeping::Elsewhere;
        let key = self.kept.key(who.payer, &prompt, &self.names).filter(|_| keeps);
        if who.keeping == Keeping::Usual
            && let Some(key) = &key
            && let Some(kept) = self.kept.find(key).await
        {
            let model = kept.model.clone();
            if let (Ok(value), _) = read(&accept, kept.into_answer()).await {
                return Ok(Asked { value, model, usage: Usage::default() });
            }
        }
        let order = self.order(who).await?;
        let until = self.until(who, &prompt);
        let mut waiting = order.as_slice();
        while let [link, others @ ..] = waiting {
            waiting = others;
            match self.ask_one(link, who, turn(until, others), &prompt, &accept).await {
                Ok((asked, text)) => {
                    if let Some(key) = &key {
                        self.kept.keep(key, text, &asked.model).await;
                    }
                    return Ok(asked);
                }
                Err(failure) => tracing::warn!(
                    provider = link.provider.name(),
                    model = link.provider.model(),
                    feature = who.feature,
                    error = %failure,
                    class = failure.class(),
                    "model gave no usable answer"
                ),
            }
        }
        Err(NoAnswer::ProviderFailed)
    }

    /// Asks one model, again while its failures may pass, and once to mend its answer; returns
    /// also what it wrote.
    async fn ask_one<T: Send + 'static>(
        &self,
        link: &Link,
        who: Asker<'_>,
        until: Instant,
        prompt: &Prompt,
        accept: &Accept<T>,
    ) -> Result<(Asked<T>, String), Failure> {
        let mut prompt = prompt.clone();
        let mut pauses = 0;
        let mut was_mended = false;
        loop {
            let left = until.saturating_duration_since(Instant::now());
            if left < LEAST_TIME {
                return Err(Failure::Timeout);
            }
            let permit = link.circuit.admit().ok_or(Failure::Resting)?;
            let mut bill = self.open_bill(link, who, &prompt);
            let call = link.provider.complete(&prompt).instrument(link.span(who.feature));
            let called = tokio::time::timeout(left, call).await;
            let failure = match called.unwrap_or(Err(Failure::Timeout)) {
                Ok(answer) => {
                    let usage = answer.usage.unwrap_or_else(|| estimated(&prompt, &answer.text));
                    bill.used(usage);
                    let (why, answer) = match read(accept, answer).await {
                        (Ok(value), answer) => {
                            permit.succeeded();
                            bill.settle(None);
                            let model = link.provider.model().to_owned();
                            return Ok((Asked { value, model, usage }, answer.text));
                        }
                        (Err(Unusable(why)), answer) => (why, answer),
                    };
                    let failure = Failure::InvalidAnswer("not what was asked for");
                    permit.answered_badly();
                    bill.settle(Some(&failure));
                    // A longer prompt leaves no more room for an answer that had too little.
                    if was_mended || !answer.is_whole {
                        return Err(failure);
                    }
                    was_mended = true;
                    add_repair(&mut prompt, answer.text, &why);
                    continue;
                }
                Err(failure) => failure,
            };
            permit.failed(&failure);
            bill.settle(Some(&failure));
            pauses += 1;
            self.wait(pauses, failure, until).await?;
        }
    }

    /// Waits before call number `calls + 1` of the same model, if there is to be one.
    async fn wait(&self, calls: u32, failure: Failure, until: Instant) -> Result<(), Failure> {
        let pause = pause(calls, &failure);
        if !failure.may_pass() || calls >= self.attempts || Instant::now() + pause >= until {
            return Err(failure);
        }
        tokio::time::sleep(pause).await;
        Ok(())
    }

    /// Returns the models to ask, as far as there are any and the budget allows.
    async fn order(&self, asker: Asker<'_>) -> Result<Vec<&Link>, NoAnswer> {
        if self.links.is_empty() {
            return Err(NoAnswer::NoProvider);
        }
        let standing = self.ledger.standing(asker.payer.organization_id).await;
        let standing = standing.map_err(|error| {
            tracing::warn!(error = %Chain(&error), "budget cannot be read, so no model is asked");
            NoAnswer::LedgerUnavailable
        })?;
        let mut order: Vec<&Link> = self.links.iter().collect();
        match standing.room() {
            Room::Ample => {}
            Room::Tight => order.sort_by_key(|link| !link.is_small),
            Room::Spent => return Err(NoAnswer::BudgetSpent),
        }
        Ok(order)
    }

    fn until(&self, asker: Asker<'_>, prompt: &Prompt) -> Instant {
        let extra = self.links.iter().map(|link| prompt.extra_time(link.provider.max_tokens()));
        let until = Instant::now() + self.total_timeout + extra.max().unwrap_or_default();
        asker.until.map_or(until, |asked| asked.min(until))
    }

    fn open_bill(&self, link: &Link, asker: Asker<'_>, prompt: &Prompt) -> Bill {
        let name = (link.provider.name(), link.provider.model());
        let tokens = prompt.estimated_tokens();
        Bill::open(&self.ledger, asker.payer, asker.feature, name, link.price, tokens)
    }
}

/// Returns until when a model is asked before `others`, as far as those can be asked at all.
fn turn(until: Instant, others: &[&Link]) -> Instant {
    let now = Instant::now();
    let others = others.iter().filter(|link| link.circuit.would_admit()).count();
    now + pace::turn(until.saturating_duration_since(now), others)
}

impl Link {
    fn span(&self, feature: &str) -> tracing::Span {
        let (provider, model) = (self.provider.name(), self.provider.model());
        tracing::info_span!("model", otel.kind = "client", provider, model, feature)
    }
}

/// Reads an answer on a thread of its own, and gives it back.
async fn read<T: Send + 'static>(
    accept: &Accept<T>,
    answer: Answer,
) -> (Result<T, Unusable>, Answer) {
    let (accept, of) = (accept.clone(), answer.clone());
    let read = workers::run(move || accept(&of)).await;
    (read.unwrap_or_else(|_| Err(Unusable("it cannot be read".to_owned()))), answer)
}

fn estimated(prompt: &Prompt, text: &str) -> Usage {
    Usage { prompt_tokens: prompt.estimated_tokens(), completion_tokens: estimated_tokens(text) }
}

fn add_repair(prompt: &mut Prompt, answer: String, why: &str) {
    let again = format!("That answer cannot be used: {why}. Answer again, with nothing else.");
    if !answer.trim().is_empty() {
        prompt.messages.push(Message { speaker: Speaker::Assistant, content: answer });
    }
    prompt.messages.push(Message { speaker: Speaker::User, content: again });
}
