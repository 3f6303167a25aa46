//! Health of a process, in the form that operators know.

use std::{
    collections::BTreeMap,
    future::Future,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use futures::{FutureExt as _, future::BoxFuture};
use serde::Serialize;

const CHECK_LIMIT: Duration = Duration::from_secs(2);

type Check = Arc<dyn Fn() -> BoxFuture<'static, bool> + Send + Sync>;

#[derive(Clone)]
struct Component {
    name: &'static str,
    critical: bool,
    check: Check,
}

/// Knows the parts that a process depends on.
#[derive(Clone)]
pub struct Health {
    version: &'static str,
    components: Vec<Component>,
    stopping: Arc<AtomicBool>,
}

/// How one part, or the whole process, is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    Healthy,
    /// Something that is not critical is away.
    Degraded,
    Unhealthy,
}

/// The answer of `/health`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Report {
    pub status: State,
    pub version: &'static str,
    pub components: BTreeMap<&'static str, State>,
}

impl Report {
    /// Tells whether the process can do its work.
    #[must_use]
    pub fn is_ready(&self) -> bool {
        self.status != State::Unhealthy
    }
}

impl Health {
    /// Starts with no parts.
    #[must_use]
    pub fn new(version: &'static str) -> Self {
        Self { version, components: Vec::new(), stopping: Arc::default() }
    }

    /// Adds a part; without a critical one the process is not ready.
    #[must_use]
    pub fn add<F, Fut>(mut self, name: &'static str, check: F, critical: bool) -> Self
    where
        F: Fn() -> Fut + Send + Sync + 'static,
        Fut: Future<Output = bool> + Send + 'static,
    {
        let check: Check = Arc::new(move || check().boxed());
        self.components.push(Component { name, critical, check });
        self
    }

    /// Adds the database, which is critical.
    #[must_use]
    pub fn database(self, pool: &crate::db::Pool) -> Self {
        let pool = pool.clone();
        self.add("database", move || crate::db::healthy(pool.clone()), true)
    }

    /// Adds Redis, which a process can do without.
    #[must_use]
    pub fn redis(self, cache: &crate::redis::Cache) -> Self {
        let cache = cache.clone();
        self.add(
            "redis",
            move || {
                let cache = cache.clone();
                async move { cache.healthy().await }
            },
            false,
        )
    }

    /// Makes the process answer as not ready from now on.
    pub fn stopping(&self) {
        self.stopping.store(true, Ordering::Relaxed);
    }

    /// Asks every part, all at once.
    pub async fn report(&self) -> Report {
        let checks = self.components.iter().map(|component| async move {
            let answer = tokio::time::timeout(CHECK_LIMIT, (component.check)()).await;
            (component, answer.unwrap_or(false))
        });
        let answers = futures::future::join_all(checks).await;
        let status = if self.stopping.load(Ordering::Relaxed)
            || answers.iter().any(|(component, well)| component.critical && !well)
        {
            State::Unhealthy
        } else if answers.iter().any(|(_, well)| !well) {
            State::Degraded
        } else {
            State::Healthy
        };
        let components = answers
            .into_iter()
            .map(|(component, well)| {
                let known = metrics::gauge!("component_healthy", "component" => component.name);
                known.set(f64::from(u8::from(well)));
                (component.name, if well { State::Healthy } else { State::Unhealthy })
            })
            .collect();
        Report { status, version: self.version, components }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn only_a_critical_part_makes_the_process_unready() {
        let health = Health::new("1").add("database", || async { true }, true);
        let degraded = health.clone().add("redis", || async { false }, false).report().await;
        assert_eq!((degraded.status, degraded.is_ready()), (State::Degraded, true));
        assert_eq!(degraded.components["redis"], State::Unhealthy);
        let broken = health.clone().add("disk", || async { false }, true).report().await;
        assert!(!broken.is_ready());
        assert_eq!(health.report().await.status, State::Healthy);
        health.stopping();
        assert!(!health.report().await.is_ready());
    }
}
