//! What the gateway finds wrong with what it depends on.

use kit::{
    config::{Common, Env, Service},
    diagnose::{Fault, Report},
};

use crate::{config::Config, web_client::WebClient};

/// Prints the report.
pub(crate) async fn run() -> anyhow::Result<()> {
    let mut env = Env::from_process();
    let asked = env.asked();
    let common = Common::read(&mut env, Service::named("gateway"));
    let config = Config::read(&mut env);
    let settings = env.finish_with(common.zip(config));
    let mut report = Report::new("gateway", &asked, settings.as_ref().err());
    if let Ok((common, config)) = &settings {
        report.common(common).await;
        for (name, url) in [
            ("AUTH_SVC_URL", &config.auth_url),
            ("LEARNING_SVC_URL", &config.learning_url),
            ("AI_SVC_URL", &config.ai_url),
            ("EXPORT_SVC_URL", &config.export_url),
        ] {
            report.upstream(name, url).await;
        }
        if let Some(Err(error)) = config.web_root.as_deref().map(WebClient::read) {
            report.fault(Fault::SettingsWrong, format_args!("WEB_ROOT: {error:#}"));
        }
        report.own_process(common).await;
    }
    report.print()
}
