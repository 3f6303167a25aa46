//! No text of a request may hold what neither a database nor a page can hold.

use serde_json::{Value, json};
use system_tests::{Answer, Api, Installation};

use crate::{
    access::{
        home::Home,
        table::{Line, Role, table},
    },
    support::text,
};

const BAD: [&str; 2] = ["a\u{0}b", "a\u{7}b"];

/// What is wrong with the answer to a bad text in `field`, if anything.
fn fault(line: &Line, field: &str, answer: &Answer) -> Option<String> {
    let body = answer.json();
    let errors = body["errors"].as_array().cloned().unwrap_or_default();
    let named = |error: &Value| {
        let name = error["field"].as_str().unwrap_or_default();
        name == field || name.ends_with(&format!(".{field}"))
    };
    // Who signs in is not told what was wrong.
    let is_named = line.area() == "auth" || errors.iter().any(named);
    let Line { method, path, .. } = line;
    (!answer.status.is_client_error() || !is_named)
        .then(|| format!("{method} {path} {field}: {} {body}", answer.status))
}

/// Lists the pointers to all free texts of a schema.
fn texts(document: &Value, schema: &Value, place: &str, found: &mut Vec<String>) {
    if let Some(name) = schema["$ref"].as_str() {
        let schema = document.pointer(name.trim_start_matches('#')).unwrap();
        return texts(document, schema, place, found);
    }
    for one in schema["oneOf"].as_array().into_iter().flatten() {
        texts(document, one, place, found);
    }
    let kind = schema["type"].to_string();
    if kind.contains("object") {
        for (name, property) in schema["properties"].as_object().into_iter().flatten() {
            texts(document, property, &format!("{place}/{name}"), found);
        }
    } else if kind.contains("array") {
        texts(document, &schema["items"], &format!("{place}/0"), found);
    } else if kind.contains("string") && schema["format"].is_null() && schema["enum"].is_null() {
        found.push(place.to_owned());
    }
}

/// Puts `value` at a pointer, making what leads there.
fn put(body: &mut Value, pointer: &str, value: &str) {
    let mut place = body;
    for part in pointer.split('/').skip(1) {
        if part == "0" {
            if place.as_array().is_none_or(Vec::is_empty) {
                *place = json!([null]);
            }
            place = &mut place[0];
        } else {
            place = &mut place[part];
        }
    }
    *place = json!(value);
}

#[tokio::test(flavor = "multi_thread")]
async fn control_characters_are_refused_by_name() {
    let installation = Installation::start().await.unwrap();
    let home = Home::found(&installation).await;
    let document = home.head.api.get("/openapi.json").await.unwrap().expect().unwrap();
    let mut wrong = Vec::new();
    for line in table().iter().filter(|line| line.field.is_empty()) {
        let asker = [(Role::Head, &home.head), (Role::Admin, &home.admin)];
        let asker = asker.into_iter().find(|(role, _)| line.expected(*role) == "ok");
        let Some((role, asker)) = asker else { continue };
        let method = line.method.as_str().to_ascii_lowercase();
        let operation = &document["paths"][format!("/api/v1{}", line.path)][method];
        for parameter in operation["parameters"].as_array().into_iter().flatten() {
            let name = text(parameter, "name").unwrap();
            // The token of a stream is not looked at beside the header.
            if parameter["in"] == "query" && name != "access_token" {
                for bad in ["a%00b", "a%07b"] {
                    let path = format!("{}?{name}={bad}", home.standing.path(line));
                    let answer = asker.api.get(&path).await.unwrap();
                    wrong.extend(fault(line, &name, &answer));
                }
            }
        }
        let schema = &operation["requestBody"]["content"]["application/json"]["schema"];
        let mut places = Vec::new();
        texts(&document, schema, "", &mut places);
        if places.is_empty() {
            continue;
        }
        let target = home.target(line, role, asker).await;
        for place in places {
            for bad in BAD {
                let mut body = target.body(line).unwrap();
                put(&mut body, &place, bad);
                let request = asker.api.request(line.method.clone(), &target.path(line));
                let answer = asker.api.send(request.json(&body)).await.unwrap();
                let (parent, last) = place.rsplit_once('/').unwrap();
                let name = match last {
                    "0" => format!("{}[0]", parent.rsplit('/').next().unwrap()),
                    _ => last.to_owned(),
                };
                wrong.extend(fault(line, &name, &answer));
            }
        }
    }
    wrong.extend(cursors(&home.head.api).await);
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Tries a cursor that nobody gave, with a NUL in each of its texts.
async fn cursors(head: &Api) -> Vec<String> {
    // ["a\u0000b","a\u0000b","01980000-0000-7000-8000-000000000000"] and its last two.
    let three =
        "WyJhXHUwMDAwYiIsImFcdTAwMDBiIiwiMDE5ODAwMDAtMDAwMC03MDAwLTgwMDAtMDAwMDAwMDAwMDAwIl0";
    let two = "WyJhXHUwMDAwYiIsIjAxOTgwMDAwLTAwMDAtNzAwMC04MDAwLTAwMDAwMDAwMDAwMCJd";
    let mut wrong = Vec::new();
    let class = head.get("/classes").await.unwrap().expect().unwrap();
    let class = text(&class["items"][0], "id").unwrap();
    for (path, cursor) in
        [(format!("/classes/{class}/enrollments"), three), ("/students".to_owned(), two)]
    {
        let answer = head.get(&format!("{path}?cursor={cursor}")).await.unwrap();
        if answer.status != 422 || answer.json()["errors"][0]["field"] != "cursor" {
            wrong.push(format!("{path}: {} {}", answer.status, answer.json()));
        }
    }
    wrong
}
