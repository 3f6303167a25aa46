//! Chat completions of `OpenAI`, and of the many servers that speak the same.

use std::{
    sync::atomic::{AtomicBool, AtomicU8, Ordering},
    time::Duration,
};

use anyhow::Context as _;
use async_trait::async_trait;
use reqwest::{
    Response, StatusCode,
    header::{AUTHORIZATION, HeaderMap, HeaderValue},
};
use secrecy::{ExposeSecret as _, SecretString};
use serde_json::{Value, json};

use super::{
    Answer, Event, Events, Failure, Http, Prompt, Provider, Usage,
    http::{Decoded, checked, events, read, send},
    tokens,
};
use crate::config::ProviderConfig;

/// A model behind `OpenAI`'s interface.
pub struct OpenAi {
    http: Http,
    url: String,
    headers: HeaderMap,
    model: String,
    max_tokens: u32,
    temperature: f32,
    timeout: Duration,
    /// What this server understands of `response_format`: 0 schemas, 1 JSON, 2 nothing.
    format: AtomicU8,
    /// Newer models call the limit `max_completion_tokens`.
    new_limit: AtomicBool,
    /// Models that reason take no other temperature than their own.
    own_temperature: AtomicBool,
    /// Some servers do not know `stream_options`, and so do not count tokens of streams.
    no_stream_options: AtomicBool,
}

impl OpenAi {
    /// Makes the provider; a call takes at most `timeout`.
    ///
    /// # Errors
    ///
    /// Fails when the key cannot be sent in a header.
    pub fn new(http: &Http, timeout: Duration, config: &ProviderConfig) -> anyhow::Result<Self> {
        Ok(Self {
            http: http.clone(),
            url: format!("{}/chat/completions", config.base_url),
            headers: authorization(config.key.as_ref())?,
            model: config.model.clone(),
            max_tokens: config.max_tokens,
            temperature: config.temperature,
            timeout,
            format: AtomicU8::new(0),
            new_limit: AtomicBool::new(false),
            own_temperature: AtomicBool::new(false),
            no_stream_options: AtomicBool::new(false),
        })
    }

    fn body(&self, prompt: &Prompt, stream: bool) -> Value {
        let system = (!prompt.system.is_empty())
            .then(|| json!({"role": "system", "content": prompt.system}));
        let turns = prompt.messages.iter();
        let turns = turns.map(|m| json!({"role": m.speaker.as_str(), "content": m.content}));
        let messages: Vec<Value> = system.into_iter().chain(turns).collect();
        let limit = prompt.limit(self.max_tokens);
        let mut body = json!({
            "model": self.model,
            "messages": messages,
        });
        if !self.own_temperature.load(Ordering::Relaxed) {
            body["temperature"] = prompt.temperature.unwrap_or(self.temperature).into();
        }
        let is_new = self.new_limit.load(Ordering::Relaxed);
        let limit_name = if is_new { "max_completion_tokens" } else { "max_tokens" };
        body[limit_name] = limit.into();
        if let Some(schema) = &prompt.schema {
            match self.format.load(Ordering::Relaxed) {
                0 => {
                    body["response_format"] = json!({
                        "type": "json_schema",
                        "json_schema":
                            {"name": schema.name, "schema": schema.value, "strict": true},
                    });
                }
                1 => body["response_format"] = json!({"type": "json_object"}),
                _ => {}
            }
        }
        if stream {
            body["stream"] = true.into();
            if !self.no_stream_options.load(Ordering::Relaxed) {
                body["stream_options"] = json!({"include_usage": true});
            }
        }
        body
    }

    /// Sends a prompt, with less demanding options if the server refuses the present ones.
    async fn send(&self, prompt: &Prompt, stream: bool) -> Result<Response, Failure> {
        let limit = self.timeout + prompt.extra_time(self.max_tokens);
        loop {
            let body = self.body(prompt, stream);
            let mut request = self.http.post(&self.url, &self.headers, &body);
            if !stream {
                request = request.timeout(limit);
            }
            let response = tokio::time::timeout(limit, send(request)).await;
            let response = response.map_err(|_| Failure::Timeout)??;
            let refused = matches!(
                response.status(),
                StatusCode::BAD_REQUEST | StatusCode::UNPROCESSABLE_ENTITY
            );
            if !refused {
                return checked(response);
            }
            let status = response.status().as_u16();
            let why = tokio::time::timeout(limit, read(response)).await;
            let why = String::from_utf8_lossy(&why.map_err(|_| Failure::Timeout)??).into_owned();
            if !self.lower(&body, &why) {
                return Err(Failure::Refused { status });
            }
        }
    }

    /// Gives up an option that the server refused; tells whether there was one to give up.
    fn lower(&self, body: &Value, why: &str) -> bool {
        if why.contains("max_completion_tokens") && body.get("max_tokens").is_some() {
            self.new_limit.store(true, Ordering::Relaxed);
            return true;
        }
        if why.contains("temperature") && body.get("temperature").is_some() {
            self.own_temperature.store(true, Ordering::Relaxed);
            return true;
        }
        if why.contains("stream_options") && body.get("stream_options").is_some() {
            self.no_stream_options.store(true, Ordering::Relaxed);
            return true;
        }
        let about_format = ["response_format", "json_schema", "schema", "grammar"];
        let refused = match body["response_format"]["type"].as_str() {
            Some("json_schema") => 0,
            Some(_) => 1,
            None => return false,
        };
        if !about_format.iter().any(|s| why.contains(s)) {
            return false;
        }
        // Calls at the same time are refused alike, and give up one form together.
        if self.format.fetch_max(refused + 1, Ordering::Relaxed) <= refused {
            tracing::info!(model = self.model, "server does not take the form of answers");
        }
        true
    }
}

#[async_trait]
impl Provider for OpenAi {
    fn name(&self) -> &'static str {
        "openai"
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
        let choice = &body["choices"][0];
        let text = choice["message"]["content"].as_str();
        let text = text.ok_or(Failure::InvalidAnswer("no text"))?.to_owned();
        let is_whole = choice["finish_reason"] != "length";
        Ok(Answer { text, usage: usage(&body["usage"]), is_whole })
    }

    async fn stream(&self, prompt: &Prompt) -> Result<Events, Failure> {
        let response = self.send(prompt, true).await?;
        Ok(events(response, self.timeout, decode))
    }
}

/// Makes the header that carries the key.
///
/// # Errors
///
/// Fails when the key has characters that no header takes.
pub(crate) fn authorization(key: Option<&SecretString>) -> anyhow::Result<HeaderMap> {
    let mut headers = HeaderMap::new();
    if let Some(key) = key {
        let value = format!("Bearer {}", key.expose_secret());
        let mut value = HeaderValue::from_str(&value).context("OPENAI_API_KEY is not a key")?;
        value.set_sensitive(true);
        headers.insert(AUTHORIZATION, value);
    }
    Ok(headers)
}

fn usage(value: &Value) -> Option<Usage> {
    Some(Usage {
        prompt_tokens: tokens(&value["prompt_tokens"])?,
        completion_tokens: tokens(&value["completion_tokens"]).unwrap_or_default(),
    })
}

fn decode(message: &str) -> Result<Decoded, Failure> {
    if message.trim() == "[DONE]" {
        return Ok(Decoded { events: Vec::new(), is_last: true });
    }
    let message: Value =
        serde_json::from_str(message).map_err(|_| Failure::InvalidAnswer("no JSON"))?;
    if message.get("error").is_some_and(|error| !error.is_null()) {
        return Err(Failure::ServerError { status: 200, retry_after: None });
    }
    let delta = message["choices"][0]["delta"]["content"].as_str();
    let delta = delta.filter(|text| !text.is_empty()).map(|text| Event::Delta(text.to_owned()));
    let cut_off = message["choices"][0]["finish_reason"] == "length";
    let cut_off = cut_off.then_some(Event::CutOff);
    let usage = usage(&message["usage"]).map(Event::Usage);
    let events = delta.into_iter().chain(cut_off).chain(usage).collect();
    Ok(Decoded { events, is_last: false })
}
