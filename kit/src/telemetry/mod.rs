//! Logs, traces and metrics of a process.

mod meter;
mod proc;
mod propagation;
mod rotate;

use std::{io, time::Duration};

use anyhow::Context as _;
pub use meter::{EXPOSITION, Meaning, describe, exposition, metrics};
pub use opentelemetry::KeyValue;
use opentelemetry::{global, trace::TracerProvider as _};
use opentelemetry_otlp::WithExportConfig as _;
use opentelemetry_sdk::{Resource, propagation::TraceContextPropagator, trace::SdkTracerProvider};
pub use propagation::{conclude, extract, inject};
pub use rotate::RotatingFile;
use tokio::signal::unix::{SignalKind, signal};
use tracing::Level;
use tracing_subscriber::{
    EnvFilter, Layer, Registry, filter::filter_fn, layer::SubscriberExt as _,
    util::SubscriberInitExt as _,
};

use crate::config::{LogConfig, LogFormat, Otlp};

/// Libraries that tell too much at the level of our own code.
const QUIET: &str = "h2=warn,hyper=warn,tower=warn,tonic=warn,fred=error,rustls=warn,\
     tokio_postgres=warn,opentelemetry=warn,opentelemetry_sdk=warn,refinery_core=warn";

/// Crates whose spans make a trace.
const OURS: [&str; 6] = ["kit", "gateway", "auth_svc", "learning_svc", "ai_svc", "export_svc"];

/// Sends what is left when it is dropped; lives as long as `main`.
#[derive(Debug)]
#[must_use]
pub struct TelemetryGuard(Option<SdkTracerProvider>);

impl Drop for TelemetryGuard {
    fn drop(&mut self) {
        if let Some(provider) = &self.0
            && let Err(error) = provider.shutdown_with_timeout(Duration::from_secs(2))
        {
            tracing::debug!(%error, "last traces were not sent");
        }
    }
}

/// A layer of the subscriber.
pub type BoxedLayer = Box<dyn Layer<Registry> + Send + Sync>;

/// Starts logs, traces and metrics; must be called within a runtime.
///
/// # Errors
///
/// Fails when the log file or the exporter of traces cannot be opened.
pub fn init(
    log: &LogConfig,
    otlp: &Option<Otlp>,
    service_name: &'static str,
) -> anyhow::Result<TelemetryGuard> {
    meter::start(service_name);
    let said = std::env::var("RUST_LOG").ok().filter(|said| !said.trim().is_empty());
    let directives = said.unwrap_or_else(|| format!("{},{QUIET}", log.level));
    let filter = || EnvFilter::try_new(&directives).context("reading RUST_LOG");
    let stdout = lines(log.format, io::stdout).with_filter(filter()?);
    let mut layers: Vec<BoxedLayer> = vec![stdout.boxed()];
    let mut own = None;
    if let Some(dir) = &log.dir {
        let path = dir.join(&log.file);
        let file = RotatingFile::open(&path, log.max_size.0, log.backup_count)
            .with_context(|| format!("opening the log file {}", path.display()))?;
        own = Some(file.clone());
        layers.push(lines(log.format, file).with_filter(filter()?).boxed());
    }
    reopen_on_hangup(own)?;
    let provider = otlp.as_ref().map(|otlp| tracer(otlp, service_name)).transpose()?;
    if let Some(provider) = &provider {
        layers.push(traces(provider, service_name));
    }
    tracing_subscriber::registry().with(layers).try_init()?;
    if let Some(dir) = &log.dir {
        crate::files::warn_if_open(dir);
    }
    Ok(TelemetryGuard(provider))
}

/// Makes the layer that hands spans to `provider`: all of ours, whatever the log shows.
///
/// Statements and outgoing calls are spans at debug level, which the log leaves out.
#[must_use]
pub fn traces(provider: &SdkTracerProvider, service_name: &'static str) -> BoxedLayer {
    global::set_text_map_propagator(TraceContextPropagator::new());
    let ours = filter_fn(|metadata| {
        metadata.is_span() && *metadata.level() <= Level::DEBUG && is_ours(metadata.target())
    })
    .with_max_level_hint(Level::DEBUG);
    let tracer = provider.tracer(service_name);
    tracing_opentelemetry::layer().with_tracer(tracer).with_filter(ours).boxed()
}

fn is_ours(target: &str) -> bool {
    let name = target.split("::").next().unwrap_or_default();
    OURS.contains(&name)
}

fn lines<W>(format: LogFormat, writer: W) -> BoxedLayer
where
    W: for<'a> tracing_subscriber::fmt::MakeWriter<'a> + Send + Sync + 'static,
{
    let layer = tracing_subscriber::fmt::layer().with_writer(writer).with_ansi(false);
    match format {
        LogFormat::Json => layer.json().flatten_event(true).with_span_list(false).boxed(),
        LogFormat::Plain => layer.boxed(),
    }
}

fn tracer(otlp: &Otlp, service_name: &'static str) -> anyhow::Result<SdkTracerProvider> {
    let exporter = opentelemetry_otlp::SpanExporter::builder()
        .with_tonic()
        .with_endpoint(&otlp.endpoint)
        .with_timeout(Duration::from_secs(3))
        .build()
        .context("opening the exporter of traces")?;
    let version = KeyValue::new("service.version", crate::process::VERSION);
    let resource = Resource::builder().with_service_name(service_name).with_attribute(version);
    let resource = resource.build();
    Ok(SdkTracerProvider::builder().with_batch_exporter(exporter).with_resource(resource).build())
}

/// Opens the log file again on SIGHUP, which ends no process, whether it has such a file or not.
fn reopen_on_hangup(file: Option<RotatingFile>) -> anyhow::Result<()> {
    let mut hangups = signal(SignalKind::hangup())?;
    tokio::spawn(async move {
        while hangups.recv().await.is_some() {
            if let Some(Err(error)) = file.as_ref().map(RotatingFile::reopen) {
                tracing::error!(%error, "log file cannot be reopened");
            }
        }
    });
    Ok(())
}
