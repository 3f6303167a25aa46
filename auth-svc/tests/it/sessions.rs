//! Signing in and out, tokens, passwords.

use auth_svc::{config::Registration, mail::Letter, session::Registrant};
use chrono::TimeDelta;
use kit::{caller::Role, page::Page};

use crate::support::{PASSWORD, Service, client, reason, registrant};

#[tokio::test]
async fn people_sign_in_by_username_and_by_address_in_any_case() {
    let service = Service::new().await;
    let (li, _) = service.found("Li_Lei").await;
    for login in ["Li_Lei", "li_lei", "LI_LEI@example.org", " li_lei "] {
        let (account, tokens) = service.sign_in(login, PASSWORD).await.unwrap();
        assert_eq!(account.id, li.user_id);
        let claims = service.context.policy.access_key.verify(&tokens.access).unwrap();
        assert_eq!((claims.sub, claims.sid), (li.user_id, tokens.session_id));
        assert_eq!((claims.role, claims.org), (Role::Admin, li.organization_id));
    }
}

#[tokio::test]
async fn guessing_is_refused_alike_and_soon_throttled() {
    let service = Service::new().await;
    let (admin, _) = service.found("lilei").await;
    assert_eq!(reason(service.sign_in("lilei", "Test1235").await), "WRONG_PASSWORD");
    assert_eq!(reason(service.sign_in("nobody", "Test1235").await), "WRONG_PASSWORD");
    for _ in 0..4 {
        assert_eq!(reason(service.sign_in("lilei", "Test1235").await), "WRONG_PASSWORD");
    }
    assert_eq!(reason(service.sign_in("lilei", PASSWORD).await), "LOGIN_THROTTLED");
    let failures = service.events(&admin).await;
    let failures = failures.iter().filter(|kind| *kind == "login_failed");
    assert_eq!(failures.count(), 6, "in the only school, for an unknown name as well");
}

#[tokio::test]
async fn unused_session_runs_out_and_a_used_one_lives_on() {
    let service = Service::new().await;
    let (_, tokens) = service.found("lilei").await;
    service.clock.advance(TimeDelta::days(6));
    let (_, tokens) = service.sessions.refresh(&tokens.refresh, &client()).await.unwrap();
    service.clock.advance(TimeDelta::days(6));
    let (_, tokens) = service.sessions.refresh(&tokens.refresh, &client()).await.unwrap();
    service.clock.advance(TimeDelta::days(8));
    let late = service.sessions.refresh(&tokens.refresh, &client()).await;
    assert_eq!(reason(late), "SESSION_ENDED");
}

#[tokio::test]
async fn sessions_are_listed_and_ended_by_their_owner_alone() {
    let service = Service::new().await;
    let (li, tokens) = service.found("lilei").await;
    let (wang, _) = service.found("wang").await;
    service.clock.advance(TimeDelta::seconds(1));
    let (_, other) = service.sign_in("lilei", PASSWORD).await.unwrap();
    let page = Page::of(1, "").unwrap();
    let latest = service.sessions.list(&li, &page).await.unwrap();
    assert_eq!(latest[0].id, other.session_id);
    let rest = Page { limit: 10, after: Some((latest[0].last_used_at, latest[0].id)) };
    let rest = service.sessions.list(&li, &rest).await.unwrap();
    assert_eq!(rest.iter().map(|s| s.id).collect::<Vec<_>>(), [tokens.session_id]);

    let foreign = service.sessions.end(&wang, other.session_id).await;
    assert_eq!(reason(foreign), "SESSION_NOT_FOUND");
    service.sessions.end(&li, other.session_id).await.unwrap();
    service.sessions.end(&li, other.session_id).await.unwrap();
    assert!(!service.sessions.is_live(other.session_id, li.user_id).await.unwrap());
    assert!(service.sessions.is_live(tokens.session_id, li.user_id).await.unwrap());
    assert_eq!(service.sessions.end_all(&li).await.unwrap(), 1);
    let ended = service.sessions.refresh(&tokens.refresh, &client()).await;
    assert_eq!(reason(ended), "SESSION_ENDED");
}

#[tokio::test]
async fn changed_password_keeps_only_the_present_session() {
    let service = Service::new().await;
    let (li, tokens) = service.found("lilei").await;
    let (_, other) = service.sign_in("lilei", PASSWORD).await.unwrap();
    let change = async |old: &str, new: &str| {
        let keep = Some(tokens.session_id);
        service.sessions.change_password(&li, old.to_owned(), new.to_owned(), keep).await
    };
    assert_eq!(reason(change("Wrong123", "Fresh1234").await), "INVALID_FIELDS");
    assert_eq!(reason(change(PASSWORD, "weak").await), "INVALID_FIELDS");
    assert_eq!(reason(change(PASSWORD, PASSWORD).await), "INVALID_FIELDS");
    change(PASSWORD, "Fresh1234").await.unwrap();
    assert!(service.sessions.is_live(tokens.session_id, li.user_id).await.unwrap());
    assert!(!service.sessions.is_live(other.session_id, li.user_id).await.unwrap());
    assert_eq!(reason(service.sign_in("lilei", PASSWORD).await), "WRONG_PASSWORD");
    service.sign_in("lilei", "Fresh1234").await.unwrap();
}

#[tokio::test]
async fn lost_password_is_replaced_by_a_link_that_works_once() {
    let service = Service::new().await;
    let (_, tokens) = service.found("lilei").await;
    service.ask_reset("nobody@example.org").await.unwrap();
    service.ask_reset("LILEI@example.org").await.unwrap();
    let letter = next_letter(&service).await.unwrap();
    assert_eq!(letter.recipient, "lilei@example.org");
    assert_eq!(next_letter(&service).await, None, "strangers get no letter");
    let token = letter.body.split("token=").nth(1).unwrap().lines().next().unwrap();

    let reset = async |token: &str, new: &str| {
        service.sessions.reset(token, new.to_owned(), &client()).await
    };
    assert_eq!(reason(reset(token, "weak").await), "INVALID_FIELDS");
    assert_eq!(reason(reset("made up", "Fresh1234").await), "PASSWORD_RESET_INVALID");
    reset(token, "Fresh1234").await.unwrap();
    assert_eq!(reason(reset(token, "Fresh1234").await), "PASSWORD_RESET_INVALID");
    let ended = service.sessions.refresh(&tokens.refresh, &client()).await;
    assert_eq!(reason(ended), "SESSION_ENDED");
    service.sign_in("lilei", "Fresh1234").await.unwrap();
}

#[tokio::test]
async fn reset_token_stands_in_no_table() {
    let service = Service::new().await;
    service.found("lilei").await;
    service.ask_reset("lilei@example.org").await.unwrap();
    let letter = next_letter(&service).await.unwrap();
    let token = letter.body.split("token=").nth(1).unwrap().lines().next().unwrap();
    assert_eq!(token.len(), 43);

    let db = service.db.pool.get().await.unwrap();
    let tables =
        "SELECT table_name::text FROM information_schema.tables WHERE table_schema = 'auth'";
    let mut tables_with_address = Vec::new();
    for row in db.query(tables, &[]).await.unwrap() {
        let table: String = row.get(0);
        let text = format!("SELECT coalesce(string_agg(t::text, ' '), '') FROM {table} AS t");
        let text: String = db.query_one(&text, &[]).await.unwrap().get(0);
        assert!(!text.contains(token), "{table}");
        if text.contains("lilei@example.org") {
            tables_with_address.push(table);
        }
    }
    tables_with_address.sort();
    assert_eq!(tables_with_address, ["outbox", "users"]);
    service.sessions.reset(token, "Fresh1234".to_owned(), &client()).await.unwrap();
}

#[tokio::test]
async fn letters_are_few_even_when_asked_for_at_once_and_swept_meanwhile() {
    let service = Service::new().await;
    service.found("lilei").await;
    let ask = async || {
        let asked = (0..6).map(|_| service.ask_reset("lilei@example.org"));
        futures::future::try_join_all(asked).await.unwrap();
        let db = service.db.pool.get().await.unwrap();
        db.execute("DELETE FROM outbox", &[]).await.unwrap()
    };
    assert_eq!(ask().await, 3);
    service.clock.advance(TimeDelta::minutes(40));
    auth_svc::sweep::sweep(&service.context).await.unwrap();
    assert_eq!(ask().await, 0, "within the same hour");
    service.clock.advance(TimeDelta::minutes(30));
    assert_eq!(ask().await, 3);
}

#[tokio::test]
async fn old_reset_link_does_nothing_and_letters_are_few() {
    let service = Service::new().await;
    service.found("lilei").await;
    for _ in 0..5 {
        service.ask_reset("lilei@example.org").await.unwrap();
    }
    let letter = next_letter(&service).await.unwrap();
    let mut letters = 1;
    while next_letter(&service).await.is_some() {
        letters += 1;
    }
    assert_eq!(letters, 3);
    let token = letter.body.split("token=").nth(1).unwrap().lines().next().unwrap();
    service.clock.advance(TimeDelta::minutes(31));
    let late = service.sessions.reset(token, "Fresh1234".to_owned(), &client()).await;
    assert_eq!(reason(late), "PASSWORD_RESET_INVALID");
}

async fn next_letter(service: &Service) -> Option<Letter> {
    let db = service.db.pool.get().await.unwrap();
    let tokens = &service.context.policy.reset_tokens;
    let now = kit::clock::Clock::now(&*service.clock);
    let next = auth_svc::store::outbox::next(&db, now, now + TimeDelta::hours(1)).await;
    next.unwrap().map(|(id, _, letter)| letter.with_token(&tokens.of(id)))
}

#[tokio::test]
async fn wrong_fields_are_named_together_and_names_are_unique() {
    let service = Service::new().await;
    service.found("lilei").await;
    let wrong = Registrant {
        username: "a b".to_owned(),
        email: "nobody".to_owned(),
        password: "weak".to_owned(),
        full_name: " ".to_owned(),
        ..registrant("x")
    };
    let error = service.register(wrong).await.unwrap_err();
    let fields = kit::error::Classify::violations(&error);
    let fields: Vec<&str> = fields.iter().map(|violation| violation.field.as_str()).collect();
    for field in ["username", "email", "password", "full_name"] {
        assert!(fields.contains(&field), "{field} in {fields:?}");
    }
    let twin = Registrant { email: String::new(), ..registrant("LILEI") };
    assert_eq!(reason(service.register(twin).await), "USERNAME_TAKEN");
    let twin = Registrant { email: "LILEI@example.org".to_owned(), ..registrant("other") };
    assert_eq!(reason(service.register(twin).await), "EMAIL_TAKEN");
    let admin = Registrant { role: Some(Role::Admin), ..registrant("boss") };
    assert_eq!(reason(service.register(admin).await), "INVALID_FIELDS");
}

#[tokio::test]
async fn registration_follows_the_configuration() {
    let closed = Service::with(Registration::Closed).await;
    let refused = closed.register(registrant("lilei")).await;
    assert_eq!(reason(refused), "REGISTRATION_CLOSED");

    let invited = Service::with(Registration::Invitation).await;
    let refused = invited.register(registrant("lilei")).await;
    assert_eq!(reason(refused), "INVITATION_REQUIRED");

    let open = Service::new().await;
    let student = Registrant { role: Some(Role::Student), ..registrant("pupil") };
    assert_eq!(reason(open.register(student).await), "INVITATION_REQUIRED");
    let (alone, _) = open.register(registrant("lilei")).await.unwrap();
    assert_eq!(alone.role, Role::Teacher);
}
