//! Calls that are repeated, one after the other and at once.

use chrono::{DateTime, TimeDelta};
use kit::{
    error::{Classify as _, Kind},
    idempotency::{Claimed, IdempotencyError, Operation, claim, sweep},
    testing,
};
use uuid::Uuid;

use crate::database::runner;

fn operation(key: Option<&str>) -> Operation {
    Operation {
        caller: Uuid::now_v7(),
        method: "CreateThing",
        key: key.map(str::to_owned),
        request_hash: [7; 32],
    }
}

#[tokio::test]
async fn repeated_call_gets_the_first_result() {
    let test = testing::database("kit_test", runner()).await;
    let client = test.pool.get().await.unwrap();
    let now = DateTime::UNIX_EPOCH;
    let (first, second) = (Uuid::now_v7(), Uuid::now_v7());
    let call = operation(Some("k"));
    assert_eq!(claim(&client, &call, first, now).await.unwrap(), Claimed::New(first));
    assert_eq!(claim(&client, &call, second, now).await.unwrap(), Claimed::Repeated(first));

    let other = Operation { request_hash: [8; 32], ..call.clone() };
    let error = claim(&client, &other, second, now).await.unwrap_err();
    assert!(matches!(error, IdempotencyError::Reused));
    assert_eq!((error.kind(), error.reason()), (Kind::Conflict, "IDEMPOTENCY_KEY_REUSED"));

    assert_eq!(sweep(&client, now + TimeDelta::days(1)).await.unwrap(), 1);
    assert_eq!(claim(&client, &call, second, now).await.unwrap(), Claimed::New(second));
}

#[tokio::test]
async fn call_without_a_key_is_always_new() {
    let test = testing::database("kit_test", runner()).await;
    let client = test.pool.get().await.unwrap();
    let call = operation(None);
    for id in [Uuid::now_v7(), Uuid::now_v7()] {
        let claimed = claim(&client, &call, id, DateTime::UNIX_EPOCH).await.unwrap();
        assert_eq!(claimed, Claimed::New(id));
    }
}

#[tokio::test]
async fn twins_at_once_make_one_thing() {
    let test = testing::database("kit_test", runner()).await;
    let call = operation(Some("k"));
    let twins = (0..6).map(|_| async {
        let mut client = test.pool.get().await.unwrap();
        let tx = client.transaction().await.unwrap();
        let claimed = claim(&tx, &call, Uuid::now_v7(), DateTime::UNIX_EPOCH).await.unwrap();
        tx.commit().await.unwrap();
        claimed
    });
    let claimed = futures::future::join_all(twins).await;
    let new: Vec<_> = claimed
        .iter()
        .filter_map(|claimed| match claimed {
            Claimed::New(id) => Some(*id),
            Claimed::Repeated(_) => None,
        })
        .collect();
    assert_eq!(new.len(), 1);
    for claimed in claimed {
        assert!(matches!(claimed, Claimed::New(id) | Claimed::Repeated(id) if id == new[0]));
    }
}

#[tokio::test]
async fn rolled_back_call_can_be_made_again() {
    let test = testing::database("kit_test", runner()).await;
    let call = operation(Some("k"));
    let mut client = test.pool.get().await.unwrap();
    let tx = client.transaction().await.unwrap();
    claim(&tx, &call, Uuid::now_v7(), DateTime::UNIX_EPOCH).await.unwrap();
    drop(tx);
    let id = Uuid::now_v7();
    let claimed = claim(&client, &call, id, DateTime::UNIX_EPOCH).await.unwrap();
    assert_eq!(claimed, Claimed::New(id));
}
