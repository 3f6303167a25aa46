//! Turns texts into vectors whose nearness is likeness.

mod lexical;
mod minilm;
mod remote;

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use kit::error::{Chain, Classify, Kind};

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
            Self::Model(_) => Kind::Internal,
            Self::Provider(failure) if failure.is_about_the_request() => Kind::Invalid,
            // A wrong setting passes once its operator mends it: what is to be embedded waits.
            Self::Dimension { .. } | Self::Busy | Self::Provider(_) => Kind::Unavailable,
        }
    }

    fn reason(&self) -> &'static str {
        match self {
            Self::Model(_) => "INTERNAL",
            Self::Dimension { .. } => "EMBEDDING_DIMENSION",
            Self::Busy => "EMBEDDING_BUSY",
            Self::Provider(failure) if failure.is_about_the_request() => "EMBEDDING_REFUSED",
            Self::Provider(_) => "EMBEDDING_UNAVAILABLE",
        }
    }

    fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::Provider(failure) => failure.retry_after(),
            Self::Busy => Some(Duration::from_secs(5)),
            Self::Dimension { .. } => Some(Duration::from_mins(5)),
            Self::Model(_) => None,
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

    /// Embeds texts, at most a few hundred, or [`BATCH`] where somebody bills for it.
    async fn embed(&self, texts: Vec<String>) -> Result<Embedded, EmbedError>;
}

/// Texts that go into one request to a provider.
pub const BATCH: usize = 64;
/// How long a start waits for a provider that embeds.
const PROBE_LIMIT: Duration = Duration::from_secs(5);

/// Embeds one word with a provider, to see at once whether its vectors are as long as is set.
///
/// # Errors
///
/// Fails when they are not; a provider that does not answer is no error, it may later.
pub async fn probe(embedder: &dyn Embedder) -> anyhow::Result<()> {
    if embedder.bill().is_none() {
        return Ok(());
    }
    let word = embedder.embed(vec!["word".to_owned()]);
    match tokio::time::timeout(PROBE_LIMIT, word).await {
        Ok(Ok(_)) => Ok(()),
        Ok(Err(EmbedError::Dimension { expected, actual })) => anyhow::bail!(
            "EMBEDDING_DIM is {expected}, and {} makes vectors of {actual}; set EMBEDDING_DIM={actual}",
            embedder.model()
        ),
        Ok(Err(error)) => {
            tracing::warn!(error = %Chain(&error), model = embedder.model(), "embedding provider does not answer");
            Ok(())
        }
        Err(_) => {
            tracing::warn!(model = embedder.model(), "embedding provider does not answer in time");
            Ok(())
        }
    }
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
