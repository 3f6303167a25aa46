//! Settings of export-svc.

use std::path::PathBuf;

use chrono::{FixedOffset, Offset as _, TimeDelta, Utc};
use kit::{
    config::{Common, Env, Service, Size},
    process::Args,
};

use crate::{files::Place, task::Limits, worker::Retention};

/// Everything export-svc is told from outside.
#[derive(Clone, Debug)]
pub struct Config {
    pub common: Common,
    pub args: Args,
    pub learning_url: String,
    pub place: Place,
    /// Folder with the fonts, where they are not installed.
    pub font_dir: Option<PathBuf>,
    pub limits: Limits,
    /// Tasks at work at the same time in this process.
    pub concurrency: usize,
    pub max_file_bytes: u64,
    pub file_retention: TimeDelta,
    pub retention: Retention,
    /// Where the school's days begin.
    pub zone: FixedOffset,
}

impl Config {
    /// Reads the settings.
    ///
    /// # Errors
    ///
    /// Fails with all variables that are wrong.
    pub fn read(env: Env, args: Args) -> Result<Self, kit::config::ConfigError> {
        let mut env = env;
        let common = Common::read(&mut env, Service::named("export-svc"));
        let place = place(&mut env);
        let font_dir = env.optional("EXPORT_FONT_DIR", "path");
        let concurrency = env.or("EXPORT_CONCURRENCY", "number", 5_usize);
        if !(1..=64).contains(&concurrency) {
            env.refuse("EXPORT_CONCURRENCY", "must be from 1 to 64");
        }
        let days = |env: &mut Env, name, default| {
            let days = env.or(name, "number of days", default);
            if !(1..=3_650).contains(&days) {
                env.refuse(name, "must be from 1 to 3650");
            }
            TimeDelta::days(days)
        };
        let file_retention = days(&mut env, "EXPORT_FILE_RETENTION_DAYS", 30);
        let tasks = days(&mut env, "EXPORT_TASK_RETENTION_DAYS", 7);
        let zone = FixedOffset::east_opt(env.school_utc_offset_hours() * 3_600);
        let zone = zone.unwrap_or_else(|| Utc.fix());
        let learning_url = env.service_url("LEARNING_SVC_URL", 50_052);
        let active_per_user = env.or("EXPORT_MAX_ACTIVE_PER_USER", "number", 5);
        let max_file_bytes =
            env.or("EXPORT_MAX_FILE_SIZE", "size such as 200MB", Size(200 << 20)).0;
        let settings = common.map(|common| Self {
            common,
            args,
            learning_url,
            place,
            font_dir,
            limits: Limits { active_per_user },
            concurrency,
            max_file_bytes,
            file_retention,
            retention: Retention { tasks, keys: TimeDelta::days(2) },
            zone,
        });
        env.finish_with(settings)
    }
}

fn place(env: &mut Env) -> Place {
    let Some(bucket) = env.optional("EXPORT_S3_BUCKET", "name") else {
        return Place::Folder(env.or("EXPORT_DIR", "path", PathBuf::from("exports")));
    };
    let secret = env.secret("EXPORT_S3_SECRET_KEY");
    if secret.is_none() {
        env.refuse("EXPORT_S3_SECRET_KEY", "is missing beside EXPORT_S3_BUCKET");
    }
    Place::S3 {
        bucket,
        endpoint: env.optional("EXPORT_S3_ENDPOINT", "URL"),
        region: env.or("EXPORT_S3_REGION", "name", "us-east-1".to_owned()),
        key: env.required("EXPORT_S3_ACCESS_KEY", "key").unwrap_or_default(),
        secret: secret.unwrap_or_default(),
    }
}
