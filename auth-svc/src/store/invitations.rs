//! The table of invitations.

use chrono::{DateTime, Utc};
use kit::{
    caller::Role,
    db::{self, DbError, GenericClient, Row, ToSql},
    page::Page,
};
use uuid::Uuid;

use crate::organization::Invitation;

macro_rules! columns {
    () => {
        "id, organization_id, code, role, max_uses, uses, created_by, created_at, expires_at, revoked_at"
    };
}

const INSERT: &str = "
    INSERT INTO invitations (id, organization_id, code, role, max_uses, created_by, created_at, expires_at)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8)";

/// Stores a new invitation.
pub async fn insert(db: &impl GenericClient, invitation: &Invitation) -> Result<(), DbError> {
    let max_uses = i32::try_from(invitation.max_uses).unwrap_or(i32::MAX);
    let params: [&(dyn ToSql + Sync); 8] = [
        &invitation.id,
        &invitation.organization_id,
        &invitation.code,
        &invitation.role.as_str(),
        &max_uses,
        &invitation.created_by,
        &invitation.created_at,
        &invitation.expires_at,
    ];
    db::execute(db, "invitations.insert", INSERT, &params).await.map(|_| ())
}

const FIND: &str = concat!("SELECT ", columns!(), " FROM invitations WHERE id = $1");

/// Returns one invitation.
pub async fn find(db: &impl GenericClient, id: Uuid) -> Result<Option<Invitation>, DbError> {
    db::query_opt(db, "invitations.find", FIND, &[&id]).await?.as_ref().map(from_row).transpose()
}

const USABLE: &str = concat!(
    "SELECT ",
    columns!(),
    " FROM invitations
      WHERE code = $1 AND revoked_at IS NULL AND expires_at > $2 AND uses < max_uses"
);

const LOCK_USABLE: &str = concat!(
    "SELECT ",
    columns!(),
    " FROM invitations
      WHERE code = $1 AND revoked_at IS NULL AND expires_at > $2 AND uses < max_uses FOR UPDATE"
);

/// Returns the invitation that a code stands for and that can be used now; nobody else uses it
/// until the transaction ends.
pub async fn lock_usable(
    db: &impl GenericClient,
    code: &str,
    now: DateTime<Utc>,
) -> Result<Option<Invitation>, DbError> {
    let row = db::query_opt(db, "invitations.lock_usable", LOCK_USABLE, &[&code, &now]).await?;
    row.as_ref().map(from_row).transpose()
}

/// Returns the invitation that a code stands for and that can be used now.
pub async fn usable(
    db: &impl GenericClient,
    code: &str,
    now: DateTime<Utc>,
) -> Result<Option<Invitation>, DbError> {
    let row = db::query_opt(db, "invitations.usable", USABLE, &[&code, &now]).await?;
    row.as_ref().map(from_row).transpose()
}

const LOCK_ALL: &str =
    "SELECT id FROM invitations WHERE organization_id = $1 ORDER BY id FOR UPDATE";

/// Keeps everybody from using an invitation of an organization until the transaction ends.
pub async fn lock_all(db: &impl GenericClient, organization: Uuid) -> Result<(), DbError> {
    db::query(db, "invitations.lock_all", LOCK_ALL, &[&organization]).await.map(|_| ())
}

const DELETE_ALL: &str = "DELETE FROM invitations WHERE organization_id = $1";

/// Deletes the invitations of an organization.
pub async fn delete_all(db: &impl GenericClient, organization: Uuid) -> Result<(), DbError> {
    db::execute(db, "invitations.delete_all", DELETE_ALL, &[&organization]).await.map(|_| ())
}

const USE: &str = "UPDATE invitations SET uses = uses + 1 WHERE id = $1";

/// Uses an invitation once.
pub async fn spend(db: &impl GenericClient, id: Uuid) -> Result<(), DbError> {
    DbError::expect_rows("invitations", db::execute(db, "invitations.use", USE, &[&id]).await?, 1)
}

const REVOKE: &str = concat!(
    "UPDATE invitations SET revoked_at = coalesce(revoked_at, $2) WHERE id = $1 RETURNING ",
    columns!()
);

/// Revokes an invitation, which must exist.
pub async fn revoke(
    db: &impl GenericClient,
    id: Uuid,
    now: DateTime<Utc>,
) -> Result<Invitation, DbError> {
    from_row(&db::query_one(db, "invitations.revoke", REVOKE, &[&id, &now]).await?)
}

const REVOKE_BY: &str = "
    UPDATE invitations SET revoked_at = $3
     WHERE created_by = $1 AND role <> ALL ($2) AND revoked_at IS NULL";

/// Revokes the invitations that somebody has made, but for those into the roles `still`.
pub async fn revoke_by(
    db: &impl GenericClient,
    maker: Uuid,
    still: &[Role],
    now: DateTime<Utc>,
) -> Result<(), DbError> {
    let still: Vec<&str> = still.iter().map(|role| role.as_str()).collect();
    let params: [&(dyn ToSql + Sync); 3] = [&maker, &still, &now];
    db::execute(db, "invitations.revoke_by", REVOKE_BY, &params).await.map(|_| ())
}

const PAGE: &str = concat!(
    "SELECT ",
    columns!(),
    " FROM invitations
      WHERE organization_id = $1
        AND ($2::uuid IS NULL OR created_by = $2)
        AND ($3::uuid IS NULL OR id < $3)
      ORDER BY id DESC
      LIMIT $4"
);

/// Returns a page of the invitations of an organization, the latest first; of one person only
/// when `by` is given.
pub async fn page(
    db: &impl GenericClient,
    organization: Uuid,
    by: Option<Uuid>,
    page: &Page<Uuid>,
) -> Result<Vec<Invitation>, DbError> {
    let params: [&(dyn ToSql + Sync); 4] = [&organization, &by, &page.after, &page.limit];
    db::query(db, "invitations.page", PAGE, &params).await?.iter().map(from_row).collect()
}

fn from_row(row: &Row) -> Result<Invitation, DbError> {
    let role: &str = row.try_get("role")?;
    Ok(Invitation {
        id: row.try_get("id")?,
        organization_id: row.try_get("organization_id")?,
        code: row.try_get("code")?,
        role: role.parse().map_err(|error| DbError::decode("role", error))?,
        max_uses: row.try_get::<_, i32>("max_uses")?.unsigned_abs(),
        uses: row.try_get::<_, i32>("uses")?.unsigned_abs(),
        created_by: row.try_get("created_by")?,
        created_at: row.try_get("created_at")?,
        expires_at: row.try_get("expires_at")?,
        revoked_at: row.try_get("revoked_at")?,
    })
}
