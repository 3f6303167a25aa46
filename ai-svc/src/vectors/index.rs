//! The index of meanings: an embedder in front of an engine.

use std::{sync::Arc, time::Duration};

use kit::{
    caller::Caller,
    db::DbError,
    error::{Classify, Kind},
};
use uuid::Uuid;

use super::{Collection, Engine, Hit, Point, Search, Target, VectorError};
use crate::{
    embed::{EmbedError, Embedder},
    ledger::{Entry, Ledger, Payer, Room},
    providers::Usage,
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
    #[error("budget cannot be read")]
    Store(#[from] DbError),
}

impl Classify for IndexError {
    fn kind(&self) -> Kind {
        match self {
            Self::Vector(error) => error.kind(),
            Self::Embed(error) => error.kind(),
            Self::BudgetSpent => Kind::Exhausted,
            Self::Store(error) => error.kind(),
        }
    }

    fn reason(&self) -> &'static str {
        match self {
            Self::Vector(error) => error.reason(),
            Self::Embed(error) => error.reason(),
            Self::BudgetSpent => "BUDGET_SPENT",
            Self::Store(error) => error.reason(),
        }
    }

    fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::Vector(error) => error.retry_after(),
            Self::Embed(error) => error.retry_after(),
            Self::BudgetSpent => None,
            Self::Store(error) => error.retry_after(),
        }
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
}

impl Index {
    #[must_use]
    pub fn new(embedder: Arc<dyn Embedder>, engine: Arc<dyn Engine>, ledger: Ledger) -> Self {
        Self { embedder, engine, ledger }
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
        let Some((provider, price)) = self.embedder.bill() else {
            return Ok(self.embedder.embed(texts).await?.vectors);
        };
        let standing = self.ledger.standing(caller.organization_id).await?;
        if standing.room() == Room::Spent {
            return Err(IndexError::BudgetSpent);
        }
        let called_at = self.ledger.clock().now();
        let start = std::time::Instant::now();
        let embedded = self.embedder.embed(texts).await;
        let prompt_tokens = embedded.as_ref().map_or(0, |embedded| embedded.billed_tokens);
        let usage = Usage { prompt_tokens, completion_tokens: 0 };
        let outcome = match &embedded {
            Ok(_) => "ok",
            Err(EmbedError::Provider(failure)) => failure.class(),
            Err(EmbedError::Dimension { .. }) => "invalid_answer",
            Err(EmbedError::Model(_) | EmbedError::Busy) => "server_error",
        };
        self.ledger.record_later(Entry {
            id: Uuid::now_v7(),
            called_at,
            payer: Payer::from(caller),
            feature: "embedding".to_owned(),
            provider,
            model: self.embedder.model().to_owned(),
            usage,
            cost_micros: price.of(usage).0,
            latency: start.elapsed(),
            outcome,
        });
        Ok(embedded?.vectors)
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
        self.engine.ready().await?;
        let texts = items.iter().map(|item| item.text.clone()).collect();
        let vectors = self.embed(caller, texts).await?;
        let points = items.into_iter().zip(vectors).map(|(item, vector)| Point {
            item_id: item.id,
            owner_id: item.owner_id,
            organization_id: item.organization_id,
            vector,
        });
        Ok(self.engine.upsert(&self.store(collection), points.collect()).await?)
    }

    /// Forgets items.
    pub async fn remove(&self, collection: Collection, ids: Vec<String>) -> Result<(), IndexError> {
        if ids.is_empty() {
            return Ok(());
        }
        Ok(self.engine.delete(&self.store(collection), ids).await?)
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
        Ok(self.engine.search(&self.store(collection), search).await?)
    }

    fn store(&self, collection: Collection) -> String {
        collection.of_model(self.embedder.model(), self.embedder.dimension())
    }
}
