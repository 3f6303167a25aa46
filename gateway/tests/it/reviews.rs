//! Reviews: what is sent on, and what comes back.

use kit::wire;
use proto::learning::v1::{self as pb, answer_review_request::Result as Outcome};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::{
    mistakes::mistake,
    support::{Gateway, problem},
};

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_or_a_grade_is_sent_on_and_never_both() {
    let gateway = Gateway::start().await;
    gateway.script.answer(
        "AnswerReview",
        &pb::AnswerReviewResponse {
            correct: true,
            rating: pb::Rating::Good.into(),
            mistake: Some(mistake()),
            next_due_at: Some(wire::time(chrono::DateTime::UNIX_EPOCH)),
            remaining_today: 3,
            ..pb::AnswerReviewResponse::default()
        },
    );
    let (review, mistake) = (Uuid::now_v7(), Uuid::now_v7());
    let path = format!("/reviews/{mistake}/answers");
    let post =
        async |body: Value| gateway.request(Method::POST, &path).json(&body).send().await.unwrap();
    let answer = post(json!({ "id": review, "answer": "goes", "duration_ms": 4000 })).await;
    assert_eq!(answer.status(), StatusCode::OK);
    let shown: Value = answer.json().await.unwrap();
    assert_eq!((&shown["correct"], &shown["rating"]), (&json!(true), &json!("good")));
    assert_eq!((&shown["remaining_today"], &shown["again_today"]), (&json!(3), &json!(false)));
    let sent: pb::AnswerReviewRequest = gateway.script.asked("AnswerReview");
    assert_eq!((sent.review_id, sent.mistake_id), (review.to_string(), mistake.to_string()));
    assert_eq!((sent.result, sent.duration_ms), (Some(Outcome::Answer("goes".to_owned())), 4000));

    post(json!({ "id": review, "rating": "hard" })).await;
    let sent: pb::AnswerReviewRequest = gateway.script.asked("AnswerReview");
    assert_eq!(sent.result, Some(Outcome::Rating(pb::Rating::Hard.into())));

    let both = post(json!({ "id": review, "answer": "goes", "rating": "hard" })).await;
    assert_eq!(problem(both).await["errors"][0]["field"], "rating");
    let neither = post(json!({ "id": review })).await;
    assert_eq!(problem(neither).await["errors"][0]["field"], "answer");
}
