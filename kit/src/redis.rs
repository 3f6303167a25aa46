//! Redis as something that may be away at any time.

use std::{
    future::Future,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use fred::{
    clients::Pool,
    interfaces::{ClientLike as _, EventInterface as _, KeysInterface as _, LuaInterface as _},
    types::{
        Builder, Expiration,
        config::{Config, ReconnectPolicy},
    },
};
use secrecy::ExposeSecret as _;
use serde::{Serialize, de::DeserializeOwned};

use crate::config::RedisConfig;

const COMMAND_LIMIT: Duration = Duration::from_millis(250);
/// How long nothing is asked after a command got no answer.
const PAUSE: Duration = Duration::from_secs(1);
/// Commands are pipelined, so that a few connections carry everything.
const CONNECTIONS: usize = 4;
/// Flags that go to Redis in one round trip.
const FLAGS_AT_ONCE: usize = 500;
const COUNT: &str = "local n = redis.call('INCR', KEYS[1]) \
     if n == 1 then redis.call('PEXPIRE', KEYS[1], ARGV[1]) end \
     return {n, redis.call('PTTL', KEYS[1])}";

/// Remembers things that can be computed again. Never fails; at worst it knows nothing.
#[derive(Clone)]
pub struct Cache(Option<Arc<Connected>>);

struct Connected {
    pool: Pool,
    config: RedisConfig,
    namespace: String,
    born: Instant,
    /// Milliseconds since `born` until which nothing is asked.
    paused_until: AtomicU64,
    /// Milliseconds since `born` at which it was last away, 0 for never.
    away_at: Arc<AtomicU64>,
}

impl Cache {
    /// Starts to connect, and goes on doing so; must be called within a runtime.
    #[must_use]
    pub fn connect(config: &RedisConfig) -> Self {
        Self::namespaced(config, String::new())
    }

    /// Connects to the same Redis from the present runtime. A thread that has a runtime of its own
    /// then needs no other thread for an answer, and one connection carries all it asks.
    #[must_use]
    pub fn apart(&self) -> Self {
        let apart = |redis: &Arc<Connected>| {
            let config = RedisConfig { max_connections: 1, ..redis.config.clone() };
            Self::namespaced(&config, redis.namespace.clone())
        };
        self.0.as_ref().map_or(Self(None), apart)
    }

    /// Waits until the connections stand, at most for `limit`.
    pub async fn settled(&self, limit: Duration) {
        if let Some(redis) = &self.0 {
            // One that comes later is taken then.
            let _ = tokio::time::timeout(limit, redis.pool.wait_for_connect()).await;
        }
    }

    /// Makes a cache that knows nothing.
    #[must_use]
    pub fn absent() -> Self {
        Self(None)
    }

    pub(crate) fn namespaced(config: &RedisConfig, namespace: String) -> Self {
        let Some(url) = &config.url else {
            return Self::absent();
        };
        let pool = Config::from_url(url.expose_secret()).and_then(|mut settings| {
            // One that was not there at first would otherwise never be looked for again.
            settings.fail_fast = false;
            Builder::from_config(settings)
                .with_connection_config(|connection| {
                    connection.connection_timeout = Duration::from_secs(2);
                    connection.internal_command_timeout = Duration::from_secs(2);
                    connection.max_command_attempts = 1;
                    connection.max_command_buffer_len = 10_000;
                    connection.unresponsive.max_timeout = Some(Duration::from_secs(3));
                    connection.tcp.nodelay = Some(true);
                })
                .with_performance_config(|performance| {
                    performance.default_command_timeout = COMMAND_LIMIT;
                })
                .set_policy(ReconnectPolicy::new_exponential(0, 100, 2_000, 2))
                .build_pool(config.max_connections.clamp(1, CONNECTIONS))
        });
        match pool {
            Ok(pool) => {
                let redis = Connected {
                    pool,
                    config: config.clone(),
                    namespace,
                    born: Instant::now(),
                    paused_until: AtomicU64::new(0),
                    away_at: Arc::default(),
                };
                redis.watch();
                redis.pool.connect();
                Self(Some(Arc::new(redis)))
            }
            Err(error) => {
                tracing::error!(%error, "Redis cannot be used");
                Self::absent()
            }
        }
    }

    /// Reads what is kept under `key`; `cache` names it in the metrics.
    pub async fn get<T: DeserializeOwned>(&self, cache: &'static str, key: &str) -> Option<T> {
        self.find(cache, key).await.flatten()
    }

    /// Reads like [`Self::get`], and tells apart what is not there from a Redis that is away, which
    /// tells nothing at all.
    pub async fn find<T: DeserializeOwned>(
        &self,
        cache: &'static str,
        key: &str,
    ) -> Option<Option<T>> {
        let json: Option<Option<String>> =
            self.ask(async |redis| redis.pool.get(redis.cached(key)).await).await;
        let value = json.map(|json| json.and_then(|json| serde_json::from_str(&json).ok()));
        let is_hit = matches!(value, Some(Some(_)));
        let name = if is_hit { "cache_hit_total" } else { "cache_miss_total" };
        metrics::counter!(name, "cache" => cache).increment(1);
        value
    }

    /// Keeps `value` under `key` for `ttl` and tells whether Redis has it.
    pub async fn put<T: Serialize>(&self, key: &str, value: &T, ttl: Duration) -> bool {
        let Ok(json) = serde_json::to_string(value) else {
            return false;
        };
        self.ask(async |redis| {
            let key = redis.cached(key);
            redis.pool.set::<(), _, _>(key, json, Some(expiration(ttl)), None, false).await
        })
        .await
        .is_some()
    }

    /// Forgets what is kept under `keys`.
    pub async fn forget(&self, keys: &[String]) {
        if keys.is_empty() {
            return;
        }
        self.ask(async |redis| {
            let keys: Vec<String> = keys.iter().map(|key| redis.cached(key)).collect();
            redis.pool.del::<(), _>(keys).await
        })
        .await;
    }

    /// Counts one more within `window`, and tells how much of it is left; `None` when Redis is away.
    pub async fn count(&self, key: &str, window: Duration) -> Option<(u64, Duration)> {
        let milliseconds = i64::try_from(window.as_millis()).unwrap_or(i64::MAX);
        let (counted, left): (u64, i64) = self
            .ask(async |redis| {
                redis.pool.eval(COUNT, vec![redis.plain(key)], vec![milliseconds]).await
            })
            .await?;
        Some((counted, Duration::from_millis(u64::try_from(left).unwrap_or_default())))
    }

    /// Raises a flag for `ttl`, and tells whether Redis has it.
    pub async fn set_flag(&self, key: &str, ttl: Duration) -> bool {
        self.ask(async |redis| {
            let key = redis.plain(key);
            redis.pool.set::<(), _, _>(key, "1", Some(expiration(ttl)), None, false).await
        })
        .await
        .is_some()
    }

    /// Raises many flags, each for its own length of time, and tells whether Redis has all of them.
    pub async fn set_flags(&self, flags: Vec<(String, Duration)>) -> bool {
        let mut are_raised = true;
        for chunk in flags.chunks(FLAGS_AT_ONCE) {
            let raised = self.ask(async |redis| {
                let pipeline = redis.pool.next().pipeline();
                for (key, ttl) in chunk {
                    let key = redis.plain(key);
                    let ttl = Some(expiration(*ttl));
                    pipeline.set::<(), _, _>(key, "1", ttl, None, false).await?;
                }
                pipeline.all::<Vec<String>>().await.map(|_| ())
            });
            are_raised &= raised.await.is_some();
        }
        are_raised
    }

    /// Returns the name of something that belongs to sessions.
    #[must_use]
    pub fn session_key(&self, name: &str) -> String {
        let prefix = self.0.as_ref().map_or("", |redis| &redis.config.session_prefix);
        format!("{prefix}{name}")
    }

    /// Tells whether a flag is raised; `None` when Redis is away.
    pub async fn has_flag(&self, key: &str) -> Option<bool> {
        self.ask(async |redis| redis.pool.exists::<bool, _>(redis.plain(key)).await).await
    }

    /// Runs a script that returns whole numbers; `None` when Redis is away.
    pub async fn eval(
        &self,
        script: &'static str,
        keys: &[String],
        arguments: Vec<i64>,
    ) -> Option<Vec<i64>> {
        self.ask(async |redis| {
            let keys: Vec<String> = keys.iter().map(|key| redis.plain(key)).collect();
            redis.pool.eval(script, keys, arguments).await
        })
        .await
    }

    /// Tells whether Redis answers.
    pub async fn healthy(&self) -> bool {
        self.ask(async |redis| redis.pool.ping::<()>(None).await).await.is_some()
    }

    /// Tells whether Redis was there all the time for as long as `span`.
    pub(crate) fn was_there_for(&self, span: Duration) -> bool {
        self.0.as_ref().is_some_and(|redis| {
            let away_at = redis.away_at.load(Ordering::Relaxed);
            away_at == 0 || u128::from(redis.age().saturating_sub(away_at)) >= span.as_millis()
        })
    }

    /// Tells whether this installation has no Redis.
    #[must_use]
    pub fn is_absent(&self) -> bool {
        self.0.is_none()
    }

    /// Asks Redis unless it is away; no answer means a short pause for everybody.
    async fn ask<T, F>(&self, command: impl FnOnce(Arc<Connected>) -> F) -> Option<T>
    where
        F: Future<Output = Result<T, fred::error::Error>>,
    {
        let redis = self.0.clone()?;
        if !redis.pool.next_connected().is_connected() {
            redis.away_at.store(redis.age(), Ordering::Relaxed);
            return None;
        }
        if redis.is_paused() {
            return None;
        }
        match tokio::time::timeout(COMMAND_LIMIT, command(Arc::clone(&redis))).await {
            Ok(Ok(value)) => Some(value),
            Ok(Err(error)) => {
                tracing::debug!(%error, "Redis did not answer");
                if *error.kind() == fred::error::ErrorKind::Timeout {
                    redis.pause();
                }
                None
            }
            Err(_) => {
                redis.pause();
                None
            }
        }
    }
}

impl Connected {
    /// Notes when a connection was made anew.
    fn watch(&self) {
        for client in self.pool.clients() {
            let (away_at, born) = (Arc::clone(&self.away_at), self.born);
            let was_there = AtomicBool::new(false);
            client.on_reconnect(move |_| {
                if was_there.swap(true, Ordering::Relaxed) {
                    away_at.store(milliseconds_since(born), Ordering::Relaxed);
                }
                std::future::ready(Ok(()))
            });
        }
    }

    fn cached(&self, key: &str) -> String {
        format!("{}{}{key}", self.namespace, self.config.cache_prefix)
    }

    fn plain(&self, key: &str) -> String {
        format!("{}{key}", self.namespace)
    }

    fn age(&self) -> u64 {
        milliseconds_since(self.born)
    }

    fn is_paused(&self) -> bool {
        self.age() < self.paused_until.load(Ordering::Relaxed)
    }

    fn pause(&self) {
        tracing::warn!("Redis gives no answer");
        let until = self.age() + u64::try_from(PAUSE.as_millis()).unwrap_or_default();
        self.paused_until.store(until, Ordering::Relaxed);
    }
}

fn milliseconds_since(moment: Instant) -> u64 {
    u64::try_from(moment.elapsed().as_millis()).unwrap_or(u64::MAX)
}

fn expiration(ttl: Duration) -> Expiration {
    Expiration::PX(i64::try_from(ttl.as_millis().max(1)).unwrap_or(i64::MAX))
}
