//! PostgreSQL: the pool, migrations, and timed queries.

mod abandon;
mod error;
mod migrate;
mod query;
mod reads;
mod tls;

use std::time::Duration;

use deadpool_postgres::{
    Hook, HookError, Manager, ManagerConfig, PoolError, RecyclingMethod, Runtime, TimeoutType,
    Timeouts, tokio_postgres::NoTls,
};

pub use abandon::GenericClient;
pub use deadpool_postgres::{Client, Pool, Transaction};
pub use error::DbError;
pub use migrate::migrate;
pub use query::{execute, query, query_one, query_opt};
pub use reads::Reads;
pub use tls::Tls;
pub(crate) use tls::open as open_one;
use tokio_postgres::config::SslMode;
pub use tokio_postgres::{Row, types::ToSql};

use crate::config::DatabaseConfig;

/// A connection that rested longer than this is asked whether it is still there.
const RESTED: Duration = Duration::from_secs(10);
/// Prepared statements that a connection keeps; lists with filters have one for each kind of filter.
const MOST_STATEMENTS: usize = 500;
/// How long the question whether all is well waits for a connection.
const TURN: Duration = Duration::from_secs(1);
const GAUGES_EVERY: Duration = Duration::from_secs(5);

/// Makes the pool of a service whose tables live in `schema`.
///
/// No connection is opened yet: a process starts while PostgreSQL is away.
///
/// # Errors
///
/// Fails when the pool cannot be built.
#[expect(clippy::unused_async, reason = "callers await it, and it needs a runtime")]
pub async fn connect(
    config: &DatabaseConfig,
    schema: &str,
    application_name: &str,
) -> Result<Pool, DbError> {
    open(config, schema, application_name, "primary")
}

/// Makes the pool of connections to one server; `name` tells it from others in the metrics.
fn open(
    config: &DatabaseConfig,
    schema: &str,
    application_name: &str,
    name: &'static str,
) -> Result<Pool, DbError> {
    let postgres = session(config, schema, application_name, config.statement_timeout);
    let recycling = ManagerConfig { recycling_method: RecyclingMethod::Fast };
    let manager = match &config.tls {
        Some(tls) => Manager::from_config(postgres, tls.of_pool(), recycling),
        None => Manager::from_config(postgres, NoTls, recycling),
    };
    let awaited = Hook::sync_fn(|client: &mut deadpool_postgres::ClientWrapper, _| {
        if abandon::is_abandoned(&client.statement_cache) {
            return Err(HookError::message("its last statement was abandoned"));
        }
        Ok(())
    });
    // Closed connections never leave the pool; one that rested might have lost its peer silently.
    let still_there = Hook::async_fn(|client: &mut deadpool_postgres::ClientWrapper, metrics| {
        let rested = metrics.last_used() > RESTED;
        if client.statement_cache.size() > MOST_STATEMENTS {
            client.statement_cache.clear();
        }
        Box::pin(async move {
            if !rested {
                return Ok(());
            }
            let asked = tokio::time::timeout(Duration::from_secs(1), client.simple_query(""));
            match asked.await {
                Ok(Ok(_)) => Ok(()),
                Ok(Err(error)) => Err(HookError::Backend(error)),
                Err(_) => Err(HookError::message("connection does not answer")),
            }
        })
    });
    let pool = Pool::builder(manager)
        .max_size(config.max_connections)
        .wait_timeout(Some(config.wait))
        .create_timeout(Some(config.connect_timeout))
        .recycle_timeout(Some(config.connect_timeout))
        .runtime(Runtime::Tokio1)
        .pre_recycle(awaited)
        .pre_recycle(still_there)
        .build()
        .map_err(|error| DbError::Build(error.to_string()))?;
    tokio::spawn(publish_gauges(pool.clone(), name));
    Ok(pool)
}

/// Tells whether a query comes back. A pool whose connections are all at work is well: that is much
/// to do, and not a database that is away.
pub async fn healthy(pool: Pool) -> bool {
    let timeouts = Timeouts { wait: Some(TURN), ..pool.timeouts() };
    match pool.timeout_get(&timeouts).await {
        Ok(client) => client.simple_query("SELECT 1").await.is_ok(),
        Err(PoolError::Timeout(TimeoutType::Wait)) => true,
        Err(_) => false,
    }
}

/// Returns the connection settings of one session.
pub(crate) fn session(
    config: &DatabaseConfig,
    schema: &str,
    application_name: &str,
    statement_timeout: Duration,
) -> tokio_postgres::Config {
    let mut postgres = config.postgres.clone();
    let given = postgres.get_options().unwrap_or_default();
    let options = format!(
        "{given} -c search_path={schema},public -c statement_timeout={}",
        statement_timeout.as_millis()
    );
    if config.tls.is_none() && postgres.get_ssl_mode() == SslMode::Prefer {
        postgres.ssl_mode(SslMode::Disable);
    }
    postgres
        .options(options.trim())
        .application_name(application_name)
        .connect_timeout(config.connect_timeout)
        .keepalives(true)
        .keepalives_idle(Duration::from_secs(10))
        .keepalives_interval(Duration::from_secs(3))
        .keepalives_retries(2)
        .tcp_user_timeout(Duration::from_secs(10));
    postgres
}

#[expect(clippy::cast_precision_loss, reason = "a pool has a few dozen connections")]
async fn publish_gauges(pool: Pool, name: &'static str) {
    let mut ticks = tokio::time::interval(GAUGES_EVERY);
    while !pool.is_closed() {
        ticks.tick().await;
        let status = pool.status();
        let gauges = [
            ("db_pool_size", status.size),
            ("db_pool_max_size", status.max_size),
            ("db_pool_available", status.available),
            ("db_pool_waiting", status.waiting),
        ];
        for (gauge, value) in gauges {
            metrics::gauge!(gauge, "pool" => name).set(value as f64);
        }
    }
}
