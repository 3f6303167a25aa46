//! What `make install` lays out on a machine without Docker, and what its units are worth.

use std::{
    fs::{self, File},
    io::Read as _,
    os::unix::fs::PermissionsExt as _,
    path::{Path, PathBuf},
    process::{Command, Output},
};

use launcher::Service;
use tempfile::TempDir;

const REPOSITORY: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/..");
/// What `systemd-analyze security` may say at most, in tenths.
const EXPOSURE: [(&str, u8); 7] = [
    ("ai-english@gateway.service", 11),
    ("ai-english@auth-svc.service", 11),
    ("ai-english@learning-svc.service", 11),
    ("ai-english@ai-svc.service", 11),
    ("ai-english@export-svc.service", 11),
    ("ai-english-nginx.service", 14),
    ("ai-english-backup.service", 25),
];

/// A folder that stands for a machine's root.
struct Machine(TempDir);

impl Machine {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    /// Makes programs and a client of one version, and returns their folder.
    fn release(&self, version: &str) -> PathBuf {
        let folder = self.0.path().join(version);
        let client = folder.join("client/assets");
        fs::create_dir_all(&client).unwrap();
        fs::write(folder.join("client/index.html"), version).unwrap();
        fs::write(client.join(format!("app-{version}.js")), version).unwrap();
        for service in Service::ALL {
            let program = folder.join(service.binary());
            fs::write(&program, format!("#!/bin/sh\necho {version}\n")).unwrap();
            fs::set_permissions(&program, fs::Permissions::from_mode(0o700)).unwrap();
        }
        folder
    }

    fn make(&self, target: &str, release: &Path) {
        let variable = |name: &str, path: &Path| format!("{name}={}", path.display());
        let mut make = Command::new("make");
        make.args(["--silent", "-C", REPOSITORY, target, "MODEL=/nowhere"])
            .env_remove("MAKEFLAGS")
            .arg(variable("DESTDIR", &self.0.path().join("root")))
            .arg(variable("BINARIES", release))
            .arg(variable("CLIENT", &release.join("client")));
        succeeded(&make.output().unwrap());
    }

    fn path(&self, path: &str) -> PathBuf {
        self.0.path().join("root").join(path)
    }

    fn home(&self, path: &str) -> PathBuf {
        self.path("opt/ai-english").join(path)
    }

    fn mode(&self, path: &str) -> u32 {
        fs::metadata(self.home(path)).unwrap().permissions().mode() & 0o777
    }

    fn read(&self, path: &str) -> String {
        fs::read_to_string(self.home(path)).unwrap()
    }

    /// Writes the environment of a service and returns it.
    fn environment(&self, service: &str) -> Result<String, String> {
        let folder = self.0.path().join("environment");
        let mut script = Command::new(self.home("scripts/service-env"));
        let output = script.arg(service).env("SERVICE_ENV_DIR", &folder).output().unwrap();
        if !output.status.success() {
            return Err(String::from_utf8(output.stderr).unwrap());
        }
        let file = folder.join(format!("{service}.env"));
        assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
        Ok(fs::read_to_string(file).unwrap())
    }
}

#[test]
fn installing_again_replaces_programs_and_keeps_the_rest() {
    let machine = Machine::new();
    machine.make("install", &machine.release("one"));
    for (path, mode) in [
        (".env", 0o600),
        ("bin/gateway", 0o755),
        ("frontend/dist/index.html", 0o644),
        ("nginx/start", 0o755),
        ("scripts/postgres/prepare", 0o755),
        ("logs/gateway", 0o700),
        ("logs/nginx", 0o700),
        ("exports", 0o700),
        ("vectors", 0o700),
        ("uploads", 0o700),
        ("certificates", 0o700),
        ("backups", 0o700),
        ("acme", 0o755),
    ] {
        assert_eq!(machine.mode(path), mode, "{path}");
    }
    let mut running = File::open(machine.home("bin/gateway")).unwrap();
    let settings = machine.read(".env") + "LOG_LEVEL=DEBUG\n";
    fs::write(machine.home(".env"), &settings).unwrap();
    fs::write(machine.home("exports/book.pdf"), "book").unwrap();

    machine.make("install", &machine.release("two"));
    assert_eq!((machine.read(".env"), machine.mode(".env")), (settings.clone(), 0o600));
    assert_eq!(machine.read("exports/book.pdf"), "book");
    assert_eq!(machine.read("bin/gateway"), "#!/bin/sh\necho two\n");
    let mut old = String::new();
    running.read_to_string(&mut old).unwrap();
    assert_eq!(old, "#!/bin/sh\necho one\n", "what runs keeps its file");
    assert_eq!(machine.read("frontend/dist/assets/app-two.js"), "two");
    assert!(!machine.home("frontend/dist/assets/app-one.js").exists());
    let left: Vec<_> = fs::read_dir(machine.home("bin")).unwrap().collect();
    assert_eq!(left.len(), Service::ALL.len(), "nothing half-done is left: {left:?}");

    machine.make("uninstall", Path::new("/nowhere"));
    assert_eq!(machine.read(".env"), settings);
    assert_eq!(machine.read("exports/book.pdf"), "book");
    for gone in ["bin", "frontend", "nginx", "scripts"] {
        assert!(!machine.home(gone).exists(), "{gone}");
    }
    for folder in ["usr/local/lib/systemd/system", "etc/logrotate.d"] {
        assert_eq!(fs::read_dir(machine.path(folder)).unwrap().count(), 0, "{folder}");
    }
}

#[test]
fn each_service_gets_its_own_secrets_alone() {
    let machine = Machine::new();
    machine.make("install", &machine.release("one"));
    let own = "OPENAI_API_KEY=sk-ai\nSMTP_URL=smtps://mail:letters@mail:465\n\
         EXPORT_S3_SECRET_KEY=s3-secret\nGRAFANA_ADMIN_PASSWORD=grafana\nNGINX_RATE_API=9r/s\n\
         GRPC_TLS_CERT=/tls/cert.pem\nGRPC_TLS_KEY=/tls/key.pem\nGRPC_TLS_CA=/tls/ca.pem\n\
         JWT_SECRET_KEY_FILE=/secrets/jwt\nSERVICE_TOKEN_KEY_FILE=/secrets/token\n\
         OPENAI_API_KEY_FILE=/secrets/openai\n\
         AUTH_SVC_URL=https://auth:50051\nEXPORT_SVC_URL=https://export:50054\n\
         NGINX_MAX_UPLOAD=50m  # large\nRUST_LOG=info\t# usual\nMAIL_FROM='No # 1 <a@b.example>' # us\n\
         REGISTRATION=# none\n";
    fs::write(machine.home(".env"), machine.read(".env") + own).unwrap();
    let settings = machine.read(".env");
    let secret = |name: &str| {
        let line = settings.lines().find_map(|line| line.strip_prefix(&format!("{name}=")));
        line.unwrap().to_owned()
    };
    let whose = [
        (secret("AUTH_DB_PASSWORD"), "auth-svc"),
        (secret("LEARNING_DB_PASSWORD"), "learning-svc"),
        (secret("AI_DB_PASSWORD"), "ai-svc"),
        (secret("EXPORT_DB_PASSWORD"), "export-svc"),
        ("sk-ai".to_owned(), "ai-svc"),
        ("letters".to_owned(), "auth-svc"),
        ("s3-secret".to_owned(), "export-svc"),
        ("grafana".to_owned(), "nobody"),
        ("9r/s".to_owned(), "nginx"),
        ("NGINX_METRICS_LISTEN=127.0.0.1:9113\n".to_owned(), "nginx"),
        ("/secrets/openai".to_owned(), "ai-svc"),
    ];
    let all = ["JWT_SECRET_KEY", "SERVICE_TOKEN_KEY", "REDIS_PASSWORD"].map(secret);
    // TLS between the services takes all three and other addresses; a secret may stand in a file.
    let named = own.lines().filter(|line| {
        ["GRPC_TLS_", "KEY_FILE=", "_SVC_URL="].iter().any(|part| line.contains(part))
    });
    let named =
        named.filter(|line| !line.starts_with("OPENAI_")).map(|line| format!("{}\n", line.trim()));
    let all: Vec<_> = all.into_iter().chain(named).collect();
    for service in Service::ALL.map(Service::binary).into_iter().chain(["nginx"]) {
        let environment = machine.environment(service).unwrap();
        for (secret, owner) in &whose {
            assert_eq!(environment.contains(secret), *owner == service, "{secret} for {service}");
        }
        for secret in &all {
            assert_eq!(environment.contains(secret), service != "nginx", "{service}");
        }
    }
    // systemd keeps comments, and neither nginx nor the filter of logs knows any.
    let (nginx, auth) = (machine.environment("nginx"), machine.environment("auth-svc"));
    assert!(nginx.unwrap().contains("\nNGINX_MAX_UPLOAD=50m\n"));
    let auth = auth.unwrap();
    for line in [
        "RUST_LOG=info",
        "MAIL_FROM='No # 1 <a@b.example>'",
        "REGISTRATION=",
        "MAX_UPLOAD_SIZE=10485760",
    ] {
        assert!(auth.lines().any(|found| found == line), "{line} in {auth}");
    }
    let learning = machine.environment("learning-svc").unwrap();
    let password = secret("LEARNING_DB_PASSWORD");
    let url =
        format!("DATABASE_URL=postgresql://learning_svc:{password}@127.0.0.1:5432/ai_english");
    assert!(learning.lines().any(|line| line == url), "{learning}");

    fs::set_permissions(machine.home(".env"), fs::Permissions::from_mode(0o640)).unwrap();
    let refusal = machine.environment("gateway").unwrap_err();
    assert!(refusal.contains("chmod 600"), "{refusal}");
}

#[test]
fn backup_of_every_night_may_write_where_backup_dir_says() {
    let machine = Machine::new();
    let release = machine.release("one");
    machine.make("install", &release);
    let unit = "usr/local/lib/systemd/system/ai-english-backup.service.d/10-ai-english.conf";
    assert!(!machine.path(unit).exists());
    let settings = machine.read(".env");
    for (folder, meant) in [
        ("/srv/backups  # the large disk", "/srv/backups"),
        ("'/srv/others'", "/srv/others"),
        ("other", "/opt/ai-english/other"),
        ("./another", "/opt/ai-english/another"),
    ] {
        fs::write(machine.home(".env"), format!("{settings}BACKUP_DIR={folder}\n")).unwrap();
        machine.make("install", &release);
        let unit = fs::read_to_string(machine.path(unit)).unwrap();
        assert!(unit.contains(&format!("\nReadWritePaths=\"{meant}\"\n")), "{unit}");
    }
    // As the example says, for Docker as well.
    for usual in ["", "BACKUP_DIR=./backups\n"] {
        fs::write(machine.home(".env"), format!("{settings}{usual}")).unwrap();
        machine.make("install", &release);
        assert!(!machine.path(unit).exists(), "{usual}");
    }
}

#[test]
fn backup_reads_the_folders_that_the_units_use() {
    let machine = Machine::new();
    machine.make("install", &machine.release("one"));
    let own = "VECTOR_DIR=/elsewhere\nEXPORT_DIR=elsewhere\nBACKUP_MIN_FREE=0\n";
    fs::write(machine.home(".env"), machine.read(".env") + own).unwrap();
    let home = machine.home("");
    for part in ["vectors/kept", "exports/kept"] {
        fs::write(machine.home(part), part).unwrap();
    }
    let metrics = machine.0.path().join("metrics");
    for (kind, archive) in [("vectors", "vectors.tar.zst"), ("files", "exports.tar.zst")] {
        let mut backup = Command::new(machine.home("scripts/backup/backup"));
        let backup = backup
            .arg(kind)
            .env("BACKUP_METRICS_DIR", &metrics)
            .env("AI_ENGLISH_ENV", home.join(".env"));
        let output = backup.output().unwrap();
        succeeded(&output);
        let folder = String::from_utf8(output.stdout).unwrap();
        let list = format!("zstd -dc '{}/{archive}' | tar -t", folder.trim());
        let listed = Command::new("sh").args(["-c", &list]).output().unwrap();
        assert!(String::from_utf8_lossy(&listed.stdout).contains("./kept"), "{listed:?}");
    }
}

#[test]
fn units_are_sound_and_confine_what_they_start() {
    let machine = Machine::new();
    machine.make("install", &machine.release("one"));
    let units = machine.path("usr/local/lib/systemd/system");
    // As if this folder were the root, for those commands that must exist.
    let home = machine.home("");
    for file in files(&units) {
        let text = fs::read_to_string(&file).unwrap();
        let text = text.replace("/opt/ai-english/", home.to_str().unwrap());
        fs::write(&file, text).unwrap();
    }
    let analyze = |arguments: &[&str]| {
        let mut command = Command::new("systemd-analyze");
        command.env("SYSTEMD_UNIT_PATH", format!("{}:", units.display())).args(arguments);
        command.output().unwrap()
    };
    for (unit, most) in EXPOSURE {
        let verify = analyze(&["verify", "--recursive-errors=no", unit]);
        succeeded(&verify);
        assert_eq!(String::from_utf8_lossy(&verify.stderr), "", "{unit}");
        let threshold = format!("--threshold={most}");
        let security = analyze(&["security", "--offline=true", "--no-pager", &threshold, unit]);
        succeeded(&security);
    }
    succeeded(&analyze(&["verify", "--recursive-errors=no", "ai-english.target"]));
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    entries.flat_map(|path| if path.is_dir() { files(&path) } else { vec![path] }).collect()
}

fn succeeded(output: &Output) {
    let said = [&output.stdout, &output.stderr].map(|text| String::from_utf8_lossy(text));
    assert!(output.status.success(), "{}{}", said[0], said[1]);
}
