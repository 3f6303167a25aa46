//! The settings that `deploy/postgres` and `deploy/redis` make: the real servers take them and say what they are.

use std::{
    fs,
    os::unix::fs::PermissionsExt as _,
    path::{Path, PathBuf},
    process::Command,
    time::{Duration, Instant},
};

use launcher::{
    Environment, Ports,
    postgres::Postgres,
    process::{Process, Program},
};
use system_tests::Installation;
use tokio_postgres::Client;

fn script(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../deploy").join(name)
}

fn tune(store: &str, memory: &str) -> String {
    let output = Command::new(script(store).join("tune")).arg(memory).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn what_is_no_number_makes_no_settings() {
    for (store, name, value) in [
        ("postgres", "DB_POOL_SIZE", "ten"),
        ("postgres", "POSTGRES_MAX_CONNECTIONS", "\"200\""),
        ("redis", "REDIS_MAXMEMORY", "much"),
    ] {
        let output = Command::new(script(store).join("tune")).env(name, value).output().unwrap();
        let complaint = String::from_utf8_lossy(&output.stderr);
        assert_eq!((output.status.code(), output.stdout.len()), (Some(2), 0), "{name}: {output:?}");
        assert!(complaint.contains(name) && complaint.contains(value), "{complaint}");
    }
}

#[tokio::test]
async fn postgres_takes_settings_for_every_size_of_machine() {
    let folder = tempfile::tempdir().unwrap();
    fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o711)).unwrap();
    let file = folder.path().join("postgresql.conf");
    let setting = format!("config_file={}", file.display());
    for (memory, megabytes, shared, work) in [
        ("2GB", 2_048, "512MB", "3MB"),
        ("8GB", 8_192, "2GB", "15MB"),
        ("32GB", 32_768, "8GB", "61MB"),
    ] {
        fs::write(&file, tune("postgres", memory)).unwrap();
        let port = Ports::free().unwrap().postgres;
        let mut postgres =
            Postgres::start(folder.path(), port, "secret", &[&setting]).await.unwrap();
        let client = postgres.connect("postgres").await.unwrap();
        let show = async |name: &str| show(&client, name).await;
        assert_eq!(show("shared_buffers").await, shared, "a quarter of {memory}");
        assert_eq!(show("work_mem").await, work);
        assert_eq!(show("max_connections").await, "200");
        for (name, value) in [
            ("checkpoint_completion_target", "0.9"),
            ("random_page_cost", "1.1"),
            ("effective_io_concurrency", "200"),
            ("default_statistics_target", "100"),
            ("autovacuum", "on"),
            ("autovacuum_naptime", "30s"),
            ("autovacuum_vacuum_cost_delay", "5ms"),
            ("password_encryption", "scram-sha-256"),
        ] {
            assert_eq!(show(name).await, value, "{name}");
        }
        let sizes = "SELECT name, pg_size_bytes(current_setting(name)) >> 20 FROM unnest(ARRAY[
            'shared_buffers', 'effective_cache_size', 'work_mem', 'maintenance_work_mem', 'wal_buffers']) name";
        let sizes = client.query(sizes, &[]).await.unwrap();
        let size =
            |name| sizes.iter().find(|row| row.get::<_, &str>(0) == name).unwrap().get::<_, i64>(1);
        assert_eq!(size("effective_cache_size"), megabytes / 2);
        let workers: i64 = show("autovacuum_max_workers").await.parse().unwrap();
        let most = size("shared_buffers")
            + 200 * size("work_mem")
            + workers * size("maintenance_work_mem");
        assert!(most < megabytes, "all at once take {most} MB of {memory}");
        keeps_people_out_of_its_log(&client, &folder.path().join("postgres.log")).await;
        postgres.stop().unwrap();
    }
}

async fn show(client: &Client, name: &str) -> String {
    client.query_one(&format!("SHOW {name}"), &[]).await.unwrap().get(0)
}

/// Slow statements and refused values are logged without what they were about.
async fn keeps_people_out_of_its_log(client: &Client, log: &Path) {
    client.batch_execute("CREATE TEMPORARY TABLE people (name text UNIQUE)").await.unwrap();
    let slow = "SELECT $1::text, pg_sleep(1.1)";
    client.query(slow, &[&"王小明"]).await.unwrap();
    let add = "INSERT INTO people VALUES ($1)";
    client.execute(add, &[&"王小明"]).await.unwrap();
    client.execute(add, &[&"王小明"]).await.unwrap_err();
    let log = fs::read_to_string(log).unwrap();
    assert!(log.contains(slow) && log.contains("people_name_key"), "{log}");
    assert!(!log.contains("王小明"), "{log}");
}

#[test]
fn redis_takes_settings_for_every_size_of_machine() {
    for (memory, bytes) in [("2GB", "67108864"), ("8GB", "268435456"), ("32GB", "1073741824")] {
        let redis = Redis::start(&tune("redis", memory));
        assert_eq!(redis.setting("maxmemory"), bytes, "{memory}");
        for (name, value) in [
            ("maxmemory-policy", "allkeys-lru"),
            ("save", "900 1 300 10 60 10000"),
            ("appendonly", "yes"),
            ("appendfsync", "everysec"),
            ("timeout", "300"),
            ("tcp-keepalive", "300"),
        ] {
            assert_eq!(redis.setting(name), value, "{name}");
        }
    }
}

/// A server that `deploy/redis/start` started.
struct Redis {
    process: Process,
    port: u16,
    _folder: tempfile::TempDir,
}

impl Redis {
    fn start(maxmemory: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let port = Ports::free().unwrap().redis;
        let mut environment = Environment::default();
        environment.set("REDIS_PASSWORD", "secret");
        environment.set("REDIS_MAXMEMORY", maxmemory.trim().strip_prefix("maxmemory ").unwrap());
        environment.set("REDIS_DIR", folder.path().display());
        environment.set("REDIS_BIND", "127.0.0.1");
        environment.set("REDIS_PORT", port);
        let process = Process::start(Program {
            name: "Redis",
            path: &script("redis/start"),
            arguments: Vec::new(),
            environment: environment.pairs(),
            user: None,
            log: &folder.path().join("redis.log"),
        });
        let mut redis = Self { process: process.unwrap(), port, _folder: folder };
        let deadline = Instant::now() + Duration::from_secs(10);
        while redis.ask(&["PING"]) != "PONG" {
            assert!(redis.process.ended().unwrap().is_none(), "{}", redis.process.last_words());
            assert!(Instant::now() < deadline, "Redis does not answer");
            std::thread::sleep(Duration::from_millis(50));
        }
        redis
    }

    fn setting(&self, name: &str) -> String {
        let answer = self.ask(&["CONFIG", "GET", name]);
        answer.lines().nth(1).unwrap_or_default().to_owned()
    }

    fn ask(&self, command: &[&str]) -> String {
        let output = Command::new("redis-cli")
            .args(["-h", "127.0.0.1", "-p", &self.port.to_string()])
            .args(command)
            .env("REDISCLI_AUTH", "secret")
            .output()
            .unwrap();
        String::from_utf8_lossy(&output.stdout).trim().to_owned()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_column_that_names_a_pupil_is_indexed() {
    let installation = Installation::start().await.unwrap();
    let client = installation.system.postgres.connect(launcher::postgres::DATABASE).await.unwrap();
    let leading = "
        SELECT c.oid::regclass::text, a.attname::text,
               EXISTS (SELECT FROM pg_index i WHERE i.indrelid = c.oid AND i.indkey[0] = a.attnum)
          FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
         WHERE c.relnamespace = 'learning'::regnamespace AND c.relkind IN ('r', 'p')
           AND (a.attname = 'student_id' OR c.relname = 'students' AND a.attname = 'user_id')";
    let columns = client.query(leading, &[]).await.unwrap();
    assert!(columns.len() >= 4, "{columns:?}");
    for column in columns {
        let (table, name): (&str, &str) = (column.get(0), column.get(1));
        assert!(column.get::<_, bool>(2), "no index begins with {table}.{name}");
    }
    let active = "SELECT count(*) FROM pg_indexes WHERE schemaname = 'learning'
         AND tablename = 'class_students' AND indexdef LIKE '%(class_id%WHERE%'";
    assert!(
        client.query_one(active, &[]).await.unwrap().get::<_, i64>(0) > 0,
        "pupils of a class now"
    );
}
