//! What ai-svc finds wrong with what it depends on.

mod models;
mod vectors;

use std::sync::Arc;

use ai_svc::{config::Config, ledger::Ledger, providers::Http, store};
use kit::{
    clock::SystemClock,
    config::Env,
    db::{DbError, Pool},
    diagnose::{Fault, Report, WITHOUT_MODELS},
    process::Args,
};

/// Prints the report; `--no-models` asks no model, which may cost a few tokens.
pub async fn run(args: Args) -> anyhow::Result<()> {
    let asks = !args.rest.iter().any(|flag| flag == WITHOUT_MODELS);
    let env = Env::from_process();
    let asked = env.asked();
    let config = Config::read(env, args);
    let mut report = Report::new("ai-svc", &asked, config.as_ref().err());
    if let Ok(config) = &config {
        let http = Http::new()?;
        report.common(&config.common).await;
        let pool = report.database(&config.common, "ai", &store::migrations()).await;
        if let Some(pool) = pool
            && let Err(error) = budgets(&mut report, config, pool).await
        {
            report.fault(Fault::DatabaseRefuses, error);
        }
        vectors::look(&mut report, config, &http, asks).await;
        models::look(&mut report, config, &http, asks).await;
        report.own_process(&config.common).await;
    }
    report.print()
}

async fn budgets(report: &mut Report, config: &Config, pool: Pool) -> Result<(), DbError> {
    let ledger = Ledger::new(pool, Arc::new(SystemClock), config.llm.monthly_budget);
    for (organization, standing) in ledger.spent().await? {
        let [spent, budget] = [standing.spent_micros, standing.budget_micros].map(amount);
        let evidence = format!("{organization}: {spent} of {budget} {}", config.llm.currency);
        report.fault(Fault::BudgetSpent, evidence);
    }
    Ok(())
}

fn amount(micros: u64) -> String {
    format!("{}.{:02}", micros / 1_000_000, micros % 1_000_000 / 10_000)
}
