//! Text checks, the taxonomy, and what the models can do and have cost.

use std::time::Duration;

use actix_web::{get, post, web::Data};
use chrono::{DateTime, Utc};
use proto::{ai::v1 as pb, learning::v1 as learning};
use serde::{Deserialize, Serialize};
use tonic::Code;
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

use super::{Answer, present};
use crate::{
    app::State,
    http::{Json, Problem, ok},
    session::Signed,
    upstream::{MODEL, within},
    view::{AnswerSource, Page, all, text, time, word},
};

/// How long taking names out of a text may take, before it is checked by rules alone.
const REDACTION: Duration = Duration::from_secs(3);

pub(super) fn mount(config: &mut ServiceConfig) {
    config
        .service(get_ai_status)
        .service(check_grammar)
        .service(profile_text)
        .service(list_knowledge_points);
}

/// What the AI part can do now.
#[derive(Serialize, ToSchema)]
struct AiStatus {
    /// What can be asked now.
    mode: AnswerSource,
    providers: Vec<Provider>,
    embedding_model: String,
    embedding_dimension: u32,
    vector_engine: VectorEngine,
    vector_engine_healthy: bool,
}

/// Whether a provider is asked: closed works, open rests after failures, half open is being tried.
#[derive(Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum Circuit {
    Closed,
    Open,
    HalfOpen,
}

/// Where vectors are searched.
#[derive(Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum VectorEngine {
    Embedded,
    Qdrant,
}

/// A provider of models.
#[derive(Serialize, ToSchema)]
struct Provider {
    /// `openai` or `anthropic`.
    name: String,
    model: String,
    circuit: Circuit,
    last_success_at: Option<DateTime<Utc>>,
    last_failure_at: Option<DateTime<Utc>>,
    /// Class of the last failure, as in `timeout`.
    last_failure: Option<String>,
}

impl TryFrom<pb::Provider> for Provider {
    type Error = Problem;

    fn try_from(provider: pb::Provider) -> Result<Self, Problem> {
        Ok(Self {
            name: provider.name,
            model: provider.model,
            circuit: word(provider.circuit)?,
            last_success_at: time(provider.last_success_at),
            last_failure_at: time(provider.last_failure_at),
            last_failure: text(provider.last_failure),
        })
    }
}

/// Says what the AI part can do now.
#[utoipa::path(
    tag = "ai",
    responses((status = 200, description = "The state", body = AiStatus)),
)]
#[get("/ai/status")]
async fn get_ai_status(state: Data<State>, _: Signed) -> Answer {
    let message = pb::GetStatusRequest {};
    let answer = state.upstream.ai_status().get_status(message).await?.into_inner();
    Ok(ok(AiStatus {
        mode: word(answer.mode)?,
        providers: all(answer.providers)?,
        embedding_model: answer.embedding_model,
        embedding_dimension: answer.embedding_dimension,
        vector_engine: word(answer.vector_engine)?,
        vector_engine_healthy: answer.vector_engine_healthy,
    }))
}

/// Where an answer came from.
#[derive(Serialize, ToSchema)]
struct AnswerOrigin {
    source: AnswerSource,
    /// Null for rules.
    model: Option<String>,
    /// Why no model answered, as in `no_provider`.
    fallback_reason: Option<String>,
}

impl TryFrom<pb::Origin> for AnswerOrigin {
    type Error = Problem;

    fn try_from(origin: pb::Origin) -> Result<Self, Problem> {
        Ok(Self {
            source: AnswerSource::from_wire(origin.source)?,
            model: text(origin.model),
            fallback_reason: text(origin.fallback_reason),
        })
    }
}

/// A text to correct.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct GrammarCheck {
    /// 1 to 10,000 characters.
    text: String,
    /// Asks no model.
    #[serde(default)]
    rules_only: bool,
}

/// Corrections of a text.
#[derive(Serialize, ToSchema)]
struct Corrections {
    edits: Vec<Edit>,
    corrected: String,
    origin: AnswerOrigin,
}

/// One correction.
#[derive(Serialize, ToSchema)]
struct Edit {
    /// Offset in Unicode scalar values.
    start: u32,
    /// Exclusive; equal to `start` for an insertion.
    end: u32,
    original: String,
    replacement: String,
    error_type: Option<String>,
    error_type_zh: Option<String>,
    knowledge_point_id: Option<String>,
    explanation_zh: Option<String>,
    explanation_en: Option<String>,
}

impl From<pb::TextEdit> for Edit {
    fn from(edit: pb::TextEdit) -> Self {
        Self {
            start: edit.start,
            end: edit.end,
            original: edit.original,
            replacement: edit.replacement,
            error_type: text(edit.error_type),
            error_type_zh: text(edit.error_type_zh),
            knowledge_point_id: text(edit.knowledge_point_id),
            explanation_zh: text(edit.explanation_zh),
            explanation_en: text(edit.explanation_en),
        }
    }
}

/// Proposes corrections of an English text.
#[utoipa::path(
    tag = "ai",
    responses((status = 200, description = "The corrections", body = Corrections)),
)]
#[post("/ai/grammar-checks")]
async fn check_grammar(state: Data<State>, _: Signed, body: Json<GrammarCheck>) -> Answer {
    let Json(GrammarCheck { text, rules_only }) = body;
    let redacted = if rules_only { None } else { redacted(&state, &text).await? };
    // Of whom the text tells must not be seen by a model, not even while nobody can say.
    let rules_only = redacted.is_none();
    let redacted = redacted.unwrap_or_default();
    let message = within(pb::CheckTextRequest { text, rules_only, redacted }, MODEL);
    let answer = state.upstream.texts().check_text(message).await?.into_inner();
    Ok(ok(Corrections {
        edits: answer.edits.into_iter().map(Into::into).collect(),
        corrected: answer.corrected,
        origin: present(answer.origin)?.try_into()?,
    }))
}

/// Returns what a model may see of a text; `None` when learning-svc cannot say.
async fn redacted(state: &State, text: &str) -> Result<Option<String>, Problem> {
    let message = within(learning::RedactTextRequest { text: text.to_owned() }, REDACTION);
    match state.upstream.students().redact_text(message).await {
        Ok(answer) => Ok(Some(answer.into_inner().text)),
        Err(status) if status.code() == Code::InvalidArgument => Err(status.into()),
        Err(_) => Ok(None),
    }
}

/// A text to measure.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct TextToProfile {
    /// 1 to 50,000 characters.
    text: String,
}

/// How hard a text is.
#[derive(Serialize, ToSchema)]
struct TextProfile {
    words: u32,
    sentences: u32,
    /// Words per sentence.
    mean_sentence_length: f64,
    /// A1 to C2.
    level: String,
    distribution: Vec<LevelCount>,
    /// The hardest first, at most 50.
    hard_words: Vec<LevelledWord>,
    /// Every word with its place and level, for colouring.
    tokens: Vec<LevelledToken>,
    /// How the levels were decided.
    method_zh: String,
    method_en: String,
    origin: AnswerOrigin,
}

/// Words of one level.
#[derive(Serialize, ToSchema)]
struct LevelCount {
    level: String,
    words: u32,
}

/// A word with its level.
#[derive(Serialize, ToSchema)]
struct LevelledWord {
    word: String,
    lemma: String,
    level: String,
    count: u32,
}

/// A place in the text with its level.
#[derive(Serialize, ToSchema)]
struct LevelledToken {
    start: u32,
    end: u32,
    level: String,
}

impl TryFrom<pb::ProfileTextResponse> for TextProfile {
    type Error = Problem;

    fn try_from(profile: pb::ProfileTextResponse) -> Result<Self, Problem> {
        let distribution = profile.distribution.into_iter();
        let hard_words = profile.hard_words.into_iter();
        let tokens = profile.tokens.into_iter();
        Ok(Self {
            words: profile.words,
            sentences: profile.sentences,
            mean_sentence_length: profile.mean_sentence_length,
            level: profile.level,
            distribution: distribution
                .map(|pb::LevelCount { level, words }| LevelCount { level, words })
                .collect(),
            hard_words: hard_words
                .map(|pb::LevelledWord { word, lemma, level, count }| LevelledWord {
                    word,
                    lemma,
                    level,
                    count,
                })
                .collect(),
            tokens: tokens
                .map(|pb::LevelledToken { start, end, level }| LevelledToken { start, end, level })
                .collect(),
            method_zh: profile.method_zh,
            method_en: profile.method_en,
            origin: present(profile.origin)?.try_into()?,
        })
    }
}

/// Measures how hard an English text is.
#[utoipa::path(
    tag = "ai",
    responses((status = 200, description = "The profile", body = TextProfile)),
)]
#[post("/ai/text-profiles")]
async fn profile_text(state: Data<State>, _: Signed, body: Json<TextToProfile>) -> Answer {
    let message = pb::ProfileTextRequest { text: body.0.text };
    let answer = state.upstream.texts().profile_text(message).await?.into_inner();
    Ok(ok(TextProfile::try_from(answer)?))
}

/// One entry of the taxonomy.
#[derive(Serialize, ToSchema)]
struct KnowledgePoint {
    /// Stable, dotted, as in `verb.tense.past_perfect`.
    id: String,
    name_zh: String,
    name_en: String,
    category_id: String,
    category_zh: String,
    category_en: String,
}

impl From<pb::KnowledgePoint> for KnowledgePoint {
    fn from(point: pb::KnowledgePoint) -> Self {
        Self {
            id: point.id,
            name_zh: point.name_zh,
            name_en: point.name_en,
            category_id: point.category_id,
            category_zh: point.category_zh,
            category_en: point.category_en,
        }
    }
}

/// Lists the fixed taxonomy of knowledge points.
#[utoipa::path(
    tag = "ai",
    responses((status = 200, description = "The whole taxonomy", body = Page<KnowledgePoint>)),
)]
#[get("/ai/knowledge-points")]
async fn list_knowledge_points(state: Data<State>, _: Signed) -> Answer {
    let message = pb::ListKnowledgePointsRequest {};
    let answer = state.upstream.analysis().list_knowledge_points(message).await?.into_inner();
    Ok(ok(Page::<KnowledgePoint>::whole(answer.knowledge_points)?))
}
