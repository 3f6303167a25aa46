//! The scripts of `deploy/backup`, run as an operator runs them.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context as _, ensure};
use launcher::System;
use serde_json::Value;

/// Runs the scripts for one system.
#[derive(Clone, Debug)]
pub struct Backups {
    variables: Vec<(String, String)>,
    folder: PathBuf,
}

/// How a script ended.
#[derive(Debug)]
pub struct Ran {
    pub status: i32,
    pub out: String,
    pub err: String,
}

impl Backups {
    /// Learns where the stores of `system` are, and writes it a file of settings.
    ///
    /// # Errors
    ///
    /// Fails when the file cannot be written.
    pub fn of(system: &System) -> anyhow::Result<Self> {
        let options = system.options();
        let settings = options.folder.join("settings");
        if !settings.exists() {
            fs::write(&settings, "MAX_UPLOAD_SIZE=10485760  # 10 MiB\nOPENAI_MODEL='a # b'\n")?;
        }
        let variables = launcher::beside::variables(&options.folder, &options.ports)?;
        let mut backups =
            Self { variables: variables.pairs().to_vec(), folder: options.folder.join("backups") };
        let secret = options.folder.join("secret");
        let config = format!(
            "env={}:secret={}:certificates={}:alertmanager={}",
            settings.display(),
            secret.display(),
            options.folder.join("certificates").display(),
            options.folder.join("alertmanager.yml").display()
        );
        backups.set("AI_ENGLISH_ENV", &settings.display().to_string());
        backups.set("BACKUP_CONFIG", &config);
        backups.set("BACKUP_MIN_FREE", "0");
        backups.set("BACKUP_METRICS_DIR", &options.folder.join("metrics").display().to_string());
        Ok(backups)
    }

    /// Sets a variable for all further runs.
    pub fn set(&mut self, name: &str, value: &str) {
        self.variables.push((name.to_owned(), value.to_owned()));
    }

    /// Returns the folder of the backups.
    #[must_use]
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Prepares a run of a script.
    #[must_use]
    pub fn command(&self, script: &str, arguments: &[&str]) -> Command {
        let scripts = Path::new(env!("CARGO_MANIFEST_DIR")).join("../deploy/backup");
        let mut command = Command::new(scripts.join(script));
        command.args(arguments).envs(self.variables.iter().map(|(name, value)| (name, value)));
        command
    }

    /// Runs a script to its end.
    ///
    /// # Errors
    ///
    /// Fails when it cannot be started or is killed.
    pub fn run(&self, script: &str, arguments: &[&str]) -> anyhow::Result<Ran> {
        let output = self.command(script, arguments).output()?;
        Ok(Ran {
            status: output.status.code().context("killed")?,
            out: String::from_utf8(output.stdout)?.trim().to_owned(),
            err: String::from_utf8(output.stderr)?,
        })
    }

    /// Runs a script that must succeed, and returns what it printed.
    ///
    /// # Errors
    ///
    /// Fails when it does not succeed.
    pub fn succeed(&self, script: &str, arguments: &[&str]) -> anyhow::Result<String> {
        let ran = self.run(script, arguments)?;
        ensure!(ran.status == 0, "{script} {arguments:?}: {ran:?}");
        Ok(ran.out)
    }

    /// Makes a full backup and returns its name.
    ///
    /// # Errors
    ///
    /// Fails when the script does.
    pub fn make(&self) -> anyhow::Result<String> {
        let path = PathBuf::from(self.succeed("backup", &[])?);
        let name = path.file_name().context("a folder")?;
        Ok(name.to_string_lossy().into_owned())
    }

    /// Reads what a backup says of itself.
    ///
    /// # Errors
    ///
    /// Fails when there is no such backup.
    pub fn manifest(&self, name: &str) -> anyhow::Result<Value> {
        let text = fs::read(self.folder.join(name).join("manifest.json"))?;
        Ok(serde_json::from_slice(&text)?)
    }

    /// Lists what lies in the folder of backups, beside what is the scripts' own.
    ///
    /// # Errors
    ///
    /// Fails when the folder cannot be read.
    pub fn names(&self) -> anyhow::Result<Vec<String>> {
        let mut names = Vec::new();
        for entry in fs::read_dir(&self.folder)? {
            names.push(entry?.file_name().to_string_lossy().into_owned());
        }
        names.retain(|name| name != ".lock");
        names.sort();
        Ok(names)
    }
}

/// Returns rows and a checksum of every table, computed in another way than the scripts do.
///
/// # Errors
///
/// Fails when the database does not answer.
pub async fn tables(system: &System) -> anyhow::Result<BTreeMap<String, (i64, String)>> {
    let database = system.postgres.connect(launcher::postgres::DATABASE).await?;
    let listed = "SELECT format('%I.%I', schemaname, tablename) FROM pg_tables
                  WHERE schemaname IN ('auth', 'learning', 'ai', 'export')";
    let mut tables = BTreeMap::new();
    for row in database.query(listed, &[]).await? {
        let table: String = row.try_get(0)?;
        let ask = format!(
            "SELECT count(*), md5(coalesce(string_agg(r::text, E'\\n' ORDER BY r::text), '')) FROM {table} AS r"
        );
        let row = database.query_one(&ask, &[]).await?;
        tables.insert(table, (row.try_get(0)?, row.try_get(1)?));
    }
    Ok(tables)
}
