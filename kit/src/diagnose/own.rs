//! The process that runs, as it sees itself.

use std::{collections::BTreeMap, net::SocketAddr};

use serde::Deserialize;
use tokio::net::TcpStream;

use super::{Fault, Report};
use crate::{
    config::Common,
    process::{VERSION, ask, reachable},
};

#[derive(Deserialize)]
struct Said {
    status: String,
    #[serde(default)]
    version: String,
    #[serde(default)]
    components: BTreeMap<String, String>,
}

pub(super) async fn look(report: &mut Report, common: &Common) {
    let (service, address) = (report.service, reachable(common.listen));
    if let Err(error) = TcpStream::connect(address).await {
        report.fact("health", service, "does not run");
        return report.fault(Fault::ProcessAway, format_args!("{address}: {error}"));
    }
    if common.tls.is_some() && service != "gateway" {
        return report.fact("health", service, "listens (by TLS, so it was asked no further)");
    }
    let said = ask(address, "/health").await.ok().and_then(|answer| {
        let body = answer.split_once("\r\n\r\n")?.1;
        serde_json::from_str::<Said>(body).ok()
    });
    let Some(said) = said else {
        report.fact("health", service, "gives no answer");
        return report.fault(Fault::ProcessUnwell, format_args!("{address}/health: no answer"));
    };
    let parts = said.components.iter().map(|(name, state)| format!("{name} {state}"));
    let parts = parts.collect::<Vec<_>>().join(", ");
    report.fact("health", service, format_args!("{} ({parts})", said.status));
    if !said.version.is_empty() && said.version != VERSION {
        let versions = format!("{} runs, {VERSION} is installed", said.version);
        report.fault(Fault::ProcessOld, versions);
    }
    if said.status != "healthy" && !report.has_faults {
        let unwell = said.components.iter().filter(|(_, state)| *state != "healthy");
        let unwell: Vec<_> = unwell.map(|(name, state)| format!("{name} {state}")).collect();
        let unwell = if unwell.is_empty() { said.status } else { unwell.join(", ") };
        report.fault(Fault::ProcessUnwell, unwell);
    }
    pool(report, common, address).await;
}

/// Says how the connections of the process are used.
async fn pool(report: &mut Report, common: &Common, address: SocketAddr) {
    let Some(database) = &common.database else { return };
    let Ok(metrics) = ask(address, "/metrics").await else { return };
    let gauge = |name: &str| {
        let of =
            |line: &str| line.strip_prefix(name).is_some_and(|rest| rest.starts_with([' ', '{']));
        let line = metrics.lines().find(|line| of(line) && !line.contains("pool=\"replica"));
        line.and_then(|line| line.rsplit(' ').next()?.parse::<f64>().ok())
    };
    let (Some(open), Some(free)) = (gauge("db_pool_size"), gauge("db_pool_available")) else {
        return;
    };
    let waiting = gauge("db_pool_waiting").unwrap_or_default();
    let most = u32::try_from(database.max_connections).unwrap_or(u32::MAX);
    let used = (open - free).max(0.0);
    let use_of = format!("{used} of {most} connections at work, {waiting} requests wait");
    // While a pool grows some wait, too.
    let is_full = used >= f64::from(most);
    if is_full && waiting > 0.0 {
        report.fault(Fault::PoolExhausted, &use_of);
    }
    report.fact("pools", report.service, use_of);
}
