//! The container `certbot`. What plays Let's Encrypt is a small server of the same protocol, in `certbot.yml`.

use std::{
    env, fs,
    path::Path,
    process::Command,
    time::{Duration, Instant},
};

use system_tests::{Compose, compose::inspect, manual::repository};

const CONFIG: &str = r#"{ "pebble": {
  "listenAddress": "0.0.0.0:14000", "managementListenAddress": "127.0.0.1:15000",
  "certificate": "/acme/fullchain.pem", "privateKey": "/acme/privkey.pem", "httpPort": 80, "tlsPort": 443 } }"#;
const SELF_SIGNED: &str = "/opt/ai-english/nginx/self-signed /etc/nginx/certificates";

#[tokio::test(flavor = "multi_thread")]
async fn certificates_are_fetched_renewed_and_kept_when_that_fails() {
    let images = env::var("TEST_IMAGES").expect("TEST_IMAGES; `make compose-test` sets it");
    let folder = tempfile::tempdir().unwrap();
    let settings = authority(folder.path());
    let compose = Compose::prepare(&images, &settings).unwrap();
    let over = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/compose/certbot.yml");
    let run = |arguments: &[&str]| compose.run(&[&["--file", over], arguments].concat());
    let up = |service| run(&["up", "-d", "--no-build", "--no-deps", service]).unwrap();
    let once = |setting: &str, options: &[&str]| {
        let certbot = ["run", "--rm", "-T", "--no-deps", "-e", setting, "certbot", "once"];
        run(&[&certbot[..], options].concat())
    };
    let real = "CERTBOT_SERVER=https://pebble:14000/dir";

    up("nginx");
    compose.healthy("nginx", 1).await.unwrap();
    up("certbot");
    says(&compose, "no certificate for school.example; trying again in 12 hours").await;
    shown(&compose, "", "AI English").await;

    up("pebble");
    // The server for trying first, then the real one: what the first gave is replaced.
    once("CERTBOT_SERVER=https://staging:14000/dir", &[]).unwrap();
    let tried = shown(&compose, "", "Pebble Intermediate").await;
    assert!(tried.contains("DNS:school.example"), "{tried}");
    run(&["restart", "certbot"]).unwrap();
    let first = shown(&compose, &tried, "Pebble Intermediate").await;
    let laid = "cd /etc/nginx/certificates && stat -c '%a %U %n' . $(ls -A)";
    let laid = compose.run(&["exec", "-T", "nginx", "sh", "-c", laid]).unwrap();
    assert_eq!(laid, "750 web .\n600 web fullchain.pem\n600 web privkey.pem\n");

    let kept = once(real, &[]).unwrap();
    assert!(kept.contains("not yet due"), "{kept}");
    once(real, &["--force-renewal"]).unwrap();
    let second = shown(&compose, &first, "Pebble Intermediate").await;

    let failed = once("DOMAIN=elsewhere.example", &[]).unwrap_err().to_string();
    // "Domain: …" in certbot 2, "Identifier: …" in 5.
    assert!(failed.contains(": elsewhere.example\n  Type:"), "{failed}");
    assert!(failed.contains("failed to authenticate"), "{failed}");
    assert_eq!(shown(&compose, "", "").await, second);

    // Another in its place, as a hook that failed leaves it, is found at the next look.
    compose.run(&["exec", "-T", "nginx", "sh", "-c", SELF_SIGNED]).unwrap();
    shown(&compose, "", "AI English").await;
    run(&["restart", "certbot"]).unwrap();
    assert_eq!(shown(&compose, "", "Pebble Intermediate").await, second);

    let container = &compose.containers("certbot").unwrap()[0];
    run(&["stop", "certbot"]).unwrap();
    assert_eq!(inspect(container, "{{.State.ExitCode}}").unwrap(), "0", "it ends when it is asked");
}

/// Writes what the server needs, and returns the settings with which certbot asks it.
fn authority(folder: &Path) -> String {
    let mut certificate = Command::new(repository().join("deploy/nginx/self-signed"));
    let made = certificate.arg(folder).args(["pebble", "staging"]).output().unwrap();
    assert!(made.status.success(), "{made:?}");
    fs::write(folder.join("config.json"), CONFIG).unwrap();
    format!(
        "COMPOSE_PROFILES=embedded,certbot\nDOMAIN=school.example\nTEST_ACME={0}\n\
         CERTBOT_SERVER=https://pebble:14000/dir\nCERTBOT_CA={0}/fullchain.pem\n",
        folder.display()
    )
}

/// Waits until certbot says `text`.
async fn says(compose: &Compose, text: &str) {
    let limit = Instant::now() + Duration::from_mins(1);
    loop {
        let logs = compose.run(&["logs", "--no-color", "certbot"]).unwrap();
        if logs.contains(text) {
            return;
        }
        assert!(Instant::now() < limit, "{logs}");
        tokio::time::sleep(Duration::from_millis(500)).await;
    }
}

/// Waits until nginx shows another certificate than `old`, made by `issuer`.
async fn shown(compose: &Compose, old: &str, issuer: &str) -> String {
    let ask = "openssl s_client -connect 127.0.0.1:443 </dev/null 2>/dev/null | \
               openssl x509 -noout -issuer -serial -ext subjectAltName";
    let limit = Instant::now() + Duration::from_secs(40);
    loop {
        let certificate = compose.run(&["exec", "-T", "nginx", "sh", "-c", ask]).unwrap();
        if certificate.contains(issuer) && certificate != old {
            return certificate;
        }
        assert!(Instant::now() < limit, "nginx still shows {certificate}");
        tokio::time::sleep(Duration::from_millis(500)).await;
    }
}
