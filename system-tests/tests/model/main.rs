//! With a real language model behind a real OpenAI-compatible server; `make test-model` runs it.
#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

#[path = "../it/support.rs"]
#[expect(dead_code, reason = "the main job uses more of it")]
mod support;

use std::{env, path::PathBuf, process::Stdio, time::Duration};

use serde_json::{Value, json};
use system_tests::{Installation, exam, school};

use crate::support::{School, analysed, enroll, found, import_mistakes};

/// `llama-server` with a small model, ended when dropped.
struct RealModel {
    process: tokio::process::Child,
    url: String,
}

impl RealModel {
    async fn start() -> Self {
        let folder = env::var("TEST_LLAMA_DIR").expect("TEST_LLAMA_DIR; `make test-model` sets it");
        let folder = PathBuf::from(folder);
        let port = launcher::Ports::free().unwrap().gateway;
        let process = tokio::process::Command::new(folder.join("llama-server"))
            .args(["--host", "127.0.0.1", "--port", &port.to_string(), "-c", "16384", "-m"])
            .arg(folder.join("model.gguf"))
            .env("LD_LIBRARY_PATH", &folder)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .kill_on_drop(true)
            .spawn()
            .unwrap();
        let url = format!("http://127.0.0.1:{port}");
        for _ in 0..300 {
            let health = reqwest::get(format!("{url}/health")).await;
            if health.is_ok_and(|health| health.status().is_success()) {
                return Self { process, url };
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        unreachable!("llama-server did not start within 30 s")
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_provider_that_goes_away_leaves_every_mistake_analysed() {
    let mut model = RealModel::start().await;
    let url = format!("{}/v1", model.url);
    let installation = Installation::with(&[
        ("OPENAI_API_KEY", "local-test-key"),
        ("OPENAI_BASE_URL", &url),
        ("OPENAI_MODEL", "smollm2"),
        // On processors, and beside other work, it takes its time.
        ("OPENAI_MAX_TOKENS", "600"),
        ("LLM_TIMEOUT", "240"),
        ("LLM_TOTAL_TIMEOUT", "480"),
        ("EMBEDDING_PROVIDER", "local"),
    ])
    .await
    .unwrap();
    let School { admin, teacher, class, .. } = found(&installation, "model").await.unwrap();
    let pupils = school::pupils(2);
    enroll(&teacher, &class, &pupils).await.unwrap();
    let status = teacher.get("/ai/status").await.unwrap().expect().unwrap();
    assert_eq!(status["mode"], "model", "{status}");

    let items = exam::single_choice().unwrap();
    import_mistakes(&teacher, &class, &pupils, &items[..1]).await.unwrap();
    analysed(&teacher, &class, Duration::from_mins(10)).await.unwrap();
    let before = teacher.all(&format!("/mistakes?class_id={class}")).await.unwrap();
    // So small a model seldom explains well enough to be believed, but it was asked and it wrote.
    assert!(sources_of(&before).iter().all(|source| ["model", "rules"].contains(source)));
    let usage = admin.get("/ai/usage").await.unwrap().expect().unwrap();
    let rows = usage["items"].as_array().unwrap();
    let wrote = |row: &Value| row["completion_tokens"].as_u64().unwrap_or_default() > 0;
    assert!(rows.iter().any(|row| row["model"] == "smollm2" && wrote(row)), "{usage}");

    model.process.kill().await.unwrap();
    import_mistakes(&teacher, &class, &pupils, &items[1..4]).await.unwrap();
    analysed(&teacher, &class, Duration::from_mins(10)).await.unwrap();
    let mut after = teacher.all(&format!("/mistakes?class_id={class}")).await.unwrap();
    after.retain(|mistake| before.iter().all(|known| known["id"] != mistake["id"]));
    assert!(sources_of(&after).iter().all(|source| *source == "rules"), "{after:?}");

    let check = json!({ "text": "She go to school yesterday." });
    let check = teacher.post("/ai/grammar-checks", check).await.unwrap().expect().unwrap();
    assert_eq!(check["origin"]["source"], "rules", "{check}");
}

/// Returns who explained each mistake; all must be explained.
fn sources_of(mistakes: &[Value]) -> Vec<&str> {
    assert!(!mistakes.is_empty());
    let sources = mistakes.iter().map(|mistake| {
        assert_eq!(mistake["analysis_status"], "done", "{mistake}");
        mistake["analysis"]["source"].as_str().unwrap_or_default()
    });
    sources.collect()
}
