//! A whole ai-svc in this process, over a database and a folder of its own.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use ai_svc::{
    analysis::Analyst,
    completion::Writer,
    config::{LlmConfig, ProviderConfig, ProviderKind},
    embed::{Embedder as _, Lexical},
    ledger::{Ledger, Money, Price},
    models::Models,
    providers::Http,
    rules,
    server::{AnalysisServer, CompletionServer, StatusServer, TextServer, VectorServer},
    store,
    text::Reader,
    vectors::{Embedded, Engine, Index},
};
use chrono::Utc;
use kit::{
    clock::Frozen,
    testing::{self, TestDb},
};
use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;
use wiremock::{Mock, MockServer, ResponseTemplate, matchers::method};

pub struct Service {
    pub db: TestDb,
    pub clock: Arc<Frozen>,
    pub ledger: Ledger,
    pub models: Models,
    pub analysis: AnalysisServer,
    pub text: TextServer,
    pub completion: CompletionServer,
    pub status: StatusServer,
    pub vector: VectorServer,
    /// Ends the process.
    pub stop: CancellationToken,
    _folder: Option<Folder>,
}

/// A folder that goes with the test.
pub struct Folder(pub PathBuf);

impl Folder {
    pub fn new() -> Self {
        Self(std::env::temp_dir().join(format!("ai-{}", Uuid::now_v7())))
    }

    pub fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

impl Service {
    /// Starts without a model.
    pub async fn without_model() -> Self {
        Self::new(Vec::new()).await
    }

    /// Starts with one model of a scripted server.
    pub async fn with(server: &MockServer) -> Self {
        Self::new(vec![openai(&server.uri())]).await
    }

    pub async fn new(providers: Vec<ProviderConfig>) -> Self {
        Self::configured(llm(providers)).await
    }

    pub async fn configured(llm: LlmConfig) -> Self {
        let folder = Folder::new();
        let engine = Arc::new(Embedded::open(folder.path(), Lexical.dimension()).unwrap());
        Self { _folder: Some(folder), ..Self::start(llm, engine).await }
    }

    /// Starts without a model, over an engine for the vectors of [`Lexical`].
    pub async fn over(engine: Arc<dyn Engine>) -> Self {
        Self::start(llm(Vec::new()), engine).await
    }

    async fn start(llm: LlmConfig, engine: Arc<dyn Engine>) -> Self {
        let db = testing::database("ai", store::migrations()).await;
        let clock = Arc::new(Frozen::new(Utc::now()));
        let ledger = Ledger::new(db.pool.clone(), clock.clone(), Money(0));
        let cache = testing::redis().await;
        let models = Models::new(&Http::new().unwrap(), &llm, ledger.clone(), cache).unwrap();
        let index = Index::new(Arc::new(Lexical), engine, ledger.clone());
        let rules = Arc::new(rules::Engine::new());
        let stop = CancellationToken::new();
        Self {
            analysis: AnalysisServer::new(Analyst::new(models.clone(), rules.clone())),
            text: TextServer::new(Reader::new(models.clone(), rules)),
            completion: CompletionServer::new(Writer::new(models.clone()), stop.clone()),
            status: StatusServer::new(
                models.clone(),
                index.clone(),
                ledger.clone(),
                "CNY".to_owned(),
            ),
            vector: VectorServer::new(index),
            stop,
            db,
            clock,
            ledger,
            models,
            _folder: None,
        }
    }

    /// Reads the ledger once everything is written: feature, model, outcome, tokens, cost.
    pub async fn calls(&self) -> Vec<(String, String, String, i64, i64)> {
        self.ledger.writes().close();
        self.ledger.writes().wait().await;
        self.ledger.writes().reopen();
        let db = self.db.pool.get().await.unwrap();
        let select =
            "SELECT feature, model, outcome, prompt_tokens + completion_tokens, cost_micros
                      FROM model_calls ORDER BY id";
        let rows = db.query(select, &[]).await.unwrap();
        rows.iter().map(|r| (r.get(0), r.get(1), r.get(2), r.get(3), r.get(4))).collect()
    }

    pub async fn outcomes(&self) -> Vec<String> {
        self.calls().await.into_iter().map(|call| call.2).collect()
    }
}

pub fn llm(providers: Vec<ProviderConfig>) -> LlmConfig {
    LlmConfig {
        providers,
        call_timeout: Duration::from_millis(600),
        total_timeout: Duration::from_secs(5),
        attempts: 2,
        failures_before_rest: 3,
        rest: Duration::from_secs(30),
        answer_ttl: Duration::ZERO,
        currency: "CNY".to_owned(),
        monthly_budget: Money(0),
    }
}

pub fn openai(url: &str) -> ProviderConfig {
    ProviderConfig {
        kind: ProviderKind::OpenAi,
        base_url: format!("{url}/v1"),
        key: Some("sk-test".to_owned().into()),
        model: "gpt-test".to_owned(),
        max_tokens: 1_000,
        temperature: 0.7,
        price: Price { prompt: Money(1_000_000), completion: Money(2_000_000) },
        is_small: false,
    }
}

pub fn anthropic(url: &str) -> ProviderConfig {
    ProviderConfig {
        kind: ProviderKind::Anthropic,
        base_url: url.to_owned(),
        model: "claude-test".to_owned(),
        ..openai(url)
    }
}

/// Answers every request with `text`, as a chat completion of 100 and 50 tokens.
pub async fn says(server: &MockServer, text: &str) {
    Mock::given(method("POST")).respond_with(chat(text)).mount(server).await;
}

pub fn chat(text: &str) -> ResponseTemplate {
    ResponseTemplate::new(200).set_body_json(json!({
        "choices": [{"message": {"content": text}, "finish_reason": "stop"}],
        "usage": {"prompt_tokens": 100, "completion_tokens": 50},
    }))
}

pub async fn fails(server: &MockServer, status: u16) {
    let answer = ResponseTemplate::new(status).set_body_json(json!({"error": "no"}));
    Mock::given(method("POST")).respond_with(answer).mount(server).await;
}

/// Returns the bodies that were sent to a server.
pub async fn bodies(server: &MockServer) -> Vec<Value> {
    let requests = server.received_requests().await.unwrap();
    requests.iter().map(|request| request.body_json().unwrap()).collect()
}
