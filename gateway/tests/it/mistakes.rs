//! Mistake books: what is sent on, and what comes back.

use kit::wire;
use proto::learning::v1 as pb;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::support::{Gateway, problem};

/// A whole mistake, as learning-svc sends it.
pub fn mistake() -> pb::Mistake {
    let moment = Some(wire::time(chrono::DateTime::UNIX_EPOCH));
    pb::Mistake {
        id: Uuid::from_u128(1).to_string(),
        student_id: Uuid::from_u128(2).to_string(),
        student_name: "王小明".to_owned(),
        r#type: pb::MistakeType::Grammar.into(),
        status: pb::MistakeStatus::Pending.into(),
        question: "He ___ to school.".to_owned(),
        wrong_answer: "go".to_owned(),
        correct_answer: "goes".to_owned(),
        times_wrong: 1,
        first_mistaken_at: moment,
        last_mistaken_at: moment,
        analysis_status: pb::AnalysisStatus::Queued.into(),
        created_at: moment,
        updated_at: moment,
        created_by: Uuid::from_u128(3).to_string(),
        version: 7,
        answer_form: pb::AnswerForm::Text.into(),
        ..pb::Mistake::default()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_recorded_mistake_is_sent_on_once_and_shown_whole() {
    let gateway = Gateway::start().await;
    let student = Uuid::now_v7();
    let body = json!({
        "student_id": student, "type": "grammar", "question": "He ___ to school.",
        "wrong_answer": "go", "correct_answer": "goes", "topic": "时态",
        "mistaken_at": "2026-11-20T08:00:00Z",
    });
    let post = async || {
        let request = gateway.request(Method::POST, "/mistakes").header("idempotency-key", "k-1");
        let answer = request.json(&body).send().await.unwrap();
        (answer.status(), answer.json::<Value>().await.unwrap())
    };
    let recorded =
        |repeated_mistake| pb::CreateMistakeResponse { mistake: Some(mistake()), repeated_mistake };
    gateway.script.answer("CreateMistake", &recorded(false));
    let (status, shown) = post().await;
    assert_eq!(status, StatusCode::CREATED);
    assert_eq!(
        (&shown["question"], &shown["type"]),
        (&json!("He ___ to school."), &json!("grammar"))
    );
    assert_eq!((&shown["due_at"], &shown["topic"]), (&Value::Null, &Value::Null), "absent is null");
    assert_eq!(shown["first_mistaken_at"], "1970-01-01T00:00:00Z");

    let sent: pb::CreateMistakeRequest = gateway.script.asked("CreateMistake");
    let sent = sent.mistake.unwrap();
    assert_eq!(sent.r#type(), pb::MistakeType::Grammar);
    assert_eq!(sent.mistaken_at.unwrap().seconds, 1_795_161_600);
    assert_eq!((sent.student_id, sent.topic), (student.to_string(), "时态".to_owned()));
    let key = gateway.script.sent("CreateMistake", "idempotency-key");
    assert_eq!(key.as_deref(), Some("k-1"));

    gateway.script.answer("CreateMistake", &recorded(true));
    let (status, shown) = post().await;
    assert_eq!((status, &shown["repeated_mistake"]), (StatusCode::OK, &json!(true)));
}

#[tokio::test(flavor = "multi_thread")]
async fn filters_reach_the_service_as_they_were_given() {
    let gateway = Gateway::start().await;
    let page = pb::ListMistakesResponse { mistakes: vec![mistake()], next_cursor: "n".to_owned() };
    gateway.script.answer("ListMistakes", &page);
    let path = "/mistakes?statuses=pending,mastered&types=writing&query=%E6%97%B6%E6%80%81&limit=7\
                &order=most_frequent&deleted=true&cursor=c";
    let answer = gateway.get(path).await;
    assert_eq!(answer.status(), StatusCode::OK);
    let shown: Value = answer.json().await.unwrap();
    assert_eq!((&shown["items"][0]["version"], &shown["next_cursor"]), (&json!(7), &json!("n")));
    let sent: pb::ListMistakesRequest = gateway.script.asked("ListMistakes");
    let statuses: Vec<_> = sent.statuses().collect();
    assert_eq!(statuses, [pb::MistakeStatus::Pending, pb::MistakeStatus::Mastered]);
    assert_eq!(sent.types().collect::<Vec<_>>(), [pb::MistakeType::Writing]);
    assert_eq!((sent.query.as_str(), sent.limit, sent.cursor.as_str()), ("时态", 7, "c"));
    assert!(sent.deleted && sent.student_id.is_empty() && sent.from.is_none());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_tells_absent_from_emptied() {
    let gateway = Gateway::start().await;
    gateway.script.answer("UpdateMistake", &pb::UpdateMistakeResponse { mistake: Some(mistake()) });
    let path = format!("/mistakes/{}", Uuid::from_u128(1));
    let body = json!({ "topic": null, "question": "New?", "version": 7 });
    let answer = gateway.request(Method::PATCH, &path).json(&body).send().await.unwrap();
    assert_eq!(answer.status(), StatusCode::OK);
    let sent: pb::UpdateMistakeRequest = gateway.script.asked("UpdateMistake");
    assert_eq!((sent.topic.as_deref(), sent.question.as_deref()), (Some(""), Some("New?")));
    assert_eq!((sent.source, sent.wrong_answer, sent.version), (None, None, Some(7)));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_that_breaks_the_contract_is_our_fault() {
    let gateway = Gateway::start().await;
    let nameless = pb::Mistake { status: 99, ..mistake() };
    gateway.script.answer("UpdateMistake", &pb::UpdateMistakeResponse { mistake: Some(nameless) });
    let path = format!("/mistakes/{}", Uuid::from_u128(1));
    let request = gateway.request(Method::PATCH, &path).json(&json!({ "topic": "x" }));
    let answer = request.send().await.unwrap();
    assert_eq!(answer.status(), StatusCode::INTERNAL_SERVER_ERROR);
    assert_eq!(problem(answer).await["code"], "INTERNAL");
}
