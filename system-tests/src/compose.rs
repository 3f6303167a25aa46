//! The containers of `docker-compose.yml`, from nothing.

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, Output},
    time::{Duration, Instant},
};

use anyhow::{Context as _, bail, ensure};
use launcher::free_port;
use tempfile::TempDir;

use crate::{Api, Entrance};

/// A project with volumes of its own, which are deleted when it is dropped.
#[derive(Debug)]
pub struct Compose {
    name: String,
    env_file: PathBuf,
    https_port: u16,
    folder: TempDir,
}

impl Compose {
    /// Writes fresh secrets and starts everything from `images`, as in `ai-english`.
    ///
    /// # Errors
    ///
    /// Fails when a container does not get healthy.
    pub fn up(images: &str) -> anyhow::Result<Self> {
        let compose = Self::prepare(images, "")?;
        if let Err(error) = compose.run(&["up", "-d", "--no-build"]) {
            bail!("{error:#}\n{}", compose.logs());
        }
        Ok(compose)
    }

    /// Writes fresh secrets and `more` settings for everything from `images`, and starts nothing.
    ///
    /// # Errors
    ///
    /// Fails when they cannot be written.
    pub fn prepare(images: &str, more: &str) -> anyhow::Result<Self> {
        let folder = tempfile::Builder::new().prefix("ai-english-").tempdir()?;
        let env_file = folder.path().join("env");
        let output = Command::new(repository().join("deploy/init-env"))
            .args(["--embedded", "--output"])
            .arg(&env_file)
            .output()?;
        succeeded(&output)?;
        let plain = free_port()?;
        let https_port = free_port()?;
        let secrets = fs::read_to_string(&env_file)?;
        let backups = folder.path().join("backups");
        let settings = format!(
            "{secrets}ENV_FILE={}\nBACKUP_DIR={}\nIMAGES={images}\nHTTP_PORT={plain}\nHTTPS_PORT={https_port}\nPUBLIC_PORT=:{https_port}\n\
             REGISTRATION=open\nRATE_LIMIT_API=100000/minute\nRATE_LIMIT_BURST=100000\n\
             RATE_LIMIT_LOGIN=1000/minute\nNGINX_RATE_API=10000r/s\n{more}",
            env_file.display(),
            backups.display(),
        );
        fs::write(&env_file, settings)?;
        let name = format!("ai-english-test-{https_port}");
        Ok(Self { name, env_file, https_port, folder })
    }

    /// Returns the last lines of every container.
    #[must_use]
    pub fn logs(&self) -> String {
        self.run(&["logs", "--no-color", "--tail=25"]).unwrap_or_default()
    }

    /// Runs a command of Compose in this project and returns what it printed.
    ///
    /// # Errors
    ///
    /// Fails when the command does.
    pub fn run(&self, arguments: &[&str]) -> anyhow::Result<String> {
        let mut command = Command::new(repository().join("deploy/compose/compose"));
        command.arg("--project-name").arg(&self.name).arg("--env-file").arg(&self.env_file);
        command.arg("--project-directory").arg(repository());
        command.arg("--file").arg(repository().join("docker-compose.yml")).args(arguments);
        succeeded(&command.output().context("Compose is needed")?)
    }

    /// Runs `deploy/diagnose` and returns its exit status and what it printed.
    ///
    /// # Errors
    ///
    /// Fails when it cannot be run.
    pub fn diagnose(&self, arguments: &[&str]) -> anyhow::Result<(Option<i32>, String)> {
        let mut command = Command::new(repository().join("deploy/diagnose"));
        command.args(["--kind", "compose"]).args(arguments);
        command.env("COMPOSE_PROJECT_NAME", &self.name).env("ENV_FILE", &self.env_file);
        let output = command.env("DISK_LEAST_MB", "1").env("MEMORY_LEAST_MB", "1").output()?;
        let printed = String::from_utf8_lossy(&output.stdout).into_owned();
        Ok((output.status.code(), printed + &String::from_utf8_lossy(&output.stderr)))
    }

    /// Waits until the API answers through nginx.
    ///
    /// # Errors
    ///
    /// Fails when it does not within two minutes.
    pub async fn ready(&self) -> anyhow::Result<()> {
        let deadline = Instant::now() + Duration::from_mins(2);
        loop {
            if let Ok(visitor) = self.visitor()
                && visitor.get("/auth/registration-policy").await.is_ok_and(|a| a.status == 200)
            {
                return Ok(());
            }
            if Instant::now() > deadline {
                bail!("not ready:\n{}", self.run(&["ps"])?);
            }
            tokio::time::sleep(Duration::from_millis(500)).await;
        }
    }

    /// Returns the ids of the containers of `service`, of all services without a name.
    ///
    /// # Errors
    ///
    /// Fails when the engine does not answer.
    pub fn containers(&self, service: &str) -> anyhow::Result<Vec<String>> {
        let service: &[&str] = if service.is_empty() { &[] } else { &[service] };
        let ids = self.run(&[&["ps", "-q"], service].concat())?;
        Ok(ids.split_whitespace().map(str::to_owned).collect())
    }

    /// Waits until `service` has `count` containers and all are healthy.
    ///
    /// # Errors
    ///
    /// Fails when they are not within a minute.
    pub async fn healthy(&self, service: &str, count: usize) -> anyhow::Result<Vec<String>> {
        let deadline = Instant::now() + Duration::from_mins(1);
        loop {
            let ids = self.containers(service)?;
            let well = |id: &String| {
                inspect(id, "{{.State.Health.Status}}").is_ok_and(|status| status == "healthy")
            };
            if ids.len() == count && ids.iter().all(well) {
                return Ok(ids);
            }
            ensure!(Instant::now() < deadline, "{service}:\n{}", self.run(&["ps"])?);
            tokio::time::sleep(Duration::from_millis(500)).await;
        }
    }
}

impl Compose {
    /// Returns the address of nginx.
    #[must_use]
    pub fn url(&self) -> String {
        format!("https://127.0.0.1:{}", self.https_port)
    }

    /// Returns a client that trusts the certificate that nginx made for itself, and no other.
    ///
    /// # Errors
    ///
    /// Fails when nginx does not run.
    pub fn client(&self) -> anyhow::Result<reqwest::Client> {
        let file = "/etc/nginx/certificates/fullchain.pem";
        let pem = self.run(&["exec", "-T", "nginx", "cat", file])?;
        let trusted = reqwest::Certificate::from_pem(pem.as_bytes())?;
        let client = reqwest::Client::builder().tls_certs_only([trusted]);
        Ok(client.timeout(Duration::from_mins(3)).build()?)
    }
}

impl Entrance for Compose {
    fn visitor(&self) -> anyhow::Result<Api> {
        Ok(Api::over(self.client()?, &self.url()))
    }

    fn scratch(&self) -> anyhow::Result<PathBuf> {
        Ok(self.folder.path().to_owned())
    }
}

impl Drop for Compose {
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("{}", self.logs());
        }
        let _ = self.run(&["down", "--volumes", "--timeout", "10"]);
        sweep(&self.name);
    }
}

/// Removes what `down` leaves of a project: containers of single commands, volumes of services that were not active, and whatever
/// stands behind one that could not be removed.
pub fn sweep(project: &str) {
    let docker = |arguments: &[&str]| {
        let output = Command::new("docker").args(arguments).output();
        output
            .map(|output| String::from_utf8_lossy(&output.stdout).into_owned())
            .unwrap_or_default()
    };
    let label = format!("label=com.docker.compose.project={project}");
    let begins = format!("{project}_");
    let own = format!("name={begins}");
    for (list, filter, remove) in [
        (&["ps", "--all", "--quiet"][..], &label, &["rm", "--force", "--volumes"][..]),
        (&["volume", "ls", "--quiet"][..], &own, &["volume", "rm", "--force"][..]),
        (&["network", "ls", "--quiet"][..], &label, &["network", "rm"][..]),
    ] {
        let found = docker(&[list, &["--filter", filter]].concat());
        let is_volume = list[0] == "volume";
        let own = found.lines().filter(|name| !is_volume || name.starts_with(&begins));
        let own: Vec<_> = own.collect();
        if !own.is_empty() {
            docker(&[remove, &own].concat());
        }
    }
}

/// Returns the address at which containers reach this machine.
///
/// # Errors
///
/// Fails when the engine has no such network.
pub fn bridge() -> anyhow::Result<String> {
    let format = "{{(index .IPAM.Config 0).Gateway}}";
    let output =
        Command::new("docker").args(["network", "inspect", "bridge", "-f", format]).output()?;
    Ok(succeeded(&output)?.trim().to_owned())
}

/// Asks the engine about a container.
///
/// # Errors
///
/// Fails when the engine does not know it.
pub fn inspect(container: &str, format: &str) -> anyhow::Result<String> {
    let output =
        Command::new("docker").args(["inspect", "--format", format, container]).output()?;
    Ok(succeeded(&output)?.trim().to_owned())
}

pub(crate) fn succeeded(output: &Output) -> anyhow::Result<String> {
    let printed = String::from_utf8_lossy(&output.stdout).into_owned();
    let complaint = String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.success(), "{}\n{printed}{complaint}", output.status);
    Ok(printed)
}

fn repository() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap_or(Path::new("."))
}
