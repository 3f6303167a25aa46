//! One request is one trace: from nginx through gateway and service to the statement and the model.

use std::time::Duration;

use opentelemetry_proto::tonic::trace::v1::{Span, span::SpanKind};
use serde_json::json;
use system_tests::{
    Installation, Model, Spans,
    model::{KEY, SENTENCE},
    school,
    spans::hexadecimal,
};
use tokio::time::Instant;

use crate::{
    privacy::stands,
    support::{PASSWORD, School, enroll, found, text},
};

/// A span that was looked for, by who sent it, its parent, its name and its kind.
type Wanted<'a> = (&'a str, &'a str, &'a str, SpanKind);

const METHOD: &str = "/ai_english.ai.v1.TextService/CheckText";

#[tokio::test(flavor = "multi_thread")]
async fn one_request_is_one_trace_from_nginx_to_the_statement_and_the_model() {
    let (spans, model) = (Spans::receive().await.unwrap(), Model::start().await.unwrap());
    let variables = [&spans.variables()[..], &model.variables()[..]].concat();
    let installation = Installation::behind_nginx(&variables).await.unwrap();
    let front = installation.front.as_ref().unwrap();
    let School { teacher, class, .. } = found(&installation, "trace").await.unwrap();
    let pupils = school::pupils(3);
    let passwords = enroll(&teacher, &class, &pupils).await.unwrap();
    let sign_in = json!({ "login": "trace_teacher", "password": PASSWORD });
    let session = teacher.post("/auth/login", sign_in).await.unwrap().expect().unwrap();
    let students = teacher.all(&format!("/students?class_id={class}")).await.unwrap();

    let answer = teacher.post("/ai/grammar-checks", json!({ "text": SENTENCE })).await.unwrap();
    let id = answer.headers["x-request-id"].to_str().unwrap().to_owned();
    let checked = answer.expect().unwrap();
    assert_eq!(checked["origin"]["source"], "model", "{checked}");

    // nginx gave the request a trace, and wrote it into its log.
    let logs = front.logs_with(&format!(r#""request_id":"{id}""#)).await.unwrap();
    let line = logs.lines().find(|line| line.contains(&id)).unwrap();
    let line: serde_json::Value = serde_json::from_str(line).unwrap();
    let parent = text(&line, "traceparent").unwrap();
    let parts: Vec<&str> = parent.split('-').collect();
    let (trace, nginx) = (parts[1], parts[2]);

    let name = "POST /api/v1/ai/grammar-checks";
    let http = one(&spans, trace, ("gateway", nginx, name, SpanKind::Server)).await;
    let call = one(&spans, trace, ("gateway", &http, METHOD, SpanKind::Client)).await;
    let service = one(&spans, trace, ("ai-svc", &call, METHOD, SpanKind::Server)).await;
    one(&spans, trace, ("ai-svc", &service, "budgets.read", SpanKind::Client)).await;
    let asked = one(&spans, trace, ("ai-svc", &service, "model", SpanKind::Client)).await;
    let told = &model.corrections()[0]["traceparent"];
    assert_eq!(told.to_str().unwrap(), format!("00-{trace}-{asked}-01"), "the model is told, too");
    let status = |(_, span): &(String, Span)| {
        let found = span.attributes.iter().find(|one| one.key == "http.response.status_code");
        found.map(|one| format!("{:?}", one.value))
    };
    let of_gateway = spans.of(trace).iter().find_map(status).unwrap();
    assert!(of_gateway.contains("200"), "{of_gateway}");

    // A page goes through another service, to its statements.
    let page = teacher.get(&format!("/mistakes?class_id={class}")).await.unwrap();
    let id = page.headers["x-request-id"].to_str().unwrap();
    let trace = id.replace('-', "");
    let method = "/ai_english.learning.v1.MistakeService/ListMistakes";
    let root = &trace[..16];
    let http =
        one(&spans, &trace, ("gateway", root, "GET /api/v1/mistakes", SpanKind::Server)).await;
    let call = one(&spans, &trace, ("gateway", &http, method, SpanKind::Client)).await;
    let service = one(&spans, &trace, ("learning-svc", &call, method, SpanKind::Server)).await;
    one(&spans, &trace, ("learning-svc", &service, "mistakes.list_latest", SpanKind::Client)).await;

    let everything = format!("{:?}", spans.received());
    let secret = installation.system.environment(launcher::Service::Gateway);
    let texts = ["access_token", "refresh_token"].map(|token| text(&session, token).unwrap());
    let passwords = passwords.iter().map(|one| text(one, "password").unwrap());
    let names = students.iter().map(|one| text(one, "full_name").unwrap());
    let numbers = pupils.iter().map(|pupil| pupil.number.clone());
    let words = ["@", "校长", PASSWORD, KEY, SENTENCE, secret.get("JWT_SECRET_KEY").unwrap()];
    let told = words.into_iter().map(str::to_owned).chain(texts).chain(passwords);
    for private in told.chain(names) {
        assert!(!everything.contains(&private), "{private} stands in a trace");
    }
    for number in numbers {
        assert!(!stands(&everything, &number), "{number} stands in a trace");
    }
}

/// Waits for a span and returns its id.
async fn one(spans: &Spans, trace: &str, (service, parent, name, kind): Wanted<'_>) -> String {
    let limit = Instant::now() + Duration::from_secs(20);
    loop {
        let sent = spans.of(trace);
        let wanted = |(from, span): &&(String, Span)| {
            from == service
                && hexadecimal(&span.parent_span_id) == parent
                && span.name == name
                && span.kind() == kind
        };
        if let Some((_, span)) = sent.iter().find(wanted) {
            return hexadecimal(&span.span_id);
        }
        let known: Vec<_> = sent
            .iter()
            .map(|(from, span)| {
                let ids = [&span.parent_span_id, &span.span_id].map(|id| hexadecimal(id));
                format!("{from} {} {:?} {ids:?}", span.name, span.kind())
            })
            .collect();
        assert!(Instant::now() < limit, "no {service} {name} below {parent} in {known:#?}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}
