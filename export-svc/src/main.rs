//! export-svc: makes documents in the background.

mod diagnose;
mod sample;

use std::{process::ExitCode, sync::Arc, thread, time::Duration};

use anyhow::Context as _;
use export_svc::{
    config::Config,
    files::Files,
    learning::Learning,
    render,
    server::ExportServer,
    store,
    task::{Tasks, Watches},
    worker::{self, Workshop},
};
use kit::{
    clock::SystemClock,
    config::Env,
    grpc::{ChannelConfig, Server},
    health::Health,
    process::{Args, VERSION},
    steady::steadily,
};
use proto::export::v1::export_service_server::ExportServiceServer;
use tokio::sync::Semaphore;
use tokio_util::{sync::CancellationToken, task::TaskTracker};

#[tokio::main]
async fn main() -> ExitCode {
    kit::process::main("export-svc", run).await
}

async fn run(args: Args) -> anyhow::Result<()> {
    match args.command.as_deref() {
        None => {}
        Some(kit::diagnose::COMMAND) => return diagnose::run(args).await,
        Some("render-sample") => return sample::render(&args.rest),
        Some(other) => anyhow::bail!("unknown command {other}"),
    }
    let config = Config::read(Env::from_process(), args)?;
    let _telemetry =
        kit::telemetry::init(&config.common.log, &config.common.otlp, config.common.service.name)?;
    let stop = CancellationToken::new();
    kit::shutdown::cancel_on_signal(stop.clone())?;

    let database = config.common.database.as_ref().context("DATABASE_URL is missing")?;
    if !config.args.skip_migrations {
        kit::db::migrate(database, "export", store::migrations()).await?;
    }
    if config.args.migrate_only {
        return Ok(());
    }
    render::check_fonts(config.font_dir.as_deref())?;
    let pool = kit::db::connect(database, "export", "export-svc").await?;
    let files = Files::open(&config.place)?;
    let deadline =
        ChannelConfig { deadline: Duration::from_secs(10), ..ChannelConfig::of(&config.common) };
    let channel =
        kit::grpc::channel(&config.learning_url, deadline, config.common.caller_key.clone())?;
    let learning = Learning::new(channel);
    let clock = Arc::new(SystemClock);

    let workshop = Workshop {
        pool: pool.clone(),
        clock: clock.clone(),
        files: files.clone(),
        learning: learning.clone(),
        presses: Arc::new(Semaphore::new(
            thread::available_parallelism().map_or(1, std::num::NonZero::get),
        )),
        max_file_bytes: config.max_file_bytes,
        file_retention: config.file_retention,
        zone: config.zone,
    };
    let tracker = TaskTracker::new();
    worker::start(&workshop, config.concurrency, &tracker, &stop);
    let (retention, ended) = (config.retention, stop.clone());
    let sweep = move || worker::sweep(workshop.clone(), retention, ended.clone());
    tracker.spawn(steadily("sweep", stop.clone(), sweep));

    let watches = Watches::default();
    let (all, db, ended) = (watches.clone(), pool.clone(), stop.clone());
    let watching = move || all.clone().run(db.clone(), ended.clone());
    tracker.spawn(steadily("watches", stop.clone(), watching));

    let store = files.clone();
    let health = Health::new(VERSION).database(&pool).add(
        "files",
        move || {
            let store = store.clone();
            async move { store.healthy().await }
        },
        true,
    );
    let tasks = Tasks::new(pool, clock, files, learning, config.limits, config.zone, watches);
    Server::new(&config.common, health)
        .add(ExportServiceServer::new(ExportServer::new(tasks, stop.clone())))
        .descriptor(proto::FILE_DESCRIPTOR_SET)
        .serve(stop)
        .await?;
    kit::shutdown::drain(&tracker, Duration::from_secs(5)).await;
    Ok(())
}
