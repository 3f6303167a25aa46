//! The system on a Debian machine without Docker; `make install-test` runs it.
#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

mod backups;
mod certificates;
mod confinement;
#[path = "../it/main_job.rs"]
mod main_job;
mod manual;
mod several;
#[path = "../it/support.rs"]
mod support;

use std::{
    env,
    time::{Duration, Instant},
};

use launcher::Service;
use system_tests::{Api, Entrance as _, Machine, machine::CHECKOUT};

use crate::support::{PASSWORD, found};

/// Tests make more requests a minute than a school.
const SETTINGS: &str = "cat >>/opt/ai-english/.env <<'END'
REGISTRATION=open
RATE_LIMIT_API=100000/minute
RATE_LIMIT_BURST=100000
RATE_LIMIT_LOGIN=1000/minute
RATE_LIMIT_ADDRESS=100000/minute
NGINX_RATE_API=10000r/s
NGINX_RATE_SIGN_IN=1000r/s
REDIS_MAXMEMORY=128mb
RUST_LOG=info
END";

#[tokio::test(flavor = "multi_thread")]
async fn machine_is_installed_works_recovers_is_updated_and_cleared() {
    let image = env::var("TEST_MACHINE").expect("TEST_MACHINE; `make install-test` sets it");
    let machine = Machine::boot(&image).unwrap();
    let start = Instant::now();
    manual::install(&machine);
    machine.run(SETTINGS).unwrap();
    machine.run("systemctl restart ai-english.target").unwrap();
    eprintln!("installed and started in {:.1} s", start.elapsed().as_secs_f64());

    confinement::units_are_sound(&machine);
    confinement::processes_are_confined(&machine);
    confinement::only_nginx_is_reached(&machine);
    let school = main_job::main_job(&machine).await;
    let status = school.admin.get("/ai/status").await.unwrap().expect().unwrap();
    assert_eq!(status["embedding_dimension"], 384, "the model is found: {status}");
    eprintln!("main job done after {:.1} s", start.elapsed().as_secs_f64());

    tools_work(&machine);
    logs_are_rotated(&machine).await;
    manual::commands_work(&machine).await;
    crash(&machine).await;
    update(&machine).await;
    backups::are_restored(&machine).await;
    backups::come_into_an_empty_machine(&machine, &image).await;
    eprintln!("restored after {:.1} s", start.elapsed().as_secs_f64());
    certificates::are_renewed(&machine).await;
    machine.reboot().unwrap();
    works(&machine).await;
    eprintln!("started again with the machine after {:.1} s", start.elapsed().as_secs_f64());
    clear(&machine);
}

/// The teacher of the main job signs in and sees the class.
async fn works(machine: &Machine) -> Api {
    let limit = Instant::now() + Duration::from_mins(1);
    let teacher = loop {
        let visitor = machine.visitor().unwrap();
        match visitor.sign_in("main_teacher", PASSWORD).await {
            Ok(teacher) => break teacher,
            Err(error) => assert!(Instant::now() < limit, "{error:#}"),
        }
        tokio::time::sleep(Duration::from_millis(200)).await;
    };
    assert_eq!(teacher.all("/students").await.unwrap().len(), 45);
    teacher
}

/// What an operator is given finds its way about the installation.
fn tools_work(machine: &Machine) {
    let report = machine.run("/opt/ai-english/scripts/diagnose --no-models").unwrap();
    assert!(report.contains("learning-svc"), "{report}");
    assert!(!report.contains("SETTING_UNKNOWN"), "{report}");
    machine.run("systemctl is-active ai-english-backup.timer").unwrap();
    machine.run("systemctl start ai-english-backup.service").unwrap();
    let whole = machine.run("/opt/ai-english/scripts/backup/verify").unwrap();
    assert!(whole.contains(" whole "), "{whole}");
}

async fn logs_are_rotated(machine: &Machine) {
    machine.run("logrotate --force /etc/logrotate.d/ai-english").unwrap();
    found(machine, "rotated").await.unwrap();
    for service in ["gateway", "auth-svc", "learning-svc", "ai-svc", "export-svc", "nginx"] {
        let log = if service == "nginx" { "access.log" } else { "app.log" };
        let folder = format!("/opt/ai-english/logs/{service}");
        machine.run(&format!("test -s {folder}/{log}-2* && test -f {folder}/{log}")).unwrap();
    }
    let after = "grep -q classes /opt/ai-english/logs/gateway/app.log";
    machine.run(after).expect("the new file is written to");
}

async fn crash(machine: &Machine) {
    for service in Service::ALL.map(Service::binary) {
        let unit = format!("ai-english@{service}.service");
        let before = machine.property(&unit, "MainPID").unwrap();
        machine.run(&format!("kill -KILL {before}")).unwrap();
        let limit = Instant::now() + Duration::from_mins(1);
        while machine.property(&unit, "MainPID").unwrap() == before
            || !machine.is_active(&unit).unwrap()
        {
            assert!(Instant::now() < limit, "{unit} did not come back");
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
    }
    works(machine).await;
}

/// Installing again keeps settings and data, and restarts what runs with the new programs.
async fn update(machine: &Machine) {
    let state = "cd /opt/ai-english && stat -c '%a %U' .env && sha256sum .env exports/*/* exports/* 2>/dev/null";
    let before = machine.run(&format!("{state}; true")).unwrap();
    assert!(before.starts_with("600 root"), "{before}");
    let process = machine.property("ai-english@gateway.service", "MainPID").unwrap();
    machine.run("systemctl disable --now ai-english-backup.timer").unwrap();
    let said = machine.run(&format!("cd {CHECKOUT} && {}", manual::update())).unwrap();
    let timer = machine.run("systemctl is-enabled ai-english-backup.timer || true").unwrap();
    assert_eq!(timer.trim(), "disabled", "the operator's word stands");
    machine.run("systemctl enable --now ai-english-backup.timer").unwrap();
    assert!(said.ends_with("restarting with the new programs\n"), "{said}");
    assert_eq!(machine.run(&format!("{state}; true")).unwrap(), before);
    assert_ne!(machine.property("ai-english@gateway.service", "MainPID").unwrap(), process);
    works(machine).await;
}

/// Removing takes programs and units away, and leaves what belongs to the school.
fn clear(machine: &Machine) {
    machine.run(&format!("make -C {CHECKOUT} uninstall")).unwrap();
    for service in Service::ALL.map(Service::binary) {
        assert!(!machine.is_active(&format!("ai-english@{service}.service")).unwrap());
    }
    let left = machine.run("ls -A /opt/ai-english").unwrap();
    for kept in [".env", "exports", "vectors", "logs", "backups", "certificates"] {
        assert!(left.lines().any(|name| name == kept), "{kept} is not in {left}");
    }
    assert!(!left.contains("bin"), "{left}");
    let pupils = "cd / && setpriv --reuid=postgres --clear-groups psql -XAtd ai_english \
         -c 'SELECT count(*) > 40 FROM learning.students'";
    assert_eq!(machine.run(pupils).unwrap().trim(), "t");
}
