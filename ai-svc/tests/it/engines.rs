//! What every vector engine does, tried on each of them.

use std::sync::Arc;

use ai_svc::{
    embed::{Embedder as _, Lexical},
    vectors::{Engine, Hit, Point, Search, Target, VectorError},
};
use kit::{
    caller::Role,
    error::reason_of,
    testing::{self, request},
};
use proto::ai::v1::{
    Collection, DeleteItemsRequest, SearchItemsRequest, vector_service_server::VectorService as _,
};
use tokio::task::JoinSet;
use tonic::Code;
use uuid::Uuid;

use crate::{
    index::{OTHER, OWNER, found, ids, index, item, search},
    support::Service,
};

pub const STORE: &str = "mistakes--test--384";

/// Makes a test of everything below, over the engine that `$open` gives for vectors of
/// [`dimension`]. What it gives beside the engine lives as long as the test.
macro_rules! tests {
    ($open:expr) => {
        $crate::engines::tests! { $open;
            nearest_are_found_best_first
            only_named_owners_of_the_organization_are_found
            item_does_not_find_itself_and_must_be_there
            point_is_replaced_and_goes_to_another_owner
            points_are_forgotten_and_unknown_ones_are_no_error
            store_that_is_missing_is_an_empty_one
            stores_of_different_models_are_apart
            vector_of_a_wrong_length_is_refused
            many_at_once_write_and_read
            likeness_is_found_among_the_named_owners_alone
            other_organizations_are_out_of_sight
            item_is_replaced_and_forgotten
        }
    };
    ($open:expr; $($name:ident)*) => {$(
        #[tokio::test]
        async fn $name() {
            let (_home, engine) = $open;
            $crate::engines::$name(engine).await;
        }
    )*};
}
pub(crate) use tests;

pub fn dimension() -> usize {
    Lexical.dimension()
}

/// Returns a vector that starts with `start`.
pub fn vector(start: &[f32]) -> Vec<f32> {
    let mut vector = start.to_vec();
    vector.resize(dimension(), 0.0);
    vector
}

/// Returns points ever farther from the first one.
pub fn points(from: u16, count: u16) -> Vec<Point> {
    let point = |n: u16| Point {
        item_id: format!("item {n}"),
        owner_id: OWNER.to_owned(),
        organization_id: String::new(),
        vector: vector(&[1.0, f32::from(n), 0.5, 0.1]),
    };
    (from..from + count).map(point).collect()
}

/// Looks for the point from which the others are far.
pub fn nearest() -> Search {
    Search {
        target: Target::Vector(vector(&[1.0, 0.0, 0.5, 0.1])),
        owner_ids: vec![OWNER.to_owned()],
        organization_id: "any".to_owned(),
        limit: 3,
        min_score: 0.0,
    }
}

fn like(item: &str) -> Search {
    Search { target: Target::Item(item.to_owned()), ..nearest() }
}

fn names(hits: &[Hit]) -> Vec<&str> {
    hits.iter().map(|hit| hit.item_id.as_str()).collect()
}

pub async fn count(engine: &dyn Engine, store: &str) -> u64 {
    let counts = engine.counts().await.unwrap();
    counts.into_iter().find(|(name, _)| name == store).map_or(0, |(_, count)| count)
}

pub async fn nearest_are_found_best_first(engine: Arc<dyn Engine>) {
    engine.upsert(STORE, points(0, 20)).await.unwrap();
    let hits = engine.search(STORE, nearest()).await.unwrap();
    assert_eq!(names(&hits), ["item 0", "item 1", "item 2"]);
    assert!((hits[0].score - 1.0).abs() < 1e-5, "{}", hits[0].score);
    // (1, 0, .5, .1) and (1, 1, .5, .1): the cosine does not depend on the engine.
    assert!((hits[1].score - (1.26_f32 / 2.26).sqrt()).abs() < 1e-5, "{}", hits[1].score);
    let near = Search { min_score: 0.7, ..nearest() };
    assert_eq!(names(&engine.search(STORE, near).await.unwrap()), ["item 0", "item 1"]);
    let one = Search { limit: 1, ..nearest() };
    assert_eq!(names(&engine.search(STORE, one).await.unwrap()), ["item 0"]);
    let opposite = Search { target: Target::Vector(vector(&[-1.0, 0.0, -0.5, -0.1])), ..nearest() };
    assert_eq!(engine.search(STORE, opposite).await.unwrap(), []);
}

pub async fn only_named_owners_of_the_organization_are_found(engine: Arc<dyn Engine>) {
    let mut all = points(0, 5);
    OTHER.clone_into(&mut all[1].owner_id);
    "school".clone_into(&mut all[2].organization_id);
    "another school".clone_into(&mut all[3].organization_id);
    engine.upsert(STORE, all).await.unwrap();

    let of = |owners: &[&str], organization: &str| Search {
        owner_ids: owners.iter().map(|&owner| owner.to_owned()).collect(),
        organization_id: organization.to_owned(),
        limit: 10,
        ..nearest()
    };
    let hits = engine.search(STORE, of(&[OWNER], "school")).await.unwrap();
    assert_eq!(names(&hits), ["item 0", "item 2", "item 4"]);
    let hits = engine.search(STORE, of(&[OTHER, OWNER], "any")).await.unwrap();
    assert_eq!(names(&hits), ["item 0", "item 1", "item 4"]);
    assert_eq!(hits[1].owner_id, OTHER);

    let two = || vec!["item 2".to_owned(), "item 3".to_owned()];
    engine.delete(STORE, two(), "any").await.unwrap();
    assert_eq!(count(&*engine, STORE).await, 5, "nobody forgets what is others'");
    engine.delete(STORE, two(), "school").await.unwrap();
    assert_eq!(count(&*engine, STORE).await, 4);
    assert_eq!(engine.search(STORE, of(&["nobody"], "school")).await.unwrap(), []);
    assert_eq!(engine.search(STORE, of(&[], "school")).await.unwrap(), [], "nobody was named");
    // As many as a request may name.
    let many: Vec<String> = (0..999).map(|n| format!("owner {n}")).collect();
    let mut many: Vec<&str> = many.iter().map(String::as_str).collect();
    many.push(OTHER);
    assert_eq!(names(&engine.search(STORE, of(&many, "any")).await.unwrap()), ["item 1"]);

    // An item of another organization is not there, whoever owns it.
    let error = engine.search(STORE, like("item 3")).await.unwrap_err();
    assert!(matches!(error, VectorError::NotIndexed(item) if item == "item 3"));
}

pub async fn item_does_not_find_itself_and_must_be_there(engine: Arc<dyn Engine>) {
    let mut all = points(0, 4);
    all[3].item_id = Uuid::now_v7().to_string();
    let last = all[3].item_id.clone();
    engine.upsert(STORE, all).await.unwrap();
    let hits = engine.search(STORE, like("item 1")).await.unwrap();
    assert_eq!(names(&hits), ["item 2", &last, "item 0"]);
    let hits = engine.search(STORE, like(&last)).await.unwrap();
    assert_eq!(names(&hits), ["item 2", "item 1", "item 0"], "an id may be a UUID or any text");
    let error = engine.search(STORE, like("item 9")).await.unwrap_err();
    assert!(matches!(error, VectorError::NotIndexed(item) if item == "item 9"));
}

pub async fn point_is_replaced_and_goes_to_another_owner(engine: Arc<dyn Engine>) {
    for _ in 0..3 {
        engine.upsert(STORE, points(0, 2)).await.unwrap();
    }
    assert_eq!(count(&*engine, STORE).await, 2);
    let mut moved = points(0, 1);
    OTHER.clone_into(&mut moved[0].owner_id);
    moved[0].vector = vector(&[0.0, 0.0, 1.0]);
    engine.upsert(STORE, moved).await.unwrap();
    assert_eq!(count(&*engine, STORE).await, 2);
    assert_eq!(names(&engine.search(STORE, nearest()).await.unwrap()), ["item 1"]);
    let theirs = Search { owner_ids: vec![OTHER.to_owned()], ..nearest() };
    let hits = engine.search(STORE, theirs).await.unwrap();
    assert_eq!(names(&hits), ["item 0"]);
    assert!(hits[0].score < 0.9, "the old vector is gone");
}

pub async fn points_are_forgotten_and_unknown_ones_are_no_error(engine: Arc<dyn Engine>) {
    engine.upsert(STORE, points(0, 4)).await.unwrap();
    let gone = vec!["item 0".to_owned(), "item 2".to_owned(), "item 99".to_owned()];
    for _ in 0..2 {
        engine.delete(STORE, gone.clone(), "").await.unwrap();
        assert_eq!(count(&*engine, STORE).await, 2);
    }
    let hits = engine.search(STORE, nearest()).await.unwrap();
    assert_eq!(names(&hits), ["item 1", "item 3"]);
    let error = engine.search(STORE, like("item 0")).await.unwrap_err();
    assert!(matches!(error, VectorError::NotIndexed(_)));
    engine.upsert(STORE, points(0, 1)).await.unwrap();
    assert_eq!(names(&engine.search(STORE, nearest()).await.unwrap())[0], "item 0");
}

pub async fn store_that_is_missing_is_an_empty_one(engine: Arc<dyn Engine>) {
    assert_eq!(engine.counts().await.unwrap(), []);
    assert_eq!(engine.search(STORE, nearest()).await.unwrap(), []);
    let error = engine.search(STORE, like("item 0")).await.unwrap_err();
    assert!(matches!(error, VectorError::NotIndexed(item) if item == "item 0"));
    engine.delete(STORE, vec!["item 0".to_owned()], "").await.unwrap();
    assert_eq!(engine.counts().await.unwrap(), [], "neither reading nor forgetting makes one");
    assert!(engine.healthy().await);
}

pub async fn stores_of_different_models_are_apart(engine: Arc<dyn Engine>) {
    let later = "mistakes--later--384";
    engine.upsert(STORE, points(0, 3)).await.unwrap();
    engine.upsert(later, points(5, 2)).await.unwrap();
    assert_eq!((count(&*engine, STORE).await, count(&*engine, later).await), (3, 2));
    let hits = engine.search(later, nearest()).await.unwrap();
    assert_eq!(names(&hits), ["item 5", "item 6"]);
    engine.delete(later, vec!["item 0".to_owned()], "").await.unwrap();
    assert_eq!(count(&*engine, STORE).await, 3);
}

pub async fn vector_of_a_wrong_length_is_refused(engine: Arc<dyn Engine>) {
    engine.upsert(STORE, points(0, 1)).await.unwrap();
    let mut wrong = points(1, 2);
    wrong[1].vector.pop();
    let error = engine.upsert(STORE, wrong).await.unwrap_err();
    assert!(matches!(error, VectorError::Engine(_)), "{error}");
    let short = Search { target: Target::Vector(vec![1.0]), ..nearest() };
    let error = engine.search(STORE, short).await.unwrap_err();
    assert!(matches!(error, VectorError::Engine(_)), "{error}");
    engine.upsert(STORE, points(3, 1)).await.unwrap();
    let hits = engine.search(STORE, nearest()).await.unwrap();
    assert_eq!((names(&hits)[0], *names(&hits).last().unwrap()), ("item 0", "item 3"));
    assert!(engine.healthy().await);
}

pub async fn many_at_once_write_and_read(engine: Arc<dyn Engine>) {
    let mut work = JoinSet::new();
    for n in 0..12 {
        let engine = engine.clone();
        work.spawn(async move {
            for part in 0..4 {
                engine.upsert(STORE, points(n * 100 + part * 25, 25)).await.unwrap();
                engine.search(STORE, nearest()).await.unwrap();
            }
        });
    }
    work.join_all().await;
    assert_eq!(count(&*engine, STORE).await, 1_200);
    let hits = engine.search(STORE, nearest()).await.unwrap();
    assert_eq!(names(&hits), ["item 0", "item 1", "item 2"]);
    assert!(engine.healthy().await);
}

pub async fn likeness_is_found_among_the_named_owners_alone(engine: Arc<dyn Engine>) {
    let service = Service::over(engine).await;
    let caller = testing::caller(Role::Student);
    let tense = "She had finished her homework before dinner.";
    let like = "He had finished his homework before lunch.";
    let far = "Whales live in cold oceans and eat krill.";
    let items = vec![
        item(&caller, "tense", OWNER, tense),
        item(&caller, "like", OWNER, like),
        item(&caller, "far", OWNER, far),
        item(&caller, "foreign", OTHER, tense),
    ];
    index(&service, &caller, items).await;

    let hits = found(&service, &caller, search(tense, "", &[OWNER])).await.unwrap();
    assert_eq!(ids(&hits)[..2], ["tense", "like"]);
    assert!(hits[0].score > 0.999 && hits[1].score < 0.999);
    assert!(!ids(&hits).contains(&"foreign"));
    assert_eq!(hits[0].owner_id, OWNER);

    let hits = found(&service, &caller, search("", "tense", &[OWNER, OTHER])).await.unwrap();
    assert_eq!(ids(&hits)[0], "foreign", "the same text of somebody who was named");
    assert!(!ids(&hits).contains(&"tense"), "an item does not find itself");

    let strict = SearchItemsRequest { min_score: 0.9, ..search(tense, "", &[OWNER]) };
    assert_eq!(ids(&found(&service, &caller, strict).await.unwrap()), ["tense"]);
    let one = SearchItemsRequest { limit: 1, ..search(tense, "", &[OWNER, OTHER]) };
    assert_eq!(found(&service, &caller, one).await.unwrap().len(), 1);
}

pub async fn other_organizations_are_out_of_sight(engine: Arc<dyn Engine>) {
    let service = Service::over(engine).await;
    let caller = testing::caller(Role::Teacher);
    index(&service, &caller, vec![item(&caller, "a", OWNER, "some text")]).await;
    let stranger = testing::caller(Role::Teacher);
    let hits = found(&service, &stranger, search("some text", "", &[OWNER])).await.unwrap();
    assert_eq!(hits.len(), 0);
    let status = found(&service, &stranger, search("", "a", &[OWNER])).await.unwrap_err();
    assert_eq!(status.code(), Code::NotFound);
    assert_eq!(reason_of(&status).as_deref(), Some("ITEM_NOT_INDEXED"));
}

pub async fn item_is_replaced_and_forgotten(engine: Arc<dyn Engine>) {
    let service = Service::over(engine).await;
    let caller = testing::caller(Role::Student);
    let id = Uuid::now_v7().to_string();
    index(&service, &caller, vec![item(&caller, &id, OWNER, "apples and pears")]).await;
    index(&service, &caller, vec![item(&caller, &id, OWNER, "the weather today")]).await;
    let hits = found(&service, &caller, search("the weather today", "", &[OWNER])).await.unwrap();
    assert_eq!(ids(&hits), [&id]);
    assert!(hits[0].score > 0.999);

    let ids = vec![id.clone(), "unknown".to_owned()];
    let message = DeleteItemsRequest { collection: Collection::Mistakes.into(), ids };
    service.vector.delete_items(request(&caller, message)).await.unwrap();
    let hits = found(&service, &caller, search("the weather today", "", &[OWNER])).await.unwrap();
    assert_eq!(hits.len(), 0);
}
