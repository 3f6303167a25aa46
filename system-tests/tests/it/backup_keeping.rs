//! How backups are made and kept: for their owner alone, whole or not at all, encrypted, and not for ever.

use std::{
    fs,
    os::unix::fs::{PermissionsExt as _, symlink},
    path::Path,
    process::Command,
};

use system_tests::{Backups, Installation};

use crate::backup_refusals::{contents, fill, redis};

#[tokio::test(flavor = "multi_thread")]
async fn backup_is_whole_or_not_there() {
    let installation = Installation::stores().await.unwrap();
    fill(&installation, "kept").await;
    let mut backups = Backups::of(&installation.system).unwrap();
    let name = backups.make().unwrap();
    let mode = |path: &std::path::Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(backups.folder()), 0o700);
    assert_eq!(mode(&backups.folder().join(&name)), 0o700);
    for entry in fs::read_dir(backups.folder().join(&name)).unwrap().flatten() {
        assert_eq!(mode(&entry.path()), 0o600, "{entry:?}");
    }
    let manifest = backups.manifest(&name).unwrap();
    assert_eq!(manifest["product_version"], env!("CARGO_PKG_VERSION"));
    for schema in ["auth", "learning", "ai", "export"] {
        assert!(manifest["migrations"][schema].as_u64().unwrap() >= 1, "{manifest}");
    }
    assert!(manifest["versions"]["postgresql"].as_str().unwrap().starts_with("15"), "{manifest}");
    assert!(manifest["versions"]["redis"].is_string(), "{manifest}");
    let metrics = installation.system.options().folder.join("metrics/ai_english_backup.prom");
    assert_eq!(mode(&metrics), 0o644);
    let read = || fs::read_to_string(&metrics).unwrap();
    let value = |text: &str, name: &str| {
        let line = text.lines().find_map(|line| line.strip_prefix(name)).unwrap();
        line.trim().parse::<i64>().unwrap()
    };
    let good = read();
    let success = "ai_english_backup_last_success_timestamp_seconds";
    let age = chrono::Utc::now().timestamp() - value(&good, success);
    assert!((0..60).contains(&age), "{good}");
    assert_eq!(value(&good, "ai_english_backup_last_run_failed"), 0);

    // A disk that takes no more: files may grow to 16 KiB here.
    let fails = |command: &mut Command| {
        let output = command.output().unwrap();
        assert_eq!(output.status.code(), Some(1), "{output:?}");
        assert_eq!(
            backups.names().unwrap(),
            [name.as_str()],
            "nothing is left that looks like a backup"
        );
    };
    let script = backups.command("backup", &[]);
    let mut full = Command::new("prlimit");
    full.args(["--fsize=16384", "--"]).arg(script.get_program());
    full.envs(script.get_envs().filter_map(|(name, value)| Some((name, value?))));
    fails(&mut full);
    let failed = read();
    assert_eq!(value(&failed, "ai_english_backup_last_run_failed"), 1);
    assert_eq!(value(&failed, success), value(&good, success), "the last success stays");
    fs::remove_file(&metrics).unwrap();
    let programs = installation.scratch().unwrap().join("programs");
    all_but_age(&programs);
    let mut encrypted = backups.command("backup", &[]);
    fails(encrypted.env("PATH", programs).env("BACKUP_AGE_RECIPIENTS", "age1"));
    assert_eq!(value(&read(), "ai_english_backup_last_run_failed"), 1, "age is missing");
    fails(backups.command("backup", &[]).env("PGPASSWORD", "wrong"));
    fails(backups.command("backup", &[]).env("REDIS_URL", "redis://127.0.0.1:9/0"));
    fails(backups.command("backup", &[]).env("BACKUP_MIN_FREE", "999999999999999"));

    // One at a time.
    let lock = fs::File::open(backups.folder().join(".lock")).unwrap();
    lock.lock().unwrap();
    assert_eq!(backups.run("backup", &[]).unwrap().status, 3);
    assert_eq!(backups.run("restore", &["--yes", &name]).unwrap().status, 3);
    lock.unlock().unwrap();
    assert_eq!(backups.run("backup", &["everything"]).unwrap().status, 2);

    retention(&mut backups, &name);
    backups.set("EXPORT_DIR", "/nowhere/exports");
    let ran = backups.run("backup", &["files"]).unwrap();
    let told = ran.err.contains("no folder /nowhere/exports (EXPORT_DIR)");
    assert!(ran.status == 0 && told, "{ran:?}");
}

/// Makes a folder that stands for the programs of a machine without `age`.
fn all_but_age(folder: &Path) {
    fs::create_dir(folder).unwrap();
    for program in fs::read_dir("/usr/bin").unwrap().flatten() {
        if program.file_name() != "age" {
            symlink(program.path(), folder.join(program.file_name())).unwrap();
        }
    }
}

fn retention(backups: &mut Backups, name: &str) {
    let day = |days: i64| {
        let date = chrono::Utc::now() - chrono::TimeDelta::days(days) - chrono::TimeDelta::hours(1);
        date.format("%Y%m%d_%H%M%S").to_string()
    };
    let made = |kind: &str, days: i64| {
        let old = format!("{kind}_{}", day(days));
        fs::create_dir(backups.folder().join(&old)).unwrap();
        fs::write(backups.folder().join(&old).join("manifest.json"), "{}").unwrap();
        old
    };
    let kept = [made("full", 29), made("database", 40), made("redis", 6), made("notes", 99)];
    let gone = [made("full", 30), made("full", 400), made("redis", 7), made("database", 41)];
    fs::create_dir(backups.folder().join(".work.killed")).unwrap();
    let newest = backups.make().unwrap();
    let names = backups.names().unwrap();
    assert!(names.contains(&newest) && names.contains(&name.to_owned()), "{names:?}");
    for kept in kept {
        assert!(names.contains(&kept), "{kept} of {names:?}");
    }
    for gone in gone {
        assert!(!names.contains(&gone), "{gone} of {names:?}");
    }
    assert!(!names.contains(&".work.killed".to_owned()));
    let report = backups.run("verify", &[name, &newest]).unwrap();
    assert_eq!((report.status, report.out.matches("whole").count()), (0, 2), "{report:?}");
    assert_eq!(backups.run("verify", &[]).unwrap().status, 4, "empty manifests are damage");
}

#[tokio::test(flavor = "multi_thread")]
async fn encrypted_backup_is_opened_by_its_key_alone() {
    let installation = Installation::stores().await.unwrap();
    fill(&installation, "secret").await;
    let mut backups = Backups::of(&installation.system).unwrap();
    let scratch = installation.scratch().unwrap();
    let key = |name: &str| {
        let file = scratch.join(name);
        let made = Command::new("age-keygen").arg("-o").arg(&file).output().unwrap();
        assert!(made.status.success(), "{made:?}");
        let text = fs::read_to_string(&file).unwrap();
        let public = text.lines().find_map(|line| line.strip_prefix("# public key: ")).unwrap();
        (file.to_str().unwrap().to_owned(), public.to_owned())
    };
    let (own, public) = key("own.txt");
    let (others, second) = key("others.txt");
    let (strangers, _) = key("strangers.txt");
    backups.set("BACKUP_AGE_RECIPIENTS", &format!("{public} {second}"));
    let before = contents(&installation).await;
    let name = backups.make().unwrap();
    let folder = backups.folder().join(&name);
    for entry in fs::read_dir(&folder).unwrap().flatten() {
        let bytes = fs::read(entry.path()).unwrap();
        let is_manifest = entry.file_name().to_string_lossy().starts_with("manifest.");
        assert!(is_manifest || bytes.starts_with(b"age-encryption.org/v1"), "{entry:?}");
    }
    let whole = backups.succeed("verify", &[&name]).unwrap();
    assert!(whole.contains("whole, encrypted"), "{whole}");

    fill(&installation, "changed").await;
    let changed = contents(&installation).await;
    for (arguments, reason) in [
        (vec!["--yes", &name], "is encrypted"),
        (vec!["--yes", "--identity", &strangers, &name], "cannot be decrypted"),
    ] {
        let ran = backups.run("restore", &arguments).unwrap();
        assert!(ran.status == 4 && ran.err.contains(reason), "{ran:?}");
        assert_eq!(contents(&installation).await, changed);
    }
    let beside = backups.folder().join("key.txt");
    fs::copy(&own, &beside).unwrap();
    let ran =
        backups.run("restore", &["--yes", "--identity", beside.to_str().unwrap(), &name]).unwrap();
    assert!(ran.status == 4 && ran.err.contains("beside the backups"), "{ran:?}");
    fs::remove_file(beside).unwrap();
    assert!(backups.succeed("verify", &["--identity", &own]).unwrap().contains("whole"));
    backups.succeed("restore", &["--yes", "--identity", &others, &name]).unwrap();
    let restored = contents(&installation).await;
    // Caches are not restored.
    assert_eq!(restored[..restored.len() - 1], before[..before.len() - 1]);
    assert_eq!(redis(&installation, &["GET", "cache:profile"]), "");
}
