//! Writing what the dry run has said.
//!
//! Three steps, so that a commit that was cut off can be repeated: the usernames of new accounts
//! are stored, then auth-svc makes the accounts under a key of the import, then everything else
//! is written in one transaction.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use kit::{
    caller::{self, Caller},
    db::{DbError, GenericClient},
};
use uuid::Uuid;

use super::{
    Extra, RosterError, Rosters, RowUndo,
    accounts::{Lookup, Made},
    compare::{Planned, Target},
    create::{plan, usernames},
    entry::Entry,
};
use crate::{
    import::{self, Import, ImportError, ImportId, ImportRow, Kind, Status, fingerprint},
    sheet::SheetRow,
    store::{enrollments, imports, students},
    student::Student,
};

/// What is known before accounts are made.
enum Prepared {
    /// Another call has committed the import.
    Done(Box<Import>),
    /// The dry run holds; entries by row.
    Ready { extra: Extra, entries: HashMap<u32, Entry> },
}

impl Rosters {
    /// Writes all new and changed rows; repeating it is harmless.
    ///
    /// # Errors
    ///
    /// Fails with `IMPORT_STALE` when the dry run no longer holds, when the class is archived,
    /// and when auth-svc refuses accounts or is away.
    pub async fn commit(&self, caller: &Caller, id: ImportId) -> Result<Import, RosterError> {
        let rows = {
            let db = self.pool.get().await.map_err(DbError::from)?;
            let import = import::get(&db, caller, Kind::Roster, id).await?;
            if done(&import)? {
                return Ok(import);
            }
            imports::rows(&db, id).await?
        };
        let rows: Vec<SheetRow> = rows.into_iter().map(again).collect();
        let lookup = self.look_up(usernames(&rows)).await?;
        let (extra, entries) = match self.prepare(caller, id, &rows, lookup.clone()).await? {
            Prepared::Done(import) => return Ok(*import),
            Prepared::Ready { extra, entries } => (extra, entries),
        };
        let new: Vec<(u32, String, &Entry)> = extra
            .usernames
            .iter()
            .filter_map(|(row, name)| Some((*row, name.clone(), entries.get(row)?)))
            .collect();
        let making = self.make_accounts(id, &new);
        let made = match extra.asked_by {
            Some((user_id, role)) if user_id != caller.user_id => {
                let first = Caller { user_id, role, ..caller.clone() };
                caller::scope(first, making).await
            }
            Some(_) | None => making.await,
        };
        let made = match made {
            Ok(made) => made,
            Err(error) => {
                if matches!(error, RosterError::AccountsRefused(_)) {
                    // None were made: the next try chooses other names.
                    let db = self.pool.get().await.map_err(DbError::from)?;
                    imports::set_extra(&db, id, &Extra::default()).await?;
                }
                return Err(error);
            }
        };
        let written = self.write(caller, id, rows, lookup, &made).await;
        if let Err(RosterError::Import(ImportError::Stale)) = written {
            // The class changed while the accounts were made, which nobody needs now.
            let db = self.pool.get().await.map_err(DbError::from)?;
            imports::set_extra(&db, id, &Extra { stale: true, ..Extra::default() }).await?;
            drop(db);
            let made: Vec<_> = made.into_values().map(|made| (made.batch, made.id)).collect();
            self.delete_accounts(&made).await?;
        }
        written
    }

    /// Makes sure that the dry run holds, and stores the usernames of new accounts.
    async fn prepare(
        &self,
        caller: &Caller,
        id: ImportId,
        rows: &[SheetRow],
        lookup: Lookup,
    ) -> Result<Prepared, RosterError> {
        let (import, planned) = {
            let mut db = self.pool.get().await.map_err(DbError::from)?;
            let tx = db.transaction().await.map_err(DbError::from)?;
            // A twin of this call may be done by now.
            let import = import::locked(&tx, caller, Kind::Roster, id).await?;
            if done(&import)? {
                return Ok(Prepared::Done(Box::new(import)));
            }
            let planned = plan(&tx, caller, import.class_id, rows.to_vec(), lookup).await?;
            holds(&import, &planned)?;
            (import, planned)
        };
        let mut extra = Extra::of(&import);
        if extra.usernames.is_empty() {
            let new = planned.iter().filter(|planned| planned.target == Target::New);
            let new: Vec<(u32, &Entry)> =
                new.filter_map(|new| Some((new.row.row, new.entry.as_ref()?))).collect();
            if !new.is_empty() {
                extra.usernames = self.choose_usernames(&new).await?;
                extra.asked_by = Some((caller.user_id, caller.role));
                extra = self.keep(caller, import.id, extra).await?;
            }
        }
        let entries = planned.into_iter().filter_map(|row| Some((row.row.row, row.entry?)));
        Ok(Prepared::Ready { extra, entries: entries.collect() })
    }

    /// Stores the chosen usernames, or returns those that another call has stored meanwhile.
    async fn keep(
        &self,
        caller: &Caller,
        id: ImportId,
        extra: Extra,
    ) -> Result<Extra, RosterError> {
        let mut db = self.pool.get().await.map_err(DbError::from)?;
        let tx = db.transaction().await.map_err(DbError::from)?;
        let present = Extra::of(&import::locked(&tx, caller, Kind::Roster, id).await?);
        if !present.usernames.is_empty() {
            return Ok(present);
        }
        imports::set_extra(&tx, id, &extra).await?;
        tx.commit().await.map_err(DbError::from)?;
        Ok(extra)
    }

    async fn write(
        &self,
        caller: &Caller,
        id: ImportId,
        rows: Vec<SheetRow>,
        lookup: Lookup,
        made: &HashMap<u32, Made>,
    ) -> Result<Import, RosterError> {
        let now = self.clock.now();
        let mut db = self.pool.get().await.map_err(DbError::from)?;
        let tx = db.transaction().await.map_err(DbError::from)?;
        let import = import::locked(&tx, caller, Kind::Roster, id).await?;
        if done(&import)? {
            return Ok(import);
        }
        let planned = plan(&tx, caller, import.class_id, rows, lookup).await?;
        holds(&import, &planned)?;
        let changes = Changes::of(&import, &planned, made, now)?;
        changes.store(&tx, &import, now).await?;
        let committed = imports::commit(&tx, id, now, !made.is_empty()).await?;
        tx.commit().await.map_err(DbError::from)?;
        self.forget_profiles(changes.undo.iter().map(|(_, undo)| undo.student_id)).await;
        tracing::info!(import.id = %id, accounts = made.len(), "roster committed");
        Ok(committed)
    }
}

/// Tells whether an import is committed already.
fn done(import: &Import) -> Result<bool, ImportError> {
    match import.status {
        Status::Ready => Ok(false),
        Status::Committed => Ok(true),
        Status::Undone => Err(ImportError::WrongState(import.status)),
    }
}

/// Returns a stored row as it was read. What could not be read then is still refused.
fn again(row: ImportRow) -> SheetRow {
    let unreadable = row
        .problems
        .into_iter()
        .filter(|problem| !problem.field.is_empty() && !row.cells.contains_key(&problem.field));
    SheetRow { row: row.row, problems: unreadable.collect(), cells: row.cells }
}

fn holds(import: &Import, planned: &[Planned]) -> Result<(), ImportError> {
    let rows: Vec<ImportRow> = planned.iter().map(|planned| planned.row.clone()).collect();
    let same = fingerprint(&rows) == import.fingerprint;
    if same && !Extra::of(import).stale { Ok(()) } else { Err(ImportError::Stale) }
}

/// What a commit writes.
#[derive(Default)]
struct Changes {
    added: Vec<Student>,
    changed: Vec<Student>,
    /// Enrollment and student.
    enrolled: Vec<(Uuid, Uuid)>,
    undo: Vec<(u32, RowUndo)>,
}

impl Changes {
    fn of(
        import: &Import,
        planned: &[Planned],
        made: &HashMap<u32, Made>,
        now: DateTime<Utc>,
    ) -> Result<Self, ImportError> {
        let mut changes = Self::default();
        for Planned { row, entry, target } in planned {
            let Some(entry) = entry else { continue };
            // A commit that is repeated finds its own accounts: they are new nevertheless.
            let account = match (made.get(&row.row), target) {
                (Some(made), _) => Some((made.id, &made.username, Some(made.batch.clone()))),
                (None, Target::Account { id, username }) => Some((*id, username, None)),
                (None, Target::Nobody | Target::Student { .. } | Target::New) => None,
            };
            let mut undo = RowUndo {
                student_id: Uuid::nil(),
                enrollment_id: None,
                made_student: false,
                batch_id: None,
            };
            let mut enrolls = target.enrolls();
            match (account, target) {
                (Some((id, username, batch)), _) => {
                    let name = entry.full_name.clone();
                    let organization = import.organization_id;
                    let mut student = Student::new(id, organization, username.clone(), name, now);
                    entry.apply(&mut student);
                    changes.added.push(student);
                    undo.student_id = id;
                    undo.made_student = true;
                    undo.batch_id = batch;
                    enrolls = true;
                }
                (None, Target::Student { before, after, .. }) => {
                    undo.student_id = before.id;
                    if before != after {
                        changes.changed.push(Student { updated_at: now, ..(**after).clone() });
                    } else if !enrolls {
                        continue;
                    }
                }
                // The account that the row was about is gone since the usernames were chosen.
                (None, Target::New) => return Err(ImportError::Stale),
                (None, Target::Nobody | Target::Account { .. }) => continue,
            }
            if enrolls {
                let enrollment = Uuid::now_v7();
                changes.enrolled.push((enrollment, undo.student_id));
                undo.enrollment_id = Some(enrollment);
            }
            changes.undo.push((row.row, undo));
        }
        Ok(changes)
    }

    async fn store(
        &self,
        tx: &impl GenericClient,
        import: &Import,
        now: DateTime<Utc>,
    ) -> Result<(), DbError> {
        let added = students::insert_missing(tx, &self.added).await?;
        DbError::expect_rows("students", added, self.added.len() as u64)?;
        let changed: Vec<&Student> = self.changed.iter().collect();
        students::update(tx, &changed).await?;
        enrollments::insert(tx, import.class_id, &self.enrolled, now).await?;
        imports::set_undo(tx, import.id, &self.undo).await
    }
}
