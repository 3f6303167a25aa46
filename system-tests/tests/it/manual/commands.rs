//! The commands of the manual, run as they are printed.

use std::{
    fs,
    os::unix::fs::symlink,
    path::{Path, PathBuf},
    time::Duration,
};

use launcher::{Ports, Service};
use system_tests::{Installation, manual::Shell};

use super::{ENGLISH, manual};

#[tokio::test(flavor = "multi_thread")]
async fn commands_print_what_the_manuals_show() {
    // As it is delivered: other tests may try more often.
    let installation = Installation::with(&[("RATE_LIMIT_LOGIN", "5/minute")]).await.unwrap();
    installation.system.command(Service::Auth, &["seed-demo"]).unwrap();
    let checkout = installation.scratch().unwrap().join("checkout");
    let mut shell = Shell::in_checkout(&checkout, Duration::from_mins(3)).unwrap();
    symlink(checkout.ancestors().nth(2).unwrap(), checkout.join(".run")).unwrap();
    fs::create_dir(checkout.join("target")).unwrap();
    symlink(binaries(), checkout.join("target/release")).unwrap();

    let ports = installation.system.ports();
    for service in Service::ALL {
        let name = service.binary().replace('-', "_").to_uppercase() + "_LISTEN";
        shell.command.env(name, format!("127.0.0.1:{}", ports.of(service)));
    }
    let manual = manual(ENGLISH);
    let blocks = manual.commands_for("run");
    let usual = Ports::default();
    let there = |text: &str| renumbered(text, &usual, ports);
    let back = |text: &str| renumbered(text, ports, &usual);
    shell.run(&blocks, there, back).await.expect(ENGLISH);
}

/// The services' binaries lie one folder above the tests'.
fn binaries() -> PathBuf {
    let this = std::env::current_exe().unwrap();
    this.ancestors().nth(2).map(Path::to_owned).unwrap()
}

/// Writes the ports of another system.
fn renumbered(text: &str, from: &Ports, to: &Ports) -> String {
    let list = |ports: &Ports| {
        let services = Service::ALL.map(|service| ports.of(service));
        [&services[..], &[ports.postgres, ports.redis]].concat()
    };
    let pairs: Vec<_> = list(from).into_iter().zip(list(to)).collect();
    let mut changed = String::new();
    for piece in text.split_inclusive(|c: char| !c.is_ascii_digit()) {
        let digits = piece.trim_end_matches(|c: char| !c.is_ascii_digit());
        match pairs.iter().find(|pair| pair.0.to_string() == digits) {
            Some((_, other)) => changed += &(other.to_string() + &piece[digits.len()..]),
            None => changed += piece,
        }
    }
    changed
}
