//! `launcher up` runs the system until Ctrl-C; `launcher beside CMD…` runs a command beside its stores,
//! which it starts if they do not run; `launcher with-stores CMD…` beside stores of its own, for tests.

use std::{
    env,
    fs::File,
    io::{Write as _, stdout},
    net::{Ipv4Addr, SocketAddr, TcpListener},
    path::{Path, PathBuf},
    process::{Command, ExitCode, ExitStatus},
    time::Duration,
};

use anyhow::{Context as _, bail};
use launcher::{Environment, Options, Ports, Service, System, environment::GATEWAY_LISTEN};
use tokio::signal::unix::{SignalKind, signal};

#[tokio::main]
async fn main() -> ExitCode {
    let arguments: Vec<_> = env::args().skip(1).collect();
    let outcome = match arguments.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        ["up"] => up().await,
        ["beside", command @ ..] if !command.is_empty() => beside(command).await,
        ["with-stores", command @ ..] if !command.is_empty() => with_stores(command).await,
        _ => Err(anyhow::anyhow!(
            "usage: launcher up | launcher beside COMMAND… | launcher with-stores COMMAND…"
        )),
    };
    match outcome {
        Ok(code) => code,
        Err(error) => {
            eprintln!("launcher: {error:#}");
            ExitCode::FAILURE
        }
    }
}

async fn up() -> anyhow::Result<ExitCode> {
    let folder = run_folder()?;
    let lock = File::create(folder.join("lock"))?;
    if lock.try_lock().is_err() {
        bail!("the system runs already: {} is locked", folder.join("lock").display());
    }
    let file = Environment::from_file(Path::new(".env"));
    let mut ports = Ports::default();
    let mut gateway = SocketAddr::from((Ipv4Addr::LOCALHOST, ports.gateway));
    if let Some(listen) = file.get(GATEWAY_LISTEN) {
        gateway = listen.parse().with_context(|| {
            format!("{GATEWAY_LISTEN} in .env is no address such as 0.0.0.0:8000: {listen}")
        })?;
        ports.gateway = gateway.port();
    }
    let own = [ports.auth, ports.learning, ports.ai, ports.export];
    let own = own.map(|port| SocketAddr::from((Ipv4Addr::LOCALHOST, port)));
    for address in own.into_iter().chain([gateway]) {
        TcpListener::bind(address).with_context(|| format!("cannot listen on {address}"))?;
    }
    let mut environment = Environment::default();
    if let Ok(model) = env::var("EMBEDDING_MODEL_DIR") {
        environment.set("EMBEDDING_MODEL_DIR", model);
    }
    if let Ok(root) = Path::new("frontend/dist").canonicalize() {
        environment.set("WEB_ROOT", root.display());
    }
    environment.extend(&file);
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut terminate = signal(SignalKind::terminate())?;
    let start = System::start(Options {
        folder: folder.clone(),
        binaries: binaries()?,
        ports,
        environment,
        postgres_settings: Vec::new(),
    });
    let mut system = tokio::select! {
        system = start => system?,
        _ = interrupt.recv() => return Ok(ExitCode::SUCCESS),
        _ = terminate.recv() => return Ok(ExitCode::SUCCESS),
    };
    let mut ignored: Vec<_> = Service::ALL
        .into_iter()
        .flat_map(|service| file.overridden_by(&system.environment(service)))
        .collect();
    ignored.sort_unstable();
    ignored.dedup();
    if !ignored.is_empty() {
        say(&format!("ignored in .env, set by this program: {}", ignored.join(", ")))?;
    }
    let production = system.environment(Service::Auth).get("APP_ENV") == Some("production");
    let accounts = if production {
        "  APP_ENV=production: no accounts for trying were made"
    } else {
        system.command(Service::Auth, &["seed-demo"])?;
        "  admin    test_admin / Test1234\n  teacher  test_teacher / Test1234\n  student  test_student / Test1234"
    };
    say(&format!(
        "\nThe system is ready: {}\n{accounts}\nLogs are in {}. Ctrl-C stops everything.\n",
        system.url(),
        folder.join("logs").display(),
    ))?;
    loop {
        tokio::select! {
            _ = interrupt.recv() => break,
            _ = terminate.recv() => break,
            () = tokio::time::sleep(Duration::from_secs(1)) => {
                for name in system.revive().await? {
                    say(&format!("{name} had ended and was started again"))?;
                }
            }
        }
    }
    say("stopping …")?;
    system.stop()?;
    say("stopped")?;
    Ok(ExitCode::SUCCESS)
}

async fn beside(command: &[&str]) -> anyhow::Result<ExitCode> {
    let folder = run_folder()?;
    let lock = File::create(folder.join("lock"))?;
    // While the system runs, its stores do.
    let _system = match lock.try_lock() {
        Err(_) => None,
        Ok(()) => Some(
            System::stores(Options {
                folder: folder.clone(),
                binaries: binaries()?,
                ports: Ports::default(),
                environment: Environment::default(),
                postgres_settings: Vec::new(),
            })
            .await?,
        ),
    };
    let settings = env::current_dir()?.join(".env");
    let variables = launcher::beside::variables(&folder, &Ports::default())?;
    let status = Command::new(command[0])
        .args(&command[1..])
        .env("AI_ENGLISH_ENV", &settings)
        .env(
            "BACKUP_CONFIG",
            format!("env={}:secret={}", settings.display(), folder.join("secret").display()),
        )
        .envs(variables.pairs().iter().map(|(name, value)| (name, value)))
        .status()
        .with_context(|| format!("cannot run {}", command[0]))?;
    Ok(code_of(status))
}

async fn with_stores(command: &[&str]) -> anyhow::Result<ExitCode> {
    let folder = run_folder()?.join("test");
    std::fs::create_dir_all(&folder)?;
    let lock = File::create(folder.join("lock"))?;
    if lock.try_lock().is_err() {
        bail!("tests run already: {} is locked", folder.join("lock").display());
    }
    let system = System::stores(Options {
        folder,
        binaries: binaries()?,
        ports: Ports::free()?,
        environment: Environment::default(),
        // Tests make a database each and need no durability.
        postgres_settings: vec![
            "fsync=off",
            "synchronous_commit=off",
            "full_page_writes=off",
            "max_connections=400",
        ],
    })
    .await?;
    let status = Command::new(command[0])
        .args(&command[1..])
        .env("TEST_DATABASE_URL", system.postgres.url("postgres", "postgres"))
        .env("TEST_REDIS_URL", system.redis.url())
        .status()
        .with_context(|| format!("cannot run {}", command[0]))?;
    Ok(code_of(status))
}

fn code_of(status: ExitStatus) -> ExitCode {
    let code = status.code().and_then(|code| u8::try_from(code).ok());
    code.map_or(ExitCode::FAILURE, ExitCode::from)
}

fn run_folder() -> anyhow::Result<PathBuf> {
    let folder = env::current_dir()?.join(".run");
    std::fs::create_dir_all(&folder)?;
    Ok(folder)
}

/// The services' binaries lie beside this one.
fn binaries() -> anyhow::Result<PathBuf> {
    let this = env::current_exe()?;
    Ok(this.parent().context("a program lies in a folder")?.to_owned())
}

fn say(text: &str) -> std::io::Result<()> {
    writeln!(stdout(), "{text}")
}
