//! Problem 3 of the manual: the vector service.

use std::{
    fs,
    net::TcpListener,
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use launcher::Service;
use serde_json::json;
use system_tests::{Installation, school};

use super::{diagnose, folder, set};
use crate::support::{School, enroll, found, text};

#[tokio::test(flavor = "multi_thread")]
async fn a_qdrant_that_is_away_and_a_wrong_length_are_told() {
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let url = format!("http://127.0.0.1:{port}");
    let installation = Installation::with(&[("QDRANT_URL", &url)]).await.unwrap();
    let found = diagnose(&installation, false, &[]);
    assert_eq!(found.evidence("QDRANT_AWAY"), format!("127.0.0.1:{port}: connection refused"));
    assert_eq!(found.wrong().len(), 1, "{}", found.printed);

    set(&installation, "ai-svc", "QDRANT_VECTOR_SIZE", "1536");
    let found = diagnose(&installation, false, &[]);
    let evidence = found.evidence("VECTOR_SIZE");
    assert!(evidence.contains("1536") && evidence.ends_with("makes vectors of 384"), "{evidence}");
}

#[tokio::test(flavor = "multi_thread")]
async fn lost_and_damaged_vectors_are_told_until_they_are_made_anew() {
    let mut installation = Installation::start().await.unwrap();
    let School { teacher, class, .. } = found(&installation, "vectors").await.unwrap();
    enroll(&teacher, &class, &school::pupils(1)).await.unwrap();
    let students = teacher.all(&format!("/students?class_id={class}")).await.unwrap();
    let mistake = json!({
        "student_id": students[0]["id"], "type": "grammar", "question": "He ___ (go) to school.",
        "wrong_answer": "go", "correct_answer": "goes",
    });
    let mistake = teacher.post("/mistakes", mistake).await.unwrap().expect().unwrap();
    let mistake = text(&mistake, "id").unwrap();
    let vectors = folder(&installation).join("vectors");
    indexed(&vectors).await;
    let healthy = diagnose(&installation, false, &[]);
    assert_eq!(healthy.status, Some(0), "{}", healthy.printed);

    installation.system.kill(Service::Ai).unwrap();
    fs::remove_dir_all(store(&vectors).unwrap()).unwrap();
    relaunch(&mut installation).await;
    let lost = diagnose(&installation, false, &[]);
    let next = &lost.finding("VECTORS_LOST")["next"][0];
    assert!(next.as_str().unwrap().contains("learning-svc reindex"), "{next}");
    installation.system.command(Service::Learning, &["reindex"]).unwrap();
    indexed(&vectors).await;
    assert_eq!(diagnose(&installation, false, &[]).status, Some(0));

    installation.system.kill(Service::Ai).unwrap();
    spoil(&store(&vectors).unwrap());
    relaunch(&mut installation).await;
    let deadline = Instant::now() + Duration::from_secs(10);
    while fs::read_dir(&vectors)
        .unwrap()
        .flatten()
        .all(|e| !e.path().to_string_lossy().contains(".broken-"))
    {
        assert!(Instant::now() < deadline, "the damage was not noticed");
        teacher.get(&format!("/mistakes/{mistake}/similar")).await.unwrap();
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    let damaged = diagnose(&installation, false, &[]);
    assert!(damaged.evidence("VECTORS_DAMAGED").contains(".broken-"));

    installation.system.kill(Service::Ai).unwrap();
    fs::remove_dir_all(&vectors).unwrap();
    fs::write(&vectors, "a file stands in the way").unwrap();
    let closed = diagnose(&installation, false, &[]);
    assert!(closed.evidence("VECTOR_FOLDER").starts_with(&*vectors.to_string_lossy()));
}

async fn relaunch(installation: &mut Installation) {
    installation.system.launch(Service::Ai).unwrap();
    installation.system.ready(Service::Ai, Duration::from_secs(30)).await.unwrap();
}

/// Waits until something can be found by meaning.
async fn indexed(vectors: &Path) {
    let deadline = Instant::now() + Duration::from_secs(30);
    while store(vectors).is_none() {
        assert!(Instant::now() < deadline, "nothing was indexed");
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    // Until the job is taken off the queue.
    tokio::time::sleep(Duration::from_secs(1)).await;
}

fn store(vectors: &Path) -> Option<PathBuf> {
    let entries = fs::read_dir(vectors).unwrap().flatten().map(|entry| entry.path());
    let is_store = |path: &PathBuf| {
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        name.starts_with("mistakes--") && !name.contains('.')
    };
    entries.into_iter().find(is_store)
}

/// Writes nonsense over every file.
fn spoil(folder: &Path) {
    for entry in fs::read_dir(folder).unwrap().flatten() {
        if entry.path().is_dir() {
            spoil(&entry.path());
        } else {
            fs::write(entry.path(), "nonsense").unwrap();
        }
    }
}
