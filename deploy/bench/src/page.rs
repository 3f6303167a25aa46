//! Reading pages of 20 mistakes.

use std::{
    fs,
    path::Path,
    process::Command,
    sync::atomic::{AtomicU64, Ordering},
    time::Duration,
};

use anyhow::{Context as _, ensure};
use kit::{
    caller::{Caller, CallerKey, Role},
    grpc::{self, ChannelConfig},
};
use launcher::System;
use proto::learning::v1::{ListMistakesRequest, mistake_service_client::MistakeServiceClient};

use crate::{
    cpu::Used,
    report::{Budget, Report},
    sample::{self, alternate, ms},
    seed::School,
};

const SECONDS: u32 = 15;
const CONNECTIONS: u32 = 8;

/// Measures throughput against pgbench, and the gateway's own cost; returns p99 under load.
pub async fn measure(
    report: &mut Report,
    system: &System,
    school: &School,
    size: u64,
    folder: &Path,
) -> anyhow::Result<Duration> {
    let own_cost = own_cost(system, school).await?;
    let before = Used::now()?;
    let (through, p99) = wrk(system, school, folder)?;
    let between = Used::now()?;
    let alone = pgbench(system, school, folder)?;
    let after = Used::now()?;
    let each = |rate: f64| rate * f64::from(SECONDS);
    report.add(
        format!("pages of 20 at {size} mistakes, HTTP → gRPC → PostgreSQL"),
        format!(
            "{through:.0}/s, p99 {}; processor time of one: {}",
            ms(p99),
            between.each(&before, each(through))
        ),
        format!(
            "pgbench with the same statement: {alone:.0}/s; processor time of one: {}",
            after.each(&between, each(alone))
        ),
        Budget {
            text: "half of pgbench",
            holds: through * 2.0 >= alone,
            why: "the processor time shows where it goes: most of it is not the statement, which is all that pgbench runs",
        },
    );
    report.add(
        format!("the gateway's own cost at {size} mistakes, p99 over gRPC"),
        own_cost.0,
        own_cost.1,
        Budget {
            text: "1 ms",
            holds: own_cost.2,
            why: "a difference of two p99 on shared processors holds the scheduler's delays; p50 is the typical cost",
        },
    );
    Ok(p99)
}

/// Runs wrk and returns requests per second and p99.
fn wrk(system: &System, school: &School, folder: &Path) -> anyhow::Result<(f64, Duration)> {
    let script = folder.join("pages.lua");
    fs::write(
        &script,
        format!(
            // The address of a new table differs between threads, so that each asks for other students.
            "math.randomseed(tonumber(tostring({{}}):match(\"0x(%x+)\"), 16))\n\
             wrk.headers[\"Authorization\"] = \"Bearer {}\"\n\
             request = function()\n\
             \x20 local n = math.random(1, {})\n\
             \x20 return wrk.format(\"GET\", string.format(\"/api/v1/mistakes?student_id=\
             00000000-0000-4000-8000-%012x&limit=20\", n))\n\
             end\n\
             response = function(status) if status ~= 200 then io.write(\"status \" .. status .. \"\\n\") end end\n",
            school.token, school.students
        ),
    )?;
    let output = Command::new("wrk")
        .args(["-t", "2", "-c", &CONNECTIONS.to_string(), "-d", &format!("{SECONDS}s")])
        .args(["--latency", "-s"])
        .arg(&script)
        .arg(system.url())
        .output()
        .context("wrk cannot be run")?;
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    ensure!(!text.contains("status "), "pages were refused: {}", text.lines().next().unwrap_or(""));
    let find = |name: &str| {
        let line = text.lines().find(|line| line.trim_start().starts_with(name));
        line.and_then(|line| line.split_whitespace().nth(1)).map(str::to_owned)
    };
    let rate = find("Requests/sec:").with_context(|| format!("wrk printed {text}"))?;
    let p99 = find("99%").with_context(|| format!("wrk printed {text}"))?;
    Ok((rate.parse()?, sample::duration(&p99)?))
}

/// Runs the very statement of the service with pgbench and returns transactions per second.
fn pgbench(system: &System, school: &School, folder: &Path) -> anyhow::Result<f64> {
    let student = "('00000000-0000-4000-8000-' || lpad(to_hex(:n::bigint), 12, '0'))::uuid";
    // One more than a page has tells whether there is another page.
    let sql = learning_svc::store::mistake_list::latest_of_one(21).replace("$1", student);
    let script = folder.join("pages.sql");
    let sql = sql.split_whitespace().collect::<Vec<_>>().join(" ");
    fs::write(&script, format!("\\set n random(1, {})\n{sql};\n", school.students))?;
    let output = Command::new("/usr/lib/postgresql/15/bin/pgbench")
        .args(["-n", "-M", "prepared", "-c", &CONNECTIONS.to_string(), "-j", "2"])
        .args(["-T", &SECONDS.to_string(), "-f"])
        .arg(&script)
        .arg(system.postgres.url("postgres", "ai_english"))
        .env("PGOPTIONS", "-c search_path=learning")
        .output()
        .context("pgbench cannot be run")?;
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let line = text.lines().find(|line| line.starts_with("tps = "));
    let error = String::from_utf8_lossy(&output.stderr).into_owned();
    let line = line.with_context(|| format!("pgbench printed {text}{error}"))?;
    Ok(line.split_whitespace().nth(2).context("no number")?.parse()?)
}

/// Calls the gateway and learning-svc in turn; returns the difference of p99, both, and whether
/// the budget holds.
async fn own_cost(system: &System, school: &School) -> anyhow::Result<(String, String, bool)> {
    let environment = system.environment(launcher::Service::Learning);
    let secret = environment.pairs().iter().rev().find(|(name, _)| name == "JWT_SECRET_KEY");
    let (_, secret) = secret.context("no secret")?;
    let mut env = kit::config::Env::from_pairs([
        ("APP_ENV", "development"),
        ("JWT_SECRET_KEY", secret.as_str()),
    ]);
    let common = kit::config::Common::read(&mut env, kit::config::Service::named("gateway"));
    let key: CallerKey = env.finish_with(common)?.caller_key;
    let url = format!("http://127.0.0.1:{}", system.ports().learning);
    let channel = grpc::channel(&url, ChannelConfig::default(), key)?;
    let caller = Caller {
        user_id: school.user_id.parse()?,
        role: Role::Admin,
        organization_id: school.organization_id.parse()?,
        request_id: "bench".to_owned(),
    };
    let client = reqwest::Client::new();
    let counter = AtomicU64::new(0);
    let student = || {
        // Each pair of calls asks for one student, far from the one before.
        let n = counter.fetch_add(1, Ordering::Relaxed) / 2 * 7_919 % school.students + 1;
        format!("00000000-0000-4000-8000-{n:012x}")
    };
    let http = || {
        let url = format!("{}/api/v1/mistakes?limit=20&student_id={}", system.url(), student());
        let request = client.get(url).bearer_auth(&school.token);
        async move {
            request.send().await?.error_for_status()?.bytes().await?;
            Ok(())
        }
    };
    let direct = || {
        let mut client = MistakeServiceClient::new(channel.clone());
        let message =
            ListMistakesRequest { student_id: student(), limit: 20, ..Default::default() };
        let caller = caller.clone();
        async move {
            kit::caller::scope(caller, client.list_mistakes(message)).await?;
            Ok(())
        }
    };
    let (whole, direct) = alternate(3_000, http, direct).await?;
    let own = whole.p99().saturating_sub(direct.p99());
    let seen = format!("{} (p50 {})", ms(own), ms(whole.p50().saturating_sub(direct.p50())));
    let both = format!("through the gateway {}, direct {}", ms(whole.p99()), ms(direct.p99()));
    Ok((seen, both, own.as_millis() < 1))
}
