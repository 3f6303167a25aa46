//! Spreadsheets: what is sent on, and what comes back.

use kit::wire;
use proto::learning::v1 as pb;
use reqwest::{
    Method,
    multipart::{Form, Part},
};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::support::Gateway;

fn import() -> pb::SpreadsheetImport {
    let at = |seconds| Some(wire::time(chrono::DateTime::from_timestamp(seconds, 0).unwrap()));
    pb::SpreadsheetImport {
        id: Uuid::from_u128(1).to_string(),
        class_id: Uuid::from_u128(2).to_string(),
        class_name: "高二（3）班".to_owned(),
        created_by: Uuid::from_u128(3).to_string(),
        file_name: "名单.csv".to_owned(),
        status: pb::ImportStatus::Undone.into(),
        rows: 10,
        new_rows: 1,
        changed_rows: 2,
        unchanged_rows: 3,
        refused_rows: 4,
        ignored_columns: vec!["备注".to_owned()],
        encoding: "gb18030".to_owned(),
        created_at: at(0),
        committed_at: at(1),
        undone_at: at(2),
        first_passwords_waiting: true,
        progress: Some(pb::ImportProgress { done: 5, total: 6 }),
        analysis_pending: Some(7),
    }
}

fn shown() -> Value {
    json!({
        "id": Uuid::from_u128(1), "class_id": Uuid::from_u128(2), "class_name": "高二（3）班",
        "created_by": Uuid::from_u128(3), "file_name": "名单.csv", "status": "undone", "rows": 10,
        "new_rows": 1, "changed_rows": 2, "unchanged_rows": 3, "refused_rows": 4,
        "ignored_columns": ["备注"], "encoding": "gb18030", "created_at": "1970-01-01T00:00:00Z",
        "committed_at": "1970-01-01T00:00:01Z", "undone_at": "1970-01-01T00:00:02Z",
        "first_passwords_waiting": true, "progress": { "done": 5, "total": 6 },
        "analysis_pending": 7,
    })
}

#[tokio::test(flavor = "multi_thread")]
async fn a_spreadsheet_is_sent_on_whole_and_its_import_shown() {
    let gateway = Gateway::start().await;
    let answer = pb::CreateRosterImportResponse { import: Some(import()) };
    gateway.script.answer("CreateRosterImport", &answer);
    let class = Uuid::from_u128(2).to_string();
    // As many characters as a name may have, most of them three bytes long.
    let name = format!("{}.csv", "名".repeat(251));
    let file = Part::bytes(b"a,b\n".to_vec()).file_name(name.clone());
    let form = Form::new().text("class_id", class.clone()).part("file", file);
    let request = gateway.request(Method::POST, "/roster-imports").multipart(form);
    let created = request.header("idempotency-key", "k-1").send().await.unwrap();
    assert_eq!(created.status(), 201);
    assert_eq!(created.json::<Value>().await.unwrap(), shown());
    let sent: pb::CreateRosterImportRequest = gateway.script.asked("CreateRosterImport");
    assert_eq!((sent.class_id, sent.file_name, &sent.content[..]), (class, name, &b"a,b\n"[..]));
}

#[tokio::test(flavor = "multi_thread")]
async fn undoing_tells_what_stays() {
    let gateway = Gateway::start().await;
    let undo = async |resource: &str| {
        let path = format!("/{resource}/{}/undo", Uuid::from_u128(1));
        let answer = gateway.request(Method::POST, &path).send().await.unwrap();
        let mut told: Value = answer.json().await.unwrap();
        let kept = ["kept_accounts", "kept_mistakes"]
            .map(|name| told.as_object_mut().unwrap().remove(name));
        assert_eq!(told, shown());
        kept
    };
    let answer = pb::UndoRosterImportResponse { import: Some(import()), kept_accounts: 8 };
    gateway.script.answer("UndoRosterImport", &answer);
    assert_eq!(undo("roster-imports").await, [Some(json!(8)), None]);
    let answer = pb::UndoMistakeImportResponse { import: Some(import()), kept_mistakes: 9 };
    gateway.script.answer("UndoMistakeImport", &answer);
    assert_eq!(undo("mistake-imports").await, [None, Some(json!(9))]);
}

#[tokio::test(flavor = "multi_thread")]
async fn rows_tell_what_they_change_and_what_is_wrong() {
    let gateway = Gateway::start().await;
    let row = pb::ImportRow {
        row: 2,
        outcome: pb::RowOutcome::Refused.into(),
        cells: [("full_name".to_owned(), "王小明".to_owned())].into(),
        changes: vec![pb::FieldChange {
            field: "grade".to_owned(),
            before: String::new(),
            after: "高二".to_owned(),
        }],
        problems: vec![pb::RowProblem {
            field: String::new(),
            code: "DUPLICATE".to_owned(),
            detail: "stands twice".to_owned(),
        }],
    };
    let answer = pb::ListRosterImportRowsResponse { rows: vec![row], next_cursor: String::new() };
    gateway.script.answer("ListRosterImportRows", &answer);
    let path = format!("/roster-imports/{}/rows?outcome=refused", Uuid::from_u128(1));
    let page: Value = gateway.get(&path).await.json().await.unwrap();
    let expected = json!({
        "row": 2, "outcome": "refused", "cells": { "full_name": "王小明" },
        "changes": [{ "field": "grade", "before": null, "after": "高二" }],
        "problems": [{ "field": null, "code": "DUPLICATE", "detail": "stands twice" }],
    });
    assert_eq!((&page["items"], &page["next_cursor"]), (&json!([expected]), &Value::Null));
    let sent: pb::ListRosterImportRowsRequest = gateway.script.asked("ListRosterImportRows");
    assert_eq!(sent.outcome(), pb::RowOutcome::Refused);
}
