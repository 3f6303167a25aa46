//! What a teacher does with classes and mistake books day by day, over HTTP.

use std::time::Duration;

use reqwest::StatusCode;
use serde_json::{Value, json};
use system_tests::{Api, Installation, school};

use crate::support::{School, analysed, enroll, found, invite, text};

/// Posts and returns the body of a success.
async fn done(api: &Api, path: &str, body: Value) -> Value {
    api.post(path, body).await.unwrap().expect().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_teacher_keeps_classes_and_mistake_books_in_order() {
    let installation = Installation::start().await.unwrap();
    let School { admin, teacher, class, .. } = found(&installation, "daily").await.unwrap();
    enroll(&teacher, &class, &school::pupils(3)).await.unwrap();
    let students = teacher.all(&format!("/students?class_id={class}")).await.unwrap();
    let student = text(&students[0], "id").unwrap();

    classes(&installation, &admin, &teacher, &class).await;
    first_mistake(&installation, &admin).await;
    mistakes(&teacher, &class, &student).await;
    enrollments(&teacher, &class, &student).await;
}

async fn classes(installation: &Installation, admin: &Api, teacher: &Api, class: &str) {
    let path = format!("/classes/{class}");
    let archived = done(teacher, &format!("{path}/archive"), json!({})).await;
    assert_eq!(archived["status"], "archived");
    assert!(teacher.all("/classes").await.unwrap().is_empty());
    let restored = done(teacher, &format!("{path}/restore"), json!({})).await;
    assert_eq!((&restored["status"], &restored["archived_at"]), (&json!("active"), &Value::Null));

    let visitor = installation.visitor().unwrap();
    let helper = invite(&visitor, admin, "daily_helper", "teacher").await.unwrap();
    let helper_id = text(&helper.get("/auth/me").await.unwrap().expect().unwrap(), "id").unwrap();
    assert_eq!(helper.get(&path).await.unwrap().status, StatusCode::NOT_FOUND);
    let body = json!({ "teacher_id": helper_id });
    let room = done(teacher, &format!("{path}/assistants"), body).await;
    assert_eq!(room["assistants"][0]["id"], json!(helper_id));
    assert_eq!(helper.get(&path).await.unwrap().status, StatusCode::OK);
    let gone = teacher.delete(&format!("{path}/assistants/{helper_id}")).await.unwrap();
    assert!(gone.status.is_success());
    assert_eq!(helper.get(&path).await.unwrap().status, StatusCode::NOT_FOUND);

    let before = text(&restored, "join_code").unwrap();
    let renew = async || {
        let code = teacher.post_once(&format!("{path}/join-code"), "renew-1", &json!({})).await;
        text(&code.unwrap().expect().unwrap(), "join_code").unwrap()
    };
    let after = renew().await;
    assert_ne!(after, before);
    assert_eq!(renew().await, after, "a repeated call renews nothing");
}

/// A pupil without any class keeps a book of their own.
async fn first_mistake(installation: &Installation, admin: &Api) {
    let visitor = installation.visitor().unwrap();
    let pupil = invite(&visitor, admin, "daily_pupil", "student").await.unwrap();
    let mistake = json!({
        "type": "grammar", "question": "She ___ tall.", "wrong_answer": "are",
        "correct_answer": "is",
    });
    let answer = pupil.post("/mistakes", mistake).await.unwrap();
    assert_eq!(answer.status, StatusCode::CREATED, "{}", answer.json());
    assert_eq!(pupil.all("/mistakes").await.unwrap().len(), 1);
}

async fn mistakes(teacher: &Api, class: &str, student: &str) {
    let new = |question: &str| {
        json!({
            "student_id": student, "type": "grammar", "question": question,
            "wrong_answer": "go", "correct_answer": "goes",
        })
    };
    let list = [new("He ___ home."), new("She ___ home."), new("he ___ home.")];
    let made = done(teacher, "/mistakes/batch", json!({ "mistakes": list })).await;
    assert_eq!((&made["created"], &made["repeated_mistakes"]), (&json!(2), &json!(1)));
    let ids: Vec<String> =
        [0, 1].into_iter().map(|place| text(&made["items"][place], "id").unwrap()).collect();
    analysed(teacher, class, Duration::from_mins(1)).await.unwrap();

    let change = async |wanted: Value| {
        let mut body = wanted;
        body["mistake_ids"] = json!(ids);
        done(teacher, "/mistakes/changes", body).await
    };
    let mastered = change(json!({ "status": "mastered" })).await;
    assert_eq!(mastered["changed"], 2);
    assert_eq!(mastered["items"][0]["previous_status"], "pending");
    assert_eq!(change(json!({ "delete": true })).await["changed"], 2);
    let all = format!("/mistakes?class_id={class}");
    assert!(teacher.all(&all).await.unwrap().is_empty());

    let first = format!("/mistakes/{}", ids[0]);
    assert_eq!(teacher.get(&first).await.unwrap().status, StatusCode::NOT_FOUND);
    let back = done(teacher, &format!("{first}/restore"), json!({})).await;
    assert_eq!((&back["id"], &back["status"]), (&json!(ids[0]), &json!("mastered")));
    let asked = done(teacher, &format!("{first}/analysis"), json!({})).await;
    assert_eq!(asked["analysis_status"], "queued");
    analysed(teacher, class, Duration::from_mins(1)).await.unwrap();
    let seen = teacher.get(&first).await.unwrap().expect().unwrap();
    assert_eq!(seen["analysis_status"], "done");
    assert_eq!(seen["analysis"]["source"], "rules");
}

async fn enrollments(teacher: &Api, class: &str, student: &str) {
    let path = format!("/classes/{class}/enrollments");
    let end = format!("{path}/{student}/end");
    let body = json!({ "status": "left", "notes": "转学" });
    for _ in 0..2 {
        let ended = teacher.post_once(&end, "end-1", &body).await.unwrap().expect().unwrap();
        assert_eq!((&ended["status"], &ended["notes"]), (&json!("left"), &json!("转学")));
    }
    let there = teacher.all(&path).await.unwrap();
    assert!(there.iter().all(|one| one["student"]["id"] != json!(student)));
    // What was recorded can be read, and nothing more be done.
    let kept = teacher.all(&format!("/mistakes?student_id={student}")).await.unwrap();
    assert_eq!(kept.len(), 1);
    let gone = teacher.delete(&format!("/mistakes/{}", text(&kept[0], "id").unwrap())).await;
    let gone = gone.unwrap();
    assert_eq!((gone.status, gone.code()), (StatusCode::FORBIDDEN, "FORMER_STUDENT".to_owned()));
    let reset = format!("/users/{student}/reset-password");
    let gone = teacher.post(&reset, json!({})).await.unwrap();
    assert_eq!((gone.status, gone.code()), (StatusCode::NOT_FOUND, "USER_NOT_FOUND".to_owned()));

    let back = done(teacher, &path, json!({ "student_ids": [student] })).await;
    assert_eq!((&back["enrolled"], &back["already_enrolled"]), (&json!(1), &json!(0)));
    assert!(!text(&done(teacher, &reset, json!({})).await, "password").unwrap().is_empty());
}
