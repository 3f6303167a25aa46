//! A scripted model behind OpenAI's protocol: it corrects one sentence and knows nothing else.

use std::sync::{Arc, Mutex, PoisonError};

use axum::{Router, extract::State, http::HeaderMap, response::IntoResponse, routing::post};
use reqwest::header::CONTENT_TYPE;
use serde_json::{Value, json};
use tokio::net::TcpListener;

/// What it can correct.
pub const SENTENCE: &str = "She go to school every day with her brother.";
const CORRECTED: &str = "She goes to school every day with her brother.";
/// The key that it is asked with.
pub const KEY: &str = "sk-scripted-0123456789abcdef";

type Seen = Arc<Mutex<Vec<HeaderMap>>>;

/// A running model.
#[derive(Debug)]
pub struct Model {
    url: String,
    seen: Seen,
}

impl Model {
    /// Starts to answer.
    ///
    /// # Errors
    ///
    /// Fails when there is no port.
    pub async fn start() -> anyhow::Result<Self> {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
        let url = format!("http://{}/v1", listener.local_addr()?);
        let seen = Seen::default();
        let routes = Router::new().route("/v1/chat/completions", post(answer));
        let routes = routes.with_state(seen.clone());
        tokio::spawn(async move { axum::serve(listener, routes).await });
        Ok(Self { url, seen })
    }

    /// Returns the variables that make ai-svc ask it, at a price.
    #[must_use]
    pub fn variables(&self) -> [(&str, &str); 5] {
        [
            ("OPENAI_BASE_URL", &self.url),
            ("OPENAI_API_KEY", KEY),
            ("OPENAI_MODEL", "scripted"),
            ("OPENAI_PRICE_PROMPT", "10"),
            ("OPENAI_PRICE_COMPLETION", "30"),
        ]
    }

    /// Returns the headers of the requests for a correction so far.
    #[must_use]
    pub fn corrections(&self) -> Vec<HeaderMap> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

async fn answer(State(seen): State<Seen>, headers: HeaderMap, body: String) -> impl IntoResponse {
    let request: Value = serde_json::from_str(&body).unwrap_or_default();
    let last = request["messages"].as_array().and_then(|messages| messages.last());
    let is_known = last.is_some_and(|message| message["content"] == SENTENCE);
    let content = if is_known {
        seen.lock().unwrap_or_else(PoisonError::into_inner).push(headers);
        json!({ "corrected": CORRECTED }).to_string()
    } else {
        "I do not know.".to_owned()
    };
    let answer = json!({
        "choices": [{
            "message": { "role": "assistant", "content": content }, "finish_reason": "stop",
        }],
        "usage": { "prompt_tokens": 100, "completion_tokens": 20 },
    });
    ([(CONTENT_TYPE, "application/json")], answer.to_string())
}
