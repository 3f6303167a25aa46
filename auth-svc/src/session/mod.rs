//! Sessions: signing in and out, tokens, passwords.

mod joining;
mod password;
mod refresh;
mod registration;
mod sign_in;
mod throttle;

use std::time::Duration;

use chrono::{DateTime, Utc};
use kit::{
    access_token::{AccessClaims, LEEWAY},
    caller::Caller,
    db::{DbError, GenericClient},
    page::Page,
};
pub use registration::Registrant;
pub use throttle::{Attempt, Throttle};
use uuid::Uuid;

use crate::{
    Context,
    error::{AuthError, Thing},
    secret, store,
    user::Account,
};

/// Where a request came from, as the gateway saw it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Client {
    pub address: String,
    pub user_agent: String,
}

impl Client {
    /// Returns where the present work was asked for from.
    #[must_use]
    pub fn present() -> Self {
        let kit::caller::Origin { address, user_agent } = kit::caller::origin();
        Self { address, user_agent }
    }
}

/// One sign-in on one device.
#[derive(Clone, Debug)]
pub struct Session {
    pub id: Uuid,
    pub user_id: Uuid,
    pub address: String,
    pub user_agent: String,
    pub created_at: DateTime<Utc>,
    pub last_used_at: DateTime<Utc>,
    pub expires_at: DateTime<Utc>,
    pub ended_at: Option<DateTime<Utc>>,
}

/// What a client gets to continue with.
#[derive(Clone, Debug)]
pub struct Tokens {
    pub access: String,
    pub access_ttl: Duration,
    pub refresh: String,
    pub refresh_ttl: Duration,
    pub session_id: Uuid,
}

/// Signs people in and out.
#[derive(Clone)]
pub struct Sessions {
    pub(crate) context: Context,
    throttle: Throttle,
}

impl Sessions {
    /// Works with `context`.
    #[must_use]
    pub fn new(context: Context) -> Self {
        let throttle = Throttle::new(context.cache.clone(), context.policy.login_rate);
        Self { context, throttle }
    }

    /// Opens a session within a transaction.
    async fn open(
        &self,
        db: &impl GenericClient,
        account: &Account,
        client: &Client,
        now: DateTime<Utc>,
    ) -> Result<Tokens, AuthError> {
        let session = Session {
            id: self.context.clock.new_id(),
            user_id: account.id,
            address: client.address.clone(),
            user_agent: client.user_agent.clone(),
            created_at: now,
            last_used_at: now,
            expires_at: now + self.context.policy.refresh_ttl,
            ended_at: None,
        };
        store::sessions::insert(db, &session).await?;
        let refresh = secret::token();
        self.keep(db, &refresh, &session, now).await?;
        self.pair(account, &session, refresh, now)
    }

    /// Stores a new refresh token of a session.
    async fn keep(
        &self,
        db: &impl GenericClient,
        refresh: &str,
        session: &Session,
        now: DateTime<Utc>,
    ) -> Result<(), DbError> {
        let hash = secret::hash(refresh);
        store::tokens::insert(db, &hash, session.id, now, session.expires_at).await
    }

    /// Puts a new access token beside a refresh token.
    fn pair(
        &self,
        account: &Account,
        session: &Session,
        refresh: String,
        now: DateTime<Utc>,
    ) -> Result<Tokens, AuthError> {
        let policy = &self.context.policy;
        let claims = AccessClaims {
            sub: account.id,
            sid: session.id,
            role: account.role,
            org: account.organization_id,
            iat: now.timestamp(),
            exp: (now + policy.access_ttl).timestamp(),
            jti: self.context.clock.new_id(),
        };
        Ok(Tokens {
            access: policy.access_key.sign(&claims)?,
            access_ttl: policy.access_ttl.to_std().unwrap_or_default(),
            refresh,
            refresh_ttl: policy.refresh_ttl.to_std().unwrap_or_default(),
            session_id: session.id,
        })
    }

    /// Ends one of the caller's sessions. Ending an ended session is no error.
    ///
    /// # Errors
    ///
    /// Fails when the session is not one of the caller's.
    pub async fn end(&self, caller: &Caller, id: Uuid) -> Result<(), AuthError> {
        let now = self.context.clock.now();
        let mut db = self.context.pool.get().await.map_err(DbError::from)?;
        let tx = db.transaction().await.map_err(DbError::from)?;
        if !store::sessions::is_own(&tx, id, caller.user_id).await? {
            return Err(AuthError::NotFound(Thing::Session));
        }
        if store::sessions::end(&tx, id, caller.user_id, now).await? {
            self.own_event(&tx, "logged_out", caller).await?;
        }
        tx.commit().await.map_err(DbError::from)?;
        self.context.revoke(&[id]).await;
        Ok(())
    }

    /// Ends all sessions of the caller and returns how many there were.
    ///
    /// # Errors
    ///
    /// Fails when PostgreSQL is away.
    pub async fn end_all(&self, caller: &Caller) -> Result<usize, AuthError> {
        let now = self.context.clock.now();
        let mut db = self.context.pool.get().await.map_err(DbError::from)?;
        let tx = db.transaction().await.map_err(DbError::from)?;
        let ended = store::sessions::end_all(&tx, caller.user_id, None, now).await?;
        self.own_event(&tx, "logged_out_everywhere", caller).await?;
        tx.commit().await.map_err(DbError::from)?;
        self.context.revoke(&ended).await;
        Ok(ended.len())
    }

    /// Lists the caller's live sessions, the latest used first.
    ///
    /// # Errors
    ///
    /// Fails when PostgreSQL is away.
    pub async fn list(
        &self,
        caller: &Caller,
        page: &Page<(DateTime<Utc>, Uuid)>,
    ) -> Result<Vec<Session>, AuthError> {
        let db = self.context.pool.get().await.map_err(DbError::from)?;
        let now = self.context.clock.now();
        Ok(store::sessions::page(&db, caller.user_id, now, page).await?)
    }

    /// Returns the name of the school that the installation serves, for visitors; none when there
    /// are several, whose names are nobody's business, or when it is a person.
    ///
    /// # Errors
    ///
    /// Fails when PostgreSQL is away.
    pub async fn only_organization(&self) -> Result<Option<String>, AuthError> {
        let db = self.context.pool.get().await.map_err(DbError::from)?;
        Ok(store::organizations::only(&db).await?.map(|(_, name)| name))
    }

    /// Tells whether a session may still be used.
    ///
    /// # Errors
    ///
    /// Fails when PostgreSQL is away.
    pub async fn is_live(&self, id: Uuid, user: Uuid) -> Result<bool, AuthError> {
        let db = self.context.pool.get().await.map_err(DbError::from)?;
        Ok(store::sessions::is_live(&db, id, user, self.context.clock.now()).await?)
    }

    async fn own_event(
        &self,
        db: &impl GenericClient,
        kind: &'static str,
        caller: &Caller,
    ) -> Result<(), AuthError> {
        let account = store::users::find(db, caller.user_id).await?;
        let account = account.ok_or(AuthError::NotFound(Thing::User))?;
        Ok(self.context.event(kind, &account, Some(caller.user_id)).record(db).await?)
    }
}

impl Context {
    /// Tells the gateways that access tokens of ended sessions hold no longer.
    pub(crate) async fn revoke(&self, sessions: &[Uuid]) {
        let ttl = self.policy.access_ttl.to_std().unwrap_or_default() + LEEWAY;
        let flags: Vec<_> = sessions.iter().map(|id| (*id, ttl)).collect();
        if !self.cache.revoke(&flags).await {
            self.unheard.notify_one();
        }
    }
}
