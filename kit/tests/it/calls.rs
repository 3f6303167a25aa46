//! Calls between processes: identity, deadlines, retries, restarts.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    time::{Duration, Instant},
};

use kit::{
    caller::{self, Caller, CallerKey, Role},
    error::{self, Checks},
    grpc, testing,
};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
    sync::Notify,
};
use tonic::{Code, Status};
use tonic_health::pb::{
    HealthCheckRequest, health_check_response::ServingStatus, health_client::HealthClient,
};
use tonic_reflection::pb::v1::{
    ServerReflectionRequest, server_reflection_client::ServerReflectionClient,
    server_reflection_request::MessageRequest, server_reflection_response::MessageResponse,
};

use crate::sample::{Running, Sample, call, send};

#[tokio::test]
async fn caller_goes_along_from_call_to_call() {
    let common = testing::common("learning-svc");
    let inner = Sample::new(|request| async move {
        Caller::of(&request).map(|caller| format!("{} {}", caller.user_id, caller.request_id))
    });
    let inner = Running::start(&common, inner, 0).await;
    let onward = inner.client(&common);
    let outer = Sample::new(move |_| {
        let onward = onward.clone();
        async move { call(&onward, "GetThing", "").await }
    });
    let outer = Running::start(&common, outer, 0).await;
    let client = outer.client(&common);

    let teacher = testing::caller(Role::Teacher);
    let answer = caller::scope(teacher.clone(), call(&client, "CreateThing", "")).await.unwrap();
    assert_eq!(answer, format!("{} {}", teacher.user_id, teacher.request_id));

    let nobody = call(&client, "CreateThing", "").await.unwrap_err();
    assert_eq!(nobody.code(), Code::Unauthenticated);
    assert_eq!(error::reason_of(&nobody).as_deref(), Some("UNAUTHENTICATED"));
}

#[tokio::test]
async fn refusal_of_a_thousand_fields_arrives() {
    let common = testing::common("auth-svc");
    let sample = Sample::new(|_| async {
        let mut checks = Checks::new();
        for at in 0..1_000 {
            checks.refuse(format!("users[{at}].full_name"), "REQUIRED", "姓名缺失".repeat(10));
        }
        Err(error::into_status(checks.finish().unwrap_err()))
    });
    let server = Running::start(&common, sample, 0).await;
    let refused = call(&server.client(&common), "Login", "").await.unwrap_err();
    assert_eq!(error::reason_of(&refused).as_deref(), Some("INVALID_FIELDS"));
    let wrong = error::violations_of(&refused);
    assert_eq!((wrong.len(), wrong[99].0.as_str()), (100, "users[99].full_name"));
    assert!(refused.message().ends_with("; and 980 more"), "{}", refused.message());
}

#[tokio::test]
async fn anonymous_call_is_signed_too_and_a_forged_one_is_refused() {
    let common = testing::common("auth-svc");
    let sample = Sample::new(|request| async move {
        let caller = Caller::optional(&request)?;
        let (issuer, id) = (caller::issuer(&request)?, caller::request_id().unwrap_or_default());
        Ok(format!("{} {issuer} {id}", caller.is_none()))
    });
    let server = Running::start(&common, sample, 0).await;
    let client = server.client(&testing::common("learning-svc"));
    let answer = caller::anonymous("r-1".to_owned(), call(&client, "Login", "")).await;
    assert_eq!(answer.unwrap(), "true learning-svc r-1");

    let target = format!("http://127.0.0.1:{}", server.port);
    let forged = CallerKey::new(b"a key of somebody else", "gateway");
    let stranger = grpc::channel(&target, grpc::ChannelConfig::default(), forged).unwrap();
    let refused = call(&stranger, "Login", "").await.unwrap_err();
    assert_eq!(error::reason_of(&refused).as_deref(), Some("CALLER_INVALID"));
}

#[tokio::test]
async fn server_tells_that_it_is_well_and_what_it_offers() {
    let common = testing::common("auth-svc");
    let sample = Sample::new(|_| async { Ok(String::new()) });
    let server = Running::start(&common, sample, 0).await;
    let whole = HealthCheckRequest { service: String::new() };
    let answer = HealthClient::new(server.client(&common)).check(whole).await.unwrap();
    assert_eq!(answer.into_inner().status(), ServingStatus::Serving);

    let list = ServerReflectionRequest {
        host: String::new(),
        message_request: Some(MessageRequest::ListServices(String::new())),
    };
    let mut reflection = ServerReflectionClient::new(server.client(&common));
    let answers = reflection.server_reflection_info(futures::stream::iter([list])).await.unwrap();
    let answer = answers.into_inner().message().await.unwrap().unwrap();
    let Some(MessageResponse::ListServicesResponse(list)) = answer.message_response else {
        panic!("no list of services: {answer:?}");
    };
    let names: Vec<_> = list.service.into_iter().map(|service| service.name).collect();
    assert!(names.iter().any(|name| name == "grpc.health.v1.Health"), "{names:?}");
}

#[tokio::test]
async fn idempotency_key_reaches_the_service() {
    let common = testing::common("auth-svc");
    let sample =
        Sample::new(
            |request| async move { Ok(grpc::idempotency_key(&request).unwrap_or_default()) },
        );
    let server = Running::start(&common, sample, 0).await;
    let client = server.client(&common);
    let work = call(&client, "CreateThing", "");
    let answer = grpc::with_idempotency_key(Some("k-1".to_owned()), work).await;
    assert_eq!(answer.unwrap(), "k-1");
    assert_eq!(call(&client, "CreateThing", "").await.unwrap(), "");
}

#[tokio::test]
async fn call_ends_at_its_deadline_on_both_sides() {
    struct Dropped(Arc<Notify>);
    impl Drop for Dropped {
        fn drop(&mut self) {
            self.0.notify_one();
        }
    }
    let common = testing::common("ai-svc");
    let ended = Arc::new(Notify::new());
    let notify = Arc::clone(&ended);
    let sample = Sample::new(move |_| {
        let dropped = Dropped(Arc::clone(&notify));
        async move {
            std::future::pending::<()>().await;
            drop(dropped);
            Ok(String::new())
        }
    });
    let server = Running::start(&common, sample, 0).await;
    let config = grpc::ChannelConfig { deadline: Duration::from_millis(150), ..Default::default() };
    let client = server.client_with(&common, config);
    let since = Instant::now();
    let late = call(&client, "GetThing", "").await.unwrap_err();
    assert_eq!(late.code(), Code::DeadlineExceeded, "{late:?}");
    assert!(since.elapsed() < Duration::from_secs(1));
    tokio::time::timeout(Duration::from_secs(1), ended.notified()).await.unwrap();

    let mut request = tonic::Request::new(String::new());
    request.set_timeout(Duration::from_millis(20));
    let patient = server.client(&common);
    let late = send(&patient, "CreateThing", request).await.unwrap_err();
    assert_eq!(late.code(), Code::DeadlineExceeded);
}

#[tokio::test]
async fn only_reads_are_tried_again() {
    let common = testing::common("ai-svc");
    let calls = Arc::new(AtomicU32::new(0));
    let counter = Arc::clone(&calls);
    let sample = Sample::new(move |request| {
        let number = counter.fetch_add(1, Ordering::SeqCst) + 1;
        async move { if number < 3 { Err(Status::unavailable("")) } else { Ok(request.into_inner()) } }
    });
    let server = Running::start(&common, sample, 0).await;
    let client = server.client(&common);
    assert_eq!(call(&client, "GetThing", "hello").await.unwrap(), "hello");
    assert_eq!(calls.swap(0, Ordering::SeqCst), 3);

    assert_eq!(call(&client, "CheckSession", "hello").await.unwrap(), "hello");
    assert_eq!(calls.swap(0, Ordering::SeqCst), 3);

    // A model is paid for each check of a text.
    for method in ["CreateThing", "CheckText"] {
        let refused = call(&client, method, "hello").await.unwrap_err();
        assert_eq!(refused.code(), Code::Unavailable, "{method}");
        assert_eq!(calls.swap(0, Ordering::SeqCst), 1, "{method}");
    }
}

#[tokio::test]
async fn stopped_service_is_said_at_once_and_comes_back() {
    let common = testing::common("ai-svc");
    let echo = || Sample::new(|request| async move { Ok(request.into_inner()) });
    let server = Running::start(&common, echo(), 0).await;
    let port = server.port;
    let client = server.client(&common);
    assert_eq!(call(&client, "CreateThing", "1").await.unwrap(), "1");
    server.stop().await;

    let since = Instant::now();
    let away = call(&client, "CreateThing", "2").await.unwrap_err();
    assert_eq!(away.code(), Code::Unavailable, "{away:?}");
    assert!(error::retry_after_of(&away).is_some());
    assert!(since.elapsed() < Duration::from_secs(2), "{:?}", since.elapsed());

    let server = Running::start(&common, echo(), port).await;
    assert_eq!(call(&client, "GetThing", "3").await.unwrap(), "3");
    assert_eq!(call(&client, "CreateThing", "4").await.unwrap(), "4");
    server.stop().await;
}

#[tokio::test]
async fn service_without_an_address_is_unavailable() {
    let common = testing::common("ai-svc");
    let target = "http://no-such-host.invalid:50051";
    let config = grpc::ChannelConfig { deadline: Duration::from_secs(3), ..Default::default() };
    let client = grpc::channel(target, config, common.caller_key.clone()).unwrap();
    let since = Instant::now();
    let away = call(&client, "CreateThing", "").await.unwrap_err();
    assert!(matches!(away.code(), Code::Unavailable | Code::DeadlineExceeded), "{away:?}");
    assert!(since.elapsed() < Duration::from_secs(4));
}

#[tokio::test]
async fn panic_becomes_an_internal_error_without_its_text() {
    let common = testing::common("ai-svc");
    let sample = Sample::new(|_| async { panic!("secret text") });
    let server = Running::start(&common, sample, 0).await;
    let client = server.client(&common);
    for _ in 0..2 {
        let broken = call(&client, "CreateThing", "").await.unwrap_err();
        assert_eq!((broken.code(), broken.message()), (Code::Internal, "internal error"));
    }
}

#[tokio::test]
async fn call_in_progress_ends_before_the_process_does() {
    let common = testing::common("ai-svc");
    let (started, finish) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
    let (begun, end) = (Arc::clone(&started), Arc::clone(&finish));
    let sample = Sample::new(move |_| {
        let (begun, end) = (Arc::clone(&begun), Arc::clone(&end));
        async move {
            begun.notify_one();
            end.notified().await;
            Ok("done".to_owned())
        }
    });
    let server = Running::start(&common, sample, 0).await;
    let client = server.client(&common);
    let work = tokio::spawn(async move { call(&client, "CreateThing", "").await });
    started.notified().await;
    server.begin_to_stop();
    finish.notify_one();
    assert_eq!(work.await.unwrap().unwrap(), "done");
    server.stop().await;
}

#[tokio::test]
async fn health_and_metrics_are_on_the_same_port() {
    let common = testing::common("ai-svc");
    let sample = Sample::new(|_| async { Err(Status::not_found("")) });
    let server = Running::start(&common, sample, 0).await;
    call(&server.client(&common), "GetThing", "").await.unwrap_err();

    let health = get(server.port, "/health").await;
    assert!(health.starts_with("HTTP/1.1 200"), "{health}");
    let body = r#"{"status":"healthy","version":"1.0.0","components":{"disk":"healthy"}}"#;
    assert!(health.ends_with(body), "{health}");
    assert!(get(server.port, "/health/live").await.starts_with("HTTP/1.1 200"));
    assert!(get(server.port, "/health/ready").await.starts_with("HTTP/1.1 200"));
    let metrics = get(server.port, "/metrics").await;
    let line = "grpc_server_handled_total{service=\"test.v1.SampleService\",method=\"GetThing\",\
                code=\"NOT_FOUND\"}";
    assert!(metrics.contains(line), "{metrics}");
}

async fn get(port: u16, path: &str) -> String {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).await.unwrap();
    let request = format!("GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    answer
}
