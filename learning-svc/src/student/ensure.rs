//! The profile of a student who comes for the first time.

use chrono::{DateTime, Utc};
use kit::{
    caller::{Caller, Role},
    db::{DbError, Pool},
};

use super::{Student, StudentError};
use crate::{
    store::{standing, students},
    upstream::Auth,
};

/// Makes sure that the calling student has a profile; asks auth-svc for the name when not. Does
/// nothing for other roles. No connection is held while auth-svc is asked: call it without one.
///
/// # Errors
///
/// Fails when auth-svc or the store is away.
pub async fn ensure_self(
    pool: &Pool,
    auth: &Auth,
    caller: &Caller,
    now: DateTime<Utc>,
) -> Result<(), StudentError> {
    if caller.role != Role::Student {
        return Ok(());
    }
    {
        let db = pool.get().await.map_err(DbError::from)?;
        if standing::belongs(&db, caller.organization_id, caller.user_id).await? {
            return Ok(());
        }
    }
    let named = auth.name_of(caller.user_id).await?;
    let student = Student::new(named, caller.organization_id, now);
    let db = pool.get().await.map_err(DbError::from)?;
    students::insert_missing(&db, &[student]).await?;
    Ok(())
}
