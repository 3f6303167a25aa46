//! The manual's commands for containers, run as they are printed.

use std::{
    env, fs,
    net::TcpListener,
    os::unix::fs::{PermissionsExt as _, symlink},
    path::Path,
    process::Command,
    time::Duration,
};

use launcher::free_port;
use system_tests::{
    ObjectStore,
    compose::{bridge, sweep},
    manual::{Commands, Manual, Shell, check_out, repository},
};
use tempfile::TempDir;

/// `docker compose` where only docker-compose 1.29 is installed.
const EITHER: &str = "#!/bin/sh\nPATH=${PATH#*:}\n\
     [ \"$1\" = compose ] && shift && exec deploy/compose/compose \"$@\"\nexec docker \"$@\"\n";

/// Writes into a file what would be typed into it.
const EDITOR: &str = "#!/bin/sh\ncat \"$HOME/typed\" >>\"$1\"\n";
const ADMIN: &str = "echo Passw0rd2026 | docker compose run --rm -T auth-svc create-admin \
     --username head --organization School --password-stdin";
/// Prints the name of the backup that it makes.
const BACKUP: &str = "basename \"$(docker compose run --rm -T backup 2>/dev/null)\"";
const SIGN_IN: &str = "curl -fksS --retry 60 --retry-delay 1 --retry-all-errors \
     -H 'content-type: application/json' -d '{\"login\":\"head\",\"password\":\"Passw0rd2026\"}' \
     https://127.0.0.1:$HTTPS_PORT/api/v1/auth/login";

/// A checkout with containers of its own, which go with it.
struct Project {
    folder: TempDir,
    variables: Vec<(&'static str, String)>,
}

impl Project {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let [http, https] = [(); 2].map(|()| free_port().unwrap().to_string());
        let bin = folder.path().join("home/bin");
        fs::create_dir_all(&bin).unwrap();
        program(&bin.join("docker"), EITHER);
        program(&bin.join("vi"), EDITOR);
        // What is said here overrules `.env`: the images of the test, and no Qdrant.
        let variables = vec![
            ("COMPOSE_PROJECT_NAME", format!("ai-english-manual-{https}")),
            ("COMPOSE_PROFILES", "embedded".to_owned()),
            ("COMPOSE_QDRANT_HOST", String::new()),
            ("IMAGES", env::var("TEST_IMAGES").expect("TEST_IMAGES; `make compose-test` sets it")),
            ("HTTP_PORT", http),
            ("HTTPS_PORT", https.clone()),
            ("PUBLIC_PORT", format!(":{https}")),
            ("PATH", format!("{}:{}", bin.display(), env::var("PATH").unwrap())),
        ];
        Self { folder, variables }
    }

    /// Runs blocks of a manual, as `adapt` writes them.
    async fn perform(&self, blocks: &[Commands<'_>], adapt: impl Fn(&str) -> String) {
        let mut shell = Shell::in_checkout(self.folder.path(), Duration::from_mins(15)).unwrap();
        shell.command.envs(self.variables.iter().cloned());
        shell.run(blocks, adapt, str::to_owned).await.expect("deploy/MANUAL.md");
    }

    /// Runs other commands there, and returns what they print.
    fn run(&self, commands: &str) -> String {
        let mut bash = Command::new("bash");
        bash.args(["-euo", "pipefail", "-c", commands]).current_dir(self.folder.path());
        let ran = bash.envs(self.variables.iter().cloned()).output().unwrap();
        assert!(ran.status.success(), "{commands}: {ran:?}");
        String::from_utf8(ran.stdout).unwrap().trim().to_owned()
    }
}

impl Drop for Project {
    fn drop(&mut self) {
        let mut down = Command::new("deploy/compose/compose");
        down.args(["down", "--volumes", "--timeout", "10"]).current_dir(self.folder.path());
        let _ = down.envs(self.variables.iter().cloned()).output();
        sweep(&self.variables[0].1);
    }
}

fn program(path: &Path, text: &str) {
    fs::write(path, text).unwrap();
    fs::set_permissions(path, fs::Permissions::from_mode(0o755)).unwrap();
}

fn read() -> Manual {
    Manual::read(&repository().join("deploy/MANUAL.md")).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn commands_for_containers_do_what_the_manuals_show() {
    let project = Project::new();
    check_out(project.folder.path()).unwrap();
    certificate(project.folder.path());
    let manual = read();
    let blocks = manual.commands_for("docker");
    assert!(blocks.len() > 5);
    project.perform(&blocks, str::to_owned).await;
}

/// A backup of one machine comes into another that is empty: out of a folder, and, encrypted, out of a store.
#[tokio::test(flavor = "multi_thread")]
async fn commands_for_empty_machines_restore_backups() {
    let store = ObjectStore::on(TcpListener::bind((bridge().unwrap(), 0)).unwrap()).await;
    let settings = store.settings("BACKUP_S3").map(|(name, value)| format!("{name}={value}\n"));
    let settings = settings.concat();
    let old = Project::new();
    check_out(old.folder.path()).unwrap();
    old.run("deploy/init-env --embedded && docker compose up -d 2>&1");
    old.run(ADMIN);
    let plain = old.run(BACKUP);
    let identity = old.run("docker compose run --rm -T backup age-keygen 2>/dev/null");
    let key = identity.lines().find_map(|line| line.strip_prefix("# public key: ")).unwrap();
    let env = old.folder.path().join(".env");
    let text = fs::read_to_string(&env).unwrap();
    fs::write(&env, format!("{text}BACKUP_AGE_RECIPIENTS={key}\n{settings}")).unwrap();
    let encrypted = old.run(BACKUP);

    let manual = read();
    let [from_folder, from_store, _] = manual.commands_for("empty")[..] else {
        panic!("other blocks for empty machines");
    };
    let adapt = |name: &str, text: &str| {
        let text = text.replace("deploy/init-env", "deploy/init-env --embedded");
        format!("NAME={name}\n{}", text.replace(" qdrant", ""))
    };
    let new = Project::new();
    let folder = old.folder.path().display();
    new.run(&format!("mkdir backups && cp -a {folder}/backups/{plain} backups"));
    new.perform(&[from_folder], |text| adapt(&plain, text)).await;
    new.run(SIGN_IN);
    drop(new);

    let new = Project::new();
    fs::write(new.folder.path().join("home/typed"), &settings).unwrap();
    fs::write(new.folder.path().join("age-key.txt"), &identity).unwrap();
    new.perform(&[from_store], |text| adapt(&encrypted, text)).await;
    new.run(SIGN_IN);
}

/// A certificate of the operator's own, to be given to nginx.
fn certificate(checkout: &Path) {
    let script = repository().join("deploy/nginx/self-signed");
    let made = Command::new(script).arg(checkout.join("home/own")).output().unwrap();
    assert!(made.status.success(), "{made:?}");
    for file in ["fullchain.pem", "privkey.pem"] {
        symlink(checkout.join("home/own").join(file), checkout.join(file)).unwrap();
    }
}
