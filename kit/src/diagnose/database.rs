//! The database: reached, let in, up to date.

use std::{collections::BTreeMap, time::Duration};

use chrono::{DateTime, Utc};
use refinery::Runner;
use tokio_postgres::{
    Client, Row,
    config::Host,
    error::{DbError as ServerError, SqlState},
};

use super::{Fault, Report, Unreachable, reach};
use crate::{
    config::DatabaseConfig,
    db::{self, Pool},
};

const LIMIT: Duration = Duration::from_secs(5);
/// Difference between two clocks from which on tokens and leases suffer.
const LARGEST_SKEW_MS: i64 = 5_000;
/// Share of the server's connections from which on it will soon have none, in per cent.
const MOST_CONNECTIONS: i64 = 90;

pub(super) async fn look(
    report: &mut Report,
    config: &DatabaseConfig,
    schema: &str,
    runner: &Runner,
) -> Option<Pool> {
    let place = place(config).await;
    let place = match place {
        Ok(place) => place,
        Err(unreachable) => {
            let fault = match unreachable {
                Unreachable::UnknownHost(_) => Fault::DatabaseHost,
                Unreachable::Refused(_) => Fault::DatabaseAway,
                Unreachable::Silent(_) => Fault::DatabaseUnreachable,
            };
            report.fault(fault, unreachable);
            return None;
        }
    };
    let session = db::session(config, schema, "diagnose", LIMIT);
    let client = db::open_one(&session, config.tls.as_ref());
    let client = match tokio::time::timeout(LIMIT, client).await {
        Ok(Ok(client)) => client,
        Ok(Err(error)) => {
            let fault = error.as_db_error().map_or_else(|| of_client(&error), of_server);
            report.fault(fault, format_args!("{place}: {}", db::DbError::from(error).detail()));
            return None;
        }
        Err(_) => {
            report.fault(Fault::DatabaseUnreachable, format_args!("{place}: no answer in 5 s"));
            return None;
        }
    };
    if let Err(error) = server(report, &client).await {
        let detail = db::DbError::from(error).detail();
        report.fault(Fault::DatabaseRefuses, format_args!("{place}: {detail}"));
        return None;
    }
    schema_of(report, &client, schema, runner).await;
    let config = DatabaseConfig { max_connections: 2, wait: LIMIT, ..config.clone() };
    db::connect(&config, schema, "diagnose").await.ok()
}

/// Reaches one of the servers and says where it is.
async fn place(config: &DatabaseConfig) -> Result<String, Unreachable> {
    let ports = config.postgres.get_ports();
    let mut outcome = Ok("its socket".to_owned());
    for (at, host) in config.postgres.get_hosts().iter().enumerate() {
        let Host::Tcp(host) = host else {
            return Ok("its socket".to_owned());
        };
        let port = ports.get(at).or(ports.first()).copied().unwrap_or(5_432);
        outcome = reach(host, port).await.map(|()| format!("{host}:{port}"));
        if outcome.is_ok() {
            break;
        }
    }
    outcome
}

fn of_server(error: &ServerError) -> Fault {
    let code = error.code();
    if [&SqlState::INVALID_PASSWORD, &SqlState::INVALID_AUTHORIZATION_SPECIFICATION].contains(&code)
    {
        Fault::DatabasePassword
    } else if *code == SqlState::INVALID_CATALOG_NAME {
        Fault::DatabaseMissing
    } else if *code == SqlState::CANNOT_CONNECT_NOW {
        Fault::DatabaseStarting
    } else if *code == SqlState::TOO_MANY_CONNECTIONS {
        Fault::DatabaseFull
    } else {
        Fault::DatabaseRefuses
    }
}

/// A client without a password that is asked for one gives up by itself.
fn of_client(error: &tokio_postgres::Error) -> Fault {
    let lacks_password = error.to_string().contains("password")
        || std::error::Error::source(error).is_some_and(|why| why.to_string().contains("password"));
    if lacks_password { Fault::DatabasePassword } else { Fault::DatabaseRefuses }
}

const SERVER: &str = "
    SELECT current_setting('server_version') AS version, clock_timestamp() AS now,
           current_setting('max_connections')::bigint AS most,
           (SELECT count(*) FROM pg_stat_activity WHERE usesysid IS NOT NULL) AS used,
           pg_size_pretty(pg_database_size(current_database())) AS size";

async fn server(report: &mut Report, client: &Client) -> Result<(), tokio_postgres::Error> {
    let row = client.query_one(SERVER, &[]).await?;
    let version: String = row.try_get("version")?;
    let now: DateTime<Utc> = row.try_get("now")?;
    let (used, most): (i64, i64) = (row.try_get("used")?, row.try_get("most")?);
    report.fact("versions", "postgresql", version);
    report.fact("database", "size", row.try_get::<_, String>("size")?);
    report.fact("pools", "postgresql", format_args!("{used} of {most} connections"));
    skew(report, "postgresql", now);
    if used * 100 >= most * MOST_CONNECTIONS {
        report.fault(Fault::DatabaseFull, format_args!("{used} of {most} connections are used"));
    }
    Ok(())
}

/// Notes how far the clock of a store is from this machine's.
pub(super) fn skew(report: &mut Report, store: &str, now: DateTime<Utc>) {
    let skew = (now - Utc::now()).num_milliseconds();
    report.fact("clock", store, format_args!("{skew:+} ms from this machine"));
    if skew.abs() > LARGEST_SKEW_MS {
        report.fault(Fault::ClockSkew, format_args!("{store}: {skew:+} ms"));
    }
}

/// Compares what was migrated with what this binary would migrate.
async fn schema_of(report: &mut Report, client: &Client, schema: &str, runner: &Runner) {
    let applied = "SELECT version::bigint, name::text, checksum::text FROM refinery_schema_history";
    let applied = client.query(applied, &[]).await.and_then(|rows| {
        let row = |row: &Row| Ok((row.try_get(0)?, (row.try_get(1)?, row.try_get(2)?)));
        rows.iter().map(row).collect::<Result<BTreeMap<i64, (String, String)>, _>>()
    });
    let applied = match applied {
        Ok(applied) => applied,
        // Nothing was ever migrated.
        Err(error) if error.code() == Some(&SqlState::UNDEFINED_TABLE) => BTreeMap::new(),
        Err(error) => {
            let detail = db::DbError::from(error).detail();
            report.fault(Fault::DatabaseRefuses, format_args!("schema {schema}: {detail}"));
            return;
        }
    };
    let mut expected = BTreeMap::new();
    for migration in runner.get_migrations() {
        let checksum = migration.checksum().to_string();
        expected.insert(i64::from(migration.version()), (migration.name().to_owned(), checksum));
    }
    let last =
        applied.last_key_value().map(|(version, (name, _))| format!(", last V{version}__{name}"));
    let fact =
        format!("{} of {} applied{}", applied.len(), expected.len(), last.unwrap_or_default());
    report.fact("migrations", schema, fact);
    let named = |version: &i64, name: &str| format!("{schema}: V{version}__{name}");
    for (version, (name, checksum)) in &expected {
        match applied.get(version) {
            None => report.fault(Fault::SchemaBehind, named(version, name)),
            Some((_, other)) if other != checksum => {
                report.fault(Fault::SchemaChanged, named(version, name));
            }
            Some(_) => {}
        }
    }
    for (version, (name, _)) in &applied {
        if !expected.contains_key(version) {
            report.fault(Fault::SchemaAhead, named(version, name));
        }
    }
}
