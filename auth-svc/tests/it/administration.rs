//! What administrators do to accounts of their organization, and nobody else.

use auth_svc::user::{Change, Theme};
use kit::caller::Role;

use crate::support::{PASSWORD, Service, client, reason};

#[tokio::test]
async fn administrators_mend_accounts_of_their_own_school() {
    let service = Service::new().await;
    let (admin, _) = service.found("admin").await;
    let pupil = service.invite(&admin, "pupil", Role::Student).await;
    let teacher = service.invite(&admin, "teacher", Role::Teacher).await;
    let (stranger, _) = service.found("stranger").await;
    let change = || Change {
        full_name: Some(" 韩梅梅 ".to_owned()),
        email: Some(String::new()),
        phone: Some("13800000000".to_owned()),
        ..Change::default()
    };
    for other in [&teacher, &pupil] {
        let refused = service.users.change(other, pupil.user_id, change()).await;
        assert_eq!(reason(refused), "ADMIN_ONLY");
    }
    let foreign = service.users.change(&stranger, pupil.user_id, change()).await;
    assert_eq!(reason(foreign), "USER_NOT_FOUND");

    let changed = service.users.change(&admin, pupil.user_id, change()).await.unwrap();
    assert_eq!((changed.full_name.as_str(), changed.email), ("韩梅梅", None));
    let read = service.users.get(&admin, pupil.user_id).await.unwrap();
    assert_eq!((read.full_name.as_str(), read.phone.as_str()), ("韩梅梅", "13800000000"));
    assert_eq!(service.events(&admin).await[0], "user_changed");

    let nameless = Change { full_name: Some(" ".to_owned()), ..Change::default() };
    let refused = service.users.change(&admin, pupil.user_id, nameless).await;
    assert_eq!(reason(refused), "INVALID_FIELDS");
    let taken = Change { email: Some("TEACHER@example.org".to_owned()), ..Change::default() };
    let refused = service.users.change(&admin, pupil.user_id, taken).await;
    assert_eq!(reason(refused), "EMAIL_TAKEN");
}

#[tokio::test]
async fn administrators_end_all_sessions_of_an_account() {
    let service = Service::new().await;
    let (admin, own) = service.found("admin").await;
    let pupil = service.invite(&admin, "pupil", Role::Student).await;
    let (stranger, _) = service.found("stranger").await;
    let (_, tokens) = service.sign_in("pupil", PASSWORD).await.unwrap();

    assert_eq!(reason(service.users.end_sessions(&pupil, admin.user_id).await), "ADMIN_ONLY");
    let foreign = service.users.end_sessions(&stranger, pupil.user_id).await;
    assert_eq!(reason(foreign), "USER_NOT_FOUND");
    assert_eq!(service.users.end_sessions(&admin, pupil.user_id).await.unwrap(), 2);
    let ended = service.sessions.refresh(&tokens.refresh, &client()).await;
    assert_eq!(reason(ended), "SESSION_ENDED");
    assert!(service.sessions.is_live(own.session_id, admin.user_id).await.unwrap());
    assert_eq!(service.events(&admin).await[0], "sessions_ended");
    assert_eq!(service.users.end_sessions(&admin, pupil.user_id).await.unwrap(), 0);
}

#[tokio::test]
async fn chosen_theme_follows_the_user() {
    let service = Service::new().await;
    let (li, _) = service.found("lilei").await;
    assert_eq!(service.users.own(&li).await.unwrap().theme, Theme::System);
    let change = Change { theme: Some(Theme::Dark), ..Change::default() };
    service.users.change_own(&li, change).await.unwrap();
    service.users.change_own(&li, Change::default()).await.unwrap();
    assert_eq!(service.users.own(&li).await.unwrap().theme, Theme::Dark);
}

#[tokio::test]
async fn visitors_learn_the_name_of_the_only_school() {
    let service = Service::new().await;
    assert_eq!(service.sessions.only_organization().await.unwrap(), None);
    service.found("lilei").await;
    let name = service.sessions.only_organization().await.unwrap();
    assert_eq!(name.as_deref(), Some("lilei 中学"));
    service.found("wang").await;
    assert_eq!(service.sessions.only_organization().await.unwrap(), None);
}

#[tokio::test]
async fn visitors_do_not_learn_the_name_of_a_lone_teacher() {
    let service = Service::new().await;
    let alone = crate::support::registrant("lilei");
    service.register(alone).await.unwrap();
    assert_eq!(service.sessions.only_organization().await.unwrap(), None);
}
