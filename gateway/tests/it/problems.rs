//! What the answers of the services become.

use kit::error::{Classify, Invalid, Kind, into_status};
use tonic::{Code, Status};
use uuid::Uuid;

use crate::support::{Gateway, header, problem};

#[derive(Debug, thiserror::Error)]
#[error("said by the service")]
struct Refusal(Kind);

impl Classify for Refusal {
    fn kind(&self) -> Kind {
        self.0
    }

    fn reason(&self) -> &'static str {
        "SOME_REASON"
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_class_of_failure_has_its_status() {
    let gateway = Gateway::start().await;
    let path = format!("/mistakes/{}", Uuid::now_v7());
    let classes = [
        (Kind::Invalid, 422),
        (Kind::Unauthenticated, 401),
        (Kind::Forbidden, 403),
        (Kind::NotFound, 404),
        (Kind::Conflict, 409),
        (Kind::Precondition, 409),
        (Kind::Exhausted, 429),
        (Kind::Unavailable, 503),
        (Kind::Timeout, 503),
        (Kind::Cancelled, 503),
        (Kind::Internal, 500),
    ];
    for (kind, status) in classes {
        gateway.script.set(into_status(Refusal(kind)));
        let answer = gateway.get(&path).await;
        assert_eq!(answer.status().as_u16(), status, "{kind:?}");
        let retry = header(&answer, "retry-after").to_owned();
        assert_eq!(retry.is_empty(), status != 503, "{kind:?}: {retry}");
        let body = problem(answer).await;
        assert_eq!(body["code"], "SOME_REASON", "{kind:?}");
        if kind == Kind::Internal {
            assert!(!body.to_string().contains("said by"), "internal text is not shown: {body}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn codes_without_a_reason_of_ours_tell_nothing() {
    let gateway = Gateway::start().await;
    let path = format!("/mistakes/{}", Uuid::now_v7());
    for number in 1..=16 {
        gateway.script.set(Status::new(Code::from_i32(number), "10.0.0.7:50052 refused"));
        let answer = gateway.get(&path).await;
        let status = answer.status().as_u16();
        let body = problem(answer).await;
        let expected = if number == 12 { 501 } else { 503 };
        assert_eq!(status, expected, "code {number}: {body}");
        assert!(!body.to_string().contains("10.0.0.7"), "{body}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn wrong_fields_keep_their_names() {
    let gateway = Gateway::start().await;
    let wrong = Invalid::one("mistake.question", "TOO_LONG", "has more than 10000 characters");
    gateway.script.set(into_status(wrong));
    let body = problem(gateway.get(&format!("/mistakes/{}", Uuid::now_v7())).await).await;
    assert_eq!(body["code"], "INVALID_FIELDS");
    assert_eq!(body["errors"][0]["field"], "mistake.question");
    assert_eq!(body["errors"][0]["code"], "TOO_LONG");
}

#[tokio::test(flavor = "multi_thread")]
async fn service_that_is_away_is_said_within_a_second_or_two() {
    let gateway = Gateway::start().await;
    let since = std::time::Instant::now();
    let answer = gateway.get("/auth/me").await;
    assert_eq!(answer.status(), 503);
    assert!(!header(&answer, "retry-after").is_empty());
    assert!(since.elapsed().as_secs() < 3, "{:?}", since.elapsed());
    assert_eq!(problem(answer).await["code"], "SERVICE_UNAVAILABLE");
}
