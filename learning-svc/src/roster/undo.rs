//! Taking a committed roster back.

use std::collections::HashMap;

use kit::{caller::Caller, db::DbError};
use uuid::Uuid;

use super::{Extra, RosterError, Rosters, RowUndo, committed, compare::revert};
use crate::{
    access,
    import::{self, Import, ImportError, ImportId, ImportRow, Kind, Status},
    store::{classes, enrollments, imports, roster, students},
};

/// Note of enrollments that end and cannot be deleted.
const NOTE: &str = "roster import taken back";

impl Rosters {
    /// Takes back a commit and returns how many accounts stay; repeating it is harmless.
    ///
    /// New enrollments go, or end when mistakes were recorded meanwhile. Fields return to what
    /// they were unless somebody has changed them since, or the student has left. Accounts that
    /// nobody has signed in with and that have nothing else are deleted.
    ///
    /// # Errors
    ///
    /// Fails when the import is not committed, and when auth-svc is away.
    pub async fn undo(&self, caller: &Caller, id: ImportId) -> Result<(Import, u32), RosterError> {
        let (made, own) = {
            let db = self.pool.get().await.map_err(DbError::from)?;
            let import = import::get(&db, caller, Kind::Roster, id).await?;
            if let Some(kept) = undone(&import)? {
                drop(db);
                return Ok((self.tidy(import).await?, kept));
            }
            let rows = committed(imports::rows(&db, id).await?)?;
            let own = enrollments_of(&rows);
            let made =
                rows.into_iter().filter_map(|(_, undo)| Some((undo.batch_id?, undo.student_id)));
            (made.collect::<Vec<_>>(), own)
        };
        let kept = self.delete_accounts(&made, &own).await?;

        let now = self.clock.now();
        let mut db = self.pool.get().await.map_err(DbError::from)?;
        let tx = db.transaction().await.map_err(DbError::from)?;
        let import = import::locked(&tx, caller, Kind::Roster, id).await?;
        if let Some(kept) = undone(&import)? {
            drop(tx);
            drop(db);
            return Ok((self.tidy(import).await?, kept));
        }
        classes::lock(&tx, import.class_id).await?;
        let rows = committed(imports::rows(&tx, id).await?)?;
        let ids: Vec<Uuid> = rows.iter().map(|(_, undo)| undo.student_id).collect();

        let (mut reverted, mut renamed) = (Vec::new(), Vec::new());
        let changes: HashMap<Uuid, &ImportRow> =
            rows.iter().map(|(row, undo)| (undo.student_id, row)).collect();
        // Those who have left by themselves belong to others now.
        let known = access::known(&tx, caller, &ids).await?;
        for mut student in students::lock_known(&tx, import.organization_id, &ids, &[]).await? {
            if known.get(&student.id) != Some(&true) {
                continue;
            }
            let row = changes.get(&student.id);
            let name = student.full_name.clone();
            if row.is_some_and(|row| revert(&mut student, &row.changes)) {
                student.updated_at = now;
                if student.full_name != name {
                    renamed.push((student.id, student.full_name.clone()));
                }
                reverted.push(student);
            }
        }
        students::update(&tx, &reverted.iter().collect::<Vec<_>>()).await?;

        let since = import.committed_at.unwrap_or(import.created_at);
        let recorded = roster::recorded_since(&tx, &ids, since).await?;
        let enrolled = rows.iter().filter_map(|(_, undo)| Some((undo.enrollment_id?, undo)));
        let (ending, going): (Vec<_>, Vec<_>) =
            enrolled.partition(|(_, undo)| recorded.contains(&undo.student_id));
        let ending: Vec<Uuid> = ending.into_iter().map(|(id, _)| id).collect();
        let going: Vec<Uuid> = going.into_iter().map(|(id, _)| id).collect();
        enrollments::end_all(&tx, &ending, NOTE, now).await?;
        enrollments::delete_active(&tx, &going).await?;

        let used = roster::used(&tx, &ids, &enrollments_of(&rows)).await?;
        let gone = rows.iter().map(|(_, undo)| undo).filter(|undo| {
            let id = &undo.student_id;
            undo.made_student && !used.contains(id) && !kept.contains(id)
        });
        let gone: Vec<Uuid> = gone.map(|undo| undo.student_id).collect();
        students::delete(&tx, &gone).await?;

        let kept_accounts = u32::try_from(kept.len()).unwrap_or(u32::MAX);
        let asked_by = Some((caller.user_id, caller.role));
        let left = Extra { asked_by, renamed, kept_accounts, ..Extra::of(&import)? };
        imports::set_extra(&tx, id, &left).await?;
        let import = imports::undo(&tx, id, now).await?;
        tx.commit().await.map_err(DbError::from)?;
        self.kept.outdate(ids).await;
        tracing::info!(import.id = %id, kept_accounts, "roster taken back");
        drop(db);
        Ok((self.tidy(import).await?, kept_accounts))
    }
}

/// Returns how many accounts stayed when the import was taken back already.
fn undone(import: &Import) -> Result<Option<u32>, ImportError> {
    match import.status {
        Status::Undone => Ok(Some(Extra::of(import)?.kept_accounts)),
        Status::Committed => Ok(None),
        Status::Ready => Err(ImportError::WrongState(import.status)),
    }
}

/// Returns the enrollments that the import made.
fn enrollments_of(rows: &[(ImportRow, RowUndo)]) -> Vec<Uuid> {
    rows.iter().filter_map(|(_, undo)| undo.enrollment_id).collect()
}
