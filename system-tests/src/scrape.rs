//! What a process tells Prometheus.

use std::collections::BTreeSet;

use anyhow::ensure;
use launcher::Service;

use crate::Installation;

/// The metrics of one process at one moment.
#[derive(Clone, Debug)]
pub struct Scrape(String);

impl Scrape {
    /// Reads what is told at `url`.
    ///
    /// # Errors
    ///
    /// Fails when nothing is told.
    pub async fn at(url: &str) -> anyhow::Result<Self> {
        let answer = reqwest::get(url).await?;
        let kind = answer.headers()["content-type"].to_str()?.to_owned();
        ensure!(kind.starts_with("text/plain"), "{url} answers with {kind}");
        Ok(Self(answer.error_for_status()?.text().await?))
    }

    /// Reads what a process of an installation tells.
    ///
    /// # Errors
    ///
    /// Fails when it is not there.
    pub async fn of(installation: &Installation, service: Service) -> anyhow::Result<Self> {
        let port = installation.system.ports().of(service);
        Self::at(&format!("http://127.0.0.1:{port}/metrics")).await
    }

    /// Returns the text.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.0
    }

    /// Returns the names of all metrics, those of the parts of histograms too.
    #[must_use]
    pub fn names(&self) -> BTreeSet<String> {
        let lines = self.0.lines().filter(|line| !line.starts_with('#'));
        let names = lines.filter_map(|line| line.split(['{', ' ']).next());
        names.filter(|name| !name.is_empty()).map(str::to_owned).collect()
    }

    /// Returns the sum of a metric over all lines that have every one of `labels`, as in `code="OK"`.
    #[must_use]
    pub fn sum(&self, name: &str, labels: &[&str]) -> f64 {
        let lines = self.0.lines().filter(|line| {
            let rest = line.strip_prefix(name).filter(|rest| rest.starts_with(['{', ' ']));
            rest.is_some_and(|rest| labels.iter().all(|label| rest.contains(label)))
        });
        lines.filter_map(|line| line.rsplit(' ').next()?.parse::<f64>().ok()).sum()
    }
}
