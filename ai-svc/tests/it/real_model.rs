//! A real server that speaks `OpenAI`'s interface, which `TEST_LLM_URL` names, as in
//! `http://127.0.0.1:58080`. Whatever a small model writes, pupils get a sound answer.

use std::{env, time::Duration};

use ai_svc::config::ProviderConfig;
use futures::StreamExt as _;
use kit::{
    caller::Role,
    testing::{self, request},
};
use proto::ai::v1::{
    AnalyseMistakesRequest, ChatMessage, CheckTextRequest, CompleteRequest, MistakeToAnalyse,
    Source, analysis_service_server::AnalysisService as _,
    completion_service_server::CompletionService as _, text_service_server::TextService as _,
};
use serde_json::{Value, json};

use crate::support::{Service, llm, openai};

/// Starts with the real server.
async fn service() -> Service {
    let url = env::var("TEST_LLM_URL").expect("TEST_LLM_URL names a server of models");
    let provider = ProviderConfig { key: None, max_tokens: 300, ..openai(&url) };
    let llm = ai_svc::config::LlmConfig {
        call_timeout: Duration::from_mins(2),
        total_timeout: Duration::from_mins(4),
        ..llm(vec![provider])
    };
    Service::configured(llm).await
}

fn asked(content: &str) -> CompleteRequest {
    CompleteRequest {
        feature: "conversation".to_owned(),
        system: "You are an English teacher. Answer in one short sentence.".to_owned(),
        messages: vec![ChatMessage { role: "user".to_owned(), content: content.to_owned() }],
        max_tokens: 40,
        temperature: Some(0.0),
        ..CompleteRequest::default()
    }
}

#[tokio::test]
async fn real_model_chats_streams_and_keeps_to_a_schema() {
    let service = service().await;
    let caller = testing::caller(Role::Student);
    let whole = service.completion.complete(request(&caller, asked("What is a verb?"))).await;
    let whole = whole.unwrap().into_inner();
    assert!(!whole.text.is_empty() && whole.usage.unwrap().prompt_tokens > 0);

    let message = asked("Name three colours.");
    let stream = service.completion.stream_complete(request(&caller, message)).await.unwrap();
    let events: Vec<_> = stream.into_inner().collect().await;
    assert!(events.len() > 2);
    let last = events.last().unwrap().as_ref().unwrap();
    assert_eq!(last.origin.as_ref().unwrap().source(), Source::Model);
    assert!(last.usage.unwrap().completion_tokens > 0);

    let schema = json!({
        "type": "object",
        "required": ["colours"],
        "additionalProperties": false,
        "properties": {"colours": {
            "type": "array", "minItems": 1, "maxItems": 3, "items": {"type": "string"},
        }},
    });
    let message = CompleteRequest {
        json_schema: schema.to_string(),
        max_tokens: 100,
        ..asked("Name three colours as JSON.")
    };
    let formed = service.completion.complete(request(&caller, message)).await.unwrap();
    let formed = formed.into_inner();
    assert_eq!(formed.origin.unwrap().source(), Source::Model);
    let formed = formed.text;
    assert!(serde_json::from_str::<Value>(&formed).unwrap()["colours"].is_array());
}

#[tokio::test]
async fn real_model_never_spoils_an_answer() {
    let service = service().await;
    let caller = testing::caller(Role::Student);
    let mistake = MistakeToAnalyse {
        id: "m".to_owned(),
        mistake_type: "grammar".to_owned(),
        question: "Yesterday she ____ to the park.".to_owned(),
        wrong_answer: "goes".to_owned(),
        correct_answer: "went".to_owned(),
        ..MistakeToAnalyse::default()
    };
    let message = AnalyseMistakesRequest {
        mistakes: vec![mistake],
        cefr_level: "A2".to_owned(),
        ..AnalyseMistakesRequest::default()
    };
    let answer = service.analysis.analyse_mistakes(request(&caller, message)).await.unwrap();
    let analysis = answer.into_inner().analyses.remove(0);
    assert!(analysis.why_right.contains("went"));

    let text = "Yesterday she go to school. He like apples.".to_owned();
    let redacted = text.clone();
    let message = CheckTextRequest { text, rules_only: false, redacted };
    let answer = service.text.check_text(request(&caller, message)).await.unwrap().into_inner();
    assert!(answer.corrected.to_lowercase().contains("yesterday"));
}
