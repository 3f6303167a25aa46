//! A real Qdrant server, whose binary `TEST_QDRANT_BINARY` names. Each test starts its own, on
//! free ports of this machine, so that it can be killed, held up and wiped.

mod cluster;
mod server;

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use ai_svc::vectors::{Engine, QdrantServer, VectorError};
use qdrant_client::qdrant::{CreateCollectionBuilder, Distance, VectorParamsBuilder};
use secrecy::SecretString;
use tokio::task::JoinSet;

use self::server::Server;
use crate::engines::{STORE, count, dimension, nearest, points};

/// The shared behaviour, in a server.
mod shared {
    use super::{Arc, Engine, Server};

    async fn open() -> (Server, Arc<dyn Engine>) {
        let server = Server::start().await;
        let engine = Arc::new(server.engine());
        (server, engine)
    }

    crate::engines::tests!(open().await);
}

fn is_away<T>(answer: Result<T, VectorError>) -> bool {
    matches!(answer, Err(VectorError::Unavailable(_)))
}

#[tokio::test]
async fn killed_server_is_away_and_comes_back_with_everything() {
    let mut server = Server::start().await;
    let engine = server.engine();
    engine.upsert(STORE, points(0, 300)).await.unwrap();
    server.kill();
    let start = Instant::now();
    assert!(is_away(engine.search(STORE, nearest()).await));
    assert!(is_away(engine.upsert(STORE, points(300, 1)).await));
    assert!(is_away(engine.delete(STORE, vec!["item 1".to_owned()], "").await));
    assert!(is_away(engine.counts().await));
    assert!(!engine.healthy().await);
    assert!(start.elapsed() < Duration::from_secs(1), "{:?}", start.elapsed());

    server.restart().await;
    assert!(engine.healthy().await);
    assert_eq!(count(&engine, STORE).await, 300);
    engine.upsert(STORE, points(300, 1)).await.unwrap();
    engine.delete(STORE, vec!["item 0".to_owned()], "").await.unwrap();
    assert_eq!(engine.search(STORE, nearest()).await.unwrap()[0].item_id, "item 1");
}

#[tokio::test]
async fn what_was_answered_survives_a_kill_while_others_write() {
    let mut server = Server::start().await;
    let engine = Arc::new(server.engine());
    engine.upsert(STORE, points(60_000, 1)).await.unwrap();
    let mut writers = JoinSet::new();
    for n in 0..4_u16 {
        let engine = engine.clone();
        writers.spawn(async move {
            let mut written = 0_u64;
            for part in 0..1_000 {
                let batch = points(n * 10_000 + part * 5, 5);
                match engine.upsert(STORE, batch).await {
                    Ok(()) => written += 5,
                    Err(VectorError::Unavailable(_)) => break,
                    Err(error) => panic!("{error}"),
                }
            }
            written
        });
    }
    while count(&*engine, STORE).await < 100 {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    server.kill();
    let written: u64 = writers.join_all().await.into_iter().sum();
    server.restart().await;
    let kept = count(&*engine, STORE).await - 1;
    assert!(written > 0 && (written..=written + 20).contains(&kept), "{kept} of {written}");
}

#[tokio::test]
async fn server_that_hangs_is_away_before_callers_give_up() {
    let server = Server::start().await;
    let engine = server.engine();
    engine.upsert(STORE, points(0, 10)).await.unwrap();
    engine.search(STORE, nearest()).await.unwrap();
    server.signal("STOP");
    let start = Instant::now();
    assert!(!engine.healthy().await);
    assert!(start.elapsed() < Duration::from_secs(2), "{:?}", start.elapsed());
    for _ in 0..2 {
        let start = Instant::now();
        assert!(is_away(engine.search(STORE, nearest()).await));
        assert!(start.elapsed() < Duration::from_secs(5), "{:?}", start.elapsed());
    }
    server.signal("CONT");
    let start = Instant::now();
    assert_eq!(engine.search(STORE, nearest()).await.unwrap().len(), 3);
    assert!(engine.healthy().await);
    assert!(start.elapsed() < Duration::from_secs(1), "{:?}", start.elapsed());
}

#[tokio::test]
async fn write_to_a_server_that_hangs_ends_and_can_be_repeated() {
    let server = Server::start().await;
    let engine = server.engine();
    engine.upsert(STORE, points(0, 10)).await.unwrap();
    server.signal("STOP");
    let start = Instant::now();
    assert!(is_away(engine.upsert(STORE, points(10, 10)).await));
    assert!(start.elapsed() < Duration::from_secs(12), "{:?}", start.elapsed());
    server.signal("CONT");
    engine.upsert(STORE, points(10, 10)).await.unwrap();
    assert_eq!(count(&engine, STORE).await, 20);
}

#[tokio::test]
async fn wiped_server_is_written_to_at_once() {
    let mut server = Server::start().await;
    let engine = server.engine();
    engine.upsert(STORE, points(0, 10)).await.unwrap();
    server.kill();
    server.wipe();
    server.restart().await;
    assert_eq!(engine.search(STORE, nearest()).await.unwrap(), []);
    engine.delete(STORE, vec!["item 1".to_owned()], "").await.unwrap();
    engine.upsert(STORE, points(0, 5)).await.unwrap();
    assert_eq!(count(&engine, STORE).await, 5);
    assert_eq!(indexed_fields(&server).await, ["organization_id", "owner_id"]);
}

#[tokio::test]
async fn store_that_was_half_made_is_finished() {
    let server = Server::start().await;
    let vectors = VectorParamsBuilder::new(dimension() as u64, Distance::Cosine);
    let half = CreateCollectionBuilder::new(STORE).vectors_config(vectors);
    server.client().create_collection(half).await.unwrap();
    assert!(indexed_fields(&server).await.is_empty());
    server.engine().upsert(STORE, points(0, 5)).await.unwrap();
    assert_eq!(indexed_fields(&server).await, ["organization_id", "owner_id"]);
}

async fn indexed_fields(server: &Server) -> Vec<String> {
    let info = server.client().collection_info(STORE).await.unwrap().result.unwrap();
    let mut fields: Vec<_> = info.payload_schema.into_keys().collect();
    fields.sort();
    fields
}

#[tokio::test]
async fn processes_may_make_a_store_at_the_same_time() {
    let server = Server::start().await;
    let mut work = JoinSet::new();
    for n in 0..6 {
        let engine = server.engine();
        work.spawn(async move {
            // One that comes while another makes the store is told to come again.
            while let Err(error) = engine.upsert(STORE, points(n * 10, 10)).await {
                assert!(matches!(error, VectorError::Unavailable(_)), "{error}");
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        });
    }
    work.join_all().await;
    assert_eq!(count(&server.engine(), STORE).await, 60);
    assert_eq!(indexed_fields(&server).await, ["organization_id", "owner_id"]);
}

#[tokio::test]
async fn short_name_leads_to_the_store_of_the_model_in_use() {
    let server = Server::start().await;
    server.engine().upsert("mistakes--first--384", points(0, 3)).await.unwrap();
    server.engine().upsert("mistakes--second--384", points(0, 2)).await.unwrap();
    let aliases = server.client().list_aliases().await.unwrap().aliases;
    let aliases: Vec<_> =
        aliases.iter().map(|a| (a.alias_name.as_str(), a.collection_name.as_str())).collect();
    assert_eq!(aliases, [("mistakes", "mistakes--second--384")]);
}

#[tokio::test]
async fn wrong_key_is_not_healthy_and_loses_nothing() {
    let server = Server::with_key("right").await;
    let engine = server.engine();
    engine.upsert(STORE, points(0, 10)).await.unwrap();
    assert!(engine.healthy().await);
    for key in [None, Some(SecretString::from("wrong"))] {
        let stranger = QdrantServer::new(&server.url(), key.as_ref(), dimension()).unwrap();
        assert!(!stranger.healthy().await);
        assert!(is_away(stranger.search(STORE, nearest()).await));
        assert!(is_away(stranger.upsert(STORE, points(10, 1)).await));
    }
    assert_eq!(count(&engine, STORE).await, 10);
}
