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
    let made = Command::new(script).arg(&certificates).arg("school.example").output().unwrap();
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
    let other = told("other.example", "1000");
    assert!(other.evidence("CERTIFICATE_NAME").starts_with("other.example is not among"));
    assert!(other.evidence("CERTIFICATE_EXPIRES").starts_with("nginx: "));
}
