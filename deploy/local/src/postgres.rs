//! A private PostgreSQL server.

use std::{
    collections::hash_map::DefaultHasher,
    fs,
    hash::{Hash as _, Hasher as _},
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use anyhow::{Context as _, bail};
use tokio_postgres::NoTls;

use crate::{
    files,
    process::{self, Process, Program, Signal},
};

const ROLES: &str = include_str!("../../postgres/roles.sql");
/// The roles that sign in.
const ROLE_NAMES: [&str; 6] =
    ["auth_svc", "learning_svc", "ai_svc", "export_svc", "ai_english_monitor", "ai_english_backup"];
/// Name of the one database.
pub const DATABASE: &str = "ai_english";
/// The account that Debian's package makes; the server refuses to run as root.
const ACCOUNT: &str = "postgres";

/// A running server, stopped when dropped.
#[derive(Debug)]
pub struct Postgres {
    bin: PathBuf,
    data: PathBuf,
    port: u16,
    password: String,
    settings: Vec<String>,
    log: PathBuf,
    process: Option<Process>,
}

impl Postgres {
    /// Creates the cluster under `folder` if there is none, starts it and waits until it answers.
    ///
    /// # Errors
    ///
    /// Fails when PostgreSQL is not installed or does not start.
    pub async fn start(
        folder: &Path,
        port: u16,
        password: &str,
        settings: &[&str],
    ) -> anyhow::Result<Self> {
        let mut postgres = Self {
            bin: bin()?,
            data: data_folder(folder)?,
            port,
            password: password.to_owned(),
            settings: settings.iter().map(|&setting| setting.to_owned()).collect(),
            log: folder.join("postgres.log"),
            process: None,
        };
        if !postgres.data.join("PG_VERSION").exists() {
            postgres.initialise(folder)?;
        }
        postgres.resume().await?;
        Ok(postgres)
    }

    /// Copies this server into `folder`, and starts the copy at `port` as a replica that follows it.
    ///
    /// # Errors
    ///
    /// Fails when the copy cannot be made or does not start.
    pub async fn replica(&self, folder: &Path, port: u16) -> anyhow::Result<Self> {
        fs::create_dir_all(folder)?;
        let mut replica = Self {
            bin: self.bin.clone(),
            data: data_folder(folder)?,
            port,
            password: self.password.clone(),
            settings: self.settings.clone(),
            log: folder.join("postgres.log"),
            process: None,
        };
        process::run(Program {
            name: "pg_basebackup",
            path: &self.bin.join("pg_basebackup"),
            arguments: vec![
                format!("--pgdata={}", replica.data.display()),
                "--host=127.0.0.1".to_owned(),
                format!("--port={}", self.port),
                "--username=postgres".to_owned(),
                "--checkpoint=fast".to_owned(),
                "--write-recovery-conf".to_owned(),
            ],
            environment: &[("PGPASSWORD".to_owned(), self.password.clone())],
            user: user(),
            log: &folder.join("basebackup.log"),
        })?;
        replica.resume().await?;
        Ok(replica)
    }

    fn initialise(&self, folder: &Path) -> anyhow::Result<()> {
        let password_file = self.data.join("../initial-password");
        files::write_private(&password_file, &self.password)?;
        if let Some(user) = user() {
            files::give_to(&password_file, user)?;
        }
        let done = process::run(Program {
            name: "initdb",
            path: &self.bin.join("initdb"),
            arguments: vec![
                format!("--pgdata={}", self.data.display()),
                "--username=postgres".to_owned(),
                format!("--pwfile={}", password_file.display()),
                "--auth=scram-sha-256".to_owned(),
                "--encoding=UTF8".to_owned(),
                "--locale=C.UTF-8".to_owned(),
            ],
            environment: &[],
            user: user(),
            log: &folder.join("initdb.log"),
        });
        fs::remove_file(&password_file)?;
        done
    }

    /// Starts the server again after [`Self::stop`] or [`Self::kill`].
    ///
    /// # Errors
    ///
    /// Fails when it does not answer within 30 s.
    pub async fn resume(&mut self) -> anyhow::Result<()> {
        let mut arguments = vec![
            "-D".to_owned(),
            self.data.display().to_string(),
            "-p".to_owned(),
            self.port.to_string(),
            "-c".to_owned(),
            "listen_addresses=127.0.0.1".to_owned(),
            "-c".to_owned(),
            "unix_socket_directories=".to_owned(),
        ];
        for setting in &self.settings {
            arguments.extend(["-c".to_owned(), setting.clone()]);
        }
        self.process = Some(Process::start(Program {
            name: "PostgreSQL",
            path: &self.bin.join("postgres"),
            arguments,
            environment: &[],
            user: user(),
            log: &self.log,
        })?);
        let deadline = Instant::now() + Duration::from_secs(30);
        while let Err(error) = self.connect("postgres").await {
            let process = self.process.as_mut().context("just started")?;
            if process.ended()?.is_some() || Instant::now() > deadline {
                bail!("PostgreSQL does not answer: {error:#}\n{}", process.last_words());
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        Ok(())
    }

    /// Creates the database, the schemas and the roles of the services where they are missing.
    ///
    /// # Errors
    ///
    /// Fails when a statement does.
    pub async fn prepare(&self) -> anyhow::Result<()> {
        let server = self.connect("postgres").await?;
        let exists = "SELECT FROM pg_database WHERE datname = $1";
        if server.query_opt(exists, &[&DATABASE]).await?.is_none() {
            server.batch_execute(&format!("CREATE DATABASE {DATABASE}")).await?;
        }
        let database = self.connect(DATABASE).await?;
        database.batch_execute(ROLES).await?;
        for role in ROLE_NAMES {
            // The password is made of hexadecimal digits.
            let statement = format!("ALTER ROLE {role} PASSWORD '{}'", self.password);
            database.batch_execute(&statement).await?;
        }
        Ok(())
    }

    /// Connects as the superuser.
    ///
    /// # Errors
    ///
    /// Fails when the server does not answer.
    pub async fn connect(&self, database: &str) -> anyhow::Result<tokio_postgres::Client> {
        let url = self.url("postgres", database);
        let connect = tokio_postgres::connect(&url, NoTls);
        let (client, connection) = tokio::time::timeout(Duration::from_secs(5), connect).await??;
        tokio::spawn(connection);
        Ok(client)
    }

    /// Returns the address for one role and database.
    #[must_use]
    pub fn url(&self, role: &str, database: &str) -> String {
        format!("postgresql://{role}:{}@127.0.0.1:{}/{database}", self.password, self.port)
    }

    /// Tells whether the server has ended without having been stopped.
    ///
    /// # Errors
    ///
    /// Fails when the state of the process cannot be read.
    pub fn has_ended(&mut self) -> std::io::Result<bool> {
        self.process.as_mut().map_or(Ok(false), |process| Ok(process.ended()?.is_some()))
    }

    /// Stops the server as an operator would (fast shutdown).
    ///
    /// # Errors
    ///
    /// Fails when it does not stop within 30 s.
    pub fn stop(&mut self) -> anyhow::Result<()> {
        self.process
            .take()
            .map_or(Ok(()), |mut process| process.stop(Signal::INT, Duration::from_secs(30)))
    }

    /// Kills the server at once.
    ///
    /// # Errors
    ///
    /// Fails when it cannot be waited for.
    pub fn kill(&mut self) -> anyhow::Result<()> {
        self.process.take().map_or(Ok(()), |mut process| process.kill())
    }
}

/// The account to run as, when this process is root.
fn user() -> Option<&'static str> {
    files::is_root().then_some(ACCOUNT)
}

/// Finds the newest installed server binaries.
fn bin() -> anyhow::Result<PathBuf> {
    let versions = fs::read_dir("/usr/lib/postgresql").context(
        "PostgreSQL is not installed: apt-get install postgresql-15 (make does this as root)",
    )?;
    versions
        .filter_map(Result::ok)
        .filter_map(|entry| Some((entry.file_name().to_str()?.parse::<u32>().ok()?, entry.path())))
        .max()
        .map(|(_, path)| path.join("bin"))
        .context("PostgreSQL is not installed: apt-get install postgresql-15")
}

/// Returns the folder of the cluster, which the server's account must be able to reach.
fn data_folder(folder: &Path) -> anyhow::Result<PathBuf> {
    let inside = folder.join("postgres");
    fs::create_dir_all(&inside)?;
    let Some(user) = user() else {
        files::private_folder(&inside.join("data"))?;
        return Ok(inside.join("data"));
    };
    files::give_to(&inside, user)?;
    let parent = if files::reachable_by(&inside, user) {
        inside
    } else {
        // The checkout lies in a folder closed to other accounts, such as /root.
        let mut hasher = DefaultHasher::new();
        folder.canonicalize()?.hash(&mut hasher);
        let outside = PathBuf::from(format!("/var/tmp/ai-english-{:016x}", hasher.finish()));
        fs::create_dir_all(&outside)?;
        files::give_to(&outside, user)?;
        outside
    };
    let data = parent.join("data");
    files::private_folder(&data)?;
    files::give_to(&data, user)?;
    Ok(data)
}
