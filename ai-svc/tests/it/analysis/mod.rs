//! Analyses of mistakes, with models of every temper.

mod providers;

use std::time::Duration;

use kit::{
    caller::{Caller, Role},
    testing::{self, request},
};
use proto::ai::v1::{
    AnalyseMistakesRequest, ListKnowledgePointsRequest, MistakeAnalysis, MistakeToAnalyse, Source,
    analysis_service_server::AnalysisService as _,
};
use serde_json::{Value, json};
use tonic::Code;
use wiremock::{Mock, MockServer, ResponseTemplate, matchers::method};

use crate::support::{Service, bodies, chat, llm, openai, says};

fn mistake(id: &str) -> MistakeToAnalyse {
    MistakeToAnalyse {
        id: id.to_owned(),
        mistake_type: "grammar".to_owned(),
        question: "Yesterday she ____ to the park.\nA. goes\nB. went\nC. gone\nD. go".to_owned(),
        wrong_answer: "goes".to_owned(),
        correct_answer: "went".to_owned(),
        explanation: String::new(),
        topic: String::new(),
    }
}

fn asked(mistakes: Vec<MistakeToAnalyse>) -> AnalyseMistakesRequest {
    AnalyseMistakesRequest { mistakes, cefr_level: "B1".to_owned(), ..Default::default() }
}

async fn analyse(service: &Service, caller: &Caller, count: usize) -> Vec<MistakeAnalysis> {
    let mistakes = (0..count).map(|n| mistake(&format!("m{n}"))).collect();
    let answer = service.analysis.analyse_mistakes(request(caller, asked(mistakes))).await;
    let analyses = answer.unwrap().into_inner().analyses;
    assert_eq!(analyses.len(), count);
    for (at, analysis) in analyses.iter().enumerate() {
        assert_eq!(analysis.id, format!("m{at}"));
        assert!(!analysis.error_type.is_empty() && !analysis.error_type_zh.is_empty());
        assert!((1..=3).contains(&analysis.knowledge_points.len()));
        assert!(analysis.what_went_wrong.chars().count() > 5, "{analysis:?}");
        assert!(analysis.why_right.chars().count() > 5 && !analysis.how_to_remember.is_empty());
    }
    analyses
}

fn reasons(analyses: &[MistakeAnalysis]) -> Vec<String> {
    let origins = analyses.iter().map(|analysis| analysis.origin.clone().unwrap());
    let reasons = origins.map(|origin| {
        if origin.source() == Source::Model { origin.model } else { origin.fallback_reason }
    });
    reasons.collect()
}

fn entry(n: usize) -> Value {
    json!({
        "n": n,
        "error_type": "R:VERB:TENSE",
        "knowledge_points": ["verb.tense.past_simple"],
        "what_went_wrong": "选了现在时 goes，没有注意到 Yesterday 表示过去。",
        "why_right": "Yesterday 表示过去的时间，谓语要用一般过去时 went。",
        "how_to_remember": "看到 yesterday、last week、ago，先想一般过去时。",
    })
}

fn good(count: usize) -> String {
    json!({"analyses": (1..=count).map(entry).collect::<Vec<_>>()}).to_string()
}

fn student() -> Caller {
    testing::caller(Role::Student)
}

#[tokio::test]
async fn without_a_model_rules_answer() {
    let service = Service::without_model().await;
    let analyses = analyse(&service, &student(), 2).await;
    assert_eq!(reasons(&analyses), ["no_provider", "no_provider"]);
    assert_eq!(analyses[0].error_type, "R:VERB:TENSE");
}

#[tokio::test]
async fn twenty_mistakes_are_one_call_that_is_written_down() {
    let server = MockServer::start().await;
    says(&server, &good(20)).await;
    let roomy = ai_svc::config::ProviderConfig { max_tokens: 10_000, ..openai(&server.uri()) };
    let service = Service::new(vec![roomy]).await;
    let caller = student();
    let analyses = analyse(&service, &caller, 20).await;
    assert_eq!(reasons(&analyses), vec!["gpt-test"; 20]);
    assert_eq!(analyses[0].knowledge_points[0].id, "verb.tense.past_simple");

    let sent = bodies(&server).await;
    assert_eq!(sent.len(), 1);
    assert_eq!(sent[0]["response_format"]["type"], "json_schema");
    let text = sent[0].to_string();
    for secret in [caller.user_id, caller.organization_id] {
        assert!(!text.contains(&secret.to_string()), "nobody is named in a prompt");
    }
    let cost = 100 + 2 * 50;
    let expected = ("analysis".to_owned(), "gpt-test".to_owned(), "ok".to_owned(), 150, cost);
    assert_eq!(service.calls().await, [expected]);
}

#[tokio::test]
async fn rules_only_asks_no_model() {
    let server = MockServer::start().await;
    let service = Service::with(&server).await;
    let message = AnalyseMistakesRequest { rules_only: true, ..asked(vec![mistake("a")]) };
    let answer = service.analysis.analyse_mistakes(request(&student(), message)).await.unwrap();
    assert_eq!(reasons(&answer.into_inner().analyses), ["asked_for_rules"]);
    assert!(bodies(&server).await.is_empty());
}

#[tokio::test]
async fn nonsense_is_mended_once_and_then_rules_answer() {
    let server = MockServer::start().await;
    says(&server, "I am a helpful assistant. How can I help you today?").await;
    let service = Service::with(&server).await;
    let analyses = analyse(&service, &student(), 1).await;
    assert_eq!(reasons(&analyses), ["provider_failed"]);
    let sent = bodies(&server).await;
    assert_eq!(sent.len(), 2, "asked, and asked to mend");
    assert!(sent[1].to_string().contains("cannot be used"));
    assert_eq!(service.outcomes().await, ["invalid_answer", "invalid_answer"]);
}

#[tokio::test]
async fn mended_answer_is_taken() {
    let server = MockServer::start().await;
    let once = Mock::given(method("POST")).respond_with(chat("{\"analyses\": 7}"));
    once.up_to_n_times(1).mount(&server).await;
    says(&server, &good(1)).await;
    let service = Service::with(&server).await;
    assert_eq!(reasons(&analyse(&service, &student(), 1).await), ["gpt-test"]);
}

#[tokio::test]
async fn one_bad_entry_is_done_by_rules() {
    let server = MockServer::start().await;
    let mut bad = entry(3);
    bad["why_right"] = json!("because");
    says(&server, &json!({"analyses": [entry(1), entry(2), bad]}).to_string()).await;
    let roomy = ai_svc::config::ProviderConfig { max_tokens: 10_000, ..openai(&server.uri()) };
    let service = Service::new(vec![roomy]).await;
    let analyses = analyse(&service, &student(), 3).await;
    assert_eq!(reasons(&analyses), ["gpt-test", "gpt-test", "invalid_answer"]);
}

#[tokio::test]
async fn caller_that_waits_briefly_still_gets_an_answer() {
    let server = MockServer::start().await;
    let answer = chat(&good(1)).set_delay(Duration::from_secs(3));
    Mock::given(method("POST")).respond_with(answer).mount(&server).await;
    let service = Service::with(&server).await;
    let mut request = request(&student(), asked(vec![mistake("a")]));
    request.metadata_mut().insert("grpc-timeout", "900m".parse().unwrap());
    let start = std::time::Instant::now();
    let answer = service.analysis.analyse_mistakes(request).await.unwrap();
    assert!(start.elapsed() < Duration::from_secs(3));
    assert_eq!(reasons(&answer.into_inner().analyses), ["provider_failed"]);
}

#[tokio::test]
async fn spent_budget_degrades_to_rules() {
    let server = MockServer::start().await;
    says(&server, &good(1)).await;
    let service = Service::with(&server).await;
    let admin = testing::caller(Role::Admin);
    service.ledger.set_budget(&admin, ai_svc::ledger::Money(300)).await.unwrap();
    let pupil = Caller { organization_id: admin.organization_id, ..student() };
    let mut seen = Vec::new();
    for _ in 0..3 {
        seen.extend(reasons(&analyse(&service, &pupil, 1).await));
        service.calls().await;
    }
    assert_eq!(seen, ["gpt-test", "gpt-test", "budget_spent"], "200 of 300, then 400");
    assert_eq!(reasons(&analyse(&service, &student(), 1).await), ["gpt-test"], "another school");
}

#[tokio::test]
async fn tight_budget_asks_the_smaller_model_first() {
    let server = MockServer::start().await;
    says(&server, &good(1)).await;
    let big = openai(&server.uri());
    let small = ai_svc::config::ProviderConfig {
        model: "gpt-small".to_owned(),
        is_small: true,
        ..big.clone()
    };
    let service = Service::new(vec![big, small]).await;
    let admin = testing::caller(Role::Admin);
    service.ledger.set_budget(&admin, ai_svc::ledger::Money(250)).await.unwrap();
    let pupil = Caller { organization_id: admin.organization_id, ..student() };
    assert_eq!(reasons(&analyse(&service, &pupil, 1).await), ["gpt-test"]);
    service.calls().await;
    assert_eq!(reasons(&analyse(&service, &pupil, 1).await), ["gpt-small"]);
}

#[tokio::test]
async fn wrong_fields_are_named() {
    let service = Service::without_model().await;
    let refused = |message| service.analysis.analyse_mistakes(request(&student(), message));
    let none = refused(asked(Vec::new())).await.unwrap_err();
    assert_eq!(none.code(), Code::InvalidArgument);
    let many = (0..21).map(|n| mistake(&n.to_string())).collect();
    assert_eq!(refused(asked(many)).await.unwrap_err().code(), Code::InvalidArgument);
    let odd = MistakeToAnalyse { mistake_type: "maths".to_owned(), ..mistake("a") };
    let message =
        AnalyseMistakesRequest { cefr_level: "Z9".to_owned(), ..asked(vec![odd, mistake("a")]) };
    let status = refused(message).await.unwrap_err();
    let fields = kit::error::violations_of(&status);
    let fields: Vec<_> = fields.iter().map(|field| field.0.as_str()).collect();
    assert_eq!(fields, ["cefr_level", "mistakes[0].mistake_type", "mistakes[1].id"]);
}

#[tokio::test]
async fn taxonomy_is_listed() {
    let service = Service::without_model().await;
    let list =
        service.analysis.list_knowledge_points(request(&student(), ListKnowledgePointsRequest {}));
    let points = list.await.unwrap().into_inner().knowledge_points;
    assert!(points.len() > 100);
    assert!(points.iter().all(|p| !p.name_zh.is_empty() && !p.category_zh.is_empty()));
}

#[tokio::test]
async fn an_answer_is_kept_for_its_organization_unless_a_fresh_one_is_wanted() {
    let server = MockServer::start().await;
    says(&server, &good(1)).await;
    let mut llm = llm(vec![openai(&server.uri())]);
    llm.answer_ttl = Duration::from_mins(1);
    let service = Service::configured(llm).await;
    let caller = student();
    let classmate = Caller { user_id: uuid::Uuid::now_v7(), ..caller.clone() };
    let first = analyse(&service, &caller, 1).await;
    let kept = analyse(&service, &classmate, 1).await;
    assert_eq!(kept, first);
    assert_eq!(service.calls().await.len(), 1, "the second answer costs nothing");

    let other = MistakeToAnalyse { wrong_answer: "gone".to_owned(), ..mistake("m1") };
    let message = asked(vec![mistake("m0"), other]);
    service.analysis.analyse_mistakes(request(&caller, message)).await.unwrap();
    let sent = bodies(&server).await;
    assert_eq!(sent.len(), 2);
    let described: Value =
        serde_json::from_str(sent[1]["messages"][1]["content"].as_str().unwrap()).unwrap();
    assert_eq!(described.as_array().unwrap().len(), 1, "only the new one is asked about");
    assert_eq!(described[0]["wrong_answer"], "gone");

    analyse(&service, &student(), 1).await;
    assert_eq!(bodies(&server).await.len(), 3, "another organization asks for itself");

    let message = AnalyseMistakesRequest { fresh: true, ..asked(vec![mistake("m0")]) };
    service.analysis.analyse_mistakes(request(&caller, message)).await.unwrap();
    assert_eq!(bodies(&server).await.len(), 4, "who wants a fresh answer gets one");
}

/// Answers as asked for: one entry for each mistake of the prompt.
fn answers_all(request: &wiremock::Request) -> ResponseTemplate {
    let body: Value = request.body_json().unwrap();
    let described = body["messages"][1]["content"].as_str().unwrap();
    let described: Value = serde_json::from_str(described).unwrap();
    chat(&good(described.as_array().unwrap().len()))
}

#[tokio::test]
async fn mistakes_are_asked_about_in_parts_that_the_answer_has_room_for() {
    let server = MockServer::start().await;
    Mock::given(method("POST")).respond_with(answers_all).mount(&server).await;
    let usual = ai_svc::config::ProviderConfig { max_tokens: 4_096, ..openai(&server.uri()) };
    let service = Service::new(vec![usual]).await;
    let analyses = analyse(&service, &student(), 20).await;
    assert_eq!(reasons(&analyses), vec!["gpt-test"; 20]);
    let mut limits: Vec<_> =
        bodies(&server).await.iter().map(|body| body["max_tokens"].as_u64().unwrap()).collect();
    limits.sort_unstable();
    assert_eq!(limits, [1_000, 3_800, 3_800]);
}

#[tokio::test]
async fn entries_before_a_cut_are_taken_and_the_rest_is_done_by_rules() {
    let server = MockServer::start().await;
    let whole = good(3);
    let cut: String = whole.chars().take(whole.chars().count() - 30).collect();
    let body = json!({
        "choices": [{"message": {"content": cut}, "finish_reason": "length"}],
        "usage": {"prompt_tokens": 100, "completion_tokens": 50},
    });
    let answer = ResponseTemplate::new(200).set_body_json(body);
    Mock::given(method("POST")).respond_with(answer).mount(&server).await;
    let roomy = ai_svc::config::ProviderConfig { max_tokens: 10_000, ..openai(&server.uri()) };
    let service = Service::new(vec![roomy]).await;
    let analyses = analyse(&service, &student(), 3).await;
    assert_eq!(reasons(&analyses), ["gpt-test", "gpt-test", "invalid_answer"]);
    assert_eq!(bodies(&server).await.len(), 1, "no more fits into an answer to a longer prompt");
}
