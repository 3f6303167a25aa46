//! A store that speaks S3, doubled by one that checks every signature.

use std::{
    collections::BTreeMap,
    fmt::Write as _,
    net::TcpListener,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
};

use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::{Digest as _, Sha256};
use wiremock::{Mock, MockServer, Request, Respond, ResponseTemplate, matchers::any};

/// The bucket that there is.
const BUCKET: &str = "school";
const KEY: &str = "AKIDEXAMPLE";
/// Signs, and must never be sent.
pub const SECRET: &str = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";
/// As many keys stand on one page of a listing.
const PAGE: usize = 3;

/// A store with one bucket, for as long as it is kept.
#[derive(Debug)]
pub struct ObjectStore {
    pub server: MockServer,
    bucket: Bucket,
}

/// Objects by their keys, and whether nobody may delete one.
#[derive(Clone, Debug, Default)]
struct Bucket(Arc<Mutex<BTreeMap<String, Vec<u8>>>>, Arc<AtomicBool>);

impl ObjectStore {
    /// Starts an empty one.
    pub async fn start() -> Self {
        Self::serve(MockServer::start().await).await
    }

    /// Starts an empty one where containers reach it.
    pub async fn on(listener: TcpListener) -> Self {
        Self::serve(MockServer::builder().listener(listener).start().await).await
    }

    async fn serve(server: MockServer) -> Self {
        let bucket = Bucket::default();
        Mock::given(any()).respond_with(bucket.clone()).mount(&server).await;
        Self { server, bucket }
    }

    /// Returns the settings by which it is used, their names after `prefix`, as in `BACKUP_S3`.
    #[must_use]
    pub fn settings(&self, prefix: &str) -> [(String, String); 5] {
        [
            ("BUCKET", BUCKET.to_owned()),
            ("ENDPOINT", self.server.uri()),
            ("REGION", "cn-north-1".to_owned()),
            ("ACCESS_KEY", KEY.to_owned()),
            ("SECRET_KEY", SECRET.to_owned()),
        ]
        .map(|(name, value)| (format!("{prefix}_{name}"), value))
    }

    /// Returns the objects by their keys.
    pub fn objects(&self) -> MutexGuard<'_, BTreeMap<String, Vec<u8>>> {
        self.bucket.objects()
    }

    /// Says whether objects can be deleted.
    pub fn keep_all(&self, yes: bool) {
        self.bucket.1.store(yes, Ordering::SeqCst);
    }
}

impl Bucket {
    fn objects(&self) -> MutexGuard<'_, BTreeMap<String, Vec<u8>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Respond for Bucket {
    fn respond(&self, request: &Request) -> ResponseTemplate {
        if let Err(reason) = check_signature(request) {
            return ResponseTemplate::new(403).set_body_string(reason);
        }
        let mut objects = self.objects();
        let path = request.url.path();
        let Some(key) = path.strip_prefix(&format!("/{BUCKET}/")) else {
            return if path == format!("/{BUCKET}") {
                listing(&objects, request)
            } else {
                not_found()
            };
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
        let _ = write!(xml, "<Contents><Key>{key}</Key></Contents>");
    }
    if keys.len() > PAGE {
        let last = keys[PAGE - 1];
        let _ = write!(xml, "<NextContinuationToken>{last}</NextContinuationToken>");
    }
    ResponseTemplate::new(200).set_body_string(xml + "</ListBucketResult>")
}

fn hmac(key: &[u8], text: &str) -> Vec<u8> {
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(key) else { return Vec::new() };
    mac.update(text.as_bytes());
    mac.finalize().into_bytes().to_vec()
}

/// Returns bytes as hexadecimal digits.
#[must_use]
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut digits, byte| {
        let _ = write!(digits, "{byte:02x}");
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
        let _ = writeln!(canonical, "{name}:{}", header(name)?);
    }
    let _ = write!(canonical, "\n{signed}\n{body}");
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
