//! Certificates of an authority, as from Let's Encrypt, for which a small server of the same protocol stands.

use std::time::{Duration, Instant};

use system_tests::{
    Machine,
    manual::{Commands, repository},
};

use crate::manual;

const AUTHORITY: &str = r#"set -e
mkdir /acme && cd /acme
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj /CN=localhost \
  -addext subjectAltName=DNS:localhost -keyout key.pem -out cert.pem 2>/dev/null
cat >config.json <<'END'
{ "pebble": { "listenAddress": "127.0.0.1:14000", "managementListenAddress": "127.0.0.1:15000",
  "certificate": "/acme/cert.pem", "privateKey": "/acme/key.pem", "httpPort": 80, "tlsPort": 443 } }
END
systemd-run --quiet -E PEBBLE_VA_NOSLEEP=1 -E PEBBLE_WFE_NONCEREJECT=0 pebble -config /acme/config.json
until curl -sf --cacert cert.pem https://localhost:14000/dir >/dev/null; do sleep 0.2; done
echo CERTBOT_SERVER=https://localhost:14000/dir >>/opt/ai-english/.env
echo 127.0.0.1 english.school.example >>/etc/hosts"#;
const MAKE: &str = "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes \
     -subj /CN=Own -keyout privkey.pem -out fullchain.pem 2>/dev/null";
const OWN: &str = "install -o ai-english-nginx -g ai-english -m 600 privkey.pem fullchain.pem \
     /opt/ai-english/certificates/";
/// Trusts the authority's own address.
const TRUST: &str = "REQUESTS_CA_BUNDLE=/acme/cert.pem";

/// One is fetched by one command, renewed by certbot's own timer, and replaced by our own on demand.
pub async fn are_renewed(machine: &Machine) {
    machine.run(AUTHORITY).unwrap();
    let manual = manual::read();
    let blocks = manual.commands_for("internet");
    let fetch = |block: &&Commands<'_>| block.block.text.contains("certificate letsencrypt");
    let fetch = blocks.iter().find(fetch).expect("§9.4");
    machine.perform(fetch, |text| format!("export {TRUST}\n{text}")).unwrap();
    let first = shown(machine, "", "Pebble Intermediate").await;
    let renew = "certbot renew --quiet --force-renewal --no-random-sleep-on-renew";
    machine.run(&format!("{TRUST} {renew}")).unwrap();
    shown(machine, &first, "Pebble Intermediate").await;
    machine.run("systemctl list-timers | grep certbot").unwrap();
    machine.run("/opt/ai-english/scripts/certificate self-signed 192.168.1.20").unwrap();
    shown(machine, "", "AI English").await;

    let page = std::fs::read_to_string(repository().join("deploy/MANUAL.md")).unwrap();
    assert!(page.contains(OWN), "§9.4");
    machine.run(&format!("cd \"$(mktemp -d)\" && {MAKE} && {OWN}")).unwrap();
    shown(machine, "", "Own").await;
    machine.run("/opt/ai-english/scripts/certificate self-signed 192.168.1.20").unwrap();
    shown(machine, "", "AI English").await;
}

/// Waits until nginx shows another certificate than `old`, made by `issuer`.
async fn shown(machine: &Machine, old: &str, issuer: &str) -> String {
    let ask = "openssl s_client -connect 127.0.0.1:443 -servername english.school.example </dev/null \
         2>/dev/null | openssl x509 -noout -issuer -serial";
    let limit = Instant::now() + Duration::from_secs(20);
    loop {
        let certificate = machine.run(ask).unwrap();
        if certificate.contains(issuer) && certificate != old {
            return certificate;
        }
        assert!(Instant::now() < limit, "nginx still shows {certificate}");
        tokio::time::sleep(Duration::from_millis(500)).await;
    }
}
