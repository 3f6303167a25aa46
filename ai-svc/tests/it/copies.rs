//! Copies of the folder that are taken while the engine writes, as a backup takes them.

use std::{
    fs,
    path::Path,
    process::Command,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU16, Ordering},
    },
    time::{Duration, Instant},
};

use ai_svc::vectors::{Embedded, Engine, VectorError};

use crate::{
    engines::{count, dimension, nearest, points},
    support::Folder,
};

const STORE: &str = "mistakes--test--384";

/// Copies as `deploy/backup` does.
fn copy(from: &Path, to: &Path) {
    let status = Command::new("flock")
        .arg(from.join(".writing"))
        .args(["cp", "-a"])
        .arg(from)
        .arg(to)
        .status()
        .unwrap();
    assert!(status.success());
}

#[tokio::test(flavor = "multi_thread")]
async fn copy_amid_writes_holds_what_was_answered_before_it() {
    let folder = Folder::new();
    let engine = Arc::new(Embedded::open(folder.path(), dimension()).unwrap());
    let (written, stop) = (Arc::new(AtomicU16::new(0)), Arc::new(AtomicBool::new(false)));
    let writer = {
        let (engine, written, stop) = (engine.clone(), written.clone(), stop.clone());
        tokio::spawn(async move {
            for n in 0.. {
                if stop.load(Ordering::SeqCst) {
                    return;
                }
                engine.upsert(STORE, points(n * 5, 5)).await.unwrap();
                if n % 7 == 3 {
                    let again = points(n * 5, 5).into_iter().map(|point| point.item_id).collect();
                    engine.delete(STORE, again, "").await.unwrap();
                    engine.upsert(STORE, points(n * 5, 5)).await.unwrap();
                }
                written.store((n + 1) * 5, Ordering::SeqCst);
            }
        })
    };
    let copies = Folder::new();
    fs::create_dir_all(copies.path()).unwrap();
    let mut answered = Vec::new();
    for n in 0_u8..12 {
        let before = written.load(Ordering::SeqCst);
        while written.load(Ordering::SeqCst) < before + 20 {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        answered.push(written.load(Ordering::SeqCst));
        copy(folder.path(), &copies.path().join(n.to_string()));
    }
    stop.store(true, Ordering::SeqCst);
    writer.await.unwrap();

    for (n, answered) in answered.into_iter().enumerate() {
        let place = copies.path().join(n.to_string());
        let engine = Embedded::open(&place, dimension()).unwrap();
        let found = engine.search(STORE, nearest()).await.unwrap();
        assert_eq!(found.len(), 3, "copy {n}");
        let there = count(&engine, STORE).await;
        // A batch may be deleted just now, to be written again.
        assert!(there + 5 >= u64::from(answered), "copy {n}: {there} of {answered}");
        let broken = fs::read_dir(&place).unwrap().flatten();
        let names: Vec<_> = broken.map(|entry| entry.file_name()).collect();
        assert!(names.iter().all(|name| !name.to_string_lossy().contains("broken")), "{names:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn write_during_a_long_copy_is_put_off_and_searches_go_on() {
    let folder = Folder::new();
    let engine = Embedded::open(folder.path(), dimension()).unwrap();
    engine.upsert(STORE, points(0, 5)).await.unwrap();
    let held = fs::File::open(folder.path().join(".writing")).unwrap();
    held.lock().unwrap();

    let refused = engine.upsert(STORE, points(5, 5)).await.unwrap_err();
    assert!(matches!(refused, VectorError::Unavailable(_)), "{refused}");
    assert!(matches!(engine.ready().await, Err(VectorError::Unavailable(_))));
    let start = Instant::now();
    assert_eq!(engine.search(STORE, nearest()).await.unwrap().len(), 3);
    assert!(start.elapsed() < Duration::from_secs(1), "a search waits for nobody");
    assert!(engine.healthy().await);

    held.unlock().unwrap();
    engine.upsert(STORE, points(5, 5)).await.unwrap();
    assert_eq!(count(&engine, STORE).await, 10);
}
