//! Refresh tokens: spent once, repeated when an answer was lost, and of no use to a thief.

use auth_svc::{error::AuthError, session::Tokens};
use chrono::TimeDelta;
use futures::future::join_all;
use kit::caller::Caller;

use crate::support::{Service, client, reason};

async fn refresh(service: &Service, token: &Tokens) -> Result<Tokens, AuthError> {
    service.sessions.refresh(&token.refresh, &client()).await.map(|(_, tokens)| tokens)
}

async fn is_live(service: &Service, user: &Caller, tokens: &Tokens) -> bool {
    service.sessions.is_live(tokens.session_id, user.user_id).await.unwrap()
}

#[tokio::test]
async fn token_is_spent_once_and_a_thief_ends_the_session() {
    let service = Service::new().await;
    let (admin, first) = service.found("lilei").await;
    let second = refresh(&service, &first).await.unwrap();
    assert_eq!(second.session_id, first.session_id);
    let third = refresh(&service, &second).await.unwrap();

    assert_eq!(reason(refresh(&service, &first).await), "REFRESH_TOKEN_REUSED");
    assert_eq!(reason(refresh(&service, &third).await), "SESSION_ENDED");
    let flag = service.context.cache.revocation_key(first.session_id);
    assert_eq!(service.context.cache.has_flag(&flag).await, Some(true));
    assert!(!is_live(&service, &admin, &first).await);
    let made_up = service.sessions.refresh("made up", &client()).await;
    assert_eq!(reason(made_up), "SESSION_ENDED");
    assert!(service.events(&admin).await.contains(&"session_refreshed_twice".to_owned()));
}

#[tokio::test]
async fn lost_answer_is_given_again() {
    let service = Service::new().await;
    let (admin, first) = service.found("lilei").await;
    let lost = refresh(&service, &first).await.unwrap();
    service.clock.advance(TimeDelta::seconds(29));
    let again = refresh(&service, &first).await.unwrap();
    assert_eq!(again.refresh, lost.refresh, "there is one live token, not two");
    let claims = service.context.policy.access_key.verify(&again.access).unwrap();
    assert_eq!(claims.sid, first.session_id);

    let next = refresh(&service, &again).await.unwrap();
    assert!(is_live(&service, &admin, &next).await);
    assert!(!service.events(&admin).await.contains(&"session_refreshed_twice".to_owned()));
    // The answer had arrived, so that this is somebody else.
    assert_eq!(reason(refresh(&service, &first).await), "REFRESH_TOKEN_REUSED");
    assert!(!is_live(&service, &admin, &next).await);
}

#[tokio::test]
async fn late_repetition_ends_the_session() {
    let service = Service::new().await;
    let (admin, first) = service.found("lilei").await;
    let second = refresh(&service, &first).await.unwrap();
    service.clock.advance(TimeDelta::seconds(31));
    assert_eq!(reason(refresh(&service, &first).await), "REFRESH_TOKEN_REUSED");
    assert_eq!(reason(refresh(&service, &second).await), "SESSION_ENDED");
    assert!(!is_live(&service, &admin, &first).await);
}

#[tokio::test]
async fn thief_who_repeats_in_time_is_found_out_at_the_next_refresh() {
    let service = Service::new().await;
    let (admin, first) = service.found("lilei").await;
    let owner = refresh(&service, &first).await.unwrap();
    let thief = refresh(&service, &first).await.unwrap();
    refresh(&service, &owner).await.unwrap();
    service.clock.advance(TimeDelta::minutes(5));
    assert_eq!(reason(refresh(&service, &thief).await), "REFRESH_TOKEN_REUSED");
    assert!(!is_live(&service, &admin, &owner).await);
}

#[tokio::test]
async fn ended_session_repeats_nothing() {
    let service = Service::new().await;
    let (admin, first) = service.found("lilei").await;
    refresh(&service, &first).await.unwrap();
    service.sessions.end(&admin, first.session_id).await.unwrap();
    assert_eq!(reason(refresh(&service, &first).await), "SESSION_ENDED");
}

#[tokio::test]
async fn parallel_refreshes_all_get_the_one_successor() {
    let service = Service::new().await;
    let (admin, first) = service.found("lilei").await;
    let answers = join_all((0..8).map(|_| refresh(&service, &first))).await;
    let answers: Vec<Tokens> = answers.into_iter().map(Result::unwrap).collect();
    assert!(answers.iter().all(|tokens| tokens.refresh == answers[0].refresh));
    refresh(&service, &answers[7]).await.unwrap();
    assert!(is_live(&service, &admin, &first).await);
}

#[tokio::test]
async fn repetition_that_meets_the_use_of_the_successor_is_one_or_the_other() {
    let service = Service::new().await;
    for round in 0..10 {
        let (admin, first) = service.found(&format!("lilei{round}")).await;
        let second = refresh(&service, &first).await.unwrap();
        let (repeated, used) = tokio::join!(refresh(&service, &first), refresh(&service, &second));
        let is_live = is_live(&service, &admin, &first).await;
        match (repeated, used) {
            (Ok(repeated), Ok(_)) => {
                assert_eq!(repeated.refresh, second.refresh);
                assert!(is_live);
            }
            (Err(error), Ok(_)) => {
                assert_eq!(reason(Err::<(), _>(error)), "REFRESH_TOKEN_REUSED");
                assert!(!is_live);
            }
            (repeated, Err(used)) => panic!("{repeated:?}, {used}"),
        }
    }
}
