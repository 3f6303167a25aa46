//! PostgreSQL by TLS.

use std::{env, fs, path::Path, process::Command, time::Duration};

use kit::{
    config::{Common, DatabaseConfig, Env, Service},
    db,
    testing::{self, TestDb},
};
use tokio::time::Instant;

use crate::database::runner;

const SECRET: &str = "b3f1c8a7d2e94f60b3f1c8a7d2e94f60";

/// Makes a certificate for this machine in `folder`, which its owner can read.
fn certify(folder: &Path) {
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/../deploy/nginx/self-signed");
    let made = Command::new(script).arg(folder).output().unwrap();
    assert!(made.status.success(), "{made:?}");
}

/// Returns the address of the server with `query` at its end.
fn address(query: &str) -> String {
    env::var("TEST_DATABASE_URL").unwrap() + query
}

/// Reads the settings of `test`, whose server is at `url`.
fn settings(test: &TestDb, url: &str, ca: &Path) -> DatabaseConfig {
    let mut env = Env::from_pairs([
        ("JWT_SECRET_KEY", SECRET),
        ("DATABASE_URL", url),
        ("DATABASE_TLS_CA", ca.to_str().unwrap()),
    ]);
    let common = Common::read(&mut env, Service::named("auth-svc"));
    let mut config = env.finish_with(common).unwrap().database.unwrap();
    config.postgres.dbname(test.config.postgres.get_dbname().unwrap());
    DatabaseConfig { max_connections: 1, ..config }
}

#[tokio::test]
async fn tls_is_spoken_where_it_is_asked_for_and_the_server_checked() {
    let test = testing::database("kit_test", runner()).await;
    let plain = test.pool.get().await.unwrap();
    let ask = async |sql: &str| plain.query_one(sql, &[]).await.unwrap().get::<_, String>(0);
    let data = ask("SELECT current_setting('data_directory')").await;
    certify(Path::new(&data));
    let ca = env::temp_dir().join(format!("kit-ca-{}.pem", uuid::Uuid::now_v7()));
    fs::copy(Path::new(&data).join("fullchain.pem"), &ca).unwrap();
    for setting in ["ssl_cert_file = 'fullchain.pem'", "ssl_key_file = 'privkey.pem'", "ssl = on"] {
        plain.batch_execute(&format!("ALTER SYSTEM SET {setting}")).await.unwrap();
    }
    plain.batch_execute("SELECT pg_reload_conf()").await.unwrap();
    let limit = Instant::now() + Duration::from_secs(10);
    while ask("SELECT current_setting('ssl')").await != "on" {
        assert!(Instant::now() < limit, "PostgreSQL has not taken its certificate");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    let is_encrypted = "SELECT ssl::text FROM pg_stat_ssl WHERE pid = pg_backend_pid()";
    assert_eq!(ask(is_encrypted).await, "false");

    for mode in ["require", "verify-full"] {
        let config = settings(&test, &address(&format!("?sslmode={mode}")), &ca);
        db::migrate(&config, "kit_test", runner()).await.unwrap();
        let pool = db::connect(&config, "kit_test", "test").await.unwrap();
        let client = pool.get().await.unwrap();
        let row = client.query_one(is_encrypted, &[]).await.unwrap();
        assert_eq!(row.get::<_, String>(0), "true", "{mode}");
        // A statement that is given up ends, which takes a connection of its own.
        let sleep = db::query(&client, "test.sleep", "SELECT pg_sleep(31)", &[]);
        tokio::time::timeout(Duration::from_millis(200), sleep).await.unwrap_err();
        let asleep = "SELECT count(*)::text FROM pg_stat_activity
                       WHERE datname = current_database() AND query = 'SELECT pg_sleep(31)'
                         AND state = 'active'";
        let limit = Instant::now() + Duration::from_secs(5);
        while ask(asleep).await != "0" {
            assert!(Instant::now() < limit, "the statement goes on");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    // Another authority, another name.
    let other = env::temp_dir().join(format!("kit-ca-{}", uuid::Uuid::now_v7()));
    fs::create_dir(&other).unwrap();
    certify(&other);
    let stranger = settings(&test, &address("?sslmode=require"), &other.join("fullchain.pem"));
    let url = address("?sslmode=require&hostaddr=127.0.0.1");
    let elsewhere = settings(&test, &url.replace("@127.0.0.1", "@elsewhere.example"), &ca);
    for wrong in [stranger, elsewhere] {
        let pool = db::connect(&wrong, "kit_test", "test").await.unwrap();
        let told = format!("{:?}", pool.get().await.err().unwrap());
        assert!(told.contains("InvalidCertificate"), "{told}");
    }
    fs::remove_dir_all(other).unwrap();
    fs::remove_file(ca).unwrap();
}

#[test]
fn authority_without_tls_or_certificate_is_refused() {
    let empty = env::temp_dir().join(format!("kit-ca-{}.pem", uuid::Uuid::now_v7()));
    fs::write(&empty, "").unwrap();
    let read = |url: &str| {
        let mut env = Env::from_pairs([
            ("JWT_SECRET_KEY", SECRET),
            ("DATABASE_URL", url),
            ("DATABASE_TLS_CA", empty.to_str().unwrap()),
        ]);
        let common = Common::read(&mut env, Service::named("auth-svc"));
        env.finish_with(common).unwrap_err().to_string()
    };
    let plain = read("postgresql://someone@localhost/school");
    assert!(plain.contains("DATABASE_URL lacks sslmode=require"), "{plain}");
    let nobody = read("postgresql://someone@localhost/school?sslmode=require");
    assert!(nobody.contains("DATABASE_TLS_CA names no certificate"), "{nobody}");
    fs::remove_file(empty).unwrap();
}
