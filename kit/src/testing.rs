//! Support for tests over a real PostgreSQL and a real Redis.
#![expect(clippy::panic, reason = "a test without its servers must fail")]

use std::{
    hash::{DefaultHasher, Hash, Hasher as _},
    time::Duration,
};

use deadpool_postgres::tokio_postgres::NoTls;
use refinery::Runner;
use tokio_postgres::Client;
use uuid::Uuid;

use crate::{
    caller::{Caller, Role},
    config::{Common, DatabaseConfig, Env, Service},
    db::{self, Pool},
    redis::Cache,
};

/// How long the end of a test waits for its database to be gone.
const LONGEST_DROP: Duration = Duration::from_millis(500);

/// A database of one test, dropped after it.
pub struct TestDb {
    pub pool: Pool,
    pub config: DatabaseConfig,
    admin: tokio_postgres::Config,
    name: String,
}

impl Drop for TestDb {
    fn drop(&mut self) {
        self.pool.close();
        let (admin, name) = (self.admin.clone(), self.name.clone());
        let (over, is_over) = std::sync::mpsc::channel();
        std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
            let dropped = runtime.map(|runtime| {
                runtime.block_on(async {
                    let statement = format!("DROP DATABASE IF EXISTS \"{name}\" WITH (FORCE)");
                    open(&admin).await.batch_execute(&statement).await
                })
            });
            if !matches!(dropped, Ok(Ok(()))) {
                eprintln!("test database {name} is left");
            }
            let _ = over.send(());
        });
        // PostgreSQL waits for connections that are being opened, also to other databases, and this
        // thread may be the one that opens one: it must go on. The rest is done without it.
        let _ = is_over.recv_timeout(LONGEST_DROP);
    }
}

/// Makes a fresh database for one test, migrated by `runner`.
///
/// # Panics
///
/// Panics when `TEST_DATABASE_URL` is missing or PostgreSQL is away.
pub async fn database(schema: &str, runner: Runner) -> TestDb {
    let url = variable("TEST_DATABASE_URL");
    let base = DatabaseConfig::from_url(&url)
        .unwrap_or_else(|error| panic!("TEST_DATABASE_URL is wrong: {error}"));
    let admin = base.postgres.clone();
    let template = template(&base, schema, runner).await;
    let name = format!("test_{}_{}", schema, Uuid::now_v7().simple());
    let create = format!("CREATE DATABASE \"{name}\" TEMPLATE \"{template}\"");
    run(&open(&admin).await, &create).await;

    let mut config = DatabaseConfig { max_connections: 8, ..base };
    config.postgres.dbname(&name);
    let pool = db::connect(&config, schema, "test").await;
    let pool = pool.unwrap_or_else(|error| panic!("no pool: {error}"));
    TestDb { pool, config, admin, name }
}

/// Makes, once, a migrated database that test databases are copied from.
async fn template(base: &DatabaseConfig, schema: &str, runner: Runner) -> String {
    let mut hasher = DefaultHasher::new();
    for migration in runner.get_migrations() {
        (migration.version(), migration.name(), migration.checksum()).hash(&mut hasher);
    }
    let name = format!("template_{schema}_{:016x}", hasher.finish());
    let admin = open(&base.postgres).await;
    run(&admin, "SELECT pg_advisory_lock(hashtext('kit.testing'))").await;
    let found = admin.query("SELECT 1 FROM pg_database WHERE datname = $1", &[&name]).await;
    if found.is_ok_and(|rows| rows.is_empty()) {
        let half = format!("{name}_half");
        run(&admin, &format!("DROP DATABASE IF EXISTS \"{half}\" WITH (FORCE)")).await;
        run(&admin, &format!("CREATE DATABASE \"{half}\"")).await;
        let mut config = base.clone();
        config.postgres.dbname(&half);
        if let Err(error) = db::migrate(&config, schema, runner).await {
            panic!("migrations do not run: {error:#}");
        }
        run(&admin, &format!("DROP DATABASE IF EXISTS \"{name}\"")).await;
        rename(&admin, &half, &name).await;
    }
    run(&admin, "SELECT pg_advisory_unlock(hashtext('kit.testing'))").await;
    name
}

/// Renames a database as soon as the session that migrated it is gone.
async fn rename(admin: &Client, from: &str, to: &str) {
    let leave =
        format!("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{from}'");
    let statement = format!("ALTER DATABASE \"{from}\" RENAME TO \"{to}\"");
    for _ in 0..100 {
        run(admin, &leave).await;
        if admin.batch_execute(&statement).await.is_ok() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    panic!("{from} cannot be renamed");
}

/// Opens the Redis for tests, with keys of its own.
///
/// # Panics
///
/// Panics when `TEST_REDIS_URL` is missing or Redis is away.
pub async fn redis() -> Cache {
    let url = variable("TEST_REDIS_URL");
    let mut env = Env::from_pairs([("REDIS_URL", url.as_str()), ("REDIS_MAX_CONNECTIONS", "2")]);
    let config = crate::config::RedisConfig::read(&mut env);
    let cache = Cache::namespaced(&config, format!("test:{}:", Uuid::now_v7().simple()));
    for _ in 0..100 {
        if cache.healthy().await {
            return cache;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    panic!("TEST_REDIS_URL names no Redis that answers");
}

/// Makes a caller of its own organization.
#[must_use]
pub fn caller(role: Role) -> Caller {
    Caller {
        user_id: Uuid::now_v7(),
        role,
        organization_id: Uuid::now_v7(),
        request_id: Uuid::now_v7().to_string(),
    }
}

/// Makes the settings of a process under test, listening on any free port.
///
/// # Panics
///
/// Panics when the settings are wrong.
#[must_use]
pub fn common(name: &'static str) -> Common {
    let service = Service::named(name);
    let mut env =
        Env::from_pairs([("APP_ENV", "development"), (service.listen_var, "127.0.0.1:0")]);
    let common = Common::read(&mut env, service);
    env.finish_with(common).unwrap_or_else(|error| panic!("{error}"))
}

/// Puts a caller whom the gateway vouches for into a request, as the server layer does.
#[must_use]
pub fn request<T>(caller: &Caller, message: T) -> tonic::Request<T> {
    let mut request = tonic::Request::new(message);
    request.extensions_mut().insert(crate::caller::Verified {
        caller: Some(caller.clone()),
        request_id: caller.request_id.clone(),
        issuer: "gateway".to_owned(),
    });
    request
}

fn variable(name: &str) -> String {
    std::env::var(name).unwrap_or_else(|_| panic!("set {name} to run this test"))
}

async fn open(config: &tokio_postgres::Config) -> Client {
    match config.connect(NoTls).await {
        Ok((client, connection)) => {
            tokio::spawn(connection);
            client
        }
        Err(error) => panic!("no PostgreSQL for tests: {error}"),
    }
}

async fn run(client: &Client, statement: &str) {
    if let Err(error) = client.batch_execute(statement).await {
        panic!("{statement}: {error:?}");
    }
}
