//! The index of a process that is killed while it writes.

use std::{
    env,
    io::{BufRead as _, BufReader},
    path::PathBuf,
    process::{Command, Stdio},
};

use ai_svc::vectors::{Embedded, Engine as _, Point};

use crate::support::Folder;

const STORE: &str = "contents--test--4";
const FOLDER: &str = "AI_TEST_KILLED_FOLDER";

/// Runs in the process that is killed; anywhere else it does nothing.
#[tokio::test]
async fn writes_until_it_is_killed() {
    let Some(folder) = env::var_os(FOLDER).map(PathBuf::from) else {
        return;
    };
    let engine = Embedded::open(&folder, 4).unwrap();
    for n in 0_u16.. {
        let point = Point {
            item_id: format!("item {n}"),
            owner_id: "owner".to_owned(),
            organization_id: String::new(),
            vector: vec![1.0, f32::from(n), 0.0, 0.0],
        };
        engine.upsert(STORE, vec![point]).await.unwrap();
        eprintln!("written {}", n + 1);
    }
}

#[tokio::test]
async fn what_was_answered_is_there_after_a_kill() {
    for _ in 0..2 {
        let folder = Folder::new();
        let mut child = Command::new(env::current_exe().unwrap())
            .args(["--exact", "--nocapture", "kill::writes_until_it_is_killed"])
            .env(FOLDER, folder.path())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let lines = BufReader::new(child.stderr.take().unwrap()).lines();
        let mut written = 0_u64;
        for line in lines.map_while(Result::ok) {
            // The last line may be half of one.
            let count = line.strip_prefix("written ").and_then(|count| count.parse().ok());
            written = written.max(count.unwrap_or_default());
            if written == 15 {
                // The next write is under way now.
                child.kill().unwrap();
            }
        }
        child.wait().unwrap();
        assert!(written >= 15);
        let engine = Embedded::open(folder.path(), 4).unwrap();
        let count = engine.counts().await.unwrap()[0].1;
        assert!((written..=written + 1).contains(&count), "{count} of {written}");
    }
}
