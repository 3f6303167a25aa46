//! Reads that a replica of PostgreSQL answers: never before it knows what somebody has just written.

use std::time::Duration;

use launcher::Service;
use serde_json::{Value, json};
use system_tests::{Api, Installation, Scrape, school};
use tokio::time::Instant;

use crate::support::{School, enroll, found, print, text};

#[tokio::test(flavor = "multi_thread")]
async fn replica_answers_what_it_knows_and_the_primary_the_rest() {
    let mut installation = Installation::start().await.unwrap();
    let School { teacher, class, .. } = found(&installation, "copy").await.unwrap();
    enroll(&teacher, &class, &school::pupils(1)).await.unwrap();
    let students = teacher.all(&format!("/students?class_id={class}")).await.unwrap();
    let pupil = Pupil { teacher, class, id: text(&students[0], "id").unwrap() };
    pupil.mistake("one").await;

    installation.system.replicate().await.unwrap();
    installation.system.kill(Service::Learning).unwrap();
    installation.system.launch(Service::Learning).unwrap();
    installation.system.ready(Service::Learning, Duration::from_secs(20)).await.unwrap();
    answered_by(&installation, &pupil, "replica").await;
    let replica = installation.system.replica.as_ref().unwrap().connect("ai_english").await;
    let replica = replica.unwrap();
    let scans = "SELECT (seq_scan + coalesce(idx_scan, 0))::bigint FROM pg_stat_user_tables
                  WHERE schemaname = 'learning' AND relname = 'mistakes'";
    let limit = Instant::now() + Duration::from_secs(10);
    // A session tells what it has done once a second.
    while replica.query_one(scans, &[]).await.unwrap().get::<_, i64>(0) == 0 {
        assert!(Instant::now() < limit, "nobody has asked the replica for mistakes");
        tokio::time::sleep(Duration::from_millis(200)).await;
    }

    // What was just written is there at once, although the replica never hears of it.
    replica.batch_execute("SELECT pg_wal_replay_pause()").await.unwrap();
    for (count, question) in [(2, "two"), (3, "three")] {
        pupil.mistake(question).await;
        assert_eq!(pupil.counts().await, [count; 3], "right after {question}");
        tokio::time::sleep(Duration::from_millis(1_500)).await;
        assert_eq!(pupil.counts().await, [count; 3], "a while after {question}");
    }
    let order = json!({ "document": "mistake_book", "format": "markdown", "student_id": pupil.id });
    let book = print(&pupil.teacher, order, Duration::from_secs(20)).await.unwrap();
    let book = String::from_utf8(book).unwrap();
    assert!(book.contains("three"), "{book}");

    // It catches up, answers again, goes away in the middle of it, and nobody notices.
    replica.batch_execute("SELECT pg_wal_replay_resume()").await.unwrap();
    answered_by(&installation, &pupil, "replica").await;
    installation.system.replica.as_mut().unwrap().kill().unwrap();
    for _ in 0..20 {
        assert_eq!(pupil.counts().await, [3; 3]);
    }
    pupil.mistake("four").await;
    assert_eq!(pupil.counts().await, [4; 3]);
    installation.system.replica.as_mut().unwrap().resume().await.unwrap();
    answered_by(&installation, &pupil, "replica").await;
    assert_eq!(pupil.counts().await, [4; 3]);
}

/// Reads until `server` has answered.
async fn answered_by(installation: &Installation, pupil: &Pupil, server: &str) {
    let label = format!("from=\"{server}\"");
    let reads = async || {
        let scrape = Scrape::of(installation, Service::Learning).await.unwrap();
        scrape.sum("db_reads_total", &[&label])
    };
    let (before, limit) = (reads().await, Instant::now() + Duration::from_secs(20));
    while reads().await < before + 3.0 {
        pupil.counts().await;
        assert!(Instant::now() < limit, "the {server} answers no reads");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

struct Pupil {
    teacher: Api,
    class: String,
    id: String,
}

impl Pupil {
    async fn mistake(&self, question: &str) {
        let mistake = json!({
            "student_id": self.id, "type": "grammar", "question": question, "wrong_answer": "go",
            "correct_answer": "goes",
        });
        self.teacher.post("/mistakes", mistake).await.unwrap().expect().unwrap();
    }

    /// How many mistakes the list, the pupil's figures and those of the class have.
    async fn counts(&self) -> [u64; 3] {
        let get = async |path: String| -> Value {
            self.teacher.get(&path).await.unwrap().expect().unwrap()
        };
        let list = get(format!("/mistakes?student_id={}", self.id)).await;
        let own = get(format!("/students/{}/statistics", self.id)).await;
        let class = get(format!("/classes/{}/statistics", self.class)).await;
        let listed = list["items"].as_array().unwrap().len() as u64;
        [listed, total(&own), total(&class)]
    }
}

fn total(figures: &Value) -> u64 {
    figures["figures"]["mistakes"].as_u64().expect("a number of mistakes")
}
