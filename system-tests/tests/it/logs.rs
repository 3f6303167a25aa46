//! Log files that logrotate and the services rotate at the same time, under load.

use std::{
    fs,
    os::unix::fs::PermissionsExt as _,
    path::{Path, PathBuf},
    process::Command,
    time::{Duration, Instant},
};

use launcher::{Service, process::Signal};
use serde_json::Value;
use system_tests::Installation;
use tokio::task::JoinSet;

/// Rotations by logrotate while requests come in.
const ROTATIONS: usize = 4;

#[tokio::test(flavor = "multi_thread")]
async fn no_line_is_lost_between_logrotate_and_the_services() {
    let folder = tempfile::tempdir().unwrap();
    let logs = folder.path().join("logs/all");
    fs::create_dir_all(&logs).unwrap();
    fs::set_permissions(&logs, fs::Permissions::from_mode(0o755)).unwrap();
    let variables = [
        ("LOG_DIR", logs.to_str().unwrap()),
        ("LOG_FORMAT", "json"),
        ("LOG_MAX_SIZE", "40KB"),
        ("LOG_BACKUP_COUNT", "1000"),
        ("RATE_LIMIT_ADDRESS", "1000000/minute"),
    ];
    let mut installation = Installation::with(&variables).await.unwrap();
    for service in Service::ALL {
        reopens(&installation, service, &logs);
    }

    let configuration = configuration(folder.path(), &installation);
    let mut load = JoinSet::new();
    for _ in 0..4 {
        let visitor = installation.visitor().unwrap();
        load.spawn(async move {
            loop {
                visitor.get("/auth/registration-policy").await.unwrap().expect().unwrap();
            }
        });
    }
    for _ in 0..ROTATIONS {
        // Names carry the second.
        tokio::time::sleep(Duration::from_millis(1_100)).await;
        rotate(&configuration, &folder.path().join("state"));
    }
    load.shutdown().await;
    installation.system.stop().unwrap();

    let names: Vec<_> = files(&logs).iter().map(|path| name(path).to_owned()).collect();
    let by_day = names.iter().filter(|name| name.starts_with("app.log-20")).count();
    // Now and then a service was faster, and left nothing to rotate.
    assert!(by_day > 1, "{names:?}");
    assert!(names.iter().any(|name| name == "app.log.1"), "none by its size: {names:?}");
    let compressed = files(&logs).iter().filter(|path| ends_with(path, "gz")).count();
    assert_eq!(compressed, by_day - 1, "all but the last, which may still be written to");

    // Both places get every line: standard output, which nobody rotates, and the files.
    let output = installation.scratch().unwrap().with_file_name("logs");
    let [printed, written] = [lines(&output), lines(&logs)];
    assert!(printed.len() > 500, "{} lines", printed.len());
    assert_eq!(printed, written);
    for service in Service::ALL {
        let complaint = "others on this machine may read or write this folder";
        let log = output.join(format!("{}.log", service.binary()));
        let log = fs::read_to_string(log).unwrap();
        assert!(log.contains(complaint), "{} says nothing", service.binary());
    }
}

/// Moves the file away and checks that `service` lets go of it when it is told to.
fn reopens(installation: &Installation, service: Service, logs: &Path) {
    let moved = logs.join(format!("app.log-{}", service.binary()));
    fs::rename(logs.join("app.log"), &moved).unwrap();
    let process = installation.system.process_id(service).unwrap();
    let holds = |path: &Path| {
        let open = fs::read_dir(format!("/proc/{process}/fd")).unwrap();
        open.filter_map(|entry| fs::read_link(entry.ok()?.path()).ok()).any(|file| file == path)
    };
    installation.system.signal(service, Signal::HUP);
    let limit = Instant::now() + Duration::from_secs(5);
    while holds(&moved) || !holds(&logs.join("app.log")) {
        assert!(Instant::now() < limit, "{} did not open its log again", service.binary());
        std::thread::sleep(Duration::from_millis(10));
    }
}

/// Rotates by logrotate, which gives up when a service moves the file at the very same moment, and comes again.
fn rotate(configuration: &Path, state: &Path) {
    let mut logrotate = Command::new("/usr/sbin/logrotate");
    logrotate.arg("--force").arg("--state").arg(state).arg(configuration);
    let rotated = (0..3).any(|_| {
        let output = logrotate.output().unwrap();
        let said = String::from_utf8(output.stderr).unwrap();
        assert!(output.status.success() || said.contains("failed to rename"), "{said}");
        output.status.success()
    });
    assert!(rotated, "a service was faster three times");
}

/// Writes the configuration as it is installed, for these folders and without systemd.
fn configuration(folder: &Path, installation: &Installation) -> PathBuf {
    let text = include_str!("../../../deploy/logrotate/ai-english");
    let ids: Vec<_> = Service::ALL
        .into_iter()
        .filter_map(|service| installation.system.process_id(service))
        .map(|id| id.to_string())
        .collect();
    let own = |flag: &str| {
        let output = Command::new("id").arg(flag).output().unwrap();
        String::from_utf8(output.stdout).unwrap().trim().to_owned()
    };
    let text = text
        .replace("/opt/ai-english", folder.to_str().unwrap())
        .replace("@SERVICE@", "all")
        .replace("@USER@ ai-english", &format!("{} {}", own("-un"), own("-gn")))
        .replace("systemctl reload @UNIT@ || true", &format!("kill -HUP {}", ids.join(" ")));
    assert!(!text.contains('@'), "{text}");
    let file = folder.join("logrotate.conf");
    fs::write(&file, text).unwrap();
    fs::set_permissions(&file, fs::Permissions::from_mode(0o600)).unwrap();
    file
}

/// Returns what tells the lines of all log files in `folder` apart, in order.
fn lines(folder: &Path) -> Vec<String> {
    let mut lines = Vec::new();
    for path in files(folder).into_iter().filter(|path| !ends_with(path, "lock")) {
        let output = Command::new("zcat").arg("-f").arg(&path).output().unwrap();
        let text = String::from_utf8(output.stdout).unwrap();
        for line in text.lines().filter(|line| line.starts_with('{')) {
            let line: Value = serde_json::from_str(line).unwrap();
            lines.push(format!("{} {}", line["message"], line["request_id"]));
        }
    }
    lines.sort();
    lines
}

fn files(folder: &Path) -> Vec<PathBuf> {
    fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect()
}

fn name(path: &Path) -> &str {
    path.file_name().unwrap().to_str().unwrap()
}

fn ends_with(path: &Path, extension: &str) -> bool {
    path.extension().is_some_and(|own| own == extension)
}
