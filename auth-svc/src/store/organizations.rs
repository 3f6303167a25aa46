//! The table of organizations.

use chrono::{DateTime, Utc};
use kit::db::{self, DbError, GenericClient, ToSql};
use uuid::Uuid;

use crate::organization::{Organization, OrganizationType};

const INSERT: &str = "
    INSERT INTO organizations (id, name, type, created_at, updated_at) VALUES ($1, $2, $3, $4, $4)";

/// Stores a new organization.
pub async fn insert(
    db: &impl GenericClient,
    id: Uuid,
    name: &str,
    kind: OrganizationType,
    now: DateTime<Utc>,
) -> Result<(), DbError> {
    let params: [&(dyn ToSql + Sync); 4] = [&id, &name, &kind.as_str(), &now];
    db::execute(db, "organizations.insert", INSERT, &params).await.map(|_| ())
}

const FIND: &str = "
    SELECT id, name, type, created_at,
           (SELECT count(*) FROM users
             WHERE organization_id = $1 AND is_active AND role <> 'student') AS teachers,
           (SELECT count(*) FROM users
             WHERE organization_id = $1 AND is_active AND role = 'student') AS students
      FROM organizations
     WHERE id = $1";

/// Returns one organization with the number of its people.
pub async fn find(db: &impl GenericClient, id: Uuid) -> Result<Option<Organization>, DbError> {
    let Some(row) = db::query_opt(db, "organizations.find", FIND, &[&id]).await? else {
        return Ok(None);
    };
    let kind: &str = row.try_get("type")?;
    let count = |column| {
        Ok::<_, DbError>(u32::try_from(row.try_get::<_, i64>(column)?).unwrap_or(u32::MAX))
    };
    Ok(Some(Organization {
        id: row.try_get("id")?,
        name: row.try_get("name")?,
        kind: OrganizationType::from_name(kind)
            .ok_or_else(|| DbError::decode("type", format!("{kind} is unknown")))?,
        created_at: row.try_get("created_at")?,
        teachers: count("teachers")?,
        students: count("students")?,
    }))
}

const BY_NAME: &str = "SELECT id FROM organizations WHERE name = $1 ORDER BY id LIMIT 1";

/// Finds the oldest organization of a name.
pub async fn by_name(db: &impl GenericClient, name: &str) -> Result<Option<Uuid>, DbError> {
    let row = db::query_opt(db, "organizations.by_name", BY_NAME, &[&name]).await?;
    row.map(|row| Ok(row.try_get(0)?)).transpose()
}

const ONLY: &str = "SELECT id, name, type FROM organizations LIMIT 2";

/// Returns id and name of the only organization, unless it is a person.
pub async fn only(db: &impl GenericClient) -> Result<Option<(Uuid, String)>, DbError> {
    let rows = db::query(db, "organizations.only", ONLY, &[]).await?;
    let [row] = rows.as_slice() else {
        return Ok(None);
    };
    if row.try_get::<_, &str>("type")? == OrganizationType::Individual.as_str() {
        return Ok(None);
    }
    Ok(Some((row.try_get("id")?, row.try_get("name")?)))
}

const LOCK: &str = "SELECT FROM organizations WHERE id = $1 FOR UPDATE";

/// Keeps everybody from adding an account to an organization until the transaction ends.
pub async fn lock(db: &impl GenericClient, id: Uuid) -> Result<(), DbError> {
    db::query_opt(db, "organizations.lock", LOCK, &[&id]).await.map(|_| ())
}

const DELETE: &str = "DELETE FROM organizations WHERE id = $1";

/// Deletes an organization, which nobody belongs to.
pub async fn delete(db: &impl GenericClient, id: Uuid) -> Result<(), DbError> {
    let deleted = db::execute(db, "organizations.delete", DELETE, &[&id]).await?;
    DbError::expect_rows("organizations", deleted, 1)
}

const UPDATE: &str = "
    UPDATE organizations
       SET name = coalesce($2, name), type = coalesce($3, type), updated_at = $4
     WHERE id = $1";

/// Changes what is given.
pub async fn update(
    db: &impl GenericClient,
    id: Uuid,
    name: Option<&str>,
    kind: Option<OrganizationType>,
    now: DateTime<Utc>,
) -> Result<(), DbError> {
    let kind = kind.map(OrganizationType::as_str);
    let params: [&(dyn ToSql + Sync); 4] = [&id, &name, &kind, &now];
    let changed = db::execute(db, "organizations.update", UPDATE, &params).await?;
    DbError::expect_rows("organizations", changed, 1)
}
