//! `bench --sizes 100000,10000000 --out RESULTS.md`: measures the budgets of the core against
//! their yardsticks, in one run on one machine, and writes what was seen.

mod build;
mod cpu;
mod idle;
mod model;
mod notebook;
mod page;
mod report;
mod sample;
mod seed;

use std::{
    env,
    io::{self, Write as _},
    path::{Path, PathBuf},
};

use anyhow::{Context as _, bail};
use launcher::{Environment, Options, Ports, Service, System};
use report::{Budget, Report};
use sample::ms;

/// What is asked for.
struct Arguments {
    sizes: Vec<u64>,
    /// Whether everything is also built anew, which takes long.
    builds: bool,
    out: PathBuf,
}

impl Arguments {
    fn read() -> anyhow::Result<Self> {
        let mut arguments = Self {
            sizes: vec![100_000],
            builds: true,
            out: PathBuf::from("deploy/bench/RESULTS.md"),
        };
        let mut words = env::args().skip(1);
        while let Some(word) = words.next() {
            let value = words.next().with_context(|| format!("{word} needs a value"))?;
            match word.as_str() {
                "--sizes" => {
                    let sizes = value.split(',').map(str::parse).collect::<Result<_, _>>();
                    arguments.sizes = sizes.context("--sizes are no numbers")?;
                }
                "--build" => arguments.builds = value == "yes",
                "--out" => arguments.out = PathBuf::from(value),
                _ => bail!("usage: bench [--sizes N,N] [--build yes|no] [--out FILE]"),
            }
        }
        Ok(arguments)
    }
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let arguments = Arguments::read()?;
    let folder = env::current_dir()?.join(".run/bench");
    std::fs::create_dir_all(&folder)?;
    let binaries = env::current_exe()?.parent().context("a program lies in a folder")?.to_owned();
    let mut report = Report::default();

    say("idle: start and memory")?;
    idle::measure(&mut report, options(&folder.join("idle"), &binaries, &[])?).await?;
    // After each section, so that one that fails takes nothing away.
    report.write(&arguments.out)?;

    let provider = model::Provider::start().await?;
    let embedding =
        env::var("EMBEDDING_MODEL_DIR").context("EMBEDDING_MODEL_DIR; see `make bench`")?;
    let mut seen = Vec::new();
    for &size in &arguments.sizes {
        say(&format!("pages: {size} mistakes"))?;
        let place = folder.join(format!("pages-{size}"));
        let variables = [
            ("OPENAI_API_KEY", "local-bench-key"),
            ("OPENAI_BASE_URL", provider.url.as_str()),
            ("OPENAI_MODEL", "instant"),
            ("EMBEDDING_PROVIDER", "local"),
            ("EMBEDDING_MODEL_DIR", embedding.as_str()),
        ];
        let mut system = System::start(options(&place, &binaries, &variables)?).await?;
        system.command(Service::Auth, &["seed-demo"])?;
        let school = seed::school(&system, size).await?;
        seen.push((size, page::measure(&mut report, &system, &school, size, &folder).await?));
        if Some(&size) == arguments.sizes.first() {
            say("model: own cost over a provider that answers at once")?;
            model::measure(&mut report, &system, &provider).await?;
        }
        system.stop()?;
        report.write(&arguments.out)?;
    }
    if let [(small, fast), .., (large, slow)] = seen[..] {
        let ratio = slow.as_secs_f64() / fast.as_secs_f64();
        report.add(
            format!("p99 of pages at {large} mistakes, under load"),
            format!("{ratio:.2} times, {}", ms(slow)),
            format!("at {small}: {}", ms(fast)),
            Budget {
                text: "1.3 times",
                holds: ratio <= 1.3,
                why: "1 GB of shared_buffers no longer holds the pages of all students: the time of PostgreSQL and pgbench's rate show it",
            },
        );
    }
    say("notebooks")?;
    notebook::measure(&mut report, &binaries, &folder)?;
    report.write(&arguments.out)?;

    if arguments.builds {
        say("build: everything anew")?;
        build::measure(&mut report, &folder)?;
        report.write(&arguments.out)?;
    }
    say(&format!("written: {}", arguments.out.display()))
}

fn options(folder: &Path, binaries: &Path, variables: &[(&str, &str)]) -> anyhow::Result<Options> {
    let mut environment = Environment::default();
    for (name, value) in [
        ("RATE_LIMIT_API", "10000000/minute"),
        ("RATE_LIMIT_BURST", "10000000"),
        ("LOG_LEVEL", "WARNING"),
    ] {
        environment.set(name, value);
    }
    for (name, value) in variables {
        environment.set(name, value);
    }
    Ok(Options {
        folder: folder.to_owned(),
        binaries: binaries.to_owned(),
        ports: Ports::free()?,
        environment,
        postgres_settings: vec!["shared_buffers=1GB", "max_wal_size=4GB"],
    })
}

fn say(text: &str) -> anyhow::Result<()> {
    writeln!(io::stdout(), "bench: {text}")?;
    Ok(())
}
