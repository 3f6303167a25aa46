//! A backup of an installed machine comes back, onto disks of its own where the manual has them mounted.

use std::net::TcpListener;

use reqwest::Method;
use system_tests::{Api, Machine, ObjectStore, compose::bridge, machine::CHECKOUT};

use crate::{manual, support::text, works};

/// Larger disks, empty but for what their file systems keep there.
const DISKS: &str = "set -e
systemctl stop ai-english.target
mkdir /srv/vectors
mount -t tmpfs disk /opt/ai-english/exports
mount --bind /srv/vectors /opt/ai-english/vectors
cd /opt/ai-english
mount --bind backups backups
mkdir exports/lost+found vectors/lost+found";
const RESTORE: &str = r#"set -e
cd /
setpriv --reuid=postgres --clear-groups psql -Xqd ai_english -c 'DROP SCHEMA learning CASCADE' 2>/dev/null
backup=$(ls -d /opt/ai-english/backups/full_* | tail -n 1)
/opt/ai-english/scripts/backup/restore --yes "${backup##*/}" 2>&1
systemctl start ai-english.target"#;
/// The disks are still where they were mounted, and hold what was restored and nothing else of ours.
const LEFT: &str = "set -e
cd /opt/ai-english
for folder in exports vectors; do
  mountpoint -q $folder
  rmdir $folder/lost+found
  test ! -e $folder/.restoring -a ! -e $folder/.replaced
  stat -c '%n %a %U' $folder
done
stat -c '%n %U' exports/tasks";
/// Where disks are mounted whose room is looked at.
const WATCHED: &str = r#"{ /opt/ai-english/scripts/diagnose --no-models --json || true; } |
  jq -r '.facts[] | select(.section == "disk") | .name'"#;

/// Backs up, and prints the name.
const BACK_UP: &str = "systemctl start ai-english-backup.service
basename \"$(ls -d /opt/ai-english/backups/full_* | tail -n 1)\"";

/// Encrypted, by way of a store of objects, with the manual's own commands.
pub async fn come_into_an_empty_machine(machine: &Machine, image: &str) {
    let store = ObjectStore::on(TcpListener::bind((bridge().unwrap(), 0)).unwrap()).await;
    let settings = store.settings("BACKUP_S3").map(|(name, value)| format!("{name}={value}\n"));
    let settings = settings.concat();
    let identity = machine.run("age-keygen 2>/dev/null").unwrap();
    let key = identity.lines().find_map(|line| line.strip_prefix("# public key: ")).unwrap();
    let recipients = format!("BACKUP_AGE_RECIPIENTS={key}");
    let write = "cat >>/opt/ai-english/.env <<'END'";
    machine.run(&format!("{write}\n{settings}{recipients}\nEND")).unwrap();
    let name = machine.run(BACK_UP).unwrap();

    let empty = Machine::boot(image).unwrap();
    let key = format!("cat >{CHECKOUT}/age-key.txt <<'END'\n{identity}END");
    // Who edits the settings also lays the certificates where they are looked for.
    let tls = machine.run("tar -C / -cz etc/ai-english | base64 -w 0").unwrap();
    let tls = format!("echo {tls} | base64 -d | tar -C / -xz");
    let vi = format!(
        "cat >/usr/local/bin/vi <<'EOF'\n#!/bin/sh\ncat >>\"$1\" <<'END'\n{settings}END\n{tls}\nEOF"
    );
    empty.run(&format!("umask 022\n{key}\n{vi}\nchmod 755 /usr/local/bin/vi")).unwrap();
    let manual = manual::read();
    let blocks = manual.commands_for("empty");
    let block = blocks.iter().find(|commands| commands.block.text.contains("make install"));
    empty.perform(block.unwrap(), |text| format!("NAME={}\n{text}", name.trim())).unwrap();
    works(&empty).await;
}

pub async fn are_restored(machine: &Machine) {
    let teacher = works(machine).await;
    let tasks = teacher.all("/exports/tasks?status=completed").await.unwrap();
    let file = format!("/exports/tasks/{}/file", text(&tasks[0], "id").unwrap());
    let book = download(&teacher, &file).await;
    let mistakes = teacher.all("/mistakes").await.unwrap();
    let similar = format!("/mistakes/{}/similar", text(&mistakes[0], "id").unwrap());
    machine.run("systemctl start ai-english-backup.service").unwrap();

    machine.run(DISKS).unwrap();
    machine.run(&format!("cd {CHECKOUT} && {}", manual::update())).unwrap();
    let said = machine.run(RESTORE).unwrap();
    assert!(said.contains("done; now start the services"), "{said}");

    let teacher = works(machine).await;
    assert_eq!(teacher.all("/mistakes").await.unwrap().len(), mistakes.len());
    assert_eq!(download(&teacher, &file).await, book, "the printed book is there again");
    let alike = teacher.get(&similar).await.unwrap().expect().unwrap();
    assert!(!alike["items"].as_array().unwrap().is_empty(), "vectors are there again");
    let left = "exports 700 ai-english-export-svc\nvectors 700 ai-english-ai-svc\n\
         exports/tasks ai-english-export-svc\n";
    assert_eq!(machine.run(LEFT).unwrap(), left);
    let watched = machine.run(WATCHED).unwrap();
    for disk in ["exports", "vectors", "backups"] {
        let mounted = format!("/opt/ai-english/{disk}");
        assert!(watched.lines().any(|line| line == mounted), "{disk} is not in {watched}");
    }
}

async fn download(teacher: &Api, file: &str) -> Vec<u8> {
    let file = teacher.send(teacher.request(Method::GET, file)).await.unwrap();
    assert!(file.status.is_success(), "{}", file.status);
    file.body
}
