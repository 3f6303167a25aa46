//! What is wrong is refused by name, and nothing is half-written.

use std::fmt::Write as _;

use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use system_tests::{
    Answer, Api, Installation,
    school::{self, spreadsheet},
};

use crate::support::{School, enroll, found, text};

/// Asserts a problem of a 4xx class and returns it.
fn problem(answer: &Answer, name: &str) -> Value {
    let body = answer.json();
    assert!(answer.status.is_client_error(), "{name}: {} {body}", answer.status);
    assert!(body["code"].as_str().is_some_and(|code| !code.is_empty()), "{name}: {body}");
    assert_eq!(body["status"], answer.status.as_u16(), "{name}: {body}");
    body
}

/// Asserts a refusal that names `field`.
fn names_field(answer: &Answer, field: &str) {
    let body = problem(answer, field);
    let errors = body["errors"].as_array().cloned().unwrap_or_default();
    let named = errors.iter().any(|error| error["field"].as_str() == Some(field));
    assert!(named, "{field} is not named: {body}");
}

async fn mistakes(teacher: &Api, class: &str) -> usize {
    teacher.all(&format!("/mistakes?class_id={class}")).await.unwrap().len()
}

#[tokio::test(flavor = "multi_thread")]
async fn bad_input_is_refused_by_name_and_writes_nothing() {
    let installation = Installation::start().await.unwrap();
    let School { teacher, class, .. } = found(&installation, "bad").await.unwrap();
    enroll(&teacher, &class, &school::pupils(3)).await.unwrap();
    let students = teacher.all(&format!("/students?class_id={class}")).await.unwrap();
    let student = text(&students[0], "id").unwrap();

    bodies(&teacher, &student).await;
    unprintable(&installation.visitor().unwrap(), &teacher).await;
    files(&teacher, &class).await;
    rows(&teacher, &class).await;

    assert_eq!(mistakes(&teacher, &class).await, 0, "nothing was written");
    let roster = teacher.all(&format!("/students?class_id={class}")).await.unwrap();
    assert_eq!(roster.len(), 3, "nobody was added");
}

async fn bodies(teacher: &Api, student: &str) {
    let good = json!({
        "student_id": student, "type": "grammar", "question": "He ___ tall.",
        "wrong_answer": "are", "correct_answer": "is",
    });
    let with = |field: &str, value: Value| {
        let mut body = good.clone();
        body[field] = value;
        body
    };
    let post = |body: Value| teacher.post("/mistakes", body);
    names_field(&post(with("question", json!(""))).await.unwrap(), "question");
    names_field(&post(with("question", json!("a\u{7}b"))).await.unwrap(), "question");
    names_field(&post(with("type", json!("poetry"))).await.unwrap(), "type");
    names_field(&post(with("question", json!(17))).await.unwrap(), "question");
    names_field(&post(with("student_id", json!("no-uuid"))).await.unwrap(), "student_id");
    names_field(&post(with("colour", json!("red"))).await.unwrap(), "colour");
    names_field(&post(with("question", json!("x".repeat(10_001)))).await.unwrap(), "question");
    let huge = post(with("question", json!("x".repeat(10 << 20)))).await.unwrap();
    assert_eq!(huge.status, StatusCode::PAYLOAD_TOO_LARGE);
    problem(&huge, "10 MB text");

    let broken =
        teacher.request(Method::POST, "/mistakes").header("Content-Type", "application/json");
    let broken = teacher.send(broken.body("{\"question\": ")).await.unwrap();
    assert_eq!(broken.status, StatusCode::BAD_REQUEST);
    problem(&broken, "broken JSON");
    names_field(&teacher.get("/mistakes?limit=1000").await.unwrap(), "limit");
    names_field(&teacher.get("/mistakes?colour=red").await.unwrap(), "colour");
    problem(&teacher.get("/mistakes/no-uuid").await.unwrap(), "bad id");
    problem(&teacher.get("/mistakes?cursor=nonsense").await.unwrap(), "bad cursor");
    let nowhere = teacher.get("/nowhere").await.unwrap();
    assert_eq!(nowhere.status, StatusCode::NOT_FOUND);
    problem(&nowhere, "unknown path");
}

/// Sends what PostgreSQL cannot keep.
async fn unprintable(visitor: &Api, teacher: &Api) {
    let login = json!({ "username": "bad\u{0}teacher", "password": "Passw0rd2026" });
    let login = visitor.post("/auth/login", login).await.unwrap();
    assert_eq!(problem(&login, "login")["code"], "WRONG_PASSWORD");
    let register = json!({
        "username": "nul", "password": "Passw0rd2026", "full_name": "空", "role": "teacher",
        "invitation_code": "AB\u{0}CD",
    });
    names_field(&visitor.post("/auth/register", register).await.unwrap(), "invitation_code");
    let preview = visitor.get("/organizations/invitations/%00").await.unwrap();
    problem(&preview, "preview");
    let join = json!({ "invitation_code": "\u{0}" });
    let join = teacher.post("/organizations/join", join).await.unwrap();
    assert_eq!(problem(&join, "join")["code"], "INVITATION_INVALID");
    names_field(&teacher.get("/users/search?query=%00").await.unwrap(), "query");
    // A moment that no calendar of PostgreSQL has, in a cursor of ours.
    let cursor = "WyItMjUwMDAwLTAxLTAxVDAwOjAwOjAwWiIsIjAxOTdj\
                  MmMwLTViMWUtN2MzYS05YTUyLTBkNmEzZjFmMGMxMSJd";
    problem(&teacher.get(&format!("/auth/sessions?cursor={cursor}")).await.unwrap(), "cursor");
}

async fn files(teacher: &Api, class: &str) {
    let roster = async |name: &str, content: Vec<u8>| {
        let answer = teacher.upload("/roster-imports", class, name, content).await.unwrap();
        problem(&answer, name)
    };
    roster("broken.xlsx", b"this is no spreadsheet".to_vec()).await;
    roster("empty.xlsx", Vec::new()).await;
    roster("latin.csv", b"\xff\xfe\xfd\n1,2\n".to_vec()).await;
    roster("picture.png", b"\x89PNG\r\n".to_vec()).await;
    roster("unknown.csv", "颜色,大小\n红,大\n".as_bytes().to_vec()).await;
    let mut many = "学号,姓名\n".to_owned();
    for number in 0..100_000 {
        let _ = writeln!(many, "{number},王某");
    }
    let body = roster("many.csv", many.into_bytes()).await;
    assert!(body.to_string().contains("2000") || body.to_string().contains("2,000"), "{body}");
}

async fn rows(teacher: &Api, class: &str) {
    let line = |cells: &[&str]| cells.iter().map(|&cell| cell.to_owned()).collect::<Vec<_>>();
    let file = spreadsheet(
        &["学号", "姓名", "英语水平"],
        [
            line(&["9001", "重复甲", "B1"]),
            line(&["9001", "重复乙", "B1"]),
            line(&["9002", "", "B1"]),
            line(&["9003", "水平错", "Z9"]),
            line(&["9004", "控制\u{7}字", "B1"]),
        ]
        .into_iter(),
    )
    .unwrap();
    let import = teacher.upload("/roster-imports", class, "名单.xlsx", file).await.unwrap();
    let import = import.expect().unwrap();
    assert_eq!(import["new_rows"], 0, "{import}");
    let id = text(&import, "id").unwrap();
    let rows = teacher.all(&format!("/roster-imports/{id}/rows?outcome=refused")).await.unwrap();
    let named: Vec<_> = rows
        .iter()
        .map(|row| (row["row"].as_u64().unwrap(), row["problems"][0]["field"].clone()))
        .collect();
    assert!(named.contains(&(4, json!("full_name"))), "{named:?}");
    assert!(named.contains(&(5, json!("cefr_level"))), "{named:?}");
    assert!(named.contains(&(6, json!("full_name"))), "{named:?}");
    assert!(named.iter().any(|(row, field)| *row == 3 && field == "student_no"), "{named:?}");
}
