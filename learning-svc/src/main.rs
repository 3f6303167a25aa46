//! learning-svc: classes, students, mistakes and reviews.

mod diagnose;

use std::{
    io::{Write as _, stdout},
    process::ExitCode,
    sync::Arc,
    time::Duration,
};

use anyhow::Context as _;
use kit::{
    clock::{Clock as _, SharedClock, SystemClock},
    config::Env,
    db::{Pool, Reads},
    grpc::{ChannelConfig, MAX_MESSAGE, Server},
    health::Health,
    process::{Args, VERSION},
    redis::Cache,
    steady::steadily,
};
use learning_svc::{
    class::Classes,
    config::Config,
    import,
    name::Follower,
    review::SchoolDays,
    roster::{PasswordKey, Rosters},
    server::{ClassServer, Practice, RosterImportServer, StudentServer},
    store::{self, mistake_jobs},
    student::{KeptProfiles, Profiles},
    upstream::{Ai, Auth},
};
use proto::learning::v1::{
    class_service_server::ClassServiceServer,
    roster_import_service_server::RosterImportServiceServer,
    student_service_server::StudentServiceServer,
};
use tokio_util::{sync::CancellationToken, task::TaskTracker};
use uuid::Uuid;

/// Hashing a thousand first passwords takes auth-svc a while.
const AUTH_DEADLINE: Duration = Duration::from_mins(2);
/// How long a search by meaning may take; analyses have their own limit.
const AI_DEADLINE: Duration = Duration::from_secs(5);
/// Mistakes that one statement of `reindex` queues: far below its time limit.
const REINDEXED_TOGETHER: i64 = 10_000;

#[tokio::main]
async fn main() -> ExitCode {
    kit::process::main("learning-svc", run).await
}

async fn run(args: Args) -> anyhow::Result<()> {
    let is_reindex = match args.command.as_deref() {
        None => false,
        Some(kit::diagnose::COMMAND) => return diagnose::run(args).await,
        Some("reindex") => true,
        Some(other) => anyhow::bail!("unknown command {other}"),
    };
    let config = Config::read(Env::from_process(), args)?;
    let common = &config.common;
    let _telemetry = kit::telemetry::init(&common.log, &common.otlp, common.service.name)?;
    let stop = CancellationToken::new();
    kit::shutdown::cancel_on_signal(stop.clone())?;

    let database = common.database.as_ref().context("DATABASE_URL is missing")?;
    if !config.args.skip_migrations {
        kit::db::migrate(database, "learning", store::migrations()).await?;
    }
    if config.args.migrate_only {
        return Ok(());
    }
    let pool = kit::db::connect(database, "learning", "learning-svc").await?;
    if is_reindex {
        return reindex(&pool).await;
    }
    let cache = Cache::connect(&common.redis);
    let clock = Arc::new(SystemClock);
    let patient = ChannelConfig { deadline: AUTH_DEADLINE, ..ChannelConfig::of(common) };
    let auth = Auth::new(kit::grpc::channel(&config.auth_url, patient, common.caller_key.clone())?);

    let classes = Classes::new(pool.clone(), clock.clone(), auth.clone());
    let kept = KeptProfiles::new(cache.clone(), common.redis.ttl.student_profile);
    let profiles = Profiles::new(pool.clone(), clock.clone(), kept.clone(), auth.clone());
    let key = PasswordKey::derive(&common.jwt_secret);
    let follower = Follower::new(pool.clone(), clock.clone(), kept.clone(), auth.clone());
    let caches = (cache.clone(), kept);
    let rosters = Rosters::new(pool.clone(), clock.clone(), caches, auth.clone(), key);

    let quick = ChannelConfig { deadline: AI_DEADLINE, ..ChannelConfig::of(common) };
    let ai = Ai::new(kit::grpc::channel(&config.ai_url, quick, common.caller_key.clone())?);
    let days = SchoolDays::at(config.school_utc_offset_hours);
    let shared: SharedClock = clock.clone();
    let reads = Reads::watch(database, config.replica.as_ref(), "learning", "learning-svc")?;
    let (pools, caches) = ((&pool, &reads), (&cache, common.redis.ttl));
    let practice = Practice::new(pools, &shared, days, (&ai, &auth), caches);

    let tracker = TaskTracker::new();
    practice.start(config.analysis_workers, &tracker, &stop);
    let (swept, until) = (pool.clone(), stop.clone());
    let sweep = move || import::sweep(swept.clone(), clock.clone(), until.clone());
    tracker.spawn(steadily("import sweep", stop.clone(), sweep));
    let until = stop.clone();
    let follow = move || follower.clone().run(until.clone());
    tracker.spawn(steadily("names", stop.clone(), follow));
    let (tidier, until) = (rosters.clone(), stop.clone());
    let tidy = move || tidier.clone().tidy_up(until.clone());
    tracker.spawn(steadily("rosters", stop.clone(), tidy));

    let health = Health::new(VERSION).database(&pool).redis(&cache);
    let rosters = RosterImportServiceServer::new(RosterImportServer::new(rosters))
        .max_decoding_message_size(MAX_MESSAGE);
    let server = Server::new(common, health)
        .add(ClassServiceServer::new(ClassServer::new(classes)))
        .add(StudentServiceServer::new(StudentServer::new(profiles)))
        .add(rosters);
    practice.serve(server).descriptor(proto::FILE_DESCRIPTOR_SET).serve(stop).await?;
    kit::shutdown::drain(&tracker, Duration::from_secs(5)).await;
    Ok(())
}

/// Has every mistake indexed anew: after vectors were lost, or with another embedding model. What an
/// interrupted run has queued stays queued.
async fn reindex(pool: &Pool) -> anyhow::Result<()> {
    let now = SystemClock.now();
    let (mut count, mut after) = (0, Some(Uuid::nil()));
    while let Some(last) = after {
        let db = pool.get().await?;
        let step = mistake_jobs::reindex(&db, last, REINDEXED_TOGETHER, now).await?;
        count += step.queued;
        after = step.last;
        if after.is_some() {
            writeln!(stdout(), "{count} mistakes so far")?;
        }
    }
    writeln!(stdout(), "{count} mistakes wait to be indexed by the learning-svc that runs")?;
    Ok(())
}
