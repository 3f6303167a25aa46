//! Answers that need not be paid for twice.

use std::{fmt::Write as _, time::Duration};

use kit::redis::Cache;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use crate::{
    ledger::Payer,
    providers::{Answer, Prompt},
};

/// Keeps accepted answers to prompts with a schema: what is right about a mistake today is right
/// tomorrow. Free text is written anew each time. Organizations never share answers.
#[derive(Clone)]
pub(super) struct KeptAnswers {
    cache: Cache,
    /// 0 keeps nothing.
    ttl: Duration,
}

/// An answer as it is kept.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Kept {
    text: String,
    pub model: String,
}

impl Kept {
    /// Returns what the model answered.
    pub fn into_answer(self) -> Answer {
        Answer { text: self.text, usage: None, is_whole: true }
    }
}

impl KeptAnswers {
    pub fn new(cache: Cache, ttl: Duration) -> Self {
        Self { cache, ttl }
    }

    /// Returns where the answer of `models` to `prompt` is kept; `None` when it is not.
    pub fn key(&self, payer: Payer, prompt: &Prompt, models: &str) -> Option<String> {
        let schema = prompt.schema.as_ref().filter(|_| !self.ttl.is_zero())?;
        let mut digest = Sha256::new();
        let mut part = |text: &str| {
            // With its length, so that no two prompts flow into the same text.
            digest.update(text.len().to_le_bytes());
            digest.update(text);
        };
        part(models);
        part(&prompt.system);
        part(&schema.value.to_string());
        part(&format!("{} {:?}", prompt.max_tokens, prompt.temperature));
        for message in &prompt.messages {
            part(message.speaker.as_str());
            part(&message.content);
        }
        let mut key = format!("ai_answer:{}:", payer.organization_id);
        for byte in digest.finalize() {
            let _ = write!(key, "{byte:02x}");
        }
        Some(key)
    }

    pub async fn find(&self, key: &str) -> Option<Kept> {
        self.cache.get("ai_answers", key).await
    }

    pub async fn keep(&self, key: &str, text: String, model: &str) {
        self.cache.put(key, &Kept { text, model: model.to_owned() }, self.ttl).await;
    }
}
