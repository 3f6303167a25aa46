//! Settings as an operator writes them.

use std::{fs, os::unix::fs::PermissionsExt as _};

use kit::config::{Common, Env, LogFormat, Service};

const SECRET: &str = "b3f1c8a7d2e94f60b3f1c8a7d2e94f60";

fn read(pairs: &[(&str, &str)]) -> Result<Common, String> {
    let mut env = Env::from_pairs(pairs.iter().copied());
    let common = Common::read(&mut env, Service::named("auth-svc"));
    env.finish_with(common).map_err(|error| error.to_string())
}

#[test]
fn the_env_file_of_the_manual_is_read() {
    let common = read(&[
        ("DATABASE_URL", "postgresql+asyncpg://postgres:hunter2@localhost:5432/ai_english"),
        ("DB_POOL_SIZE", "10"),
        ("DB_MAX_OVERFLOW", "5"),
        ("REDIS_URL", "redis://:hunter2@localhost:6379/0"),
        ("JWT_SECRET_KEY", SECRET),
        ("STUDENT_PROFILE_TTL", "60      # 1分钟"),
        ("LOG_LEVEL", "WARNING"),
        ("LOG_FORMAT", "plain"),
        ("LOG_MAX_SIZE", "100MB"),
        ("AUTH_SVC_LISTEN", "0.0.0.0:50051"),
    ])
    .unwrap();
    let database = common.database.clone().unwrap();
    assert_eq!(database.max_connections, 15);
    assert_eq!(database.postgres.get_dbname(), Some("ai_english"));
    assert_eq!(common.redis.ttl.student_profile.as_secs(), 60);
    assert_eq!(common.redis.ttl.student_kg.as_secs(), 600);
    assert_eq!(common.redis.cache_prefix, "cache:");
    assert_eq!(common.log.format, LogFormat::Plain);
    assert_eq!(common.log.max_size.0, 104_857_600);
    assert_eq!(common.listen.to_string(), "0.0.0.0:50051");

    let printed = format!("{common:?}");
    assert!(!printed.contains("hunter2"), "{printed}");
    assert!(!printed.contains(SECRET), "{printed}");
}

#[test]
fn caches_keep_what_they_hold_as_long_as_the_manual_says() {
    let common = read(&[("APP_ENV", "development")]).unwrap();
    let ttl = &common.redis.ttl;
    let seconds = [ttl.student_profile, ttl.student_kg, ttl.user_profile, ttl.class_students];
    assert_eq!(seconds.map(|ttl| ttl.as_secs()), [300, 600, 300, 120]);
}

#[test]
fn every_wrong_variable_is_in_one_message() {
    let message = read(&[
        ("APP_ENV", "moon"),
        ("DATABASE_URL", "mysql://localhost"),
        ("REDIS_URL", "http://localhost"),
        ("DB_POOL_SIZE", "many"),
        ("LOG_LEVEL", "LOUD"),
        ("LOG_MAX_SIZE", "big"),
        ("AUTH_SVC_LISTEN", "here"),
        ("GRPC_TLS_CERT", "cert.pem"),
    ])
    .unwrap_err();
    let wrong = [
        "APP_ENV",
        "DATABASE_URL",
        "REDIS_URL",
        "DB_POOL_SIZE",
        "LOG_LEVEL",
        "LOG_MAX_SIZE",
        "AUTH_SVC_LISTEN",
        "GRPC_TLS_CERT",
        "JWT_SECRET_KEY",
    ];
    for name in wrong {
        assert!(message.contains(&format!("\n  {name} ")), "{name} is not in: {message}");
    }
}

#[test]
fn missing_short_and_example_secrets_are_for_development_alone() {
    let example = "your-secure-jwt-secret-key-change-in-production";
    for secret in ["", "short", example] {
        let message = read(&[("JWT_SECRET_KEY", secret)]).unwrap_err();
        assert!(message.contains("JWT_SECRET_KEY"), "{message}");
        read(&[("JWT_SECRET_KEY", secret), ("APP_ENV", "development")]).unwrap();
    }
    for key in ["short", example] {
        let pairs = [("JWT_SECRET_KEY", SECRET), ("SERVICE_TOKEN_KEY", key)];
        let message = read(&pairs).unwrap_err();
        assert!(message.contains("SERVICE_TOKEN_KEY"), "{message}");
        read(&[pairs[0], pairs[1], ("APP_ENV", "development")]).unwrap();
    }
    read(&[("JWT_SECRET_KEY", SECRET)]).unwrap();
}

#[test]
fn cluster_of_redis_is_refused() {
    for (scheme, fits) in [("redis", true), ("rediss", true), ("redis-cluster", false)] {
        let url = format!("{scheme}://:hunter2@localhost:6379/0");
        let read = read(&[("JWT_SECRET_KEY", SECRET), ("REDIS_URL", &url)]);
        assert_eq!(read.is_ok(), fits, "{scheme}: {read:?}");
    }
}

#[test]
fn key_of_tls_that_others_may_read_is_for_development_alone() {
    let key = std::env::temp_dir().join(format!("kit-key-{}", uuid::Uuid::now_v7()));
    fs::write(&key, "a key").unwrap();
    let with = |mode, app_env| {
        fs::set_permissions(&key, fs::Permissions::from_mode(mode)).unwrap();
        read(&[
            ("APP_ENV", app_env),
            ("JWT_SECRET_KEY", SECRET),
            ("GRPC_TLS_CERT", "cert.pem"),
            ("GRPC_TLS_KEY", key.to_str().unwrap()),
            ("GRPC_TLS_CA", "ca.pem"),
        ])
    };
    let message = with(0o644, "production").unwrap_err();
    assert!(message.contains("GRPC_TLS_KEY names a file that others"), "{message}");
    with(0o644, "development").unwrap();
    with(0o600, "production").unwrap();
    fs::remove_file(&key).unwrap();
}
