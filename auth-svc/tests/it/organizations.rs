//! Schools and invitations.

use auth_svc::session::Registrant;
use chrono::TimeDelta;
use kit::{
    caller::{Caller, Role},
    page::Page,
};

use crate::support::{Service, reason, registrant};

#[tokio::test]
async fn invitation_joins_the_school_in_its_role_until_it_is_used_up() {
    let service = Service::new().await;
    let (admin, _) = service.found("admin").await;
    let invitation = service.code(&admin, Role::Student, 2, 7).await.unwrap();
    let preview = service.organizations.preview(&invitation.code.to_lowercase()).await.unwrap();
    assert_eq!(preview, ("admin 中学".to_owned(), Role::Student));
    let join = async |name: &str| {
        let invitation_code = invitation.code.clone();
        let new = Registrant { invitation_code, ..registrant(name) };
        service.register(new).await
    };
    let (first, _) = join("pupil1").await.unwrap();
    assert_eq!((first.role, first.organization_id), (Role::Student, admin.organization_id));
    join("pupil2").await.unwrap();
    assert_eq!(reason(join("pupil3").await), "INVITATION_INVALID");
    let school = service.organizations.own(&admin).await.unwrap();
    assert_eq!((school.teachers, school.students), (1, 2));
    assert!(service.events(&admin).await.contains(&"invitation_used".to_owned()));
}

#[tokio::test]
async fn revoked_and_old_invitations_open_nothing() {
    let service = Service::new().await;
    let (admin, _) = service.found("admin").await;
    let (stranger, _) = service.found("stranger").await;
    let revoked = service.code(&admin, Role::Teacher, 5, 7).await.unwrap();
    let foreign = service.organizations.revoke(&stranger, revoked.id).await;
    assert_eq!(reason(foreign), "INVITATION_NOT_FOUND");
    let first = service.organizations.revoke(&admin, revoked.id).await.unwrap();
    let again = service.organizations.revoke(&admin, revoked.id).await.unwrap();
    assert_eq!(first.revoked_at, again.revoked_at);
    assert_eq!(reason(service.organizations.preview(&revoked.code).await), "INVITATION_INVALID");

    let old = service.code(&admin, Role::Teacher, 5, 1).await.unwrap();
    service.clock.advance(TimeDelta::hours(25));
    assert_eq!(reason(service.organizations.preview(&old.code).await), "INVITATION_INVALID");
}

#[tokio::test]
async fn who_is_dismissed_comes_back_by_no_code_of_their_own() {
    let service = Service::new().await;
    let (admin, _) = service.found("admin").await;
    let teacher = service.invite(&admin, "deputy", Role::Teacher).await;
    service.users.change_role(&admin, teacher.user_id, Role::Admin).await.unwrap();
    let deputy = Caller { role: Role::Admin, ..teacher };
    let for_admins = service.code(&deputy, Role::Admin, 9, 7).await.unwrap().code;
    let for_pupils = service.code(&deputy, Role::Student, 9, 7).await.unwrap().code;
    let preview = async |code: &str| service.organizations.preview(code).await;
    service.users.change_role(&admin, deputy.user_id, Role::Teacher).await.unwrap();
    assert_eq!(reason(preview(&for_admins).await), "INVITATION_INVALID");
    assert!(preview(&for_pupils).await.is_ok(), "teachers may invite pupils");
    service.users.deactivate(&admin, deputy.user_id).await.unwrap();
    assert_eq!(reason(preview(&for_pupils).await), "INVITATION_INVALID");
    service.users.reactivate(&admin, deputy.user_id).await.unwrap();
    assert_eq!(reason(preview(&for_pupils).await), "INVITATION_INVALID");
}

#[tokio::test]
async fn teachers_invite_students_and_see_their_own_invitations() {
    let service = Service::new().await;
    let (admin, _) = service.found("admin").await;
    let teacher = service.invite(&admin, "teacher", Role::Teacher).await;
    let student = service.invite(&teacher, "student", Role::Student).await;
    let invite = async |by, role| service.code(by, role, 1, 7).await;
    assert_eq!(reason(invite(&teacher, Role::Teacher).await), "STUDENTS_ONLY");
    assert_eq!(reason(invite(&student, Role::Student).await), "NOT_FOR_STUDENTS");
    let page = Page::of(0, "").unwrap();
    let own = service.organizations.invitations(&teacher, &page).await.unwrap();
    assert_eq!(own.len(), 1);
    assert_eq!(service.organizations.invitations(&admin, &page).await.unwrap().len(), 2);
    let refused = service.organizations.invitations(&student, &page).await;
    assert_eq!(reason(refused), "NOT_FOR_STUDENTS");
    let mut wrong = service.code(&admin, Role::Student, 1_001, 7).await;
    assert_eq!(reason(wrong), "INVALID_FIELDS");
    wrong = service.code(&admin, Role::Student, 1, 91).await;
    assert_eq!(reason(wrong), "INVALID_FIELDS");
}

#[tokio::test]
async fn administrators_change_their_school() {
    let service = Service::new().await;
    let (admin, _) = service.found("admin").await;
    let teacher = service.invite(&admin, "teacher", Role::Teacher).await;
    let name = || Some("新名字".to_owned());
    let refused = service.organizations.change(&teacher, name(), None).await;
    assert_eq!(reason(refused), "ADMIN_ONLY");
    let wrong = service.organizations.change(&admin, None, Some("palace".to_owned())).await;
    assert_eq!(reason(wrong), "INVALID_FIELDS");
    let changed = service.organizations.change(&admin, name(), None).await.unwrap();
    assert_eq!(changed.name, "新名字");
}
