//! Free text, whole and in pieces.

use std::time::Duration;

use ai_svc::config::LlmConfig;
use futures::StreamExt as _;
use kit::{
    caller::Role,
    error::reason_of,
    testing::{self, request},
};
use proto::ai::v1::{
    ChatMessage, CompleteRequest, CompletionEvent, Source,
    completion_service_server::CompletionService as _,
};
use serde_json::{Value, json};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpListener,
};
use tonic::{Code, Status};
use wiremock::{Mock, MockServer, ResponseTemplate, matchers::method};

use crate::support::{Service, anthropic, bodies, fails, llm, openai, says};

fn asked() -> CompleteRequest {
    CompleteRequest {
        feature: "conversation".to_owned(),
        system: "You are a patient teacher.".to_owned(),
        messages: vec![ChatMessage { role: "user".to_owned(), content: "Hello!".to_owned() }],
        max_tokens: 50,
        temperature: Some(0.0),
        ..CompleteRequest::default()
    }
}

async fn stream(service: &Service) -> Result<Vec<Result<CompletionEvent, Status>>, Status> {
    let caller = testing::caller(Role::Student);
    let stream = service.completion.stream_complete(request(&caller, asked())).await?;
    Ok(stream.into_inner().collect().await)
}

async fn streams(server: &MockServer, body: String) {
    let answer = ResponseTemplate::new(200).set_body_raw(body, "text/event-stream");
    Mock::given(method("POST")).respond_with(answer).mount(server).await;
}

/// Starts a server that begins to answer one call and then says no more; returns its address.
async fn begins_only() -> String {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move {
        let (mut socket, _) = listener.accept().await.unwrap();
        // Who answers before the question is heard is hung up on.
        let _ = socket.read(&mut [0; 1_024]).await.unwrap();
        let head = "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n\r\n";
        let begun = format!("{head}{}", openai_stream(false));
        socket.write_all(begun.as_bytes()).await.unwrap();
        std::future::pending::<()>().await;
    });
    address
}

/// Starts a server that writes one answer without an end; returns its address.
async fn never_ends() -> String {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move {
        let (mut socket, _) = listener.accept().await.unwrap();
        let _ = socket.read(&mut [0; 1_024]).await.unwrap();
        let head = "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n\r\n";
        socket.write_all(head.as_bytes()).await.unwrap();
        while socket.write_all(openai_stream(false).as_bytes()).await.is_ok() {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    });
    address
}

fn openai_stream(is_whole: bool) -> String {
    let delta = |text| json!({"choices": [{"delta": {"content": text}}]}).to_string();
    let mut messages = vec![
        json!({"choices": [{"delta": {"role": "assistant"}}]}).to_string(),
        delta("Hel"),
        delta("lo 你好"),
    ];
    if is_whole {
        let usage = json!({"prompt_tokens": 12, "completion_tokens": 3});
        messages.push(json!({"choices": [], "usage": usage}).to_string());
        messages.push("[DONE]".to_owned());
    }
    messages.iter().flat_map(|message| ["data: ", message.as_str(), "\n\n"]).collect()
}

fn text(events: &[Result<CompletionEvent, Status>]) -> String {
    events.iter().filter_map(|event| Some(event.as_ref().ok()?.delta.as_str())).collect()
}

#[tokio::test]
async fn without_a_model_there_is_no_text() {
    let service = Service::without_model().await;
    let caller = testing::caller(Role::Student);
    let status = service.completion.complete(request(&caller, asked())).await.unwrap_err();
    assert_eq!(status.code(), Code::Unavailable);
    assert_eq!(reason_of(&status).as_deref(), Some("NO_MODEL"));
    assert_eq!(stream(&service).await.unwrap_err().code(), Code::Unavailable);
}

#[tokio::test]
async fn whole_text_carries_origin_and_usage() {
    let server = MockServer::start().await;
    says(&server, "Good morning.").await;
    let service = Service::with(&server).await;
    let caller = testing::caller(Role::Student);
    let answer = service.completion.complete(request(&caller, asked())).await.unwrap();
    let answer = answer.into_inner();
    assert_eq!(answer.text, "Good morning.");
    assert_eq!(answer.origin.unwrap().source(), Source::Model);
    assert_eq!(answer.usage.unwrap().prompt_tokens, 100);
    let sent = bodies(&server).await.remove(0);
    assert_eq!((sent["max_tokens"].as_u64(), sent["temperature"].as_f64()), (Some(50), Some(0.0)));
    assert_eq!(sent["messages"][0]["role"], "system");
}

#[tokio::test]
async fn answer_must_fit_its_schema() {
    let server = MockServer::start().await;
    says(&server, r#"{"score": "high"}"#).await;
    let service = Service::with(&server).await;
    let caller = testing::caller(Role::Student);
    let schema = json!({
        "type": "object",
        "required": ["score"],
        "properties": {"score": {"type": "integer"}},
    });
    let message = CompleteRequest { json_schema: schema.to_string(), ..asked() };
    let status = service.completion.complete(request(&caller, message)).await.unwrap_err();
    assert_eq!(reason_of(&status).as_deref(), Some("NO_MODEL"));
    let message = CompleteRequest { json_schema: "no JSON".to_owned(), ..asked() };
    let status = service.completion.complete(request(&caller, message)).await.unwrap_err();
    assert_eq!(status.code(), Code::InvalidArgument);
}

#[tokio::test]
async fn text_streams_and_is_counted() {
    let server = MockServer::start().await;
    streams(&server, openai_stream(true)).await;
    let service = Service::with(&server).await;
    let events = stream(&service).await.unwrap();
    assert_eq!(text(&events), "Hello 你好");
    let last = events.last().unwrap().as_ref().unwrap();
    assert_eq!(last.origin.as_ref().unwrap().model, "gpt-test");
    assert_eq!(last.usage.unwrap().completion_tokens, 3);
    let calls = service.calls().await;
    assert_eq!((calls.len(), calls[0].2.as_str(), calls[0].3), (1, "ok", 15));
}

#[tokio::test]
async fn text_of_the_other_interface_streams_too() {
    let server = MockServer::start().await;
    let messages = [
        json!({"type": "message_start", "message": {"usage": {"input_tokens": 9}}}),
        json!({"type": "ping"}),
        json!({"type": "content_block_delta", "delta": {"type": "text_delta", "text": "Hi"}}),
        json!({"type": "content_block_delta", "delta": {"type": "text_delta", "text": "!"}}),
        json!({"type": "message_delta", "usage": {"output_tokens": 4}}),
        json!({"type": "message_stop"}),
    ];
    let lines = messages.iter().map(|m| format!("event: {}\ndata: {m}\n\n", m["type"]));
    streams(&server, lines.collect()).await;
    let service = Service::new(vec![anthropic(&server.uri())]).await;
    let events = stream(&service).await.unwrap();
    assert_eq!(text(&events), "Hi!");
    let usage = events.last().unwrap().as_ref().unwrap().usage.unwrap();
    assert_eq!((usage.prompt_tokens, usage.completion_tokens), (9, 4));
}

#[tokio::test]
async fn stream_that_breaks_off_ends_with_an_error() {
    let server = MockServer::start().await;
    streams(&server, openai_stream(false)).await;
    let service = Service::with(&server).await;
    let events = stream(&service).await.unwrap();
    assert_eq!(text(&events), "Hello 你好");
    let status = events.last().unwrap().as_ref().unwrap_err();
    assert_eq!(status.code(), Code::Unavailable);
    assert_eq!(service.outcomes().await, ["invalid_answer"]);
}

#[tokio::test]
async fn stream_that_does_not_end_is_ended() {
    let config = llm(vec![openai(&never_ends().await)]);
    let service =
        Service::configured(LlmConfig { total_timeout: Duration::from_secs(2), ..config }).await;
    let ended = tokio::time::timeout(Duration::from_secs(10), stream(&service)).await;
    let events = ended.expect("it ends").unwrap();
    assert!(events.len() > 2 && events.last().unwrap().is_err());
    assert_eq!(service.outcomes().await, ["timeout"]);
}

#[tokio::test]
async fn stream_after_a_rest_keeps_nobody_waiting() {
    let server = MockServer::start().await;
    let refused = ResponseTemplate::new(401);
    Mock::given(method("POST")).respond_with(refused).up_to_n_times(1).mount(&server).await;
    streams(&server, openai_stream(true)).await;
    let service = Service::with(&server).await;
    assert!(stream(&service).await.is_err());
    assert!(!service.models.can_answer());
    service.clock.advance(chrono::TimeDelta::seconds(30));
    let caller = testing::caller(Role::Student);
    let trial = service.completion.stream_complete(request(&caller, asked())).await.unwrap();
    assert!(service.models.can_answer());
    drop(trial);
    assert_eq!(text(&stream(&service).await.unwrap()), "Hello 你好");
}

#[tokio::test]
async fn next_provider_streams_when_the_first_does_not_begin() {
    let (first, second) = (MockServer::start().await, MockServer::start().await);
    fails(&first, 500).await;
    streams(&second, openai_stream(true)).await;
    let other =
        ai_svc::config::ProviderConfig { model: "other".to_owned(), ..openai(&second.uri()) };
    let service = Service::new(vec![openai(&first.uri()), other]).await;
    let events = stream(&service).await.unwrap();
    assert_eq!(events.last().unwrap().as_ref().unwrap().origin.as_ref().unwrap().model, "other");
}

#[tokio::test]
async fn stream_is_begun_again_before_the_next_provider_is_asked() {
    let (first, second) = (MockServer::start().await, MockServer::start().await);
    let busy = ResponseTemplate::new(503);
    Mock::given(method("POST")).respond_with(busy).up_to_n_times(1).mount(&first).await;
    streams(&first, openai_stream(true)).await;
    let service = Service::new(vec![openai(&first.uri()), openai(&second.uri())]).await;
    assert_eq!(text(&stream(&service).await.unwrap()), "Hello 你好");
    assert!(bodies(&second).await.is_empty());
    assert_eq!(service.outcomes().await, ["server_error", "ok"]);
}

#[tokio::test]
async fn stream_waits_no_longer_than_it_may_for_a_provider_that_asks_for_rest() {
    let (first, second) = (MockServer::start().await, MockServer::start().await);
    let rests = ResponseTemplate::new(503).insert_header("retry-after", "60");
    Mock::given(method("POST")).respond_with(rests).mount(&first).await;
    streams(&second, openai_stream(true)).await;
    let service = Service::new(vec![openai(&first.uri()), openai(&second.uri())]).await;
    assert_eq!(text(&stream(&service).await.unwrap()), "Hello 你好");
    assert_eq!(bodies(&first).await.len(), 1);
    assert_eq!(service.models.states()[0].circuit.state.as_str(), "open");
}

#[tokio::test]
async fn server_that_knows_no_stream_options_streams_without() {
    let server = MockServer::start().await;
    let answer = |request: &wiremock::Request| {
        let body: Value = request.body_json().unwrap();
        match body.get("stream_options") {
            Some(_) => ResponseTemplate::new(400).set_body_string("unknown field stream_options"),
            None => {
                ResponseTemplate::new(200).set_body_raw(openai_stream(true), "text/event-stream")
            }
        }
    };
    Mock::given(method("POST")).respond_with(answer).mount(&server).await;
    let service = Service::with(&server).await;
    assert_eq!(text(&stream(&service).await.unwrap()), "Hello 你好");
    assert_eq!(text(&stream(&service).await.unwrap()), "Hello 你好");
    assert_eq!(bodies(&server).await.len(), 3);
}

#[tokio::test]
async fn text_that_was_cut_off_says_so() {
    let server = MockServer::start().await;
    let cut = json!({
        "choices": [{"message": {"content": "Once upon a"}, "finish_reason": "length"}],
        "usage": {"prompt_tokens": 5, "completion_tokens": 4},
    });
    let cut = ResponseTemplate::new(200).set_body_json(cut);
    Mock::given(method("POST")).respond_with(cut).up_to_n_times(1).mount(&server).await;
    let end = json!({"choices": [{"delta": {}, "finish_reason": "length"}]});
    let body = openai_stream(true).replace("data: [DONE]", &format!("data: {end}\n\ndata: [DONE]"));
    streams(&server, body).await;
    let service = Service::with(&server).await;
    let caller = testing::caller(Role::Student);
    let answer = service.completion.complete(request(&caller, asked())).await.unwrap();
    assert!(answer.into_inner().cut_off);
    let events = stream(&service).await.unwrap();
    assert!(events.last().unwrap().as_ref().unwrap().cut_off);
}

#[tokio::test]
async fn text_that_breaks_off_with_the_process_is_an_error() {
    let service = Service::new(vec![openai(&begins_only().await)]).await;
    let caller = testing::caller(Role::Student);
    let stream = service.completion.stream_complete(request(&caller, asked())).await.unwrap();
    service.stop.cancel();
    let events: Vec<_> = stream.into_inner().collect().await;
    let status = events.last().unwrap().as_ref().unwrap_err();
    assert_eq!(status.code(), Code::Unavailable);
    assert_eq!(reason_of(status).as_deref(), Some("ENDING"));
}

#[tokio::test]
async fn people_are_not_named_by_address_or_number() {
    let server = MockServer::start().await;
    says(&server, "Good.").await;
    let service = Service::with(&server).await;
    let caller = testing::caller(Role::Student);
    let content = "I am 2023010145, write to li@qq.com".to_owned();
    let turn = ChatMessage { role: "user".to_owned(), content };
    let message = CompleteRequest { messages: vec![turn], ..asked() };
    service.completion.complete(request(&caller, message)).await.unwrap();
    let sent = bodies(&server).await.remove(0).to_string();
    assert!(!sent.contains("2023010145") && !sent.contains("li@qq.com"), "{sent}");
}

#[tokio::test]
async fn answer_in_a_form_is_kept_unless_a_fresh_one_is_wanted() {
    let server = MockServer::start().await;
    says(&server, r#"{"score": 3}"#).await;
    let mut llm = llm(vec![openai(&server.uri())]);
    llm.answer_ttl = std::time::Duration::from_mins(1);
    let service = Service::configured(llm).await;
    let caller = testing::caller(Role::Student);
    for (fresh, calls) in [(false, 1), (false, 1), (true, 2)] {
        let json_schema = json!({"type": "object", "required": ["score"]}).to_string();
        let message = CompleteRequest { json_schema, fresh, ..asked() };
        service.completion.complete(request(&caller, message)).await.unwrap();
        assert_eq!(bodies(&server).await.len(), calls);
    }
}

#[tokio::test]
async fn abandoned_stream_is_written_down() {
    let server = MockServer::start().await;
    streams(&server, openai_stream(true)).await;
    let service = Service::with(&server).await;
    let caller = testing::caller(Role::Student);
    let stream = service.completion.stream_complete(request(&caller, asked())).await.unwrap();
    let mut stream = stream.into_inner();
    assert_eq!(stream.next().await.unwrap().unwrap().delta, "Hel");
    drop(stream);
    let calls = service.calls().await;
    assert_eq!(calls[0].2, "cancelled");
    assert!(calls[0].4 > 0, "what was written is paid for");
}

#[tokio::test]
async fn conversation_must_end_with_the_user() {
    let service = Service::without_model().await;
    let caller = testing::caller(Role::Student);
    let turn = |role: &str| ChatMessage { role: role.to_owned(), content: "x".to_owned() };
    for messages in [vec![], vec![turn("assistant")], vec![turn("system"), turn("user")]] {
        let message = CompleteRequest { messages, ..asked() };
        let status = service.completion.complete(request(&caller, message)).await.unwrap_err();
        assert_eq!(status.code(), Code::InvalidArgument);
    }
}
