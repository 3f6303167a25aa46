//! The tables of imports and their rows.

use chrono::{DateTime, Utc};
use kit::{
    caller::{Caller, Role},
    db::{self, DbError, GenericClient, Row},
    page::Page,
};
use serde::{Serialize, de::DeserializeOwned};
use tokio_postgres::types::Json;
use uuid::Uuid;

use crate::import::{Counts, Import, ImportId, ImportRow, Kind, Outcome, Status};

/// Rows that one statement inserts.
const CHUNK: usize = 2_000;

macro_rules! columns {
    () => {
        "id, kind, class_id, (SELECT name FROM classes WHERE classes.id = class_id) AS class_name,
         organization_id, created_by, file_name, encoding, status, new_rows,
         changed_rows, unchanged_rows, refused_rows, ignored_columns, fingerprint, extra,
         created_at, committed_at, undone_at, passwords_waiting, passwords_taken_at"
    };
}

const INSERT: &str = "
    INSERT INTO imports (id, kind, class_id, organization_id, created_by, file_name, encoding, status,
                         new_rows, changed_rows, unchanged_rows, refused_rows, ignored_columns,
                         fingerprint, extra, created_at)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)";

/// Stores a dry run.
pub async fn insert(
    tx: &impl GenericClient,
    import: &Import,
    rows: &[ImportRow],
) -> Result<(), DbError> {
    let Counts { new, changed, unchanged, refused } = import.counts;
    let [new, changed, unchanged, refused] =
        [new, changed, unchanged, refused].map(|count| i32::try_from(count).unwrap_or(i32::MAX));
    let params: [&(dyn db::ToSql + Sync); 16] = [
        &import.id,
        &import.kind.as_str(),
        &import.class_id,
        &import.organization_id,
        &import.created_by,
        &import.file_name,
        &import.encoding,
        &import.status.as_str(),
        &new,
        &changed,
        &unchanged,
        &refused,
        &import.ignored_columns,
        &import.fingerprint,
        &Json(&import.extra),
        &import.created_at,
    ];
    let added = db::execute(tx, "imports.insert", INSERT, &params).await?;
    DbError::expect_rows("imports", added, 1)?;
    for chunk in rows.chunks(CHUNK) {
        insert_rows(tx, import.id, chunk).await?;
    }
    Ok(())
}

const INSERT_ROWS: &str = "
    INSERT INTO import_rows (import_id, line, outcome, cells, changes, problems)
    SELECT $1, line, outcome, cells, changes, problems
      FROM UNNEST($2::integer[], $3::text[], $4::jsonb[], $5::jsonb[], $6::jsonb[])
        AS t (line, outcome, cells, changes, problems)";

async fn insert_rows(
    tx: &impl GenericClient,
    id: ImportId,
    rows: &[ImportRow],
) -> Result<(), DbError> {
    let lines: Vec<i32> = rows.iter().map(|row| line(row.row)).collect();
    let outcomes: Vec<&str> = rows.iter().map(|row| row.outcome.as_str()).collect();
    let cells: Vec<_> = rows.iter().map(|row| Json(&row.cells)).collect();
    let changes: Vec<_> = rows.iter().map(|row| Json(&row.changes)).collect();
    let problems: Vec<_> = rows.iter().map(|row| Json(&row.problems)).collect();
    let params: [&(dyn db::ToSql + Sync); 6] =
        [&id, &lines, &outcomes, &cells, &changes, &problems];
    let added = db::execute(tx, "import_rows.insert", INSERT_ROWS, &params).await?;
    DbError::expect_rows("import_rows", added, rows.len() as u64)
}

const FIND: &str = concat!("SELECT ", columns!(), " FROM imports WHERE id = $1");

/// Returns one import.
pub async fn find(db: &impl GenericClient, id: ImportId) -> Result<Option<Import>, DbError> {
    db::query_opt(db, "imports.find", FIND, &[&id]).await?.as_ref().map(from_row).transpose()
}

const LOCK: &str = concat!("SELECT ", columns!(), " FROM imports WHERE id = $1 FOR UPDATE");

/// Returns one import, which nobody else can change until the transaction ends.
pub async fn lock(tx: &impl GenericClient, id: ImportId) -> Result<Option<Import>, DbError> {
    db::query_opt(tx, "imports.lock", LOCK, &[&id]).await?.as_ref().map(from_row).transpose()
}

// As the index has it.
const UNTIDY: &str = concat!(
    "SELECT ",
    columns!(),
    " FROM imports
      WHERE kind = 'roster' AND (extra @? '$.needless[0]' OR extra @? '$.renamed[0]')
        AND GREATEST(committed_at, undone_at) < $1
      ORDER BY id
      LIMIT $2"
);

/// Returns rosters, written or taken back before `moment`, of which auth-svc was not told yet.
pub async fn untidy(
    db: &impl GenericClient,
    moment: DateTime<Utc>,
    limit: i64,
) -> Result<Vec<Import>, DbError> {
    let rows = db::query(db, "imports.untidy", UNTIDY, &[&moment, &limit]).await?;
    rows.iter().map(from_row).collect()
}

const PAGE: &str = concat!(
    "SELECT ",
    columns!(),
    " FROM imports
      WHERE kind = $1
        AND organization_id = $2
        AND ($3::uuid IS NULL OR class_id = $3)
        AND ($4 OR class_id IN (SELECT id FROM classes WHERE head_teacher_id = $5
                                 UNION
                                SELECT class_id FROM class_assistants WHERE teacher_id = $5))
        AND ($6::uuid IS NULL OR id < $6)
      ORDER BY id DESC
      LIMIT $7"
);

/// Returns a page of the imports of classes that the caller teaches or administers.
pub async fn page(
    db: &impl GenericClient,
    caller: &Caller,
    kind: Kind,
    class: Option<Uuid>,
    page: &Page<Uuid>,
) -> Result<Vec<Import>, DbError> {
    let all = caller.role == Role::Admin;
    let params: [&(dyn db::ToSql + Sync); 7] = [
        &kind.as_str(),
        &caller.organization_id,
        &class,
        &all,
        &caller.user_id,
        &page.after,
        &page.limit,
    ];
    let rows = db::query(db, "imports.page", PAGE, &params).await?;
    rows.iter().map(from_row).collect()
}

const ROWS_PAGE: &str = "
    SELECT line, outcome, cells, changes, problems, undo
      FROM import_rows
     WHERE import_id = $1
       AND ($2::text IS NULL OR outcome = $2)
       AND line > $3
     ORDER BY line
     LIMIT $4";

/// Returns a page of the rows of an import.
pub async fn rows_page(
    db: &impl GenericClient,
    id: ImportId,
    outcome: Option<Outcome>,
    page: &Page<u32>,
) -> Result<Vec<ImportRow>, DbError> {
    let outcome = outcome.map(Outcome::as_str);
    let after = page.after.map_or(0, line);
    let params: [&(dyn db::ToSql + Sync); 4] = [&id, &outcome, &after, &page.limit];
    let rows = db::query(db, "import_rows.page", ROWS_PAGE, &params).await?;
    rows.iter().map(row_from_row).collect()
}

/// Returns all rows of an import in the order of the file.
pub async fn rows(db: &impl GenericClient, id: ImportId) -> Result<Vec<ImportRow>, DbError> {
    rows_page(db, id, None, &Page { limit: i64::MAX, after: None }).await
}

const SET_UNDO: &str = "
    UPDATE import_rows
       SET undo = t.undo
      FROM UNNEST($2::integer[], $3::jsonb[]) AS t (line, undo)
     WHERE import_id = $1 AND import_rows.line = t.line";

/// Stores how to take rows back, by line.
pub async fn set_undo<T: Serialize + std::fmt::Debug + Sync>(
    tx: &impl GenericClient,
    id: ImportId,
    undo: &[(u32, T)],
) -> Result<(), DbError> {
    let lines: Vec<i32> = undo.iter().map(|(row, _)| line(*row)).collect();
    let values: Vec<_> = undo.iter().map(|(_, undo)| Json(undo)).collect();
    let changed =
        db::execute(tx, "import_rows.set_undo", SET_UNDO, &[&id, &lines, &values]).await?;
    DbError::expect_rows("import_rows", changed, undo.len() as u64)
}

const SET_EXTRA: &str = "UPDATE imports SET extra = $2 WHERE id = $1";

/// Stores what a kind of import remembers.
pub async fn set_extra<T: Serialize + std::fmt::Debug + Sync>(
    db: &impl GenericClient,
    id: ImportId,
    extra: &T,
) -> Result<(), DbError> {
    let params: [&(dyn db::ToSql + Sync); 2] = [&id, &Json(extra)];
    let changed = db::execute(db, "imports.set_extra", SET_EXTRA, &params).await?;
    DbError::expect_rows("imports", changed, 1)
}

const COMMIT: &str = concat!(
    "UPDATE imports
        SET status = 'committed', committed_at = $2, passwords_waiting = $3
      WHERE id = $1
  RETURNING ",
    columns!()
);

/// Marks an import as committed; `passwords` says whether first passwords wait to be taken.
pub async fn commit(
    tx: &impl GenericClient,
    id: ImportId,
    now: DateTime<Utc>,
    passwords: bool,
) -> Result<Import, DbError> {
    from_row(&db::query_one(tx, "imports.commit", COMMIT, &[&id, &now, &passwords]).await?)
}

const UNDO: &str = concat!(
    "UPDATE imports
        SET status = 'undone', undone_at = $2, passwords_waiting = false
      WHERE id = $1
  RETURNING ",
    columns!()
);

/// Marks an import as taken back.
pub async fn undo(
    tx: &impl GenericClient,
    id: ImportId,
    now: DateTime<Utc>,
) -> Result<Import, DbError> {
    from_row(&db::query_one(tx, "imports.undo", UNDO, &[&id, &now]).await?)
}

const TAKE_PASSWORDS: &str = "
    UPDATE imports
       SET passwords_waiting = false, passwords_taken_at = $2
     WHERE id = $1 AND passwords_waiting";

/// Marks first passwords as taken; `false` when none are waiting.
pub async fn take_passwords(
    db: &impl GenericClient,
    id: ImportId,
    now: DateTime<Utc>,
) -> Result<bool, DbError> {
    let changed = db::execute(db, "imports.take_passwords", TAKE_PASSWORDS, &[&id, &now]).await?;
    Ok(changed == 1)
}

const FORGET: &str = "
    DELETE FROM imports
     WHERE id IN (SELECT id FROM imports WHERE created_at < $1 ORDER BY created_at LIMIT 100)";

/// Deletes imports made before `moment`, some at a time, and returns how many.
pub async fn forget(db: &impl GenericClient, moment: DateTime<Utc>) -> Result<u64, DbError> {
    db::execute(db, "imports.forget", FORGET, &[&moment]).await
}

fn line(row: u32) -> i32 {
    i32::try_from(row).unwrap_or(i32::MAX)
}

fn from_row(row: &Row) -> Result<Import, DbError> {
    let number = |column| Ok::<_, DbError>(row.try_get::<_, i32>(column)?.unsigned_abs());
    let counts = Counts {
        new: number("new_rows")?,
        changed: number("changed_rows")?,
        unchanged: number("unchanged_rows")?,
        refused: number("refused_rows")?,
    };
    Ok(Import {
        id: row.try_get("id")?,
        kind: named("kind", row.try_get("kind")?, Kind::from_name)?,
        class_id: row.try_get("class_id")?,
        class_name: row.try_get("class_name")?,
        organization_id: row.try_get("organization_id")?,
        created_by: row.try_get("created_by")?,
        file_name: row.try_get("file_name")?,
        encoding: row.try_get("encoding")?,
        status: named("status", row.try_get("status")?, Status::from_name)?,
        counts,
        ignored_columns: row.try_get("ignored_columns")?,
        fingerprint: row.try_get("fingerprint")?,
        extra: json(row, "extra")?,
        created_at: row.try_get("created_at")?,
        committed_at: row.try_get("committed_at")?,
        undone_at: row.try_get("undone_at")?,
        passwords_waiting: row.try_get("passwords_waiting")?,
        passwords_taken_at: row.try_get("passwords_taken_at")?,
        progress: None,
        analysis_pending: None,
    })
}

fn row_from_row(row: &Row) -> Result<ImportRow, DbError> {
    Ok(ImportRow {
        row: row.try_get::<_, i32>("line")?.unsigned_abs(),
        outcome: named("outcome", row.try_get("outcome")?, Outcome::from_name)?,
        cells: json(row, "cells")?,
        changes: json(row, "changes")?,
        problems: json(row, "problems")?,
        undo: row.try_get::<_, Option<Json<_>>>("undo")?.map(|Json(undo)| undo),
    })
}

fn json<T: DeserializeOwned>(row: &Row, column: &'static str) -> Result<T, DbError> {
    let Json(value) = row.try_get::<_, Json<T>>(column)?;
    Ok(value)
}

fn named<T>(
    column: &'static str,
    name: &str,
    read: impl Fn(&str) -> Option<T>,
) -> Result<T, DbError> {
    read(name).ok_or_else(|| DbError::decode(column, format!("{name} is unknown")))
}
