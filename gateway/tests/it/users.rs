//! Accounts: what is sent on, and what comes back.

use kit::wire;
use proto::auth::v1 as pb;
use reqwest::Method;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::support::Gateway;

fn account() -> pb::User {
    pb::User {
        id: Uuid::from_u128(1).to_string(),
        username: "wang".to_owned(),
        email: "wang@example.org".to_owned(),
        full_name: "王小明".to_owned(),
        role: pb::Role::Teacher.into(),
        is_active: true,
        organization_id: Uuid::from_u128(2).to_string(),
        organization_name: "第一中学".to_owned(),
        created_at: Some(wire::time(chrono::DateTime::UNIX_EPOCH)),
        must_change_password: true,
        theme: pb::Theme::Dark.into(),
        ..pb::User::default()
    }
}

fn shown() -> Value {
    json!({
        "id": Uuid::from_u128(1), "username": "wang", "email": "wang@example.org",
        "full_name": "王小明", "phone": null, "role": "teacher", "is_active": true,
        "organization_id": Uuid::from_u128(2), "organization_name": "第一中学",
        "created_at": "1970-01-01T00:00:00Z", "last_login_at": null, "must_change_password": true,
        "locale": null, "preferences": { "theme": "dark" },
    })
}

#[tokio::test(flavor = "multi_thread")]
async fn a_role_is_sent_on_and_the_account_shown_whole() {
    let gateway = Gateway::whole().await;
    let answer = pb::ChangeUserRoleResponse { user: Some(account()) };
    gateway.script.answer("ChangeUserRole", &answer);
    let path = format!("/users/{}/role", Uuid::from_u128(1));
    let request = gateway.request(Method::PUT, &path).json(&json!({ "role": "teacher" }));
    let answer: Value = request.send().await.unwrap().json().await.unwrap();
    assert_eq!(answer, shown());
    let sent: pb::ChangeUserRoleRequest = gateway.script.asked("ChangeUserRole");
    assert_eq!((sent.user_id, sent.role), (id(), pb::Role::Teacher.into()));
}

fn id() -> String {
    Uuid::from_u128(1).to_string()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_of_an_account_sends_only_what_was_given() {
    let gateway = Gateway::whole().await;
    let answer = pb::UpdateProfileResponse { user: Some(account()) };
    gateway.script.answer("UpdateProfile", &answer);
    let body = json!({ "phone": null, "preferences": { "theme": "light" } });
    let request = gateway.request(Method::PATCH, "/users/me").json(&body);
    assert_eq!(request.send().await.unwrap().status(), 200);
    let sent: pb::UpdateProfileRequest = gateway.script.asked("UpdateProfile");
    assert_eq!((sent.phone.as_deref(), sent.email.as_deref()), (Some(""), None));
    assert_eq!((sent.full_name.as_deref(), sent.locale.as_deref()), (None, None));
    assert_eq!(sent.theme, Some(pb::Theme::Light.into()));
}

#[tokio::test(flavor = "multi_thread")]
async fn people_and_security_events_keep_their_names() {
    let gateway = Gateway::whole().await;
    let found = pb::UserName {
        id: id(),
        username: "wang".to_owned(),
        full_name: "王小明".to_owned(),
        role: pb::Role::Student.into(),
        is_active: false,
        renamed_at: None,
    };
    let answer = pb::SearchUsersResponse { users: vec![found], ..Default::default() };
    gateway.script.answer("SearchUsers", &answer);
    let page: Value =
        gateway.get("/users/search?query=wang&role=student").await.json().await.unwrap();
    let expected = json!({
        "id": id(), "username": "wang", "full_name": "王小明", "role": "student",
        "is_active": false,
    });
    assert_eq!(page["items"], json!([expected]));
    let sent: pb::SearchUsersRequest = gateway.script.asked("SearchUsers");
    assert_eq!((sent.query.as_str(), sent.role()), ("wang", pb::Role::Student));

    let event = pb::AuditEvent {
        id: "1".to_owned(),
        at: Some(wire::time(chrono::DateTime::UNIX_EPOCH)),
        kind: "login_failed".to_owned(),
        actor_id: String::new(),
        user_id: id(),
        address: "192.0.2.1".to_owned(),
        user_agent: "browser".to_owned(),
        request_id: "r".to_owned(),
        username: "wang".to_owned(),
    };
    let answer = pb::ListAuditEventsResponse { events: vec![event], ..Default::default() };
    gateway.script.answer("ListAuditEvents", &answer);
    let path = "/users/audit-events?kinds=login_failed,role_changed&until=1970-01-01T00:00:09Z";
    let page: Value = gateway.get(path).await.json().await.unwrap();
    let expected = json!({
        "id": "1", "at": "1970-01-01T00:00:00Z", "kind": "login_failed", "actor_id": null,
        "user_id": id(), "username": "wang", "address": "192.0.2.1",
        "user_agent": "browser", "request_id": "r",
    });
    assert_eq!(page["items"], json!([expected]));
    let sent: pb::ListAuditEventsRequest = gateway.script.asked("ListAuditEvents");
    assert_eq!(sent.kinds, ["login_failed", "role_changed"]);
    assert_eq!((sent.from, sent.until.unwrap().seconds), (None, 9));
}
