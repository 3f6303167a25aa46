//! Moving to an existing school.

use kit::caller::{Caller, Role};

use crate::support::{PASSWORD, Service, caller, reason, registrant};

async fn alone(service: &Service, username: &str) -> Caller {
    caller(&service.register(registrant(username)).await.unwrap().0)
}

#[tokio::test]
async fn lone_teacher_moves_to_a_school_and_leaves_nothing_behind() {
    let service = Service::new().await;
    let (admin, _) = service.found("admin").await;
    let teacher = alone(&service, "wang").await;
    let (_, before) = service.sign_in("wang", PASSWORD).await.unwrap();
    let own_code = service.code(&teacher, Role::Student, 5, 7).await.unwrap().code;
    let code = service.code(&admin, Role::Teacher, 1, 7).await.unwrap().code;
    assert_eq!(service.users.own(&teacher).await.unwrap().organization_name, "姓名 wang");

    let typed = format!(" {} ", code.to_lowercase());
    let (account, tokens) = service.join(&teacher, &typed).await.unwrap();
    assert_eq!((account.organization_id, account.role), (admin.organization_id, Role::Teacher));
    let claims = service.context.policy.access_key.verify(&tokens.access).unwrap();
    assert_eq!((claims.org, claims.role), (admin.organization_id, Role::Teacher));
    assert!(!service.sessions.is_live(before.session_id, teacher.user_id).await.unwrap());
    assert_eq!(service.users.own(&teacher).await.unwrap().organization_name, "admin 中学");
    assert_eq!(reason(service.organizations.preview(&own_code).await), "INVITATION_INVALID");
    assert_eq!(reason(service.organizations.own(&teacher).await), "ORGANIZATION_NOT_FOUND");
    assert!(service.events(&admin).await.contains(&"organization_joined".to_owned()));

    let teacher = caller(&account);
    let again = service.join(&teacher, &code).await;
    assert_eq!(reason(again), "INVITATION_INVALID", "the code was for one");
}

#[tokio::test]
async fn who_is_not_alone_or_not_asked_stays() {
    let service = Service::new().await;
    let (admin, _) = service.found("admin").await;
    let (other, _) = service.found("other").await;
    let pupil = service.invite(&other, "pupil", Role::Student).await;
    let code = service.code(&admin, Role::Teacher, 5, 7).await.unwrap().code;
    let join = async |who: &Caller, code: &str| service.join(who, code).await;
    assert_eq!(reason(join(&pupil, &code).await), "NOT_FOR_STUDENTS");
    assert_eq!(reason(join(&other, &code).await), "NOT_ALONE_IN_ORGANIZATION");
    service.users.deactivate(&other, pupil.user_id).await.unwrap();
    assert_eq!(reason(join(&other, &code).await), "NOT_ALONE_IN_ORGANIZATION");
    assert_eq!(reason(join(&admin, &code).await), "ALREADY_IN_ORGANIZATION");

    let teacher = alone(&service, "wang").await;
    let for_pupils = service.code(&admin, Role::Student, 5, 7).await.unwrap().code;
    assert_eq!(reason(join(&teacher, &for_pupils).await), "INVITATION_FOR_STUDENTS");
    assert_eq!(reason(join(&teacher, "MADE\u{0}UP").await), "INVITATION_INVALID");
}
