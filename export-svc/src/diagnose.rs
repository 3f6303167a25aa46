//! What export-svc finds wrong with what it depends on.

use std::{fs, io, path::Path};

use chrono::{TimeDelta, Utc};
use export_svc::{
    config::Config,
    files::{Files, Place},
    render, store,
    store::queue,
};
use kit::{
    config::Env,
    db::{DbError, Pool},
    diagnose::{Fault, Report, age},
    process::Args,
};

/// Work that could be done for so long, and that nobody does, will not be done by itself.
const PATIENCE: TimeDelta = TimeDelta::minutes(10);
/// Failures of which are told as something that is wrong now.
const LATELY: TimeDelta = TimeDelta::hours(1);
/// Reasons that are not those of whoever ordered.
const OUR_FAILURES: [&str; 3] = ["RENDER_FAILED", "FILE_STORE_UNAVAILABLE", "WORKER_DIED"];

/// Prints the report.
pub async fn run(args: Args) -> anyhow::Result<()> {
    let env = Env::from_process();
    let asked = env.asked();
    let config = Config::read(env, args);
    let mut report = Report::new("export-svc", &asked, config.as_ref().err());
    if let Ok(config) = &config {
        report.common(&config.common).await;
        match render::check_fonts(config.font_dir.as_deref()) {
            Ok(()) => report.fact("fonts", "noto cjk", "sans and serif are installed"),
            Err(error) => report.fault(Fault::FontsMissing, error),
        }
        place(&mut report, &config.place).await;
        let pool = report.database(&config.common, "export", &store::migrations()).await;
        if let Some(pool) = pool
            && let Err(error) = stored(&mut report, &pool).await
        {
            report.fault(Fault::DatabaseRefuses, error);
        }
        report.upstream("LEARNING_SVC_URL", &config.learning_url).await;
        report.own_process(&config.common).await;
    }
    report.print()
}

async fn place(report: &mut Report, place: &Place) {
    match place {
        Place::Folder(folder) => match try_writing(folder) {
            Ok(()) => {
                report.fact("files", "exports", format_args!("{} takes files", folder.display()));
            }
            Err(error) => {
                let fault =
                    if is_full(&error) { Fault::ExportDiskFull } else { Fault::ExportFolder };
                report.fault(fault, format_args!("{}: {error}", folder.display()));
            }
        },
        Place::S3 { bucket, .. } => {
            let files = Files::open(place);
            let well = match &files {
                Ok(files) => files.healthy().await,
                Err(_) => false,
            };
            if well {
                report.fact("files", "exports", format_args!("bucket {bucket} answers"));
            } else {
                let why = files.err().map(|error| format!(": {error:#}")).unwrap_or_default();
                report.fault(Fault::ExportStore, format_args!("bucket {bucket}{why}"));
            }
        }
    }
}

/// Writes a small file and deletes it again.
fn try_writing(folder: &Path) -> io::Result<()> {
    let file = folder.join(format!(".diagnose-{}", std::process::id()));
    let written =
        fs::write(&file, vec![b'x'; 64 << 10]).and_then(|()| fs::File::open(&file)?.sync_all());
    let deleted = fs::remove_file(&file);
    written.and(deleted)
}

fn is_full(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded)
}

async fn stored(report: &mut Report, pool: &Pool) -> Result<(), DbError> {
    let (db, now) = (pool.get().await?, Utc::now());
    let depth = queue::depth(&db).await?;
    let oldest = depth.oldest.map(|at| now - at);
    let waited = oldest.map_or(String::new(), |oldest| format!(", oldest {}", age(oldest)));
    let (queued, running) = (depth.queued, depth.running);
    let depth = format!("{queued} wait{waited}, {running} at work");
    let waits_for_something = queue::waiting_since(&db).await?;
    if let Some(since) = waits_for_something.filter(|since| now - *since > PATIENCE) {
        let evidence = format!("{depth}; what they need is away since {}", age(now - since));
        report.fault(Fault::ExportsStuck, evidence);
    } else if running == 0 && oldest.is_some_and(|oldest| oldest > PATIENCE) {
        report.fault(Fault::ExportsStuck, &depth);
    }
    report.fact("queues", "exports", depth);
    let day = queue::failures(&db, now - TimeDelta::hours(24)).await?;
    report.fact("queues", "exports failed in 24 h", counted(&day));
    let mut lately = queue::failures(&db, now - LATELY).await?;
    lately.retain(|(code, _)| OUR_FAILURES.contains(&code.as_str()));
    if !lately.is_empty() {
        report.fault(Fault::ExportsFail, format_args!("in the last hour: {}", counted(&lately)));
    }
    Ok(())
}

fn counted(failures: &[(String, i64)]) -> String {
    if failures.is_empty() {
        return "0".to_owned();
    }
    let each = failures.iter().map(|(code, count)| format!("{count} {code}"));
    each.collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_disk_is_told_from_a_folder_that_cannot_be_written() {
        let full = fs::write("/dev/full", "x").unwrap_err();
        assert!(is_full(&full), "{full:?}");
        let folder = std::env::temp_dir().join(format!("place-{}", uuid::Uuid::now_v7()));
        assert!(!is_full(&try_writing(&folder).unwrap_err()));
        fs::create_dir(&folder).unwrap();
        try_writing(&folder).unwrap();
        assert_eq!(fs::read_dir(&folder).unwrap().count(), 0);
        fs::remove_dir(&folder).unwrap();
    }
}
