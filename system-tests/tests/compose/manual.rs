//! The manual's commands for containers, run as they are printed.

use std::{
    env, fs,
    net::TcpListener,
    os::unix::fs::{PermissionsExt as _, symlink},
    path::Path,
    process::Command,
    time::Duration,
};

use system_tests::{
    compose::sweep,
    manual::{Manual, Shell, repository},
};

/// `docker compose` where only docker-compose 1.29 is installed.
const EITHER: &str = "#!/bin/sh\nPATH=${PATH#*:}\n\
     [ \"$1\" = compose ] && shift && exec deploy/compose/compose \"$@\"\nexec docker \"$@\"\n";

/// Removes the containers and volumes of a project at the end.
struct Project(std::path::PathBuf, Vec<(&'static str, String)>);

impl Drop for Project {
    fn drop(&mut self) {
        let mut down = Command::new("deploy/compose/compose");
        down.args(["down", "--volumes", "--timeout", "10"]).current_dir(&self.0);
        let _ = down.envs(self.1.iter().cloned()).output();
        let name = self.1.iter().find(|(name, _)| *name == "COMPOSE_PROJECT_NAME");
        sweep(&name.expect("a name").1);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn commands_for_containers_do_what_the_manuals_show() {
    let folder = tempfile::tempdir().unwrap();
    let mut shell = Shell::in_checkout(folder.path(), Duration::from_mins(15)).unwrap();
    let [http, https] = [(); 2].map(|()| TcpListener::bind(("127.0.0.1", 0)).unwrap());
    let [http, https] = [http, https].map(|port| port.local_addr().unwrap().port().to_string());
    // What is said here overrules `.env`: the images of the test, and no Qdrant.
    let variables = vec![
        ("COMPOSE_PROJECT_NAME", format!("ai-english-manual-{https}")),
        ("COMPOSE_PROFILES", "embedded".to_owned()),
        ("COMPOSE_QDRANT_HOST", String::new()),
        ("IMAGES", env::var("TEST_IMAGES").expect("TEST_IMAGES; `make compose-test` sets it")),
        ("HTTP_PORT", http),
        ("HTTPS_PORT", https.clone()),
        ("PUBLIC_PORT", format!(":{https}")),
    ];
    let bin = folder.path().join("home/bin");
    fs::create_dir(&bin).unwrap();
    fs::write(bin.join("docker"), EITHER).unwrap();
    fs::set_permissions(bin.join("docker"), fs::Permissions::from_mode(0o755)).unwrap();
    let path = format!("{}:{}", bin.display(), env::var("PATH").unwrap());
    shell.command.envs(variables.iter().cloned()).env("PATH", path);
    certificate(folder.path());

    let project = Project(folder.path().to_owned(), variables);
    let manual = Manual::read(&repository().join("deploy/MANUAL.md")).unwrap();
    let blocks = manual.commands_for("docker");
    assert!(blocks.len() > 5);
    shell.run(&blocks, str::to_owned, str::to_owned).await.expect("deploy/MANUAL.md");
    drop(project);
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
