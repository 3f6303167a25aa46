//! How to reach PostgreSQL.

use std::{path::PathBuf, time::Duration};

use secrecy::ExposeSecret as _;
use tokio_postgres::config::SslMode;

use super::{Env, common::seconds};
use crate::db::Tls;

/// How to reach PostgreSQL; the password cannot be printed.
#[derive(Clone, Debug)]
pub struct DatabaseConfig {
    pub postgres: tokio_postgres::Config,
    /// Present when the address asks for TLS.
    pub tls: Option<Tls>,
    pub max_connections: usize,
    /// How long a request waits for a free connection.
    pub wait: Duration,
    pub connect_timeout: Duration,
    pub statement_timeout: Duration,
}

impl DatabaseConfig {
    /// Reads the variables of PostgreSQL; `None` without an address, or with a wrong one.
    pub(super) fn read(env: &mut Env) -> Option<Self> {
        let size: usize = env.or("DB_POOL_SIZE", "number", 10);
        let overflow: usize = env.or("DB_MAX_OVERFLOW", "number", 20);
        let wait = seconds(env, "DB_POOL_TIMEOUT", 30);
        let statement_timeout = seconds(env, "DB_STATEMENT_TIMEOUT", 15);
        if size == 0 {
            env.refuse("DB_POOL_SIZE", "must be at least 1");
        }
        let max_connections = size.saturating_add(overflow).min(1_000);
        let config = Self::named(env, "DATABASE_URL")?;
        Some(Self { max_connections, wait, statement_timeout, ..config })
    }

    /// Reads a URL in PostgreSQL's spelling or in `SQLAlchemy`'s.
    ///
    /// # Errors
    ///
    /// Fails when the URL is not one of PostgreSQL.
    pub fn from_url(url: &str) -> Result<Self, tokio_postgres::Error> {
        let rest = url.strip_prefix("postgresql+").and_then(|rest| rest.split_once("://"));
        let url = rest.map_or_else(|| url.to_owned(), |(_, rest)| format!("postgresql://{rest}"));
        // Whoever asks for TLS gets all that libpq tells apart by these names.
        let url = ["verify-full", "verify-ca"]
            .iter()
            .fold(url, |url, mode| url.replace(&format!("sslmode={mode}"), "sslmode=require"));
        Ok(Self {
            postgres: url.parse()?,
            tls: None,
            max_connections: 30,
            wait: Duration::from_secs(30),
            connect_timeout: Duration::from_secs(2),
            statement_timeout: Duration::from_secs(15),
        })
    }

    /// Reads `DATABASE_REPLICA_URL`, the address of a replica of this server; all else is the same.
    #[must_use]
    pub fn replica(&self, env: &mut Env) -> Option<Self> {
        let Self { postgres, tls, .. } = Self::named(env, "DATABASE_REPLICA_URL")?;
        Some(Self { postgres, tls, ..self.clone() })
    }

    /// Reads the address that a variable holds, and whom to believe there.
    fn named(env: &mut Env, name: &str) -> Option<Self> {
        let url = env.secret(name)?;
        let ca = env.optional::<PathBuf>("DATABASE_TLS_CA", "path");
        let Ok(mut config) = Self::from_url(url.expose_secret()) else {
            env.refuse(name, "is not a PostgreSQL URL");
            return None;
        };
        if config.postgres.get_ssl_mode() == SslMode::Require {
            match Tls::believing(ca.as_deref()) {
                Ok(tls) => config.tls = Some(tls),
                Err(why) => env.refuse("DATABASE_TLS_CA", why),
            }
        } else if ca.is_some() {
            env.refuse(name, "lacks sslmode=require, which DATABASE_TLS_CA is for");
        }
        Some(config)
    }
}
