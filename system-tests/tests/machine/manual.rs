//! The manual's commands for machines without Docker, run as they are printed.

use std::time::{Duration, Instant};

use system_tests::{
    Machine,
    manual::{Commands, Manual, repository},
};

/// Debian's packages start at once; that of the exporter cannot.
const MONITORING: &str = "systemctl start prometheus prometheus-alertmanager \
     prometheus-node-exporter prometheus-postgres-exporter || true";
/// Services that speak TLS, as chapter 4 says.
const TLS: &str = r#"set -e
mkdir /etc/ai-english && cd /etc/ai-english
make() { openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 30 "$@" 2>/dev/null; }
make -subj /CN=authority -keyout ca-key.pem -out ca.pem
make -CA ca.pem -CAkey ca-key.pem -subj /CN=services -keyout key.pem -out cert.pem \
  -addext basicConstraints=CA:FALSE -addext subjectAltName=IP:127.0.0.1,DNS:localhost
chgrp ai-english ca.pem cert.pem key.pem && chmod 640 ca.pem cert.pem key.pem
cat >>/opt/ai-english/.env <<'END'
GRPC_TLS_CERT=/etc/ai-english/cert.pem
GRPC_TLS_KEY=/etc/ai-english/key.pem
GRPC_TLS_CA=/etc/ai-english/ca.pem
AUTH_SVC_URL=https://127.0.0.1:50051
LEARNING_SVC_URL=https://127.0.0.1:50052
AI_SVC_URL=https://127.0.0.1:50053
EXPORT_SVC_URL=https://127.0.0.1:50054
END
systemctl restart ai-english.target"#;
/// Five services, nginx, PostgreSQL, the machine, and Prometheus itself.
const ALL_UP: &str = r#"curl -s http://127.0.0.1:9090/api/v1/targets |
  jq -ce '[.data.activeTargets[] | [.labels.job, .health, .lastError]] |
    if length == 9 and all(.[1] == "up") then . else ., false end'"#;
/// What alerts ask, that exporters and the backup tell.
const FIGURES: &str = r#"for figure in 'pg_up == 1' pg_stat_activity_count pg_settings_max_connections \
  node_cpu_seconds_total node_memory_MemAvailable_bytes node_filesystem_avail_bytes \
  ai_english_certificate_expiry_timestamp_seconds ai_english_backup_last_success_timestamp_seconds; do
  curl -s http://127.0.0.1:9090/api/v1/query --data-urlencode "query=$figure" |
    jq -e '.data.result | length > 0' >/dev/null || { echo "no $figure" >&2; exit 1; }
done"#;

pub fn read() -> Manual {
    Manual::read(&repository().join("deploy/MANUAL.md")).unwrap()
}

/// Returns the only block of one kind.
pub fn block<'a>(manual: &'a Manual, kind: &str) -> Commands<'a> {
    let blocks = manual.commands_for(kind);
    assert_eq!(blocks.len(), 1, "{kind}");
    blocks[0]
}

/// Installs, starts, and makes the first administrator.
pub fn install(machine: &Machine) {
    machine.perform(&read().commands_for("systemd")[0], str::to_owned).unwrap();
}

/// Returns the line by which an installation is brought up to date.
pub fn update() -> String {
    let manual = read();
    let text = &manual.commands_for("systemd")[0].block.text;
    text.lines().find(|line| line.starts_with("make install ")).unwrap().to_owned()
}

/// Everything else that the manual says of an installed machine.
pub async fn commands_work(machine: &Machine) {
    for commands in &read().commands_for("systemd")[1..] {
        let text = &commands.block.text;
        if text.contains("apt-get install -y prometheus") {
            machine.run(MONITORING).unwrap();
        }
        if text.contains("GRPC_TLS_CA") {
            machine.run(TLS).unwrap();
        }
        machine.perform(commands, str::to_owned).unwrap();
        if text.contains("systemctl restart prometheus") {
            all_is_watched(machine).await;
        }
    }
}

async fn all_is_watched(machine: &Machine) {
    let limit = Instant::now() + Duration::from_mins(1);
    for ask in [ALL_UP, FIGURES] {
        while let Err(error) = machine.run(ask) {
            assert!(Instant::now() < limit, "{error:#}");
            tokio::time::sleep(Duration::from_secs(1)).await;
        }
    }
}
