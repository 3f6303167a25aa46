//! What a command that runs beside the stores is told of them, as backup and restore are.

use std::{fs, path::Path};

use anyhow::Context as _;

use crate::{environment::Environment, postgres::DATABASE, service::Ports};

/// Returns the variables that say where the stores of the system in `folder` are.
///
/// # Errors
///
/// Fails when there never was a system in `folder`.
pub fn variables(folder: &Path, ports: &Ports) -> anyhow::Result<Environment> {
    let file = folder.join("secret");
    let secret = fs::read_to_string(&file);
    let secret = secret.with_context(|| format!("cannot read {}", file.display()))?;
    let mut environment = Environment::default();
    environment.set("PGHOST", "127.0.0.1");
    environment.set("PGPORT", ports.postgres);
    environment.set("PGUSER", "postgres");
    environment.set("PGPASSWORD", secret.trim());
    environment.set("PGDATABASE", DATABASE);
    environment.set("REDIS_URL", format!("redis://:{}@127.0.0.1:{}/0", secret.trim(), ports.redis));
    environment.extend(&folders(folder));
    environment.set("BACKUP_DIR", folder.join("backups").display());
    Ok(environment)
}

/// Says where the services keep files.
pub(crate) fn folders(folder: &Path) -> Environment {
    let mut environment = Environment::default();
    environment.set("EXPORT_DIR", folder.join("exports").display());
    environment.set("UPLOAD_DIR", folder.join("uploads").display());
    environment.set("VECTOR_DIR", folder.join("vectors").display());
    environment
}
