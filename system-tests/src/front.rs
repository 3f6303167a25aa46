//! nginx before the gateway, from the templates in `deploy/nginx`.

use std::{
    fs,
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use anyhow::{Context as _, bail, ensure};
use launcher::{
    Environment, free_port,
    process::{self, Process, Program, Signal},
};

use crate::Api;

/// How long nginx may take until it serves.
const START: Duration = Duration::from_secs(15);
/// How long nginx may take, after a request's end, to write it into its log.
const LOGGED: Duration = Duration::from_secs(5);

/// A running nginx with a certificate of its own. Stopped when dropped.
#[derive(Debug)]
pub struct Front {
    process: Process,
    environment: Environment,
    folder: PathBuf,
    pub http_port: u16,
    pub https_port: u16,
}

impl Front {
    /// Starts nginx in `folder` before `gateways`, which are addresses such as `127.0.0.1:8000`.
    ///
    /// # Errors
    ///
    /// Fails when nginx is not installed or does not accept its configuration.
    pub async fn start(
        folder: &Path,
        gateways: &str,
        variables: &[(&str, &str)],
    ) -> anyhow::Result<Self> {
        let [plain, tls] = [free_port()?, free_port()?];
        for part in ["web/assets", "acme"] {
            fs::create_dir_all(folder.join(part))?;
        }
        let mut environment = Environment::default();
        for (name, part) in [
            ("NGINX_RUN", "run"),
            ("NGINX_CERTIFICATES", "certificates"),
            ("NGINX_ACME_ROOT", "acme"),
            ("NGINX_WEB_ROOT", "web"),
            ("NGINX_ACCESS_LOG", "access.log"),
        ] {
            environment.set(name, folder.join(part).display());
        }
        environment.set("NGINX_GATEWAYS", gateways);
        environment.set("NGINX_ADDRESS", "127.0.0.1");
        environment.set("NGINX_HTTP_PORT", plain);
        environment.set("NGINX_HTTPS_PORT", tls);
        environment.set("NGINX_PUBLIC_PORT", format!(":{tls}"));
        environment.set("NGINX_WATCH_SECONDS", "0.2");
        // The files of a test belong to whoever runs it.
        environment.set("NGINX_USER", "root");
        // Tests make more requests a second than a school.
        environment.set("NGINX_RATE_API", "10000r/s");
        environment.set("NGINX_RATE_SIGN_IN", "1000r/s");
        for (name, value) in variables {
            environment.set(name, value);
        }
        let process = Process::start(Program {
            name: "nginx",
            path: &script("start"),
            arguments: Vec::new(),
            environment: environment.pairs(),
            user: None,
            log: &folder.join("nginx.log"),
        })?;
        let mut front = Self {
            process,
            environment,
            folder: folder.to_owned(),
            http_port: plain,
            https_port: tls,
        };
        front.wait().await?;
        Ok(front)
    }

    async fn wait(&mut self) -> anyhow::Result<()> {
        let deadline = Instant::now() + START;
        let health = format!("http://127.0.0.1:{}/health", self.http_port);
        while !reqwest::get(&health).await.is_ok_and(|answer| answer.status().is_success()) {
            if self.process.ended()?.is_some() || Instant::now() > deadline {
                bail!("nginx does not serve:\n{}", self.process.last_words());
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        Ok(())
    }

    /// Returns the address at which it serves.
    #[must_use]
    pub fn url(&self) -> String {
        format!("https://127.0.0.1:{}", self.https_port)
    }

    /// Returns a client of the API that trusts this certificate and no other.
    ///
    /// # Errors
    ///
    /// Fails when the certificate cannot be read.
    pub fn api(&self) -> anyhow::Result<Api> {
        Ok(Api::over(self.client()?.build()?, &self.url()))
    }

    /// Starts to make a client that trusts this certificate and no other.
    ///
    /// # Errors
    ///
    /// Fails when the certificate cannot be read.
    pub fn client(&self) -> anyhow::Result<reqwest::ClientBuilder> {
        let file = self.certificate();
        let pem = fs::read(&file).with_context(|| format!("reading {}", file.display()))?;
        let trusted = reqwest::Certificate::from_pem(&pem)?;
        let client = reqwest::Client::builder().tls_certs_only([trusted]);
        Ok(client
            .redirect(reqwest::redirect::Policy::none())
            .timeout(Duration::from_mins(3))
            .no_gzip())
    }

    /// Returns the file with the certificate.
    #[must_use]
    pub fn certificate(&self) -> PathBuf {
        self.folder.join("certificates/fullchain.pem")
    }

    /// Lays a file where nginx serves it from, as in `web/index.html`.
    ///
    /// # Errors
    ///
    /// Fails when it cannot be written.
    pub fn put(&self, path: &str, content: &[u8]) -> anyhow::Result<()> {
        let file = self.folder.join(path);
        fs::create_dir_all(file.parent().context("files lie in folders")?)?;
        Ok(fs::write(file, content)?)
    }

    /// Makes another certificate and installs it as certbot does after a renewal.
    ///
    /// # Errors
    ///
    /// Fails when openssl or the hook does.
    pub fn renew(&self) -> anyhow::Result<()> {
        let lineage = self.folder.join("lineage").display().to_string();
        self.run("self-signed", vec![lineage.clone()], &[])?;
        let certificates = self.folder.join("certificates").display().to_string();
        let variables = [
            ("RENEWED_LINEAGE".to_owned(), lineage),
            ("NGINX_CERTIFICATES".to_owned(), certificates),
        ];
        self.run("certbot", vec!["install".to_owned()], &variables)
    }

    /// Gives it other variables, as `systemctl reload` does; what watches nginx keeps those of its start.
    ///
    /// # Errors
    ///
    /// Fails when nginx does not accept them.
    pub fn reload(&self, variables: &[(&str, &str)]) -> anyhow::Result<()> {
        let mut environment = self.environment.clone();
        for (name, value) in variables {
            environment.set(name, value);
        }
        self.run("render", Vec::new(), environment.pairs())?;
        self.process.signal(Signal::HUP);
        Ok(())
    }

    fn run(
        &self,
        name: &str,
        arguments: Vec<String>,
        environment: &[(String, String)],
    ) -> anyhow::Result<()> {
        process::run(Program {
            name,
            path: &script(name),
            arguments,
            environment,
            user: None,
            log: &self.folder.join(format!("{name}.log")),
        })
    }

    /// Returns what nginx wrote about its requests and itself, as soon as that contains `text`.
    ///
    /// nginx logs a request after its answer has gone out, so a client can be ahead of the log.
    ///
    /// # Errors
    ///
    /// Fails when the logs cannot be read, or do not contain `text` in time.
    pub async fn logs_with(&self, text: &str) -> anyhow::Result<String> {
        let deadline = Instant::now() + LOGGED;
        loop {
            let logs = fs::read_to_string(self.folder.join("access.log"))?
                + &fs::read_to_string(self.folder.join("nginx.log"))?;
            if logs.contains(text) {
                return Ok(logs);
            }
            ensure!(Instant::now() < deadline, "no {text} in nginx's logs:\n{logs}");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }
}

impl Drop for Front {
    fn drop(&mut self) {
        let _ = self.process.stop(Signal::TERM, Duration::from_secs(5));
    }
}

fn script(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../deploy/nginx").join(name)
}
