//! Rosters of classes from spreadsheets: dry run, commit, first passwords, undo.

mod accounts;
mod changes;
mod columns;
mod commit;
mod compare;
mod create;
mod entry;
mod error;
mod password;
mod tidy;
mod undo;

pub use columns::{COLUMNS, template};
pub use create::Upload;
pub use error::RosterError;
use kit::{
    caller::{Caller, Role},
    clock::SharedClock,
    db::{DbError, Pool},
    idempotency::{self, Claimed, Operation},
    page::Page,
    redis::Cache,
};
pub use password::PasswordKey;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{
    import::{self, Import, ImportError, ImportId, ImportRow, Kind, Outcome, Reporter, Status},
    store::{imports, students},
    student::KeptProfiles,
    upstream::Auth,
};

/// Rows that a roster has at most.
pub const MAX_ROWS: usize = 2_000;

/// How a committed row is taken back; what it changed stands in the row itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct RowUndo {
    student_id: Uuid,
    /// Enrollment that the row made.
    enrollment_id: Option<Uuid>,
    /// The row made the student's profile.
    made_student: bool,
    /// Batch of auth-svc that made the student's account.
    batch_id: Option<String>,
}

/// What a roster import remembers beside its rows.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
struct Extra {
    /// Row and username of the accounts to be made, fixed before they are: a commit that is
    /// repeated asks auth-svc for the very same.
    usernames: Vec<(u32, String)>,
    /// In whose name the accounts are made: auth-svc knows a repeated call by that, too.
    asked_by: Option<(Uuid, Role)>,
    /// Tries that ended for good, and took their accounts with them.
    attempt: u32,
    /// Tells the key apart that the first passwords are computed with.
    key_check: String,
    /// Accounts, with their batch, that turned out to be needless and wait to be deleted.
    needless: Vec<(String, Uuid)>,
    /// Students to whom the import gave other names, or gave them back: auth-svc waits to be told.
    renamed: Vec<(Uuid, String)>,
    /// Never to be committed any more.
    stale: bool,
    /// Accounts that stayed when the import was taken back.
    kept_accounts: u32,
}

impl Extra {
    fn of(import: &Import) -> Result<Self, DbError> {
        let extra = serde_json::from_value(import.extra.clone());
        extra.map_err(|error| DbError::decode("extra", error))
    }
}

/// The first password of an account that an import made.
#[derive(Clone, PartialEq, Eq)]
pub struct FirstPassword {
    pub student_id: Uuid,
    pub username: String,
    pub full_name: String,
    pub student_no: String,
    pub password: String,
}

/// The roster imports, and the rules about them.
#[derive(Clone)]
pub struct Rosters {
    pool: Pool,
    clock: SharedClock,
    cache: Cache,
    kept: KeptProfiles,
    auth: Auth,
    key: PasswordKey,
}

impl Rosters {
    /// Puts the use cases together.
    #[must_use]
    pub fn new(
        pool: Pool,
        clock: SharedClock,
        (cache, kept): (Cache, KeptProfiles),
        auth: Auth,
        key: PasswordKey,
    ) -> Self {
        Self { pool, clock, cache, kept, auth, key }
    }

    /// Returns one import, and how far its commit is.
    ///
    /// # Errors
    ///
    /// Fails when it does not exist for the caller.
    pub async fn get(&self, caller: &Caller, id: ImportId) -> Result<Import, RosterError> {
        let db = self.pool.get().await.map_err(DbError::from)?;
        let mut import = import::get(&db, caller, Kind::Roster, id).await?;
        if import.status == Status::Ready {
            import.progress = self.reporter(id).last().await;
        }
        Ok(import)
    }

    fn reporter(&self, id: ImportId) -> Reporter {
        Reporter::new(self.cache.clone(), id)
    }

    /// Returns a page of imports, the latest first.
    ///
    /// # Errors
    ///
    /// Fails when the class does not exist for the caller.
    pub async fn list(
        &self,
        caller: &Caller,
        class: Option<Uuid>,
        page: &Page<Uuid>,
    ) -> Result<Vec<Import>, RosterError> {
        let db = self.pool.get().await.map_err(DbError::from)?;
        Ok(import::list(&db, caller, Kind::Roster, class, page).await?)
    }

    /// Returns a page of the rows of an import.
    ///
    /// # Errors
    ///
    /// Fails when the import does not exist for the caller.
    pub async fn rows(
        &self,
        caller: &Caller,
        id: ImportId,
        outcome: Option<Outcome>,
        page: &Page<u32>,
    ) -> Result<Vec<ImportRow>, RosterError> {
        let db = self.pool.get().await.map_err(DbError::from)?;
        Ok(import::rows(&db, caller, Kind::Roster, id, outcome, page).await?)
    }

    /// Returns the first passwords of the accounts that an import made: once for each idempotency
    /// key, and to one key only.
    ///
    /// # Errors
    ///
    /// Fails when they were taken already, the import is not committed, or the secret that they
    /// are computed with is another one by now.
    pub async fn take_passwords(
        &self,
        caller: &Caller,
        operation: &Operation,
        id: ImportId,
    ) -> Result<Vec<FirstPassword>, RosterError> {
        let now = self.clock.now();
        let mut db = self.pool.get().await.map_err(DbError::from)?;
        let tx = db.transaction().await.map_err(DbError::from)?;
        let import = import::locked(&tx, caller, Kind::Roster, id).await?;
        if import.status != Status::Committed {
            return Err(ImportError::WrongState(import.status).into());
        }
        match idempotency::claim(&tx, operation, id.0, now).await? {
            Claimed::New(_) if import.passwords_taken_at.is_some() => {
                return Err(RosterError::PasswordsTaken);
            }
            // The answer to the first call may have been lost.
            Claimed::New(_) | Claimed::Repeated(_) => {}
        }
        let check = Extra::of(&import)?.key_check;
        if !check.is_empty() && check != self.key.check(id) {
            return Err(RosterError::PasswordsLost);
        }
        let mut made = Vec::new();
        for (row, undo) in committed(imports::rows(&tx, id).await?)? {
            if undo.batch_id.is_some() {
                made.push((row.row, undo.student_id));
            }
        }
        let ids: Vec<Uuid> = made.iter().map(|(_, student)| *student).collect();
        let students = students::lock_known(&tx, caller.organization_id, &ids, &[]).await?;
        let passwords = made.into_iter().filter_map(|(row, id)| {
            let student = students.iter().find(|student| student.id == id)?;
            Some(FirstPassword {
                student_id: id,
                username: student.username.clone(),
                full_name: student.full_name.clone(),
                student_no: student.student_no.clone().unwrap_or_default(),
                password: self.key.password(import.id, row),
            })
        });
        let passwords = passwords.collect();
        imports::take_passwords(&tx, id, now).await?;
        tx.commit().await.map_err(DbError::from)?;
        tracing::info!(import.id = %id, "first passwords taken");
        Ok(passwords)
    }
}

/// Returns the rows that were committed, with how they are taken back.
fn committed(rows: Vec<ImportRow>) -> Result<Vec<(ImportRow, RowUndo)>, DbError> {
    let rows = rows.into_iter().filter_map(|mut row| {
        let undo = serde_json::from_value(row.undo.take()?);
        Some(undo.map(|undo| (row, undo)).map_err(|error| DbError::decode("undo", error)))
    });
    rows.collect()
}
