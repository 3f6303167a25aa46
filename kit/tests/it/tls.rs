//! Mutual TLS between processes.

use std::{fs, path::Path, process::Command, time::Duration};

use kit::{config::TlsFiles, error, grpc, testing};
use uuid::Uuid;

use crate::sample::{Running, Sample, call};

/// Makes an authority and a certificate for `localhost` with the tool that operators use.
fn certificates(dir: &Path) -> TlsFiles {
    fs::create_dir_all(dir).unwrap();
    let openssl = |arguments: &str| {
        let words = arguments.split(' ');
        let output = Command::new("openssl").current_dir(dir).args(words).output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    };
    fs::write(dir.join("ext"), "subjectAltName=DNS:localhost\n").unwrap();
    openssl("req -x509 -newkey rsa:2048 -nodes -keyout ca.key -out ca.pem -subj /CN=ca -days 2");
    openssl("req -newkey rsa:2048 -nodes -keyout key.pem -out csr -subj /CN=localhost");
    openssl("x509 -req -in csr -CA ca.pem -CAkey ca.key -out cert.pem -days 2 -extfile ext");
    TlsFiles { cert: dir.join("cert.pem"), key: dir.join("key.pem"), ca: dir.join("ca.pem") }
}

#[tokio::test]
async fn only_processes_with_our_certificate_talk() {
    let dir = std::env::temp_dir().join(format!("kit-tls-{}", Uuid::now_v7()));
    let mut common = testing::common("ai-svc");
    common.tls = Some(certificates(&dir));
    let sample = Sample::new(|request| async move { Ok(request.into_inner()) });
    let server = Running::start(&common, sample, 0).await;
    assert_eq!(call(&server.client(&common), "CreateThing", "x").await.unwrap(), "x");

    let health = server.client(&common).health(Duration::from_secs(2)).await.unwrap();
    assert!(String::from_utf8_lossy(&health).contains("\"status\":\"healthy\""));

    let plain = server.client_with(&common, grpc::ChannelConfig::default());
    let refused = call(&plain, "CreateThing", "x").await.unwrap_err();
    assert_eq!(error::reason_of(&refused).as_deref(), Some("SERVICE_UNAVAILABLE"));

    let mut stranger = common.clone();
    stranger.tls = Some(certificates(&dir.join("other")));
    assert!(call(&server.client(&stranger), "CreateThing", "x").await.is_err());
    assert_eq!(server.client(&stranger).health(Duration::from_secs(2)).await, None);
    fs::remove_dir_all(&dir).unwrap();
}
