//! One process of Qdrant.

use std::{
    env, fs,
    net::TcpListener,
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use ai_svc::vectors::QdrantServer;
use qdrant_client::Qdrant;
use secrecy::SecretString;

use crate::{engines::dimension, support::Folder};

/// A server that goes with the test.
pub struct Server {
    folder: Folder,
    ports: [u16; 2],
    key: Option<&'static str>,
    peer: Option<Peer>,
    process: Child,
}

/// A place in a cluster that keeps every vector twice.
#[derive(Clone, Copy)]
pub struct Peer {
    pub port: u16,
    /// The port of the one to join; the first founds the cluster.
    pub joins: Option<u16>,
}

impl Server {
    pub async fn start() -> Self {
        Self::begin(None, None).await
    }

    pub async fn with_key(key: &'static str) -> Self {
        Self::begin(Some(key), None).await
    }

    pub async fn in_cluster(peer: Peer) -> Self {
        Self::begin(None, Some(peer)).await
    }

    async fn begin(key: Option<&'static str>, peer: Option<Peer>) -> Self {
        let folder = Folder::new();
        fs::create_dir_all(folder.path()).unwrap();
        let ports = free_ports();
        let process = launch(&folder, ports, key, peer);
        let server = Self { folder, ports, key, peer, process };
        server.wait().await;
        server
    }

    /// Tells whether it is ready for clients, as a cluster sees it.
    pub async fn is_ready(&self) -> bool {
        let url = format!("http://127.0.0.1:{}/readyz", self.ports[0]);
        reqwest::get(url).await.is_ok_and(|answer| answer.status().is_success())
    }

    /// Starts it again, over what is on its disk.
    pub async fn restart(&mut self) {
        self.process = launch(&self.folder, self.ports, self.key, self.peer);
        self.wait().await;
    }

    async fn wait(&self) {
        let client = self.client();
        let until = Instant::now() + Duration::from_secs(30);
        while client.health_check().await.is_err() {
            assert!(Instant::now() < until, "Qdrant does not start");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    pub fn kill(&mut self) {
        self.process.kill().unwrap();
        self.process.wait().unwrap();
    }

    pub fn wipe(&self) {
        fs::remove_dir_all(self.folder.path().join("storage")).unwrap();
    }

    /// Sends a signal, such as `STOP`.
    pub fn signal(&self, name: &str) {
        let id = self.process.id().to_string();
        assert!(Command::new("kill").args(["-s", name, &id]).status().unwrap().success());
        // Each thread notices for itself.
        std::thread::sleep(Duration::from_millis(200));
    }

    pub fn port(&self) -> u16 {
        self.ports[1]
    }

    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port())
    }

    pub fn client(&self) -> Qdrant {
        Qdrant::from_url(&self.url()).api_key(self.key).skip_compatibility_check().build().unwrap()
    }

    pub fn engine(&self) -> QdrantServer {
        let key = self.key.map(SecretString::from);
        QdrantServer::new(&self.url(), key.as_ref(), dimension()).unwrap()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

pub fn free_ports<const N: usize>() -> [u16; N] {
    let free = [(); N].map(|()| TcpListener::bind("127.0.0.1:0").unwrap());
    free.each_ref().map(|free| free.local_addr().unwrap().port())
}

fn launch(folder: &Folder, [http, grpc]: [u16; 2], key: Option<&str>, peer: Option<Peer>) -> Child {
    let binary = env::var("TEST_QDRANT_BINARY").expect("TEST_QDRANT_BINARY names Qdrant's binary");
    let mut command = Command::new(binary);
    command
        .arg("--disable-telemetry")
        .current_dir(folder.path())
        .env("QDRANT__SERVICE__HOST", "127.0.0.1")
        .env("QDRANT__SERVICE__HTTP_PORT", http.to_string())
        .env("QDRANT__SERVICE__GRPC_PORT", grpc.to_string())
        .env("QDRANT__STORAGE__STORAGE_PATH", folder.path().join("storage"))
        .env("QDRANT__STORAGE__SNAPSHOTS_PATH", folder.path().join("snapshots"))
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    if let Some(key) = key {
        command.env("QDRANT__SERVICE__API_KEY", key);
    }
    if let Some(Peer { port, joins }) = peer {
        let address = |port| format!("http://127.0.0.1:{port}");
        command
            .args(["--uri", &address(port)])
            .env("QDRANT__CLUSTER__ENABLED", "true")
            .env("QDRANT__CLUSTER__P2P__PORT", port.to_string())
            .env("QDRANT__STORAGE__COLLECTION__REPLICATION_FACTOR", "2");
        if let Some(first) = joins {
            command.args(["--bootstrap", &address(first)]);
        }
    }
    command.spawn().unwrap()
}
