//! What learning-svc finds wrong with what it depends on.

use chrono::{TimeDelta, Utc};
use kit::{
    config::Env,
    db::{DbError, Pool},
    diagnose::{Fault, Report, age},
    process::Args,
};
use learning_svc::{
    config::Config,
    store::{self, mistake_jobs, mistakes},
};

/// Work that could be done for so long, and that nobody does, will not be done by itself.
const PATIENCE: TimeDelta = TimeDelta::minutes(10);

/// Prints the report.
pub async fn run(args: Args) -> anyhow::Result<()> {
    let env = Env::from_process();
    let asked = env.asked();
    let config = Config::read(env, args);
    let mut report = Report::new("learning-svc", &asked, config.as_ref().err());
    if let Ok(config) = &config {
        report.common(&config.common).await;
        let pool = report.database(&config.common, "learning", &store::migrations()).await;
        if let Some(pool) = pool
            && let Err(error) = stored(&mut report, &pool).await
        {
            report.fault(Fault::DatabaseRefuses, error);
        }
        report.upstream("AUTH_SVC_URL", &config.auth_url).await;
        report.upstream("AI_SVC_URL", &config.ai_url).await;
        report.own_process(&config.common).await;
    }
    report.print()
}

async fn stored(report: &mut Report, pool: &Pool) -> Result<(), DbError> {
    let (db, now) = (pool.get().await?, Utc::now());
    for queue in mistake_jobs::depths(&db, now).await? {
        let oldest = queue.due_since.map(|at| now - at);
        let waited = oldest.map_or(String::new(), |oldest| format!(", oldest {}", age(oldest)));
        let depth = format!(
            "{} wait{waited}, {} at work, {} failed before and are tried again",
            queue.waiting, queue.at_work, queue.tried
        );
        if queue.at_work == 0 && oldest.is_some_and(|oldest| oldest > PATIENCE) {
            report.fault(Fault::JobsStuck, format_args!("{}: {depth}", queue.kind));
        }
        report.fact("queues", &queue.kind, depth);
    }
    let failed = mistakes::unanalysed(&db).await?;
    report.fact("queues", "analyses given up", failed);
    report.datum("indexed", i32::from(mistakes::any_indexed(&db).await?));
    Ok(())
}
