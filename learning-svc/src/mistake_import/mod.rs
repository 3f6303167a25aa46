//! Mistakes of a class from spreadsheets: dry run, commit, undo.

mod columns;
mod compare;
mod entry;

use std::collections::HashMap;

use bytes::Bytes;
pub use columns::{COLUMNS, template};
use compare::{Planned, compare};
pub use entry::Entry;
use kit::{
    caller::Caller,
    clock::SharedClock,
    db::{DbError, GenericClient, Pool},
    error::Checks,
    idempotency::{self, Claimed, Operation},
    page::Page,
    redis::Cache,
};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{
    access,
    analysis::Bell,
    import::{
        self, Counts, Import, ImportError, ImportId, ImportRow, Kind, MAX_FILE_NAME, Outcome,
        Reporter, Status, fingerprint,
    },
    mistake::{NewMistake, Records, record},
    review::SchoolDays,
    sheet::{self, SheetRow},
    statistics::Remembered,
    store::{
        classes,
        import_undo::{self, Undone},
        imports, mistake_imports as table,
        mistake_jobs::{self, Kind as Job},
        records::Before,
    },
    upstream::WRITES_END,
};

/// Rows that a file has at most.
pub const MAX_ROWS: usize = 20_000;

/// An uploaded file.
#[derive(Clone, Debug)]
pub struct Upload {
    pub class_id: Uuid,
    pub file_name: String,
    pub content: Bytes,
}

/// The use cases around imports of mistakes.
#[derive(Clone)]
pub struct MistakeImports {
    pool: Pool,
    clock: SharedClock,
    days: SchoolDays,
    cache: Cache,
    figures: Remembered,
    bell: Bell,
}

/// What an import of mistakes remembers beside its rows.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
struct Extra {
    /// Mistakes that stayed when the import was taken back.
    kept: u32,
}

impl Extra {
    fn of(import: &Import) -> Result<Self, DbError> {
        let extra = serde_json::from_value(import.extra.clone());
        extra.map_err(|error| DbError::decode("extra", error))
    }
}

impl MistakeImports {
    /// Wires the use cases together; `bell` wakes the workers of this process.
    #[must_use]
    pub fn new(
        pool: Pool,
        clock: SharedClock,
        days: SchoolDays,
        (cache, figures): (Cache, Remembered),
        bell: Bell,
    ) -> Self {
        Self { pool, clock, days, cache, figures, bell }
    }

    /// Reads a file and compares it with the mistake books of a class; once for each idempotency
    /// key.
    pub async fn create(
        &self,
        caller: &Caller,
        operation: &Operation,
        upload: Upload,
    ) -> Result<Import, ImportError> {
        let Upload { class_id, file_name, content } = upload;
        {
            let db = self.pool.get().await.map_err(DbError::from)?;
            access::teacher_of(&db, caller, class_id).await?;
        }
        let mut checks = Checks::new();
        checks.text("file_name", &file_name, 1..=MAX_FILE_NAME);
        checks.finish()?;
        let sheet = sheet::read_upload(content, COLUMNS, MAX_ROWS).await??;

        let now = self.clock.now();
        let mut db = self.pool.get().await.map_err(DbError::from)?;
        let tx = db.transaction().await.map_err(DbError::from)?;
        let id = match idempotency::claim(&tx, operation, self.clock.new_id(), now).await? {
            Claimed::New(id) => ImportId(id),
            Claimed::Repeated(id) => {
                return import::get(&tx, caller, Kind::Mistakes, ImportId(id)).await;
            }
        };
        let planned = self.plan(&tx, class_id, sheet.rows).await?;
        let rows: Vec<ImportRow> = planned.into_iter().map(|planned| planned.row).collect();
        let import = Import {
            id,
            kind: Kind::Mistakes,
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
        tracing::info!(import.id = %id, rows = import.counts.all(), "mistakes compared");
        Ok(import)
    }

    /// Returns one import, and how far its commit and the analysis of its mistakes are.
    pub async fn get(&self, caller: &Caller, id: ImportId) -> Result<Import, ImportError> {
        let db = self.pool.get().await.map_err(DbError::from)?;
        let mut import = import::get(&db, caller, Kind::Mistakes, id).await?;
        match import.status {
            Status::Ready => import.progress = self.reporter(id).last().await,
            Status::Committed => import.analysis_pending = Some(table::pending(&db, id.0).await?),
            Status::Undone => {}
        }
        Ok(import)
    }

    fn reporter(&self, id: ImportId) -> Reporter {
        Reporter::new(self.cache.clone(), id)
    }

    /// Returns a page of imports, the latest first.
    pub async fn list(
        &self,
        caller: &Caller,
        class: Option<Uuid>,
        page: &Page<Uuid>,
    ) -> Result<Vec<Import>, ImportError> {
        let db = self.pool.get().await.map_err(DbError::from)?;
        import::list(&db, caller, Kind::Mistakes, class, page).await
    }

    /// Returns a page of the rows of an import.
    pub async fn rows(
        &self,
        caller: &Caller,
        id: ImportId,
        outcome: Option<Outcome>,
        page: &Page<u32>,
    ) -> Result<Vec<ImportRow>, ImportError> {
        let db = self.pool.get().await.map_err(DbError::from)?;
        import::rows(&db, caller, Kind::Mistakes, id, outcome, page).await
    }

    /// Records all new and changed rows, or none; repeating it is harmless.
    pub async fn commit(&self, caller: &Caller, id: ImportId) -> Result<Import, ImportError> {
        let reporter = self.reporter(id);
        let committed = self.write(caller, id, &reporter).await;
        reporter.end().await;
        committed
    }

    async fn write(
        &self,
        caller: &Caller,
        id: ImportId,
        reporter: &Reporter,
    ) -> Result<Import, ImportError> {
        let now = self.clock.now();
        let mut db = self.pool.get().await.map_err(DbError::from)?;
        let tx = db.transaction().await.map_err(DbError::from)?;
        let import = import::locked(&tx, caller, Kind::Mistakes, id).await?;
        match import.status {
            Status::Ready => {}
            Status::Committed => return Ok(import),
            Status::Undone => return Err(ImportError::WrongState(import.status)),
        }
        // Who imports mistakes of the same pupils at the same time waits, and finds them then.
        table::lock_pupils(&tx, import.class_id).await?;
        let total = import.counts.new + import.counts.changed;
        reporter.report(0, usize::try_from(total).unwrap_or(usize::MAX)).await;
        let rows = imports::rows(&tx, id).await?.into_iter().map(again).collect();
        let planned = self.plan(&tx, import.class_id, rows).await?;
        let rows: Vec<ImportRow> = planned.iter().map(|planned| planned.row.clone()).collect();
        if fingerprint(&rows) != import.fingerprint {
            return Err(ImportError::Stale);
        }
        let new = planned.into_iter().filter_map(|one| Some((one.row.row, one.mistake?)));
        let (lines, new): (Vec<u32>, Vec<NewMistake>) = new.unzip();
        let records = record(&tx, caller, (id.0, true), &new, &*self.clock, reporter).await?;
        imports::set_undo(&tx, id, &undo(&lines, records)).await?;
        let mut import = imports::commit(&tx, id, now, false).await?;
        import.analysis_pending = Some(table::pending(&tx, id.0).await?);
        tx.commit().await.map_err(DbError::from)?;
        tracing::info!(import.id = %id, mistakes = new.len(), "mistakes imported");
        self.changed(&db, caller, new.iter().map(|mistake| mistake.student_id)).await;
        Ok(import)
    }

    /// Takes back a commit: what it made is deleted, unless it was reviewed or edited since; what
    /// it counted up is counted down. Nothing of students who have left the caller's classes is
    /// touched. Returns how many mistakes stay. Repeating it is harmless.
    pub async fn undo(&self, caller: &Caller, id: ImportId) -> Result<(Import, u32), ImportError> {
        let now = self.clock.now();
        let mut db = self.pool.get().await.map_err(DbError::from)?;
        let tx = db.transaction().await.map_err(DbError::from)?;
        let import = import::locked(&tx, caller, Kind::Mistakes, id).await?;
        match import.status {
            Status::Committed => {}
            Status::Undone => {
                let kept = Extra::of(&import)?.kept;
                return Ok((import, kept));
            }
            Status::Ready => return Err(ImportError::WrongState(import.status)),
        }
        let students = import_undo::students(&tx, id.0).await?;
        let known = access::known(&tx, caller, &students).await?;
        let acted_on = |student: &Uuid| known.get(student) == Some(&true);
        let Undone { gone, lowered, unanalysed, kept } =
            import_undo::undo(&tx, id.0, acted_on, now).await?;
        let ids: Vec<Uuid> = gone.iter().map(|(mistake, _)| *mistake).collect();
        let at_work = mistake_jobs::cancel(&tx, &ids, &[Job::Analyse, Job::Index]).await?;
        mistake_jobs::queue(&tx, caller, Job::Forget, &gone, true, now).await?;
        mistake_jobs::delay(&tx, &at_work, now + WRITES_END).await?;
        mistake_jobs::queue(&tx, caller, Job::Analyse, &unanalysed, true, now).await?;
        imports::set_extra(&tx, id, &Extra { kept }).await?;
        let import = imports::undo(&tx, id, now).await?;
        tx.commit().await.map_err(DbError::from)?;
        tracing::info!(import.id = %id, removed = gone.len(), kept, "import of mistakes taken back");
        let students = gone.into_iter().chain(lowered).map(|(_, student)| student);
        self.changed(&db, caller, students).await;
        Ok((import, kept))
    }

    async fn plan(
        &self,
        tx: &impl GenericClient,
        class: Uuid,
        rows: Vec<SheetRow>,
    ) -> Result<Vec<Planned>, DbError> {
        let now = self.clock.now();
        let pupils = table::pupils(tx, class).await?;
        let entries = compare::read(rows, &pupils, self.days, now);
        let keys = compare::keys(&entries);
        let present = table::present(tx, &keys).await?;
        Ok(compare(entries, present, self.days, now))
    }

    async fn changed(
        &self,
        db: &impl GenericClient,
        caller: &Caller,
        students: impl Iterator<Item = Uuid>,
    ) {
        let students: std::collections::BTreeSet<Uuid> = students.collect();
        let students: Vec<Uuid> = students.into_iter().collect();
        self.figures.outdate(db, caller, &students).await;
        self.bell.ring();
    }
}

/// Returns how entries stood that were counted up, each with the first row that did it.
fn undo(lines: &[u32], records: Records) -> Vec<(u32, Before)> {
    let mut rows: HashMap<Uuid, u32> = HashMap::new();
    for (line, recorded) in lines.iter().zip(&records.all) {
        rows.entry(recorded.mistake_id).or_insert(*line);
    }
    let raised = records.raised.into_iter();
    raised.filter_map(|before| Some((*rows.get(&before.mistake_id)?, before))).collect()
}

/// Returns a stored row as it was read. One that was refused stays so.
fn again(row: ImportRow) -> SheetRow {
    let problems = match row.outcome {
        Outcome::Refused => row.problems,
        Outcome::New | Outcome::Changed | Outcome::Unchanged => Vec::new(),
    };
    SheetRow { row: row.row, cells: row.cells, problems }
}
