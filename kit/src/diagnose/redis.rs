//! Redis: reached, let in, takes what is written.

use std::time::Duration;

use chrono::DateTime;
use fred::{
    clients::Client,
    error::{Error, ErrorKind},
    interfaces::{ClientLike as _, KeysInterface as _},
    types::{Builder, ClusterHash, CustomCommand, Expiration, config::Config},
};
use secrecy::ExposeSecret as _;

use super::{Fault, Report, Unreachable, database::skew, reach};
use crate::config::RedisConfig;

const LIMIT: Duration = Duration::from_secs(5);

pub(super) async fn look(report: &mut Report, config: &RedisConfig) {
    let Some(url) = &config.url else {
        report.fact("redis", "address", "none is configured");
        return;
    };
    let Ok(settings) = Config::from_url(url.expose_secret()) else {
        return;
    };
    let mut found = None;
    for server in settings.server.hosts() {
        let (host, port) = (server.host.to_string(), server.port);
        found = Some(reach(&host, port).await.map(|()| format!("{host}:{port}")));
        if found.as_ref().is_some_and(Result::is_ok) {
            break;
        }
    }
    let place = match found {
        Some(Ok(place)) => place,
        Some(Err(unreachable)) => {
            let fault = match unreachable {
                Unreachable::UnknownHost(_) => Fault::RedisHost,
                Unreachable::Refused(_) => Fault::RedisAway,
                Unreachable::Silent(_) => Fault::RedisUnreachable,
            };
            return report.fault(fault, unreachable);
        }
        None => return,
    };
    let asked = tokio::time::timeout(LIMIT, ask(report, settings, &config.cache_prefix)).await;
    let error = match asked {
        Ok(Ok(())) => return,
        Ok(Err(error)) => error,
        Err(_) => Error::new(ErrorKind::Timeout, "no answer in 5 s"),
    };
    report.fault(of(&error), format_args!("{place}: {}", error.details()));
}

async fn ask(report: &mut Report, settings: Config, prefix: &str) -> Result<(), Error> {
    let client = Builder::from_config(settings)
        .with_connection_config(|connection| {
            connection.connection_timeout = LIMIT;
            connection.max_command_attempts = 1;
        })
        .build()?;
    client.init().await?;
    let answer = talk(report, &client, prefix).await;
    // What it says at the end changes nothing.
    let _ = client.quit().await;
    answer
}

async fn talk(report: &mut Report, client: &Client, prefix: &str) -> Result<(), Error> {
    // A user with few rights may not ask for this.
    if let Ok(info) = command::<String>(client, "INFO").await {
        let of = |name: &str| {
            let found = info.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':'));
            found.unwrap_or("?").trim().to_owned()
        };
        report.fact("versions", "redis", of("redis_version"));
        let (used, most) = (of("used_memory_human"), of("maxmemory_human"));
        let most = if most == "0B" { "no limit".to_owned() } else { most };
        let policy = of("maxmemory_policy");
        report.fact("redis", "memory", format_args!("{used} of {most}, {policy}"));
        report.fact("redis", "evicted keys", of("evicted_keys"));
    }
    if let Ok(time) = command::<Vec<i64>>(client, "TIME").await
        && let [seconds, micros] = time[..]
        && let Some(now) = DateTime::from_timestamp_micros(seconds * 1_000_000 + micros)
    {
        skew(report, "redis", now);
    }
    let expiration = Some(Expiration::PX(1_000));
    client.set::<(), _, _>(format!("{prefix}diagnose"), "1", expiration, None, false).await
}

async fn command<T: fred::types::FromValue>(
    client: &Client,
    name: &'static str,
) -> Result<T, Error> {
    let command = CustomCommand::new_static(name, ClusterHash::FirstKey, false);
    client.custom(command, Vec::<String>::new()).await
}

fn of(error: &Error) -> Fault {
    let text = error.details();
    if *error.kind() == ErrorKind::Auth || text.contains("NOAUTH") || text.contains("WRONGPASS") {
        Fault::RedisPassword
    } else if text.starts_with("OOM") {
        Fault::RedisMemory
    } else {
        Fault::RedisRefuses
    }
}
