//! Problem 5 of the manual: documents. Also the disk and the certificates.

use std::{fs, path::Path, process::Command};

use launcher::Service;
use system_tests::Installation;

use super::{diagnose, folder, set};

#[tokio::test(flavor = "multi_thread")]
async fn missing_fonts_and_folders_that_take_nothing_are_told() {
    let mut installation = Installation::start().await.unwrap();
    let exports = folder(&installation).join("exports");
    fs::remove_dir_all(&exports).unwrap();
    fs::write(&exports, "a file stands in the way").unwrap();
    let found = diagnose(&installation, false, &[]);
    assert!(found.evidence("EXPORT_FOLDER").starts_with(&*exports.to_string_lossy()));
    fs::remove_file(&exports).unwrap();
    fs::create_dir(&exports).unwrap();

    installation.system.kill(Service::Export).unwrap();
    let empty = installation.scratch().unwrap().join("fonts");
    fs::create_dir(&empty).unwrap();
    set(&installation, "export-svc", "EXPORT_FONT_DIR", &empty.to_string_lossy());
    let found = diagnose(&installation, false, &[("DISK_LEAST_MB", "999999999")]);
    let evidence = found.evidence("FONTS_MISSING");
    assert!(
        evidence.contains("Noto Sans CJK SC") && evidence.contains("fonts-noto-cjk"),
        "{evidence}"
    );
    let next = &found.finding("FONTS_MISSING")["next"][0];
    assert_eq!(next, "apt-get install fonts-noto-cjk && fc-cache -f");
    assert_eq!(found.finding("PROCESS_AWAY")["parts"], serde_json::json!(["export-svc"]));
    assert!(found.evidence("DISK_LOW").ends_with("MB left"));
}

#[tokio::test(flavor = "multi_thread")]
async fn certificates_that_end_or_hold_for_another_name_are_told() {
    let installation = Installation::start().await.unwrap();
    let certificates = installation.scratch().unwrap().join("certificates");
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("../deploy/nginx/self-signed");
    let made = Command::new(script)
        .arg(&certificates)
        .args(["school.example", "192.0.2.1"])
        .output()
        .unwrap();
    assert!(made.status.success(), "{made:?}");
    let settings = installation.scratch().unwrap().join("env");
    let certificates = certificates.to_string_lossy().into_owned();
    let told = |domain: &str, least: &str| {
        fs::write(&settings, format!("DOMAIN={domain}\n")).unwrap();
        let variables = [
            ("NGINX_CERTIFICATES", certificates.as_str()),
            ("ENV_FILE", settings.to_str().unwrap()),
            ("CERTIFICATE_LEAST_DAYS", least),
        ];
        diagnose(&installation, false, &variables)
    };
    let well = told("school.example", "14");
    assert_eq!(well.status, Some(0), "{}", well.printed);
    assert!(well.fact("certificates", "nginx").contains("school.example"));
    let address = told("192.0.2.1", "14");
    assert_eq!(address.status, Some(0), "{}", address.printed);
    let other = told("192.0.2.2", "14");
    assert!(other.evidence("CERTIFICATE_NAME").starts_with("192.0.2.2 is not among"));
    let other = told("other.example", "1000");
    assert!(other.evidence("CERTIFICATE_NAME").starts_with("other.example is not among"));
    assert!(other.evidence("CERTIFICATE_EXPIRES").starts_with("nginx: "));
}

/// Work that waits for eleven minutes, a document that failed just now.
const STUCK: &str = "
    INSERT INTO learning.mistake_jobs (mistake_id, kind, student_id, user_id, role, organization_id,
                                       request_id, is_bulk, not_before)
    VALUES (gen_random_uuid(), 'analyse', gen_random_uuid(), gen_random_uuid(), 'student',
            gen_random_uuid(), 'test', FALSE, now() - interval '11 minutes');
    INSERT INTO export.tasks (id, user_id, user_role, organization_id, document, format, options,
                              title, status, total, error_code, not_before, created_at, finished_at)
    SELECT gen_random_uuid(), gen_random_uuid(), 'teacher', gen_random_uuid(), 'mistake_book', 'pdf',
           '{}', 'test', status, 1, code, past, past, finished
      FROM (VALUES ('queued', '', now() - interval '11 minutes', NULL),
                   ('failed', 'RENDER_FAILED', now() - interval '2 minutes', now())
           ) AS tasks (status, code, past, finished)";

#[tokio::test(flavor = "multi_thread")]
async fn work_that_nobody_does_is_told() {
    let mut installation = Installation::start().await.unwrap();
    installation.system.kill(Service::Learning).unwrap();
    installation.system.kill(Service::Export).unwrap();
    let database = installation.system.postgres.connect("ai_english").await.unwrap();
    database.batch_execute(STUCK).await.unwrap();
    let found = diagnose(&installation, false, &[]);
    let jobs = found.evidence("JOBS_STUCK");
    assert!(jobs.starts_with("analyse: 1 wait, oldest 11 min, 0 at work"), "{jobs}");
    assert_eq!(found.evidence("EXPORTS_STUCK"), "1 wait, oldest 11 min, 0 at work");
    assert_eq!(found.evidence("EXPORTS_FAIL"), "in the last hour: 1 RENDER_FAILED");
}
