//! A whole auth-svc in this process, over a database of its own.

use std::{sync::Arc, time::Duration};

use auth_svc::{
    Context,
    config::{Policy, Registration},
    error::AuthError,
    organization::{Invitation, Organizations},
    password::Hasher,
    secret::{FirstPasswords, ResetTokens, Succession},
    session::{Client, Registrant, Sessions, Tokens},
    store,
    user::{Account, KeptProfiles, Users},
};
use chrono::{TimeDelta, Utc};
use kit::{
    access_token::AccessKey,
    caller::{Caller, Role},
    clock::Frozen,
    config::Rate,
    error::Classify as _,
    idempotency::Operation,
    testing::{self, TestDb},
};
use uuid::Uuid;

pub const PASSWORD: &str = "Test1234";
/// The service through which people come.
pub const GATEWAY: &str = "gateway";

pub struct Service {
    pub clock: Arc<Frozen>,
    pub context: Context,
    pub sessions: Sessions,
    pub users: Users,
    pub organizations: Organizations,
    pub db: TestDb,
}

impl Service {
    pub async fn new() -> Self {
        Self::with(Registration::Open).await
    }

    pub async fn with(registration: Registration) -> Self {
        let db = testing::database("auth", store::migrations()).await;
        let clock = Arc::new(Frozen::new(Utc::now()));
        let secret = "0123456789abcdef0123456789abcdef".into();
        let policy = Policy {
            access_key: AccessKey::new(&secret),
            succession: Succession::new(&secret),
            reset_tokens: ResetTokens::new(&secret),
            first_passwords: FirstPasswords::new(&secret),
            access_ttl: TimeDelta::minutes(30),
            refresh_ttl: TimeDelta::days(7),
            registration,
            login_rate: Rate::per_minute(5),
            public_url: "http://127.0.0.1:8000".to_owned(),
            mails: true,
            prints_tokens: false,
        };
        let cache = testing::redis().await;
        let context = Context {
            pool: db.pool.clone(),
            profiles: KeptProfiles::new(cache.clone(), Duration::from_mins(5)),
            cache,
            clock: clock.clone(),
            hasher: Hasher::new().unwrap(),
            policy: Arc::new(policy),
            unheard: Arc::default(),
        };
        Self {
            clock,
            sessions: Sessions::new(context.clone()),
            users: Users::new(context.clone()),
            organizations: Organizations::new(context.clone()),
            context,
            db,
        }
    }

    /// Registers somebody who founds a school.
    pub async fn found(&self, username: &str) -> (Caller, Tokens) {
        let school = format!("{username} 中学");
        let new = Registrant { organization_name: school, ..registrant(username) };
        let (account, tokens) = self.register(new).await.unwrap();
        (caller(&account), tokens)
    }

    /// Registers somebody whom `by` invites.
    pub async fn invite(&self, by: &Caller, username: &str, role: Role) -> Caller {
        let invitation = self.code(by, role, 1, 7).await.unwrap();
        let new = Registrant { invitation_code: invitation.code, ..registrant(username) };
        caller(&self.register(new).await.unwrap().0)
    }

    /// Makes a code by which people join the school of `by`.
    pub async fn code(
        &self,
        by: &Caller,
        role: Role,
        uses: u32,
        days: u32,
    ) -> Result<Invitation, AuthError> {
        let operation = operation(by, "CreateInvitation", None);
        self.organizations.invite(by, &operation, role, uses, days).await
    }

    /// Lets somebody create an account.
    pub async fn register(&self, new: Registrant) -> Result<(Account, Tokens), AuthError> {
        self.sessions.register(&of_nobody("Register", None), new, &client()).await
    }

    /// Lets somebody join the school of an invitation.
    pub async fn join(&self, who: &Caller, code: &str) -> Result<(Account, Tokens), AuthError> {
        let operation = operation(who, "JoinOrganization", None);
        self.sessions.join(who, &operation, code, &client()).await
    }

    /// Lets somebody ask for a new password.
    pub async fn ask_reset(&self, email: &str) -> Result<(), AuthError> {
        self.sessions
            .request_reset(&of_nobody("RequestPasswordReset", None), email, &client())
            .await
    }

    pub async fn sign_in(
        &self,
        login: &str,
        password: &str,
    ) -> Result<(Account, Tokens), AuthError> {
        self.sessions.sign_in(login, password.to_owned(), &client()).await
    }

    /// Returns the kinds of the events of an organization, the latest first.
    pub async fn events(&self, admin: &Caller) -> Vec<String> {
        let page = kit::page::Page::of(100, "").unwrap();
        let events = self.users.audit(admin, &auth_svc::audit::Filter::default(), &page).await;
        events.unwrap().into_iter().map(|event| event.kind.into_owned()).collect()
    }
}

pub fn client() -> Client {
    Client { address: "10.0.0.7".to_owned(), user_agent: "test".to_owned() }
}

pub fn registrant(username: &str) -> Registrant {
    Registrant {
        username: username.to_owned(),
        email: format!("{username}@example.org"),
        password: PASSWORD.to_owned(),
        full_name: format!("姓名 {username}"),
        phone: String::new(),
        role: Some(Role::Teacher),
        invitation_code: String::new(),
        organization_name: String::new(),
    }
}

pub fn caller(account: &Account) -> Caller {
    Caller {
        user_id: account.id,
        role: account.role,
        organization_id: account.organization_id,
        request_id: "r-1".to_owned(),
    }
}

/// Makes an operation that can be repeated when it has a key.
pub fn operation(caller: &Caller, method: &'static str, key: Option<&str>) -> Operation {
    let key = key.map(str::to_owned);
    Operation { caller: caller.user_id, method, key, request_hash: [0; 32] }
}

/// An operation of somebody who is not signed in.
pub fn of_nobody(method: &'static str, key: Option<&str>) -> Operation {
    let key = key.map(str::to_owned);
    Operation { caller: Uuid::nil(), method, key, request_hash: [0; 32] }
}

/// Returns the stable reason of a refusal.
pub fn reason<T: std::fmt::Debug>(result: Result<T, AuthError>) -> &'static str {
    result.unwrap_err().reason()
}
