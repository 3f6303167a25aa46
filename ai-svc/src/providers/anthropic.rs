//! Messages of Anthropic.

use std::time::Duration;

use anyhow::Context as _;
use async_trait::async_trait;
use reqwest::{
    Response,
    header::{HeaderMap, HeaderValue},
};
use secrecy::ExposeSecret as _;
use serde_json::{Value, json};

use super::{
    Answer, Event, Events, Failure, Http, Prompt, Provider, Usage,
    http::{Decoded, checked, events, read, send},
    tokens,
};
use crate::config::ProviderConfig;

const API_VERSION: &str = "2023-06-01";

/// A model behind Anthropic's interface.
pub struct Anthropic {
    http: Http,
    url: String,
    headers: HeaderMap,
    model: String,
    max_tokens: u32,
    temperature: f32,
    timeout: Duration,
}

impl Anthropic {
    /// Makes the provider; a call takes at most `timeout`.
    ///
    /// # Errors
    ///
    /// Fails when the key cannot be sent in a header.
    pub fn new(http: &Http, timeout: Duration, config: &ProviderConfig) -> anyhow::Result<Self> {
        let mut headers = HeaderMap::new();
        headers.insert("anthropic-version", HeaderValue::from_static(API_VERSION));
        if let Some(key) = &config.key {
            let mut value = HeaderValue::from_str(key.expose_secret())
                .context("ANTHROPIC_API_KEY is not a key")?;
            value.set_sensitive(true);
            headers.insert("x-api-key", value);
        }
        let base = config.base_url.trim_end_matches("/v1");
        Ok(Self {
            http: http.clone(),
            url: format!("{base}/v1/messages"),
            headers,
            model: config.model.clone(),
            max_tokens: config.max_tokens,
            temperature: config.temperature.min(1.0),
            timeout,
        })
    }

    fn body(&self, prompt: &Prompt, stream: bool) -> Value {
        let turns = prompt.messages.iter();
        let turns = turns.map(|m| json!({"role": m.speaker.as_str(), "content": m.content}));
        let limit = prompt.limit(self.max_tokens);
        let mut body = json!({
            "model": self.model,
            "messages": turns.collect::<Vec<_>>(),
            "max_tokens": limit,
            "temperature": prompt.temperature.map_or(self.temperature, |asked| asked.min(1.0)),
        });
        if !prompt.system.is_empty() {
            body["system"] = prompt.system.as_str().into();
        }
        if let Some(schema) = &prompt.schema {
            // The form of an answer is that of a tool's input.
            body["tools"] = json!([{
                "name": schema.name,
                "description": "Takes the answer.",
                "input_schema": schema.value,
            }]);
            body["tool_choice"] = json!({"type": "tool", "name": schema.name});
        }
        if stream {
            body["stream"] = true.into();
        }
        body
    }

    async fn send(&self, prompt: &Prompt, stream: bool) -> Result<Response, Failure> {
        let limit = self.timeout + prompt.extra_time(self.max_tokens);
        let mut request = self.http.post(&self.url, &self.headers, &self.body(prompt, stream));
        if !stream {
            request = request.timeout(limit);
        }
        let response = tokio::time::timeout(limit, send(request)).await;
        checked(response.map_err(|_| Failure::Timeout)??)
    }
}

#[async_trait]
impl Provider for Anthropic {
    fn name(&self) -> &'static str {
        "anthropic"
    }

    fn model(&self) -> &str {
        &self.model
    }

    fn max_tokens(&self) -> u32 {
        self.max_tokens
    }

    async fn complete(&self, prompt: &Prompt) -> Result<Answer, Failure> {
        let response = self.send(prompt, false).await?;
        let body = read(response).await?;
        let body: Value =
            serde_json::from_slice(&body).map_err(|_| Failure::InvalidAnswer("no JSON"))?;
        let blocks = body["content"].as_array().ok_or(Failure::InvalidAnswer("no text"))?;
        let text: String = blocks
            .iter()
            .filter_map(|block| match block["type"].as_str()? {
                "text" if prompt.schema.is_none() => block["text"].as_str().map(str::to_owned),
                "tool_use" => Some(block["input"].to_string()),
                _ => None,
            })
            .collect();
        let usage = tokens(&body["usage"]["input_tokens"]).map(|prompt_tokens| Usage {
            prompt_tokens,
            completion_tokens: tokens(&body["usage"]["output_tokens"]).unwrap_or_default(),
        });
        Ok(Answer { text, usage, is_whole: body["stop_reason"] != "max_tokens" })
    }

    async fn stream(&self, prompt: &Prompt) -> Result<Events, Failure> {
        let response = self.send(prompt, true).await?;
        let mut usage = Usage::default();
        Ok(events(response, self.timeout, move |message| decode(message, &mut usage)))
    }
}

fn decode(message: &str, usage: &mut Usage) -> Result<Decoded, Failure> {
    let message: Value =
        serde_json::from_str(message).map_err(|_| Failure::InvalidAnswer("no JSON"))?;
    let mut decoded = Decoded::default();
    match message["type"].as_str().unwrap_or_default() {
        "message_start" => {
            let started = &message["message"]["usage"]["input_tokens"];
            usage.prompt_tokens = tokens(started).unwrap_or_default();
        }
        "content_block_delta" => {
            let delta = &message["delta"];
            let text = delta["text"].as_str().or_else(|| delta["partial_json"].as_str());
            let text = text.filter(|text| !text.is_empty());
            decoded.events.extend(text.map(|text| Event::Delta(text.to_owned())));
        }
        "message_delta" => {
            let written = tokens(&message["usage"]["output_tokens"]);
            usage.completion_tokens = written.unwrap_or(usage.completion_tokens);
            decoded.events.push(Event::Usage(*usage));
            if message["delta"]["stop_reason"] == "max_tokens" {
                decoded.events.push(Event::CutOff);
            }
        }
        "message_stop" => decoded.is_last = true,
        "error" => {
            return Err(match message["error"]["type"].as_str() {
                Some("rate_limit_error") => Failure::RateLimited { retry_after: None },
                Some("authentication_error" | "permission_error") => Failure::Unauthorized,
                Some("timeout_error") => Failure::Timeout,
                Some(_) | None => Failure::ServerError { status: 529, retry_after: None },
            });
        }
        _ => {}
    }
    Ok(decoded)
}
