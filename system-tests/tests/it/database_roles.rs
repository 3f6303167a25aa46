//! Who may do what in the database: `deploy/postgres/roles.sql`, tried on every table of a running system.

use std::process::Command;

use launcher::{Service, postgres::DATABASE};
use system_tests::Installation;
use tokio_postgres::{Client, NoTls, error::SqlState};

const MONITOR: &str = "ai_english_monitor";
const BACKUP: &str = "ai_english_backup";

#[tokio::test(flavor = "multi_thread")]
async fn every_role_reaches_its_own_and_nothing_else() {
    let installation = Installation::start().await.unwrap();
    let postgres = &installation.system.postgres;
    let superuser = postgres.connect(DATABASE).await.unwrap();
    let tables = tables(&superuser).await;
    for service in Service::ALL {
        let Some(schema) = service.schema() else { continue };
        let role = format!("{schema}_svc");
        let client = connect(&postgres.url(&role, DATABASE)).await.unwrap();
        for (owner, table) in &tables {
            let read = client.batch_execute(&format!("SELECT FROM {owner}.{table} LIMIT 1")).await;
            if owner == schema {
                read.unwrap();
            } else {
                assert_eq!(refused(read.unwrap_err()), SqlState::INSUFFICIENT_PRIVILEGE);
                let rights = rights_on_table(&superuser, &role, owner, table).await;
                assert_eq!(rights, Vec::<String>::new(), "{role} on {owner}.{table}");
            }
        }
        for statement in [
            "CREATE TABLE public.mine ()",
            "CREATE SCHEMA mine",
            "CREATE TEMPORARY TABLE mine ()",
            "CREATE ROLE mine",
            "CREATE DATABASE mine",
            "COPY (SELECT 1) TO PROGRAM 'cat'",
            "SELECT pg_read_file('PG_VERSION')",
            "ALTER SYSTEM SET fsync = off",
            "SET ROLE postgres",
        ] {
            let error = client.batch_execute(statement).await.expect_err(statement);
            assert_eq!(refused(error), SqlState::INSUFFICIENT_PRIVILEGE, "{role}: {statement}");
        }
    }
    for role in ["auth_svc", "learning_svc", "ai_svc", "export_svc", MONITOR, BACKUP] {
        for database in ["postgres", "template1"] {
            let error = connect(&postgres.url(role, database)).await.err().unwrap();
            assert_eq!(refused(error), SqlState::INSUFFICIENT_PRIVILEGE, "{role}: {database}");
        }
    }
    only_what_is_given(&superuser).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn monitoring_sees_no_row_and_backup_changes_none() {
    let installation = Installation::start().await.unwrap();
    let postgres = &installation.system.postgres;
    let superuser = postgres.connect(DATABASE).await.unwrap();
    let monitor = connect(&postgres.url(MONITOR, DATABASE)).await.unwrap();
    let backup = connect(&postgres.url(BACKUP, DATABASE)).await.unwrap();
    for (schema, table) in tables(&superuser).await {
        let rights = rights_on_table(&superuser, MONITOR, &schema, &table).await;
        assert_eq!(rights, Vec::<String>::new());
        assert_eq!(rights_on_table(&superuser, BACKUP, &schema, &table).await, ["SELECT"]);
        backup.batch_execute(&format!("SELECT FROM {schema}.{table} LIMIT 1")).await.unwrap();
    }
    let seen = "SELECT count(*) FROM pg_stat_activity WHERE usename = 'auth_svc' AND query <> ''
                  AND query NOT LIKE '<insufficient%'";
    let seen: i64 = monitor.query_one(seen, &[]).await.unwrap().get(0);
    assert!(seen > 0, "what the services do");
    let size = "SELECT pg_database_size(current_database())";
    assert!(monitor.query_one(size, &[]).await.unwrap().get::<_, i64>(0) > 0);
    backup.batch_execute("SET default_transaction_read_only = off").await.unwrap();
    let error = backup.batch_execute("DELETE FROM auth.users").await.unwrap_err();
    assert_eq!(refused(error), SqlState::INSUFFICIENT_PRIVILEGE);

    let dump = Command::new("pg_dump")
        .args(["--format=plain", "--dbname", &postgres.url(BACKUP, DATABASE)])
        .output()
        .unwrap();
    assert!(dump.status.success(), "{}", String::from_utf8_lossy(&dump.stderr));
    let dump = String::from_utf8(dump.stdout).unwrap();
    for table in ["auth.users", "learning.mistakes", "ai.model_calls", "export.tasks"] {
        assert!(dump.contains(&format!("COPY {table} (")), "{table}");
    }
}

/// Roles have no more powers and memberships than `roles.sql` gives; everybody has none at all.
async fn only_what_is_given(superuser: &Client) {
    let powers = "SELECT rolname FROM pg_roles WHERE rolname ~ '_svc$|^ai_english_'
         AND (rolsuper OR rolcreaterole OR rolcreatedb OR rolreplication OR rolbypassrls)";
    assert_eq!(names(superuser, powers).await, Vec::<String>::new());
    let memberships = "SELECT member::regrole || ' in ' || roleid::regrole FROM pg_auth_members
         WHERE member::regrole::text ~ '_svc$|^ai_english_' ORDER BY 1";
    assert_eq!(
        names(superuser, memberships).await,
        ["ai_english_backup in pg_read_all_data", "ai_english_monitor in pg_monitor"]
    );
    // Grantee 0 is PUBLIC.
    let everybody = "
        SELECT 'database ' || datname FROM pg_database, aclexplode(coalesce(datacl, acldefault('d', datdba)))
         WHERE grantee = 0 AND datallowconn
        UNION ALL
        SELECT 'schema ' || nspname FROM pg_namespace, aclexplode(coalesce(nspacl, acldefault('n', nspowner)))
         WHERE grantee = 0 AND nspname NOT IN ('pg_catalog', 'information_schema')
        UNION ALL
        SELECT 'table ' || c.oid::regclass FROM pg_class c, aclexplode(c.relacl)
         WHERE grantee = 0 AND relnamespace::regnamespace::text IN ('auth', 'learning', 'ai', 'export', 'public')";
    assert_eq!(names(superuser, everybody).await, Vec::<String>::new());
    let schemas = "
        SELECT r.rolname || ' uses ' || n.nspname FROM pg_roles r, pg_namespace n
         WHERE r.rolname ~ '_svc$|_monitor$' AND n.nspname IN ('auth', 'learning', 'ai', 'export', 'public')
           AND has_schema_privilege(r.oid, n.oid, 'USAGE, CREATE') ORDER BY 1";
    let own = [
        "ai_svc uses ai",
        "auth_svc uses auth",
        "export_svc uses export",
        "learning_svc uses learning",
    ];
    assert_eq!(names(superuser, schemas).await, own);
}

/// All tables of the services, as schema and name.
async fn tables(superuser: &Client) -> Vec<(String, String)> {
    let tables = "SELECT schemaname, tablename FROM pg_tables
         WHERE schemaname IN ('auth', 'learning', 'ai', 'export') ORDER BY 1, 2";
    let tables = superuser.query(tables, &[]).await.unwrap();
    assert!(tables.len() > 20, "{} tables", tables.len());
    tables.iter().map(|row| (row.get(0), row.get(1))).collect()
}

async fn rights_on_table(superuser: &Client, role: &str, schema: &str, table: &str) -> Vec<String> {
    let rights = format!(
        "SELECT r FROM unnest(ARRAY['SELECT', 'INSERT', 'UPDATE', 'DELETE', 'TRUNCATE', 'REFERENCES', 'TRIGGER']) r
          WHERE has_table_privilege('{role}', '{schema}.{table}', r)"
    );
    names(superuser, &rights).await
}

async fn names(client: &Client, query: &str) -> Vec<String> {
    client.query(query, &[]).await.unwrap().iter().map(|row| row.get(0)).collect()
}

async fn connect(url: &str) -> Result<Client, tokio_postgres::Error> {
    let (client, connection) = tokio_postgres::connect(url, NoTls).await?;
    tokio::spawn(connection);
    Ok(client)
}

fn refused(error: tokio_postgres::Error) -> SqlState {
    error.code().expect("the server's own error").clone()
}
