//! Who may see and do what: every endpoint with every role, a stranger and no token.

pub mod home;
pub mod request;
pub mod table;

use system_tests::Installation;

use self::{
    home::{Home, Person},
    request::ask,
    table::{Line, Role, is, table},
};
use crate::support::{PASSWORD, create_class, found, invite, text};

/// Somebody who does not belong to the class.
struct Stranger {
    who: &'static str,
    role: Role,
    person: Person,
    /// Of a class of their own.
    join_code: String,
}

#[tokio::test(flavor = "multi_thread")]
async fn everybody_may_what_the_table_says() {
    let installation = Installation::start().await.unwrap();
    let visitor = installation.visitor().unwrap();
    let home = Home::found(&installation).await;
    let strangers = strangers(&installation, &home).await;
    let at_home = [
        (Role::Pupil, &home.pupil),
        (Role::Former, &home.former),
        (Role::Assistant, &home.assistant),
        (Role::Head, &home.head),
        (Role::Admin, &home.admin),
    ];
    let mut wrong = Vec::new();
    let mut note = |line: &Line, who: &str, role: Role, status: reqwest::StatusCode| {
        let expected = line.expected(role);
        if !is(expected, status) {
            let Line { method, path, field, .. } = line;
            wrong.push(format!("{method} {path} {field} for {who}: {status}, not {expected}"));
        }
    };
    let mut lines = table();
    // What ends all sessions comes last, with a session of its own.
    lines.sort_by_key(|line| line.path.starts_with("/auth/logout"));
    for line in lines {
        let ends = line.path.starts_with("/auth/logout");
        let mut standing = home.standing.clone();
        if line.path == "/auth/refresh" {
            standing.refresh_token = home.session(&home.head).await.1;
        }
        let status = ask(&visitor, &line, &standing).await;
        note(&line, "nobody", Role::Nobody, status);
        for Stranger { who, role, person, join_code } in &strangers {
            standing.join_code.clone_from(join_code);
            if line.path == "/auth/refresh" {
                standing.refresh_token = home.session(&home.head).await.1;
            }
            let api = if ends {
                &visitor.sign_in(&person.username, PASSWORD).await.unwrap()
            } else {
                &person.api
            };
            note(&line, who, *role, ask(api, &line, &standing).await);
        }
        for (role, person) in at_home {
            let target = home.target(&line, role, person).await;
            let api = if ends {
                &visitor.sign_in(&person.username, PASSWORD).await.unwrap()
            } else {
                &person.api
            };
            note(&line, &format!("{role:?}"), role, ask(api, &line, &target).await);
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

async fn strangers(installation: &Installation, home: &Home) -> Vec<Stranger> {
    let visitor = installation.visitor().unwrap();
    let away = found(installation, "away").await.unwrap();
    let student = invite(&visitor, &away.admin, "away_student", "student").await.unwrap();
    let code = async |api: &system_tests::Api, class: &str| {
        let class = api.get(&format!("/classes/{class}")).await.unwrap().expect().unwrap();
        text(&class, "join_code").unwrap()
    };
    let away_code = code(&away.teacher, &away.class).await;
    let own = create_class(&home.colleague.api, "高一（9）班").await.unwrap();
    let near_code = code(&home.colleague.api, &own).await;
    let stranger = |who, role, person, join_code: &str| {
        let join_code = join_code.to_owned();
        Stranger { who, role, person, join_code }
    };
    let (student, teacher) = (Person::of(student).await, Person::of(away.teacher).await);
    let admin = Person::of(away.admin).await;
    vec![
        stranger("student of another school", Role::StrangeStudent, student, &away_code),
        stranger("teacher of another school", Role::StrangeTeacher, teacher, &away_code),
        stranger("administrator of another school", Role::StrangeAdmin, admin, &away_code),
        stranger(
            "student of another class",
            Role::StrangeStudent,
            home.neighbour.clone(),
            &near_code,
        ),
        stranger(
            "teacher of another class",
            Role::StrangeTeacher,
            home.colleague.clone(),
            &near_code,
        ),
    ]
}
