//! A fresh installation for one test: own stores, own ports, own folder.

use std::{env, path::PathBuf};

use anyhow::Context as _;
use launcher::{Environment, Options, Ports, System};
use tempfile::TempDir;

use crate::Api;

/// A running system that is stopped and deleted when dropped.
#[derive(Debug)]
pub struct Installation {
    pub system: System,
    folder: TempDir,
}

impl Installation {
    /// Starts everything with the default settings.
    ///
    /// # Errors
    ///
    /// Fails when a part does not start.
    pub async fn start() -> anyhow::Result<Self> {
        Self::with(&[]).await
    }

    /// Starts everything with `variables` beside the default settings.
    ///
    /// # Errors
    ///
    /// Fails when a part does not start.
    pub async fn with(variables: &[(&str, &str)]) -> anyhow::Result<Self> {
        let folder = tempfile::Builder::new().prefix("ai-english-").tempdir()?;
        let mut environment = Environment::default();
        let model = env::var("TEST_EMBEDDING_DIR")
            .context("TEST_EMBEDDING_DIR names the embedding model; `make test` sets it")?;
        environment.set("EMBEDDING_MODEL_DIR", model);
        // Tests make more requests a minute than a person.
        environment.set("RATE_LIMIT_API", "100000/minute");
        environment.set("RATE_LIMIT_BURST", "100000");
        environment.set("RATE_LIMIT_LOGIN", "1000/minute");
        environment.set("REGISTRATION", "open");
        for (name, value) in variables {
            environment.set(name, value);
        }
        let system = System::start(Options {
            folder: folder.path().to_owned(),
            binaries: binaries()?,
            ports: Ports::free()?,
            environment,
            postgres_settings: vec!["max_connections=200"],
        })
        .await?;
        Ok(Self { system, folder })
    }

    /// Returns a client of the gateway without any session.
    ///
    /// # Errors
    ///
    /// Fails when no client can be built.
    pub fn visitor(&self) -> anyhow::Result<Api> {
        Api::new(&self.system.url())
    }

    /// Returns a folder for the test's own files.
    ///
    /// # Errors
    ///
    /// Fails when it cannot be created.
    pub fn scratch(&self) -> anyhow::Result<PathBuf> {
        let scratch = self.folder.path().join("scratch");
        std::fs::create_dir_all(&scratch)?;
        Ok(scratch)
    }
}

/// The services' binaries lie one folder above the tests'.
fn binaries() -> anyhow::Result<PathBuf> {
    let this = env::current_exe()?;
    Ok(this.ancestors().nth(2).context("tests lie in target/<profile>/deps")?.to_owned())
}
