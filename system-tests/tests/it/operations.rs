//! What an operator's tools rely on: secrets that are made, and programs that say how they are.

use std::{
    collections::BTreeSet, fs, os::unix::fs::PermissionsExt as _, path::Path, process::Command,
};

use launcher::{Service, process::Signal};
use system_tests::Installation;

#[test]
fn init_env_makes_secrets_once_and_for_its_owner_alone() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("env");
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("../deploy/init-env");
    let run = |arguments: &[&str]| {
        let mut command = Command::new(&script);
        command.args(arguments).arg("--output").arg(&file).output().unwrap().status.success()
    };
    assert!(run(&["--domain", "school.example", "--embedded", "--observability"]));
    assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
    let text = fs::read_to_string(&file).unwrap();
    let values: Vec<_> = text.lines().filter_map(|line| line.split_once('=')).collect();
    let value = |name: &str| values.iter().find(|pair| pair.0 == name).map(|pair| pair.1);
    assert_eq!(value("DOMAIN"), Some("school.example"));
    assert_eq!(value("PUBLIC_URL"), Some("https://school.example"));
    assert_eq!(value("COMPOSE_PROFILES"), Some("embedded,observability"));
    assert_eq!(value("COMPOSE_QDRANT_HOST"), Some(""));

    let secrets: Vec<_> = values
        .iter()
        .filter(|(name, _)| name.ends_with("PASSWORD") || name.ends_with("_KEY"))
        .filter(|(name, _)| !name.starts_with('#'))
        .map(|(_, secret)| *secret)
        .collect();
    assert_eq!(secrets.len(), 12, "{values:?}");
    let hexadecimal =
        |secret: &&str| secret.len() == 64 && u128::from_str_radix(&secret[..32], 16).is_ok();
    assert!(secrets.iter().all(hexadecimal), "{secrets:?}");
    assert_eq!(secrets.iter().collect::<BTreeSet<_>>().len(), 12, "no secret is used twice");

    assert!(!run(&[]), "secrets in use are never replaced");
    assert_eq!(fs::read_to_string(&file).unwrap(), text);
}

/// Makes a program of a few words, for a test to see how it is called.
fn stub(program: &Path, script: &str) {
    fs::create_dir_all(program.parent().unwrap()).unwrap();
    fs::write(program, format!("#!/bin/sh\n{script}\n")).unwrap();
    fs::set_permissions(program, fs::Permissions::from_mode(0o755)).unwrap();
}

/// The lines for cron run with the little that cron gives them, and what they say is kept.
#[test]
fn lines_for_cron_run_and_leave_a_log() {
    for (name, home, program, said) in [
        ("cron", "/opt/ai-english", "scripts/backup/backup", "backup\n"),
        (
            "cron.docker",
            "/srv/ai-english",
            "deploy/compose/compose",
            "compose run --rm -T backup\n",
        ),
    ] {
        let folder = tempfile::tempdir().unwrap();
        let [there, logs] = ["home", "log"].map(|part| folder.path().join(part));
        fs::create_dir(&logs).unwrap();
        stub(&there.join(program), "echo \"${0##*/}\" \"$@\"");
        let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../deploy/backup").join(name);
        let text = fs::read_to_string(file).unwrap();
        let text = text.replace(home, there.to_str().unwrap());
        let text = text.replace("/var/log", logs.to_str().unwrap());
        let mut cron = Command::new("sh");
        cron.env_clear().env("PATH", "/usr/bin:/bin").current_dir("/");
        let mut lines = 0;
        for line in text.lines().filter(|line| !line.starts_with('#')) {
            if line.starts_with(|c: char| c.is_ascii_digit()) {
                let command = line.splitn(7, ' ').nth(6).unwrap();
                assert!(!command.contains('%'), "cron ends a command there");
                assert!(cron.args(["-c", command]).status().unwrap().success(), "{command}");
                lines += 1;
            } else {
                let (variable, value) = line.split_once('=').unwrap();
                cron.env(variable, value);
            }
        }
        assert_eq!(lines, 1, "{name}");
        assert_eq!(fs::read_to_string(logs.join("ai-english-backup.log")).unwrap(), said);
    }
}

#[test]
fn firewall_that_opens_ssh_to_a_network_closes_it_to_all_others() {
    let folder = tempfile::tempdir().unwrap();
    let log = folder.path().join("log");
    stub(&folder.path().join("bin/ufw"), &format!("echo \"$*\" >>'{}'", log.display()));
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("../deploy/security/ufw");
    let path =
        format!("{}:{}", folder.path().join("bin").display(), std::env::var("PATH").unwrap());
    let mut ufw = Command::new(script);
    ufw.args(["--ssh-port", "22", "--ssh-from", "192.168.1.0/24"]).env("PATH", path);
    let output = ufw.output().unwrap();
    assert!(output.status.success(), "{output:?}");
    let log = fs::read_to_string(log).unwrap();
    let at = |rule: &str| log.lines().position(|line| line.starts_with(rule));
    let open = at("limit from 192.168.1.0/24 to any port 22 proto tcp").unwrap();
    for rule in
        ["limit 22/tcp", "allow 22/tcp", "allow 22", "limit ssh", "allow ssh", "allow OpenSSH"]
    {
        let closed = at(&format!("delete {rule}"));
        assert!(closed.is_some_and(|closed| closed > open), "{rule} in {log}");
    }
}

#[test]
fn ssh_is_narrowed_to_keys_or_stays_as_it_was() {
    let folder = tempfile::tempdir().unwrap();
    let at = |path: &str| folder.path().join(path);
    let here = folder.path().display();
    let file = at("etc/sshd_config.d/10-ai-english.conf");
    fs::create_dir_all(file.parent().unwrap()).unwrap();
    fs::create_dir_all(at("home/admin/.ssh")).unwrap();
    // What belongs to the machine: accounts, sshd as far as it reads its folder, and systemd.
    stub(
        &at("bin/getent"),
        &format!(
            "case $2 in admin|root) echo $2:x:1:1::{here}/home/admin:/bin/sh ;; *) exit 2 ;; esac"
        ),
    );
    stub(
        &at("bin/sshd"),
        &format!(
            "[ $1 = -T ] || exec test ! -e {here}/broken\ncat {here}/etc/sshd_config.d/*.conf | awk '\
             tolower($1) == \"allowusers\" {{ for (n = 2; n <= NF; n++) print \"allowusers\", $n; next }} \
             {{ print tolower($1), $2 }}'"
        ),
    );
    stub(&at("bin/systemctl"), &format!("echo $* >>{here}/reloads"));
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("../deploy/security");
    let script = fs::read_to_string(source.join("sshd")).unwrap();
    fs::create_dir(at("security")).unwrap();
    stub(&at("security/sshd"), "");
    let etc = at("etc");
    fs::write(at("security/sshd"), script.replace("/etc/ssh", etc.to_str().unwrap())).unwrap();
    fs::copy(source.join("sshd.conf"), at("security/sshd.conf")).unwrap();
    let path = format!("{}:{}", at("bin").display(), std::env::var("PATH").unwrap());
    let run = |who: &[&str]| {
        let output = Command::new(at("security/sshd")).args(who).env("PATH", &path).output();
        let output = output.unwrap();
        (output.status.code(), String::from_utf8(output.stderr).unwrap())
    };
    let unchanged = |who: &[&str], reason: &str| {
        let before = fs::read(&file).ok();
        let reloads = fs::read(at("reloads")).ok();
        let (status, said) = run(who);
        assert!(status == Some(1) && said.contains(reason), "{who:?}: {status:?} {said}");
        assert_eq!(fs::read(&file).ok(), before, "{reason}");
        assert_eq!(fs::read(at("reloads")).ok(), reloads, "{reason}");
        let files = fs::read_dir(file.parent().unwrap()).unwrap().flatten();
        let left: Vec<_> = files.map(|entry| entry.file_name()).collect();
        assert!(!left.iter().any(|name| name.to_string_lossy().ends_with(".old")), "{left:?}");
    };

    let who = "admin@192.168.1.0/24";
    unchanged(&["nobody"], "there is no account nobody");
    unchanged(&[who], "no key");
    let keys = at("home/admin/.ssh/authorized_keys");
    fs::write(&keys, "# ssh-ed25519 AAAA of before\n").unwrap();
    unchanged(&[who], "no key");
    fs::write(&keys, "ssh-ed25519 AAAA admin\n").unwrap();
    unchanged(&["root"], "no key");

    for is_first in [true, false] {
        fs::write(at("broken"), "").unwrap();
        unchanged(&[who], "does not accept");
        fs::remove_file(at("broken")).unwrap();
        let other = at("etc/sshd_config.d/50-other.conf");
        fs::write(&other, "AllowUsers somebody\n").unwrap();
        unchanged(&[who], "allowusers somebody");
        fs::remove_file(other).unwrap();
        assert_eq!(file.exists(), !is_first);
        if is_first {
            assert_eq!(run(&[who]).0, Some(0));
        }
    }
    let written = fs::read_to_string(&file).unwrap();
    let settings = fs::read_to_string(source.join("sshd.conf")).unwrap();
    assert_eq!(written, format!("{settings}AllowUsers {who}\n"));
    assert_eq!(fs::read_to_string(at("reloads")).unwrap(), "reload ssh\n");
}

#[tokio::test(flavor = "multi_thread")]
async fn every_program_tells_whether_it_is_ready() {
    let mut installation = Installation::start().await.unwrap();
    for service in Service::ALL {
        // Asks to open log files again, which these have not: no reason to end.
        installation.system.signal(service, Signal::HUP);
        installation.system.command(service, &["--healthcheck"]).unwrap();
    }
    installation.system.postgres.stop().unwrap();
    installation.system.command(Service::Learning, &["--healthcheck"]).unwrap_err();
    installation.system.postgres.resume().await.unwrap();
    for service in Service::ALL {
        installation.system.kill(service).unwrap();
        installation.system.command(service, &["--healthcheck"]).unwrap_err();
    }
}
