//! ai-svc's own cost over a provider that answers at once.

use std::time::Duration;

use anyhow::Context as _;
use axum::{Json, Router, body::Body, extract::State, response::IntoResponse, routing::post};
use futures::StreamExt as _;
use kit::{
    caller::{Caller, Role},
    grpc::{self, ChannelConfig},
};
use launcher::{Service, System};
use proto::ai::v1::{
    ChatMessage, CompleteRequest, completion_service_client::CompletionServiceClient,
};
use serde_json::{Value, json};
use tokio::net::TcpListener;
use uuid::Uuid;

use crate::{
    report::{Budget, Report},
    sample::{Sample, alternate, ms},
};

const LINE: &str = r#"data: {"id":"1","object":"chat.completion.chunk","created":1,"model":"instant","choices":[{"index":0,"delta":{"content":"Well "},"finish_reason":null}]}"#;
const LAST: &str = r#"data: {"id":"1","object":"chat.completion.chunk","created":1,"model":"instant","choices":[{"index":0,"delta":{},"finish_reason":"stop"}],"usage":{"prompt_tokens":9,"completion_tokens":3,"total_tokens":12}}"#;

/// A server that speaks the protocol of OpenAI and thinks about nothing.
pub struct Provider {
    /// Base address, with `/v1`.
    pub url: String,
}

impl Provider {
    /// Starts it.
    pub async fn start() -> anyhow::Result<Self> {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
        let url = format!("http://{}/v1", listener.local_addr()?);
        let router = Router::new().route("/v1/chat/completions", post(answer)).with_state(());
        tokio::spawn(async move { axum::serve(listener, router).await });
        Ok(Self { url })
    }
}

async fn answer(State(()): State<()>, Json(request): Json<Value>) -> axum::response::Response {
    if request["stream"] == true {
        let text = format!("{LINE}\n\n{LINE}\n\n{LAST}\n\ndata: [DONE]\n\n");
        return ([("content-type", "text/event-stream")], Body::from(text)).into_response();
    }
    Json(json!({
        "id": "1", "object": "chat.completion", "created": 1, "model": "instant",
        "choices": [{
            "index": 0, "finish_reason": "stop",
            "message": { "role": "assistant", "content": "Well done." },
        }],
        "usage": { "prompt_tokens": 9, "completion_tokens": 3, "total_tokens": 12 },
    }))
    .into_response()
}

/// Calls the provider directly and through ai-svc in turn.
pub async fn measure(
    report: &mut Report,
    system: &System,
    provider: &Provider,
) -> anyhow::Result<()> {
    let environment = system.environment(Service::Ai);
    let secret = environment.pairs().iter().rev().find(|(name, _)| name == "JWT_SECRET_KEY");
    let (_, secret) = secret.context("no secret")?;
    let mut env = kit::config::Env::from_pairs([
        ("APP_ENV", "development"),
        ("JWT_SECRET_KEY", secret.as_str()),
    ]);
    let common = kit::config::Common::read(&mut env, kit::config::Service::named("gateway"));
    let key = env.finish_with(common)?.caller_key;
    let url = format!("http://127.0.0.1:{}", system.ports().ai);
    let channel = grpc::channel(&url, ChannelConfig::default(), key)?;
    let caller = Caller {
        user_id: Uuid::now_v7(),
        role: Role::Teacher,
        organization_id: Uuid::now_v7(),
        request_id: "bench".to_owned(),
    };
    let client = reqwest::Client::new();
    let chat = format!("{}/chat/completions", provider.url);
    // Each question is another one, so that no cache answers.
    let fresh = || format!("Say something kind. {}", Uuid::now_v7());
    let direct = |stream: bool| {
        let body = json!({
            "model": "instant", "stream": stream,
            "messages": [{ "role": "user", "content": fresh() }],
        });
        let request = client.post(&chat).json(&body);
        async move {
            let mut response = request.send().await?.error_for_status()?;
            if stream {
                response.chunk().await?;
            } else {
                response.bytes().await?;
            }
            Ok(())
        }
    };
    let message = || CompleteRequest {
        feature: "bench".to_owned(),
        messages: vec![ChatMessage { role: "user".to_owned(), content: fresh() }],
        ..Default::default()
    };
    let whole = || {
        let mut client = CompletionServiceClient::new(channel.clone());
        let (message, caller) = (message(), caller.clone());
        async move {
            kit::caller::scope(caller, client.complete(message)).await?;
            Ok(())
        }
    };
    let first_token = || {
        let mut client = CompletionServiceClient::new(channel.clone());
        let (message, caller) = (message(), caller.clone());
        async move {
            let stream = kit::caller::scope(caller, client.stream_complete(message)).await?;
            let mut stream = stream.into_inner();
            stream.next().await.context("no event")??;
            Ok(())
        }
    };
    let (through, alone) = alternate(1_000, whole, || direct(false)).await?;
    add(report, "an answer: ai-svc's own cost, p99", &through, &alone);
    let (through, alone) = alternate(1_000, first_token, || direct(true)).await?;
    add(report, "the first token of a stream: ai-svc's own cost, p99", &through, &alone);
    Ok(())
}

fn add(report: &mut Report, what: &str, through: &Sample, alone: &Sample) {
    let own = through.p99().saturating_sub(alone.p99());
    let typical = through.p50().saturating_sub(alone.p50());
    report.add(
        what,
        format!("{} (p50 {})", ms(own), ms(typical)),
        format!("the provider alone {}", ms(alone.p99())),
        Budget {
            text: "1 ms",
            holds: own < Duration::from_millis(1),
            why: "a difference of two p99 on shared processors holds the scheduler's delays; p50 is the typical cost",
        },
    );
}
