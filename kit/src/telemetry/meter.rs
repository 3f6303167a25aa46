//! The metrics of a process, as Prometheus reads them.

use std::{sync::OnceLock, time::Duration};

use metrics::Unit;
use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle};

use super::proc;
use crate::process::VERSION;

/// Media type of [`exposition`].
pub const EXPOSITION: &str = "text/plain; version=0.0.4; charset=utf-8";

const BUCKETS: [f64; 15] =
    [0.000_5, 0.001, 0.002_5, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 15.0, 60.0];

static METRICS: OnceLock<PrometheusHandle> = OnceLock::new();

/// What one metric means.
#[derive(Clone, Copy, Debug)]
pub enum Meaning {
    Counter(&'static str, Unit, &'static str),
    Gauge(&'static str, Unit, &'static str),
    Histogram(&'static str, Unit, &'static str),
}

use Meaning::{Counter, Gauge, Histogram};

/// What every process tells; each service describes its own beside them.
const MEANINGS: [Meaning; 13] = [
    Gauge("ai_english_build_info", Unit::Count, "1; the labels say which program in which version"),
    Gauge(
        "component_healthy",
        Unit::Count,
        "1 while a part that the process depends on is well, else 0; as /health says",
    ),
    Counter("grpc_server_handled_total", Unit::Count, "calls that were answered, by code"),
    Histogram("grpc_server_handling_seconds", Unit::Seconds, "time until a call was answered"),
    Histogram(
        "db_query_duration_seconds",
        Unit::Seconds,
        "time of one statement, the way to PostgreSQL included",
    ),
    Gauge("db_pool_size", Unit::Count, "connections to PostgreSQL that are open"),
    Gauge("db_pool_max_size", Unit::Count, "connections to PostgreSQL that may be open"),
    Gauge("db_pool_available", Unit::Count, "open connections that nobody uses"),
    Gauge("db_pool_waiting", Unit::Count, "callers that wait for a connection"),
    Counter(
        "db_reads_total",
        Unit::Count,
        "reads that may go to a replica, by the server that got them",
    ),
    Gauge(
        "db_replica_behind_seconds",
        Unit::Seconds,
        "how far the replica is behind the primary at most; grows while it does not answer",
    ),
    Counter("cache_hit_total", Unit::Count, "what was asked of a cache and was there"),
    Counter("cache_miss_total", Unit::Count, "what was asked of a cache and was not there"),
];

/// Says what metrics mean, for whoever reads them.
pub fn describe(meanings: &[Meaning]) {
    for meaning in meanings {
        match *meaning {
            Counter(name, unit, text) => metrics::describe_counter!(name, unit, text),
            Gauge(name, unit, text) => metrics::describe_gauge!(name, unit, text),
            Histogram(name, unit, text) => metrics::describe_histogram!(name, unit, text),
        }
    }
}

/// Begins to count in the process of that name.
pub(super) fn start(service_name: &'static str) {
    metrics();
    metrics::gauge!("ai_english_build_info", "service" => service_name, "version" => VERSION)
        .set(1.0);
}

/// Returns the handle that knows the metrics of this process.
pub fn metrics() -> PrometheusHandle {
    METRICS
        .get_or_init(|| {
            let builder = PrometheusBuilder::new();
            let builder = builder
                .set_buckets_for_metric(Matcher::Suffix("_seconds".to_owned()), &BUCKETS)
                .unwrap_or_else(|_| PrometheusBuilder::new());
            let recorder = builder.build_recorder();
            let handle = recorder.handle();
            if metrics::set_global_recorder(recorder).is_err() {
                tracing::warn!("another recorder of metrics is installed");
            }
            describe(&MEANINGS);
            if let Ok(runtime) = tokio::runtime::Handle::try_current() {
                runtime.spawn(tidy(handle.clone()));
            }
            handle
        })
        .clone()
}

/// Writes down all metrics, those of the process itself at last.
#[must_use]
pub fn exposition() -> String {
    let mut text = metrics().render();
    proc::write(&mut text);
    text
}

/// Folds recorded values into buckets, so that memory does not grow when nobody reads them.
async fn tidy(handle: PrometheusHandle) {
    let mut ticks = tokio::time::interval(Duration::from_secs(5));
    loop {
        ticks.tick().await;
        handle.run_upkeep();
    }
}
