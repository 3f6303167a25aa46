//! Names: who was renamed, and who may rename whom.

use auth_svc::user::{Change, KNOWS_CLASSES, Renamed};
use chrono::{DateTime, TimeDelta, Utc};
use kit::caller::{Caller, Role};
use uuid::Uuid;

use crate::support::{GATEWAY, Service, reason};

const START: (DateTime<Utc>, Uuid) = (DateTime::UNIX_EPOCH, Uuid::nil());

fn called(full_name: &str) -> Change {
    Change { full_name: Some(full_name.to_owned()), ..Change::default() }
}

async fn renamed(service: &Service, after: (DateTime<Utc>, Uuid)) -> Vec<Renamed> {
    service.users.renamed(KNOWS_CLASSES, after, 100).await.unwrap().0
}

async fn rename(service: &Service, by: &Caller, of: &Caller, name: &str) -> Vec<Renamed> {
    let names = [(of.user_id, name.to_owned())];
    service.users.rename(by, KNOWS_CLASSES, &names).await.unwrap()
}

#[tokio::test]
async fn other_names_are_listed_by_their_date() {
    let service = Service::new().await;
    let (admin, _) = service.found("admin").await;
    let student = service.invite(&admin, "student", Role::Student).await;
    assert!(renamed(&service, START).await.is_empty(), "the first name is no other");

    service.users.change_own(&student, called("林晓雨")).await.unwrap();
    let change = Change { phone: Some("1".to_owned()), ..called("林晓雨") };
    service.users.change(&admin, student.user_id, change).await.unwrap();
    service.users.change(&admin, admin.user_id, called("校长先生")).await.unwrap();
    let first = renamed(&service, START).await;
    assert_eq!(first.len(), 2);
    let lin = first.iter().find(|one| one.id == student.user_id).unwrap();
    assert_eq!((lin.username.as_str(), lin.full_name.as_str()), ("student", "林晓雨"));
    // At the same moment by the clock, and later nevertheless.
    service.users.change(&admin, student.user_id, called("林小雨")).await.unwrap();
    let again = renamed(&service, START).await;
    let again = again.iter().find(|one| one.id == student.user_id).unwrap();
    assert!(again.renamed_at > lin.renamed_at);
    let (page, _) = service.users.renamed(KNOWS_CLASSES, START, 1).await.unwrap();
    let rest = renamed(&service, (page[0].renamed_at, page[0].id)).await;
    assert_eq!((page.len(), rest.len()), (1, 1));
    assert_ne!(page[0].id, rest[0].id);
    assert!(renamed(&service, (again.renamed_at, again.id)).await.is_empty());

    for issuer in [GATEWAY, ""] {
        let refused = service.users.renamed(issuer, START, 100).await;
        assert_eq!(reason(refused), "PERMISSION_DENIED");
    }
    let many = service.users.renamed(KNOWS_CLASSES, START, 1_001).await;
    assert_eq!(reason(many), "INVALID_FIELDS");
}

#[tokio::test]
async fn students_of_the_organization_are_renamed_where_that_was_checked() {
    let service = Service::new().await;
    let (admin, _) = service.found("admin").await;
    let (stranger, _) = service.found("stranger").await;
    let teacher = service.invite(&admin, "teacher", Role::Teacher).await;
    let student = service.invite(&admin, "student", Role::Student).await;
    service.users.own(&student).await.unwrap();

    let events = service.events(&admin).await.len();
    let made = rename(&service, &teacher, &student, " 林晓雨 ").await;
    assert_eq!((made.len(), made[0].full_name.as_str()), (1, "林晓雨"));
    assert_eq!(service.users.own(&student).await.unwrap().full_name, "林晓雨");
    assert_eq!(service.events(&admin).await[0], "user_changed");
    assert_eq!(renamed(&service, START).await, made);
    // Repeating it changes nothing and is no event.
    service.clock.advance(TimeDelta::seconds(1));
    assert_eq!(rename(&service, &admin, &student, "林晓雨").await, made);
    assert_eq!(service.events(&admin).await.len(), events + 1);

    assert!(rename(&service, &stranger, &student, "林").await.is_empty());
    assert!(rename(&service, &teacher, &admin, "林").await.is_empty(), "no student");
    let names = |name: &str| [(student.user_id, name.to_owned())];
    let unvouched = service.users.rename(&admin, GATEWAY, &names("林")).await;
    assert_eq!(reason(unvouched), "PERMISSION_DENIED");
    let own = service.users.rename(&student, KNOWS_CLASSES, &names("林")).await;
    assert_eq!(reason(own), "NOT_FOR_STUDENTS");
    let wrong = service.users.rename(&teacher, KNOWS_CLASSES, &names(" ")).await.unwrap_err();
    assert_eq!(kit::error::Classify::violations(&wrong)[0].field, "users[0].full_name");
    assert_eq!(renamed(&service, START).await, made);
}
