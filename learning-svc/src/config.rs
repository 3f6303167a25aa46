//! Settings of learning-svc.

use kit::{
    config::{Common, DatabaseConfig, Env, Service},
    process::Args,
};

/// Everything learning-svc is told from outside.
#[derive(Clone, Debug)]
pub struct Config {
    pub common: Common,
    pub args: Args,
    /// Where lists and figures are read from that may be a moment old.
    pub replica: Option<DatabaseConfig>,
    pub auth_url: String,
    pub ai_url: String,
    /// Hours east of UTC at which the school's days begin, -12 to 14.
    pub school_utc_offset_hours: i32,
    /// Background workers that analyse mistakes in this process.
    pub analysis_workers: usize,
}

impl Config {
    /// Reads the settings.
    ///
    /// # Errors
    ///
    /// Fails with all variables that are wrong.
    pub fn read(env: Env, args: Args) -> Result<Self, kit::config::ConfigError> {
        let mut env = env;
        let common = Common::read(&mut env, Service::named("learning-svc"));
        let database = common.as_ref().and_then(|common| common.database.clone());
        let replica = database.and_then(|database| database.replica(&mut env));
        let auth_url = env.service_url("AUTH_SVC_URL", 50_051);
        let ai_url = env.service_url("AI_SVC_URL", 50_053);
        let school_utc_offset_hours = env.school_utc_offset_hours();
        let analysis_workers = env.or("ANALYSIS_CONCURRENCY", "number", 2_usize);
        if !(1..=64).contains(&analysis_workers) {
            env.refuse("ANALYSIS_CONCURRENCY", "must be from 1 to 64");
        }
        let settings = common.map(|common| Self {
            common,
            args,
            replica,
            auth_url,
            ai_url,
            school_utc_offset_hours,
            analysis_workers,
        });
        env.finish_with(settings)
    }
}
