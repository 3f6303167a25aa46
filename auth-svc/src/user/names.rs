//! Names, which are kept here and copied by learning-svc.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use kit::{
    caller::{Caller, Role},
    db::DbError,
    error::Checks,
};
use uuid::Uuid;

use super::{KNOWS_CLASSES, Users, lookup};
use crate::{error::AuthError, store};

/// The name of an account, and since when it has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Renamed {
    pub id: Uuid,
    pub username: String,
    pub full_name: String,
    /// Later with every other name; the epoch for the name that the account was made with.
    pub renamed_at: DateTime<Utc>,
}

impl Users {
    /// Returns at most `limit` of those who were renamed after a moment, and when that was looked
    /// up: a renaming that was being written then may be dated a little before it.
    ///
    /// # Errors
    ///
    /// Fails when another service than learning-svc asks, and when too many are asked for.
    pub async fn renamed(
        &self,
        issuer: &str,
        after: (DateTime<Utc>, Uuid),
        limit: usize,
    ) -> Result<(Vec<Renamed>, DateTime<Utc>), AuthError> {
        if issuer != KNOWS_CLASSES {
            return Err(AuthError::NotVouched);
        }
        lookup::few("limit", limit)?;
        let now = self.context.clock.now();
        let db = self.context.pool.get().await.map_err(DbError::from)?;
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        Ok((store::names::renamed(&db, after, limit).await?, now))
    }

    /// Gives students of the caller's organization other names, and returns what they are called
    /// then; others are left out. Repeating it changes nothing.
    ///
    /// # Errors
    ///
    /// Fails for students, when another service than learning-svc asks, which knows whom teachers
    /// teach, and when a name is wrong.
    pub async fn rename(
        &self,
        caller: &Caller,
        issuer: &str,
        names: &[(Uuid, String)],
    ) -> Result<Vec<Renamed>, AuthError> {
        match caller.role {
            Role::Student => return Err(AuthError::NotForStudents),
            Role::Admin | Role::Teacher if issuer == KNOWS_CLASSES => {}
            Role::Admin | Role::Teacher => return Err(AuthError::NotVouched),
        }
        lookup::few("users", names.len())?;
        let mut checks = Checks::new();
        for (index, (_, name)) in names.iter().enumerate() {
            checks.text(&format!("users[{index}].full_name"), name, 1..=100);
        }
        checks.finish()?;
        let wanted: HashMap<Uuid, &str> =
            names.iter().map(|(id, name)| (*id, name.trim())).collect();
        let ids: Vec<Uuid> = wanted.keys().copied().collect();

        let now = self.context.clock.now();
        let mut db = self.context.pool.get().await.map_err(DbError::from)?;
        let tx = db.transaction().await.map_err(DbError::from)?;
        let present = store::names::lock_students(&tx, caller.organization_id, &ids).await?;
        let other = |(id, name): &(Uuid, String)| {
            let wanted = wanted.get(id).copied()?;
            (wanted != name).then_some((*id, wanted))
        };
        let other: Vec<(Uuid, &str)> = present.iter().filter_map(other).collect();
        store::names::rename(&tx, &other, now).await?;
        let changed: Vec<Uuid> = other.iter().map(|(id, _)| *id).collect();
        let by = Some(caller.user_id);
        let accounts = store::users::by_ids(&tx, caller.organization_id, &changed).await?;
        let events = accounts.iter().map(|account| self.context.event("user_changed", account, by));
        store::audit::insert_all(&tx, &events.collect::<Vec<_>>()).await?;
        let students: Vec<Uuid> = present.iter().map(|(id, _)| *id).collect();
        let renamed = store::names::names(&tx, &students).await?;
        tx.commit().await.map_err(DbError::from)?;
        self.context.forget_profiles(&changed).await;
        Ok(renamed)
    }
}
