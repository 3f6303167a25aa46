//! Problem 4 of the manual: the language model.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU16, Ordering},
    },
    time::Duration,
};

use serde_json::json;
use system_tests::Installation;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpListener,
};

use super::{diagnose, set};
use crate::support::{School, found};

const KEY: &str = "planted-key-0123456789";
/// No status: says nothing at all.
const SILENT: u16 = 0;

/// A server that gives every request the status that it is told.
async fn server(status: Arc<AtomicU16>) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let status = status.load(Ordering::SeqCst);
            tokio::spawn(async move {
                let mut head = [0; 16 << 10];
                let _ = stream.read(&mut head).await;
                if status == SILENT {
                    tokio::time::sleep(Duration::from_mins(1)).await;
                }
                let body = json!({
                    "choices": [{"message": {"content": "OK"}, "finish_reason": "stop"}],
                    "usage": {"prompt_tokens": 8, "completion_tokens": 1},
                })
                .to_string();
                let answer = format!(
                    "HTTP/1.1 {status} status\r\ncontent-type: application/json\r\n\
                     content-length: {}\r\nconnection: close\r\n\r\n{body}",
                    body.len()
                );
                let _ = stream.write_all(answer.as_bytes()).await;
                let _ = stream.shutdown().await;
            });
        }
    });
    format!("http://{address}/v1")
}

#[tokio::test(flavor = "multi_thread")]
async fn each_failure_of_a_model_has_its_name() {
    let status = Arc::new(AtomicU16::new(200));
    let url = server(Arc::clone(&status)).await;
    let variables = [
        ("OPENAI_BASE_URL", url.as_str()),
        ("OPENAI_API_KEY", KEY),
        ("OPENAI_MODEL", "scripted"),
        ("OPENAI_PRICE_PROMPT", "1"),
        ("LLM_TIMEOUT", "2"),
        ("LLM_CIRCUIT_FAILURES", "1"),
        ("LLM_CIRCUIT_REST", "600"),
        ("LLM_MONTHLY_BUDGET", "1"),
    ];
    let installation = Installation::with(&variables).await.unwrap();
    let well = diagnose(&installation, true, &[]);
    assert_eq!(well.status, Some(0), "{}", well.printed);

    for (answer, code, evidence) in [
        (401, "MODEL_KEY", "key is not accepted (401 or 403)"),
        (429, "MODEL_RATE", "too many calls (429)"),
        (404, "MODEL_UNKNOWN", "request was refused with status 404"),
        (500, "MODEL_FAILS", "server failed with status 500"),
        (SILENT, "MODEL_TIMEOUT", "no answer in time (2 s)"),
    ] {
        status.store(answer, Ordering::SeqCst);
        let found = diagnose(&installation, true, &[]);
        assert_eq!(found.wrong().into_iter().collect::<Vec<_>>(), [code], "{}", found.printed);
        let told = found.evidence(code);
        assert!(told.starts_with("openai scripted at 127.0.0.1:"), "{told}");
        assert!(told.ends_with(evidence), "{told}");
        assert!(!found.printed.contains(KEY));
    }

    // The process itself meets the fault, and leaves the model alone when it has passed.
    let School { teacher, .. } = found(&installation, "models").await.unwrap();
    status.store(500, Ordering::SeqCst);
    let check = json!({ "text": "He go to school every day." });
    teacher.post("/ai/grammar-checks", check).await.unwrap().expect().unwrap();
    status.store(200, Ordering::SeqCst);
    let rests = diagnose(&installation, true, &[]);
    assert_eq!(rests.wrong().into_iter().collect::<Vec<_>>(), ["MODEL_RESTS"], "{}", rests.printed);
    assert_eq!(rests.evidence("MODEL_RESTS"), "openai scripted, after: server_error");

    let database = installation.system.postgres.connect("ai_english").await.unwrap();
    let spending = "INSERT INTO ai.monthly_spendings
                 SELECT id, date_trunc('month', now() AT TIME ZONE 'UTC')::date, 1500000
                   FROM auth.organizations
                     ON CONFLICT (organization_id, month) DO UPDATE SET spent_micros = 1500000";
    database.batch_execute(spending).await.unwrap();
    let told = diagnose(&installation, false, &[]);
    assert!(told.evidence("BUDGET_SPENT").ends_with(": 1.50 of 1.00 USD"), "{}", told.printed);

    set(&installation, "ai-svc", "OPENAI_BASE_URL", "http://no-such-host.invalid/v1");
    let away = diagnose(&installation, true, &[]);
    assert!(away.evidence("MODEL_AWAY").contains("no-such-host.invalid"));
}
