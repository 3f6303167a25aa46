//! One system on several machines, set up by the manual's own commands.

use std::{
    env,
    time::{Duration, Instant},
};

use serde_json::json;
use system_tests::{Entrance as _, Machine, Network, school};

use crate::{
    SETTINGS, manual,
    support::{PASSWORD, analysed, enroll, found, text},
};

const STORES: &str = "10.0.0.9";
const PROXY: &str = "10.0.0.1";
const OTHER: &str = "10.0.0.2";

/// The manual names a third machine of gateways, 10.0.0.3, which stays away.
#[tokio::test(flavor = "multi_thread")]
async fn several_machines_are_one_system() {
    let image = env::var("TEST_MACHINE").expect("TEST_MACHINE; `make install-test` sets it");
    let network = Network::create().unwrap();
    let boot = |address| Machine::boot_in(&network, address, &image).unwrap();
    let spell = |text: &str| network.spell(text);
    let start = Instant::now();
    let (stores, proxy, other) = (boot(STORES), boot(PROXY), boot(OTHER));
    for machine in [&stores, &proxy, &other] {
        manual::install(machine);
        machine.run(SETTINGS).unwrap();
    }
    eprintln!("three machines installed in {:.1} s", start.elapsed().as_secs_f64());

    let chapter = manual::read();
    stores.perform(&manual::block(&chapter, "stores"), spell).unwrap();
    let shared = stores.run("cat ~/shared.env && rm ~/shared.env").unwrap();
    for machine in [&proxy, &other] {
        let copy = format!("umask 077; cat >~/shared.env <<'END'\n{shared}END");
        machine.run(&copy).unwrap();
        machine.perform(&manual::block(&chapter, "machines"), spell).unwrap();
    }
    proxy.perform(&manual::block(&chapter, "proxy"), spell).unwrap();
    nginx_asks(&proxy, &spell(OTHER)).await;
    eprintln!("they are one system after {:.1} s", start.elapsed().as_secs_f64());

    work_is_shared(&network, &proxy, &other).await;
    only_nginx_reaches_the_gateways(&network, [&stores, &proxy]);
    one_machine_may_be_away(&proxy, &other).await;
    let timer = "ai-english-backup.timer";
    assert_eq!(
        [&stores, &proxy, &other].map(|machine| machine.is_active(timer).unwrap()),
        [true, false, false]
    );
}

/// Waits until nginx has taken up its new gateways: a connection of before stays with the old ones for a while.
async fn nginx_asks(proxy: &Machine, gateway: &str) {
    let limit = Instant::now() + Duration::from_mins(1);
    let log = "/opt/ai-english/logs/nginx/access.log";
    while proxy.run(&format!(r#"grep '"upstream":"[^"]*{gateway}:8000' {log}"#)).is_err() {
        assert!(Instant::now() < limit, "nginx does not ask {gateway}");
        let page = proxy.client().unwrap().get(proxy.url() + "/docs");
        page.send().await.unwrap();
    }
}

/// A class that is written by way of one nginx is there on both machines, and both have helped.
async fn work_is_shared(network: &Network, proxy: &Machine, other: &Machine) {
    let school = found(proxy, "several").await.unwrap();
    let pupils = school::pupils(10);
    enroll(&school.teacher, &school.class, &pupils).await.unwrap();
    let pupil = &school.teacher.all("/students").await.unwrap()[0];
    let mistake = json!({
        "student_id": pupil["id"], "type": "grammar", "wrong_answer": "go",
        "question": "He ___ (go) to school every day.", "correct_answer": "goes",
    });
    school.teacher.post("/mistakes", mistake).await.unwrap().expect().unwrap();
    analysed(&school.teacher, &school.class, Duration::from_mins(1)).await.unwrap();

    let token = school.teacher.token().unwrap();
    for machine in [proxy, other] {
        let ask = "curl -sf http://127.0.0.1:8000/api/v1/students -H @- | jq '.items | length'";
        let there = machine.run(&format!("echo 'Authorization: Bearer {token}' | {ask}")).unwrap();
        assert_eq!(there.trim(), "10");
        let log = "grep -c '/api/v1/' /opt/ai-english/logs/gateway/app.log";
        let asked: u32 = machine.run(log).unwrap().trim().parse().unwrap();
        assert!(asked > 1, "this gateway was never asked");
    }
    let sessions = school.teacher.get("/auth/sessions").await.unwrap().expect().unwrap();
    let address = text(&sessions["items"][0], "address").unwrap();
    assert_ne!(address, network.spell(PROXY), "it is the visitor's, not that of nginx");
}

/// Who else is in the network gets no answer; HTTP without TLS is for nginx.
fn only_nginx_reaches_the_gateways(network: &Network, [stores, proxy]: [&Machine; 2]) {
    let ask = format!("curl -sf -m 3 http://{}:8000/health/ready", network.spell(OTHER));
    proxy.run(&ask).unwrap();
    stores.run(&ask).expect_err("the firewall lets in nginx alone");
    let health = proxy.run("curl -s http://127.0.0.1:8000/health").unwrap();
    for part in ["database", "redis", "learning-svc"] {
        assert!(health.contains(&format!(r#""{part}":"healthy""#)), "{health}");
    }
}

async fn one_machine_may_be_away(proxy: &Machine, other: &Machine) {
    other.run("systemctl stop ai-english.target").unwrap();
    for _ in 0..10 {
        let visitor = proxy.visitor().unwrap();
        visitor.sign_in("several_teacher", PASSWORD).await.unwrap();
    }
}
