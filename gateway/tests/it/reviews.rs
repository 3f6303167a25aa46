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

#[tokio::test(flavor = "multi_thread")]
async fn what_is_due_and_was_done_keeps_its_names() {
    let gateway = Gateway::start().await;
    let due = pb::ListDueReviewsResponse {
        mistakes: vec![mistake()],
        due_today: 1,
        done_today: 2,
        overdue: 3,
        next_due_at: None,
        planned_today: 4,
        correct_today: 5,
    };
    gateway.script.answer("ListDueReviews", &due);
    let student = Uuid::now_v7();
    let answer = gateway.get(&format!("/reviews/due?student_id={student}&limit=6")).await;
    let mut shown: Value = answer.json().await.unwrap();
    let items = shown.as_object_mut().unwrap().remove("items").unwrap();
    assert_eq!(items[0]["question"], "He ___ to school.");
    let expected = json!({
        "due_today": 1, "done_today": 2, "overdue": 3, "next_due_at": null, "planned_today": 4,
        "correct_today": 5,
    });
    assert_eq!(shown, expected);
    let sent: pb::ListDueReviewsRequest = gateway.script.asked("ListDueReviews");
    assert_eq!((sent.student_id, sent.limit), (student.to_string(), 6));

    let day = pb::CalendarDay { day: "2026-11-25".to_owned(), due: 7, done: 8, correct: 9 };
    gateway.script.answer("GetReviewCalendar", &pb::GetReviewCalendarResponse { days: vec![day] });
    let answer = gateway.get("/reviews/calendar?from=2026-11-01&until=2026-11-30").await;
    let shown: Value = answer.json().await.unwrap();
    let expected = json!([{ "day": "2026-11-25", "due": 7, "done": 8, "correct": 9 }]);
    assert_eq!(shown["items"], expected);
    let sent: pb::GetReviewCalendarRequest = gateway.script.asked("GetReviewCalendar");
    assert_eq!((sent.from.as_str(), sent.until.as_str()), ("2026-11-01", "2026-11-30"));
}
