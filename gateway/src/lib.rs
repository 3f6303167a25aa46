//! The gateway as a library, so that its tests run the same application.

pub mod app;
pub mod config;
mod diagnose;
pub mod docs;
pub mod health;
pub mod http;
pub mod limit;
pub mod openapi;
pub mod routes;
pub mod session;
pub mod upstream;
pub mod view;
pub mod web_client;

use std::io::Write as _;

use kit::{
    config::{Common, Env, Service},
    process::Args,
    redis::Cache,
};
use tokio_util::sync::CancellationToken;

use crate::{app::State, config::Config, upstream::Upstream, web_client::WebClient};

/// Runs the process, or prints the API's description when asked for `openapi`.
pub async fn run(args: Args) -> anyhow::Result<()> {
    if args.command.as_deref() == Some("openapi") {
        writeln!(std::io::stdout(), "{}", openapi::document_text()?)?;
        return Ok(());
    }
    if args.command.as_deref() == Some(kit::diagnose::COMMAND) {
        return diagnose::run().await;
    }
    if let Some(command) = args.command {
        anyhow::bail!("unknown command {command}");
    }
    let mut env = Env::from_process();
    let common = Common::read(&mut env, Service::named("gateway"));
    let config = Config::read(&mut env);
    let (common, config) = env.finish_with(common.zip(config))?;
    let _telemetry = kit::telemetry::init(&common.log, &common.otlp, "gateway")?;
    http::observe::describe();

    let client = config.web_root.as_deref().map(WebClient::read).transpose()?;
    let stop = CancellationToken::new();
    kit::shutdown::cancel_on_signal(stop.clone())?;
    let upstream = Upstream::connect(&common, &config)?;
    let cache = Cache::connect(&common.redis);
    let listener = std::net::TcpListener::bind(common.listen)
        .map_err(|error| anyhow::anyhow!("listening on {}: {error}", common.listen))?;
    let state = State::new(&common, config, client, upstream, cache, stop);
    app::serve(listener, state).await
}
