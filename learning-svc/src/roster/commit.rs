//! Writing what the dry run has said.
//!
//! Four steps, so that a commit that was cut off can be repeated: the usernames of new accounts
//! are stored, then auth-svc makes the accounts under a key of the import, then everything else
//! is written in one transaction, and then auth-svc is told what has come of it.

use std::collections::HashMap;

use kit::{
    caller::{self, Caller},
    db::DbError,
    error::Invalid,
};
use uuid::Uuid;

use super::{
    Extra, RosterError, Rosters,
    accounts::{Lookup, Made, NotMade, Order},
    changes::Changes,
    compare::{Planned, Target},
    create::plan,
    entry::Entry,
};
use crate::{
    import::{self, Import, ImportError, ImportId, ImportRow, Kind, Reporter, Status, fingerprint},
    sheet::SheetRow,
    store::imports,
};

/// What is known before accounts are made.
enum Prepared {
    /// Another call has committed the import.
    Done(Box<Import>),
    /// The dry run holds.
    Ready(Extra),
}

/// What a commit is about.
struct Commit<'a> {
    caller: &'a Caller,
    id: ImportId,
    rows: Vec<SheetRow>,
    /// Of the rows that can be read.
    entries: HashMap<u32, Entry>,
    lookup: Lookup,
    /// Rows that will be written.
    total: u32,
    reporter: &'a Reporter,
}

impl Rosters {
    /// Writes all new and changed rows; repeating it is harmless.
    ///
    /// # Errors
    ///
    /// Fails with `IMPORT_STALE` when the dry run no longer holds, when the class is archived,
    /// and when auth-svc refuses accounts or is away.
    pub async fn commit(&self, caller: &Caller, id: ImportId) -> Result<Import, RosterError> {
        let reporter = self.reporter(id);
        let mut committed = self.run(caller, id, &reporter).await;
        if matches!(&committed, Err(RosterError::AccountsRefused(why)) if may_pass(why)) {
            // Another class may have brought the same students meanwhile: that can be seen now.
            committed = self.run(caller, id, &reporter).await;
        }
        reporter.end().await;
        committed
    }

    async fn run(
        &self,
        caller: &Caller,
        id: ImportId,
        reporter: &Reporter,
    ) -> Result<Import, RosterError> {
        let (import, rows) = {
            let db = self.pool.get().await.map_err(DbError::from)?;
            let import = import::get(&db, caller, Kind::Roster, id).await?;
            let rows = imports::rows(&db, id).await?;
            (import, rows)
        };
        if done(&import)? {
            return self.tidy(import).await;
        }
        let stored = Extra::of(&import)?;
        let rows: Vec<SheetRow> = rows.into_iter().map(again).collect();
        let mut lookup = self.look_up_rows(caller, &rows, &stored.usernames).await?;
        lookup.free_emails(&lookup.there(&stored.usernames));
        let entries = rows.iter().filter_map(|row| Some((row.row, Entry::read(&row.cells).ok()?)));
        let entries = entries.collect();
        let total = import.counts.new + import.counts.changed;
        let commit = Commit { caller, id, rows, entries, lookup, total, reporter };
        let extra = match self.prepare(&commit).await {
            Ok(Prepared::Done(import)) => return self.tidy(*import).await,
            Ok(Prepared::Ready(extra)) => extra,
            Err(error) => {
                if is_over(&error) && !commit.lookup.there(&stored.usernames).is_empty() {
                    // An earlier try has made accounts, which nobody needs now.
                    let made = match self.make(&commit, &stored).await {
                        Ok(made) => made,
                        Err(NotMade { is_final: true, .. }) => HashMap::new(),
                        Err(NotMade { error, .. }) => return Err(error),
                    };
                    self.give_up(&commit, &stored, made, is_stale(&error)).await?;
                }
                return Err(error);
            }
        };
        let made = match self.make(&commit, &extra).await {
            Ok(made) => made,
            Err(NotMade { error, is_final }) => {
                if is_final {
                    // None were made: the next try chooses other names.
                    self.give_up(&commit, &extra, HashMap::new(), false).await?;
                }
                return Err(error);
            }
        };
        match self.write(&commit, &extra, &made).await {
            Ok(import) => self.tidy(import).await,
            Err(error) => {
                if is_over(&error) {
                    // The class changed while the accounts were made.
                    self.give_up(&commit, &extra, made, is_stale(&error)).await?;
                }
                Err(error)
            }
        }
    }

    /// Makes the accounts whose usernames were chosen, in the name of the one who asked first.
    async fn make(
        &self,
        commit: &Commit<'_>,
        extra: &Extra,
    ) -> Result<HashMap<u32, Made>, NotMade> {
        let Commit { caller, id, entries, total, reporter, .. } = commit;
        let new: Vec<(u32, String, &Entry)> = extra
            .usernames
            .iter()
            .filter_map(|(row, name)| Some((*row, name.clone(), entries.get(row)?)))
            .collect();
        let rows = usize::try_from(*total).unwrap_or(usize::MAX);
        let order = Order { import: *id, attempt: extra.attempt, rows };
        let making = Box::pin(self.make_accounts(order, &new, reporter));
        match extra.asked_by {
            Some((user_id, role)) if user_id != caller.user_id => {
                let first = Caller { user_id, role, ..(*caller).clone() };
                caller::scope(first, making).await
            }
            Some(_) | None => making.await,
        }
    }

    /// Ends an attempt: no other call goes on with it, and then its accounts are deleted.
    async fn give_up(
        &self,
        commit: &Commit<'_>,
        ended: &Extra,
        made: HashMap<u32, Made>,
        is_stale: bool,
    ) -> Result<(), RosterError> {
        {
            let mut db = self.pool.get().await.map_err(DbError::from)?;
            let tx = db.transaction().await.map_err(DbError::from)?;
            let import = import::locked(&tx, commit.caller, Kind::Roster, commit.id).await?;
            let present = Extra::of(&import)?;
            if import.status == Status::Ready && present.attempt == ended.attempt {
                let next = Extra {
                    attempt: ended.attempt + 1,
                    stale: present.stale || is_stale,
                    ..Extra::default()
                };
                imports::set_extra(&tx, commit.id, &next).await?;
                tx.commit().await.map_err(DbError::from)?;
            } else if import.status == Status::Committed {
                return Ok(());
            }
        }
        let made: Vec<_> = made.into_values().map(|made| (made.batch, made.id)).collect();
        self.delete_accounts(&made, &[]).await?;
        Ok(())
    }

    /// Makes sure that the dry run holds, and stores the usernames of new accounts.
    async fn prepare(&self, commit: &Commit<'_>) -> Result<Prepared, RosterError> {
        let Commit { caller, id, rows, lookup, .. } = commit;
        let (import, planned) = {
            let mut db = self.pool.get().await.map_err(DbError::from)?;
            let tx = db.transaction().await.map_err(DbError::from)?;
            // A twin of this call may be done by now.
            let import = import::locked(&tx, caller, Kind::Roster, *id).await?;
            if done(&import)? {
                return Ok(Prepared::Done(Box::new(import)));
            }
            let planned = plan(&tx, caller, import.class_id, rows.clone(), lookup.clone()).await?;
            holds(&import, &planned)?;
            (import, planned)
        };
        let mut extra = Extra::of(&import)?;
        if extra.usernames.is_empty() {
            let new = planned.iter().filter(|planned| planned.target == Target::New);
            let new: Vec<(u32, &Entry)> =
                new.filter_map(|new| Some((new.row.row, new.entry.as_ref()?))).collect();
            if !new.is_empty() {
                extra.usernames = self.choose_usernames(&new).await?;
                extra.asked_by = Some((caller.user_id, caller.role));
                extra.key_check = self.key.check(*id);
                extra = self.keep(caller, import.id, extra).await?;
            }
        }
        Ok(Prepared::Ready(extra))
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
        let present = Extra::of(&import::locked(&tx, caller, Kind::Roster, id).await?)?;
        if present.attempt != extra.attempt {
            return Err(ImportError::Stale.into());
        }
        if !present.usernames.is_empty() {
            return Ok(present);
        }
        imports::set_extra(&tx, id, &extra).await?;
        tx.commit().await.map_err(DbError::from)?;
        Ok(extra)
    }

    async fn write(
        &self,
        commit: &Commit<'_>,
        extra: &Extra,
        made: &HashMap<u32, Made>,
    ) -> Result<Import, RosterError> {
        let Commit { caller, id, rows, lookup, .. } = commit;
        let now = self.clock.now();
        let mut db = self.pool.get().await.map_err(DbError::from)?;
        let tx = db.transaction().await.map_err(DbError::from)?;
        let import = import::locked(&tx, caller, Kind::Roster, *id).await?;
        if done(&import)? {
            return Ok(import);
        }
        let planned = plan(&tx, caller, import.class_id, rows.clone(), lookup.clone()).await?;
        holds(&import, &planned)?;
        if Extra::of(&import)?.attempt != extra.attempt {
            return Err(ImportError::Stale.into());
        }
        let changes = Changes::of(&import, &planned, made, &*self.clock)?;
        changes.store(&tx, &import, now).await.map_err(outdated)?;
        if !changes.needless.is_empty() || !changes.renamed.is_empty() {
            let (needless, renamed) = (changes.needless.clone(), changes.renamed.clone());
            let asked_by = extra.asked_by.or(Some((caller.user_id, caller.role)));
            let left = Extra { asked_by, needless, renamed, ..extra.clone() };
            imports::set_extra(&tx, *id, &left).await?;
        }
        let has_passwords = changes.undo.iter().any(|(_, undo)| undo.batch_id.is_some());
        let committed = imports::commit(&tx, *id, now, has_passwords).await?;
        tx.commit().await.map_err(DbError::from)?;
        let students: Vec<Uuid> = changes.undo.iter().map(|(_, undo)| undo.student_id).collect();
        self.kept.outdate(students).await;
        tracing::info!(import.id = %id, accounts = made.len(), "roster committed");
        Ok(committed)
    }
}

/// Tells whether a commit cannot go on as it was prepared.
fn is_over(error: &RosterError) -> bool {
    is_stale(error) || matches!(error, RosterError::Archived)
}

fn is_stale(error: &RosterError) -> bool {
    matches!(error, RosterError::Import(ImportError::Stale))
}

/// Reads why a roster was not written: somebody may have written the same students meanwhile.
fn outdated(error: DbError) -> ImportError {
    let is_twin = error.unique_violation().is_some() || matches!(error, DbError::Rows { .. });
    if is_twin { ImportError::Stale } else { error.into() }
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

/// Tells whether refused accounts are there by now, all of them; what is wrong stays wrong.
fn may_pass(refused: &Invalid) -> bool {
    refused.0.iter().all(|violation| violation.code.ends_with("TAKEN"))
}

fn holds(import: &Import, planned: &[Planned]) -> Result<(), ImportError> {
    let rows: Vec<ImportRow> = planned.iter().map(|planned| planned.row.clone()).collect();
    let same = fingerprint(&rows) == import.fingerprint;
    if same && !Extra::of(import)?.stale { Ok(()) } else { Err(ImportError::Stale) }
}
