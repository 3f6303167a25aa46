//! A Debian machine without Docker, played by a container in which systemd runs.

use std::{
    env,
    net::TcpListener,
    path::{Path, PathBuf},
    process::Command,
    time::Duration,
};

use anyhow::{Context as _, ensure};
use tempfile::TempDir;

use crate::{Api, Entrance, compose::succeeded};

/// What root may do on a machine, and in a container may not.
const CAPABILITIES: [&str; 4] = ["SYS_ADMIN", "NET_ADMIN", "SYS_PTRACE", "DAC_READ_SEARCH"];

/// Waits until systemd has started what belongs to the machine.
const UP: &str = "until systemctl is-system-running --wait >/dev/null; do sleep 0.2; done";

/// A machine of its own, which is deleted when it is dropped.
#[derive(Debug)]
pub struct Machine {
    name: String,
    https_port: u16,
    folder: TempDir,
}

impl Machine {
    /// Boots a machine with the packages of `image`, and this checkout under `/src`.
    ///
    /// # Errors
    ///
    /// Fails when systemd does not come up.
    pub fn boot(image: &str) -> anyhow::Result<Self> {
        let folder = tempfile::Builder::new().prefix("ai-english-").tempdir()?;
        let https_port = TcpListener::bind(("127.0.0.1", 0))?.local_addr()?.port();
        let model = env::var("TEST_EMBEDDING_DIR").context("TEST_EMBEDDING_DIR is not set")?;
        let name = format!("ai-english-machine-{https_port}");
        let repository = Path::new(env!("CARGO_MANIFEST_DIR")).join("..").canonicalize()?;
        let machine = Self { name, https_port, folder };
        let mut docker = Command::new("docker");
        docker.args(["run", "--detach", "--name", &machine.name, "--cgroupns=private"]);
        docker.args(["--hostname", "school.example", "--tmpfs=/run", "--tmpfs=/tmp"]);
        docker.args(["--security-opt=seccomp=unconfined", "--security-opt=apparmor=unconfined"]);
        docker.args(CAPABILITIES.map(|capability| format!("--cap-add={capability}")));
        docker.arg(format!("--publish=127.0.0.1:{https_port}:443"));
        docker.arg(format!("--volume={}:/src:ro", repository.display()));
        docker.arg(format!("--volume={}:/programs:ro", crate::installation::binaries()?.display()));
        docker.arg(format!("--volume={model}:/model:ro")).arg(image);
        succeeded(&docker.output().context("Docker is needed")?)?;
        machine.run(UP)?;
        Ok(machine)
    }

    /// Runs shell commands as root and returns what they print.
    ///
    /// # Errors
    ///
    /// Fails when the last of them does.
    pub fn run(&self, commands: &str) -> anyhow::Result<String> {
        let mut docker = Command::new("timeout");
        docker.args(["180", "docker", "exec", &self.name, "bash", "-c", commands]);
        succeeded(&docker.output()?).with_context(|| commands.to_owned())
    }

    /// Starts the machine anew, and waits until it is up.
    ///
    /// # Errors
    ///
    /// Fails when systemd does not come up.
    pub fn reboot(&self) -> anyhow::Result<()> {
        succeeded(&Command::new("docker").args(["restart", "-t", "60", &self.name]).output()?)?;
        self.run(UP).map(drop)
    }

    /// Tells whether a unit runs.
    ///
    /// # Errors
    ///
    /// Fails when systemd does not answer.
    pub fn is_active(&self, unit: &str) -> anyhow::Result<bool> {
        Ok(self.run(&format!("systemctl is-active {unit} || true"))?.trim() == "active")
    }

    /// Returns what a unit is, as in `MainPID`.
    ///
    /// # Errors
    ///
    /// Fails when systemd does not answer.
    pub fn property(&self, unit: &str, name: &str) -> anyhow::Result<String> {
        Ok(self.run(&format!("systemctl show --value -p {name} {unit}"))?.trim().to_owned())
    }

    /// Returns a client that trusts the certificate that nginx shows now, and no other.
    ///
    /// # Errors
    ///
    /// Fails when the certificate cannot be read.
    pub fn client(&self) -> anyhow::Result<reqwest::Client> {
        let pem = self.run("cat /opt/ai-english/certificates/fullchain.pem")?;
        ensure!(pem.starts_with("-----BEGIN"), "no certificate: {pem}");
        let trusted = reqwest::Certificate::from_pem_bundle(pem.as_bytes())?;
        let client = reqwest::Client::builder().tls_certs_only(trusted);
        Ok(client.timeout(Duration::from_mins(3)).build()?)
    }

    /// Returns the address of nginx.
    #[must_use]
    pub fn url(&self) -> String {
        format!("https://127.0.0.1:{}", self.https_port)
    }
}

impl Entrance for Machine {
    fn visitor(&self) -> anyhow::Result<Api> {
        Ok(Api::over(self.client()?, &self.url()))
    }

    fn scratch(&self) -> anyhow::Result<PathBuf> {
        Ok(self.folder.path().to_owned())
    }
}

impl Drop for Machine {
    fn drop(&mut self) {
        if std::thread::panicking() {
            let log = self.run("journalctl --no-pager -n 60; systemctl --no-pager --failed");
            eprintln!("{}", log.unwrap_or_default());
        }
        let _ = Command::new("docker").args(["rm", "-fv", &self.name]).output();
    }
}
