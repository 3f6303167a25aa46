//! What administrators do to accounts.

use kit::{
    caller::{Caller, Role},
    db::{DbError, GenericClient},
};
use uuid::Uuid;

use super::{Account, Change, KNOWS_CLASSES, Users, admins_only};
use crate::{
    error::{AuthError, Thing},
    organization::invites,
    secret, store,
};

impl Users {
    /// Deactivates an account and ends its sessions.
    ///
    /// # Errors
    ///
    /// Fails for one's own account and for the last administrator.
    pub async fn deactivate(&self, caller: &Caller, id: Uuid) -> Result<Account, AuthError> {
        self.administer(caller, id, "user_deactivated", |account| account.is_active = false).await
    }

    /// Lets a deactivated account in again.
    ///
    /// # Errors
    ///
    /// Fails when it is not there.
    pub async fn reactivate(&self, caller: &Caller, id: Uuid) -> Result<Account, AuthError> {
        self.administer(caller, id, "user_reactivated", |account| account.is_active = true).await
    }

    /// Changes a role and ends the sessions, whose tokens carry the old one.
    ///
    /// # Errors
    ///
    /// Fails for one's own account and for the last administrator.
    pub async fn change_role(
        &self,
        caller: &Caller,
        id: Uuid,
        role: Role,
    ) -> Result<Account, AuthError> {
        self.administer(caller, id, "role_changed", |account| account.role = role).await
    }

    /// Sets a new random password and ends the sessions. Administrators for everybody; teachers
    /// for students, when learning-svc asks, which knows whom they teach.
    ///
    /// # Errors
    ///
    /// Fails when the account is not there or not a student's, and for a teacher for whom
    /// `issuer` is not the service that vouches.
    pub async fn reset_password(
        &self,
        caller: &Caller,
        id: Uuid,
        issuer: &str,
    ) -> Result<String, AuthError> {
        match caller.role {
            Role::Admin => {}
            Role::Teacher if issuer == KNOWS_CLASSES => {}
            Role::Teacher => return Err(AuthError::AdminOnly),
            Role::Student => return Err(AuthError::NotForStudents),
        }
        let password = secret::password();
        let hash = self.context.hasher.hash(password.clone()).await?;
        let mut db = self.context.pool.get().await.map_err(DbError::from)?;
        let tx = db.transaction().await.map_err(DbError::from)?;
        let mut account = lock(&tx, caller, id).await?;
        if caller.role == Role::Teacher && account.role != Role::Student {
            return Err(AuthError::NotFound(Thing::User));
        }
        account.password_hash = hash;
        account.must_change_password = true;
        let ended = self.finish(&tx, caller, &account, "password_reset_by_staff").await?;
        tx.commit().await.map_err(DbError::from)?;
        self.context.revoke(&ended).await;
        self.context.forget_profiles(&[id]).await;
        Ok(password)
    }

    /// Changes name, e-mail address or phone of an account.
    ///
    /// # Errors
    ///
    /// Fails when the account is not there, a field is wrong or the e-mail address is taken.
    pub async fn change(
        &self,
        caller: &Caller,
        id: Uuid,
        change: Change,
    ) -> Result<Account, AuthError> {
        admins_only(caller)?;
        change.check()?;
        let now = self.context.clock.now();
        let mut db = self.context.pool.get().await.map_err(DbError::from)?;
        let tx = db.transaction().await.map_err(DbError::from)?;
        let mut account = lock(&tx, caller, id).await?;
        change.apply(&mut account);
        let updated = store::users::update(&tx, &account, now).await;
        updated.map_err(|error| store::taken(error, ""))?;
        let event = self.context.event("user_changed", &account, Some(caller.user_id));
        event.record(&tx).await?;
        tx.commit().await.map_err(DbError::from)?;
        self.context.forget_profiles(&[id]).await;
        Ok(account)
    }

    /// Ends all sessions of an account and returns how many there were.
    ///
    /// # Errors
    ///
    /// Fails when the account is not there.
    pub async fn end_sessions(&self, caller: &Caller, id: Uuid) -> Result<usize, AuthError> {
        admins_only(caller)?;
        let now = self.context.clock.now();
        let mut db = self.context.pool.get().await.map_err(DbError::from)?;
        let tx = db.transaction().await.map_err(DbError::from)?;
        let account = lock(&tx, caller, id).await?;
        let ended = store::sessions::end_all(&tx, id, None, now).await?;
        let event = self.context.event("sessions_ended", &account, Some(caller.user_id));
        event.record(&tx).await?;
        tx.commit().await.map_err(DbError::from)?;
        self.context.revoke(&ended).await;
        Ok(ended.len())
    }

    async fn administer(
        &self,
        caller: &Caller,
        id: Uuid,
        kind: &'static str,
        change: impl FnOnce(&mut Account) + Send,
    ) -> Result<Account, AuthError> {
        admins_only(caller)?;
        let mut db = self.context.pool.get().await.map_err(DbError::from)?;
        let tx = db.transaction().await.map_err(DbError::from)?;
        let admins = store::users::lock_admins(&tx, caller.organization_id).await?;
        let before = lock(&tx, caller, id).await?;
        let mut account = before.clone();
        change(&mut account);
        if (account.is_active, account.role) == (before.is_active, before.role) {
            return Ok(account);
        }
        if id == caller.user_id {
            return Err(AuthError::OwnAccount);
        }
        let administers = account.is_active && account.role == Role::Admin;
        if admins == [id] && !administers {
            return Err(AuthError::LastAdmin);
        }
        // Nobody comes back by a code of their own, nor lets in whom they could not invite any more.
        let inviting: &[Role] = if account.is_active { invites(account.role) } else { &[] };
        let now = self.context.clock.now();
        store::invitations::revoke_by(&tx, id, inviting, now).await?;
        let ended = self.finish(&tx, caller, &account, kind).await?;
        tx.commit().await.map_err(DbError::from)?;
        self.context.revoke(&ended).await;
        self.context.forget_profiles(&[id]).await;
        Ok(account)
    }

    async fn finish(
        &self,
        db: &impl GenericClient,
        caller: &Caller,
        account: &Account,
        kind: &'static str,
    ) -> Result<Vec<Uuid>, AuthError> {
        let now = self.context.clock.now();
        store::users::update(db, account, now).await?;
        self.context.event(kind, account, Some(caller.user_id)).record(db).await?;
        Ok(store::sessions::end_all(db, account.id, None, now).await?)
    }
}

async fn lock(db: &impl GenericClient, caller: &Caller, id: Uuid) -> Result<Account, AuthError> {
    let account = store::users::lock(db, id).await?;
    let own = |account: &Account| account.organization_id == caller.organization_id;
    account.filter(own).ok_or(AuthError::NotFound(Thing::User))
}
