//! Embeddings of a server that speaks `OpenAI`'s interface.

use std::time::Duration;

use async_trait::async_trait;
use reqwest::header::HeaderMap;
use serde_json::{Value, json};
use tracing::Instrument as _;

use super::{EmbedError, Embedded, Embedder, normalise};
use crate::{
    config::RemoteEmbedding,
    ledger::Price,
    mask::mask,
    providers::{Failure, Http, authorization, estimated_tokens},
};

/// Characters of a text that are sent: what it is about is said by then, and models refuse more than
/// they read, some of them 512 tokens.
const LONGEST_TEXT: usize = 1_500;

/// Embeds with a model of a provider.
pub struct Remote {
    http: Http,
    url: String,
    headers: HeaderMap,
    model: String,
    dimension: usize,
    price: Price,
    timeout: Duration,
}

impl Remote {
    /// Makes the embedder.
    ///
    /// # Errors
    ///
    /// Fails when the key cannot be sent in a header.
    pub fn new(http: &Http, config: &RemoteEmbedding) -> anyhow::Result<Self> {
        Ok(Self {
            http: http.clone(),
            url: format!("{}/embeddings", config.base_url),
            headers: authorization(config.key.as_ref())?,
            model: config.model.clone(),
            dimension: config.dimension,
            price: config.price,
            timeout: config.timeout,
        })
    }

    async fn request(&self, texts: &[String]) -> Result<Embedded, EmbedError> {
        let mut body = json!({"model": self.model, "input": texts});
        if self.model.starts_with("text-embedding-3") {
            // These models shorten their vectors on request.
            body["dimensions"] = self.dimension.into();
        }
        let answer = self.http.json(&self.url, &self.headers, &body, self.timeout).await?;
        let mut vectors = vec![Vec::new(); texts.len()];
        for entry in answer["data"].as_array().into_iter().flatten() {
            let at = entry["index"].as_u64().and_then(|at| usize::try_from(at).ok());
            if let Some(slot) = at.and_then(|at| vectors.get_mut(at)) {
                *slot = read(&entry["embedding"]);
                normalise(slot);
            }
        }
        if vectors.iter().any(Vec::is_empty) {
            return Err(Failure::InvalidAnswer("embeddings are missing").into());
        }
        if let Some(wrong) = vectors.iter().find(|vector| vector.len() != self.dimension) {
            return Err(EmbedError::Dimension { expected: self.dimension, actual: wrong.len() });
        }
        let counted = answer["usage"]["prompt_tokens"].as_u64();
        let billed_tokens = counted.map_or_else(
            || texts.iter().map(|text| estimated_tokens(text)).sum(),
            |tokens| u32::try_from(tokens).unwrap_or(u32::MAX),
        );
        Ok(Embedded { vectors, billed_tokens })
    }
}

#[expect(clippy::cast_possible_truncation, reason = "vectors are kept in single precision")]
fn read(numbers: &Value) -> Vec<f32> {
    let numbers = numbers.as_array().into_iter().flatten();
    numbers.filter_map(Value::as_f64).map(|number| number as f32).collect()
}

#[async_trait]
impl Embedder for Remote {
    fn model(&self) -> &str {
        &self.model
    }

    fn dimension(&self) -> usize {
        self.dimension
    }

    fn bill(&self) -> Option<(&'static str, Price)> {
        Some(("openai", self.price))
    }

    async fn embed(&self, texts: Vec<String>) -> Result<Embedded, EmbedError> {
        let cut = |text: &String| mask(text).chars().take(LONGEST_TEXT).collect();
        let texts: Vec<String> = texts.iter().map(cut).collect();
        let (model, texts_in) = (self.model.as_str(), texts.len());
        let span = tracing::info_span!("embedding", otel.kind = "client", model, texts = texts_in);
        self.request(&texts).instrument(span).await
    }
}
