//! Settings of learning-svc.

use kit::{
    config::{Common, Env, Service},
    process::Args,
};

/// Everything learning-svc is told from outside.
#[derive(Clone, Debug)]
pub struct Config {
    pub common: Common,
    pub args: Args,
    pub auth_url: String,
    pub ai_url: String,
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
        let auth_url = env.or("AUTH_SVC_URL", "URL", "http://127.0.0.1:50051".to_owned());
        let ai_url = env.or("AI_SVC_URL", "URL", "http://127.0.0.1:50053".to_owned());
        let settings = common.map(|common| Self { common, args, auth_url, ai_url });
        env.finish_with(settings)
    }
}
