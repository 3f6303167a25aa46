//! Commands for operators.

use std::{
    collections::HashMap,
    io::{self, Write as _},
};

use anyhow::{Context as _, bail, ensure};
use auth_svc::{
    Context,
    organization::OrganizationType,
    password, secret, store,
    user::{Account, Theme, check_email, check_username},
};
use kit::{caller::Role, clock::Clock, db::GenericClient, error::Checks};
use uuid::Uuid;

const USAGE: &str = "usage: auth-svc create-admin --username NAME --organization SCHOOL \
     [--full-name NAME] [--email ADDRESS] [--password-stdin]";
const DEMO_SCHOOL: &str = "演示学校";
const DEMO_PASSWORD: &str = "Test1234";

/// Makes an administrator, and their school unless it exists. Prints the password unless it came
/// from standard input.
pub async fn create_admin(context: &Context, arguments: &[String]) -> anyhow::Result<()> {
    let mut options = HashMap::new();
    let mut from_stdin = false;
    let mut words = arguments.iter();
    while let Some(word) = words.next() {
        match word.as_str() {
            "--password-stdin" => from_stdin = true,
            "--username" | "--organization" | "--full-name" | "--email" => {
                options.insert(word.as_str(), words.next().context(USAGE)?.clone());
            }
            other => bail!("unknown option {other}\n{USAGE}"),
        }
    }
    let username = options.remove("--username").context(USAGE)?;
    let organization = options.remove("--organization").context(USAGE)?;
    let full_name = options.remove("--full-name").unwrap_or_else(|| username.clone());
    let email = options.remove("--email").unwrap_or_default();
    let password = if from_stdin {
        let mut line = String::new();
        io::stdin().read_line(&mut line)?;
        line.trim_end_matches(['\r', '\n']).to_owned()
    } else {
        secret::password()
    };
    let mut checks = Checks::new();
    check_username(&mut checks, "--username", &username);
    check_email(&mut checks, "--email", &email);
    checks.text("--organization", &organization, 1..=200);
    checks.text("--full-name", &full_name, 1..=100);
    password::check(&mut checks, "password", &password);
    checks.finish()?;

    let person = Person { username: &username, full_name: &full_name, email: &email };
    let made = make(context, &organization, person, Role::Admin, &password, !from_stdin).await?;
    ensure!(made, "the username or e-mail address is taken");
    let mut out = io::stdout();
    writeln!(out, "administrator {username} of {organization} was created")?;
    if !from_stdin {
        writeln!(out, "password: {password} (must be changed after the first sign-in)")?;
    }
    Ok(())
}

/// Makes the accounts of manual §3.5 and an administrator, unless they exist.
pub async fn seed_demo(context: &Context) -> anyhow::Result<()> {
    let people = [
        ("test_admin", "演示管理员", "test_admin@example.org", Role::Admin),
        ("test_teacher", "测试教师", "test_teacher@example.org", Role::Teacher),
        ("test_student", "测试学生", "test_student@example.org", Role::Student),
    ];
    for (username, full_name, email, role) in people {
        let person = Person { username, full_name, email };
        let made = make(context, DEMO_SCHOOL, person, role, DEMO_PASSWORD, false).await?;
        let word = if made { "was created" } else { "exists" };
        writeln!(io::stdout(), "{username} {word}")?;
    }
    Ok(())
}

struct Person<'a> {
    username: &'a str,
    full_name: &'a str,
    email: &'a str,
}

/// Makes an account in the organization of a name, which is founded when there is none; tells
/// whether the username and address were free.
async fn make(
    context: &Context,
    organization: &str,
    person: Person<'_>,
    role: Role,
    password: &str,
    must_change_password: bool,
) -> anyhow::Result<bool> {
    let now = context.clock.now();
    let mut db = context.pool.get().await?;
    let tx = db.transaction().await?;
    for login in [person.username, person.email].into_iter().filter(|login| !login.is_empty()) {
        if store::users::by_login(&tx, login).await?.is_some() {
            return Ok(false);
        }
    }
    let organization_id = found(&tx, organization, &*context.clock).await?;
    let account = Account {
        id: context.clock.new_id(),
        organization_id,
        organization_name: organization.to_owned(),
        username: person.username.to_owned(),
        email: Some(person.email.to_owned()).filter(|email| !email.is_empty()),
        full_name: person.full_name.to_owned(),
        phone: String::new(),
        role,
        password_hash: context.hasher.hash(password.to_owned()).await?,
        must_change_password,
        is_active: true,
        locale: String::new(),
        theme: Theme::System,
        created_at: now,
        last_login_at: None,
        renamed_at: None,
    };
    store::users::insert(&tx, &account, None).await?;
    context.event("user_created", &account, None).record(&tx).await?;
    tx.commit().await?;
    Ok(true)
}

async fn found(db: &impl GenericClient, name: &str, clock: &dyn Clock) -> anyhow::Result<Uuid> {
    if let Some(id) = store::organizations::by_name(db, name).await? {
        return Ok(id);
    }
    let id = clock.new_id();
    store::organizations::insert(db, id, name, OrganizationType::School, clock.now()).await?;
    Ok(id)
}
