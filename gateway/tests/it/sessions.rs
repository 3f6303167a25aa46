//! Whether a session lives, and where its token may stand.

use std::time::Duration;

use kit::wire;
use proto::{auth::v1 as auth, export::v1 as export, learning::v1 as learning};
use reqwest::{Method, RequestBuilder, StatusCode};
use tokio::io::AsyncReadExt as _;
use uuid::Uuid;

use crate::{
    mistakes::mistake,
    support::{Gateway, header, problem},
};

#[tokio::test(flavor = "multi_thread")]
async fn without_redis_the_accounts_are_asked_whether_a_session_lives() {
    let gateway = Gateway::without_redis().await;
    let page = learning::ListMistakesResponse { mistakes: vec![mistake()], ..Default::default() };
    gateway.script.answer("ListMistakes", &page);
    gateway.script.answer("CheckSession", &auth::CheckSessionResponse { live: true });
    assert_eq!(gateway.get("/mistakes").await.status(), StatusCode::OK);
    let asked: auth::CheckSessionRequest = gateway.script.asked("CheckSession");
    assert_eq!(asked.session_id, gateway.claims.sid.to_string());
    assert_eq!(asked.user_id, gateway.claims.sub.to_string());

    gateway.script.answer("CheckSession", &auth::CheckSessionResponse { live: false });
    let ended = gateway.get("/mistakes").await;
    assert_eq!(ended.status(), StatusCode::UNAUTHORIZED);
    assert_eq!(problem(ended).await["code"], "SESSION_ENDED");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_address_written_otherwise_is_the_same_address() {
    let gateway = Gateway::start().await;
    let page = learning::ListMistakesResponse { mistakes: vec![mistake()], ..Default::default() };
    gateway.script.answer("ListMistakes", &page);
    let url = format!("{}/%61pi/v1/mistakes", gateway.base);
    let nobody = gateway.client.get(&url).send().await.unwrap();
    assert_eq!(nobody.status(), StatusCode::UNAUTHORIZED);
    assert!(!header(&nobody, "ratelimit").is_empty(), "the call is counted");
    let signed = gateway.client.get(&url).bearer_auth(gateway.token(&gateway.claims));
    assert_eq!(signed.send().await.unwrap().status(), StatusCode::OK);
    let broken = gateway.get("/organizations/invitations/a%00b").await;
    assert_eq!(broken.status(), StatusCode::BAD_REQUEST);
    assert_eq!(problem(broken).await["code"], "INVALID_PATH");
}

fn task() -> export::Task {
    export::Task {
        id: Uuid::from_u128(1).to_string(),
        document: export::Document::MistakeBook.into(),
        format: export::Format::Pdf.into(),
        status: export::TaskStatus::Completed.into(),
        progress: 100,
        created_at: Some(wire::time(chrono::DateTime::UNIX_EPOCH)),
        options: Some(export::BookOptions {
            paper: export::Paper::A4.into(),
            order: export::Order::KnowledgePoint.into(),
            answers: export::Answers::Inline.into(),
            font_size: export::FontSize::Medium.into(),
            locale: "zh-CN".to_owned(),
            ..export::BookOptions::default()
        }),
        ..export::Task::default()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_browser_gives_its_token_as_subprotocol_of_a_socket() {
    let gateway = Gateway::whole().await;
    gateway.script.answer("WatchTask", &export::WatchTaskResponse { task: Some(task()) });
    let url = format!("{}/api/v1/exports/tasks/{}/socket", gateway.base, Uuid::from_u128(1));
    let open = |request: RequestBuilder| {
        request
            .header("connection", "upgrade")
            .header("upgrade", "websocket")
            .header("sec-websocket-version", "13")
            .header("sec-websocket-key", "dGhlIHNhbXBsZSBub25jZQ==")
            .send()
    };
    let token = gateway.token(&gateway.claims);
    let request = gateway.client.get(&url);
    let request = request.header("sec-websocket-protocol", format!("bearer, {token}"));
    let opened = open(request).await.unwrap();
    assert_eq!(opened.status(), StatusCode::SWITCHING_PROTOCOLS);
    assert_eq!(header(&opened, "sec-websocket-protocol"), "bearer", "the token is not repeated");
    let mut socket = opened.upgrade().await.unwrap();
    let mut all = Vec::new();
    let read = tokio::time::timeout(Duration::from_secs(5), socket.read_to_end(&mut all));
    read.await.expect("the socket is closed after the last message").unwrap();
    let text = String::from_utf8_lossy(&all);
    assert!(text.contains(r#"{"event":"task","data":{"#), "{text}");
    assert!(text.contains(r#""status":"completed""#), "{text}");

    for protocol in ["bearer, nonsense", "bearer"] {
        let request = gateway.client.request(Method::GET, &url);
        let refused = open(request.header("sec-websocket-protocol", protocol)).await.unwrap();
        assert_eq!(refused.status(), StatusCode::UNAUTHORIZED, "{protocol}");
    }
}
