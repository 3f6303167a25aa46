//! Keeps vectors and finds the nearest, in this process or in a Qdrant server.

mod embedded;
mod index;
mod qdrant;

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use kit::error::{Classify, Kind};
use sha2::{Digest as _, Sha256};
use uuid::Uuid;

pub use embedded::Embedded;
pub use index::{Index, IndexError, Item, Wanted};
pub use qdrant::QdrantServer;

use crate::{config::EngineConfig, embed::Embedder};

/// Payload fields of a point.
mod field {
    pub const ITEM: &str = "item_id";
    pub const OWNER: &str = "owner_id";
    pub const ORGANIZATION: &str = "organization_id";
}

/// What is indexed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Collection {
    Contents,
    Questions,
    Mistakes,
}

impl Collection {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Contents, Self::Questions, Self::Mistakes];

    /// Returns the stable name.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Contents => "contents",
            Self::Questions => "questions",
            Self::Mistakes => "mistakes",
        }
    }

    /// Returns the name under which vectors of one model are kept: vectors of another model, or of
    /// another length, never get into the same store.
    #[must_use]
    pub fn of_model(self, model: &str, dimension: usize) -> String {
        let plain = |c: char| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '-' };
        let model: String = model.chars().map(plain).collect();
        format!("{}--{model}--{dimension}", self.as_str())
    }
}

/// One vector and whose it is.
#[derive(Clone, Debug, PartialEq)]
pub struct Point {
    pub item_id: String,
    pub owner_id: String,
    pub organization_id: String,
    pub vector: Vec<f32>,
}

/// What to be near to.
#[derive(Clone, Debug, PartialEq)]
pub enum Target {
    Vector(Vec<f32>),
    /// An item that is there; it is not found itself.
    Item(String),
}

/// Which points count.
#[derive(Clone, Debug, PartialEq)]
pub struct Search {
    pub target: Target,
    pub owner_ids: Vec<String>,
    /// Points of other organizations are not there for this search.
    pub organization_id: String,
    pub limit: usize,
    /// Cosine similarity from which on a point counts.
    pub min_score: f32,
}

/// A point that was found.
#[derive(Clone, Debug, PartialEq)]
pub struct Hit {
    pub item_id: String,
    pub owner_id: String,
    /// Cosine similarity.
    pub score: f32,
}

/// Says why vectors could not be kept or found.
#[derive(Debug, thiserror::Error)]
pub enum VectorError {
    #[error("item {0} is not in the index")]
    NotIndexed(String),
    #[error("vector server is away: {0}")]
    Unavailable(String),
    #[error("vector engine failed: {0}")]
    Engine(String),
}

impl Classify for VectorError {
    fn kind(&self) -> Kind {
        match self {
            Self::NotIndexed(_) => Kind::NotFound,
            Self::Unavailable(_) => Kind::Unavailable,
            Self::Engine(_) => Kind::Internal,
        }
    }

    fn reason(&self) -> &'static str {
        match self {
            Self::NotIndexed(_) => "ITEM_NOT_INDEXED",
            Self::Unavailable(_) => "VECTORS_UNAVAILABLE",
            Self::Engine(_) => "INTERNAL",
        }
    }

    fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::Unavailable(_) => Some(Duration::from_secs(2)),
            Self::NotIndexed(_) | Self::Engine(_) => None,
        }
    }
}

/// Keeps vectors in stores that are made when they are first written to.
#[async_trait]
pub trait Engine: Send + Sync + 'static {
    /// Returns `embedded` or `qdrant`.
    fn name(&self) -> &'static str;

    /// Stores points; one with the id of another takes its place.
    async fn upsert(&self, store: &str, points: Vec<Point>) -> Result<(), VectorError>;

    /// Forgets points of an organization; unknown ids are no error.
    async fn delete(
        &self,
        store: &str,
        item_ids: Vec<String>,
        organization_id: &str,
    ) -> Result<(), VectorError>;

    /// Finds the nearest points, the best first.
    async fn search(&self, store: &str, search: Search) -> Result<Vec<Hit>, VectorError>;

    /// Lists the stores and how many points each has.
    async fn counts(&self) -> Result<Vec<(String, u64)>, VectorError>;

    /// Tells whether the engine works.
    async fn healthy(&self) -> bool;

    /// Fails when points could not be stored now, so that no embedding is made in vain.
    async fn ready(&self) -> Result<(), VectorError> {
        Ok(())
    }

    /// Ends in good order.
    async fn close(&self) {}
}

/// Opens the engine that `config` describes, for vectors of `embedder`.
///
/// # Errors
///
/// Fails when the folder belongs to another process, or the configured dimension is wrong.
pub fn open(config: &EngineConfig, embedder: &dyn Embedder) -> anyhow::Result<Arc<dyn Engine>> {
    let dimension = embedder.dimension();
    Ok(match config {
        EngineConfig::Embedded { folder } => Arc::new(Embedded::open(folder, dimension)?),
        EngineConfig::Qdrant { url, key, expected_dimension } => {
            if let Some(expected) = expected_dimension.filter(|expected| *expected != dimension) {
                anyhow::bail!(
                    "QDRANT_VECTOR_SIZE is {expected}, and {} makes vectors of {dimension}; set \
                     QDRANT_VECTOR_SIZE={dimension} or leave it out, or choose another embedding \
                     model by EMBEDDING_PROVIDER, EMBEDDING_MODEL and EMBEDDING_DIM",
                    embedder.model(),
                );
            }
            Arc::new(QdrantServer::new(url, key.as_ref(), dimension)?)
        }
    })
}

/// Returns the id of a point: that of its item if it is a UUID, else one made from it.
fn point_id(item_id: &str) -> Uuid {
    if let Ok(id) = Uuid::try_parse(item_id) {
        return id;
    }
    let hash = Sha256::digest(item_id.as_bytes());
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&hash[..16]);
    uuid::Builder::from_custom_bytes(bytes).into_uuid()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stores_of_different_models_differ() {
        let mini = Collection::Mistakes.of_model("all-MiniLM-L6-v2", 384);
        assert_eq!(mini, "mistakes--all-minilm-l6-v2--384");
        assert_ne!(mini, Collection::Mistakes.of_model("lexical-hash-384", 384));
        assert_eq!(Collection::Contents.of_model("../a b", 3), "contents-----a-b--3");
    }

    #[test]
    fn any_text_can_be_an_id() {
        let id = Uuid::now_v7();
        assert_eq!(point_id(&id.to_string()), id);
        assert_eq!(point_id("a"), point_id("a"));
        assert_ne!(point_id("a"), point_id("b"));
    }
}
