//! Finding accounts, and one's own.

use chrono::{DateTime, Utc};
use kit::{
    caller::{Caller, Role},
    db::DbError,
    error::Checks,
    page::Page,
};
use uuid::Uuid;

use super::{Account, Change, Filter, Users, admins_only};
use crate::{
    audit,
    error::{AuthError, Thing},
    store,
};

/// Accounts that one call may name.
pub(super) const MOST: usize = 1_000;

impl Users {
    /// Returns the caller's own account, as it was at most `USER_PROFILE_TTL` ago.
    ///
    /// # Errors
    ///
    /// Fails when it was deleted.
    pub async fn own(&self, caller: &Caller) -> Result<Account, AuthError> {
        let read = async {
            let db = self.context.pool.get().await.map_err(DbError::from)?;
            let account = store::users::find(&db, caller.user_id).await?;
            account.ok_or(AuthError::NotFound(Thing::User))
        };
        self.context.profiles.find_or(caller.user_id, read).await
    }

    /// Changes the caller's own account.
    ///
    /// # Errors
    ///
    /// Fails when a field is wrong or the e-mail address is taken.
    pub async fn change_own(&self, caller: &Caller, change: Change) -> Result<Account, AuthError> {
        change.check()?;
        let now = self.context.clock.now();
        let mut db = self.context.pool.get().await.map_err(DbError::from)?;
        let tx = db.transaction().await.map_err(DbError::from)?;
        let account = store::users::lock(&tx, caller.user_id).await?;
        let mut account = account.ok_or(AuthError::NotFound(Thing::User))?;
        let address = account.email.clone();
        change.apply(&mut account);
        let updated = store::users::update(&tx, &account, now).await;
        updated.map_err(|error| store::taken(error, ""))?;
        if account.email != address {
            // Letters for a lost password go there.
            self.context.event("user_changed", &account, Some(account.id)).record(&tx).await?;
        }
        tx.commit().await.map_err(DbError::from)?;
        self.context.forget_profiles(&[account.id]).await;
        Ok(account)
    }

    /// Finds people of the caller's organization; students find nobody.
    ///
    /// # Errors
    ///
    /// Fails when the query is empty or too long.
    pub async fn search(
        &self,
        caller: &Caller,
        filter: &Filter,
        page: &Page<Uuid>,
    ) -> Result<Vec<Account>, AuthError> {
        let mut checks = Checks::new();
        checks.text("query", &filter.query, 1..=100);
        checks.finish()?;
        if caller.role == Role::Student {
            return Ok(Vec::new());
        }
        let db = self.context.pool.get().await.map_err(DbError::from)?;
        Ok(store::users::page(&db, caller.organization_id, filter, page).await?)
    }

    /// Lists accounts of the organization, for administrators.
    ///
    /// # Errors
    ///
    /// Fails for everybody else.
    pub async fn list(
        &self,
        caller: &Caller,
        filter: &Filter,
        page: &Page<Uuid>,
    ) -> Result<Vec<Account>, AuthError> {
        admins_only(caller)?;
        let mut checks = Checks::new();
        checks.text("query", &filter.query, 0..=100);
        checks.finish()?;
        let db = self.context.pool.get().await.map_err(DbError::from)?;
        Ok(store::users::page(&db, caller.organization_id, filter, page).await?)
    }

    /// Returns one account of the organization, for administrators.
    ///
    /// # Errors
    ///
    /// Fails when it is not there.
    pub async fn get(&self, caller: &Caller, id: Uuid) -> Result<Account, AuthError> {
        admins_only(caller)?;
        let db = self.context.pool.get().await.map_err(DbError::from)?;
        let account = store::users::find(&db, id).await?;
        let own = |account: &Account| account.organization_id == caller.organization_id;
        account.filter(own).ok_or(AuthError::NotFound(Thing::User))
    }

    /// Finds accounts by username: those of the caller's organization, and the usernames that
    /// others have taken.
    ///
    /// # Errors
    ///
    /// Fails for students, and when too many are asked for.
    pub async fn by_username(
        &self,
        caller: &Caller,
        usernames: &[String],
    ) -> Result<(Vec<Account>, Vec<String>), AuthError> {
        if caller.role == Role::Student {
            return Err(AuthError::NotForStudents);
        }
        few("usernames", usernames.len())?;
        // What no account can be called is not looked for; PostgreSQL refuses some of it.
        let possible = usernames.iter().filter(|name| !name.contains(char::is_control));
        let usernames: Vec<String> = possible.map(|name| name.to_lowercase()).collect();
        let db = self.context.pool.get().await.map_err(DbError::from)?;
        let found = store::users::by_username(&db, &usernames).await?;
        let (own, others): (Vec<Account>, Vec<Account>) = found
            .into_iter()
            .partition(|account| account.organization_id == caller.organization_id);
        Ok((own, others.into_iter().map(|account| account.username).collect()))
    }

    /// Finds accounts by e-mail address: students of the caller's organization, and the addresses
    /// that others have.
    ///
    /// # Errors
    ///
    /// Fails for students, and when too many are asked for.
    pub async fn by_email(
        &self,
        caller: &Caller,
        emails: &[String],
    ) -> Result<(Vec<Account>, Vec<String>), AuthError> {
        if caller.role == Role::Student {
            return Err(AuthError::NotForStudents);
        }
        if emails.is_empty() {
            return Ok((Vec::new(), Vec::new()));
        }
        few("emails", emails.len())?;
        let emails: Vec<String> = emails.iter().map(|email| email.to_lowercase()).collect();
        let db = self.context.pool.get().await.map_err(DbError::from)?;
        let found = store::users::by_email(&db, &emails).await?;
        let (own, others): (Vec<Account>, Vec<Account>) = found.into_iter().partition(|account| {
            account.organization_id == caller.organization_id && account.role == Role::Student
        });
        Ok((own, others.into_iter().filter_map(|account| account.email).collect()))
    }

    /// Returns accounts of the caller's organization by id.
    ///
    /// # Errors
    ///
    /// Fails when too many are asked for.
    pub async fn by_ids(&self, caller: &Caller, ids: &[Uuid]) -> Result<Vec<Account>, AuthError> {
        few("user_ids", ids.len())?;
        let db = self.context.pool.get().await.map_err(DbError::from)?;
        Ok(store::users::by_ids(&db, caller.organization_id, ids).await?)
    }

    /// Lists security events of the organization, the latest first.
    ///
    /// # Errors
    ///
    /// Fails for everybody but administrators, and for unknown kinds.
    pub async fn audit(
        &self,
        caller: &Caller,
        filter: &audit::Filter,
        page: &Page<(DateTime<Utc>, Uuid)>,
    ) -> Result<Vec<audit::Event>, AuthError> {
        admins_only(caller)?;
        let mut checks = Checks::new();
        for (index, kind) in filter.kinds.iter().enumerate() {
            let field = format!("kinds[{index}]");
            let known = audit::KINDS.contains(&kind.as_str());
            checks.require(known, &field, "UNKNOWN_KIND", "is not a kind of event");
        }
        checks.finish()?;
        let db = self.context.pool.get().await.map_err(DbError::from)?;
        Ok(store::audit::page(&db, caller.organization_id, filter, page).await?)
    }
}

pub(super) fn few(field: &str, count: usize) -> Result<(), AuthError> {
    let mut checks = Checks::new();
    checks.range(field, count, 1..=MOST);
    Ok(checks.finish()?)
}
