//! Settings that every process has.

use std::{
    net::{Ipv4Addr, SocketAddr},
    path::PathBuf,
    str::FromStr,
    time::Duration,
};

use hmac::{Hmac, KeyInit as _, Mac as _};
use secrecy::{ExposeSecret as _, SecretString};
use sha2::Sha256;
use tracing::level_filters::LevelFilter;

use super::{AppEnv, DatabaseConfig, Env, Size};
use crate::caller::CallerKey;

/// Used in development alone, so that processes started side by side understand each other.
const DEVELOPMENT_SECRET: &str = "development-only-never-use-this-anywhere-else";
const EXAMPLES: [&str; 6] =
    ["your-", "change-in-production", "change-me", "changeme", "development-only", "example"];

/// Names a process and its port.
#[derive(Clone, Copy, Debug)]
pub struct Service {
    pub name: &'static str,
    pub port: u16,
    /// Variable that says where to listen.
    pub listen_var: &'static str,
}

impl Service {
    /// Returns the process of that name with its usual port and variable.
    #[must_use]
    pub fn named(name: &'static str) -> Self {
        let (port, listen_var) = match name {
            "auth-svc" => (50_051, "AUTH_SVC_LISTEN"),
            "learning-svc" => (50_052, "LEARNING_SVC_LISTEN"),
            "ai-svc" => (50_053, "AI_SVC_LISTEN"),
            "export-svc" => (50_054, "EXPORT_SVC_LISTEN"),
            _ => (8_000, "GATEWAY_LISTEN"),
        };
        Self { name, port, listen_var }
    }
}

/// Settings that every process has.
#[derive(Clone, Debug)]
pub struct Common {
    pub service: Service,
    pub env: AppEnv,
    pub listen: SocketAddr,
    pub log: LogConfig,
    pub otlp: Option<Otlp>,
    /// Absent in a process that needs no database.
    pub database: Option<DatabaseConfig>,
    pub redis: RedisConfig,
    pub jwt_secret: SecretString,
    pub caller_key: CallerKey,
    pub tls: Option<TlsFiles>,
}

/// Where and how to log.
#[derive(Clone, Debug)]
pub struct LogConfig {
    pub level: LevelFilter,
    pub format: LogFormat,
    /// Directory of log files; without it there are none.
    pub dir: Option<PathBuf>,
    pub file: String,
    pub max_size: Size,
    pub backup_count: usize,
}

/// How a log line is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LogFormat {
    Json,
    Plain,
}

impl FromStr for LogFormat {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        match text.to_ascii_lowercase().as_str() {
            "json" => Ok(Self::Json),
            "plain" | "text" => Ok(Self::Plain),
            _ => Err(()),
        }
    }
}

/// Where traces go.
#[derive(Clone, Debug)]
pub struct Otlp {
    pub endpoint: String,
}

/// How to reach Redis, and what is called how there.
#[derive(Clone, Debug)]
pub struct RedisConfig {
    /// Absent when there is no Redis.
    pub url: Option<SecretString>,
    /// Connections of one process; commands are pipelined on each.
    pub max_connections: usize,
    pub session_prefix: String,
    pub cache_prefix: String,
    pub ttl: CacheTtls,
}

/// How long cached things live.
#[derive(Clone, Copy, Debug)]
pub struct CacheTtls {
    pub student_profile: Duration,
    pub student_kg: Duration,
    pub user_profile: Duration,
    pub class_students: Duration,
}

/// Files for TLS between services.
#[derive(Clone, Debug)]
pub struct TlsFiles {
    pub cert: PathBuf,
    pub key: PathBuf,
    pub ca: PathBuf,
}

impl Common {
    /// Reads the settings; `None` when any was wrong, which `env.finish()` then says.
    pub fn read(env: &mut Env, service: Service) -> Option<Self> {
        let app_env =
            env.or("APP_ENV", "environment (development, production, test)", AppEnv::Production);
        let listen = env.or(
            service.listen_var,
            "address such as 127.0.0.1:8000",
            SocketAddr::from((Ipv4Addr::LOCALHOST, service.port)),
        );
        let log = log(env);
        let otlp = env
            .optional::<http::Uri>("OTEL_EXPORTER_OTLP_ENDPOINT", "URL")
            .map(|uri| Otlp { endpoint: uri.to_string() });
        let database = DatabaseConfig::read(env);
        let redis = redis(env);
        let jwt_secret = jwt_secret(env, app_env);
        let caller_key = caller_key(env, app_env, jwt_secret.as_ref(), service.name);
        let tls = tls(env);
        if env.is_wrong() {
            return None;
        }
        Some(Self {
            service,
            env: app_env,
            listen,
            log,
            otlp,
            database,
            redis,
            jwt_secret: jwt_secret?,
            caller_key: caller_key?,
            tls,
        })
    }
}

fn log(env: &mut Env) -> LogConfig {
    let level = match env.or("LOG_LEVEL", "log level", "INFO".to_owned()).to_uppercase().as_str() {
        "DEBUG" => LevelFilter::DEBUG,
        "INFO" => LevelFilter::INFO,
        "WARNING" | "WARN" => LevelFilter::WARN,
        "ERROR" | "CRITICAL" => LevelFilter::ERROR,
        _ => {
            env.refuse("LOG_LEVEL", "is none of DEBUG, INFO, WARNING, ERROR, CRITICAL");
            LevelFilter::INFO
        }
    };
    let format = env.or("LOG_FORMAT", "log format (json, plain)", LogFormat::Json);
    let structured = env.flag("STRUCTURED_LOGGING", true);
    LogConfig {
        level,
        format: if structured { format } else { LogFormat::Plain },
        dir: env.optional("LOG_DIR", "directory"),
        file: env.or("LOG_FILE", "file name", "app.log".to_owned()),
        max_size: env.or("LOG_MAX_SIZE", "size such as 100MB", Size(100 << 20)),
        backup_count: env.or("LOG_BACKUP_COUNT", "number", 10),
    }
}

impl RedisConfig {
    /// Reads the variables of Redis.
    #[cfg(feature = "testing")]
    pub(crate) fn read(env: &mut Env) -> Self {
        redis(env)
    }
}

fn redis(env: &mut Env) -> RedisConfig {
    let url = env.secret("REDIS_URL");
    if let Some(url) = &url
        && !is_redis_url(url.expose_secret())
    {
        env.refuse("REDIS_URL", "is not the URL of a Redis server or of Sentinels");
    }
    let max_connections: usize = env.or("REDIS_MAX_CONNECTIONS", "number", 50);
    if !(1..=1_000).contains(&max_connections) {
        env.refuse("REDIS_MAX_CONNECTIONS", "must be from 1 to 1000");
    }
    RedisConfig {
        url,
        max_connections,
        session_prefix: env.or("REDIS_SESSION_PREFIX", "prefix", "sess:".to_owned()),
        cache_prefix: env.or("REDIS_CACHE_PREFIX", "prefix", "cache:".to_owned()),
        ttl: CacheTtls {
            student_profile: seconds(env, "STUDENT_PROFILE_TTL", 300),
            student_kg: seconds(env, "STUDENT_KG_TTL", 600),
            user_profile: seconds(env, "USER_PROFILE_TTL", 300),
            class_students: seconds(env, "CLASS_STUDENTS_TTL", 120),
        },
    }
}

fn is_redis_url(url: &str) -> bool {
    // fred takes any scheme for that of a single server. Of a cluster, scripts would need keys that lie
    // on different servers.
    let Some((scheme, _)) = url.split_once("://") else { return false };
    // Of a server with TLS it already wants to know how.
    crate::grpc::choose_provider();
    scheme.starts_with("redis")
        && !scheme.ends_with("-cluster")
        && fred::types::config::Config::from_url(url).is_ok()
}

/// Reads a whole number of seconds.
pub(super) fn seconds(env: &mut Env, name: &str, default: u32) -> Duration {
    Duration::from_secs(u64::from(env.or(name, "number", default)))
}

fn jwt_secret(env: &mut Env, app_env: AppEnv) -> Option<SecretString> {
    let Some(secret) = env.secret("JWT_SECRET_KEY") else {
        if app_env == AppEnv::Development {
            return Some(DEVELOPMENT_SECRET.into());
        }
        env.refuse("JWT_SECRET_KEY", "is missing (at least 32 random bytes)");
        return None;
    };
    check_secret(env, app_env, "JWT_SECRET_KEY", &secret);
    Some(secret)
}

/// Refuses a secret that can be guessed, except in development.
fn check_secret(env: &mut Env, app_env: AppEnv, name: &str, secret: &SecretString) {
    if app_env == AppEnv::Development {
        return;
    }
    let text = secret.expose_secret();
    let lower = text.to_lowercase();
    if text.len() < 32 {
        env.refuse(name, "is shorter than 32 bytes");
    } else if EXAMPLES.iter().any(|example| lower.contains(example)) {
        env.refuse(name, "is an example; make one with: openssl rand -hex 32");
    }
}

/// Takes the key of caller tokens from its own variable, or derives it from the JWT secret.
fn caller_key(
    env: &mut Env,
    app_env: AppEnv,
    jwt_secret: Option<&SecretString>,
    issuer: &'static str,
) -> Option<CallerKey> {
    if let Some(own) = env.secret("SERVICE_TOKEN_KEY") {
        check_secret(env, app_env, "SERVICE_TOKEN_KEY", &own);
        return Some(CallerKey::new(own.expose_secret().as_bytes(), issuer));
    }
    let secret = jwt_secret?.expose_secret().as_bytes();
    let mut mac = Hmac::<Sha256>::new_from_slice(secret).ok()?;
    mac.update(b"ai-english caller token v1");
    Some(CallerKey::new(&mac.finalize().into_bytes(), issuer))
}

fn tls(env: &mut Env) -> Option<TlsFiles> {
    let [cert, key, ca] = ["GRPC_TLS_CERT", "GRPC_TLS_KEY", "GRPC_TLS_CA"]
        .map(|name| env.optional::<PathBuf>(name, "path"));
    match (cert, key, ca) {
        (None, None, None) => None,
        (Some(cert), Some(key), Some(ca)) => {
            env.check_secret_file("GRPC_TLS_KEY", &key);
            Some(TlsFiles { cert, key, ca })
        }
        _ => {
            env.refuse("GRPC_TLS_CERT", "GRPC_TLS_KEY and GRPC_TLS_CA go together");
            None
        }
    }
}
