//! Opening a session with a password.

use kit::db::DbError;

use super::{Client, Sessions, Tokens};
use crate::{audit::Event, error::AuthError, password::Verified, store, user::Account};

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
        let login = login.trim();
        self.throttle.count(login, client).await?;
        let account = {
            let db = self.context.pool.get().await.map_err(DbError::from)?;
            store::users::by_login(&db, login).await?
        };
        let kept = account.as_ref().map(|account| account.password_hash.clone());
        let hasher = &self.context.hasher;
        let verified = hasher.verify(password.clone(), kept).await?;
        let Some(mut account) = account.filter(|_| verified != Verified::Wrong) else {
            self.note_failure(login, client).await?;
            return Err(AuthError::WrongPassword);
        };
        if !account.is_active {
            self.note_failure(login, client).await?;
            return Err(AuthError::Inactive);
        }
        let renewed = match verified {
            Verified::RightButOld => Some(hasher.hash(password).await?),
            Verified::Right | Verified::Wrong => None,
        };

        let now = self.context.clock.now();
        let mut db = self.context.pool.get().await.map_err(DbError::from)?;
        let tx = db.transaction().await.map_err(DbError::from)?;
        if let Some(hash) = renewed {
            account.password_hash = hash;
            store::users::update(&tx, &account, now).await?;
        }
        store::users::signed_in(&tx, account.id, now).await?;
        let tokens = self.open(&tx, &account, client, now).await?;
        let event = Event::about("login_succeeded", &account, Some(account.id), now);
        event.from_client(client).record(&tx).await?;
        tx.commit().await.map_err(DbError::from)?;
        account.last_login_at = Some(now);
        Ok((account, tokens))
    }

    async fn note_failure(&self, login: &str, client: &Client) -> Result<(), AuthError> {
        let now = self.context.clock.now();
        let db = self.context.pool.get().await.map_err(DbError::from)?;
        let account = store::users::by_login(&db, login).await?;
        let event = match &account {
            Some(account) => Event::about("login_failed", account, None, now),
            // What was typed may be a password in the wrong field, and is not kept.
            None => Event::nobody("login_failed", now),
        };
        Ok(event.from_client(client).record(&db).await?)
    }
}
