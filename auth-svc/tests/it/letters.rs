//! Letters, as a mail server gets them.

use std::sync::{Arc, Mutex};

use auth_svc::mail::{self, Smtp};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use kit::config::Env;
use tokio::{
    io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader},
    net::TcpListener,
};
use tokio_util::sync::CancellationToken;

use crate::support::{Service, client};

/// A mail server that refuses the first letter for now and takes the others.
async fn mail_server() -> (u16, Arc<Mutex<Vec<String>>>) {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let letters = Arc::new(Mutex::new(Vec::new()));
    let taken = Arc::clone(&letters);
    tokio::spawn(async move {
        let mut refused = false;
        loop {
            let (stream, _) = listener.accept().await.unwrap();
            let (read, mut write) = stream.into_split();
            let mut lines = BufReader::new(read).lines();
            write.write_all(b"220 test\r\n").await.unwrap();
            let mut letter: Option<String> = None;
            while let Ok(Some(line)) = lines.next_line().await {
                if let Some(text) = letter.as_mut().filter(|_| line != ".") {
                    text.push_str(&line);
                    text.push('\n');
                    continue;
                }
                let answer = if let Some(text) = letter.take() {
                    taken.lock().unwrap().push(text);
                    "250 taken\r\n"
                } else if line.starts_with("EHLO") {
                    "250 test\r\n"
                } else if line.starts_with("MAIL") && !refused {
                    refused = true;
                    "451 later\r\n"
                } else if line == "DATA" {
                    letter = Some(String::new());
                    "354 go on\r\n"
                } else {
                    "250 well\r\n"
                };
                if write.write_all(answer.as_bytes()).await.is_err() {
                    break;
                }
            }
        }
    });
    (port, letters)
}

#[tokio::test]
async fn letter_arrives_although_the_server_refuses_it_at_first() {
    let service = Service::new().await;
    service.found("lilei").await;
    let (port, letters) = mail_server().await;
    let mut env = Env::from_pairs([
        ("SMTP_URL", format!("smtp://127.0.0.1:{port}")),
        ("MAIL_FROM", "School <school@example.org>".to_owned()),
    ]);
    let smtp = Smtp::read(&mut env).unwrap();
    service.ask_reset("lilei@example.org").await.unwrap();
    let stop = CancellationToken::new();
    let sending = tokio::spawn(mail::send(smtp, service.context.clone(), stop.clone()));

    let db = service.db.pool.get().await.unwrap();
    let waiting = async || {
        let row = db.query_one("SELECT count(*), max(attempts) FROM outbox", &[]).await.unwrap();
        (row.get::<_, i64>(0), row.get::<_, Option<i32>>(1))
    };
    while waiting().await != (1, Some(1)) {
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    }
    assert!(letters.lock().unwrap().is_empty());
    service.clock.advance(chrono::TimeDelta::minutes(3));
    while waiting().await.0 > 0 {
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    }
    let letters = letters.lock().unwrap().clone();
    assert_eq!(letters.len(), 1);
    assert!(letters[0].contains("To: lilei@example.org"), "{}", letters[0]);
    let (_, body) = letters[0].split_once("\n\n").unwrap();
    let body = STANDARD.decode(body.replace('\n', "")).unwrap();
    let body = String::from_utf8(body).unwrap();
    let token = body.split("token=").nth(1).unwrap().lines().next().unwrap();
    service.sessions.reset(token, "Fresh1234".to_owned(), &client()).await.unwrap();
    assert!(
        letters[0].contains("From: School <school@example.org>")
            || letters[0].contains("From: \"School\" <school@example.org>"),
        "{}",
        letters[0]
    );
    stop.cancel();
    sending.await.unwrap().unwrap();
}
