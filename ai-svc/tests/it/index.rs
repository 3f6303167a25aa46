//! The index of meanings over the real engine on disk.

use std::{fs, sync::Arc};

use ai_svc::{
    config::EngineConfig,
    embed::Lexical,
    vectors::{self, Embedded, Engine, VectorError},
};
use kit::{
    caller::{Caller, Role},
    testing::{self, request},
};
use proto::ai::v1::{
    Collection, DeleteItemsRequest, Hit, IndexItemsRequest, Item, SearchItemsRequest,
    vector_service_server::VectorService as _,
};
use tonic::{Code, Status};

use crate::{
    engines::{STORE, dimension, nearest, points},
    support::{Folder, Service},
};

pub const OWNER: &str = "0192d3c0-0000-7000-8000-000000000001";
pub const OTHER: &str = "0192d3c0-0000-7000-8000-000000000002";

pub fn item(caller: &Caller, id: &str, owner: &str, text: &str) -> Item {
    Item {
        id: id.to_owned(),
        owner_id: owner.to_owned(),
        organization_id: caller.organization_id.to_string(),
        text: text.to_owned(),
    }
}

pub async fn index(service: &Service, caller: &Caller, items: Vec<Item>) {
    let count = items.len();
    let message = IndexItemsRequest { collection: Collection::Mistakes.into(), items };
    let answer = service.vector.index_items(request(caller, message)).await.unwrap().into_inner();
    assert_eq!(answer.indexed as usize, count);
    assert_eq!(answer.model, "lexical-hash-384");
}

pub fn search(text: &str, item_id: &str, owners: &[&str]) -> SearchItemsRequest {
    SearchItemsRequest {
        collection: Collection::Mistakes.into(),
        text: text.to_owned(),
        item_id: item_id.to_owned(),
        owner_ids: owners.iter().map(|&owner| owner.to_owned()).collect(),
        limit: 0,
        min_score: 0.0,
    }
}

pub async fn found(
    service: &Service,
    caller: &Caller,
    message: SearchItemsRequest,
) -> Result<Vec<Hit>, Status> {
    let answer = service.vector.search_items(request(caller, message)).await?;
    Ok(answer.into_inner().hits)
}

pub fn ids(hits: &[Hit]) -> Vec<&str> {
    hits.iter().map(|hit| hit.id.as_str()).collect()
}

#[tokio::test]
async fn wrong_requests_are_refused() {
    let service = Service::without_model().await;
    let caller = testing::caller(Role::Student);
    let many: Vec<String> = (0..1_001).map(|n| n.to_string()).collect();
    for message in [
        search("text", "", &[]),
        search("", "", &[OWNER]),
        search("text", "item", &[OWNER]),
        SearchItemsRequest { limit: 101, ..search("text", "", &[OWNER]) },
        SearchItemsRequest { min_score: 1.5, ..search("text", "", &[OWNER]) },
        SearchItemsRequest { min_score: f32::NAN, ..search("text", "", &[OWNER]) },
        SearchItemsRequest { collection: 0, ..search("text", "", &[OWNER]) },
        SearchItemsRequest { collection: 99, ..search("text", "", &[OWNER]) },
        SearchItemsRequest { owner_ids: many, ..search("text", "", &[OWNER]) },
    ] {
        let status = found(&service, &caller, message).await.unwrap_err();
        assert_eq!(status.code(), Code::InvalidArgument);
    }
    let items = (0..257).map(|n| item(&caller, &n.to_string(), OWNER, "text")).collect();
    let message = IndexItemsRequest { collection: Collection::Contents.into(), items };
    let status = service.vector.index_items(request(&caller, message)).await.unwrap_err();
    assert_eq!(status.code(), Code::InvalidArgument);
}

#[tokio::test]
async fn items_of_another_organization_are_neither_stored_nor_forgotten() {
    let service = Service::without_model().await;
    let (caller, stranger) = (testing::caller(Role::Student), testing::caller(Role::Teacher));
    index(&service, &caller, vec![item(&caller, "one", OWNER, "a text")]).await;

    let foreign = vec![item(&caller, "two", OWNER, "another text")];
    let message = IndexItemsRequest { collection: Collection::Mistakes.into(), items: foreign };
    let status = service.vector.index_items(request(&stranger, message)).await.unwrap_err();
    assert_eq!(status.code(), Code::PermissionDenied);

    let forget = || DeleteItemsRequest {
        collection: Collection::Mistakes.into(),
        ids: vec!["one".to_owned()],
    };
    service.vector.delete_items(request(&stranger, forget())).await.unwrap();
    let there = async || found(&service, &caller, search("a text", "", &[OWNER])).await.unwrap();
    assert_eq!(ids(&there().await), ["one"]);
    service.vector.delete_items(request(&caller, forget())).await.unwrap();
    assert!(there().await.is_empty());
}

/// The shared behaviour, in process.
mod embedded {
    use super::{Arc, Embedded, Engine, Folder, dimension};

    fn open() -> (Folder, Arc<dyn Engine>) {
        let folder = Folder::new();
        let engine = Embedded::open(folder.path(), dimension()).unwrap();
        (folder, Arc::new(engine))
    }

    crate::engines::tests!(open());
}

#[tokio::test]
async fn index_survives_a_restart() {
    let folder = Folder::new();
    let engine = Embedded::open(folder.path(), dimension()).unwrap();
    engine.upsert(STORE, points(0, 300)).await.unwrap();
    engine.delete(STORE, vec!["item 1".to_owned()], "").await.unwrap();
    assert!(
        Embedded::open(folder.path(), dimension()).is_err(),
        "the folder belongs to one process"
    );
    engine.close().await;
    drop(engine);

    let engine = Embedded::open(folder.path(), dimension()).unwrap();
    assert_eq!(engine.counts().await.unwrap(), [(STORE.to_owned(), 299)]);
    let hits = engine.search(STORE, nearest()).await.unwrap();
    assert_eq!(hits[0].item_id, "item 0");
    assert!(hits.iter().all(|hit| hit.item_id != "item 1"));
    engine.upsert(STORE, points(0, 2)).await.unwrap();
    assert_eq!(engine.counts().await.unwrap()[0].1, 300, "written to after a restart");
}

#[tokio::test]
async fn index_survives_a_killed_process() {
    let folder = Folder::new();
    let engine = Arc::new(Embedded::open(folder.path(), dimension()).unwrap());
    engine.upsert(STORE, points(0, 10)).await.unwrap();
    // What a killed process leaves is what is on disk now: nothing is flushed any more.
    let left = Folder::new();
    copy(folder.path(), left.path());
    let engine = Embedded::open(left.path(), dimension()).unwrap();
    assert_eq!(engine.counts().await.unwrap(), [(STORE.to_owned(), 10)]);
    assert_eq!(engine.search(STORE, nearest()).await.unwrap()[0].item_id, "item 0");
}

fn copy(from: &std::path::Path, to: &std::path::Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).unwrap();
        }
    }
}

#[tokio::test]
async fn broken_index_is_moved_aside_and_starts_empty() {
    let folder = Folder::new();
    let engine = Embedded::open(folder.path(), dimension()).unwrap();
    engine.upsert(STORE, points(0, 10)).await.unwrap();
    engine.close().await;
    drop(engine);
    fs::write(folder.path().join(STORE).join("edge_config.json"), "not JSON").unwrap();
    for entry in fs::read_dir(folder.path().join(STORE).join("segments")).unwrap() {
        fs::write(entry.unwrap().path().join("segment.json"), "not JSON").unwrap();
    }

    let engine = Embedded::open(folder.path(), dimension()).unwrap();
    assert_eq!(engine.counts().await.unwrap(), [(STORE.to_owned(), 0)]);
    engine.upsert(STORE, points(0, 5)).await.unwrap();
    assert_eq!(engine.counts().await.unwrap(), [(STORE.to_owned(), 5)]);
    let names = fs::read_dir(folder.path()).unwrap();
    let names: Vec<_> = names.map(|e| e.unwrap().file_name().into_string().unwrap()).collect();
    assert!(names.iter().any(|name| name.starts_with(&format!("{STORE}.broken-"))), "{names:?}");
}

#[tokio::test]
async fn server_that_is_away_is_unavailable() {
    let config = EngineConfig::Qdrant {
        url: "http://127.0.0.1:9".to_owned(),
        key: None,
        expected_dimension: None,
    };
    let engine = vectors::open(&config, &Lexical).unwrap();
    assert_eq!(engine.name(), "qdrant");
    assert!(!engine.healthy().await);
    let error = engine.search(STORE, nearest()).await.unwrap_err();
    assert!(matches!(error, VectorError::Unavailable(_)), "{error}");
}
