//! `CompletionService`.

use std::{pin::Pin, sync::Arc, time::Duration};

use futures::{Stream, StreamExt as _, stream};
use kit::{
    caller::Caller,
    error::{Checks, Classify, Invalid, Kind, into_status},
};
use proto::ai::v1::{self as pb, completion_service_server::CompletionService};
use tokio_util::sync::CancellationToken;
use tonic::{Request, Response, Status};

use super::{Reply, deadline, origin};
use crate::{
    completion::{NoModel, Writer},
    models::{Keeping, NoAnswer, Piece, Pieces},
    origin::Origin,
    providers::{Failure, Message, Prompt, Schema, Speaker, Usage},
};

const MAX_CONTENT: usize = 20_000;
const MAX_TOTAL: usize = 100_000;

/// Serves [`CompletionService`].
pub struct CompletionServer {
    writer: Writer,
    stop: CancellationToken,
}

impl CompletionServer {
    /// Serves `writer`; open streams end at `stop`.
    #[must_use]
    pub fn new(writer: Writer, stop: CancellationToken) -> Self {
        Self { writer, stop }
    }
}

#[tonic::async_trait]
impl CompletionService for CompletionServer {
    async fn complete(&self, request: Request<pb::CompleteRequest>) -> Reply<pb::CompleteResponse> {
        let caller = Caller::of(&request)?;
        let until = deadline::until(&request);
        let keeping = if request.get_ref().fresh { Keeping::Anew } else { Keeping::Usual };
        let (feature, prompt) = read(request.into_inner()).map_err(into_status)?;
        let complete = self.writer.complete(&caller, &feature, prompt, until, keeping);
        let asked = Box::pin(complete).await.map_err(into_status)?;
        Ok(Response::new(pb::CompleteResponse {
            text: asked.value.text,
            origin: Some(origin(Origin::Model(asked.model))),
            usage: Some(usage(asked.usage)),
            cut_off: !asked.value.is_whole,
        }))
    }

    type StreamCompleteStream =
        Pin<Box<dyn Stream<Item = Result<pb::CompletionEvent, Status>> + Send>>;

    async fn stream_complete(
        &self,
        request: Request<pb::CompleteRequest>,
    ) -> Reply<Self::StreamCompleteStream> {
        let caller = Caller::of(&request)?;
        let until = deadline::until(&request);
        let (feature, prompt) = read(request.into_inner()).map_err(into_status)?;
        let stream = self.writer.stream(&caller, &feature, prompt, until);
        let pieces = Box::pin(stream).await.map_err(into_status)?;
        Ok(Response::new(events(pieces, self.stop.clone()).boxed()))
    }
}

/// Says that a text breaks off because this process ends.
#[derive(Debug, thiserror::Error)]
#[error("ai-svc ends; ask again")]
struct Ending;

impl Classify for Ending {
    fn kind(&self) -> Kind {
        Kind::Unavailable
    }

    fn reason(&self) -> &'static str {
        "ENDING"
    }

    fn retry_after(&self) -> Option<Duration> {
        Some(Duration::from_secs(1))
    }
}

/// Passes pieces on; an end of the process is an error, lest half a text look whole.
fn events(
    pieces: Pieces,
    stop: CancellationToken,
) -> impl Stream<Item = Result<pb::CompletionEvent, Status>> + Send {
    stream::unfold(Some((pieces, stop)), |state| async {
        let (mut pieces, stop) = state?;
        tokio::select! {
            piece = pieces.next() => Some((event(piece?), Some((pieces, stop)))),
            () = stop.cancelled() => Some((Err(into_status(Ending)), None)),
        }
    })
}

fn event(piece: Result<Piece, Failure>) -> Result<pb::CompletionEvent, Status> {
    match piece {
        Ok(Piece::Delta(delta)) => {
            Ok(pb::CompletionEvent { delta, ..pb::CompletionEvent::default() })
        }
        Ok(Piece::End { model, usage: used, is_whole }) => Ok(pb::CompletionEvent {
            delta: String::new(),
            origin: Some(origin(Origin::Model(model))),
            usage: Some(usage(used)),
            cut_off: !is_whole,
        }),
        Err(failure) => {
            tracing::warn!(class = failure.class(), "model stopped in the middle");
            Err(into_status(NoModel(NoAnswer::ProviderFailed)))
        }
    }
}

fn read(request: pb::CompleteRequest) -> Result<(String, Prompt), Invalid> {
    let pb::CompleteRequest {
        feature, system, messages, max_tokens, temperature, json_schema, ..
    } = request;
    let mut checks = Checks::new();
    checks.text("feature", &feature, 1..=50);
    let plain = feature.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_');
    checks.require(plain, "feature", "FORM", "has other characters than a to z, 0 to 9 and _");
    checks.multiline("system", &system, 0..=MAX_CONTENT);
    checks.range("messages", messages.len(), 1..=100);
    let mut total = 0;
    let mut turns = Vec::with_capacity(messages.len());
    for (at, message) in messages.into_iter().take(100).enumerate() {
        let field = |name: &str| format!("messages[{at}].{name}");
        checks.multiline(&field("content"), &message.content, 1..=MAX_CONTENT);
        total += message.content.chars().count();
        match message.role.as_str() {
            "user" => {
                turns.push(Message { speaker: Speaker::User, content: message.content });
            }
            "assistant" => {
                turns.push(Message { speaker: Speaker::Assistant, content: message.content });
            }
            _ => checks.refuse(field("role"), "UNKNOWN", "is neither user nor assistant"),
        }
    }
    checks.require(total <= MAX_TOTAL, "messages", "TOO_LONG", "are too long together");
    let asks = turns.last().is_none_or(|turn| turn.speaker == Speaker::User);
    checks.require(asks, "messages", "LAST_NOT_USER", "must end with a message of the user");
    checks.range("max_tokens", max_tokens, 0..=1_000_000);
    if let Some(temperature) = temperature {
        checks.range("temperature", temperature, 0.0..=2.0);
    }
    let schema = schema(&mut checks, &json_schema);
    checks.finish()?;
    let prompt = Prompt { system, messages: turns, max_tokens, temperature, schema };
    Ok((feature, prompt))
}

fn schema(checks: &mut Checks, text: &str) -> Option<Arc<Schema>> {
    if text.is_empty() {
        return None;
    }
    checks.multiline("json_schema", text, 0..=MAX_CONTENT);
    let value: serde_json::Value = serde_json::from_str(text).unwrap_or_default();
    checks.require(value.is_object(), "json_schema", "FORM", "is no JSON object");
    Some(Arc::new(Schema { name: "answer".to_owned(), value }))
}

fn usage(usage: Usage) -> pb::TokenUsage {
    let Usage { prompt_tokens, completion_tokens } = usage;
    pb::TokenUsage { prompt_tokens, completion_tokens }
}
