//! The index of meanings: an embedder in front of an engine.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use kit::{
    caller::Caller,
    db::DbError,
    error::{Classify, Kind},
};
use tracing::Instrument as _;

use super::{Collection, Engine, Hit, Point, Search, Target, VectorError};
use crate::{
    embed::{self, EmbedError, Embedder},
    ledger::{Ledger, Payer, Price, Room},
    measure,
    models::{Bill, Circuit},
    providers::{Failure, Usage, estimated_tokens},
};

/// Says why the index did not do what it was asked for.
#[derive(Debug, thiserror::Error)]
pub enum IndexError {
    #[error(transparent)]
    Vector(#[from] VectorError),
    #[error(transparent)]
    Embed(#[from] EmbedError),
    #[error("the budget of this month is spent")]
    BudgetSpent,
    #[error("an item belongs to another organization")]
    OtherOrganization,
    #[error("budget cannot be read")]
    Store(#[from] DbError),
}

impl Classify for IndexError {
    fn kind(&self) -> Kind {
        match self {
            Self::Vector(error) => error.kind(),
            Self::Embed(error) => error.kind(),
            Self::BudgetSpent => Kind::Exhausted,
            Self::OtherOrganization => Kind::Forbidden,
            Self::Store(error) => error.kind(),
        }
    }

    fn reason(&self) -> &'static str {
        match self {
            Self::Vector(error) => error.reason(),
            Self::Embed(error) => error.reason(),
            Self::BudgetSpent => "BUDGET_SPENT",
            Self::OtherOrganization => "OTHER_ORGANIZATION",
            Self::Store(error) => error.reason(),
        }
    }

    fn inner(&self) -> Option<&dyn Classify> {
        match self {
            Self::Vector(error) => Some(error),
            Self::Embed(error) => Some(error),
            Self::Store(error) => Some(error),
            Self::BudgetSpent | Self::OtherOrganization => None,
        }
    }

    fn retry_after(&self) -> Option<Duration> {
        if let Self::BudgetSpent = self {
            // Until next month, or until somebody raises it.
            return Some(Duration::from_mins(15));
        }
        self.inner().and_then(Classify::retry_after)
    }
}

/// A text to index.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Item {
    pub id: String,
    pub owner_id: String,
    pub organization_id: String,
    pub text: String,
}

/// What to look for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Wanted {
    Text(String),
    Item(String),
}

/// Finds texts by meaning.
#[derive(Clone)]
pub struct Index {
    embedder: Arc<dyn Embedder>,
    engine: Arc<dyn Engine>,
    ledger: Ledger,
    /// Of the provider that embeds, if one does.
    circuit: Circuit,
}

/// Failures in a row after which a provider that embeds rests, and for how long.
const FAILURES: u32 = 5;
const REST: Duration = Duration::from_secs(30);

impl Index {
    #[must_use]
    pub fn new(embedder: Arc<dyn Embedder>, engine: Arc<dyn Engine>, ledger: Ledger) -> Self {
        let circuit = Circuit::new(ledger.clock().clone(), FAILURES, REST);
        Self { embedder, engine, ledger, circuit }
    }

    /// Tells whether what embeddings cost is known; budgets bind only then.
    #[must_use]
    pub fn has_price(&self) -> bool {
        self.embedder.bill().is_none_or(|(_, price)| price != Price::default())
    }

    #[must_use]
    pub fn embedder(&self) -> &dyn Embedder {
        &*self.embedder
    }

    #[must_use]
    pub fn engine(&self) -> &dyn Engine {
        &*self.engine
    }

    /// Embeds texts, at most a few hundred.
    pub async fn embed(
        &self,
        caller: &Caller,
        texts: Vec<String>,
    ) -> Result<Vec<Vec<f32>>, IndexError> {
        let (start, count) = (Instant::now(), texts.len());
        let vectors = self.embed_all(caller, texts).await?;
        measure::embedded(self.embedder.model(), count, start.elapsed());
        Ok(vectors)
    }

    async fn embed_all(
        &self,
        caller: &Caller,
        texts: Vec<String>,
    ) -> Result<Vec<Vec<f32>>, IndexError> {
        let Some((provider, price)) = self.embedder.bill() else {
            return Ok(self.embedder.embed(texts).await?.vectors);
        };
        let mut vectors = Vec::with_capacity(texts.len());
        for texts in texts.chunks(embed::BATCH) {
            let standing = self.ledger.standing(caller.organization_id).await?;
            if standing.room() == Room::Spent {
                return Err(IndexError::BudgetSpent);
            }
            vectors.extend(self.embed_billed(caller, texts.to_vec(), provider, price).await?);
        }
        Ok(vectors)
    }

    /// Embeds one batch with a provider and writes down what it cost.
    async fn embed_billed(
        &self,
        caller: &Caller,
        texts: Vec<String>,
        provider: &'static str,
        price: Price,
    ) -> Result<Vec<Vec<f32>>, EmbedError> {
        let permit = self.circuit.admit().ok_or(EmbedError::Provider(Failure::Resting))?;
        let name = (provider, self.embedder.model());
        let tokens = texts.iter().map(|text| estimated_tokens(text)).sum();
        let payer = Payer::from(caller);
        let mut bill = Bill::open(&self.ledger, payer, "embedding", name, price, tokens);
        match self.embedder.embed(texts).await {
            Ok(embedded) => {
                permit.succeeded();
                bill.used(Usage { prompt_tokens: embedded.billed_tokens, completion_tokens: 0 });
                bill.settle(None);
                Ok(embedded.vectors)
            }
            Err(EmbedError::Provider(failure)) => {
                permit.failed(&failure);
                bill.settle(Some(&failure));
                Err(failure.into())
            }
            Err(error) => {
                permit.answered_badly();
                bill.settle(Some(&Failure::InvalidAnswer("no vectors of the right length")));
                Err(error)
            }
        }
    }

    /// Embeds and stores items.
    pub async fn add(
        &self,
        caller: &Caller,
        collection: Collection,
        items: Vec<Item>,
    ) -> Result<(), IndexError> {
        if items.is_empty() {
            return Ok(());
        }
        let organization = caller.organization_id.to_string();
        if items.iter().any(|item| item.organization_id != organization) {
            return Err(IndexError::OtherOrganization);
        }
        self.engine.ready().await?;
        let texts = items.iter().map(|item| item.text.clone()).collect();
        let vectors = self.embed(caller, texts).await?;
        let points = items.into_iter().zip(vectors).map(|(item, vector)| Point {
            item_id: item.id,
            owner_id: item.owner_id,
            organization_id: item.organization_id,
            vector,
        });
        let store = self.store(collection);
        let upsert = self.engine.upsert(&store, points.collect());
        Ok(self.timed("upsert", upsert).await?)
    }

    /// Forgets items of the caller's organization.
    pub async fn remove(
        &self,
        caller: &Caller,
        collection: Collection,
        ids: Vec<String>,
    ) -> Result<(), IndexError> {
        if ids.is_empty() {
            return Ok(());
        }
        let (store, organization) = (self.store(collection), caller.organization_id.to_string());
        let delete = self.engine.delete(&store, ids, &organization);
        Ok(self.timed("delete", delete).await?)
    }

    /// Finds the items of `owner_ids` that are nearest to what is wanted.
    pub async fn search(
        &self,
        caller: &Caller,
        collection: Collection,
        wanted: Wanted,
        owner_ids: Vec<String>,
        (limit, min_score): (usize, f32),
    ) -> Result<Vec<Hit>, IndexError> {
        let target = match wanted {
            Wanted::Item(id) => Target::Item(id),
            Wanted::Text(text) => {
                let mut vectors = self.embed(caller, vec![text]).await?;
                Target::Vector(vectors.pop().unwrap_or_default())
            }
        };
        let search = Search {
            target,
            owner_ids,
            organization_id: caller.organization_id.to_string(),
            limit,
            min_score,
        };
        let store = self.store(collection);
        Ok(self.timed("search", self.engine.search(&store, search)).await?)
    }

    async fn timed<F: Future>(&self, operation: &'static str, work: F) -> F::Output {
        let (engine, start) = (self.engine.name(), Instant::now());
        let span = tracing::info_span!("vectors", otel.kind = "client", engine, operation);
        let output = work.instrument(span).await;
        measure::searched(engine, operation, start.elapsed());
        output
    }

    fn store(&self, collection: Collection) -> String {
        collection.of_model(self.embedder.model(), self.embedder.dimension())
    }
}
