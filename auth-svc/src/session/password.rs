//! Changing a password, and getting a new one for a lost one.

use chrono::TimeDelta;
use kit::{
    caller::Caller,
    db::{DbError, GenericClient},
    error::{Checks, Invalid},
    idempotency::{self, Claimed, Operation},
};
use uuid::Uuid;

use super::{Attempt, Client, Sessions};
use crate::{
    audit::Event,
    error::{AuthError, Thing},
    mail::{self, Letter},
    password::{self, Verified},
    secret, store,
    user::Account,
};

const RESET_TTL: TimeDelta = TimeDelta::minutes(30);
/// Letters to one account within an hour.
const RESETS_AN_HOUR: i64 = 3;

impl Sessions {
    /// Changes the caller's password and ends all sessions but `keep`.
    ///
    /// # Errors
    ///
    /// Fails when the old password is wrong or the new one too weak, or after too many attempts.
    pub async fn change_password(
        &self,
        caller: &Caller,
        old: String,
        new: String,
        keep: Option<Uuid>,
    ) -> Result<(), AuthError> {
        check("new_password", &new)?;
        let account = {
            let db = self.context.pool.get().await.map_err(DbError::from)?;
            store::users::find(&db, caller.user_id).await?
        };
        let account = account.ok_or(AuthError::NotFound(Thing::User))?;
        // Who found an open session must not guess the password with it.
        self.throttle.count(Attempt::Account(account.id), &Client::present()).await?;
        let hasher = &self.context.hasher;
        let kept = account.password_hash.clone();
        if hasher.verify(old, Some(kept.clone())).await? == Verified::Wrong {
            let event = self.context.event("password_change_failed", &account, Some(account.id));
            let db = self.context.pool.get().await.map_err(DbError::from)?;
            event.record(&db).await?;
            return Err(Invalid::one("old_password", "WRONG", "is wrong").into());
        }
        if hasher.verify(new.clone(), Some(kept)).await? != Verified::Wrong {
            return Err(Invalid::one("new_password", "UNCHANGED", "is the old one").into());
        }
        let hash = hasher.hash(new).await?;
        let mut db = self.context.pool.get().await.map_err(DbError::from)?;
        let tx = db.transaction().await.map_err(DbError::from)?;
        let present = store::users::lock(&tx, account.id).await?;
        let present = present.filter(|present| present.is_active);
        let present = present.ok_or(AuthError::SessionEnded)?;
        if present.password_hash != account.password_hash {
            // Somebody was faster: what was verified is not the password any more.
            return Err(Invalid::one("old_password", "WRONG", "is wrong").into());
        }
        let event = self.context.event("password_changed", &account, Some(account.id));
        let ended = put(&tx, event, &account, &hash, keep).await?;
        tx.commit().await.map_err(DbError::from)?;
        self.context.revoke(&ended).await;
        self.context.forget_profiles(&[account.id]).await;
        Ok(())
    }

    /// Sends a one-time token, if the address belongs to an active account; once for each idempotency
    /// key. Says nothing about it.
    ///
    /// # Errors
    ///
    /// Fails when the address is none.
    pub async fn request_reset(
        &self,
        operation: &Operation,
        email: &str,
        client: &Client,
    ) -> Result<(), AuthError> {
        let email = email.trim();
        let mut checks = Checks::new();
        checks.require(!email.is_empty(), "email", "REQUIRED", "is missing");
        crate::user::check_email(&mut checks, "email", email);
        checks.finish()?;
        let (policy, now) = (&self.context.policy, self.context.clock.now());
        let mut db = self.context.pool.get().await.map_err(DbError::from)?;
        let tx = db.transaction().await.map_err(DbError::from)?;
        let account = store::users::by_login(&tx, email).await?;
        let Some(account) = account.filter(|account| account.is_active) else {
            return Ok(());
        };
        // Whoever asks at the same time waits, so that all are counted.
        let account = store::users::lock(&tx, account.id).await?;
        let Some(account) = account.filter(|account| account.is_active) else {
            return Ok(());
        };
        let Some(address) = account.email.clone() else {
            return Ok(());
        };
        let letter_id = self.context.clock.new_id();
        if let Claimed::Repeated(_) = idempotency::claim(&tx, operation, letter_id, now).await? {
            return Ok(());
        }
        let hour_ago = now - TimeDelta::hours(1);
        if store::resets::since(&tx, account.id, hour_ago).await? >= RESETS_AN_HOUR {
            tracing::warn!(user_id = %account.id, "too many password resets are asked for");
            return Ok(());
        }
        let token = policy.reset_tokens.of(letter_id);
        let hash = secret::hash(&token);
        store::resets::insert(&tx, &hash, account.id, now, now + RESET_TTL).await?;
        if policy.mails {
            let letter = letter(address, &account.full_name, &policy.public_url);
            store::outbox::insert(&tx, letter_id, &letter, now).await?;
        }
        let event = self.context.event("password_reset_requested", &account, None);
        event.from_client(client).record(&tx).await?;
        tx.commit().await.map_err(DbError::from)?;
        if !policy.mails && policy.prints_tokens {
            tracing::info!(username = account.username, token, "password reset token");
        }
        Ok(())
    }

    /// Spends a one-time token for a new password and ends all sessions.
    ///
    /// # Errors
    ///
    /// Fails when the token is unknown, too old or spent, or the password too weak.
    pub async fn reset(&self, token: &str, new: String, client: &Client) -> Result<(), AuthError> {
        check("new_password", &new)?;
        let token_hash = secret::hash(token);
        let now = self.context.clock.now();
        {
            // Hashing costs much: nobody gets it for a made-up token.
            let db = self.context.pool.get().await.map_err(DbError::from)?;
            if !store::resets::is_good(&db, &token_hash, now).await? {
                return Err(AuthError::ResetInvalid);
            }
        }
        let hash = self.context.hasher.hash(new).await?;
        let mut db = self.context.pool.get().await.map_err(DbError::from)?;
        let tx = db.transaction().await.map_err(DbError::from)?;
        let user = store::resets::spend(&tx, &token_hash, now).await?;
        let account = store::users::lock(&tx, user.ok_or(AuthError::ResetInvalid)?).await?;
        let account = account.filter(|account| account.is_active);
        let account = account.ok_or(AuthError::ResetInvalid)?;
        let event = self.context.event("password_reset", &account, Some(account.id));
        let ended = put(&tx, event.from_client(client), &account, &hash, None).await?;
        tx.commit().await.map_err(DbError::from)?;
        self.context.revoke(&ended).await;
        self.context.forget_profiles(&[account.id]).await;
        Ok(())
    }
}

/// Stores the new password of a locked account, and returns the sessions it ended.
async fn put(
    db: &impl GenericClient,
    event: Event,
    account: &Account,
    hash: &str,
    keep: Option<Uuid>,
) -> Result<Vec<Uuid>, AuthError> {
    let now = event.at;
    store::users::set_password(db, account.id, hash, false, now).await?;
    store::resets::forget(db, account.id).await?;
    event.record(db).await?;
    Ok(store::sessions::end_all(db, account.id, keep, now).await?)
}

fn check(field: &str, password: &str) -> Result<(), AuthError> {
    let mut checks = Checks::new();
    password::check(&mut checks, field, password);
    Ok(checks.finish()?)
}

fn letter(recipient: String, name: &str, public_url: &str) -> Letter {
    let link = format!("{public_url}/reset-password?token={}", mail::TOKEN);
    let minutes = RESET_TTL.num_minutes();
    let body = format!(
        "{name}，您好：\n\n请在 {minutes} 分钟内打开以下链接设置新密码，链接只能使用一次：\n{link}\n\n\
         如果不是您本人操作，请忽略本邮件。\n\n\
         Open the link above within {minutes} minutes to set a new password; it works once.\n\
         If you did not ask for it, ignore this letter.\n"
    );
    Letter { recipient, subject: "重置密码 · Reset your password".to_owned(), body }
}
