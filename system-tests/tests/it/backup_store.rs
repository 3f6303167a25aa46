//! Backups and documents in a store that speaks S3.

use std::{fs, path::Path, process::Command};

use system_tests::{Backups, Installation, ObjectStore, object_store::SECRET};

use crate::backup_refusals::{contents, fill};

fn use_store(backups: &mut Backups, prefix: &str, store: &ObjectStore) {
    for (name, value) in store.settings(prefix) {
        backups.set(&name, &value);
    }
}

/// Makes a pair of keys, and lets backups be encrypted for it.
fn encrypt(backups: &mut Backups, identity: &Path) {
    let made = Command::new("age-keygen").arg("-o").arg(identity).output().unwrap();
    assert!(made.status.success(), "{made:?}");
    let text = fs::read_to_string(identity).unwrap();
    let public = text.lines().find_map(|line| line.strip_prefix("# public key: ")).unwrap();
    backups.set("BACKUP_AGE_RECIPIENTS", public);
}

#[tokio::test(flavor = "multi_thread")]
async fn backup_goes_to_a_store_encrypted_and_comes_back() {
    let installation = Installation::stores().await.unwrap();
    fill(&installation, "far away").await;
    let mut backups = Backups::of(&installation.system).unwrap();
    let store = ObjectStore::start().await;
    use_store(&mut backups, "BACKUP_S3", &store);
    backups.set("BACKUP_S3_PREFIX", "english/");
    let ran = backups.run("backup", &[]).unwrap();
    assert!(ran.status == 2 && ran.err.contains("only encrypted"), "{ran:?}");
    assert!(backups.names().unwrap().is_empty() && store.objects().is_empty());

    let identity = installation.scratch().unwrap().join("key.txt");
    encrypt(&mut backups, &identity);
    let name = backups.make().unwrap();
    let local = backups.folder().join(&name);
    let files: Vec<_> = fs::read_dir(&local).unwrap().flatten().collect();
    for file in &files {
        let key = format!("english/{name}/{}", file.file_name().to_string_lossy());
        assert_eq!(store.objects()[&key], fs::read(file.path()).unwrap(), "{key}");
    }
    assert_eq!(store.objects().len(), files.len());

    // Into a machine that has nothing but the key.
    fs::remove_dir_all(&local).unwrap();
    let before = contents(&installation).await;
    fill(&installation, "changed").await;
    assert_eq!(backups.succeed("fetch", &[]).unwrap(), name);
    backups.succeed("fetch", &[&name]).unwrap();
    backups
        .succeed("restore", &["--yes", "--identity", identity.to_str().unwrap(), &name])
        .unwrap();
    assert_eq!(contents(&installation).await[..before.len() - 1], before[..before.len() - 1]);

    // What was damaged over there does not come in.
    fs::remove_dir_all(&local).unwrap();
    store.objects().get_mut(&format!("english/{name}/redis.rdb.age")).unwrap()[40] ^= 1;
    let ran = backups.run("fetch", &[&name]).unwrap();
    assert!(ran.status == 4 && ran.err.contains("redis.rdb.age"), "{ran:?}");
    assert!(!local.exists());
    let (key, seen) = (SECRET, store.server.received_requests().await.unwrap());
    assert!(seen.iter().all(|request| !format!("{request:?}").contains(key)));
    backups.set("BACKUP_S3_SECRET_KEY", "wrong");
    assert_eq!(backups.run("backup", &[]).unwrap().status, 1, "a copy that fails is a failure");
}

#[tokio::test(flavor = "multi_thread")]
async fn old_copies_go_and_a_store_that_is_away_fills_no_disk() {
    let installation = Installation::stores().await.unwrap();
    let mut backups = Backups::of(&installation.system).unwrap();
    let store = ObjectStore::start().await;
    use_store(&mut backups, "BACKUP_S3", &store);
    backups.set("BACKUP_S3_PREFIX", "english/");
    encrypt(&mut backups, &installation.scratch().unwrap().join("key.txt"));
    let named = |days: i64| {
        let date = chrono::Utc::now() - chrono::TimeDelta::days(days) - chrono::TimeDelta::hours(1);
        format!("full_{}", date.format("%Y%m%d_%H%M%S"))
    };
    let (kept, gone, half) = (named(29), named(30), named(400));
    let copies = [&kept, &gone].into_iter().flat_map(|name| {
        ["manifest.json", "redis.rdb.age"].map(|file| format!("english/{name}/{file}"))
    });
    for key in copies.chain([format!("english/{half}/redis.rdb.age"), "english/notes".to_owned()]) {
        store.objects().insert(key, b"old".to_vec());
    }
    let there = |name: &str| store.objects().keys().any(|key| key.contains(name));
    let metrics = installation.system.options().folder.join("metrics/ai_english_backup.prom");
    let value = |name: &str| {
        let text = fs::read_to_string(&metrics).unwrap();
        let line = text.lines().find_map(|line| line.strip_prefix(&format!("{name} ")));
        line.unwrap().parse::<i64>().unwrap()
    };
    let (failed, uploaded) =
        ("ai_english_backup_last_run_failed", "ai_english_backup_last_upload_timestamp_seconds");

    // A key that may only write.
    store.keep_all(true);
    let ran = backups.run("backup", &[]).unwrap();
    assert!(ran.status == 0 && ran.err.contains("cannot be deleted"), "{ran:?}");
    assert!(there(&gone) && value(failed) == 0);
    store.keep_all(false);
    tokio::time::sleep(std::time::Duration::from_millis(1_100)).await;
    let name = backups.make().unwrap();
    assert!(there(&name) && there(&kept) && there("notes"));
    assert!(!there(&gone) && !there(&half), "{:?}", store.objects().keys());
    let at = value(uploaded);
    assert!((0..60).contains(&(chrono::Utc::now().timestamp() - at)), "{at}");

    // Backups that are old go although the copy of the new one does not get away.
    let old = named(31);
    fs::create_dir(backups.folder().join(&old)).unwrap();
    fs::write(backups.folder().join(&old).join("manifest.json"), "{}").unwrap();
    backups.set("BACKUP_S3_SECRET_KEY", "wrong");
    tokio::time::sleep(std::time::Duration::from_millis(1_100)).await;
    assert_eq!(backups.run("backup", &[]).unwrap().status, 1);
    assert!(!backups.names().unwrap().contains(&old));
    assert_eq!((value(failed), value(uploaded)), (1, at), "the failure is told, and the last copy");
}

#[tokio::test(flavor = "multi_thread")]
async fn documents_in_a_store_are_backed_up_and_restored() {
    let installation = Installation::stores().await.unwrap();
    let mut backups = Backups::of(&installation.system).unwrap();
    let store = ObjectStore::start().await;
    use_store(&mut backups, "EXPORT_S3", &store);
    for n in 0..7_u8 {
        store.objects().insert(format!("tasks/{n}/book.pdf"), vec![n; 100]);
    }
    store.objects().insert("other/file".to_owned(), vec![]);
    let before = store.objects().clone();
    let path = backups.succeed("backup", &["files"]).unwrap();
    let name = path.rsplit('/').next().unwrap();
    store.objects().retain(|key, _| key == "other/file");
    backups.succeed("restore", &["--yes", name, "files"]).unwrap();
    assert_eq!(*store.objects(), before);
}
