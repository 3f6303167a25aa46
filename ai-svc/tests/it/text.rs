//! Checks and profiles of texts.

use std::time::Duration;

use ai_svc::config::{LlmConfig, ProviderConfig};
use kit::{
    caller::Role,
    testing::{self, request},
};
use proto::ai::v1::{
    CheckTextRequest, CheckTextResponse, ProfileTextRequest, Source,
    text_service_server::TextService as _,
};
use serde_json::json;
use tonic::Code;
use wiremock::{Mock, MockServer, ResponseTemplate, matchers::any};

use crate::support::{Service, bodies, llm, openai, says};

const TEXT: &str = "Yesterday she go to school. He like apples.";

async fn check(service: &Service, text: &str) -> CheckTextResponse {
    let caller = testing::caller(Role::Student);
    let (text, redacted) = (text.to_owned(), text.to_owned());
    let message = CheckTextRequest { text, rules_only: false, redacted };
    service.text.check_text(request(&caller, message)).await.unwrap().into_inner()
}

/// Carries the edits out by their offsets.
fn carried_out(text: &str, answer: &CheckTextResponse) -> String {
    let mut chars: Vec<char> = text.chars().collect();
    for edit in answer.edits.iter().rev() {
        let (start, end) = (edit.start as usize, edit.end as usize);
        assert_eq!(chars[start..end].iter().collect::<String>(), edit.original);
        chars.splice(start..end, edit.replacement.chars());
    }
    chars.into_iter().collect()
}

#[tokio::test]
async fn rules_correct_without_a_model() {
    let service = Service::without_model().await;
    let answer = check(&service, TEXT).await;
    assert_eq!(answer.origin.as_ref().unwrap().fallback_reason, "no_provider");
    assert!(answer.corrected.contains("likes"), "{}", answer.corrected);
    assert_eq!(carried_out(TEXT, &answer), answer.corrected);
}

#[tokio::test]
async fn correction_of_a_model_becomes_edits() {
    let corrected = "Yesterday she went to school. He likes apples.";
    let server = MockServer::start().await;
    says(&server, &json!({"corrected": corrected}).to_string()).await;
    let service = Service::with(&server).await;
    let answer = check(&service, TEXT).await;
    assert_eq!(answer.origin.as_ref().unwrap().source(), Source::Model);
    assert_eq!(answer.corrected, corrected);
    assert_eq!(answer.edits.len(), 2);
    assert_eq!(answer.edits[0].error_type, "R:VERB:TENSE");
    assert!(!answer.edits[0].explanation_zh.is_empty());
    assert_eq!(carried_out(TEXT, &answer), corrected);
}

#[tokio::test]
async fn rules_answer_when_a_model_hangs() {
    let server = MockServer::start().await;
    let hangs = ResponseTemplate::new(200).set_delay(Duration::from_mins(1));
    Mock::given(any()).respond_with(hangs).mount(&server).await;
    let service = Service::with(&server).await;
    let ask = async |rules_only| {
        let (text, redacted) = (TEXT.to_owned(), TEXT.to_owned());
        let message = CheckTextRequest { text, rules_only, redacted };
        let mut request = request(&testing::caller(Role::Student), message);
        request.set_timeout(Duration::from_secs(1));
        service.text.check_text(request).await.unwrap().into_inner()
    };
    let answer = ask(false).await;
    assert_eq!(answer.origin.unwrap().fallback_reason, "provider_failed");
    assert_eq!(answer.corrected, ask(true).await.corrected);
}

#[tokio::test]
async fn model_that_hangs_leaves_time_for_the_next() {
    let (first, second) = (MockServer::start().await, MockServer::start().await);
    let hangs = ResponseTemplate::new(200).set_delay(Duration::from_mins(1));
    Mock::given(any()).respond_with(hangs).mount(&first).await;
    let corrected = "Yesterday she went to school. He likes apples.";
    says(&second, &json!({"corrected": corrected}).to_string()).await;
    let next = ProviderConfig { model: "next".to_owned(), ..openai(&second.uri()) };
    let service = Service::configured(LlmConfig {
        call_timeout: Duration::from_mins(1),
        total_timeout: Duration::from_secs(6),
        ..llm(vec![openai(&first.uri()), next])
    })
    .await;
    let answer = check(&service, TEXT).await;
    assert_eq!(
        (answer.origin.unwrap().model.as_str(), answer.corrected.as_str()),
        ("next", corrected)
    );
    assert_eq!(service.outcomes().await, ["timeout", "ok"]);
}

#[tokio::test]
async fn a_model_sees_no_more_than_it_is_shown() {
    let server = MockServer::start().await;
    says(&server, &json!({"corrected": "Xx Xxx goes home."}).to_string()).await;
    let service = Service::with(&server).await;
    let caller = testing::caller(Role::Student);
    let check = async |redacted: &str| {
        let (text, redacted) = ("Li Lei go home.".to_owned(), redacted.to_owned());
        let message = CheckTextRequest { text, redacted, ..Default::default() };
        service.text.check_text(request(&caller, message)).await
    };
    let answer = check("Xx Xxx go home.").await.unwrap().into_inner();
    assert_eq!(answer.origin.as_ref().unwrap().source(), Source::Model);
    assert_eq!(answer.corrected, "Li Lei goes home.");
    let asked = server.received_requests().await.unwrap();
    let asked = String::from_utf8(asked.last().unwrap().body.clone()).unwrap();
    assert!(asked.contains("Xx Xxx go home.") && !asked.contains("Li Lei"), "{asked}");
    let status = check("Xx go home.").await.unwrap_err();
    assert_eq!(status.code(), Code::InvalidArgument);
    // Who does not say what may be seen has nothing seen.
    let answer = check("").await.unwrap().into_inner();
    assert_eq!(answer.origin.unwrap().source(), Source::Rules);
    assert_eq!(bodies(&server).await.len(), 1);
}

#[tokio::test]
async fn another_text_is_no_correction() {
    let server = MockServer::start().await;
    says(&server, &json!({"corrected": "Sure, here is a poem about cats."}).to_string()).await;
    let service = Service::with(&server).await;
    let answer = check(&service, TEXT).await;
    assert_eq!(answer.origin.unwrap().fallback_reason, "provider_failed");
    assert!(answer.corrected.contains("likes"));
}

#[tokio::test]
async fn profile_measures_a_text() {
    let service = Service::without_model().await;
    let caller = testing::caller(Role::Teacher);
    let message = ProfileTextRequest { text: "The cat sat on the mat. It was happy.".to_owned() };
    let profile = service.text.profile_text(request(&caller, message)).await.unwrap().into_inner();
    assert_eq!((profile.words, profile.sentences), (9, 2));
    assert_eq!(profile.tokens.len(), 9);
    assert!(!profile.method_zh.is_empty());
    assert_eq!(profile.origin.unwrap().source(), Source::Rules);
}

#[tokio::test]
async fn long_texts_are_refused() {
    let service = Service::without_model().await;
    let caller = testing::caller(Role::Teacher);
    let check =
        CheckTextRequest { text: "a ".repeat(5_001), rules_only: false, ..Default::default() };
    let status = service.text.check_text(request(&caller, check)).await.unwrap_err();
    assert_eq!(status.code(), Code::InvalidArgument);
    let profile = ProfileTextRequest { text: "a ".repeat(25_001) };
    let status = service.text.profile_text(request(&caller, profile)).await.unwrap_err();
    assert_eq!(status.code(), Code::InvalidArgument);
}
