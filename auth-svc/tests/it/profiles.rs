//! One's own account, which is kept for some minutes and yet never old after a change.

use auth_svc::{
    error::{AuthError, Thing},
    store,
    user::{Account, Change, Theme},
};
use kit::caller::{Caller, Role};

use crate::support::{GATEWAY, PASSWORD, Service, client};

/// An administrator, and a pupil whose profile is kept.
async fn school() -> (Service, Caller, Caller) {
    let service = Service::new().await;
    let (admin, _) = service.found("admin").await;
    let pupil = service.invite(&admin, "pupil", Role::Student).await;
    let own = own(&service, &pupil).await;
    assert_eq!((own.role, own.is_active), (Role::Student, true));
    (service, admin, pupil)
}

async fn own(service: &Service, caller: &Caller) -> Account {
    service.users.own(caller).await.unwrap()
}

fn called(full_name: &str) -> Change {
    Change { full_name: Some(full_name.to_owned()), ..Change::default() }
}

#[tokio::test]
async fn profile_is_kept() {
    let (service, _, pupil) = school().await;
    let db = service.db.pool.get().await.unwrap();
    let behind = "UPDATE users SET full_name = 'unheard of' WHERE id = $1";
    assert_eq!(db.execute(behind, &[&pupil.user_id]).await.unwrap(), 1);
    assert_eq!(own(&service, &pupil).await.full_name, "姓名 pupil");
}

#[tokio::test]
async fn other_role_is_seen_at_once() {
    let (service, admin, pupil) = school().await;
    service.users.change_role(&admin, pupil.user_id, Role::Teacher).await.unwrap();
    assert_eq!(own(&service, &pupil).await.role, Role::Teacher);
}

#[tokio::test]
async fn deactivation_and_its_end_are_seen_at_once() {
    let (service, admin, pupil) = school().await;
    service.users.deactivate(&admin, pupil.user_id).await.unwrap();
    assert!(!own(&service, &pupil).await.is_active);
    service.users.reactivate(&admin, pupil.user_id).await.unwrap();
    assert!(own(&service, &pupil).await.is_active);
}

#[tokio::test]
async fn passwords_that_must_be_changed_and_were_are_seen_at_once() {
    let (service, admin, pupil) = school().await;
    let first = service.users.reset_password(&admin, pupil.user_id, GATEWAY).await.unwrap();
    assert!(own(&service, &pupil).await.must_change_password);
    let new = format!("{PASSWORD}5");
    service.sessions.change_password(&pupil, first, new, None).await.unwrap();
    assert!(!own(&service, &pupil).await.must_change_password);
}

#[tokio::test]
async fn other_name_is_seen_at_once_whoever_gives_it() {
    let (service, admin, pupil) = school().await;
    service.users.change(&admin, pupil.user_id, called("林晓雨")).await.unwrap();
    assert_eq!(own(&service, &pupil).await.full_name, "林晓雨");
    service.users.change_own(&pupil, called("林小雨")).await.unwrap();
    assert_eq!(own(&service, &pupil).await.full_name, "林小雨");
}

#[tokio::test]
async fn sign_in_is_seen_at_once() {
    let (service, _, pupil) = school().await;
    service.clock.advance(chrono::TimeDelta::hours(1));
    let before = own(&service, &pupil).await.last_login_at;
    service.sessions.sign_in("pupil", PASSWORD.to_owned(), &client()).await.unwrap();
    assert_ne!(own(&service, &pupil).await.last_login_at, before);
}

#[tokio::test]
async fn other_name_of_the_school_is_seen_at_once() {
    let (service, admin, pupil) = school().await;
    let name = Some("第二中学".to_owned());
    service.organizations.change(&admin, name, None).await.unwrap();
    assert_eq!(own(&service, &pupil).await.organization_name, "第二中学");
}

#[tokio::test]
async fn reader_who_is_overtaken_by_a_change_keeps_nothing_old() {
    let (service, admin, pupil) = school().await;
    let id = pupil.user_id;
    // The profile is not kept now, so that it is read.
    let change = Change { theme: Some(Theme::Dark), ..Change::default() };
    service.users.change_own(&pupil, change).await.unwrap();
    let slow = Box::pin(async {
        let db = service.db.pool.get().await.unwrap();
        let account = store::users::find(&db, id).await.unwrap();
        service.users.change_role(&admin, id, Role::Teacher).await.unwrap();
        account.ok_or(AuthError::NotFound(Thing::User))
    });
    let read = service.context.profiles.find_or(id, slow).await.unwrap();
    assert_eq!(read.role, Role::Student);
    assert_eq!(own(&service, &pupil).await.role, Role::Teacher);
}
