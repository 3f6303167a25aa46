//! Accounts of one organization.

use auth_svc::user::{Change, Created, Filter, KNOWS_CLASSES, NewAccount};
use kit::{
    caller::{Caller, Role},
    idempotency::Operation,
    page::Page,
};

use crate::support::{GATEWAY, PASSWORD, Service, reason};

fn new(username: &str, role: Role) -> NewAccount {
    NewAccount {
        username: username.to_owned(),
        email: String::new(),
        full_name: format!("学生 {username}"),
        phone: String::new(),
        role,
        password: String::new(),
    }
}

fn operation(caller: &Caller, key: &str) -> Operation {
    Operation {
        caller: caller.user_id,
        method: "CreateUsers",
        key: Some(key.to_owned()),
        request_hash: [0; 32],
    }
}

#[tokio::test]
async fn batch_is_made_once_and_in_order() {
    let service = Service::new().await;
    let (admin, _) = service.found("admin").await;
    let teacher = service.invite(&admin, "teacher", Role::Teacher).await;
    let pupils = || (1..=5).map(|n| new(&format!("2026010{n}"), Role::Student)).collect();
    let operation = operation(&teacher, "import-1");
    let made = service.users.create(&teacher, &operation, pupils()).await.unwrap();
    let names: Vec<&str> =
        made.accounts.iter().map(|(account, _)| account.username.as_str()).collect();
    assert_eq!(names, ["20260101", "20260102", "20260103", "20260104", "20260105"]);
    let (first, password) = &made.accounts[0];
    assert!(first.must_change_password);
    service.sign_in(&first.username, password).await.unwrap();

    let again = service.users.create(&teacher, &operation, pupils()).await.unwrap();
    assert_eq!(again.batch, made.batch);
    assert_eq!(again.accounts.len(), 5);
    assert_eq!(again.accounts[0].1, "", "it was used");
    let passwords = |made: &Created| -> Vec<String> {
        made.accounts[1..].iter().map(|(_, password)| password.clone()).collect()
    };
    assert_eq!(passwords(&again), passwords(&made), "the answer may have been lost");

    let ids: Vec<_> = made.accounts.iter().map(|(account, _)| account.id).collect();
    let (stranger, _) = service.found("stranger").await;
    let foreign = service.users.delete_unused(&stranger, made.batch, &ids).await.unwrap();
    assert!(foreign.is_empty());
    let deleted = service.users.delete_unused(&teacher, made.batch, &ids).await.unwrap();
    assert_eq!(deleted.len(), 4, "who signed in stays");
    assert!(!deleted.contains(&first.id));
}

#[tokio::test]
async fn repeated_batch_shows_made_passwords_that_still_hold() {
    let service = Service::new().await;
    let (admin, _) = service.found("admin").await;
    let asked = |given: &str| {
        let mut pupils: Vec<_> =
            ["pupil1", "pupil2", "pupil3"].map(|n| new(n, Role::Student)).into();
        pupils[2].password = given.to_owned();
        pupils
    };
    let operation = operation(&admin, "k");
    let create = async |given: &str| {
        let made = service.users.create(&admin, &operation, asked(given)).await.unwrap();
        let shown = made.accounts.into_iter().map(|(account, password)| (account.id, password));
        shown.collect::<Vec<_>>()
    };
    let first = create(PASSWORD).await;
    assert_ne!(first[0].1, first[1].1);
    assert_eq!(first[2].1, "", "whoever chose it knows it");
    let stored = {
        let db = service.db.pool.get().await.unwrap();
        let rows = db.query("SELECT users::text FROM users", &[]).await.unwrap();
        rows.iter().map(|row| row.get::<_, String>(0)).collect::<String>()
    };
    assert!(stored.contains("pupil1") && !stored.contains(&first[0].1));

    service.users.reset_password(&admin, first[0].0, GATEWAY).await.unwrap();
    let again = create(PASSWORD).await;
    assert_eq!(again[0].1, "", "there is another one");
    assert_eq!(again[1..], first[1..]);
    assert_eq!(create("").await[2].1, "", "another one was chosen then");
    service.sign_in("pupil2", &again[1].1).await.unwrap();
}

#[tokio::test]
async fn one_wrong_account_refuses_the_batch_by_name() {
    let service = Service::new().await;
    let (admin, _) = service.found("admin").await;
    let batch = vec![new("fresh", Role::Student), new("ADMIN", Role::Student)];
    let taken = service.users.create(&admin, &operation(&admin, "a"), batch).await.unwrap_err();
    assert_eq!(kit::error::Classify::violations(&taken)[0].field, "users[1].username");
    let batch = vec![new("fresh", Role::Student), new("x", Role::Student)];
    let wrong = service.users.create(&admin, &operation(&admin, "b"), batch).await.unwrap_err();
    assert_eq!(kit::error::Classify::violations(&wrong)[0].field, "users[1].username");
    let (own, taken) = service.users.by_username(&admin, &["fresh".to_owned()]).await.unwrap();
    assert!(own.is_empty() && taken.is_empty(), "nothing is half made");

    let teacher = service.invite(&admin, "teacher", Role::Teacher).await;
    let colleague = vec![new("colleague", Role::Teacher)];
    let refused = service.users.create(&teacher, &operation(&teacher, "c"), colleague).await;
    assert_eq!(reason(refused), "STUDENTS_ONLY");
}

#[tokio::test]
async fn nobody_sees_another_organization() {
    let service = Service::new().await;
    let (admin, _) = service.found("admin").await;
    let (stranger, _) = service.found("stranger").await;
    let student = service.invite(&admin, "student", Role::Student).await;
    let page = Page::of(0, "").unwrap();
    let query = |query: &str| Filter { query: query.to_owned(), ..Filter::default() };

    let found = service.users.search(&stranger, &query("student"), &page).await.unwrap();
    assert!(found.is_empty());
    let found = service.users.search(&student, &query("admin"), &page).await.unwrap();
    assert!(found.is_empty(), "students find nobody");
    let found = service.users.search(&admin, &query("STUD"), &page).await.unwrap();
    assert_eq!(found[0].id, student.user_id);
    let found = service.users.search(&admin, &query("%"), &page).await.unwrap();
    assert!(found.is_empty(), "a percent sign is itself");

    let foreign = service.users.get(&stranger, student.user_id).await;
    assert_eq!(reason(foreign), "USER_NOT_FOUND");
    assert_eq!(reason(service.users.get(&student, admin.user_id).await), "ADMIN_ONLY");
    assert!(service.users.by_ids(&stranger, &[student.user_id]).await.unwrap().is_empty());
    let (own, taken) = service.users.by_username(&stranger, &["student".to_owned()]).await.unwrap();
    assert_eq!((own.len(), taken), (0, vec!["student".to_owned()]));
    let mut asked = vec![new("reachable", Role::Student)];
    asked[0].email = "Reachable@school.cn".to_owned();
    service.users.create(&admin, &operation(&admin, "mail"), asked).await.unwrap();
    let asked = ["reachable@School.cn".to_owned()];
    let (own, taken) = service.users.by_email(&admin, &asked).await.unwrap();
    assert_eq!((own[0].username.as_str(), taken.len()), ("reachable", 0));
    let (own, taken) = service.users.by_email(&stranger, &asked).await.unwrap();
    assert_eq!((own.len(), taken), (0, vec!["Reachable@school.cn".to_owned()]));
    assert_eq!(reason(service.users.by_email(&student, &asked).await), "NOT_FOR_STUDENTS");
    for refused in [
        service.users.deactivate(&stranger, student.user_id).await.map(|_| ()),
        service.users.reset_password(&stranger, student.user_id, GATEWAY).await.map(|_| ()),
        service.users.change_role(&stranger, student.user_id, Role::Admin).await.map(|_| ()),
    ] {
        assert_eq!(reason(refused), "USER_NOT_FOUND");
    }
}

#[tokio::test]
async fn deactivated_account_is_out_at_once_and_can_come_back() {
    let service = Service::new().await;
    let (admin, _) = service.found("admin").await;
    let teacher = service.invite(&admin, "teacher", Role::Teacher).await;
    let (_, tokens) = service.sign_in("teacher", PASSWORD).await.unwrap();
    assert_eq!(reason(service.users.deactivate(&teacher, teacher.user_id).await), "ADMIN_ONLY");
    service.users.deactivate(&admin, teacher.user_id).await.unwrap();
    assert!(!service.sessions.is_live(tokens.session_id, teacher.user_id).await.unwrap());
    assert_eq!(reason(service.sign_in("teacher", PASSWORD).await), "ACCOUNT_INACTIVE");
    service.users.reactivate(&admin, teacher.user_id).await.unwrap();
    service.sign_in("teacher", PASSWORD).await.unwrap();
}

#[tokio::test]
async fn organization_keeps_an_administrator() {
    let service = Service::new().await;
    let (admin, _) = service.found("admin").await;
    let own = service.users.deactivate(&admin, admin.user_id).await;
    assert_eq!(reason(own), "OWN_ACCOUNT");
    let deputy = service.invite(&admin, "deputy", Role::Teacher).await;
    service.users.change_role(&admin, deputy.user_id, Role::Admin).await.unwrap();
    let deputy = Caller { role: Role::Admin, ..deputy };
    service.users.change_role(&deputy, admin.user_id, Role::Teacher).await.unwrap();
    // The token of the former administrator still says so for a while.
    let last = service.users.deactivate(&admin, deputy.user_id).await;
    assert_eq!(reason(last), "LAST_ADMIN");
}

#[tokio::test]
async fn staff_resets_passwords_of_students_and_administrators_of_everybody() {
    let service = Service::new().await;
    let (admin, _) = service.found("admin").await;
    let teacher = service.invite(&admin, "teacher", Role::Teacher).await;
    let student = service.invite(&admin, "student", Role::Student).await;
    let unvouched = service.users.reset_password(&teacher, student.user_id, GATEWAY).await;
    assert_eq!(reason(unvouched), "ADMIN_ONLY", "nobody has asked whether they teach the student");
    service.sign_in("student", PASSWORD).await.unwrap();
    let reset = service.users.reset_password(&teacher, student.user_id, KNOWS_CLASSES).await;
    let password = reset.unwrap();
    let (account, _) = service.sign_in("student", &password).await.unwrap();
    assert!(account.must_change_password);
    let colleague = service.users.reset_password(&teacher, admin.user_id, KNOWS_CLASSES).await;
    assert_eq!(reason(colleague), "USER_NOT_FOUND");
    let own = service.users.reset_password(&student, student.user_id, KNOWS_CLASSES).await;
    assert_eq!(reason(own), "NOT_FOR_STUDENTS");
    service.users.reset_password(&admin, teacher.user_id, GATEWAY).await.unwrap();
    assert_eq!(reason(service.sign_in("teacher", PASSWORD).await), "WRONG_PASSWORD");
}

#[tokio::test]
async fn own_account_changes_field_by_field() {
    let service = Service::new().await;
    let (admin, _) = service.found("admin").await;
    let change = Change { locale: Some("en".to_owned()), ..Change::default() };
    let changed = service.users.change_own(&admin, change).await.unwrap();
    assert_eq!((changed.locale.as_str(), changed.full_name.as_str()), ("en", "姓名 admin"));
    let change = Change { locale: Some("fr".to_owned()), ..Change::default() };
    assert_eq!(reason(service.users.change_own(&admin, change).await), "INVALID_FIELDS");
    service.found("other").await;
    let change = Change { email: Some("OTHER@example.org".to_owned()), ..Change::default() };
    assert_eq!(reason(service.users.change_own(&admin, change).await), "EMAIL_TAKEN");
}

#[tokio::test(flavor = "multi_thread")]
async fn large_batch_lets_others_sign_in_meanwhile() {
    let service = Service::new().await;
    let (admin, _) = service.found("admin").await;
    let pupils = (100..200).map(|n| new(&format!("2026{n}"), Role::Student)).collect();
    let users = service.users.clone();
    let (caller, operation) = (admin.clone(), operation(&admin, "many"));
    let batch =
        tokio::spawn(async move { users.create(&caller, &operation, pupils).await.unwrap() });
    tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    service.sign_in("admin", PASSWORD).await.unwrap();
    assert!(!batch.is_finished(), "whoever signs in does not wait for a hundred others");
    let made = batch.await.unwrap();
    assert_eq!(made.accounts.len(), 100);
    assert_eq!(made.accounts[99].0.username, "2026199");
    let events = service.events(&admin).await;
    assert!(events.iter().filter(|kind| *kind == "user_created").count() >= 99, "of a page of 100");
}

#[tokio::test]
async fn names_that_stand_twice_in_a_batch_are_refused_by_place() {
    let service = Service::new().await;
    let (admin, _) = service.found("admin").await;
    let twice =
        vec![new("one", Role::Student), new("two", Role::Student), new("ONE", Role::Student)];
    let refused = service.users.create(&admin, &operation(&admin, "a"), twice).await.unwrap_err();
    assert_eq!(kit::error::Classify::violations(&refused)[0].field, "users[2].username");
    let mut mails = vec![new("one", Role::Student), new("two", Role::Student)];
    mails[1].email = "Admin@Example.org".to_owned();
    let refused = service.users.create(&admin, &operation(&admin, "b"), mails).await.unwrap_err();
    assert_eq!(kit::error::Classify::violations(&refused)[0].field, "users[1].email");
    assert_eq!(kit::error::Classify::reason(&refused), "EMAIL_TAKEN");
}
