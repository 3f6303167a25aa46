//! Settings of the gateway.

use std::{
    net::{IpAddr, Ipv6Addr},
    path::PathBuf,
    str::FromStr,
};

use kit::config::{Env, Rate, Size};

/// Settings of the gateway alone.
#[derive(Clone, Debug)]
pub struct Config {
    pub auth_url: String,
    pub learning_url: String,
    pub ai_url: String,
    pub export_url: String,
    /// Origins of web pages that may call the API; `*` is any.
    pub cors_origins: Vec<String>,
    pub trusted_proxies: Vec<Network>,
    pub max_upload: usize,
    /// Folder of the built web client; nothing but the API is served when absent.
    pub web_root: Option<PathBuf>,
    pub limits: Limits,
}

/// How often the API may be called.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Attempts to sign in to one account from one address.
    pub login: Rate,
    /// Calls of one user.
    pub api: Rate,
    /// Calls of one address without a session.
    pub address: Rate,
    /// Calls that may come at once before the rate counts.
    pub burst: u32,
}

impl Config {
    /// Reads the settings; `None` when any was wrong, which `env.finish()` then says.
    pub fn read(env: &mut Env) -> Option<Self> {
        let auth_url = env.service_url("AUTH_SVC_URL", 50_051);
        let learning_url = env.service_url("LEARNING_SVC_URL", 50_052);
        let ai_url = env.service_url("AI_SVC_URL", 50_053);
        let export_url = env.service_url("EXPORT_SVC_URL", 50_054);
        let mut trusted_proxies = Vec::new();
        for proxy in env.list("TRUSTED_PROXIES") {
            match proxy.parse() {
                Ok(network) => trusted_proxies.push(network),
                Err(_) => env.refuse("TRUSTED_PROXIES", "holds no address such as 10.0.0.0/8"),
            }
        }
        let max_upload = env.or("MAX_UPLOAD_SIZE", "size such as 10MB", Size(10 << 20)).0;
        if max_upload > 24 << 20 {
            env.refuse("MAX_UPLOAD_SIZE", "is more than 24MB");
        }
        let web_root = env.optional("WEB_ROOT", "folder");
        let rate = "rate such as 100/minute";
        let limits = Limits {
            login: Rate::of_login(env),
            api: env.or("RATE_LIMIT_API", rate, Rate::per_minute(100)),
            address: env.or("RATE_LIMIT_ADDRESS", rate, Rate::per_minute(600)),
            burst: env.or("RATE_LIMIT_BURST", "number", 200).max(1),
        };
        let cors_origins = env.list("CORS_ORIGINS");
        if !cors_origins.iter().all(|origin| is_origin(origin)) {
            env.refuse("CORS_ORIGINS", "holds no origin such as https://english.school.example");
        }
        if env.is_wrong() {
            return None;
        }
        Some(Self {
            auth_url,
            learning_url,
            ai_url,
            export_url,
            cors_origins,
            trusted_proxies,
            max_upload: usize::try_from(max_upload).ok()?,
            web_root,
            limits,
        })
    }
}

/// Tells whether a text is what browsers call the origin of a page, or stands for all of them.
fn is_origin(text: &str) -> bool {
    let uri = || text.parse::<actix_web::http::Uri>().ok();
    text == "*"
        || text.split_once("://").is_some_and(|(scheme, host)| {
            matches!(scheme, "http" | "https")
                && !host.contains(['/', '?', '@'])
                && uri().is_some_and(|uri| uri.host().is_some_and(|host| !host.is_empty()))
        })
}

/// A range of addresses, written as `10.0.0.0/8` or as one address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Network {
    bits: u128,
    prefix: u32,
}

/// Says that a text is no range of addresses.
#[derive(Debug, thiserror::Error)]
#[error("is not a range of addresses such as 10.0.0.0/8")]
pub struct BadNetwork;

impl FromStr for Network {
    type Err = BadNetwork;

    fn from_str(text: &str) -> Result<Self, BadNetwork> {
        let (address, prefix) = text.split_once('/').map_or((text, None), |(a, p)| (a, Some(p)));
        let address: IpAddr = address.trim().parse().map_err(|_| BadNetwork)?;
        let width = if address.is_ipv4() { 32 } else { 128 };
        let prefix: u32 = match prefix {
            Some(prefix) => prefix.trim().parse().map_err(|_| BadNetwork)?,
            None => width,
        };
        if prefix > width {
            return Err(BadNetwork);
        }
        Ok(Self { bits: bits(address), prefix: prefix + 128 - width })
    }
}

impl Network {
    /// Tells whether the address lies in the range.
    #[must_use]
    pub fn contains(&self, address: IpAddr) -> bool {
        let mask = u128::MAX.checked_shl(128 - self.prefix).unwrap_or(0);
        bits(address) & mask == self.bits & mask
    }
}

fn bits(address: IpAddr) -> u128 {
    match address {
        IpAddr::V4(address) => address.to_ipv6_mapped().to_bits(),
        IpAddr::V6(address) => Ipv6Addr::to_bits(address),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_network_holds_its_addresses_only() {
        let network: Network = "10.1.0.0/16".parse().unwrap();
        assert!(network.contains("10.1.2.3".parse().unwrap()));
        assert!(!network.contains("10.2.2.3".parse().unwrap()));
        let one: Network = "::1".parse().unwrap();
        assert!(one.contains("::1".parse().unwrap()) && !one.contains("::2".parse().unwrap()));
        assert!("10.0.0.0/33".parse::<Network>().is_err());
        assert!("0.0.0.0/0".parse::<Network>().unwrap().contains("9.9.9.9".parse().unwrap()));
    }

    #[test]
    fn without_settings_the_manual_s_rates_hold() {
        let limits = Config::read(&mut Env::from_pairs::<&str, &str>([])).unwrap().limits;
        assert_eq!(limits.login, Rate::per_minute(5));
        assert_eq!(limits.api, Rate::per_minute(100));
    }

    #[test]
    fn every_wrong_setting_is_named() {
        let mut env = Env::from_pairs([
            ("RATE_LIMIT_API", "many"),
            ("AUTH_SVC_URL", "nowhere"),
            ("TRUSTED_PROXIES", "x"),
            ("CORS_ORIGINS", "https://english.school.example/, https://other.example"),
        ]);
        assert!(Config::read(&mut env).is_none());
        let message = env.finish().unwrap_err().to_string();
        for name in ["RATE_LIMIT_API", "AUTH_SVC_URL", "TRUSTED_PROXIES", "CORS_ORIGINS"] {
            assert!(message.contains(name), "{message}");
        }
    }
}
