//! Vectors in a Qdrant server, doubled by one that checks the calls of its snapshot API (1.18).

use std::{
    collections::BTreeMap,
    process::Command,
    sync::{Arc, Mutex},
};

use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use system_tests::{Backups, Installation, object_store::hex};
use wiremock::{Mock, MockServer, Request, Respond, ResponseTemplate, matchers::any};

const STORE: &str = "mistakes--all-minilm-l6-v2--384";
const KEY: &str = "qdrant\"key";

#[derive(Default)]
struct State {
    collections: BTreeMap<String, Vec<u8>>,
    snapshots: BTreeMap<(String, String), Vec<u8>>,
    aliases: BTreeMap<String, String>,
    nodes: usize,
    /// How many more requests come too early.
    starting: usize,
    refused: Vec<String>,
}

#[derive(Clone, Default)]
struct Server(Arc<Mutex<State>>);

impl Respond for Server {
    fn respond(&self, request: &Request) -> ResponseTemplate {
        let mut state = self.0.lock().unwrap();
        if state.starting > 0 {
            state.starting -= 1;
            return ResponseTemplate::new(503);
        }
        let key = request.headers.get("api-key").map(|key| key.to_str().unwrap());
        if key != Some(KEY) {
            return ResponseTemplate::new(403);
        }
        let answer = state.answer(request);
        if answer.is_none() {
            state.refused.push(format!("{} {}", request.method, request.url));
        }
        answer.unwrap_or_else(|| ResponseTemplate::new(404))
    }
}

fn ok(result: Value) -> ResponseTemplate {
    ResponseTemplate::new(200).set_body_json(json!({"result": result, "status": "ok", "time": 0.1}))
}

impl State {
    fn answer(&mut self, request: &Request) -> Option<ResponseTemplate> {
        let query: BTreeMap<_, _> = request.url.query_pairs().into_owned().collect();
        let segments: Vec<_> = request.url.path_segments()?.collect();
        match (request.method.as_str(), &segments[..]) {
            ("GET", [""]) => {
                let version =
                    json!({"title": "qdrant - vector search engine", "version": "1.18.3"});
                Some(ResponseTemplate::new(200).set_body_json(version))
            }
            ("GET", ["cluster"]) if self.nodes == 0 => Some(ok(json!({"status": "disabled"}))),
            ("GET", ["cluster"]) => {
                let peers: Vec<_> = (0..self.nodes).map(|n| (n.to_string(), json!({}))).collect();
                let peers: serde_json::Map<_, _> = peers.into_iter().collect();
                Some(ok(json!({"status": "enabled", "peers": peers})))
            }
            ("GET", ["collections"]) => {
                let names: Vec<_> = self.collections.keys().map(|n| json!({"name": n})).collect();
                Some(ok(json!({"collections": names})))
            }
            ("DELETE", ["collections", name]) => {
                Some(ok(json!(self.collections.remove(*name).is_some())))
            }
            ("GET", ["aliases"]) => {
                let pair = |(alias, name)| json!({"alias_name": alias, "collection_name": name});
                Some(ok(json!({"aliases": self.aliases.iter().map(pair).collect::<Vec<_>>()})))
            }
            ("POST", ["collections", "aliases"]) => {
                let body: Value = serde_json::from_slice(&request.body).ok()?;
                for action in body["actions"].as_array()? {
                    let name = action["create_alias"]["collection_name"].as_str()?;
                    let alias = action["create_alias"]["alias_name"].as_str()?;
                    self.collections.get(name)?;
                    self.aliases.insert(alias.to_owned(), name.to_owned());
                }
                Some(ok(json!(true)))
            }
            ("POST", ["collections", name, "snapshots"]) => {
                let content = self.collections.get(*name)?.clone();
                let file = format!("{name}-1-2026-11-26-02-00-00.snapshot");
                let sum = hex(&Sha256::digest(&content));
                let size = content.len();
                self.snapshots.insert(((*name).to_owned(), file.clone()), content);
                Some(ok(
                    json!({"name": file, "creation_time": null, "size": size, "checksum": sum}),
                ))
            }
            ("GET", ["collections", name, "snapshots", file]) => {
                let content = self.snapshots.get(&((*name).to_owned(), (*file).to_owned()))?;
                Some(ResponseTemplate::new(200).set_body_bytes(content.clone()))
            }
            ("DELETE", ["collections", name, "snapshots", file]) => {
                self.snapshots.remove(&((*name).to_owned(), (*file).to_owned()))?;
                Some(ok(json!(true)))
            }
            ("POST", ["collections", name, "snapshots", "upload"]) => {
                let content = uploaded(request)?;
                // Without it an empty server would take its own emptiness for the truth.
                let is_right = query.get("priority")? == "snapshot"
                    && *query.get("checksum")? == hex(&Sha256::digest(&content));
                is_right.then(|| {
                    self.collections.insert((*name).to_owned(), content);
                    ok(json!(true))
                })
            }
            _ => None,
        }
    }
}

/// Returns the field `snapshot` of a multipart form.
fn uploaded(request: &Request) -> Option<Vec<u8>> {
    let kind = request.headers.get("content-type")?.to_str().ok()?;
    let boundary = kind.strip_prefix("multipart/form-data; boundary=")?;
    let find = |text: &[u8], what: &[u8]| text.windows(what.len()).position(|part| part == what);
    let start = find(&request.body, b"\r\n\r\n")? + 4;
    let head = String::from_utf8_lossy(&request.body[..start]).into_owned();
    let end = find(&request.body[start..], format!("\r\n--{boundary}--").as_bytes())? + start;
    head.contains("name=\"snapshot\"").then(|| request.body[start..end].to_vec())
}

/// A snapshot is an archive.
fn archive(text: &str) -> Vec<u8> {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("config.json"), text).unwrap();
    Command::new("tar").arg("-C").arg(folder.path()).args(["-c", "."]).output().unwrap().stdout
}

#[tokio::test(flavor = "multi_thread")]
async fn collections_of_a_server_are_backed_up_and_restored() {
    let installation = Installation::stores().await.unwrap();
    let (http, server) = (MockServer::start().await, Server::default());
    Mock::given(any()).respond_with(server.clone()).mount(&http).await;
    let mut backups = Backups::of(&installation.system).unwrap();
    // As in the manual, with the port of gRPC or that of HTTP.
    backups.set("QDRANT_URL", &http.uri());
    backups.set("QDRANT_API_KEY", KEY);
    let before = archive("first");
    {
        let mut state = server.0.lock().unwrap();
        state.collections.insert(STORE.to_owned(), before.clone());
        state.aliases.insert("mistakes".to_owned(), STORE.to_owned());
    }
    let name = backups.make().unwrap();
    assert_eq!(backups.manifest(&name).unwrap()["versions"]["qdrant"], "1.18.3");
    assert!(server.0.lock().unwrap().snapshots.is_empty(), "the server's disk is left as it was");

    // Another machine, on which somebody wrote meanwhile.
    {
        let mut state = server.0.lock().unwrap();
        state.aliases.clear();
        state.collections.insert(STORE.to_owned(), archive("second"));
        state.collections.insert("contents--lexical--384".to_owned(), archive("second"));
        state.collections.insert("not-ours".to_owned(), archive("second"));
    }
    // A server that was only just started is waited for.
    server.0.lock().unwrap().starting = 2;
    let ran = backups.run("restore", &["--yes", &name]).unwrap();
    assert!(ran.status == 0 && ran.err.contains("learning-svc reindex"), "{ran:?}");
    {
        let state = server.0.lock().unwrap();
        assert_eq!(state.collections[STORE], before);
        let names: Vec<_> = state.collections.keys().map(String::as_str).collect();
        assert_eq!(names, [STORE, "not-ours"]);
        assert_eq!(state.aliases["mistakes"], STORE);
        assert_eq!(state.refused, Vec::<String>::new());
    }
    // Vectors of one engine are nothing to the other.
    let mut embedded = backups.clone();
    embedded.set("VECTOR_ENGINE", "embedded");
    let ran = embedded.run("restore", &["--yes", &name]).unwrap();
    assert!(ran.status == 4 && ran.err.contains("learning-svc reindex"), "{ran:?}");

    server.0.lock().unwrap().nodes = 3;
    let ran = backups.run("backup", &["vectors"]).unwrap();
    assert!(ran.status == 1 && ran.err.contains("3 nodes"), "{ran:?}");
    backups.set("QDRANT_API_KEY", "wrong");
    assert_eq!(backups.run("backup", &["vectors"]).unwrap().status, 1);
}
