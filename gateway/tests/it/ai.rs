//! The `ai` resources over a scripted ai-svc.

use kit::{access_token::AccessClaims, caller::Role, grpc, health::Health, testing};
use proto::{
    ai::v1::{
        self as pb,
        status_service_server::{StatusService, StatusServiceServer},
        text_service_server::{TextService, TextServiceServer},
    },
    learning::v1 as learning,
};
use reqwest::Method;
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use tonic::{Request, Response, Status};

use crate::support::{Gateway, problem};

/// An ai-svc that knows one text and one bill.
#[derive(Clone, Copy)]
struct Scripted;

#[tonic::async_trait]
impl TextService for Scripted {
    async fn check_text(
        &self,
        request: Request<pb::CheckTextRequest>,
    ) -> Result<Response<pb::CheckTextResponse>, Status> {
        let waits = request.metadata().contains_key("grpc-timeout");
        let pb::CheckTextRequest { text, rules_only, redacted: _ } = request.into_inner();
        assert!(waits && text == "你好 she go." && rules_only);
        let edit = pb::TextEdit {
            start: 7,
            end: 9,
            original: "go".to_owned(),
            replacement: "goes".to_owned(),
            error_type: "R:VERB:SVA".to_owned(),
            ..pb::TextEdit::default()
        };
        Ok(Response::new(pb::CheckTextResponse {
            edits: vec![edit],
            corrected: "你好 she goes.".to_owned(),
            origin: Some(pb::Origin {
                source: pb::Source::Rules.into(),
                model: String::new(),
                fallback_reason: "asked_for_rules".to_owned(),
            }),
        }))
    }

    async fn profile_text(
        &self,
        _: Request<pb::ProfileTextRequest>,
    ) -> Result<Response<pb::ProfileTextResponse>, Status> {
        let word = pb::LevelledWord {
            word: "notwithstanding".to_owned(),
            lemma: "notwithstanding".to_owned(),
            level: "C2".to_owned(),
            count: 1,
        };
        Ok(Response::new(pb::ProfileTextResponse {
            words: 2,
            sentences: 1,
            mean_sentence_length: 2.0,
            level: "B1".to_owned(),
            distribution: vec![pb::LevelCount { level: "A1".to_owned(), words: 1 }],
            hard_words: vec![word],
            tokens: vec![pb::LevelledToken { start: 0, end: 2, level: "A1".to_owned() }],
            method_zh: "方法".to_owned(),
            method_en: "method".to_owned(),
            origin: Some(pb::Origin { source: pb::Source::Rules.into(), ..pb::Origin::default() }),
        }))
    }
}

#[tonic::async_trait]
impl StatusService for Scripted {
    async fn get_status(
        &self,
        _: Request<pb::GetStatusRequest>,
    ) -> Result<Response<pb::GetStatusResponse>, Status> {
        let provider = pb::Provider {
            name: "openai".to_owned(),
            model: "m".to_owned(),
            circuit: "half_open".to_owned(),
            ..pb::Provider::default()
        };
        Ok(Response::new(pb::GetStatusResponse {
            mode: "model".to_owned(),
            providers: vec![provider],
            embedding_model: "e".to_owned(),
            embedding_dimension: 384,
            vector_engine: "embedded".to_owned(),
            vector_engine_healthy: true,
        }))
    }

    async fn get_usage(
        &self,
        request: Request<pb::GetUsageRequest>,
    ) -> Result<Response<pb::GetUsageResponse>, Status> {
        assert_eq!(request.into_inner().days, 7);
        let row = pb::UsageRow {
            day: "2026-01-31".to_owned(),
            feature: "analysis".to_owned(),
            model: "m".to_owned(),
            calls: 2,
            cost_micros: 1_250_000,
            ..pb::UsageRow::default()
        };
        Ok(Response::new(pb::GetUsageResponse {
            rows: vec![row],
            spent_micros: 2_500_000,
            budget_micros: 0,
            currency: "CNY".to_owned(),
            without_prices: true,
        }))
    }

    async fn set_budget(
        &self,
        request: Request<pb::SetBudgetRequest>,
    ) -> Result<Response<pb::SetBudgetResponse>, Status> {
        let budget_micros = request.into_inner().budget_micros;
        Ok(Response::new(pb::SetBudgetResponse { budget_micros }))
    }
}

/// Starts a gateway before the scripted ai-svc, for an administrator.
async fn start() -> Gateway {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    let server = grpc::Server::new(&testing::common("ai-svc"), Health::new("1.0.0"))
        .add(TextServiceServer::new(Scripted))
        .add(StatusServiceServer::new(Scripted));
    tokio::spawn(server.serve_on(listener, CancellationToken::new()));
    let mut gateway = Gateway::with(&[("AI_SVC_URL", &address)]).await;
    gateway.claims = AccessClaims { role: Role::Admin, ..gateway.claims };
    gateway
}

async fn sent(gateway: &Gateway, method: Method, path: &str, body: Value) -> Value {
    let answer = gateway.request(method, path).json(&body).send().await.unwrap();
    assert_eq!(answer.status(), 200, "{path}");
    answer.json().await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn corrections_keep_their_places_and_their_origin() {
    let gateway = start().await;
    let check = json!({"text": "你好 she go.", "rules_only": true});
    let answer = sent(&gateway, Method::POST, "/ai/grammar-checks", check).await;
    let edit = &answer["edits"][0];
    // Characters are counted, not bytes.
    assert_eq!((edit["start"].as_u64(), edit["end"].as_u64()), (Some(7), Some(9)));
    assert_eq!((&edit["original"], &edit["replacement"]), (&json!("go"), &json!("goes")));
    assert_eq!(edit["error_type_zh"], Value::Null, "what is not known is null");
    let origin = json!({"source": "rules", "model": null, "fallback_reason": "asked_for_rules"});
    assert_eq!(answer["origin"], origin);

    let unknown = json!({"text": "x", "language": "en"});
    let request = gateway.request(Method::POST, "/ai/grammar-checks").json(&unknown);
    let answer = request.send().await.unwrap();
    assert!(answer.status().is_client_error());
    assert_eq!(problem(answer).await["errors"][0]["field"], "language");
}

#[tokio::test(flavor = "multi_thread")]
async fn models_see_a_text_as_learning_svc_shows_it() {
    let gateway = Gateway::whole().await;
    let origin = Some(pb::Origin { source: pb::Source::Rules.into(), ..Default::default() });
    gateway.script.answer("CheckText", &pb::CheckTextResponse { origin, ..Default::default() });
    let check = async || {
        let check = json!({"text": "I am Li Lei."});
        sent(&gateway, Method::POST, "/ai/grammar-checks", check).await;
        gateway.script.asked::<pb::CheckTextRequest>("CheckText")
    };
    // While nobody knows of whom the text tells, no model is asked.
    gateway.script.set(Status::unavailable("away"));
    let asked = check().await;
    assert_eq!((asked.rules_only, asked.redacted.as_str()), (true, ""));
    let redacted = learning::RedactTextResponse { text: "I am Xx Xxx.".to_owned() };
    gateway.script.answer("RedactText", &redacted);
    let asked = check().await;
    assert_eq!(asked.text, "I am Li Lei.");
    assert_eq!((asked.rules_only, asked.redacted.as_str()), (false, "I am Xx Xxx."));
}

#[tokio::test(flavor = "multi_thread")]
async fn profile_has_levels_words_and_places() {
    let gateway = start().await;
    let answer = sent(&gateway, Method::POST, "/ai/text-profiles", json!({"text": "Hi."})).await;
    let expected = json!({
        "words": 2, "sentences": 1, "mean_sentence_length": 2.0, "level": "B1",
        "distribution": [{"level": "A1", "words": 1}],
        "hard_words": [{"word": "notwithstanding", "lemma": "notwithstanding", "level": "C2", "count": 1}],
        "tokens": [{"start": 0, "end": 2, "level": "A1"}],
        "method_zh": "方法", "method_en": "method",
        "origin": {"source": "rules", "model": null, "fallback_reason": null},
    });
    assert_eq!(answer, expected);
}

#[tokio::test(flavor = "multi_thread")]
async fn money_is_told_in_units_and_no_limit_is_null() {
    let gateway = start().await;
    let answer = sent(&gateway, Method::GET, "/ai/usage?days=7", Value::Null).await;
    assert_eq!(answer["items"][0]["cost"], 1.25);
    assert_eq!((&answer["spent"], &answer["budget"]), (&json!(2.5), &Value::Null));
    assert_eq!(answer["without_prices"], true);

    let budget = sent(&gateway, Method::PUT, "/ai/budget", json!({"budget": 12.5})).await;
    assert_eq!(budget, json!({"budget": 12.5}));
    let budget = sent(&gateway, Method::PUT, "/ai/budget", json!({"budget": null})).await;
    assert_eq!(budget, json!({"budget": null}));
    for wrong in [json!(-1), json!(1e10)] {
        let body = json!({"budget": wrong});
        let answer = gateway.request(Method::PUT, "/ai/budget").json(&body).send().await.unwrap();
        assert_eq!(answer.status(), 422);
        assert_eq!(problem(answer).await["errors"][0]["field"], "budget");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn status_names_the_state_of_every_provider() {
    let gateway = start().await;
    let answer = sent(&gateway, Method::GET, "/ai/status", Value::Null).await;
    assert_eq!((&answer["mode"], &answer["vector_engine"]), (&json!("model"), &json!("embedded")));
    assert_eq!(answer["providers"][0]["circuit"], "half_open");
    assert_eq!(answer["providers"][0]["last_failure"], Value::Null);
}
