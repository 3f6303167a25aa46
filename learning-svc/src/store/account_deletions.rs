//! The table of accounts that are being deleted.
//!
//! Accounts live in auth-svc, enrollments here, and no transaction spans both. So a deletion says
//! first which accounts it is about, and whoever enrolls looks there; the table's own locks make
//! one of the two see the other.

use chrono::{DateTime, TimeDelta, Utc};
use kit::db::{self, DbError, GenericClient};
use uuid::Uuid;

use super::roster;

/// How long a deletion may take: longer than any call to auth-svc.
pub const HOLDS: TimeDelta = TimeDelta::minutes(10);

const WAIT_FOR_ENROLLMENTS: &str = "LOCK TABLE account_deletions IN ROW EXCLUSIVE MODE";

const MARK: &str = "
    INSERT INTO account_deletions (user_id, since)
    SELECT user_id, $2 FROM UNNEST($1::uuid[]) AS t (user_id)
        ON CONFLICT (user_id) DO UPDATE SET since = excluded.since";

/// Marks those of `accounts` that nobody needs, and returns the others: whose students have
/// mistakes, or stays in classes other than `enrollments`.
pub async fn mark(
    tx: &impl GenericClient,
    accounts: &[Uuid],
    enrollments: &[Uuid],
    now: DateTime<Utc>,
) -> Result<Vec<Uuid>, DbError> {
    db::execute(tx, "account_deletions.lock", WAIT_FOR_ENROLLMENTS, &[]).await?;
    let used = roster::used(tx, accounts, enrollments).await?;
    let (used, unused): (Vec<Uuid>, Vec<Uuid>) =
        accounts.iter().copied().partition(|id| used.contains(id));
    db::execute(tx, "account_deletions.mark", MARK, &[&unused, &now]).await?;
    Ok(used)
}

const WAIT_FOR_DELETIONS: &str = "LOCK TABLE account_deletions IN SHARE MODE";

/// Lets no deletion begin until the transaction ends.
pub async fn hold_off(tx: &impl GenericClient) -> Result<(), DbError> {
    db::execute(tx, "account_deletions.hold_off", WAIT_FOR_DELETIONS, &[]).await?;
    Ok(())
}

const UNMARK: &str = "DELETE FROM account_deletions WHERE user_id = ANY ($1)";

/// Frees accounts that stay.
pub async fn unmark(db: &impl GenericClient, accounts: &[Uuid]) -> Result<(), DbError> {
    db::execute(db, "account_deletions.unmark", UNMARK, &[&accounts]).await?;
    Ok(())
}

const FORGET: &str = "DELETE FROM account_deletions WHERE since < $1";

/// Forgets the deletions that began before `moment`.
pub async fn forget(db: &impl GenericClient, moment: DateTime<Utc>) -> Result<(), DbError> {
    db::execute(db, "account_deletions.forget", FORGET, &[&moment]).await?;
    Ok(())
}
