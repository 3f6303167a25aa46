//! ai-svc: analyses mistakes, looks at texts and finds things by meaning.

mod commands;
mod diagnose;

use std::{process::ExitCode, sync::Arc, time::Duration};

use ai_svc::{
    analysis::Analyst,
    completion::Writer,
    config::Config,
    embed,
    ledger::Ledger,
    measure,
    models::Models,
    providers::Http,
    rules,
    server::{AnalysisServer, CompletionServer, StatusServer, TextServer, VectorServer},
    store,
    text::Reader,
    vectors::{self, Index},
};
use anyhow::Context as _;
use kit::{
    clock::SystemClock,
    config::Env,
    error::Chain,
    grpc::{MAX_MESSAGE, Server},
    health::Health,
    process::{Args, VERSION},
    steady::steadily,
};
use proto::ai::v1::{
    analysis_service_server::AnalysisServiceServer,
    completion_service_server::CompletionServiceServer, status_service_server::StatusServiceServer,
    text_service_server::TextServiceServer, vector_service_server::VectorServiceServer,
};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

const FORGET_EVERY: Duration = Duration::from_hours(24);

#[tokio::main]
async fn main() -> ExitCode {
    kit::process::main("ai-svc", run).await
}

async fn run(args: Args) -> anyhow::Result<()> {
    match args.command.as_deref() {
        None => {}
        Some(kit::diagnose::COMMAND) => return diagnose::run(args).await,
        Some("quality") => return commands::quality(&args.rest),
        Some("check-vectors") => return commands::check_vectors().await,
        Some(other) => anyhow::bail!("unknown command {other}"),
    }
    let config = Config::read(Env::from_process(), args)?;
    let _telemetry =
        kit::telemetry::init(&config.common.log, &config.common.otlp, config.common.service.name)?;
    let stop = CancellationToken::new();
    kit::shutdown::cancel_on_signal(stop.clone())?;

    let database = config.common.database.as_ref().context("DATABASE_URL is missing")?;
    if !config.args.skip_migrations {
        kit::db::migrate(database, "ai", store::migrations()).await?;
    }
    if config.args.migrate_only {
        return Ok(());
    }
    let pool = kit::db::connect(database, "ai", "ai-svc").await?;
    let cache = kit::redis::Cache::connect(&config.common.redis);
    let http = Http::new()?;
    let usual_budget = config.llm.monthly_budget;
    let ledger = Ledger::new(pool.clone(), Arc::new(SystemClock), usual_budget);
    let models = Models::new(&http, &config.llm, ledger.clone(), cache)?;
    let embedder = embed::build(&http, &config.embedding)?;
    embed::probe(&*embedder).await?;
    let engine = vectors::open(&config.engine, &*embedder)?;
    tracing::info!(
        models = config.llm.providers.len(),
        embedding_model = embedder.model(),
        vector_engine = engine.name(),
        "parts are ready"
    );
    let index = Index::new(embedder, engine.clone(), ledger.clone());
    if !models.have_prices() || !index.has_price() {
        tracing::warn!(
            "a model has no price: what it does costs nothing in the ledger, and no budget binds; \
             set OPENAI_PRICE_PROMPT, OPENAI_PRICE_COMPLETION and their like"
        );
    }
    // Reads its word list at the first question: an idle process stays small.
    let rules = Arc::<rules::Engine>::default();

    let tracker = TaskTracker::new();
    let (calls, ended) = (ledger.clone(), stop.clone());
    let forgetting = move || forget(calls.clone(), ended.clone());
    tracker.spawn(steadily("forgetting", stop.clone(), forgetting));
    let (calls, asked, ended) = (ledger.clone(), models.clone(), stop.clone());
    let measuring = move || measure::run(calls.clone(), asked.clone(), ended.clone());
    tracker.spawn(steadily("measuring", stop.clone(), measuring));
    let watched = engine.clone();
    let health = Health::new(VERSION).database(&pool).add(
        "vectors",
        move || {
            let engine = watched.clone();
            async move { engine.healthy().await }
        },
        false,
    );
    let analysis = AnalysisServer::new(Analyst::new(models.clone(), rules.clone()));
    let text = TextServer::new(Reader::new(models.clone(), rules));
    let completion = CompletionServer::new(Writer::new(models.clone()), stop.clone());
    let currency = config.llm.currency.clone();
    let status = StatusServer::new(models, index.clone(), ledger.clone(), currency);
    let vector = VectorServiceServer::new(VectorServer::new(index));
    Server::new(&config.common, health)
        .add(AnalysisServiceServer::new(analysis))
        .add(TextServiceServer::new(text))
        .add(CompletionServiceServer::new(completion))
        .add(StatusServiceServer::new(status))
        // Items come in batches of 256 texts.
        .add(vector.max_decoding_message_size(MAX_MESSAGE))
        .descriptor(proto::FILE_DESCRIPTOR_SET)
        .serve(stop)
        .await?;
    kit::shutdown::drain(&tracker, Duration::from_secs(5)).await;
    kit::shutdown::drain(ledger.writes(), Duration::from_secs(5)).await;
    engine.close().await;
    Ok(())
}

/// Forgets, once a day, single calls that nobody can ask for any more.
async fn forget(ledger: Ledger, stop: CancellationToken) {
    let mut ticks = tokio::time::interval(FORGET_EVERY);
    loop {
        tokio::select! {
            () = stop.cancelled() => return,
            _ = ticks.tick() => {}
        }
        match ledger.forget_old().await {
            Ok(0) => {}
            Ok(calls) => tracing::info!(calls, "old calls were forgotten"),
            Err(error) => {
                tracing::warn!(error = %Chain(&error), "old calls could not be forgotten");
            }
        }
    }
}
