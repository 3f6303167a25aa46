//! What the processes of an installed system may do, and who may reach them.

use launcher::Service;
use system_tests::Machine;

fn units() -> Vec<(&'static str, String)> {
    let services = Service::ALL.map(Service::binary).into_iter();
    let units = services.map(|service| (service, format!("ai-english@{service}.service")));
    units.chain([("nginx", "ai-english-nginx.service".to_owned())]).collect()
}

pub fn units_are_sound(machine: &Machine) {
    for (_, unit) in units() {
        let complaints = machine.run(&format!("systemd-analyze verify {unit} 2>&1")).unwrap();
        assert_eq!(complaints, "", "{unit}");
        let restarts = machine.property(&unit, "NRestarts").unwrap();
        assert_eq!(restarts, "0", "{unit} starts after what it needs");
    }
}

/// Every process has an account of its own, no rights beyond it, and no way to what others know.
pub fn processes_are_confined(machine: &Machine) {
    for (name, unit) in units() {
        let process = machine.property(&unit, "MainPID").unwrap();
        let user = machine.run(&format!("stat -c %U /proc/{process}")).unwrap();
        assert_eq!(user.trim(), format!("ai-english-{name}"));
        let status = machine.run(&format!("cat /proc/{process}/status")).unwrap();
        let has = |line: &str| status.lines().any(|other| other == line);
        // CAP_NET_BIND_SERVICE, for the ports 80 and 443.
        let rights = if name == "nginx" { "0000000000000400" } else { "0000000000000000" };
        for line in [
            "NoNewPrivs:\t1",
            "Seccomp:\t2",
            &format!("CapEff:\t{rights}"),
            &format!("CapBnd:\t{rights}"),
        ] {
            assert!(has(line), "{name}: not {line} in {status}");
        }
        let spied = machine.run(&format!("{} cat /proc/{process}/environ", account("other")));
        spied.expect_err("environments are nobody else's business");
    }
    for secret in [".env", "logs/auth-svc/app.log", "certificates/privkey.pem"] {
        let read = machine.run(&format!("{} cat /opt/ai-english/{secret}", account("gateway")));
        read.expect_err(secret);
    }
    let environment = |service: &str| {
        let unit = format!("ai-english@{service}.service");
        let process = machine.property(&unit, "MainPID").unwrap();
        machine.run(&format!("tr '\\0' '\\n' </proc/{process}/environ")).unwrap()
    };
    assert!(environment("learning-svc").contains("postgresql://learning_svc:"));
    assert!(!environment("gateway").contains("postgresql://"));
}

/// Runs what follows under the account of a service, or of nobody in particular.
fn account(service: &str) -> String {
    let user =
        if service == "other" { "nobody".to_owned() } else { format!("ai-english-{service}") };
    let group = if service == "other" { "nogroup" } else { "ai-english" };
    format!("setpriv --reuid={user} --regid={group} --clear-groups")
}

pub fn only_nginx_is_reached(machine: &Machine) {
    // Listening sockets whose address is not that of the machine itself, in hexadecimal.
    let open = r#"awk '$4 == "0A" && $2 !~ /^0100007F/ { print $2 }' /proc/net/tcp | sort"#;
    assert_eq!(machine.run(open).unwrap(), "00000000:0050\n00000000:01BB\n");
    assert!(!machine.is_active("nginx.service").unwrap(), "Debian's own gave way");
    let stranger = machine.run("redis-cli ping 2>&1").unwrap();
    assert!(stranger.contains("NOAUTH"), "{stranger}");
}
