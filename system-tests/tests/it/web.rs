//! The web client in a real browser, through nginx and over the whole system.

use std::{fs, path::Path, process::Stdio, time::Duration};

use launcher::Service;
use system_tests::{Front, Installation, SCHOOL_OFFSET};
use tokio::process::Command;

const FRONTEND: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../frontend");
/// All journeys together; each has a shorter limit of its own.
const LIMIT: Duration = Duration::from_mins(15);

/// Runs the journeys of `frontend/e2e`, and does to the system what they ask for.
#[tokio::test(flavor = "multi_thread")]
async fn journeys_work_in_a_browser() {
    let client = Path::new(FRONTEND).join("dist").canonicalize();
    let client = client.expect("the client is built by `make test` before");
    let root = client.to_str().unwrap();
    let variables = [
        ("WEB_ROOT", root),
        ("TRUSTED_PROXIES", "127.0.0.1"),
        // One document after the other, so that one that waits can be cancelled.
        ("EXPORT_CONCURRENCY", "1"),
    ];
    let mut installation = Installation::with(&variables).await.unwrap();
    let front = installation.new_front("front", &[("NGINX_WEB_ROOT", root)]).await.unwrap();
    served_alike(&installation, &front).await;
    let mailbox = installation.scratch().unwrap().join("mailbox");
    fs::create_dir(&mailbox).unwrap();
    let offset = installation.system.options().environment.get(SCHOOL_OFFSET).unwrap().to_owned();
    let mut journeys = Command::new("npm")
        .args(["run", "--silent", "e2e"])
        .current_dir(FRONTEND)
        .env("SYSTEM_URL", front.url())
        .env("NODE_EXTRA_CA_CERTS", front.certificate())
        .env("MAILBOX", &mailbox)
        .env(SCHOOL_OFFSET, offset)
        .stdin(Stdio::null())
        .kill_on_drop(true)
        .spawn()
        .unwrap();
    let status = tokio::time::timeout(LIMIT, async {
        loop {
            if let Some(status) = journeys.try_wait().unwrap() {
                return status;
            }
            obey(&mailbox, &mut installation).await;
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    });
    assert!(status.await.expect("journeys end in time").success(), "a journey failed, see above");
}

/// Where there is no nginx, as with `make run`, the gateway serves the same client.
async fn served_alike(installation: &Installation, front: &Front) {
    let client = front.client().unwrap().build().unwrap();
    let get = async |url: String| {
        let answer = client.get(url).send().await.unwrap();
        assert_eq!(answer.status(), 200);
        (answer.headers()["content-type"].clone(), answer.text().await.unwrap())
    };
    let page = get(front.url() + "/classes").await;
    assert_eq!(get(installation.system.url() + "/classes").await, page);
    let (_, script) = page.1.split_once(r#"src="/assets/"#).unwrap();
    let script = format!("/assets/{}", script.split('"').next().unwrap());
    let of_nginx = get(front.url() + &script).await;
    assert!(of_nginx.1.len() > 1_000);
    assert_eq!(get(installation.system.url() + &script).await.1, of_nginx.1);
}

/// A file named `stop` or `start` in the mailbox asks for the gateway to go away or come back; it is
/// deleted when that is done.
async fn obey(mailbox: &Path, installation: &mut Installation) {
    let system = &mut installation.system;
    if mailbox.join("stop").exists() {
        system.kill(Service::Gateway).unwrap();
        fs::remove_file(mailbox.join("stop")).unwrap();
    }
    if mailbox.join("start").exists() {
        system.launch(Service::Gateway).unwrap();
        system.ready(Service::Gateway, Duration::from_secs(30)).await.unwrap();
        fs::remove_file(mailbox.join("start")).unwrap();
    }
}
