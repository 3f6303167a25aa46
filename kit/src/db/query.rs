//! Statements that are prepared once, timed and traced.

use std::{future::Future, time::Instant};

use tokio_postgres::{Row, Statement, types::ToSql};
use tracing::Instrument as _;

use super::{DbError, GenericClient, abandon::Waiting};

/// Runs a statement and returns its rows; `name` is `table.verb`.
///
/// # Errors
///
/// Fails when the statement does, or PostgreSQL is away.
pub async fn query(
    db: &impl GenericClient,
    name: &'static str,
    sql: &str,
    params: &[&(dyn ToSql + Sync)],
) -> Result<Vec<Row>, DbError> {
    timed(db, name, async {
        let statement = prepared(db, sql).await?;
        db.query(&statement, params).await
    })
    .await
}

/// Runs a statement that returns one row or none.
///
/// # Errors
///
/// Fails when the statement does, or PostgreSQL is away.
pub async fn query_opt(
    db: &impl GenericClient,
    name: &'static str,
    sql: &str,
    params: &[&(dyn ToSql + Sync)],
) -> Result<Option<Row>, DbError> {
    timed(db, name, async {
        let statement = prepared(db, sql).await?;
        db.query_opt(&statement, params).await
    })
    .await
}

/// Runs a statement that returns exactly one row.
///
/// # Errors
///
/// Fails when the statement does, or PostgreSQL is away.
pub async fn query_one(
    db: &impl GenericClient,
    name: &'static str,
    sql: &str,
    params: &[&(dyn ToSql + Sync)],
) -> Result<Row, DbError> {
    timed(db, name, async {
        let statement = prepared(db, sql).await?;
        db.query_one(&statement, params).await
    })
    .await
}

/// Runs a statement and returns the number of rows it changed.
///
/// # Errors
///
/// Fails when the statement does, or PostgreSQL is away.
pub async fn execute(
    db: &impl GenericClient,
    name: &'static str,
    sql: &str,
    params: &[&(dyn ToSql + Sync)],
) -> Result<u64, DbError> {
    timed(db, name, async {
        let statement = prepared(db, sql).await?;
        db.execute(&statement, params).await
    })
    .await
}

async fn prepared(db: &impl GenericClient, sql: &str) -> Result<Statement, tokio_postgres::Error> {
    db.prepare_cached(sql).await
}

/// Runs a statement to its end. If nobody waits that long, it ends in PostgreSQL too.
async fn timed<T>(
    db: &impl GenericClient,
    name: &'static str,
    work: impl Future<Output = Result<T, tokio_postgres::Error>>,
) -> Result<T, DbError> {
    let span = tracing::debug_span!("sql", otel.name = name, otel.kind = "client", query = name);
    let start = Instant::now();
    let waiting = Waiting::on(db);
    let result = work.instrument(span).await;
    waiting.over();
    metrics::histogram!("db_query_duration_seconds", "query" => name).record(start.elapsed());
    Ok(result?)
}
