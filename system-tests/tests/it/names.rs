//! People change their names, and are called so everywhere.

use std::time::{Duration, Instant};

use launcher::Service;
use reqwest::StatusCode;
use serde_json::{Value, json};
use system_tests::{Api, Installation, school};

use crate::support::{School, enroll, found, invite, text};

/// Within which a name has come to all who show it.
const SOON: Duration = Duration::from_secs(20);

async fn get(api: &Api, path: &str) -> Value {
    api.get(path).await.unwrap().expect().unwrap()
}

/// Waits until `path` has `expected` at a place.
async fn shows(api: &Api, path: &str, place: &str, expected: &str) {
    let since = Instant::now();
    loop {
        let answer = get(api, path).await;
        if answer.pointer(place) == Some(&json!(expected)) {
            return;
        }
        assert!(since.elapsed() < SOON, "{path}: {place} is not {expected} in {answer}");
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_name_is_the_same_for_account_student_and_class() {
    let mut installation = Installation::start().await.unwrap();
    let School { admin, teacher, class, .. } = found(&installation, "names").await.unwrap();
    let visitor = installation.visitor().unwrap();
    let pupil = invite(&visitor, &admin, "names_pupil", "student").await.unwrap();
    let id = text(&get(&pupil, "/users/me").await, "id").unwrap();
    let enrollments = format!("/classes/{class}/enrollments");
    let body = json!({ "student_ids": [id] });
    teacher.post(&enrollments, body).await.unwrap().expect().unwrap();
    let student = format!("/students/{id}");
    shows(&teacher, &student, "/full_name", "names_pupil").await;

    // Whoever changes it with the account.
    pupil.patch("/users/me", json!({ "full_name": "林晓雨" })).await.unwrap().expect().unwrap();
    shows(&teacher, &student, "/full_name", "林晓雨").await;
    shows(&teacher, &enrollments, "/items/0/student/full_name", "林晓雨").await;
    let account = format!("/users/{id}");
    admin.patch(&account, json!({ "full_name": "林小雨" })).await.unwrap().expect().unwrap();
    let list = format!("/students?class_id={class}");
    shows(&teacher, &list, "/items/0/full_name", "林小雨").await;
    let own = json!({ "full_name": "陈老师" });
    teacher.patch("/users/me", own).await.unwrap().expect().unwrap();
    shows(&pupil, &format!("/classes/{class}"), "/head_teacher_name", "陈老师").await;

    // Whoever changes it with the student.
    let change =
        async |name: &str| teacher.patch(&student, json!({ "full_name": name })).await.unwrap();
    assert_eq!(change("林晓宇").await.expect().unwrap()["full_name"], "林晓宇");
    assert_eq!(get(&pupil, "/users/me").await["full_name"], "林晓宇");
    roster(&admin, &teacher, &class).await;
    installation.system.kill(Service::Auth).unwrap();
    let away = change("林晓语").await;
    assert_eq!(away.status, StatusCode::SERVICE_UNAVAILABLE);
    installation.system.launch(Service::Auth).unwrap();
    installation.system.ready(Service::Auth, SOON).await.unwrap();
    assert_eq!(get(&teacher, &student).await["full_name"], "林晓宇");
    assert_eq!(get(&pupil, "/users/me").await["full_name"], "林晓宇");
}

/// A roster with another name renames the account, and taking it back does as well.
async fn roster(admin: &Api, teacher: &Api, class: &str) {
    let mut pupils = school::pupils(1);
    let account = enroll(teacher, class, &pupils).await.unwrap();
    let account = format!("/users/{}", text(&account[0], "student_id").unwrap());
    let before = pupils[0].name.clone();
    shows(admin, &account, "/full_name", &before).await;
    "欧阳晓雨".clone_into(&mut pupils[0].name);
    let file = school::roster(&pupils).unwrap();
    let import = teacher.upload("/roster-imports", class, "名单.xlsx", file).await.unwrap();
    let import = format!("/roster-imports/{}", text(&import.expect().unwrap(), "id").unwrap());
    for (step, expected) in [("commit", "欧阳晓雨"), ("undo", before.as_str())] {
        teacher.post(&format!("{import}/{step}"), json!({})).await.unwrap().expect().unwrap();
        assert_eq!(get(admin, &account).await["full_name"], expected);
    }
}
