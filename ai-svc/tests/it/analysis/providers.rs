//! Providers that fail, are late, refuse or know less than asked for.

use std::time::Duration;

use serde_json::{Value, json};
use wiremock::{Mock, MockServer, ResponseTemplate, matchers::method};

use super::{analyse, good, reasons, student};
use crate::support::{Service, anthropic, bodies, chat, fails, openai, says};

#[tokio::test]
async fn second_provider_answers_when_the_first_fails() {
    let (first, second) = (MockServer::start().await, MockServer::start().await);
    fails(&first, 500).await;
    let input: Value = serde_json::from_str(&good(1)).unwrap();
    let body = json!({
        "content": [{"type": "tool_use", "name": "analyses", "input": input}],
        "stop_reason": "tool_use",
        "usage": {"input_tokens": 10, "output_tokens": 20},
    });
    let answer = ResponseTemplate::new(200).set_body_json(body);
    Mock::given(method("POST")).respond_with(answer).mount(&second).await;
    let service = Service::new(vec![openai(&first.uri()), anthropic(&second.uri())]).await;
    let analyses = analyse(&service, &student(), 1).await;
    assert_eq!(reasons(&analyses), ["claude-test"]);
    assert_eq!(bodies(&first).await.len(), 2, "asked again before the next one");
    let sent = bodies(&second).await;
    assert_eq!(sent[0]["tool_choice"]["name"], "analyses");
    assert_eq!(service.outcomes().await, ["server_error", "server_error", "ok"]);
}

#[tokio::test]
async fn failures_open_the_circuit_and_its_rest_ends() {
    let server = MockServer::start().await;
    fails(&server, 503).await;
    let service = Service::with(&server).await;
    let caller = student();
    for _ in 0..3 {
        assert_eq!(reasons(&analyse(&service, &caller, 1).await), ["provider_failed"]);
    }
    assert_eq!(bodies(&server).await.len(), 3, "three failures in a row, then rest");
    assert!(!service.models.can_answer());
    let state = service.models.states().remove(0).circuit;
    assert_eq!((state.state.as_str(), state.last_failure), ("open", Some("server_error")));

    server.reset().await;
    says(&server, &good(1)).await;
    service.clock.advance(chrono::TimeDelta::seconds(30));
    assert_eq!(service.models.states()[0].circuit.state.as_str(), "half_open");
    assert_eq!(reasons(&analyse(&service, &caller, 1).await), ["gpt-test"]);
    assert_eq!(service.models.states()[0].circuit.state.as_str(), "closed");
}

#[tokio::test]
async fn provider_that_asks_for_rest_gets_it() {
    let server = MockServer::start().await;
    let answer = ResponseTemplate::new(429).insert_header("retry-after", "40");
    Mock::given(method("POST")).respond_with(answer).mount(&server).await;
    let service = Service::with(&server).await;
    let caller = student();
    for _ in 0..2 {
        assert_eq!(reasons(&analyse(&service, &caller, 1).await), ["provider_failed"]);
    }
    assert_eq!(bodies(&server).await.len(), 1);
    assert_eq!(service.outcomes().await, ["rate_limited"]);
    service.clock.advance(chrono::TimeDelta::seconds(39));
    assert!(!service.models.can_answer());
    service.clock.advance(chrono::TimeDelta::seconds(1));
    assert!(service.models.can_answer());
}

#[tokio::test]
async fn slow_and_wrongly_keyed_and_absent_providers_are_told_apart() {
    let slow = MockServer::start().await;
    let answer = chat(&good(1)).set_delay(Duration::from_secs(3));
    Mock::given(method("POST")).respond_with(answer).mount(&slow).await;
    let wrong_key = MockServer::start().await;
    fails(&wrong_key, 401).await;
    let providers =
        vec![openai(&slow.uri()), anthropic(&wrong_key.uri()), openai("http://127.0.0.1:9")];
    let service = Service::new(providers).await;
    assert_eq!(reasons(&analyse(&service, &student(), 1).await), ["provider_failed"]);
    let expected = ["timeout", "unauthorized", "unreachable", "unreachable"];
    assert_eq!(service.outcomes().await, expected);
    let states = service.models.states();
    assert_eq!(states[1].circuit.state.as_str(), "open", "a wrong key is not tried again soon");
}

#[tokio::test]
async fn server_that_knows_no_schemas_is_asked_more_simply() {
    let server = MockServer::start().await;
    let knows_no_schema = |request: &wiremock::Request| {
        let body: Value = request.body_json().unwrap();
        match body["response_format"]["type"].as_str() {
            Some("json_schema") => ResponseTemplate::new(400)
                .set_body_string("response_format type is unavailable now"),
            _ => chat(&good(1)),
        }
    };
    Mock::given(method("POST")).respond_with(knows_no_schema).mount(&server).await;
    let service = Service::with(&server).await;
    let caller = student();
    for _ in 0..2 {
        assert_eq!(reasons(&analyse(&service, &caller, 1).await), ["gpt-test"]);
    }
    let formats: Vec<_> =
        bodies(&server).await.iter().map(|b| b["response_format"]["type"].clone()).collect();
    assert_eq!(formats, ["json_schema", "json_object", "json_object"]);
}

#[tokio::test]
async fn calls_that_are_refused_together_give_up_one_form_of_answers() {
    let server = MockServer::start().await;
    let knows_json_only = |request: &wiremock::Request| {
        let body: Value = request.body_json().unwrap();
        match body["response_format"]["type"].as_str() {
            Some("json_object") => chat(&good(1)),
            // Late enough for all to be asked before the first is refused.
            _ => ResponseTemplate::new(400)
                .set_body_string("response_format must be json_object")
                .set_delay(Duration::from_millis(400)),
        }
    };
    Mock::given(method("POST")).respond_with(knows_json_only).mount(&server).await;
    let service = Service::with(&server).await;
    let caller = student();
    let calls = (0..3).map(|_| analyse(&service, &caller, 1));
    for analyses in futures::future::join_all(calls).await {
        assert_eq!(reasons(&analyses), ["gpt-test"]);
    }
    let sent = bodies(&server).await;
    let count = |form| sent.iter().filter(|b| b["response_format"]["type"] == form).count();
    assert_eq!((count("json_schema"), count("json_object"), sent.len()), (3, 3, 6));
}

#[tokio::test]
async fn request_that_is_refused_opens_no_circuit() {
    let server = MockServer::start().await;
    fails(&server, 413).await;
    let service = Service::with(&server).await;
    for _ in 0..4 {
        assert_eq!(reasons(&analyse(&service, &student(), 1).await), ["provider_failed"]);
    }
    assert!(service.models.can_answer(), "others ask for something else");
}
