//! The dry run.

use std::collections::HashSet;

use bytes::Bytes;
use kit::{
    caller::{Caller, Role},
    db::{DbError, GenericClient},
    error::Checks,
    idempotency::{self, Claimed, Operation},
};
use uuid::Uuid;

use super::{
    COLUMNS, MAX_ROWS, RosterError, Rosters,
    accounts::Lookup,
    compare::{Planned, Present, compare},
    entry::Entry,
};
use crate::{
    access::{self, AccessError},
    class::ClassStatus,
    import::{
        self, Counts, Import, ImportError, ImportId, ImportRow, Kind, MAX_FILE_NAME, Status,
        fingerprint,
    },
    sheet::{self, SheetRow},
    store::{classes, imports, standing, students},
};

/// An uploaded file.
#[derive(Clone, Debug)]
pub struct Upload {
    pub class_id: Uuid,
    pub file_name: String,
    pub content: Bytes,
}

impl Rosters {
    /// Reads a file and compares it with the class; once for each idempotency key.
    ///
    /// # Errors
    ///
    /// Fails when the caller does not teach the class, it is archived, or the file is wrong.
    pub async fn create(
        &self,
        caller: &Caller,
        operation: &Operation,
        upload: Upload,
    ) -> Result<Import, RosterError> {
        let Upload { class_id, file_name, content } = upload;
        {
            let db = self.pool.get().await.map_err(DbError::from)?;
            access::teacher_of(&db, caller, class_id).await?;
        }
        let mut checks = Checks::new();
        checks.text("file_name", &file_name, 1..=MAX_FILE_NAME);
        checks.finish()?;
        let read = sheet::read_upload(content, COLUMNS, MAX_ROWS).await;
        let sheet = read.map_err(ImportError::from)??;
        let lookup = self.look_up_rows(caller, &sheet.rows, &[]).await?;

        let now = self.clock.now();
        let mut db = self.pool.get().await.map_err(DbError::from)?;
        let tx = db.transaction().await.map_err(DbError::from)?;
        let id = match idempotency::claim(&tx, operation, self.clock.new_id(), now).await? {
            Claimed::New(id) => ImportId(id),
            Claimed::Repeated(id) => {
                return Ok(import::get(&tx, caller, Kind::Roster, ImportId(id)).await?);
            }
        };
        let planned = plan(&tx, caller, class_id, sheet.rows, lookup).await?;
        let rows: Vec<ImportRow> = planned.into_iter().map(|planned| planned.row).collect();
        let import = Import {
            id,
            kind: Kind::Roster,
            class_id,
            class_name: classes::name(&tx, class_id).await?,
            organization_id: caller.organization_id,
            created_by: caller.user_id,
            file_name,
            encoding: sheet.encoding.to_owned(),
            status: Status::Ready,
            counts: Counts::of(&rows),
            ignored_columns: sheet.ignored_columns,
            fingerprint: fingerprint(&rows),
            extra: serde_json::json!({}),
            created_at: now,
            committed_at: None,
            undone_at: None,
            passwords_waiting: false,
            passwords_taken_at: None,
            progress: None,
            analysis_pending: None,
        };
        imports::insert(&tx, &import, &rows).await?;
        tx.commit().await.map_err(DbError::from)?;
        tracing::info!(import.id = %id, rows = import.counts.all(), "roster compared");
        Ok(import)
    }

    /// Looks up whatever accounts the rows might concern, and those that were `chosen` for them.
    pub(super) async fn look_up_rows(
        &self,
        caller: &Caller,
        rows: &[SheetRow],
        chosen: &[(u32, String)],
    ) -> Result<Lookup, RosterError> {
        let entries = rows.iter().filter_map(|row| Entry::read(&row.cells).ok());
        let entries: Vec<Entry> = entries.collect();
        let numbers: Vec<&str> = entries.iter().map(|entry| entry.student_no.as_str()).collect();
        let known = {
            let db = self.pool.get().await.map_err(DbError::from)?;
            students::usernames(&db, caller.organization_id, &numbers).await?
        };
        let own = entries.iter().map(|entry| entry.username(1));
        let chosen = chosen.iter().map(|(_, name)| name.clone());
        let names: HashSet<String> = own.chain(known).chain(chosen).collect();
        let emails = entries.iter().filter_map(|entry| Some(entry.email.as_ref()?.to_lowercase()));
        let emails: HashSet<String> = emails.collect();
        let (names, emails) = (names.into_iter().collect(), emails.into_iter().collect());
        Ok(self.look_up(names, emails).await?)
    }
}

/// Compares rows with what is there; the class and its students stay as they are until the
/// transaction ends.
///
/// # Errors
///
/// Fails when the class is archived.
pub(super) async fn plan(
    tx: &impl GenericClient,
    caller: &Caller,
    class: Uuid,
    rows: Vec<SheetRow>,
    lookup: Lookup,
) -> Result<Vec<Planned>, RosterError> {
    let room = classes::lock(tx, class).await?.ok_or(AccessError::NoClass(class))?;
    if room.status == ClassStatus::Archived {
        return Err(RosterError::Archived);
    }
    let members: HashSet<Uuid> = standing::members(tx, class).await?.into_iter().collect();
    let numbers: Vec<&str> = rows.iter().map(|row| row.get("student_no")).collect();
    let ids = lookup.accounts.values().filter_map(|user| user.id.parse().ok());
    let ids: Vec<Uuid> = ids.collect();
    let known = students::lock_known(tx, caller.organization_id, &ids, &numbers).await?;
    let ids: Vec<Uuid> = known.iter().map(|student| student.id).collect();
    let taught: HashSet<Uuid> = match caller.role {
        Role::Admin => ids.into_iter().collect(),
        Role::Teacher => {
            let taught = standing::taught_among(tx, caller, &ids).await?;
            taught.into_iter().filter_map(|(id, is_now)| is_now.then_some(id)).collect()
        }
        Role::Student => HashSet::new(),
    };
    let capacity = usize::try_from(room.max_students).unwrap_or(usize::MAX);
    let present = Present {
        students: known,
        room: capacity.saturating_sub(members.len()),
        members,
        taught,
        lookup,
    };
    Ok(compare(rows, &present))
}
