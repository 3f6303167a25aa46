//! A fresh installation for one test: own stores, own ports, own folder.

use std::{env, path::PathBuf};

use anyhow::Context as _;
use chrono::{Timelike as _, Utc};
use launcher::{Environment, Options, Ports, Service, System};
use tempfile::TempDir;

use crate::{Api, Front};

/// Where the school's clocks are, in hours east of Greenwich; between noon and one there as a test begins.
pub const SCHOOL_OFFSET: &str = "SCHOOL_UTC_OFFSET_HOURS";

/// A running system, as its users see it.
pub trait Entrance {
    /// Returns a client without any session.
    ///
    /// # Errors
    ///
    /// Fails when no client can be built.
    fn visitor(&self) -> anyhow::Result<Api>;

    /// Returns a folder for the test's own files.
    ///
    /// # Errors
    ///
    /// Fails when it cannot be created.
    fn scratch(&self) -> anyhow::Result<PathBuf>;
}

/// A running system that is stopped and deleted when dropped.
#[derive(Debug)]
pub struct Installation {
    pub front: Option<Front>,
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
        let mut installation = Self::stores_with(variables).await?;
        installation.system.serve().await?;
        Ok(installation)
    }

    /// Starts stores alone; `serve` of the system starts the services, with `variables` beside the default settings.
    ///
    /// # Errors
    ///
    /// Fails when a store does not start.
    pub async fn stores_with(variables: &[(&str, &str)]) -> anyhow::Result<Self> {
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
        // No day of the school ends while a test runs.
        environment.set(SCHOOL_OFFSET, 12 - i64::from(Utc::now().hour()));
        for (name, value) in variables {
            environment.set(name, value);
        }
        let system = System::stores(Options {
            folder: folder.path().to_owned(),
            binaries: binaries()?,
            ports: Ports::free()?,
            environment,
            postgres_settings: vec!["max_connections=200"],
        })
        .await?;
        Ok(Self { front: None, system, folder })
    }

    /// Starts everything with nginx before the gateway; all clients go through it.
    ///
    /// # Errors
    ///
    /// Fails when a part does not start.
    pub async fn behind_nginx(variables: &[(&str, &str)]) -> anyhow::Result<Self> {
        let variables = [&[("TRUSTED_PROXIES", "127.0.0.1")], variables].concat();
        let mut installation = Self::with(&variables).await?;
        installation.front = Some(installation.new_front("front", &[]).await?);
        Ok(installation)
    }

    /// Starts one nginx before the gateway.
    ///
    /// # Errors
    ///
    /// Fails when it does not start.
    pub async fn new_front(&self, name: &str, variables: &[(&str, &str)]) -> anyhow::Result<Front> {
        let gateway = format!("127.0.0.1:{}", self.system.ports().gateway);
        Front::start(&self.scratch()?.join(name), &gateway, variables).await
    }

    /// Returns a client without any session, of nginx if there is one, else of the gateway.
    ///
    /// # Errors
    ///
    /// Fails when no client can be built.
    pub fn visitor(&self) -> anyhow::Result<Api> {
        self.front.as_ref().map_or_else(|| Api::new(&self.system.url()), Front::api)
    }

    /// Starts stores with the schema of the database, and no service.
    ///
    /// # Errors
    ///
    /// Fails when a store does not start.
    pub async fn stores() -> anyhow::Result<Self> {
        let folder = tempfile::Builder::new().prefix("ai-english-").tempdir()?;
        let system = System::stores(Options {
            folder: folder.path().to_owned(),
            binaries: binaries()?,
            ports: Ports::free()?,
            environment: Environment::default(),
            postgres_settings: vec!["fsync=off"],
        })
        .await?;
        for service in Service::ALL.into_iter().filter(|service| service.schema().is_some()) {
            system.command(service, &["--migrate-only"])?;
        }
        Ok(Self { front: None, system, folder })
    }

    /// Stops everything, deletes all that it kept, and starts empty stores, and no service.
    ///
    /// # Errors
    ///
    /// Fails when a part does not stop or start.
    pub async fn destroy(&mut self) -> anyhow::Result<()> {
        let options = self.system.options().clone();
        self.system.stop()?;
        for name in ["postgres", "redis", "vectors", "exports", "uploads"] {
            let folder = options.folder.join(name);
            if folder.exists() {
                std::fs::remove_dir_all(folder)?;
            }
        }
        std::fs::remove_file(options.folder.join("secret"))?;
        self.system = System::stores(options).await?;
        Ok(())
    }

    /// Stops everything and starts the stores again, with the secret that is there now.
    ///
    /// # Errors
    ///
    /// Fails when a part does not stop or start.
    pub async fn restart_stores(&mut self) -> anyhow::Result<()> {
        let options = self.system.options().clone();
        self.system.stop()?;
        self.system = System::stores(options).await?;
        Ok(())
    }

    /// Stops everything and starts it again, with the secret that is there now.
    ///
    /// # Errors
    ///
    /// Fails when a part does not stop or start.
    pub async fn restart(&mut self) -> anyhow::Result<()> {
        self.restart_stores().await?;
        self.system.serve().await
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

impl Entrance for Installation {
    fn visitor(&self) -> anyhow::Result<Api> {
        Self::visitor(self)
    }

    fn scratch(&self) -> anyhow::Result<PathBuf> {
        Self::scratch(self)
    }
}

/// The services' binaries lie one folder above the tests'.
pub(crate) fn binaries() -> anyhow::Result<PathBuf> {
    let this = env::current_exe()?;
    Ok(this.ancestors().nth(2).context("tests lie in target/<profile>/deps")?.to_owned())
}
