//! Calls that are repeated because their answer was lost.

use auth_svc::session::Registrant;
use kit::{caller::Role, idempotency::Operation};

use crate::support::{PASSWORD, Service, caller, client, of_nobody, operation, reason, registrant};

#[tokio::test]
async fn invitation_is_made_once() {
    let service = Service::new().await;
    let (admin, _) = service.found("admin").await;
    let invite = async |key: &str| {
        let operation = operation(&admin, "CreateInvitation", Some(key));
        service.organizations.invite(&admin, &operation, Role::Teacher, 1, 7).await.unwrap()
    };
    let first = invite("a").await;
    let again = invite("a").await;
    assert_eq!((first.id, &first.code), (again.id, &again.code));
    assert_ne!(invite("b").await.id, first.id);
    let made = service.events(&admin).await;
    assert_eq!(made.iter().filter(|kind| *kind == "invitation_created").count(), 2);
}

#[tokio::test]
async fn registration_happens_once_and_is_answered_to_who_knows_the_password() {
    let service = Service::new().await;
    let (admin, _) = service.found("admin").await;
    let invitation_code = service.code(&admin, Role::Teacher, 1, 7).await.unwrap().code;
    let operation =
        |hash: u8| Operation { request_hash: [hash; 32], ..of_nobody("Register", Some("k")) };
    let register = async |hash: u8, password: &str| {
        let new = Registrant {
            invitation_code: invitation_code.clone(),
            password: password.to_owned(),
            ..registrant("lilei")
        };
        service.sessions.register(&operation(hash), new, &client()).await
    };
    let (first, tokens) = register(1, PASSWORD).await.unwrap();
    let (again, other) = register(1, PASSWORD).await.unwrap();
    assert_eq!(again.id, first.id, "the code was used once");
    assert_ne!(other.session_id, tokens.session_id);
    assert_eq!(reason(register(1, "Other1234").await), "IDEMPOTENCY_KEY_REUSED");
    assert_eq!(reason(register(2, PASSWORD).await), "IDEMPOTENCY_KEY_REUSED");
}

#[tokio::test]
async fn school_is_joined_once_and_answered_to_who_has_signed_in_there() {
    let service = Service::new().await;
    let (admin, _) = service.found("admin").await;
    let code = service.code(&admin, Role::Teacher, 1, 7).await.unwrap().code;
    let teacher = caller(&service.register(registrant("wang")).await.unwrap().0);
    let operation = operation(&teacher, "JoinOrganization", Some("k"));
    let join = async |who| service.sessions.join(who, &operation, &code, &client()).await;
    let (joined, first) = join(&teacher).await.unwrap();

    assert_eq!(reason(join(&teacher).await), "SESSION_ENDED", "the token is of the old place");
    let (again, second) = join(&caller(&joined)).await.unwrap();
    assert_eq!(again.organization_id, admin.organization_id);
    for session in [first.session_id, second.session_id] {
        assert!(service.sessions.is_live(session, joined.id).await.unwrap());
    }
    let events = service.events(&admin).await;
    assert_eq!(events.iter().filter(|kind| *kind == "organization_joined").count(), 1);
}

#[tokio::test]
async fn one_letter_is_sent_for_one_key() {
    let service = Service::new().await;
    service.found("lilei").await;
    let letters = async |key: &str| {
        let operation = of_nobody("RequestPasswordReset", Some(key));
        let email = "lilei@example.org";
        service.sessions.request_reset(&operation, email, &client()).await.unwrap();
        let db = service.db.pool.get().await.unwrap();
        db.query_one("SELECT count(*) FROM outbox", &[]).await.unwrap().get::<_, i64>(0)
    };
    assert_eq!([letters("a").await, letters("a").await, letters("b").await], [1, 1, 2]);
}
