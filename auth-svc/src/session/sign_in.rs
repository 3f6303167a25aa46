//! Opening a session with a password.

use kit::db::DbError;

use super::{Attempt, Client, Sessions, Tokens};
use crate::{audit::Event, error::AuthError, measure, password::Verified, store, user::Account};

/// How often a password is verified when it changes meanwhile.
const ATTEMPTS: u32 = 3;

impl Sessions {
    /// Opens a session for a username or e-mail address.
    ///
    /// # Errors
    ///
    /// Fails when the password is wrong, the account is not active, or there were too many
    /// attempts.
    pub async fn sign_in(
        &self,
        login: &str,
        password: String,
        client: &Client,
    ) -> Result<(Account, Tokens), AuthError> {
        let entered = self.try_password(login, password, client).await;
        measure::signed_in(&entered);
        entered
    }

    async fn try_password(
        &self,
        login: &str,
        password: String,
        client: &Client,
    ) -> Result<(Account, Tokens), AuthError> {
        let login = login.trim();
        let mut found = self.by_login(login).await?;
        self.throttle.count(Attempt::of(found.as_ref(), login), client).await?;
        for _ in 0..ATTEMPTS {
            let account = found.take();
            let kept = account.as_ref().map(|account| account.password_hash.clone());
            let hasher = &self.context.hasher;
            let verified = hasher.verify(password.clone(), kept).await?;
            let Some(account) = account.filter(|_| verified != Verified::Wrong) else {
                self.note_failure(login, client).await?;
                return Err(AuthError::WrongPassword);
            };
            let renewed = match verified {
                Verified::RightButOld => Some(hasher.hash(password.clone()).await?),
                Verified::Right | Verified::Wrong => None,
            };
            match self.enter(&account, renewed, client).await {
                Err(AuthError::Inactive) => {
                    self.note_failure(login, client).await?;
                    return Err(AuthError::Inactive);
                }
                Ok(None) => found = self.by_login(login).await?,
                Ok(Some(entered)) => return Ok(entered),
                Err(error) => return Err(error),
            }
        }
        Err(AuthError::Busy)
    }

    /// Finds an account by what somebody typed.
    async fn by_login(&self, login: &str) -> Result<Option<Account>, AuthError> {
        if login.contains(char::is_control) {
            // PostgreSQL refuses some of them, and no account has any.
            return Ok(None);
        }
        let db = self.context.pool.get().await.map_err(DbError::from)?;
        Ok(store::users::by_login(&db, login).await?)
    }

    /// Opens a session of an account whose password was just verified, as the account is now;
    /// `None` when the password has changed meanwhile.
    pub(super) async fn enter(
        &self,
        verified: &Account,
        renewed: Option<String>,
        client: &Client,
    ) -> Result<Option<(Account, Tokens)>, AuthError> {
        let now = self.context.clock.now();
        let mut db = self.context.pool.get().await.map_err(DbError::from)?;
        let tx = db.transaction().await.map_err(DbError::from)?;
        let account = store::users::lock(&tx, verified.id).await?;
        let same = |account: &Account| account.password_hash == verified.password_hash;
        let Some(mut account) = account.filter(same) else {
            return Ok(None);
        };
        if !account.is_active {
            return Err(AuthError::Inactive);
        }
        if let Some(hash) = renewed {
            let must_change = account.must_change_password;
            store::users::set_password(&tx, account.id, &hash, must_change, now).await?;
        }
        store::users::signed_in(&tx, account.id, now).await?;
        let tokens = self.open(&tx, &account, client, now).await?;
        let event = self.context.event("login_succeeded", &account, Some(account.id));
        event.from_client(client).record(&tx).await?;
        tx.commit().await.map_err(DbError::from)?;
        self.context.forget_profiles(&[account.id]).await;
        account.last_login_at = Some(now);
        Ok(Some((account, tokens)))
    }

    async fn note_failure(&self, login: &str, client: &Client) -> Result<(), AuthError> {
        let account = self.by_login(login).await?;
        let db = self.context.pool.get().await.map_err(DbError::from)?;
        let event = if let Some(account) = &account {
            self.context.event("login_failed", account, None)
        } else {
            // What was typed may be a password in the wrong field, and is not kept. Where there is
            // one school, it was tried there.
            let school = store::organizations::only(&db).await?.map(|(id, _)| id);
            Event { organization_id: school, ..self.context.event_about_nobody("login_failed") }
        };
        Ok(event.from_client(client).record(&db).await?)
    }
}
