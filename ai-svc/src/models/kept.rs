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
pub struct KeptAnswers {
    cache: Cache,
    /// 0 keeps nothing.
    ttl: Duration,
}

/// An answer as it is kept.
#[derive(Debug, Serialize, Deserialize)]
pub struct Kept {
    pub text: String,
    pub model: String,
}

impl Kept {
    /// Returns what the model answered.
    #[must_use]
    pub fn into_answer(self) -> Answer {
        Answer { text: self.text, usage: None, is_whole: true }
    }
}

impl KeptAnswers {
    #[must_use]
    pub fn new(cache: Cache, ttl: Duration) -> Self {
        Self { cache, ttl }
    }

    /// Returns where the answer of `models` to `prompt` is kept; `None` when it is not.
    pub(super) fn key(&self, payer: Payer, prompt: &Prompt, models: &str) -> Option<String> {
        let schema = prompt.schema.as_ref()?.value.to_string();
        let numbers = format!("{} {:?}", prompt.max_tokens, prompt.temperature);
        let mut parts = vec![models, &prompt.system, &schema, &numbers];
        for message in &prompt.messages {
            parts.extend([message.speaker.as_str(), &message.content]);
        }
        self.key_of(payer, &parts)
    }

    /// Returns where what depends on all of `parts` is kept; `None` when nothing is.
    #[must_use]
    pub fn key_of(&self, payer: Payer, parts: &[&str]) -> Option<String> {
        if self.ttl.is_zero() {
            return None;
        }
        let mut digest = Sha256::new();
        for part in parts {
            // With its length, so that no two lists flow into the same text.
            digest.update(part.len().to_le_bytes());
            digest.update(part);
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
