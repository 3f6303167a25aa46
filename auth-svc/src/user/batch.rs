//! Many accounts at once, for rosters.

use std::collections::HashSet;

use futures::future::try_join_all;
use kit::{
    caller::{Caller, Role},
    db::DbError,
    error::Checks,
    idempotency::{self, Claimed, Operation},
};
use uuid::Uuid;

use super::{Account, Theme, Users, check_email, check_username, lookup::few};
use crate::{error::AuthError, password, store};

/// An account to be made.
#[derive(Clone, Debug)]
pub struct NewAccount {
    pub username: String,
    pub email: String,
    pub full_name: String,
    pub phone: String,
    pub role: Role,
    /// Empty: one is made.
    pub password: String,
}

/// What a batch made.
#[derive(Clone, Debug)]
pub struct Created {
    pub batch: Uuid,
    /// Each account with its first password, when that was made here and still is the password.
    pub accounts: Vec<(Account, String)>,
}

impl Users {
    /// Creates all accounts or none. The same operation again returns what it made, with the
    /// passwords that were made here and that nobody has used or changed yet.
    ///
    /// # Errors
    ///
    /// Fails when the caller may not, a field is wrong, or a name is taken.
    pub async fn create(
        &self,
        caller: &Caller,
        operation: &Operation,
        accounts: Vec<NewAccount>,
    ) -> Result<Created, AuthError> {
        may_create(caller, &accounts)?;
        check(&accounts)?;
        let now = self.context.clock.now();
        {
            // Hashing a thousand passwords for a call that cannot succeed would be wasted.
            let db = self.context.pool.get().await.map_err(DbError::from)?;
            if let Some(batch) = idempotency::find(&db, operation).await? {
                drop(db);
                return self.repeated(batch, &accounts).await;
            }
            store::batches::all_free(&db, &accounts).await?;
        }
        let batch = self.context.clock.new_id();
        let passwords: Vec<String> =
            accounts.iter().map(|new| self.first_password(batch, new)).collect();
        let press = &self.context.hasher;
        let work = passwords.iter().map(|password| press.hash_patiently(password.clone()));
        let hashes = try_join_all(work).await?;

        let mut db = self.context.pool.get().await.map_err(DbError::from)?;
        let tx = db.transaction().await.map_err(DbError::from)?;
        if let Claimed::Repeated(batch) = idempotency::claim(&tx, operation, batch, now).await? {
            tx.rollback().await.map_err(DbError::from)?;
            drop(db);
            return self.repeated(batch, &accounts).await;
        }
        // Ids are ordered by the time of making, so that the batch keeps its order.
        let rows = accounts
            .iter()
            .zip(hashes)
            .map(|(new, hash)| account(self.context.clock.new_id(), caller, new, hash, now));
        let rows: Vec<Account> = rows.collect();
        if let Err(error) = store::batches::insert(&tx, &rows, batch).await {
            tx.rollback().await.map_err(DbError::from)?;
            // Somebody took a name while the passwords were hashed.
            store::batches::all_free(&db, &accounts).await?;
            return Err(error.into());
        }
        let by = Some(caller.user_id);
        let events = rows.iter().map(|account| self.context.event("user_created", account, by));
        store::audit::insert_all(&tx, &events.collect::<Vec<_>>()).await?;
        let made = store::users::of_batch(&tx, batch).await?;
        tx.commit().await.map_err(DbError::from)?;
        let accounts = made.into_iter().zip(accounts.into_iter().zip(passwords)).map(
            |(account, (new, made))| {
                let shown = if new.password.is_empty() { made } else { String::new() };
                (account, shown)
            },
        );
        Ok(Created { batch, accounts: accounts.collect() })
    }

    /// Returns the password that an account begins with.
    fn first_password(&self, batch: Uuid, new: &NewAccount) -> String {
        if new.password.is_empty() {
            self.context.policy.first_passwords.of(batch, &new.username)
        } else {
            new.password.clone()
        }
    }

    /// Returns what a batch made before, with the passwords that were made here and still hold:
    /// the answer that showed them may have been lost.
    async fn repeated(&self, batch: Uuid, asked: &[NewAccount]) -> Result<Created, AuthError> {
        let made = {
            let db = self.context.pool.get().await.map_err(DbError::from)?;
            store::users::of_batch(&db, batch).await?
        };
        let without = asked.iter().filter(|new| new.password.is_empty());
        let without: HashSet<&str> = without.map(|new| new.username.as_str()).collect();
        let accounts = made.into_iter().map(async |account| {
            let is_unused = account.must_change_password && account.last_login_at.is_none();
            let shown = if is_unused && without.contains(account.username.as_str()) {
                self.still_first(batch, &account).await?
            } else {
                None
            };
            Ok::<_, AuthError>((account, shown.unwrap_or_default()))
        });
        Ok(Created { batch, accounts: try_join_all(accounts).await? })
    }

    /// Returns the first password of an account that a batch made, unless it has another one.
    async fn still_first(
        &self,
        batch: Uuid,
        account: &Account,
    ) -> Result<Option<String>, AuthError> {
        let first = self.context.policy.first_passwords.of(batch, &account.username);
        let (hasher, kept) = (&self.context.hasher, account.password_hash.clone());
        let holds = hasher.is_right_patiently(first.clone(), kept).await?;
        Ok(holds.then_some(first))
    }

    /// Deletes those of `ids` that `batch` made and nobody ever signed in with.
    ///
    /// # Errors
    ///
    /// Fails for students, and when too many are named.
    pub async fn delete_unused(
        &self,
        caller: &Caller,
        batch: Uuid,
        ids: &[Uuid],
    ) -> Result<Vec<Uuid>, AuthError> {
        if caller.role == Role::Student {
            return Err(AuthError::NotForStudents);
        }
        few("user_ids", ids.len())?;
        let mut db = self.context.pool.get().await.map_err(DbError::from)?;
        let tx = db.transaction().await.map_err(DbError::from)?;
        let known = store::users::by_ids(&tx, caller.organization_id, ids).await?;
        let deleted = store::users::delete_unused(&tx, caller.organization_id, batch, ids).await?;
        let by = Some(caller.user_id);
        let gone = known.iter().filter(|account| deleted.contains(&account.id));
        let events = gone.map(|account| self.context.event("user_deleted", account, by));
        store::audit::insert_all(&tx, &events.collect::<Vec<_>>()).await?;
        tx.commit().await.map_err(DbError::from)?;
        self.context.forget_profiles(&deleted).await;
        Ok(deleted)
    }
}

fn may_create(caller: &Caller, accounts: &[NewAccount]) -> Result<(), AuthError> {
    match caller.role {
        Role::Admin => Ok(()),
        Role::Teacher if accounts.iter().all(|new| new.role == Role::Student) => Ok(()),
        Role::Teacher => Err(AuthError::StudentsOnly),
        Role::Student => Err(AuthError::NotForStudents),
    }
}

fn check(accounts: &[NewAccount]) -> Result<(), AuthError> {
    few("users", accounts.len())?;
    let mut checks = Checks::new();
    for (index, new) in accounts.iter().enumerate() {
        let field = |name| format!("users[{index}].{name}");
        check_username(&mut checks, &field("username"), &new.username);
        check_email(&mut checks, &field("email"), &new.email);
        checks.text(&field("full_name"), &new.full_name, 1..=100);
        checks.text(&field("phone"), &new.phone, 0..=30);
        if !new.password.is_empty() {
            password::check(&mut checks, &field("password"), &new.password);
        }
    }
    Ok(checks.finish()?)
}

fn account(
    id: Uuid,
    caller: &Caller,
    new: &NewAccount,
    hash: String,
    now: chrono::DateTime<chrono::Utc>,
) -> Account {
    Account {
        id,
        organization_id: caller.organization_id,
        organization_name: String::new(),
        username: new.username.clone(),
        email: Some(new.email.clone()).filter(|email| !email.is_empty()),
        full_name: new.full_name.trim().to_owned(),
        phone: new.phone.clone(),
        role: new.role,
        password_hash: hash,
        must_change_password: true,
        is_active: true,
        locale: String::new(),
        theme: Theme::System,
        created_at: now,
        last_login_at: None,
        renamed_at: None,
    }
}
