//! Sessions from their beginning to their end, over HTTP.

use std::{
    io::{Read as _, Write as _},
    net::TcpStream,
    path::Path,
    time::{Duration, Instant},
};

use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use system_tests::{Api, Installation};

use crate::support::{PASSWORD, found, text};

async fn sign_in(visitor: &Api, password: &str) -> (Api, Value) {
    let body = json!({ "username": "ses_teacher", "password": password });
    let session = visitor.post("/auth/login", body).await.unwrap().expect().unwrap();
    (visitor.with_session(&session).unwrap(), session)
}

async fn status(api: &Api) -> StatusCode {
    api.get("/auth/sessions").await.unwrap().status
}

#[tokio::test(flavor = "multi_thread")]
async fn sessions_end_at_once_whatever_redis_remembers() {
    let mut installation = Installation::start().await.unwrap();
    found(&installation, "ses").await.unwrap();
    let visitor = installation.visitor().unwrap();

    // One's own session, from another.
    let (first, session) = sign_in(&visitor, PASSWORD).await;
    let (second, _) = sign_in(&visitor, PASSWORD).await;
    let path = format!("/auth/sessions/{}", text(&session, "session_id").unwrap());
    let ended = second.send(second.request(Method::DELETE, &path)).await.unwrap();
    assert_eq!(ended.status, StatusCode::NO_CONTENT);
    assert_eq!(first.get("/auth/sessions").await.unwrap().code(), "SESSION_ENDED");

    // A refresh token that is used twice.
    let (_, session) = sign_in(&visitor, PASSWORD).await;
    let refresh = async |session: &Value| {
        let body = json!({ "refresh_token": session["refresh_token"] });
        visitor.post("/auth/refresh", body).await.unwrap()
    };
    let next = refresh(&session).await.expect().unwrap();
    let last = refresh(&next).await.expect().unwrap();
    assert_eq!(refresh(&session).await.code(), "REFRESH_TOKEN_REUSED");
    let stolen = visitor.with_session(&last).unwrap();
    assert_eq!(status(&stolen).await, StatusCode::UNAUTHORIZED);

    // Redis forgets everything.
    forget(&installation.system.redis.url());
    assert_eq!(status(&stolen).await, StatusCode::UNAUTHORIZED);
    assert_eq!(status(&second).await, StatusCode::OK);

    // Redis is away.
    installation.system.redis.stop().unwrap();
    let logout = second.post("/auth/logout", json!({})).await.unwrap();
    assert_eq!(logout.status, StatusCode::NO_CONTENT);
    assert_eq!(status(&second).await, StatusCode::UNAUTHORIZED);
    let (third, _) = sign_in(&visitor, PASSWORD).await;
    assert_eq!(status(&third).await, StatusCode::OK);
    installation.system.redis.resume().unwrap();
    assert_eq!(status(&second).await, StatusCode::UNAUTHORIZED);
}

/// Lets Redis forget everything.
fn forget(url: &str) {
    let (password, address) = url.trim_start_matches("redis://:").split_once('@').unwrap();
    let mut stream = TcpStream::connect(address.split('/').next().unwrap()).unwrap();
    write!(stream, "AUTH {password}\r\nFLUSHALL\r\nQUIT\r\n").unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    assert_eq!(answer.matches("+OK").count(), 3, "{answer}");
}

#[tokio::test(flavor = "multi_thread")]
async fn lost_password_is_replaced_with_the_token_of_a_development_system() {
    let folder = tempfile::tempdir().unwrap();
    let logs = folder.path().to_str().unwrap();
    let installation =
        Installation::with(&[("LOG_DIR", logs), ("LOG_FILE", "all.log")]).await.unwrap();
    found(&installation, "ses").await.unwrap();
    let visitor = installation.visitor().unwrap();
    let (before, _) = sign_in(&visitor, PASSWORD).await;
    let asked = visitor
        .post("/auth/password-resets", json!({ "email": "ses_teacher@example.org" }))
        .await
        .unwrap();
    assert_eq!(asked.status, StatusCode::ACCEPTED);
    let token = printed(&folder.path().join("all.log")).await;
    let confirm = async |token: &str, password: &str| {
        let body = json!({ "token": token, "new_password": password });
        visitor.post("/auth/password-resets/confirm", body).await.unwrap()
    };
    assert_eq!(confirm(&token, "weak").await.code(), "INVALID_FIELDS");
    assert_eq!(confirm(&token, "Fresh1234").await.status, StatusCode::NO_CONTENT);
    assert_eq!(confirm(&token, "Fresh1234").await.code(), "PASSWORD_RESET_INVALID");
    assert_eq!(status(&before).await, StatusCode::UNAUTHORIZED);
    sign_in(&visitor, "Fresh1234").await;
}

/// Waits for the token in the log.
async fn printed(log: &Path) -> String {
    let deadline = Instant::now() + Duration::from_secs(10);
    loop {
        let text = std::fs::read_to_string(log).unwrap_or_default();
        let line = text.lines().find(|line| line.contains("password reset token"));
        if let Some(token) = line.and_then(|line| line.split("token=\"").nth(1)) {
            return token.split('"').next().unwrap().to_owned();
        }
        assert!(Instant::now() < deadline, "no token in the log");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}
