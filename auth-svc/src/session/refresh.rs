//! Spending a refresh token for a new pair.

use kit::db::DbError;

use super::{Client, Sessions, Tokens};
use crate::{audit::Event, error::AuthError, secret, store, user::Account};

impl Sessions {
    /// Spends a refresh token. One that was spent before was stolen, or its thief was faster: all
    /// tokens of its session end.
    ///
    /// # Errors
    ///
    /// Fails when the token is unknown, too old or spent, or the account is not active.
    pub async fn refresh(
        &self,
        token: &str,
        client: &Client,
    ) -> Result<(Account, Tokens), AuthError> {
        let now = self.context.clock.now();
        let hash = secret::hash(token);
        let mut db = self.context.pool.get().await.map_err(DbError::from)?;
        let tx = db.transaction().await.map_err(DbError::from)?;
        let kept = store::tokens::lock(&tx, &hash).await?.ok_or(AuthError::SessionEnded)?;
        let session = store::sessions::lock(&tx, kept.session_id).await?;
        let mut session = session.ok_or(AuthError::SessionEnded)?;
        let account = store::users::find(&tx, session.user_id).await?;
        let account = account.ok_or(AuthError::SessionEnded)?;

        if kept.spent_at.is_some() {
            store::sessions::end(&tx, session.id, account.id, now).await?;
            let event = Event::about("session_refreshed_twice", &account, None, now);
            event.from_client(client).record(&tx).await?;
            tx.commit().await.map_err(DbError::from)?;
            self.context.revoke(&[session.id]).await;
            tracing::warn!(user_id = %account.id, "refresh token was used twice");
            return Err(AuthError::TokenReused);
        }
        if session.ended_at.is_some() || kept.expires_at <= now || !account.is_active {
            return Err(AuthError::SessionEnded);
        }
        store::tokens::spend(&tx, &hash, now).await?;
        session.address.clone_from(&client.address);
        session.user_agent.clone_from(&client.user_agent);
        session.last_used_at = now;
        session.expires_at = now + self.context.policy.refresh_ttl;
        store::sessions::touch(&tx, &session).await?;
        let tokens = self.issue(&tx, &account, &session, now).await?;
        tx.commit().await.map_err(DbError::from)?;
        Ok((account, tokens))
    }
}
