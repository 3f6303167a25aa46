//! A Debian machine without Docker, played by a container in which systemd runs.

use std::{
    env,
    path::{Path, PathBuf},
    process::Command,
    time::Duration,
};

use anyhow::{Context as _, bail, ensure};
use launcher::free_port;
use tempfile::TempDir;

use crate::{
    Api, Entrance,
    compose::succeeded,
    manual::{self, Commands, repository},
};

/// Where the checkout lies.
pub const CHECKOUT: &str = "/root/ai-english";

/// What root may do on a machine, and in a container may not.
const CAPABILITIES: [&str; 4] = ["SYS_ADMIN", "NET_ADMIN", "SYS_PTRACE", "DAC_READ_SEARCH"];

/// Waits until systemd has started what belongs to the machine.
const UP: &str = "until systemctl is-system-running --wait >/dev/null; do sleep 0.2; done";

/// Puts what has been built where building puts it, and says to make that there is nothing to build.
const BUILT: &str = "set -e
mkdir -p target frontend/node_modules ~/.cache/ai-english/models
ln -s /programs target/release
ln -s /model ~/.cache/ai-english/models/minilm
printf '#!/bin/sh\\n' >/usr/local/bin/cargo
chmod 755 /usr/local/bin/cargo
touch frontend/node_modules/.package-lock.json
touch frontend/dist/index.html";

/// Machines that reach each other, at the addresses of the manual but for their first three numbers.
#[derive(Debug)]
pub struct Network {
    name: String,
    prefix: String,
}

impl Network {
    /// Makes one, out of the addresses that are kept for trying networks.
    ///
    /// # Errors
    ///
    /// Fails when Docker has no room for it.
    pub fn create() -> anyhow::Result<Self> {
        let mut refused = None;
        for number in 0..=255 {
            let (name, prefix) =
                (format!("ai-english-machines-{number}"), format!("198.18.{number}."));
            let mut docker = Command::new("docker");
            docker.args(["network", "create", &format!("--subnet={prefix}0/24")]);
            docker.args([&format!("--gateway={prefix}254"), &name]);
            match succeeded(&docker.output().context("Docker is needed")?) {
                Ok(_) => return Ok(Self { name, prefix }),
                Err(error) => refused = Some(error),
            }
        }
        Err(refused.context("no number was tried")?)
    }

    /// Returns an address, or any text of the manual, as it is in this network.
    #[must_use]
    pub fn spell(&self, text: &str) -> String {
        text.replace("10.0.0.", &self.prefix)
    }
}

impl Drop for Network {
    fn drop(&mut self) {
        let _ = Command::new("docker").args(["network", "rm", &self.name]).output();
    }
}

/// A machine of its own, which is deleted when it is dropped.
#[derive(Debug)]
pub struct Machine {
    name: String,
    https_port: u16,
    folder: TempDir,
}

impl Machine {
    /// Boots a machine with the packages of `image`, and a checkout in which everything has been built.
    ///
    /// # Errors
    ///
    /// Fails when systemd does not come up.
    pub fn boot(image: &str) -> anyhow::Result<Self> {
        Self::start(image, &[])
    }

    /// Boots a machine that has one of the manual's addresses, as in `10.0.0.9`.
    ///
    /// # Errors
    ///
    /// Fails when systemd does not come up.
    pub fn boot_in(network: &Network, address: &str, image: &str) -> anyhow::Result<Self> {
        let address = network.spell(address);
        Self::start(image, &[format!("--network={}", network.name), format!("--ip={address}")])
    }

    fn start(image: &str, options: &[String]) -> anyhow::Result<Self> {
        let folder = tempfile::Builder::new().prefix("ai-english-").tempdir()?;
        let https_port = free_port()?;
        let model = env::var("TEST_EMBEDDING_DIR").context("TEST_EMBEDDING_DIR is not set")?;
        let name = format!("ai-english-machine-{https_port}");
        let machine = Self { name, https_port, folder };
        let mut docker = Command::new("docker");
        docker.args(["run", "--detach", "--name", &machine.name, "--cgroupns=private"]);
        docker.args(["--hostname", "school.example", "--tmpfs=/run", "--tmpfs=/tmp"]);
        docker.args(["--security-opt=seccomp=unconfined", "--security-opt=apparmor=unconfined"]);
        docker.args(CAPABILITIES.map(|capability| format!("--cap-add={capability}")));
        docker.arg(format!("--publish=127.0.0.1:{https_port}:443"));
        docker.arg(format!("--volume={}:/programs:ro", crate::installation::binaries()?.display()));
        docker.arg(format!("--volume={model}:/model:ro")).args(options).arg(image);
        succeeded(&docker.output().context("Docker is needed")?)?;
        machine.run(UP)?;
        let checkout = machine.folder.path().join("checkout");
        manual::check_out(&checkout)?;
        machine.copy(&checkout, CHECKOUT)?;
        let client = repository().join("frontend/dist");
        machine.copy(&client, &format!("{CHECKOUT}/frontend/dist"))?;
        machine.run(&format!("cd {CHECKOUT} && {BUILT}"))?;
        Ok(machine)
    }

    fn copy(&self, from: &Path, to: &str) -> anyhow::Result<()> {
        let mut docker = Command::new("docker");
        docker.arg("cp").arg(from).arg(format!("{}:{to}", self.name));
        succeeded(&docker.output()?).map(drop)
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

    /// Runs a block of the manual as root in the checkout, as `spell` writes it, and compares what it prints.
    ///
    /// # Errors
    ///
    /// Fails with the line of the block when it fails, or prints something else.
    pub fn perform(
        &self,
        commands: &Commands<'_>,
        spell: impl Fn(&str) -> String,
    ) -> anyhow::Result<()> {
        let line = commands.block.line;
        let text = spell(&commands.block.text);
        let printed = self.run(&format!("exec 2>&1\nset -euo pipefail\ncd {CHECKOUT}\n{text}"));
        let printed = printed.with_context(|| format!("line {line} of the manual"))?;
        let shows = commands.output.unwrap_or("…");
        if let Some(difference) = manual::difference(shows, &printed) {
            bail!("line {line}: {difference}");
        }
        Ok(())
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
