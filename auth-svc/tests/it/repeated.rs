//! Calls that are repeated because their answer was lost.

use auth_svc::session::Registrant;
use kit::{caller::Role, idempotency::Operation};
use uuid::Uuid;

use crate::support::{PASSWORD, Service, client, operation, reason, registrant};

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
    let operation = |hash: u8| Operation {
        caller: Uuid::nil(),
        method: "Register",
        key: Some("k".to_owned()),
        request_hash: [hash; 32],
    };
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
