//! The table of accounts.

use chrono::{DateTime, Utc};
use kit::{
    caller::Role,
    db::{self, DbError, GenericClient, Row, ToSql},
    page::Page,
};
use uuid::Uuid;

use crate::user::{Account, Filter, Theme};

/// The columns of one account; every statement that returns accounts has them.
macro_rules! columns {
    () => {
        "users.id, users.organization_id, organizations.name AS organization_name, username, email,
         full_name, phone, role, password_hash, must_change_password, is_active, locale, theme,
         users.created_at, last_login_at, renamed_at"
    };
}

const INSERT: &str = "
    INSERT INTO users (id, organization_id, username, email, full_name, phone, role, password_hash,
                       must_change_password, batch_id, created_at, updated_at)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $11)";

/// Stores a new account.
pub async fn insert(
    db: &impl GenericClient,
    account: &Account,
    batch: Option<Uuid>,
) -> Result<(), DbError> {
    let params: [&(dyn ToSql + Sync); 11] = [
        &account.id,
        &account.organization_id,
        &account.username,
        &account.email,
        &account.full_name,
        &account.phone,
        &account.role.as_str(),
        &account.password_hash,
        &account.must_change_password,
        &batch,
        &account.created_at,
    ];
    DbError::expect_rows("users", db::execute(db, "users.insert", INSERT, &params).await?, 1)
}

const FIND: &str = concat!(
    "SELECT ",
    columns!(),
    " FROM users JOIN organizations ON organizations.id = organization_id WHERE users.id = $1"
);

/// Returns one account.
pub async fn find(db: &impl GenericClient, id: Uuid) -> Result<Option<Account>, DbError> {
    db::query_opt(db, "users.find", FIND, &[&id]).await?.as_ref().map(from_row).transpose()
}

const LOCK: &str = concat!(
    "SELECT ",
    columns!(),
    " FROM users JOIN organizations ON organizations.id = organization_id
      WHERE users.id = $1 FOR UPDATE OF users"
);

/// Returns one account, which nobody else changes until the transaction ends.
pub async fn lock(db: &impl GenericClient, id: Uuid) -> Result<Option<Account>, DbError> {
    db::query_opt(db, "users.lock", LOCK, &[&id]).await?.as_ref().map(from_row).transpose()
}

const BY_LOGIN: &str = concat!(
    "SELECT ",
    columns!(),
    " FROM users JOIN organizations ON organizations.id = organization_id
      WHERE lower(username) = lower($1) OR lower(email) = lower($1)
      ORDER BY lower(username) = lower($1) DESC LIMIT 1"
);

/// Finds an account by username or, failing that, by e-mail address.
pub async fn by_login(db: &impl GenericClient, login: &str) -> Result<Option<Account>, DbError> {
    db::query_opt(db, "users.by_login", BY_LOGIN, &[&login])
        .await?
        .as_ref()
        .map(from_row)
        .transpose()
}

const OF_BATCH: &str = concat!(
    "SELECT ",
    columns!(),
    " FROM users JOIN organizations ON organizations.id = organization_id
      WHERE batch_id = $1 ORDER BY users.id"
);

/// Returns the accounts of one batch, in the order of its making.
pub async fn of_batch(db: &impl GenericClient, batch: Uuid) -> Result<Vec<Account>, DbError> {
    db::query(db, "users.of_batch", OF_BATCH, &[&batch]).await?.iter().map(from_row).collect()
}

const BY_USERNAME: &str = concat!(
    "SELECT ",
    columns!(),
    " FROM users JOIN organizations ON organizations.id = organization_id
      WHERE lower(username) = ANY ($1) ORDER BY users.id"
);

/// Finds accounts of all organizations by username in lower case.
pub async fn by_username(
    db: &impl GenericClient,
    usernames: &[String],
) -> Result<Vec<Account>, DbError> {
    let rows = db::query(db, "users.by_username", BY_USERNAME, &[&usernames]).await?;
    rows.iter().map(from_row).collect()
}

const BY_EMAIL: &str = concat!(
    "SELECT ",
    columns!(),
    " FROM users JOIN organizations ON organizations.id = organization_id
      WHERE lower(email) = ANY ($1) ORDER BY users.id"
);

/// Finds accounts of all organizations by e-mail address in lower case.
pub async fn by_email(db: &impl GenericClient, emails: &[String]) -> Result<Vec<Account>, DbError> {
    let rows = db::query(db, "users.by_email", BY_EMAIL, &[&emails]).await?;
    rows.iter().map(from_row).collect()
}

const BY_IDS: &str = concat!(
    "SELECT ",
    columns!(),
    " FROM users JOIN organizations ON organizations.id = organization_id
      WHERE users.id = ANY ($1) AND organization_id = $2 ORDER BY users.id"
);

/// Returns accounts of one organization by id.
pub async fn by_ids(
    db: &impl GenericClient,
    organization: Uuid,
    ids: &[Uuid],
) -> Result<Vec<Account>, DbError> {
    let rows = db::query(db, "users.by_ids", BY_IDS, &[&ids, &organization]).await?;
    rows.iter().map(from_row).collect()
}

const PAGE: &str = concat!(
    "SELECT ",
    columns!(),
    " FROM users JOIN organizations ON organizations.id = organization_id
      WHERE organization_id = $1
        AND ($2::text IS NULL OR role = $2)
        AND ($3::boolean IS NULL OR is_active = $3)
        AND ($4 = '' OR username ILIKE $4 OR full_name ILIKE $4 OR email ILIKE $4)
        AND ($5::uuid IS NULL OR users.id > $5)
      ORDER BY users.id
      LIMIT $6"
);

/// Returns a page of the accounts of an organization, the oldest first.
pub async fn page(
    db: &impl GenericClient,
    organization: Uuid,
    filter: &Filter,
    page: &Page<Uuid>,
) -> Result<Vec<Account>, DbError> {
    let role = filter.role.map(Role::as_str);
    let pattern = pattern(&filter.query);
    let params: [&(dyn ToSql + Sync); 6] =
        [&organization, &role, &filter.is_active, &pattern, &page.after, &page.limit];
    db::query(db, "users.page", PAGE, &params).await?.iter().map(from_row).collect()
}

/// Returns the pattern of a text that may stand anywhere.
fn pattern(text: &str) -> String {
    let text = text.trim();
    if text.is_empty() {
        return String::new();
    }
    format!("%{}%", text.replace('\\', r"\\").replace('%', r"\%").replace('_', r"\_"))
}

const UPDATE: &str = "
    UPDATE users
       SET email = $2, full_name = $3, phone = $4, locale = $5, role = $6, is_active = $7,
           password_hash = $8, must_change_password = $9, theme = $10, updated_at = $11,
           renamed_at = CASE WHEN full_name = $3 THEN renamed_at
                             ELSE GREATEST($11, renamed_at + interval '1 microsecond') END
     WHERE id = $1";

/// Stores what may change of an account; another name is dated.
pub async fn update(
    db: &impl GenericClient,
    account: &Account,
    now: DateTime<Utc>,
) -> Result<(), DbError> {
    let params: [&(dyn ToSql + Sync); 11] = [
        &account.id,
        &account.email,
        &account.full_name,
        &account.phone,
        &account.locale,
        &account.role.as_str(),
        &account.is_active,
        &account.password_hash,
        &account.must_change_password,
        &account.theme.as_str(),
        &now,
    ];
    DbError::expect_rows("users", db::execute(db, "users.update", UPDATE, &params).await?, 1)
}

const SET_PASSWORD: &str = "
    UPDATE users SET password_hash = $2, must_change_password = $3, updated_at = $4 WHERE id = $1";

/// Stores another password, and nothing else of the account.
pub async fn set_password(
    db: &impl GenericClient,
    id: Uuid,
    hash: &str,
    must_change: bool,
    now: DateTime<Utc>,
) -> Result<(), DbError> {
    let params: [&(dyn ToSql + Sync); 4] = [&id, &hash, &must_change, &now];
    let changed = db::execute(db, "users.set_password", SET_PASSWORD, &params).await?;
    DbError::expect_rows("users", changed, 1)
}

const SIGNED_IN: &str = "UPDATE users SET last_login_at = $2 WHERE id = $1";

/// Notes that somebody signed in.
pub async fn signed_in(
    db: &impl GenericClient,
    id: Uuid,
    now: DateTime<Utc>,
) -> Result<(), DbError> {
    db::execute(db, "users.signed_in", SIGNED_IN, &[&id, &now]).await.map(|_| ())
}

const DELETE_UNUSED: &str = "
    DELETE FROM users
     WHERE id = ANY ($1) AND batch_id = $2 AND organization_id = $3 AND last_login_at IS NULL
 RETURNING id";

/// Deletes those of `ids` that one batch made and nobody signed in with.
pub async fn delete_unused(
    db: &impl GenericClient,
    organization: Uuid,
    batch: Uuid,
    ids: &[Uuid],
) -> Result<Vec<Uuid>, DbError> {
    let params: [&(dyn ToSql + Sync); 3] = [&ids, &batch, &organization];
    let rows = db::query(db, "users.delete_unused", DELETE_UNUSED, &params).await?;
    rows.iter().map(|row| Ok(row.try_get(0)?)).collect()
}

const LOCK_ADMINS: &str = "
    SELECT id FROM users
     WHERE organization_id = $1 AND role = 'admin' AND is_active
     ORDER BY id FOR UPDATE";

/// Returns the active administrators of an organization, who cannot change meanwhile.
pub async fn lock_admins(
    db: &impl GenericClient,
    organization: Uuid,
) -> Result<Vec<Uuid>, DbError> {
    let rows = db::query(db, "users.lock_admins", LOCK_ADMINS, &[&organization]).await?;
    rows.iter().map(|row| Ok(row.try_get(0)?)).collect()
}

const RELOCATE: &str = "
    UPDATE users SET organization_id = $2, role = $3, updated_at = $4 WHERE id = $1";

/// Moves an account to another organization and role.
pub async fn relocate(
    db: &impl GenericClient,
    id: Uuid,
    (organization, role): (Uuid, Role),
    now: DateTime<Utc>,
) -> Result<(), DbError> {
    let params: [&(dyn ToSql + Sync); 4] = [&id, &organization, &role.as_str(), &now];
    DbError::expect_rows("users", db::execute(db, "users.relocate", RELOCATE, &params).await?, 1)
}

const IDS_OF: &str = "SELECT id FROM users WHERE organization_id = $1";

/// Returns the identifiers of all accounts of an organization.
pub async fn ids_of(db: &impl GenericClient, organization: Uuid) -> Result<Vec<Uuid>, DbError> {
    let rows = db::query(db, "users.ids_of", IDS_OF, &[&organization]).await?;
    rows.iter().map(|row| Ok(row.try_get(0)?)).collect()
}

fn from_row(row: &Row) -> Result<Account, DbError> {
    let role: &str = row.try_get("role")?;
    let theme: &str = row.try_get("theme")?;
    Ok(Account {
        id: row.try_get("id")?,
        organization_id: row.try_get("organization_id")?,
        organization_name: row.try_get("organization_name")?,
        username: row.try_get("username")?,
        email: row.try_get("email")?,
        full_name: row.try_get("full_name")?,
        phone: row.try_get("phone")?,
        role: role.parse().map_err(|error| DbError::decode("role", error))?,
        password_hash: row.try_get("password_hash")?,
        must_change_password: row.try_get("must_change_password")?,
        is_active: row.try_get("is_active")?,
        locale: row.try_get("locale")?,
        theme: Theme::from_name(theme)
            .ok_or_else(|| DbError::decode("theme", format!("{theme} is unknown")))?,
        created_at: row.try_get("created_at")?,
        last_login_at: row.try_get("last_login_at")?,
        renamed_at: row.try_get("renamed_at")?,
    })
}
