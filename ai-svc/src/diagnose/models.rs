//! Language models: reached, let in, answering, and whether the running process still asks them.

use std::time::Duration;

use ai_svc::{
    config::{Config, ProviderConfig},
    providers::{self, Failure, Http, Message, Prompt, Speaker},
};
use futures::future::join_all;
use kit::{
    caller::{self, Caller, Role},
    config::Common,
    diagnose::{Fault, Report, Unreachable, endpoint, reach},
    grpc::ChannelConfig,
};
use proto::ai::v1::{GetStatusRequest, status_service_client::StatusServiceClient};
use uuid::Uuid;

const LONGEST: Duration = Duration::from_secs(20);

pub(super) async fn look(report: &mut Report, config: &Config, http: &Http, asks: bool) {
    if config.llm.providers.is_empty() {
        return report.fact("models", "language models", "none is configured: the rules answer");
    }
    let each = config.llm.providers.iter().map(async |provider| {
        let outcome = if asks { Some(ask(http, config, provider).await) } else { None };
        (provider, outcome)
    });
    for (provider, outcome) in join_all(each).await {
        let name = name(provider);
        match outcome {
            None => report.fact("models", &name, "was not asked"),
            Some(Ok(took)) => {
                let took = took.as_millis();
                report.fact("models", &name, format_args!("answers, in {took} ms"));
            }
            Some(Err((fault, why))) => {
                report.fact("models", &name, "does not answer");
                report.fault(fault, format_args!("{name}: {why}"));
            }
        }
    }
    circuits(report, &config.common).await;
}

fn name(provider: &ProviderConfig) -> String {
    let place = endpoint(&provider.base_url);
    let place = place.map_or(String::new(), |(host, port)| format!(" at {host}:{port}"));
    format!("{} {}{place}", provider.kind.as_str(), provider.model)
}

async fn ask(
    http: &Http,
    config: &Config,
    provider: &ProviderConfig,
) -> Result<Duration, (Fault, String)> {
    let built = providers::build(http, &config.llm, provider);
    let built = built.map_err(|error| (Fault::ModelKey, format!("{error:#}")))?;
    let content = "Answer with the word OK.".to_owned();
    let prompt = Prompt {
        system: String::new(),
        messages: vec![Message { speaker: Speaker::User, content }],
        max_tokens: 16,
        temperature: None,
        schema: None,
    };
    let start = std::time::Instant::now();
    let limit = config.llm.call_timeout.min(LONGEST);
    let answer = tokio::time::timeout(limit, built.complete(&prompt)).await;
    let failure = match answer.unwrap_or(Err(Failure::Timeout)) {
        // Whoever thinks first says nothing within so few words.
        Ok(_) | Err(Failure::InvalidAnswer("no text")) => return Ok(start.elapsed()),
        Err(failure) => failure,
    };
    let why = failure.to_string();
    Err(match failure {
        Failure::Unauthorized => (Fault::ModelKey, format!("{why} (401 or 403)")),
        Failure::RateLimited { retry_after } => {
            let pause =
                retry_after.map(|pause| format!(", asks for {} s of rest", pause.as_secs()));
            (Fault::ModelRate, format!("{why} (429){}", pause.unwrap_or_default()))
        }
        Failure::Timeout => (Fault::ModelTimeout, format!("{why} ({} s)", limit.as_secs())),
        Failure::Unreachable => (Fault::ModelAway, way(provider).await.unwrap_or(why)),
        Failure::Refused { status: 404 } => (Fault::ModelUnknown, why),
        Failure::ServerError { .. }
        | Failure::Resting
        | Failure::Refused { .. }
        | Failure::InvalidAnswer(_) => (Fault::ModelFails, why),
    })
}

/// Says what is in the way to a provider.
async fn way(provider: &ProviderConfig) -> Option<String> {
    let (host, port) = endpoint(&provider.base_url)?;
    let outcome: Result<(), Unreachable> = reach(&host, port).await;
    Some(outcome.map_or_else(
        |unreachable| unreachable.to_string(),
        |()| "the connection stands, and TLS or HTTP does not".to_owned(),
    ))
}

/// Asks the process that runs, which alone knows whom it leaves alone after failures.
async fn circuits(report: &mut Report, common: &Common) {
    // By TLS it is called by a name that it does not know itself.
    if common.tls.is_some() {
        return;
    }
    let port = common.listen.port();
    let settings = ChannelConfig { deadline: Duration::from_secs(3), reads: Vec::new(), tls: None };
    let url = format!("http://127.0.0.1:{port}");
    let Ok(channel) = kit::grpc::channel(&url, settings, common.caller_key.clone()) else {
        return;
    };
    let operator = Caller {
        user_id: Uuid::nil(),
        role: Role::Admin,
        organization_id: Uuid::nil(),
        request_id: "diagnose".to_owned(),
    };
    let mut client = StatusServiceClient::new(channel);
    let answer = caller::scope(operator, client.get_status(GetStatusRequest {})).await;
    let Ok(answer) = answer else { return };
    for provider in answer.into_inner().providers {
        if provider.circuit == "open" {
            let (name, model, why) = (provider.name, provider.model, provider.last_failure);
            report.fault(Fault::ModelRests, format_args!("{name} {model}, after: {why}"));
        }
    }
}
