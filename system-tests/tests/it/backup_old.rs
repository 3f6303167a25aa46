//! A backup of an earlier version is restored, and the services migrate it when they start.

use std::fmt::Write as _;

use launcher::Service;
use system_tests::{Backups, Installation};

/// Brings the schema of learning-svc back to what `last` made of it: its migrations are run anew up to there.
async fn go_back(installation: &Installation, last: i32) {
    let database = installation.system.postgres.connect("ai_english").await.unwrap();
    let history = "SELECT version::int4, name::text, applied_on::text, checksum::text
                     FROM learning.refinery_schema_history WHERE version::int4 <= $1 ORDER BY 1";
    let rows = database.query(history, &[&last]).await.unwrap();
    let create: String = database
        .query_one(
            "SELECT string_agg(format('%I %s', attname, format_type(atttypid, atttypmod)), ', ' ORDER BY attnum)
               FROM pg_attribute WHERE attrelid = 'learning.refinery_schema_history'::regclass AND attnum > 0",
            &[],
        )
        .await
        .unwrap()
        .get(0);
    let mut sql = format!(
        "DROP SCHEMA learning CASCADE; CREATE SCHEMA learning AUTHORIZATION learning_svc;
         SET ROLE learning_svc; SET search_path = learning;
         CREATE TABLE refinery_schema_history ({create}, PRIMARY KEY (version));"
    );
    let folder =
        std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../learning-svc/migrations");
    for row in rows {
        let (version, name): (i32, String) = (row.get(0), row.get(1));
        let (applied, checksum): (String, String) = (row.get(2), row.get(3));
        sql += &std::fs::read_to_string(folder.join(format!("V{version}__{name}.sql"))).unwrap();
        write!(
            sql,
            ";INSERT INTO refinery_schema_history (version, name, applied_on, checksum)
              VALUES ({version}, '{name}', '{applied}', '{checksum}');"
        )
        .unwrap();
    }
    database.batch_execute(&sql).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn backup_of_an_earlier_version_is_migrated() {
    let mut installation = Installation::stores().await.unwrap();
    go_back(&installation, 3).await;
    let database = installation.system.postgres.connect("ai_english").await.unwrap();
    database
        .batch_execute(
            "INSERT INTO learning.classes (id, organization_id, name, head_teacher_id, head_teacher_name,
                                           max_students, join_code, status, created_at, updated_at)
             VALUES (gen_random_uuid(), gen_random_uuid(), '高一（1）班', gen_random_uuid(), '王老师',
                     50, 'OLDCODE1', 'active', now(), now())",
        )
        .await
        .unwrap();
    let backups = Backups::of(&installation.system).unwrap();
    let name = backups.make().unwrap();
    assert_eq!(backups.manifest(&name).unwrap()["migrations"]["learning"], 3);

    installation.destroy().await.unwrap();
    let backups = Backups::of(&installation.system).unwrap();
    // The newer schema is there already, as when services started on the empty machine.
    for service in [Service::Auth, Service::Learning] {
        installation.system.command(service, &["--migrate-only"]).unwrap();
    }
    backups.succeed("restore", &["--yes", &name]).unwrap();
    installation.restart().await.unwrap();
    let database = installation.system.postgres.connect("ai_english").await.unwrap();
    let state = "SELECT (SELECT max(version)::int4 FROM learning.refinery_schema_history),
                        (SELECT count(*) FROM learning.classes WHERE name = '高一（1）班')";
    let row = database.query_one(state, &[]).await.unwrap();
    let newest = std::fs::read_dir(
        std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../learning-svc/migrations"),
    );
    let newest = i32::try_from(newest.unwrap().count()).unwrap();
    assert_eq!((row.get::<_, i32>(0), row.get::<_, i64>(1)), (newest, 1));
}
