//! Backups that are not what they were are refused before anything is touched.

use std::{
    fs,
    io::{Seek as _, SeekFrom, Write as _},
    os::unix::fs::{MetadataExt as _, PermissionsExt as _, chown, symlink},
    path::{Path, PathBuf},
    process::Command,
    time::{Duration, Instant},
};

use serde_json::Value;
use system_tests::{Backups, Installation, backups::tables};

/// Puts something into every store.
pub async fn fill(installation: &Installation, what: &str) {
    let database = installation.system.postgres.connect("ai_english").await.unwrap();
    let organization = format!(
        "INSERT INTO auth.organizations (id, name, type, created_at, updated_at)
         VALUES (gen_random_uuid(), '{what}', 'school', now(), now())"
    );
    database.execute(&organization, &[]).await.unwrap();
    let folder = &installation.system.options().folder;
    for file in ["exports/tasks/a/a.pdf", "uploads/b.csv", "vectors/c"] {
        fs::create_dir_all(folder.join(file).parent().unwrap()).unwrap();
        fs::write(folder.join(file), what).unwrap();
    }
    assert_eq!(redis(installation, &["SET", "kept", what]), "OK");
    redis(installation, &["SET", "cache:profile", what]);
    redis(installation, &["SET", "sess:revocations-complete", what]);
    redis(installation, &["SETEX", "sess:revoked:1", "3600", what]);
}

/// Runs a command of Redis.
pub fn redis(installation: &Installation, arguments: &[&str]) -> String {
    let secret = installation.system.options().folder.join("secret");
    let output = Command::new("redis-cli")
        .args(["-p", &installation.system.ports().redis.to_string()])
        .args(arguments)
        .env("REDISCLI_AUTH", fs::read_to_string(secret).unwrap().trim())
        .output()
        .unwrap();
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}

/// Returns what every store holds.
pub async fn contents(installation: &Installation) -> Vec<String> {
    let mut all = vec![format!("{:?}", tables(&installation.system).await.unwrap())];
    let folder = &installation.system.options().folder;
    for file in ["exports/tasks/a/a.pdf", "uploads/b.csv", "vectors/c", "settings", "secret"] {
        all.push(fs::read_to_string(folder.join(file)).unwrap_or_default());
    }
    all.push(redis(installation, &["GET", "kept"]));
    all.push(redis(installation, &["GET", "cache:profile"]));
    all
}

/// Copies a backup, to be damaged, under the same name.
fn copy_of(backups: &Backups, name: &str, to: &Path) -> PathBuf {
    let copy = to.join(name);
    if copy.exists() {
        fs::remove_dir_all(&copy).unwrap();
    }
    fs::create_dir_all(&copy).unwrap();
    for entry in fs::read_dir(backups.folder().join(name)).unwrap().flatten() {
        fs::copy(entry.path(), copy.join(entry.file_name())).unwrap();
    }
    copy
}

fn flip_a_bit(file: &Path) {
    let size = fs::metadata(file).unwrap().len();
    let mut bytes = fs::read(file).unwrap();
    let at = usize::try_from(size / 2).unwrap();
    bytes[at] ^= 1;
    let mut open = fs::OpenOptions::new().write(true).open(file).unwrap();
    open.seek(SeekFrom::Start(0)).unwrap();
    open.write_all(&bytes).unwrap();
}

/// Why a backup is refused, and what was done to it.
type Damage<'a> = (&'a str, Box<dyn Fn(&Path) + 'a>);

/// Changes the manifest and makes it look untouched.
fn forge(folder: &Path, change: impl FnOnce(&mut Value)) {
    let file = folder.join("manifest.json");
    let mut manifest: Value = serde_json::from_slice(&fs::read(&file).unwrap()).unwrap();
    change(&mut manifest);
    fs::write(&file, manifest.to_string()).unwrap();
    let sum = Command::new("sha256sum").arg("manifest.json").current_dir(folder).output().unwrap();
    fs::write(folder.join("manifest.sha256"), sum.stdout).unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn damaged_truncated_mixed_and_incomplete_backups_are_refused() {
    let installation = Installation::stores().await.unwrap();
    fill(&installation, "first").await;
    let backups = Backups::of(&installation.system).unwrap();
    let name = backups.make().unwrap();
    fill(&installation, "second").await;
    tokio::time::sleep(Duration::from_millis(1_100)).await;
    let other = backups.make().unwrap();
    let present = contents(&installation).await;
    let scratch = installation.scratch().unwrap();
    let others = backups.folder().join(&other);
    let damages: Vec<Damage> = vec![
        (
            "database.dump is not what was written",
            Box::new(|f| flip_a_bit(&f.join("database.dump"))),
        ),
        (
            "vectors.tar.zst is not what was written",
            Box::new(|f| flip_a_bit(&f.join("vectors.tar.zst"))),
        ),
        (
            "bytes instead of",
            Box::new(|f| {
                let file = fs::OpenOptions::new().write(true).open(f.join("redis.rdb")).unwrap();
                file.set_len(file.metadata().unwrap().len() - 1).unwrap();
            }),
        ),
        (
            "exports.tar.zst is missing",
            Box::new(|f| fs::remove_file(f.join("exports.tar.zst")).unwrap()),
        ),
        ("it has no manifest", Box::new(|f| fs::remove_file(f.join("manifest.json")).unwrap())),
        ("its manifest is damaged", Box::new(|f| flip_a_bit(&f.join("manifest.json")))),
        (
            "database.dump",
            Box::new(|f| {
                fs::copy(others.join("database.dump"), f.join("database.dump")).unwrap();
            }),
        ),
        (
            "its manifest is that of",
            Box::new(|f| {
                for file in ["manifest.json", "manifest.sha256"] {
                    fs::copy(others.join(file), f.join(file)).unwrap();
                }
            }),
        ),
        ("does not belong to it", Box::new(|f| fs::write(f.join("database.sql"), "").unwrap())),
        (
            "newer than this one",
            Box::new(|f| forge(f, |manifest| manifest["product_version"] = "999.0.0".into())),
        ),
        (
            "has no redis",
            Box::new(|f| {
                fs::remove_file(f.join("redis.rdb")).unwrap();
                let is_redis = |part: &Value| part["part"] == "redis";
                forge(f, |m| m["parts"].as_array_mut().unwrap().retain(|part| !is_redis(part)));
            }),
        ),
    ];
    for (reason, damage) in damages {
        let copy = copy_of(&backups, &name, &scratch);
        damage(&copy);
        let ran = backups.run("restore", &["--yes", copy.to_str().unwrap()]).unwrap();
        assert!(ran.status == 4 && ran.err.contains(reason), "{reason}: {ran:?}");
        assert_eq!(contents(&installation).await, present, "{reason}");
    }
    // Nor is anything touched that was not agreed to.
    let ran = backups.run("restore", &[&name]).unwrap();
    assert!(ran.status == 4 && ran.err.contains("say --yes"), "{ran:?}");
    for place in ["ai_english", "Redis", "vectors", "exports", "secret"] {
        assert!(ran.err.contains(place), "what it replaces is named: {ran:?}");
    }
    assert_eq!(contents(&installation).await, present);
    // What a manifest says of a table is compared before the transaction ends.
    let copy = copy_of(&backups, &name, &scratch);
    forge(&copy, |manifest| manifest["tables"]["auth.organizations"]["rows"] = 7.into());
    let ran = backups.run("restore", &["--yes", copy.to_str().unwrap(), "database"]).unwrap();
    assert!(ran.status == 1 && ran.err.contains("auth.organizations"), "{ran:?}");
    assert_eq!(contents(&installation).await, present, "the transaction was given up");
}

#[tokio::test(flavor = "multi_thread")]
async fn one_part_or_all_of_a_backup_is_restored() {
    let installation = Installation::stores().await.unwrap();
    fill(&installation, "first").await;
    // The folder of certificates belongs to nginx, who is another one on another machine.
    let certificates = installation.system.options().folder.join("certificates");
    fs::create_dir(&certificates).unwrap();
    fs::write(certificates.join("fullchain.pem"), "first").unwrap();
    // Alertmanager reads its own file under another account.
    let receivers = installation.system.options().folder.join("alertmanager.yml");
    fs::write(&receivers, "first").unwrap();
    fs::set_permissions(&receivers, fs::Permissions::from_mode(0o644)).unwrap();
    let mut backups = Backups::of(&installation.system).unwrap();
    let name = backups.make().unwrap();
    fill(&installation, "second").await;
    fs::remove_file(&receivers).unwrap();
    fs::write(certificates.join("fullchain.pem"), "second").unwrap();
    fs::set_permissions(&certificates, fs::Permissions::from_mode(0o750)).unwrap();
    if launcher::files::is_root() {
        chown(&certificates, Some(12_345), Some(12_345)).unwrap();
    }
    let owner = fs::metadata(&certificates).unwrap().uid();
    backups.succeed("restore", &["--yes", &name, "redis"]).unwrap();
    assert_eq!(redis(&installation, &["GET", "kept"]), "first");
    assert_eq!(
        redis(&installation, &["EXISTS", "cache:profile", "sess:revocations-complete"]),
        "0"
    );
    let left: u32 = redis(&installation, &["TTL", "sess:revoked:1"]).parse().unwrap();
    assert!((3_000..=3_600).contains(&left), "{left}");
    let folder = &installation.system.options().folder;
    assert_eq!(fs::read_to_string(folder.join("vectors/c")).unwrap(), "second");
    fs::write(folder.join("vectors/made-since"), "").unwrap();
    // On another disk, to which its place leads.
    let elsewhere = installation.scratch().unwrap().join("disk");
    fs::rename(folder.join("vectors"), &elsewhere).unwrap();
    symlink(&elsewhere, folder.join("vectors")).unwrap();
    backups.succeed("restore", &["--yes", &name]).unwrap();
    assert_eq!(fs::read_to_string(folder.join("vectors/c")).unwrap(), "first");
    assert!(!folder.join("vectors/made-since").exists());
    assert_eq!(fs::read_link(folder.join("vectors")).unwrap(), elsewhere);
    assert_eq!(fs::read_to_string(elsewhere.join("c")).unwrap(), "first");
    assert_eq!(fs::read_to_string(folder.join("uploads/b.csv")).unwrap(), "first");
    let database = installation.system.postgres.connect("ai_english").await.unwrap();
    let count = "SELECT count(*) FROM auth.organizations WHERE name = 'second'";
    let second: i64 = database.query_one(count, &[]).await.unwrap().get(0);
    assert_eq!(second, 0);

    assert_eq!(fs::read_to_string(certificates.join("fullchain.pem")).unwrap(), "first");
    for path in [&certificates, &certificates.join("fullchain.pem")] {
        assert_eq!(fs::metadata(path).unwrap().uid(), owner, "{path:?}");
    }
    assert_eq!(fs::metadata(&certificates).unwrap().permissions().mode() & 0o777, 0o750);
    assert_eq!(fs::read_to_string(&receivers).unwrap(), "first");
    assert_eq!(fs::metadata(&receivers).unwrap().permissions().mode() & 0o777, 0o644);

    backups.set("VECTOR_ENGINE", "qdrant");
    backups.set("QDRANT_URL", "http://127.0.0.1:9");
    backups.set("BACKUP_WAIT", "2");
    let began = Instant::now();
    let ran = backups.run("restore", &["--yes", &name]).unwrap();
    assert!(ran.status == 4 && ran.err.contains("Qdrant does not answer"), "{ran:?}");
    assert!(ran.err.contains("up -d postgres redis qdrant"), "what to type is said: {ran:?}");
    assert!(began.elapsed() >= Duration::from_secs(1), "one that starts is waited for");
}
