//! Migrations: embedded, forward only, run by one process at a time.

use std::time::Duration;

use anyhow::Context as _;
use deadpool_postgres::tokio_postgres::NoTls;
use refinery::Runner;
use tokio::time::Instant;
use tokio_postgres::Client;

use super::{DbError, session};
use crate::config::DatabaseConfig;

/// How long a starting process waits for PostgreSQL.
const PATIENCE: Duration = Duration::from_mins(1);

/// Brings `schema` to the present state, waiting for PostgreSQL and for other processes.
///
/// # Errors
///
/// Fails when PostgreSQL stays away or a migration does not run.
pub async fn migrate(config: &DatabaseConfig, schema: &str, runner: Runner) -> anyhow::Result<()> {
    let mut client = patiently(config, schema).await?;
    // The lock belongs to the session: it goes with the connection whatever happens.
    client
        .execute("SELECT pg_advisory_lock(hashtext('kit.migrate'), hashtext($1))", &[&schema])
        .await
        .context("waiting for another process to migrate")?;
    let present = client
        .query_opt("SELECT 1 FROM pg_namespace WHERE nspname = $1", &[&schema])
        .await
        .context("looking for the schema")?;
    if present.is_none() {
        let create = format!("CREATE SCHEMA IF NOT EXISTS \"{schema}\"");
        client.batch_execute(&create).await.with_context(|| format!("creating {schema}"))?;
    }
    let report = runner.run_async(&mut client).await.context("migrating the database")?;
    for migration in report.applied_migrations() {
        tracing::info!(%migration, schema, "applied migration");
    }
    Ok(())
}

async fn patiently(config: &DatabaseConfig, schema: &str) -> anyhow::Result<Client> {
    let mut postgres = session(config, schema, "migrate", Duration::ZERO);
    postgres.connect_timeout(Duration::from_secs(5));
    let until = Instant::now() + PATIENCE;
    loop {
        match postgres.connect(NoTls).await {
            Ok((client, connection)) => {
                tokio::spawn(connection);
                return Ok(client);
            }
            Err(error) => {
                let error = DbError::from(error);
                if !error.is_unavailable() || Instant::now() >= until {
                    return Err(error).context("connecting to PostgreSQL");
                }
                tracing::warn!(error = %crate::error::Chain(&error), "waiting for PostgreSQL");
                tokio::time::sleep(Duration::from_millis(500)).await;
            }
        }
    }
}
