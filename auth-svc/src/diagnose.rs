//! What auth-svc finds wrong with what it depends on.

use auth_svc::{config::Config, mail, store};
use chrono::Utc;
use kit::{
    config::Env,
    db::{DbError, Pool},
    diagnose::{Fault, Report, age},
    process::Args,
};

/// Prints the report.
pub async fn run(args: Args) -> anyhow::Result<()> {
    let env = Env::from_process();
    let asked = env.asked();
    let config = Config::read(env, args);
    let mut report = Report::new("auth-svc", &asked, config.as_ref().err());
    if let Ok(config) = &config {
        report.common(&config.common).await;
        let pool = report.database(&config.common, "auth", &store::migrations()).await;
        if let Some(pool) = pool
            && let Err(error) = stored(&mut report, &pool).await
        {
            report.fault(Fault::DatabaseRefuses, error);
        }
        match &config.smtp {
            None => report.fact("mail", "server", "none is configured"),
            Some(smtp) => match mail::try_server(smtp).await {
                Ok(()) => report.fact("mail", "server", "lets us in"),
                Err(why) => report.fault(Fault::MailFails, why),
            },
        }
        report.own_process(&config.common).await;
    }
    report.print()
}

async fn stored(report: &mut Report, pool: &Pool) -> Result<(), DbError> {
    let db = pool.get().await?;
    let (waiting, oldest) = store::outbox::depth(&db).await?;
    let oldest = oldest.map(|at| format!(", oldest {}", age(Utc::now() - at)));
    let letters = format!("{waiting} wait{}", oldest.unwrap_or_default());
    report.fact("queues", "letters", letters);
    Ok(())
}
