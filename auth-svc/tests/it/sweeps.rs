//! What is done again and again.

use std::time::Duration;

use auth_svc::{Context, session::Sessions, sweep};
use chrono::TimeDelta;
use kit::{caller::Role, config::RedisConfig, redis::Cache, testing};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use crate::support::{PASSWORD, Service, client, operation, reason};

#[tokio::test]
async fn revocations_are_raised_again_and_marked_as_whole() {
    let service = Service::new().await;
    let (li, tokens) = service.found("lilei").await;
    let cache = &service.context.cache;
    service.sessions.end(&li, tokens.session_id).await.unwrap();
    // As if Redis had forgotten it.
    let flag = cache.revocation_key(tokens.session_id);
    cache.set_flag(&flag, Duration::from_millis(1)).await;
    tokio::time::sleep(Duration::from_millis(20)).await;
    assert_eq!(cache.has_flag(&flag).await, Some(false));
    assert_eq!(cache.has_flag(&cache.revocations_mark()).await, Some(false));

    sweep::repeat_revocations(&service.context).await.unwrap();
    assert_eq!(cache.has_flag(&flag).await, Some(true));
    assert_eq!(cache.has_flag(&cache.revocations_mark()).await, Some(true));
}

#[tokio::test]
async fn revocation_that_redis_has_not_heard_is_repeated_at_once() {
    let service = Service::new().await;
    let (li, tokens) = service.found("lilei").await;
    let redis = &service.context.cache;
    let stop = CancellationToken::new();
    let rounds = tokio::spawn(sweep::revocations(service.context.clone(), stop.clone()));
    let raised = async |flag: &str, limit: Duration| {
        let until = Instant::now() + limit;
        while redis.has_flag(flag).await != Some(true) {
            assert!(Instant::now() < until, "{flag} is not raised");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    raised(&redis.revocations_mark(), Duration::from_secs(5)).await;

    // Nobody listens there.
    let url = Some("redis://127.0.0.1:1/0".to_owned().into());
    let away = RedisConfig { url, ..testing::common("auth-svc").redis };
    let deaf = Context { cache: Cache::connect(&away), ..service.context.clone() };
    Sessions::new(deaf).end(&li, tokens.session_id).await.unwrap();
    raised(&redis.revocation_key(tokens.session_id), Duration::from_secs(2)).await;
    stop.cancel();
    rounds.await.unwrap();
}

#[tokio::test]
async fn mark_is_not_set_when_redis_forgets_meanwhile() {
    let service = Service::new().await;
    let cache = &service.context.cache;
    let pass = cache.begin_revocations().await.unwrap();
    cache.set_flag(&pass, Duration::from_millis(1)).await;
    tokio::time::sleep(Duration::from_millis(20)).await;
    cache.end_revocations(&pass).await;
    assert_eq!(cache.has_flag(&cache.revocations_mark()).await, Some(false));
}

#[tokio::test]
async fn what_is_over_is_deleted_and_the_rest_stays() {
    let service = Service::new().await;
    let (li, old) = service.found("lilei").await;
    service.ask_reset("lilei@example.org").await.unwrap();
    let made = operation(&li, "CreateInvitation", Some("k"));
    service.organizations.invite(&li, &made, Role::Teacher, 1, 7).await.unwrap();
    service.clock.advance(TimeDelta::days(10));
    let (_, live) = service.sign_in("lilei", PASSWORD).await.unwrap();
    sweep::sweep(&service.context).await.unwrap();

    let db = service.db.pool.get().await.unwrap();
    let count = async |table: &str| {
        let row = db.query_one(&format!("SELECT count(*) FROM {table}"), &[]).await.unwrap();
        row.get::<_, i64>(0)
    };
    assert_eq!(count("sessions").await, 1);
    assert_eq!(count("refresh_tokens").await, 1);
    assert_eq!(count("password_resets").await, 0);
    assert_eq!(count("idempotency_keys").await, 0);
    assert!(count("audit_events").await > 0, "events stay for a year");
    service.sessions.refresh(&live.refresh, &client()).await.unwrap();
    assert_eq!(reason(service.sessions.refresh(&old.refresh, &client()).await), "SESSION_ENDED");
    service.clock.advance(TimeDelta::days(366));
    sweep::sweep(&service.context).await.unwrap();
    assert_eq!(count("audit_events").await, 0);
}
