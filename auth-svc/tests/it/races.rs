//! What changes while a password is verified.

use auth_svc::{error::AuthError, session::Tokens, store, user::Account};
use kit::{clock::Clock as _, db::Transaction};
use std::time::Duration;

use crate::support::{PASSWORD, Service, client, reason};

/// Signs in while `change` is made to the account; it is committed as soon as the sign-in waits
/// for it.
async fn sign_in_during(
    service: &Service,
    username: &str,
    change: impl AsyncFnOnce(&Transaction<'_>, Account),
) -> Result<(Account, Tokens), AuthError> {
    let mut db = service.db.pool.get().await.unwrap();
    let account = store::users::by_login(&db, username).await.unwrap().unwrap();
    let tx = db.transaction().await.unwrap();
    let account = store::users::lock(&tx, account.id).await.unwrap().unwrap();
    change(&tx, account).await;
    let sessions = service.sessions.clone();
    let name = username.to_owned();
    let signing_in =
        tokio::spawn(async move { sessions.sign_in(&name, PASSWORD.to_owned(), &client()).await });
    let waits = "SELECT FROM pg_stat_activity
                  WHERE datname = current_database() AND wait_event_type = 'Lock'";
    // A transaction sees the activity of its beginning.
    let watch = service.db.pool.get().await.unwrap();
    while watch.query(waits, &[]).await.unwrap().is_empty() {
        assert!(!signing_in.is_finished(), "nothing was asked once more");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    tx.commit().await.unwrap();
    signing_in.await.unwrap()
}

#[tokio::test]
async fn account_that_is_deactivated_meanwhile_gets_no_session() {
    let service = Service::new().await;
    let (li, _) = service.found("lilei").await;
    let now = service.clock.now();
    let entered = sign_in_during(&service, "lilei", async |tx, account| {
        let account = Account { is_active: false, ..account };
        store::users::update(tx, &account, now).await.unwrap();
        store::sessions::end_all(tx, account.id, None, now).await.unwrap();
    });
    assert_eq!(reason(entered.await), "ACCOUNT_INACTIVE");
    let page = kit::page::Page { limit: 10, after: None };
    assert!(service.sessions.list(&li, &page).await.unwrap().is_empty());
}

#[tokio::test]
async fn password_that_is_changed_meanwhile_is_the_old_one() {
    let service = Service::new().await;
    service.found("lilei").await;
    let now = service.clock.now();
    let hash = service.context.hasher.hash("Fresh1234".to_owned()).await.unwrap();
    let entered = sign_in_during(&service, "lilei", async |tx, account| {
        store::users::set_password(tx, account.id, &hash, false, now).await.unwrap();
    });
    assert_eq!(reason(entered.await), "WRONG_PASSWORD");
    service.sign_in("lilei", "Fresh1234").await.unwrap();
}

#[tokio::test]
async fn old_hash_is_renewed_and_nothing_else_is_written_back() {
    let service = Service::new().await;
    service.found("lilei").await;
    let now = service.clock.now();
    let db = service.db.pool.get().await.unwrap();
    let account = store::users::by_login(&db, "lilei").await.unwrap().unwrap();
    let old = bcrypt::hash(PASSWORD, 4).unwrap();
    store::users::set_password(&db, account.id, &old, true, now).await.unwrap();
    let entered = sign_in_during(&service, "lilei", async |tx, account| {
        let account = Account { full_name: "李雷".to_owned(), ..account };
        store::users::update(tx, &account, now).await.unwrap();
    });
    let (entered, _) = entered.await.unwrap();
    assert_eq!(entered.full_name, "李雷");
    let kept = store::users::find(&db, account.id).await.unwrap().unwrap();
    assert!(kept.password_hash.starts_with("$argon2id$"), "{}", kept.password_hash);
    assert!(kept.must_change_password);
    assert_eq!(kept.full_name, "李雷");
    service.sign_in("lilei", PASSWORD).await.unwrap();
}

#[tokio::test]
async fn password_is_changed_once_by_two_who_know_the_old_one() {
    let service = Service::new().await;
    let (li, _) = service.found("lilei").await;
    let change = async |new: &str| {
        service.sessions.change_password(&li, PASSWORD.to_owned(), new.to_owned(), None).await
    };
    let (one, other) = tokio::join!(change("Fresh1234"), change("Other1234"));
    assert_eq!([one.is_ok(), other.is_ok()].iter().filter(|ok| **ok).count(), 1);
}

#[tokio::test]
async fn guessing_the_old_password_is_throttled_and_noted() {
    let service = Service::new().await;
    let (li, _) = service.found("lilei").await;
    let guess = async |old: &str| {
        let new = "Fresh1234".to_owned();
        service.sessions.change_password(&li, old.to_owned(), new, None).await
    };
    for _ in 0..5 {
        assert_eq!(reason(guess("Wrong1234").await), "INVALID_FIELDS");
    }
    assert_eq!(reason(guess(PASSWORD).await), "LOGIN_THROTTLED");
    let events = service.events(&li).await;
    assert_eq!(events.iter().filter(|kind| *kind == "password_change_failed").count(), 5);
}
