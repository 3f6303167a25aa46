//! Language models behind one trait, whoever runs them.

mod anthropic;
mod failure;
mod http;
mod openai;
mod schema;
mod sse;

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use futures::stream::BoxStream;
use serde_json::Value;

pub use anthropic::Anthropic;
pub use failure::Failure;
pub use http::Http;
pub use openai::OpenAi;
pub(crate) use openai::authorization;
pub use schema::Schema;

use crate::config::{LlmConfig, ProviderConfig, ProviderKind};

/// What a model is asked.
#[derive(Clone, Debug)]
pub struct Prompt {
    pub system: String,
    pub messages: Vec<Message>,
    /// 0 means the configured maximum.
    pub max_tokens: u32,
    pub temperature: Option<f32>,
    /// Form that the answer must have; free text without one.
    pub schema: Option<Arc<Schema>>,
}

/// One turn of a conversation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    pub speaker: Speaker,
    pub content: String,
}

/// Whose turn it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Speaker {
    User,
    Assistant,
}

impl Speaker {
    /// Returns the word for it in requests.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::User => "user",
            Self::Assistant => "assistant",
        }
    }
}

/// Tokens that any model writes within the time that a call may take anyway.
const QUICK_TOKENS: u32 = 1_000;
/// Time that a slow model may take for each token beyond them.
const TIME_PER_TOKEN: Duration = Duration::from_millis(20);

impl Prompt {
    /// Returns how many tokens an answer may have when the model may write `most`.
    #[must_use]
    pub fn limit(&self, most: u32) -> u32 {
        match self.max_tokens {
            0 => most,
            asked => asked.min(most),
        }
    }

    /// Returns how long a call may take beyond the usual time, because its answer may be long.
    #[must_use]
    pub fn extra_time(&self, most: u32) -> Duration {
        TIME_PER_TOKEN * self.limit(most).saturating_sub(QUICK_TOKENS)
    }

    /// Guesses how many tokens the prompt has, for a provider that does not say.
    #[must_use]
    pub fn estimated_tokens(&self) -> u32 {
        let messages: u32 = self.messages.iter().map(|m| estimated_tokens(&m.content)).sum();
        estimated_tokens(&self.system).saturating_add(messages)
    }
}

/// Guesses how many tokens a text has: a Chinese character is about one, English a quarter.
#[must_use]
pub fn estimated_tokens(text: &str) -> u32 {
    let wide = text.chars().filter(|c| !c.is_ascii()).count();
    let narrow = text.len().saturating_sub(wide * 3);
    u32::try_from(wide + narrow.div_ceil(4)).unwrap_or(u32::MAX)
}

/// Tokens that a call took.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Usage {
    pub prompt_tokens: u32,
    pub completion_tokens: u32,
}

/// What a model answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    pub text: String,
    /// Absent when the provider does not say.
    pub usage: Option<Usage>,
    /// Whether the model stopped by itself, and not at the limit of tokens.
    pub is_whole: bool,
}

/// A piece of an answer that is being written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    Delta(String),
    Usage(Usage),
    /// The model stopped at the limit of tokens: what it wrote is not whole.
    CutOff,
}

/// The pieces of an answer as they come.
pub type Events = BoxStream<'static, Result<Event, Failure>>;

/// A model that can be asked.
#[async_trait]
pub trait Provider: Send + Sync + 'static {
    /// Returns the name of the interface: `openai` or `anthropic`.
    fn name(&self) -> &'static str;

    /// Returns the name of the model.
    fn model(&self) -> &str;

    /// Returns how many tokens an answer can have.
    fn max_tokens(&self) -> u32;

    /// Asks for a whole answer.
    async fn complete(&self, prompt: &Prompt) -> Result<Answer, Failure>;

    /// Asks for an answer in pieces.
    async fn stream(&self, prompt: &Prompt) -> Result<Events, Failure>;
}

/// Makes the provider that `config` describes.
///
/// # Errors
///
/// Fails when a key cannot be sent in a header.
pub fn build(
    http: &Http,
    llm: &LlmConfig,
    config: &ProviderConfig,
) -> anyhow::Result<Arc<dyn Provider>> {
    Ok(match config.kind {
        ProviderKind::OpenAi => Arc::new(OpenAi::new(http, llm.call_timeout, config)?),
        ProviderKind::Anthropic => Arc::new(Anthropic::new(http, llm.call_timeout, config)?),
    })
}

/// Reads a number of tokens out of an answer.
fn tokens(value: &Value) -> Option<u32> {
    value.as_u64().map(|number| u32::try_from(number).unwrap_or(u32::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_answers_get_more_time() {
        let prompt = |max_tokens| Prompt {
            system: String::new(),
            messages: Vec::new(),
            max_tokens,
            temperature: None,
            schema: None,
        };
        assert_eq!(prompt(500).extra_time(4_096), Duration::ZERO);
        assert_eq!(prompt(8_000).extra_time(4_000), Duration::from_mins(1));
        assert_eq!(prompt(0).extra_time(2_000), Duration::from_secs(20));
    }

    #[test]
    fn tokens_are_guessed_for_both_scripts() {
        assert_eq!(estimated_tokens("abcdefgh"), 2);
        assert_eq!(estimated_tokens("过去完成时"), 5);
        assert_eq!(estimated_tokens(""), 0);
    }
}
