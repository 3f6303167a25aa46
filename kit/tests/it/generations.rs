//! Values that are kept in Redis until what they were read from changes.

use std::time::Duration;

use chrono::Utc;
use kit::{config::RedisConfig, generations::Generations, redis::Cache, testing};

const MINUTE: Duration = Duration::from_mins(1);

async fn outdate(generations: &Generations, subject: &str) {
    generations.outdate([(subject.to_owned(), MINUTE)]).await;
}

#[tokio::test]
async fn what_was_read_before_a_write_is_not_found_after_it() {
    let cache = testing::redis().await;
    let generations = Generations::new(cache.clone());
    let before = generations.key("student:1").await.unwrap();
    let other = generations.key("student:2").await.unwrap();
    outdate(&generations, "student:1").await;
    // A slow reader keeps what it read before the write.
    cache.put(&before, &"old", MINUTE).await;
    let after = generations.key("student:1").await.unwrap();
    assert_eq!(cache.get::<String>("test", &after).await, None);
    assert_eq!(generations.key("student:2").await.unwrap(), other);
}

#[tokio::test]
async fn every_process_knows_the_generation() {
    let cache = testing::redis().await;
    let (writer, reader) = (Generations::new(cache.clone()), Generations::new(cache));
    assert!(reader.changed("class:1").await.unwrap() < Utc::now() - MINUTE);
    outdate(&writer, "class:1").await;
    assert_eq!(reader.key("class:1").await, writer.key("class:1").await);
    assert!(reader.changed("class:1").await.unwrap() > Utc::now() - MINUTE);
}

#[tokio::test]
async fn nothing_is_read_or_kept_while_generations_cannot_be_read() {
    // Nobody listens there.
    let url = Some("redis://127.0.0.1:1".into());
    let config = RedisConfig { url, ..testing::common("learning-svc").redis };
    let generations = Generations::new(Cache::connect(&config));
    assert_eq!(generations.key("student:1").await, None);
    assert_eq!(generations.changed("student:1").await, None);
    outdate(&generations, "student:1").await;
    assert_eq!(generations.key("student:1").await, None);
}
