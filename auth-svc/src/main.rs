//! auth-svc: accounts, sessions, organizations.

mod command;
mod diagnose;

use std::{process::ExitCode, sync::Arc, time::Duration};

use anyhow::Context as _;
use auth_svc::{
    Context,
    config::Config,
    mail, measure,
    organization::Organizations,
    password::Hasher,
    server::{OrganizationServer, SessionServer, UserServer},
    session::Sessions,
    store, sweep,
    user::{KeptProfiles, Users},
};
use kit::{
    clock::SystemClock,
    config::{AppEnv, Env},
    grpc::Server,
    health::Health,
    process::{Args, VERSION},
    redis::Cache,
    steady::steadily,
};
use proto::auth::v1::{
    organization_service_server::OrganizationServiceServer,
    session_service_server::SessionServiceServer, user_service_server::UserServiceServer,
};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

#[tokio::main]
async fn main() -> ExitCode {
    kit::process::main("auth-svc", run).await
}

async fn run(args: Args) -> anyhow::Result<()> {
    if args.command.as_deref() == Some(kit::diagnose::COMMAND) {
        return diagnose::run(args).await;
    }
    let config = Config::read(Env::from_process(), args)?;
    let _telemetry =
        kit::telemetry::init(&config.common.log, &config.common.otlp, config.common.service.name)?;
    let stop = CancellationToken::new();
    kit::shutdown::cancel_on_signal(stop.clone())?;

    let database = config.common.database.as_ref().context("DATABASE_URL is missing")?;
    if !config.args.skip_migrations {
        kit::db::migrate(database, "auth", store::migrations()).await?;
    }
    if config.args.migrate_only {
        return Ok(());
    }
    let pool = kit::db::connect(database, "auth", "auth-svc").await?;
    let cache = Cache::connect(&config.common.redis);
    let context = Context {
        pool: pool.clone(),
        profiles: KeptProfiles::new(cache.clone(), config.common.redis.ttl.user_profile),
        cache,
        clock: Arc::new(SystemClock),
        hasher: Hasher::new()?,
        policy: Arc::new(config.policy),
        unheard: Arc::default(),
    };
    match config.args.command.as_deref() {
        None => {}
        Some("create-admin") => return command::create_admin(&context, &config.args.rest).await,
        Some("seed-demo") => {
            let production = config.common.env == AppEnv::Production;
            anyhow::ensure!(!production, "seed-demo: not with APP_ENV=production");
            return command::seed_demo(&context).await;
        }
        Some(other) => anyhow::bail!("unknown command {other}"),
    }

    measure::describe();
    let tracker = TaskTracker::new();
    let (own, ended) = (context.clone(), stop.clone());
    let revocations = move || sweep::revocations(own.clone(), ended.clone());
    tracker.spawn(steadily("revocations", stop.clone(), revocations));
    let (own, ended) = (context.clone(), stop.clone());
    let leftovers = move || sweep::leftovers(own.clone(), ended.clone());
    tracker.spawn(steadily("sweep", stop.clone(), leftovers));
    if let Some(smtp) = config.smtp {
        let (own, ended) = (context.clone(), stop.clone());
        let letters = move || {
            let letters = mail::send(smtp.clone(), own.clone(), ended.clone());
            async {
                if let Err(error) = letters.await {
                    tracing::error!(error = format!("{error:#}"), "letters cannot be sent");
                }
            }
        };
        tracker.spawn(steadily("letters", stop.clone(), letters));
    }
    let health = Health::new(VERSION).database(&pool).redis(&context.cache);
    Server::new(&config.common, health)
        .add(SessionServiceServer::new(SessionServer::new(Sessions::new(context.clone()))))
        .add(UserServiceServer::new(UserServer::new(Users::new(context.clone()))))
        .add(OrganizationServiceServer::new(OrganizationServer::new(Organizations::new(context))))
        .descriptor(proto::FILE_DESCRIPTOR_SET)
        .serve(stop)
        .await?;
    kit::shutdown::drain(&tracker, Duration::from_secs(5)).await;
    Ok(())
}
