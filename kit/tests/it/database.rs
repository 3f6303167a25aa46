//! PostgreSQL: migrations, errors, and what happens when it goes away.

use std::time::{Duration, Instant};

use kit::{
    config::DatabaseConfig,
    db::{self, DbError},
    error::{Classify as _, Kind},
    testing,
};
use refinery::{Migration, Runner};
use tokio::net::TcpListener;
use tonic::{Code, Status};
use uuid::Uuid;

use crate::sample::{Running, Sample, send};

kit::id! {
    /// Identifies a thing.
    ThingId
}

pub fn runner() -> Runner {
    let things = "CREATE TABLE things (
        id uuid PRIMARY KEY, name text NOT NULL, CONSTRAINT things_name_key UNIQUE (name));";
    let migration = Migration::unapplied("V1__create_things.sql", things).unwrap();
    let keys = Migration::unapplied("V2__create_keys.sql", kit::idempotency::TABLE).unwrap();
    Runner::new(&[migration, keys])
}

const ADD: &str = "INSERT INTO things (id, name) VALUES ($1, $2)";

#[tokio::test]
async fn tables_live_in_the_schema_of_the_service() {
    let test = testing::database("kit_test", runner()).await;
    let client = test.pool.get().await.unwrap();
    let id = ThingId(Uuid::now_v7());
    let added = db::execute(&client, "things.add", ADD, &[&id, &"pen"]).await.unwrap();
    DbError::expect_rows("things", added, 1).unwrap();

    let sql = "SELECT id FROM kit_test.things WHERE name = $1";
    let row = db::query_one(&client, "things.find", sql, &[&"pen"]).await.unwrap();
    assert_eq!(row.try_get::<_, ThingId>("id").unwrap(), id);
    let history = "SELECT 1 FROM kit_test.refinery_schema_history";
    assert_eq!(db::query(&client, "history.list", history, &[]).await.unwrap().len(), 2);
    let none = db::query_opt(&client, "things.find", sql, &[&"ink"]).await.unwrap();
    assert!(none.is_none());
}

#[tokio::test]
async fn unique_violation_is_named_and_other_faults_are_internal() {
    let test = testing::database("kit_test", runner()).await;
    let client = test.pool.get().await.unwrap();
    db::execute(&client, "things.add", ADD, &[&Uuid::now_v7(), &"pen"]).await.unwrap();
    let again = db::execute(&client, "things.add", ADD, &[&Uuid::now_v7(), &"pen"]).await;
    let error = again.unwrap_err();
    assert_eq!(error.unique_violation(), Some("things_name_key"));
    assert_eq!(error.foreign_key_violation(), None);
    assert_eq!((error.kind(), error.reason()), (Kind::Internal, "INTERNAL"));
    let rows = DbError::expect_rows("things", 0, 1).unwrap_err();
    assert_eq!(rows.to_string(), "things: expected 1 changed rows, got 0");
}

#[tokio::test]
async fn processes_that_start_together_migrate_once() {
    let test = testing::database("kit_test", runner()).await;
    let all = (0..4).map(|_| db::migrate(&test.config, "another", runner()));
    for result in futures::future::join_all(all).await {
        result.unwrap();
    }
    let client = test.pool.get().await.unwrap();
    let sql = "SELECT 1 FROM another.refinery_schema_history";
    assert_eq!(db::query(&client, "history.list", sql, &[]).await.unwrap().len(), 2);
}

#[tokio::test]
async fn cut_connections_are_replaced_by_themselves() {
    let test = testing::database("kit_test", runner()).await;
    let held = futures::future::join_all((0..3).map(|_| test.pool.get())).await;
    let survivor = db::connect(&test.config, "kit_test", "other").await.unwrap();
    let killer = survivor.get().await.unwrap();
    let cut = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity
                WHERE datname = current_database() AND application_name = 'test'";
    db::query(&killer, "test.cut", cut, &[]).await.unwrap();

    let broken = held[0].as_ref().unwrap();
    let error = db::query(broken, "test.ask", "SELECT 1", &[]).await.unwrap_err();
    assert_eq!((error.kind(), error.reason()), (Kind::Unavailable, "DATABASE_UNAVAILABLE"));
    assert!(error.retry_after().is_some());
    drop(held);
    let since = Instant::now();
    while !db::healthy(test.pool.clone()).await {
        assert!(since.elapsed() < Duration::from_secs(2), "the pool stays broken");
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn database_that_is_away_is_said_at_once() {
    // One address refuses, the other accepts and never says a word.
    let silent = TcpListener::bind("127.0.0.1:0").await.unwrap();
    for port in [1, silent.local_addr().unwrap().port()] {
        let url = format!("postgresql://nobody@127.0.0.1:{port}/nothing");
        let config = DatabaseConfig::from_url(&url).unwrap();
        let pool = db::connect(&config, "kit_test", "test").await.unwrap();
        let since = Instant::now();
        let error = DbError::from(pool.get().await.err().unwrap());
        assert!(since.elapsed() < Duration::from_secs(3), "{:?}", since.elapsed());
        assert_eq!(error.kind(), Kind::Unavailable);
    }
}

#[tokio::test]
async fn statement_that_takes_too_long_is_ended() {
    let test = testing::database("kit_test", runner()).await;
    let config =
        DatabaseConfig { statement_timeout: Duration::from_millis(50), ..test.config.clone() };
    let pool = db::connect(&config, "kit_test", "test").await.unwrap();
    let client = pool.get().await.unwrap();
    let error = db::query(&client, "test.sleep", "SELECT pg_sleep(20)", &[]).await.unwrap_err();
    assert_eq!(error.kind(), Kind::Unavailable);
}

#[tokio::test]
async fn statement_ends_with_its_call() {
    let test = testing::database("kit_test", runner()).await;
    let config = DatabaseConfig { max_connections: 1, ..test.config.clone() };
    let pool = db::connect(&config, "kit_test", "test").await.unwrap();
    let common = testing::common("ai-svc");
    let own = pool.clone();
    let sample = Sample::new(move |_| {
        let pool = own.clone();
        async move {
            let mut client = pool.get().await.unwrap();
            let tx = client.transaction().await.unwrap();
            db::execute(&tx, "things.add", ADD, &[&Uuid::now_v7(), &"pen"]).await.unwrap();
            let slept = db::query(&tx, "test.sleep", "SELECT pg_sleep(30)", &[]).await;
            Err(Status::internal(format!("{:?}", slept.map(|rows| rows.len()))))
        }
    });
    let server = Running::start(&common, sample, 0).await;
    let mut request = tonic::Request::new(String::new());
    request.set_timeout(Duration::from_millis(500));
    let late = send(&server.client(&common), "CreateThing", request).await.unwrap_err();
    assert_eq!(late.code(), Code::DeadlineExceeded, "{late:?}");

    // The pool has one connection only: the next borrower does not wait for the statement.
    let since = Instant::now();
    let client = pool.get().await.unwrap();
    let count = "SELECT count(*) FROM things";
    let row = db::query_one(&client, "things.count", count, &[]).await.unwrap();
    assert_eq!(row.try_get::<_, i64>(0).unwrap(), 0);
    assert!(since.elapsed() < Duration::from_secs(5), "it waited for the statement to time out");
    let asleep = "SELECT 1 FROM pg_stat_activity
                   WHERE datname = current_database() AND query = 'SELECT pg_sleep(30)'";
    while !db::query(&client, "test.asleep", asleep, &[]).await.unwrap().is_empty() {
        assert!(since.elapsed() < Duration::from_secs(5), "the statement goes on");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    server.stop().await;
}

#[tokio::test]
async fn migration_that_waits_for_a_lock_lets_others_by() {
    let test = testing::database("kit_test", runner()).await;
    let client = test.pool.get().await.unwrap();
    let mut reader = test.pool.get().await.unwrap();
    let reading = reader.transaction().await.unwrap();
    db::query(&reading, "things.list", "SELECT 1 FROM things", &[]).await.unwrap();

    let mut migrations = runner().get_migrations().clone();
    let note = "ALTER TABLE things ADD COLUMN note text NOT NULL DEFAULT '';";
    migrations.push(Migration::unapplied("V3__note_things.sql", note).unwrap());
    let (config, runner) = (test.config.clone(), Runner::new(&migrations));
    let migrating = tokio::spawn(async move { db::migrate(&config, "kit_test", runner).await });
    let waits = "SELECT 1 FROM pg_stat_activity
                  WHERE datname = current_database() AND application_name = 'migrate'
                    AND wait_event_type = 'Lock'";
    while db::query(&client, "test.waits", waits, &[]).await.unwrap().is_empty() {
        assert!(!migrating.is_finished(), "it does not wait");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    // It stands behind the waiting change, which makes way before this gives up.
    db::query(&client, "things.list", "SELECT 1 FROM things", &[]).await.unwrap();
    assert!(!migrating.is_finished(), "it tries again");
    reading.commit().await.unwrap();
    migrating.await.unwrap().unwrap();
    db::query(&client, "things.notes", "SELECT note FROM things", &[]).await.unwrap();
}
