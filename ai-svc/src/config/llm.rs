//! Settings of the language models.

use std::time::Duration;

use kit::config::Env;
use secrecy::{ExposeSecret as _, SecretString};

use crate::ledger::{Money, Price};

/// Everything about language models; no provider is a valid setting.
#[derive(Clone, Debug)]
pub struct LlmConfig {
    /// In the order in which they are asked.
    pub providers: Vec<ProviderConfig>,
    /// Longest time of one call, and longest silence within a stream.
    pub call_timeout: Duration,
    /// Longest time for all calls that one answer takes.
    pub total_timeout: Duration,
    /// Calls of one provider for one answer when it fails in a way that may pass.
    pub attempts: u32,
    /// Failures in a row after which a provider rests.
    pub failures_before_rest: u32,
    pub rest: Duration,
    /// How long an answer to the same prompt with a schema is given again; 0 is never.
    pub answer_ttl: Duration,
    pub currency: String,
    /// Monthly budget of organizations that have none of their own; 0 means no limit.
    pub monthly_budget: Money,
}

/// Which interface a provider speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ProviderKind {
    OpenAi,
    Anthropic,
}

impl ProviderKind {
    /// Returns the name by which settings and answers call it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::OpenAi => "openai",
            Self::Anthropic => "anthropic",
        }
    }
}

/// One model of one provider.
#[derive(Clone, Debug)]
pub struct ProviderConfig {
    pub kind: ProviderKind,
    pub base_url: String,
    /// Absent for a server that asks for none, such as one in the same network.
    pub key: Option<SecretString>,
    pub model: String,
    pub max_tokens: u32,
    pub temperature: f32,
    pub price: Price,
    /// Whether it is the cheap one that is asked first when the budget gets tight.
    pub is_small: bool,
}

pub(super) fn read(env: &mut Env) -> LlmConfig {
    let mut order = env.list("LLM_PROVIDERS");
    if order.is_empty() {
        order = vec!["openai".to_owned(), "anthropic".to_owned()];
    }
    let openai = openai(env);
    let anthropic = anthropic(env);
    let mut providers = Vec::new();
    for name in &order {
        match name.as_str() {
            "openai" => providers.extend(openai.iter().cloned()),
            "anthropic" => providers.extend(anthropic.iter().cloned()),
            _ => env.refuse("LLM_PROVIDERS", "names something else than openai and anthropic"),
        }
    }
    // The smaller model comes after everything else.
    providers.sort_by_key(|provider| provider.is_small);
    LlmConfig {
        providers,
        call_timeout: seconds(env, "LLM_TIMEOUT", 30),
        total_timeout: seconds(env, "LLM_TOTAL_TIMEOUT", 60),
        attempts: within(env, "LLM_ATTEMPTS", 2, 1, 10),
        failures_before_rest: within(env, "LLM_CIRCUIT_FAILURES", 5, 1, 1_000),
        rest: seconds(env, "LLM_CIRCUIT_REST", 30),
        answer_ttl: Duration::from_secs(env.or("AI_RESPONSE_TTL", "number of seconds", 86_400)),
        currency: env.or("LLM_CURRENCY", "currency code", "USD".to_owned()),
        monthly_budget: env.or("LLM_MONTHLY_BUDGET", "amount such as 20 or 12.50", Money(0)),
    }
}

fn openai(env: &mut Env) -> Vec<ProviderConfig> {
    let base_url = url(env, "OPENAI_BASE_URL");
    let key = key(env, "OPENAI_API_KEY");
    let max_tokens = within(env, "OPENAI_MAX_TOKENS", 4_096, 1, 1_000_000);
    let temperature = temperature(env, "OPENAI_TEMPERATURE");
    let model = env.or("OPENAI_MODEL", "name", "gpt-4o-mini".to_owned());
    let price = price(env, "OPENAI_PRICE_PROMPT", "OPENAI_PRICE_COMPLETION");
    let small = env.optional::<String>("OPENAI_FALLBACK_MODEL", "name");
    let small_price =
        self::price(env, "OPENAI_FALLBACK_PRICE_PROMPT", "OPENAI_FALLBACK_PRICE_COMPLETION");
    if key.is_none() && base_url.is_none() {
        return Vec::new();
    }
    let base_url = base_url.unwrap_or_else(|| "https://api.openai.com/v1".to_owned());
    let first = ProviderConfig {
        kind: ProviderKind::OpenAi,
        base_url,
        key,
        model,
        max_tokens,
        temperature,
        price,
        is_small: false,
    };
    let small = small.filter(|small| *small != first.model).map(|model| ProviderConfig {
        model,
        price: small_price,
        is_small: true,
        ..first.clone()
    });
    [first].into_iter().chain(small).collect()
}

fn anthropic(env: &mut Env) -> Vec<ProviderConfig> {
    let base_url = url(env, "ANTHROPIC_BASE_URL");
    let key = key(env, "ANTHROPIC_API_KEY");
    let max_tokens = within(env, "ANTHROPIC_MAX_TOKENS", 4_096, 1, 1_000_000);
    let temperature = temperature(env, "ANTHROPIC_TEMPERATURE");
    let model = env.or("ANTHROPIC_MODEL", "name", "claude-3-5-haiku-latest".to_owned());
    let price = price(env, "ANTHROPIC_PRICE_PROMPT", "ANTHROPIC_PRICE_COMPLETION");
    if key.is_none() && base_url.is_none() {
        return Vec::new();
    }
    vec![ProviderConfig {
        kind: ProviderKind::Anthropic,
        base_url: base_url.unwrap_or_else(|| "https://api.anthropic.com".to_owned()),
        key,
        model,
        max_tokens,
        temperature,
        price,
        is_small: false,
    }]
}

/// Reads a key; the placeholder of an example file is none.
pub(super) fn key(env: &mut Env, name: &str) -> Option<SecretString> {
    env.secret(name).filter(|key| {
        let key = key.expose_secret();
        !key.starts_with("your-") && !matches!(key, "sk-xxx" | "ant-xxx")
    })
}

/// Reads the address of an HTTP server, without a slash at its end.
pub(super) fn url(env: &mut Env, name: &str) -> Option<String> {
    let url: String = env.optional(name, "URL")?;
    if !url.starts_with("http://") && !url.starts_with("https://") {
        env.refuse(name, "must start with http:// or https://");
    }
    Some(url.trim_end_matches('/').to_owned())
}

fn price(env: &mut Env, prompt: &str, completion: &str) -> Price {
    let what = "price of a million tokens, such as 0.15";
    Price { prompt: env.or(prompt, what, Money(0)), completion: env.or(completion, what, Money(0)) }
}

fn temperature(env: &mut Env, name: &str) -> f32 {
    let temperature = env.or(name, "number", 0.7_f32);
    if !(0.0..=2.0).contains(&temperature) {
        env.refuse(name, "must be from 0 to 2");
    }
    temperature
}

fn seconds(env: &mut Env, name: &str, default: u64) -> Duration {
    let seconds = env.or(name, "number of seconds", default);
    if !(1..=3_600).contains(&seconds) {
        env.refuse(name, "must be from 1 to 3600");
    }
    Duration::from_secs(seconds)
}

pub(super) fn within(env: &mut Env, name: &str, default: u32, least: u32, most: u32) -> u32 {
    let number = env.or(name, "number", default);
    if !(least..=most).contains(&number) {
        env.refuse(name, format_args!("must be from {least} to {most}"));
    }
    number
}

#[cfg(test)]
mod tests {
    use super::*;

    fn models(pairs: &[(&str, &str)]) -> Vec<String> {
        let mut env = Env::from_pairs(pairs.iter().copied());
        read(&mut env).providers.into_iter().map(|provider| provider.model).collect()
    }

    #[test]
    fn without_keys_there_is_no_provider() {
        assert_eq!(models(&[]), Vec::<String>::new());
        assert_eq!(models(&[("OPENAI_API_KEY", "your-openai-api-key")]), Vec::<String>::new());
    }

    #[test]
    fn smaller_model_comes_last() {
        let pairs = [
            ("OPENAI_API_KEY", "k"),
            ("OPENAI_MODEL", "big"),
            ("OPENAI_FALLBACK_MODEL", "small"),
            ("ANTHROPIC_API_KEY", "k"),
            ("ANTHROPIC_MODEL", "other"),
        ];
        assert_eq!(models(&pairs), ["big", "other", "small"]);
        let order = ("LLM_PROVIDERS", "anthropic, openai");
        assert_eq!(models(&[&pairs[..], &[order]].concat()), ["other", "big", "small"]);
    }

    #[test]
    fn answers_are_kept_for_a_day() {
        let ttl =
            |pairs: &[(&str, &str)]| read(&mut Env::from_pairs(pairs.iter().copied())).answer_ttl;
        assert_eq!(ttl(&[]), Duration::from_hours(24));
        assert_eq!(ttl(&[("AI_RESPONSE_TTL", "0")]), Duration::ZERO);
    }

    #[test]
    fn server_without_a_key_is_a_provider() {
        let pairs = [("OPENAI_BASE_URL", "http://127.0.0.1:8080/v1/"), ("OPENAI_MODEL", "m")];
        let provider = read(&mut Env::from_pairs(pairs)).providers.remove(0);
        assert_eq!(provider.base_url, "http://127.0.0.1:8080/v1");
    }
}
