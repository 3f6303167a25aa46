//! What every `main` does: arguments, exit codes, and answering `--healthcheck`.

use std::{
    future::Future,
    io::{self, Write as _},
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
    process::ExitCode,
    time::Duration,
};

use anyhow::{Context as _, bail, ensure};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
};

use crate::config::{Env, Service};

/// Version of the product.
pub const VERSION: &str = env!("CARGO_PKG_VERSION");

/// How long a process on this machine may take to say how it is.
const ANSWER_LIMIT: Duration = Duration::from_secs(5);
/// Bytes that are read of its answer.
const LONGEST_ANSWER: u64 = 4 << 20;

/// Arguments that every process understands.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Args {
    /// The first argument that is no flag.
    pub command: Option<String>,
    /// What follows the command.
    pub rest: Vec<String>,
    pub migrate_only: bool,
    pub skip_migrations: bool,
    pub healthcheck: bool,
}

impl Args {
    /// Reads arguments, without the program's name.
    ///
    /// # Errors
    ///
    /// Fails when a flag is unknown.
    pub fn parse(arguments: impl IntoIterator<Item = String>) -> anyhow::Result<Self> {
        let mut args = Self::default();
        for argument in arguments {
            match argument.as_str() {
                _ if args.command.is_some() => args.rest.push(argument),
                "--migrate-only" => args.migrate_only = true,
                "--skip-migrations" => args.skip_migrations = true,
                "--healthcheck" => args.healthcheck = true,
                flag if flag.starts_with('-') => bail!("unknown flag {flag}"),
                _ => args.command = Some(argument),
            }
        }
        Ok(args)
    }
}

/// Runs a process to its end and reports how it went.
pub async fn main<F, Fut>(name: &'static str, run: F) -> ExitCode
where
    F: FnOnce(Args) -> Fut,
    Fut: Future<Output = anyhow::Result<()>>,
{
    match start(name, run).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            tracing::error!(error = format!("{error:#}"), "{name} ends");
            eprintln!("{name}: {error:#}");
            ExitCode::FAILURE
        }
    }
}

async fn start<F, Fut>(name: &'static str, run: F) -> anyhow::Result<()>
where
    F: FnOnce(Args) -> Fut,
    Fut: Future<Output = anyhow::Result<()>>,
{
    crate::grpc::choose_provider();
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if arguments.first().is_some_and(|first| first == "--version" || first == "-V") {
        writeln!(io::stdout(), "{name} {VERSION}")?;
        return Ok(());
    }
    let args = Args::parse(arguments)?;
    if args.healthcheck {
        return healthcheck(Service::named(name)).await;
    }
    run(args).await
}

/// Asks the process on this machine whether it is ready.
async fn healthcheck(service: Service) -> anyhow::Result<()> {
    let mut env = Env::from_process();
    let default = SocketAddr::from((Ipv4Addr::LOCALHOST, service.port));
    let address = reachable(env.or(service.listen_var, "address", default));
    let tls = env.is_set("GRPC_TLS_CERT") && service.name != "gateway";
    env.finish()?;
    if tls {
        // The certificate is for the service's name, which this process does not know.
        let connected = tokio::time::timeout(Duration::from_secs(5), TcpStream::connect(address));
        connected.await.context("no answer in time")??;
        return Ok(());
    }
    let answer = ask(address, "/health/ready").await?;
    ensure!(answer.starts_with("HTTP/1.1 200"), "not ready");
    Ok(())
}

/// Returns the address at which a process that listens everywhere is reached from this machine.
pub(crate) fn reachable(mut address: SocketAddr) -> SocketAddr {
    if address.ip().is_unspecified() {
        address.set_ip(match address.ip() {
            IpAddr::V4(_) => Ipv4Addr::LOCALHOST.into(),
            IpAddr::V6(_) => Ipv6Addr::LOCALHOST.into(),
        });
    }
    address
}

/// Returns the whole answer, with its head, of a process that speaks plain HTTP.
pub(crate) async fn ask(address: SocketAddr, path: &str) -> anyhow::Result<String> {
    let answer = async {
        let mut stream = TcpStream::connect(address).await?;
        let request =
            format!("GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
        stream.write_all(request.as_bytes()).await?;
        let mut answer = String::new();
        stream.take(LONGEST_ANSWER).read_to_string(&mut answer).await?;
        Ok::<_, io::Error>(answer)
    };
    Ok(tokio::time::timeout(ANSWER_LIMIT, answer).await.context("no answer in time")??)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn flags_stand_before_the_command_and_its_own_after_it() {
        let words = ["--skip-migrations", "create-admin", "--email", "a@b.cn"].map(str::to_owned);
        let args = Args::parse(words).unwrap();
        assert_eq!(args.command.as_deref(), Some("create-admin"));
        assert_eq!(args.rest, ["--email", "a@b.cn"]);
        assert!(args.skip_migrations && !args.migrate_only);
        assert!(Args::parse(["--nonsense".to_owned()]).is_err());
    }
}
