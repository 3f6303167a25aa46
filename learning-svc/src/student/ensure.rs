//! The profile of a student who comes for the first time.

use chrono::{DateTime, Utc};
use kit::{
    caller::{Caller, Role},
    db::GenericClient,
};

use super::{Student, StudentError};
use crate::{
    store::{standing, students},
    upstream::Auth,
};

/// Makes sure that the calling student has a profile; asks auth-svc for the name when not. Does
/// nothing for other roles. Call it outside of long transactions.
///
/// # Errors
///
/// Fails when auth-svc or the store is away.
pub async fn ensure_self(
    db: &impl GenericClient,
    auth: &Auth,
    caller: &Caller,
    now: DateTime<Utc>,
) -> Result<(), StudentError> {
    if caller.role != Role::Student
        || standing::belongs(db, caller.organization_id, caller.user_id).await?
    {
        return Ok(());
    }
    let user = auth.profile().await?;
    let student =
        Student::new(caller.user_id, caller.organization_id, user.username, user.full_name, now);
    students::insert_missing(db, &[student]).await?;
    Ok(())
}
