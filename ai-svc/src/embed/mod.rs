//! Turns texts into vectors whose nearness is likeness.

mod lexical;
mod minilm;
mod remote;

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use kit::error::{Classify, Kind};

pub use lexical::Lexical;
pub use minilm::MiniLm;
pub use remote::Remote;

use crate::{
    config::EmbeddingConfig,
    ledger::Price,
    providers::{Failure, Http},
};

/// Says why texts could not be embedded.
#[derive(Debug, thiserror::Error)]
pub enum EmbedError {
    #[error("embedding model does not run: {0}")]
    Model(String),
    #[error("embedding model has too much to do")]
    Busy,
    #[error("embedding provider failed")]
    Provider(#[from] Failure),
    #[error("embedding provider returned {actual} dimensions and not {expected}")]
    Dimension { expected: usize, actual: usize },
}

impl Classify for EmbedError {
    fn kind(&self) -> Kind {
        match self {
            Self::Model(_) | Self::Dimension { .. } => Kind::Internal,
            Self::Busy | Self::Provider(_) => Kind::Unavailable,
        }
    }

    fn reason(&self) -> &'static str {
        match self {
            Self::Model(_) => "INTERNAL",
            Self::Dimension { .. } => "EMBEDDING_DIMENSION",
            Self::Busy => "EMBEDDING_BUSY",
            Self::Provider(_) => "EMBEDDING_UNAVAILABLE",
        }
    }

    fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::Provider(failure) => failure.retry_after(),
            Self::Busy => Some(Duration::from_secs(5)),
            Self::Model(_) | Self::Dimension { .. } => None,
        }
    }
}

/// Vectors of some texts.
#[derive(Clone, Debug, PartialEq)]
pub struct Embedded {
    /// In the order of the texts, each of length 1.
    pub vectors: Vec<Vec<f32>>,
    /// Tokens that a provider will bill.
    pub billed_tokens: u32,
}

/// Embeds texts.
#[async_trait]
pub trait Embedder: Send + Sync + 'static {
    /// Returns the name of the model; vectors of different models cannot be compared.
    fn model(&self) -> &str;

    /// Returns the length of the vectors in numbers.
    fn dimension(&self) -> usize;

    /// Returns who bills for it and at what price, if anybody does.
    fn bill(&self) -> Option<(&'static str, Price)> {
        None
    }

    /// Embeds texts, at most a few hundred.
    async fn embed(&self, texts: Vec<String>) -> Result<Embedded, EmbedError>;
}

/// Makes the embedder that `config` describes. Weights are read when they are first needed.
///
/// # Errors
///
/// Fails when the files of a local model are missing or a key cannot be sent.
pub fn build(http: &Http, config: &EmbeddingConfig) -> anyhow::Result<Arc<dyn Embedder>> {
    Ok(match config {
        EmbeddingConfig::Local { folder, concurrency } => {
            Arc::new(MiniLm::open(folder, *concurrency)?)
        }
        EmbeddingConfig::Remote(remote) => Arc::new(Remote::new(http, remote)?),
        EmbeddingConfig::Lexical => Arc::new(Lexical),
    })
}

/// Brings a vector to length 1; a vector without direction stays as it is.
fn normalise(vector: &mut [f32]) {
    let length = vector.iter().map(|x| x * x).sum::<f32>().sqrt();
    if length > f32::EPSILON {
        for x in vector {
            *x /= length;
        }
    }
}
