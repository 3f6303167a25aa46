//! Embeddings of the local model and of providers.

use std::{env, path::PathBuf, sync::Arc, time::Duration};

use ai_svc::{
    config::{EmbeddingConfig, EngineConfig, RemoteEmbedding},
    embed::{self, EmbedError, Embedder, Lexical, MiniLm},
    ledger::{Ledger, Money, Price},
    providers::Http,
    store,
    vectors::{self, Collection, Embedded, Index, IndexError, Item, QdrantServer, VectorError},
};
use kit::{caller::Role, clock::SystemClock, testing};
use serde_json::{Value, json};
use wiremock::{Mock, MockServer, ResponseTemplate, matchers::path};

use crate::support::{Folder, bodies, fails};

/// Returns the folder of the model, which `make test` fetches.
fn model() -> PathBuf {
    let folder = env::var_os("TEST_EMBEDDING_DIR").map(PathBuf::from);
    folder.expect("TEST_EMBEDDING_DIR names the embedding model; `make test` sets it")
}

fn likeness(a: &[f32], b: &[f32]) -> f32 {
    a.iter().zip(b).map(|(x, y)| x * y).sum()
}

#[tokio::test]
async fn meaning_is_nearer_than_spelling() {
    let model = MiniLm::open(&model(), 2).unwrap();
    assert_eq!((model.model(), model.dimension()), ("all-MiniLM-L6-v2", 384));
    let texts = [
        "The boy is happy because he won the game.",
        "The child feels joy after his victory in the match.",
        "The boy is happy to pay the gas bill.",
        "Photosynthesis turns sunlight into sugar. ",
    ];
    let long = "A very long text about tenses. ".repeat(400);
    let texts: Vec<String> = texts.map(str::to_owned).into_iter().chain([long]).collect();
    let vectors = model.embed(texts.clone()).await.unwrap().vectors;
    assert!(vectors.iter().all(|vector| (likeness(vector, vector) - 1.0).abs() < 1e-4));
    let near = likeness(&vectors[0], &vectors[1]);
    assert!(near > likeness(&vectors[0], &vectors[2]), "{near}");
    assert!(near > likeness(&vectors[0], &vectors[3]) + 0.3, "{near}");

    // Padding beside a longer text changes nothing.
    let alone = model.embed(vec![texts[0].clone()]).await.unwrap().vectors;
    assert!(likeness(&alone[0], &vectors[0]) > 0.9999);
}

#[test]
fn folder_without_a_model_is_an_error_that_says_so() {
    let folder = Folder::new();
    let config = EmbeddingConfig::Local { folder: folder.path().to_owned(), concurrency: 1 };
    let error = embed::build(&Http::new().unwrap(), &config).err().unwrap();
    assert!(error.to_string().contains("config.json is missing"), "{error}");
}

fn remote(server: &MockServer, dimension: usize) -> Arc<dyn Embedder> {
    let config = EmbeddingConfig::Remote(RemoteEmbedding {
        base_url: server.uri(),
        key: Some("sk-test".to_owned().into()),
        model: "text-embedding-3-small".to_owned(),
        dimension,
        price: Price::default(),
        timeout: Duration::from_mins(1),
    });
    embed::build(&Http::new().unwrap(), &config).unwrap()
}

#[tokio::test]
async fn provider_embeds_in_the_order_of_the_texts() {
    let server = MockServer::start().await;
    let answer = |request: &wiremock::Request| {
        let body: Value = request.body_json().unwrap();
        let count = body["input"].as_array().unwrap().len();
        let entry = |at: usize| json!({"index": at, "embedding": [at, 1, 0]});
        let data: Vec<_> = (0..count).rev().map(entry).collect();
        ResponseTemplate::new(200)
            .set_body_json(json!({"data": data, "usage": {"prompt_tokens": 7}}))
    };
    Mock::given(path("/embeddings")).respond_with(answer).mount(&server).await;
    let texts: Vec<String> = (0..64).map(|n| n.to_string()).collect();
    let embedded = remote(&server, 3).embed(texts.clone()).await.unwrap();
    assert_eq!((embedded.vectors.len(), embedded.billed_tokens), (64, 7));
    assert!((embedded.vectors[0][1] - 1.0).abs() < 1e-6);
    assert!(embedded.vectors[63][0] > 0.99, "{:?}", embedded.vectors[63]);

    let error = remote(&server, 4).embed(texts).await.unwrap_err();
    assert!(matches!(error, EmbedError::Dimension { expected: 4, actual: 3 }));
    assert_eq!(kit::error::Classify::kind(&error), kit::error::Kind::Unavailable);
    assert!(embed::probe(&*remote(&server, 3)).await.is_ok());
    let error = embed::probe(&*remote(&server, 4)).await.unwrap_err().to_string();
    assert!(error.contains("EMBEDDING_DIM is 4") && error.contains("EMBEDDING_DIM=3"), "{error}");
}

#[tokio::test]
async fn long_text_is_cut_and_one_that_is_refused_does_not_wait_for_ever() {
    let server = MockServer::start().await;
    fails(&server, 413).await;
    let error = remote(&server, 3).embed(vec!["读".repeat(10_000)]).await.unwrap_err();
    assert_eq!(kit::error::Classify::kind(&error), kit::error::Kind::Invalid);
    let sent = bodies(&server).await;
    assert_eq!(sent[0]["input"][0].as_str().unwrap().chars().count(), 1_500);
}

#[tokio::test]
async fn provider_that_is_away_at_the_start_is_no_error() {
    let server = MockServer::start().await;
    fails(&server, 500).await;
    assert!(embed::probe(&*remote(&server, 3)).await.is_ok());
}

#[test]
fn wrong_length_of_vectors_is_an_error_that_says_what_to_do() {
    let engine = |expected_dimension| EngineConfig::Qdrant {
        url: "http://127.0.0.1:9".to_owned(),
        key: None,
        expected_dimension,
    };
    assert!(vectors::open(&engine(None), &Lexical).is_ok());
    assert!(vectors::open(&engine(Some(384)), &Lexical).is_ok());
    let error = vectors::open(&engine(Some(1_536)), &Lexical).err().unwrap().to_string();
    assert!(error.contains("1536") && error.contains("QDRANT_VECTOR_SIZE=384"), "{error}");
}

#[tokio::test]
async fn what_a_provider_embedded_is_paid_for_although_the_next_batch_fails() {
    let provider = MockServer::start().await;
    let data: Vec<_> = (0..64).map(|at| json!({"index": at, "embedding": [1, 2, 3]})).collect();
    let first = ResponseTemplate::new(200)
        .set_body_json(json!({"data": data, "usage": {"prompt_tokens": 7}}));
    Mock::given(path("/embeddings")).respond_with(first).up_to_n_times(1).mount(&provider).await;
    fails(&provider, 500).await;
    let db = testing::database("ai", store::migrations()).await;
    let ledger = Ledger::new(db.pool.clone(), Arc::new(SystemClock), Money(0));
    let folder = Folder::new();
    let engine = Arc::new(Embedded::open(folder.path(), 3).unwrap());
    let index = Index::new(remote(&provider, 3), engine, ledger.clone());
    let caller = testing::caller(Role::Student);
    let embed = async || index.embed(&caller, vec!["text".to_owned(); 70]).await.unwrap_err();
    assert!(matches!(embed().await, IndexError::Embed(EmbedError::Provider(_))));
    for _ in 0..6 {
        embed().await;
    }
    ledger.writes().close();
    ledger.writes().wait().await;
    let client = db.pool.get().await.unwrap();
    let select = "SELECT outcome, prompt_tokens FROM model_calls ORDER BY id";
    let calls = client.query(select, &[]).await.unwrap();
    let calls: Vec<(String, i64)> = calls.iter().map(|row| (row.get(0), row.get(1))).collect();
    assert_eq!(calls[0], ("ok".to_owned(), 7));
    assert_eq!(calls.len(), 6, "after five failures in a row the provider rests");
}

#[tokio::test]
async fn call_that_nobody_waits_for_any_more_is_written_down() {
    let provider = MockServer::start().await;
    let hangs = ResponseTemplate::new(200).set_delay(Duration::from_mins(1));
    Mock::given(path("/embeddings")).respond_with(hangs).mount(&provider).await;
    let db = testing::database("ai", store::migrations()).await;
    let ledger = Ledger::new(db.pool.clone(), Arc::new(SystemClock), Money(0));
    let folder = Folder::new();
    let engine = Arc::new(Embedded::open(folder.path(), 3).unwrap());
    let index = Index::new(remote(&provider, 3), engine, ledger.clone());
    let caller = testing::caller(Role::Student);
    let arrived = async {
        while provider.received_requests().await.unwrap().is_empty() {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    tokio::select! {
        embedded = index.embed(&caller, vec!["eight letters".to_owned()]) => {
            panic!("the provider never answers: {embedded:?}")
        }
        () = arrived => {}
    }
    ledger.writes().close();
    ledger.writes().wait().await;
    let client = db.pool.get().await.unwrap();
    let select = "SELECT outcome, prompt_tokens FROM model_calls";
    let call = client.query_one(select, &[]).await.unwrap();
    assert_eq!((call.get::<_, String>(0).as_str(), call.get::<_, i64>(1)), ("cancelled", 4));
}

#[tokio::test]
async fn failing_provider_is_no_reason_to_mix_models() {
    let server = MockServer::start().await;
    fails(&server, 500).await;
    let error = remote(&server, 3).embed(vec!["text".to_owned()]).await.unwrap_err();
    assert!(matches!(error, EmbedError::Provider(_)));
}

#[tokio::test]
async fn nothing_is_embedded_for_a_vector_server_that_is_away() {
    let provider = MockServer::start().await;
    fails(&provider, 500).await;
    let away = QdrantServer::new("http://127.0.0.1:9", None, 3).unwrap();
    let db = testing::database("ai", store::migrations()).await;
    let ledger = Ledger::new(db.pool.clone(), Arc::new(SystemClock), Money(0));
    let index = Index::new(remote(&provider, 3), Arc::new(away), ledger);
    let caller = testing::caller(Role::Student);
    let item = Item {
        id: "item".to_owned(),
        owner_id: "owner".to_owned(),
        organization_id: caller.organization_id.to_string(),
        text: "text".to_owned(),
    };
    let error = index.add(&caller, Collection::Mistakes, vec![item]).await.unwrap_err();
    assert!(matches!(error, IndexError::Vector(VectorError::Unavailable(_))), "{error}");
    assert_eq!(provider.received_requests().await.unwrap().len(), 0);
}
