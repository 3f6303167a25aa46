//! Migrations: embedded, forward only, run by one process at a time.

use std::time::Duration;

use anyhow::Context as _;
use refinery::{Report, Runner};
use tokio::time::Instant;
use tokio_postgres::{Client, error::SqlState};

use super::{DbError, session, tls};
use crate::config::DatabaseConfig;

/// How long a starting process waits for PostgreSQL.
const PATIENCE: Duration = Duration::from_mins(1);
/// How long a migration waits for a lock. Whoever wants the same table meanwhile waits behind it.
const LOCK_LIMIT: Duration = Duration::from_secs(5);
/// For how long those are let by before it is tried again.
const PAUSE: Duration = Duration::from_secs(2);
const TRIES: u32 = 30;

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
    let limit = format!("SET lock_timeout = {}", LOCK_LIMIT.as_millis());
    client.batch_execute(&limit).await.context("limiting the wait for locks")?;
    run(&mut client, &runner, schema).await.context("migrating the database")
}

/// Runs what is missing; again when it did not get a lock in time, because others use a table.
async fn run(client: &mut Client, runner: &Runner, schema: &str) -> Result<(), refinery::Error> {
    let mut tried = 1;
    loop {
        let result = runner.run_async(client).await;
        let report = result.as_ref().map_or_else(refinery::Error::report, Some);
        for migration in report.into_iter().flat_map(Report::applied_migrations) {
            tracing::info!(%migration, schema, "applied migration");
        }
        match result {
            Err(error) if is_locked(&error) && tried < TRIES => {
                tracing::warn!(schema, tried, "a migration waits for a table that others use");
                tried += 1;
                tokio::time::sleep(PAUSE).await;
            }
            result => return result.map(|_| ()),
        }
    }
}

fn is_locked(error: &refinery::Error) -> bool {
    std::iter::successors(std::error::Error::source(error), |error| error.source())
        .filter_map(|error| error.downcast_ref::<tokio_postgres::Error>())
        .any(|error| error.code() == Some(&SqlState::LOCK_NOT_AVAILABLE))
}

async fn patiently(config: &DatabaseConfig, schema: &str) -> anyhow::Result<Client> {
    let mut postgres = session(config, schema, "migrate", Duration::ZERO);
    postgres.connect_timeout(Duration::from_secs(5));
    let until = Instant::now() + PATIENCE;
    loop {
        match tls::open(&postgres, config.tls.as_ref()).await {
            Ok(client) => return Ok(client),
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
