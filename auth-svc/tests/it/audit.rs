//! The log of security events.

use auth_svc::audit::{Event, Filter};
use chrono::TimeDelta;
use kit::{
    caller::{Caller, Role},
    clock::Clock as _,
    page::Page,
};

use crate::support::{PASSWORD, Service, reason};

async fn kinds(service: &Service, admin: &Caller, filter: Filter) -> Vec<String> {
    let page = Page::of(100, "").unwrap();
    let events = service.users.audit(admin, &filter, &page).await.unwrap();
    events.into_iter().map(|event| event.kind.into_owned()).collect()
}

#[tokio::test]
async fn events_are_filtered_by_kind_actor_and_time() {
    let service = Service::new().await;
    let (admin, _) = service.found("admin").await;
    let pupil = service.invite(&admin, "pupil", Role::Student).await;
    let start = service.clock.now();
    service.clock.advance(TimeDelta::hours(1));
    service.sign_in("pupil", PASSWORD).await.unwrap();
    service.clock.advance(TimeDelta::hours(1));
    service.users.deactivate(&admin, pupil.user_id).await.unwrap();

    let by_actor = |actor| Filter { actor_id: Some(actor), ..Filter::default() };
    let done = kinds(&service, &admin, by_actor(admin.user_id)).await;
    assert_eq!(done[0], "user_deactivated");
    assert!(!done.contains(&"login_succeeded".to_owned()));
    assert_eq!(kinds(&service, &admin, by_actor(pupil.user_id)).await[0], "login_succeeded");

    let some = ["login_succeeded".to_owned(), "user_deactivated".to_owned()];
    let filter = Filter { kinds: some.to_vec(), ..Filter::default() };
    assert_eq!(kinds(&service, &admin, filter).await, ["user_deactivated", "login_succeeded"]);

    let (from, until) = (start + TimeDelta::hours(1), start + TimeDelta::hours(2));
    let filter = Filter { from: Some(from), until: Some(until), ..Filter::default() };
    assert_eq!(kinds(&service, &admin, filter).await, ["login_succeeded"]);
}

#[tokio::test]
async fn pages_of_events_neither_repeat_nor_leave_out() {
    let service = Service::new().await;
    let (admin, _) = service.found("admin").await;
    for number in 0..5 {
        service.invite(&admin, &format!("pupil{number}"), Role::Student).await;
    }
    let filter = Filter::default();
    let whole = Page { limit: 100, after: None };
    let ids = |events: &[Event]| events.iter().map(|event| event.id).collect::<Vec<_>>();
    let whole = ids(&service.users.audit(&admin, &filter, &whole).await.unwrap());
    let (mut paged, mut after) = (Vec::new(), None);
    loop {
        let page = Page { limit: 2, after };
        let events = service.users.audit(&admin, &filter, &page).await.unwrap();
        let Some(last) = events.last() else { break };
        after = Some((last.at, last.id));
        paged.extend(ids(&events));
    }
    assert_eq!(paged, whole);
}

#[tokio::test]
async fn unknown_kinds_and_other_roles_are_refused() {
    let service = Service::new().await;
    let (admin, _) = service.found("admin").await;
    let teacher = service.invite(&admin, "teacher", Role::Teacher).await;
    let page = Page::of(20, "").unwrap();
    let filter = Filter { kinds: vec!["made_up".to_owned()], ..Filter::default() };
    assert_eq!(reason(service.users.audit(&admin, &filter, &page).await), "INVALID_FIELDS");
    let refused = service.users.audit(&teacher, &Filter::default(), &page).await;
    assert_eq!(reason(refused), "ADMIN_ONLY");
}
