//! Spending a refresh token for a new pair.

use chrono::{DateTime, TimeDelta, Utc};
use kit::db::{DbError, GenericClient};

use super::{Client, Sessions, Tokens};
use crate::{error::AuthError, secret, store, store::tokens::Kept, user::Account};

/// How long a spent token still gets its answer again, which may have been lost on the way.
const REPEATABLE: TimeDelta = TimeDelta::seconds(30);

impl Sessions {
    /// Spends a refresh token for its successor.
    ///
    /// One that was spent a moment ago gets the same successor again, unless that has been used:
    /// then the first answer had arrived. In all other cases a spent token was stolen, or its
    /// thief was faster: all tokens of its session end.
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

        let successor = self.context.policy.succession.after(token);
        let is_repeat = is_repeat(&tx, &kept, &successor, now).await?;
        if kept.spent_at.is_some() && !is_repeat {
            store::sessions::end(&tx, session.id, account.id, now).await?;
            let event = self.context.event("session_refreshed_twice", &account, None);
            event.from_client(client).record(&tx).await?;
            tx.commit().await.map_err(DbError::from)?;
            self.context.revoke(&[session.id]).await;
            tracing::warn!(user_id = %account.id, "refresh token was used twice");
            return Err(AuthError::TokenReused);
        }
        if session.ended_at.is_some() || kept.expires_at <= now || !account.is_active {
            return Err(AuthError::SessionEnded);
        }
        session.address.clone_from(&client.address);
        session.user_agent.clone_from(&client.user_agent);
        session.last_used_at = now;
        session.expires_at = now + self.context.policy.refresh_ttl;
        store::sessions::touch(&tx, &session).await?;
        if !is_repeat {
            store::tokens::spend(&tx, &hash, now).await?;
            self.keep(&tx, &successor, &session, now).await?;
        }
        let tokens = self.pair(&account, &session, successor, now)?;
        tx.commit().await.map_err(DbError::from)?;
        Ok((account, tokens))
    }
}

/// Tells whether a token was spent a moment ago and its successor has not been used since. The
/// session is locked, so that nobody uses the successor meanwhile.
async fn is_repeat(
    db: &impl GenericClient,
    kept: &Kept,
    successor: &str,
    now: DateTime<Utc>,
) -> Result<bool, DbError> {
    if kept.spent_at.is_none_or(|spent_at| now > spent_at + REPEATABLE) {
        return Ok(false);
    }
    let successor = store::tokens::find(db, &secret::hash(successor)).await?;
    Ok(successor.is_some_and(|successor| successor.spent_at.is_none()))
}
