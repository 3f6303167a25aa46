//! Classes: what is sent on, and what comes back.

use kit::wire;
use proto::learning::v1 as pb;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::support::Gateway;

fn class() -> pb::Class {
    let moment = Some(wire::time(chrono::DateTime::UNIX_EPOCH));
    pb::Class {
        id: Uuid::from_u128(1).to_string(),
        name: "高二（3）班".to_owned(),
        status: pb::ClassStatus::Active.into(),
        head_teacher_id: Uuid::from_u128(2).to_string(),
        head_teacher_name: "李老师".to_owned(),
        assistants: vec![pb::Teacher {
            id: Uuid::from_u128(3).to_string(),
            full_name: "周".into(),
        }],
        max_students: 60,
        active_students: 45,
        created_at: moment,
        updated_at: moment,
        organization_id: Uuid::from_u128(4).to_string(),
        ..pb::Class::default()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_class_is_created_and_shown() {
    let gateway = Gateway::start().await;
    gateway.script.answer("CreateClass", &pb::CreateClassResponse { class: Some(class()) });
    let body = json!({ "name": "高二（3）班", "semester": "2026-2027-1", "max_students": 60 });
    let answer = gateway.request(Method::POST, "/classes").json(&body).send().await.unwrap();
    assert_eq!(answer.status(), StatusCode::CREATED);
    let shown: Value = answer.json().await.unwrap();
    assert_eq!((&shown["active_students"], &shown["status"]), (&json!(45), &json!("active")));
    assert_eq!(shown["assistants"][0]["full_name"], "周");
    assert_eq!((&shown["join_code"], &shown["archived_at"]), (&Value::Null, &Value::Null));
    let sent: pb::CreateClassRequest = gateway.script.asked("CreateClass");
    assert_eq!((sent.name.as_str(), sent.max_students), ("高二（3）班", 60));
    assert_eq!((sent.semester.as_str(), sent.grade.as_str()), ("2026-2027-1", ""));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_sends_only_what_was_given() {
    let gateway = Gateway::start().await;
    gateway.script.answer("UpdateClass", &pb::UpdateClassResponse { class: Some(class()) });
    let path = format!("/classes/{}", Uuid::from_u128(1));
    let body = json!({ "description": null, "max_students": 50 });
    let answer = gateway.request(Method::PATCH, &path).json(&body).send().await.unwrap();
    assert_eq!(answer.status(), StatusCode::OK);
    let sent: pb::UpdateClassRequest = gateway.script.asked("UpdateClass");
    assert_eq!((sent.name, sent.description.as_deref()), (None, Some("")));
    assert_eq!((sent.max_students, sent.head_teacher_id), (Some(50), None));
}
