//! Many accounts at once.

use kit::db::{self, DbError, GenericClient, ToSql};
use uuid::Uuid;

use crate::{
    error::AuthError,
    user::{Account, NewAccount},
};

const INSERT: &str = "
    INSERT INTO users (id, organization_id, username, email, full_name, phone, role, password_hash,
                       must_change_password, created_at, batch_id, updated_at)
    SELECT new.*, $11, new.created_at
      FROM unnest($1::uuid[], $2::uuid[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[],
                  $8::text[], $9::boolean[], $10::timestamptz[])
           AS new (id, organization_id, username, email, full_name, phone, role, password_hash,
                   must_change_password, created_at)";

/// Stores the accounts of one batch.
pub async fn insert(
    db: &impl GenericClient,
    accounts: &[Account],
    batch: Uuid,
) -> Result<(), DbError> {
    fn all<'a, T>(accounts: &'a [Account], field: impl Fn(&'a Account) -> T) -> Vec<T> {
        accounts.iter().map(field).collect()
    }
    let params: [&(dyn ToSql + Sync); 11] = [
        &all(accounts, |account| account.id),
        &all(accounts, |account| account.organization_id),
        &all(accounts, |account| account.username.as_str()),
        &all(accounts, |account| account.email.as_deref()),
        &all(accounts, |account| account.full_name.as_str()),
        &all(accounts, |account| account.phone.as_str()),
        &all(accounts, |account| account.role.as_str()),
        &all(accounts, |account| account.password_hash.as_str()),
        &all(accounts, |account| account.must_change_password),
        &all(accounts, |account| account.created_at),
        &batch,
    ];
    let count = u64::try_from(accounts.len()).unwrap_or(u64::MAX);
    DbError::expect_rows(
        "users",
        db::execute(db, "users.insert_all", INSERT, &params).await?,
        count,
    )
}

/// Finds the first of many that an account has, or that stands before in the same list.
macro_rules! first_taken {
    ($column:literal) => {
        concat!(
            "WITH new AS (
                 SELECT lower(value) AS value, position
                   FROM unnest($1::text[]) WITH ORDINALITY AS given (value, position)
                  WHERE value <> ''
             )
             SELECT position FROM new
              WHERE EXISTS (SELECT FROM users WHERE lower(",
            $column,
            ") = new.value)
                 OR EXISTS (SELECT FROM new AS other
                             WHERE other.value = new.value AND other.position < new.position)
              ORDER BY position LIMIT 1"
        )
    };
}

const FIRST_USERNAME: &str = first_taken!("username");
const FIRST_EMAIL: &str = first_taken!("email");

/// Makes sure that usernames and addresses of new accounts are free.
///
/// # Errors
///
/// Fails with the first that is taken.
pub async fn all_free(db: &impl GenericClient, accounts: &[NewAccount]) -> Result<(), AuthError> {
    let usernames: Vec<&str> = accounts.iter().map(|new| new.username.as_str()).collect();
    let emails: Vec<&str> = accounts.iter().map(|new| new.email.as_str()).collect();
    let questions = [
        ("users.first_username", FIRST_USERNAME, usernames, "username"),
        ("users.first_email", FIRST_EMAIL, emails, "email"),
    ];
    for (name, sql, values, field) in questions {
        if let Some(row) = db::query_opt(db, name, sql, &[&values]).await? {
            let position: i64 = row.try_get(0).map_err(DbError::from)?;
            let field = format!("users[{}].{field}", position - 1);
            return Err(AuthError::Taken { field });
        }
    }
    Ok(())
}
