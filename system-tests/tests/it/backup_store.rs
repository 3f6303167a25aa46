//! Backups and documents in a store that speaks S3, doubled by one that checks every signature.

use std::{
    collections::BTreeMap,
    fmt::Write as _,
    fs,
    path::Path,
    process::Command,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
};

use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::{Digest as _, Sha256};
use system_tests::{Backups, Installation};
use wiremock::{Mock, MockServer, Request, Respond, ResponseTemplate, matchers::any};

use crate::backup_refusals::{contents, fill};

const KEY: &str = "AKIDEXAMPLE";
const SECRET: &str = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";
/// As many keys stand on one page of a listing.
const PAGE: usize = 3;

/// Objects by their keys, and whether nobody may delete one.
#[derive(Clone, Default)]
struct Store(Arc<Mutex<BTreeMap<String, Vec<u8>>>>, Arc<AtomicBool>);

impl Respond for Store {
    fn respond(&self, request: &Request) -> ResponseTemplate {
        if let Err(reason) = check_signature(request) {
            return ResponseTemplate::new(403).set_body_string(reason);
        }
        let mut objects = self.0.lock().unwrap();
        let path = request.url.path();
        let Some(key) = path.strip_prefix("/school/") else {
            return if path == "/school" { listing(&objects, request) } else { not_found() };
        };
        match request.method.as_str() {
            "PUT" => {
                objects.insert(key.to_owned(), request.body.clone());
                ResponseTemplate::new(200)
            }
            "DELETE" if self.1.load(Ordering::SeqCst) => ResponseTemplate::new(403),
            "DELETE" => {
                objects.remove(key);
                ResponseTemplate::new(204)
            }
            "GET" => objects.get(key).map_or_else(not_found, |content| {
                ResponseTemplate::new(200).set_body_bytes(content.clone())
            }),
            _ => ResponseTemplate::new(405),
        }
    }
}

fn not_found() -> ResponseTemplate {
    ResponseTemplate::new(404).set_body_string("<Error><Code>NoSuchKey</Code></Error>")
}

/// `ListObjectsV2`, a few keys a page.
fn listing(objects: &BTreeMap<String, Vec<u8>>, request: &Request) -> ResponseTemplate {
    let query: BTreeMap<_, _> = request.url.query_pairs().into_owned().collect();
    let (prefix, after) = (&query["prefix"], query.get("continuation-token"));
    assert_eq!(query["list-type"], "2");
    let keys: Vec<_> = objects
        .keys()
        .filter(|key| key.starts_with(prefix) && after.is_none_or(|after| *key > after))
        .collect();
    let mut xml = String::from("<ListBucketResult>");
    for key in keys.iter().take(PAGE) {
        write!(xml, "<Contents><Key>{key}</Key></Contents>").unwrap();
    }
    if keys.len() > PAGE {
        let last = keys[PAGE - 1];
        write!(xml, "<NextContinuationToken>{last}</NextContinuationToken>").unwrap();
    }
    ResponseTemplate::new(200).set_body_string(xml + "</ListBucketResult>")
}

fn hmac(key: &[u8], text: &str) -> Vec<u8> {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).unwrap();
    mac.update(text.as_bytes());
    mac.finalize().into_bytes().to_vec()
}

/// Returns bytes as hexadecimal digits.
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut digits, byte| {
        write!(digits, "{byte:02x}").unwrap();
        digits
    })
}

/// AWS Signature Version 4, computed anew from what came.
fn check_signature(request: &Request) -> Result<(), String> {
    let header = |name: &str| {
        let value = request.headers.get(name).ok_or(format!("no {name}"))?;
        Ok::<_, String>(value.to_str().map_err(|e| e.to_string())?.trim().to_owned())
    };
    let authorization = header("authorization")?;
    let field = |name: &str| {
        let rest = authorization.split(&format!("{name}=")).nth(1).ok_or(format!("no {name}"))?;
        Ok::<_, String>(rest.split(',').next().unwrap_or_default().to_owned())
    };
    let (credential, signed) = (field("Credential")?, field("SignedHeaders")?);
    let scope = credential.strip_prefix(&format!("{KEY}/")).ok_or("unknown key")?;
    let [day, region, "s3", "aws4_request"] = scope.split('/').collect::<Vec<_>>()[..] else {
        return Err(format!("wrong scope {scope}"));
    };
    let body = header("x-amz-content-sha256")?;
    let is_upload = request.method.as_str() == "PUT";
    if is_upload && body != hex(&Sha256::digest(&request.body)) {
        return Err("the body is not what was signed".to_owned());
    }
    let mut canonical = format!(
        "{}\n{}\n{}\n",
        request.method,
        request.url.path(),
        request.url.query().unwrap_or_default()
    );
    for name in signed.split(';') {
        writeln!(canonical, "{name}:{}", header(name)?).unwrap();
    }
    write!(canonical, "\n{signed}\n{body}").unwrap();
    let to_sign = format!(
        "AWS4-HMAC-SHA256\n{}\n{scope}\n{}",
        header("x-amz-date")?,
        hex(&Sha256::digest(canonical.as_bytes()))
    );
    let key = [day, region, "s3", "aws4_request"]
        .into_iter()
        .fold(format!("AWS4{SECRET}").into_bytes(), |key, part| hmac(&key, part));
    if hex(&hmac(&key, &to_sign)) == field("Signature")? {
        Ok(())
    } else {
        Err(format!("wrong signature of {canonical}"))
    }
}

async fn store() -> (MockServer, Store) {
    let (server, store) = (MockServer::start().await, Store::default());
    Mock::given(any()).respond_with(store.clone()).mount(&server).await;
    (server, store)
}

fn use_store(backups: &mut Backups, prefix: &str, server: &MockServer) {
    backups.set(&format!("{prefix}_BUCKET"), "school");
    backups.set(&format!("{prefix}_ENDPOINT"), &server.uri());
    backups.set(&format!("{prefix}_REGION"), "cn-north-1");
    backups.set(&format!("{prefix}_ACCESS_KEY"), KEY);
    backups.set(&format!("{prefix}_SECRET_KEY"), SECRET);
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
    let (server, store) = store().await;
    use_store(&mut backups, "BACKUP_S3", &server);
    backups.set("BACKUP_S3_PREFIX", "english/");
    let ran = backups.run("backup", &[]).unwrap();
    assert!(ran.status == 2 && ran.err.contains("only encrypted"), "{ran:?}");
    assert!(backups.names().unwrap().is_empty() && store.0.lock().unwrap().is_empty());

    let identity = installation.scratch().unwrap().join("key.txt");
    encrypt(&mut backups, &identity);
    let name = backups.make().unwrap();
    let local = backups.folder().join(&name);
    let files: Vec<_> = fs::read_dir(&local).unwrap().flatten().collect();
    for file in &files {
        let key = format!("english/{name}/{}", file.file_name().to_string_lossy());
        assert_eq!(store.0.lock().unwrap()[&key], fs::read(file.path()).unwrap(), "{key}");
    }
    assert_eq!(store.0.lock().unwrap().len(), files.len());

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
    store.0.lock().unwrap().get_mut(&format!("english/{name}/redis.rdb.age")).unwrap()[40] ^= 1;
    let ran = backups.run("fetch", &[&name]).unwrap();
    assert!(ran.status == 4 && ran.err.contains("redis.rdb.age"), "{ran:?}");
    assert!(!local.exists());
    let (key, seen) = (SECRET, server.received_requests().await.unwrap());
    assert!(seen.iter().all(|request| !format!("{request:?}").contains(key)));
    backups.set("BACKUP_S3_SECRET_KEY", "wrong");
    assert_eq!(backups.run("backup", &[]).unwrap().status, 1, "a copy that fails is a failure");
}

#[tokio::test(flavor = "multi_thread")]
async fn old_copies_go_and_a_store_that_is_away_fills_no_disk() {
    let installation = Installation::stores().await.unwrap();
    let mut backups = Backups::of(&installation.system).unwrap();
    let (server, store) = store().await;
    use_store(&mut backups, "BACKUP_S3", &server);
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
        store.0.lock().unwrap().insert(key, b"old".to_vec());
    }
    let there = |name: &str| store.0.lock().unwrap().keys().any(|key| key.contains(name));
    let metrics = installation.system.options().folder.join("metrics/ai_english_backup.prom");
    let value = |name: &str| {
        let text = fs::read_to_string(&metrics).unwrap();
        let line = text.lines().find_map(|line| line.strip_prefix(&format!("{name} ")));
        line.unwrap().parse::<i64>().unwrap()
    };
    let (failed, uploaded) =
        ("ai_english_backup_last_run_failed", "ai_english_backup_last_upload_timestamp_seconds");

    // A key that may only write.
    store.1.store(true, Ordering::SeqCst);
    let ran = backups.run("backup", &[]).unwrap();
    assert!(ran.status == 0 && ran.err.contains("cannot be deleted"), "{ran:?}");
    assert!(there(&gone) && value(failed) == 0);
    store.1.store(false, Ordering::SeqCst);
    tokio::time::sleep(std::time::Duration::from_millis(1_100)).await;
    let name = backups.make().unwrap();
    assert!(there(&name) && there(&kept) && there("notes"));
    assert!(!there(&gone) && !there(&half), "{:?}", store.0.lock().unwrap().keys());
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
    let (server, store) = store().await;
    use_store(&mut backups, "EXPORT_S3", &server);
    for n in 0..7_u8 {
        store.0.lock().unwrap().insert(format!("tasks/{n}/book.pdf"), vec![n; 100]);
    }
    store.0.lock().unwrap().insert("other/file".to_owned(), vec![]);
    let before = store.0.lock().unwrap().clone();
    let path = backups.succeed("backup", &["files"]).unwrap();
    let name = path.rsplit('/').next().unwrap();
    store.0.lock().unwrap().retain(|key, _| key == "other/file");
    backups.succeed("restore", &["--yes", name, "files"]).unwrap();
    assert_eq!(*store.0.lock().unwrap(), before);
}
