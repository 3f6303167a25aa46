//! How fast the services start, and what they hold while nothing happens.

use std::{
    fs,
    time::{Duration, Instant},
};

use anyhow::Context as _;
use launcher::{Options, Service, System};

use crate::{
    report::{Budget, Report},
    sample::ms,
};

/// Starts everything twice, so that the schema is current the second time, and reads the memory.
pub async fn measure(report: &mut Report, options: Options) -> anyhow::Result<()> {
    let mut first = System::start(options.clone()).await?;
    first.stop()?;
    drop(first);
    let mut system = System::stores(options).await?;
    let mut slowest = Duration::ZERO;
    for service in Service::ALL {
        let start = Instant::now();
        system.launch(service)?;
        system.ready(service, Duration::from_secs(30)).await?;
        slowest = slowest.max(start.elapsed());
    }
    report.add(
        "slowest of the five services, from start to ready, schema current",
        ms(slowest),
        "",
        Budget {
            text: "1 s",
            holds: slowest < Duration::from_secs(1),
            why: "the slowest one reads its word lists or opens its stores before it is ready",
        },
    );
    tokio::time::sleep(Duration::from_secs(15)).await;
    let mut total = 0;
    let mut parts = Vec::new();
    for service in Service::ALL {
        let id = system.process_id(service).context("is not running")?;
        let kilobytes = resident(id)?;
        total += kilobytes;
        parts.push(format!("{} {} MB", service.binary(), kilobytes / 1_024));
    }
    report.add(
        "five services idle, resident",
        format!("{} MB ({})", total / 1_024, parts.join(", ")),
        "",
        Budget {
            text: "150 MB",
            holds: total / 1_024 < 150,
            why: "each process has its own connections and runtime, ai-svc its word lists, export-svc its fonts",
        },
    );
    system.stop()
}

fn resident(process: u32) -> anyhow::Result<u64> {
    let status = fs::read_to_string(format!("/proc/{process}/status"))?;
    let line = status.lines().find(|line| line.starts_with("VmRSS:")).context("no VmRSS")?;
    Ok(line.split_whitespace().nth(1).context("no number")?.parse()?)
}
