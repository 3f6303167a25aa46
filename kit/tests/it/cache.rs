//! Redis, there and away.

use std::time::{Duration, Instant};

use kit::{
    config::{Common, Env, Service},
    redis::Cache,
    testing,
};
use tokio::{
    io::copy_bidirectional,
    net::{TcpListener, TcpStream},
};

#[tokio::test]
async fn value_is_kept_until_it_is_forgotten() {
    let cache = testing::redis().await;
    let minute = Duration::from_mins(1);
    assert_eq!(cache.get::<Vec<u32>>("test", "a").await, None);
    cache.put("a", &vec![1, 2], minute).await;
    assert_eq!(cache.get("test", "a").await, Some(vec![1, 2]));
    assert_eq!(cache.get::<String>("test", "a").await, None, "another type is a miss");
    cache.forget(&["a".to_owned()]).await;
    assert_eq!(cache.get::<Vec<u32>>("test", "a").await, None);
}

#[tokio::test]
async fn counts_and_flags_end_by_themselves() {
    let cache = testing::redis().await;
    let window = Duration::from_millis(200);
    let count = async || cache.count("n", window).await.map(|(counted, _)| counted);
    assert_eq!(count().await, Some(1));
    assert_eq!(count().await, Some(2));
    let (_, left) = cache.count("minute", Duration::from_mins(1)).await.unwrap();
    tokio::time::sleep(Duration::from_millis(20)).await;
    let (_, less) = cache.count("minute", Duration::from_mins(1)).await.unwrap();
    assert!(Duration::ZERO < less && less < left, "{less:?} of {left:?}");
    assert_eq!(cache.has_flag("f").await, Some(false));
    cache.set_flag("f", window).await;
    assert_eq!(cache.has_flag("f").await, Some(true));
    tokio::time::sleep(window + Duration::from_millis(50)).await;
    assert_eq!(count().await, Some(1));
    assert_eq!(cache.has_flag("f").await, Some(false));
}

#[tokio::test]
async fn absent_redis_costs_no_time_and_no_error() {
    let silent = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let silent = format!("redis://{}/0", silent.local_addr().unwrap());
    for url in ["", "redis://127.0.0.1:1/0", &silent] {
        let mut env = Env::from_pairs([("REDIS_URL", url), ("APP_ENV", "development")]);
        let common = Common::read(&mut env, Service::named("auth-svc")).unwrap();
        let cache = Cache::connect(&common.redis);
        let since = Instant::now();
        assert_eq!(cache.get::<u32>("test", "a").await, None);
        cache.put("a", &1, Duration::from_secs(1)).await;
        cache.forget(&["a".to_owned()]).await;
        assert_eq!(cache.count("n", Duration::from_secs(1)).await, None);
        assert_eq!(cache.has_flag("f").await, None);
        assert!(!cache.healthy().await);
        assert!(since.elapsed() < Duration::from_millis(50), "{url}: {:?}", since.elapsed());
    }
}

/// As after a power cut, when every server starts at once.
#[tokio::test]
async fn one_that_comes_later_is_found() {
    let real = std::env::var("TEST_REDIS_URL").unwrap();
    let address: http::Uri = real.parse().unwrap();
    let there = format!("{}:{}", address.host().unwrap(), address.port_u16().unwrap());
    // Free again as soon as it is known; at this address nobody else asks for ports.
    let door = TcpListener::bind("127.0.0.77:0").await.unwrap().local_addr().unwrap();
    let url = real.replace(&there, &door.to_string());
    let mut env = Env::from_pairs([("REDIS_URL", url.as_str()), ("APP_ENV", "development")]);
    let common = Common::read(&mut env, Service::named("auth-svc")).unwrap();
    let cache = Cache::connect(&common.redis);
    tokio::time::sleep(Duration::from_millis(500)).await;
    assert!(!cache.healthy().await, "there is none yet");

    let listener = TcpListener::bind(door).await.unwrap();
    tokio::spawn(async move {
        while let Ok((mut here, _)) = listener.accept().await {
            let mut redis = TcpStream::connect(&there).await.unwrap();
            tokio::spawn(async move { copy_bidirectional(&mut here, &mut redis).await });
        }
    });
    let deadline = Instant::now() + Duration::from_secs(10);
    while !cache.healthy().await {
        assert!(Instant::now() < deadline, "it was not looked for again");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}
