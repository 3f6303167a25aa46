//! The table of mistakes: reading and changing entries.

use chrono::{DateTime, Utc};
use kit::db::{self, DbError, GenericClient, Row};
use tokio_postgres::types::Json;
use uuid::Uuid;

use crate::{
    mistake::{
        Analysis, AnalysisStatus, KnowledgePoint, Mistake, MistakeType, Origin, Status, fingerprint,
    },
    review::Memory,
};

/// The columns that [`from_row`] reads, of `mistakes m` and `students s`.
macro_rules! columns {
    () => {
        "m.id, m.student_id, s.full_name AS student_name, m.organization_id, m.mistake_type,
         m.status, m.question, m.wrong_answer, m.correct_answer, m.explanation, m.topic,
         m.difficulty_level, m.source, m.knowledge_points, m.times_wrong, m.review_count,
         m.first_mistaken_at, m.last_mistaken_at, m.last_reviewed_at, m.due_at, m.stability_days,
         m.difficulty, m.memory_at, m.interval_days, m.analysis_status, m.analysis, m.version,
         m.created_by, m.created_at, m.updated_at, m.deleted_at"
    };
}
pub(super) use columns;

/// Reads an entry.
pub(super) fn from_row(row: &Row) -> Result<Mistake, DbError> {
    let mistake_type: &str = row.try_get("mistake_type")?;
    let status: &str = row.try_get("status")?;
    let analysis_status: &str = row.try_get("analysis_status")?;
    let Json(knowledge_points): Json<Vec<KnowledgePoint>> = row.try_get("knowledge_points")?;
    let analysis: Option<Json<Analysis>> = row.try_get("analysis")?;
    let version: i64 = row.try_get("version")?;
    Ok(Mistake {
        id: row.try_get("id")?,
        student_id: row.try_get("student_id")?,
        student_name: row.try_get("student_name")?,
        organization_id: row.try_get("organization_id")?,
        mistake_type: known("mistake_type", MistakeType::from_name(mistake_type))?,
        status: known("status", Status::from_name(status))?,
        question: row.try_get("question")?,
        wrong_answer: row.try_get("wrong_answer")?,
        correct_answer: row.try_get("correct_answer")?,
        explanation: row.try_get("explanation")?,
        topic: row.try_get("topic")?,
        difficulty_level: row.try_get("difficulty_level")?,
        source: row.try_get("source")?,
        knowledge_points,
        times_wrong: count(row, "times_wrong")?,
        review_count: count(row, "review_count")?,
        first_mistaken_at: row.try_get("first_mistaken_at")?,
        last_mistaken_at: row.try_get("last_mistaken_at")?,
        last_reviewed_at: row.try_get("last_reviewed_at")?,
        due_at: row.try_get("due_at")?,
        memory: memory(row)?,
        analysis_status: known("analysis_status", AnalysisStatus::from_name(analysis_status))?,
        analysis: analysis.map(|Json(analysis)| analysis),
        version: u64::try_from(version).map_err(|error| DbError::decode("version", error))?,
        created_by: row.try_get("created_by")?,
        created_at: row.try_get("created_at")?,
        updated_at: row.try_get("updated_at")?,
        deleted_at: row.try_get("deleted_at")?,
    })
}

fn memory(row: &Row) -> Result<Option<Memory>, DbError> {
    let Some(at) = row.try_get("memory_at")? else {
        return Ok(None);
    };
    let interval: i32 = row.try_get("interval_days")?;
    Ok(Some(Memory {
        stability_days: row.try_get("stability_days")?,
        difficulty: row.try_get("difficulty")?,
        at,
        interval_days: u32::try_from(interval).unwrap_or_default(),
    }))
}

/// Returns an interval as it is stored.
fn interval(memory: Memory) -> i32 {
    i32::try_from(memory.interval_days).unwrap_or(i32::MAX)
}

fn known<T>(column: &'static str, value: Option<T>) -> Result<T, DbError> {
    value.ok_or_else(|| DbError::decode(column, "unknown name"))
}

/// Reads a number that is never negative.
pub(super) fn count(row: &Row, column: &'static str) -> Result<u32, DbError> {
    let number: i32 = row.try_get(column)?;
    u32::try_from(number).map_err(|error| DbError::decode(column, error))
}

const GET: &str = concat!(
    "SELECT ",
    columns!(),
    " FROM mistakes m JOIN students s ON s.user_id = m.student_id WHERE m.id = ANY ($1)"
);

/// Returns entries in the order of `ids`, deleted ones too; unknown ones are left out.
pub async fn get_all(db: &impl GenericClient, ids: &[Uuid]) -> Result<Vec<Mistake>, DbError> {
    let rows = db::query(db, "mistakes.get", GET, &[&ids]).await?;
    let found = rows.iter().map(from_row).collect::<Result<Vec<_>, _>>()?;
    let found: std::collections::HashMap<Uuid, Mistake> =
        found.into_iter().map(|mistake| (mistake.id, mistake)).collect();
    Ok(ids.iter().filter_map(|id| found.get(id).cloned()).collect())
}

/// Returns one entry, also when it is deleted.
pub async fn get(db: &impl GenericClient, id: Uuid) -> Result<Option<Mistake>, DbError> {
    let row = db::query_opt(db, "mistakes.get", GET, &[&[id].as_slice()]).await?;
    row.as_ref().map(from_row).transpose()
}

/// The name is that of the student, or stands with a class that the creator heads or assists.
const ORIGIN: &str = "
    SELECT coalesce(
               (SELECT full_name FROM students WHERE user_id = m.created_by),
               (SELECT head_teacher_name FROM classes WHERE head_teacher_id = m.created_by
                 ORDER BY id DESC LIMIT 1),
               (SELECT full_name FROM class_assistants WHERE teacher_id = m.created_by
                 ORDER BY class_id DESC LIMIT 1),
               '') AS created_by_name,
           (SELECT i.id FROM mistake_occurrences o JOIN imports i ON i.id = o.batch_id
             WHERE o.mistake_id = m.id AND o.is_first
             LIMIT 1) AS import_id
      FROM mistakes m
     WHERE m.id = $1";

/// Tells where an entry came from.
pub async fn origin(db: &impl GenericClient, id: Uuid) -> Result<Origin, DbError> {
    let Some(row) = db::query_opt(db, "mistakes.origin", ORIGIN, &[&id]).await? else {
        return Ok(Origin::default());
    };
    Ok(Origin {
        created_by_name: row.try_get("created_by_name")?,
        import_id: row.try_get("import_id")?,
    })
}

const LOCK: &str = concat!(
    "SELECT ",
    columns!(),
    " FROM mistakes m JOIN students s ON s.user_id = m.student_id
     WHERE m.id = ANY ($1) ORDER BY m.id FOR UPDATE OF m"
);

/// Locks entries and returns them by id, deleted ones too; unknown ones are left out.
pub async fn lock_all(db: &impl GenericClient, ids: &[Uuid]) -> Result<Vec<Mistake>, DbError> {
    db::query(db, "mistakes.lock", LOCK, &[&ids]).await?.iter().map(from_row).collect()
}

/// Locks one entry, also when it is deleted.
pub async fn lock(db: &impl GenericClient, id: Uuid) -> Result<Option<Mistake>, DbError> {
    Ok(lock_all(db, &[id]).await?.pop())
}

const LOCK_ROWS: &str = "SELECT id FROM mistakes WHERE id = ANY ($1) ORDER BY id FOR UPDATE";

/// Locks entries. Whoever writes several of them, or their jobs, locks them first and by id, so
/// that nobody waits in a circle.
pub async fn lock_rows(tx: &impl GenericClient, ids: &[Uuid]) -> Result<(), DbError> {
    db::query(tx, "mistakes.lock_rows", LOCK_ROWS, &[&ids]).await.map(|_| ())
}

const TWIN: &str = "
    SELECT m.id
      FROM unnest($1::uuid[], $2::uuid[], $3::bytea[]) AS asked (id, student_id, fingerprint)
      JOIN mistakes m ON m.student_id = asked.student_id AND m.fingerprint = asked.fingerprint
                     AND m.deleted_at IS NULL AND m.id <> asked.id
     LIMIT 1";

/// Finds a live entry that has the student, the question and the right answer of another one.
pub async fn twin(db: &impl GenericClient, of: &[&Mistake]) -> Result<Option<Uuid>, DbError> {
    let ids: Vec<Uuid> = of.iter().map(|mistake| mistake.id).collect();
    let students: Vec<Uuid> = of.iter().map(|mistake| mistake.student_id).collect();
    let print = |mistake: &&Mistake| fingerprint(&mistake.question, &mistake.correct_answer);
    let prints: Vec<[u8; 32]> = of.iter().map(print).collect();
    let prints: Vec<&[u8]> = prints.iter().map(<[u8; 32]>::as_slice).collect();
    let params: [&(dyn db::ToSql + Sync); 3] = [&ids, &students, &prints];
    let row = db::query_opt(db, "mistakes.twin", TWIN, &params).await?;
    Ok(row.map(|row| row.try_get(0)).transpose()?)
}

/// The analysis of another text goes.
const SAVE: &str = "
    UPDATE mistakes
       SET analysis = CASE WHEN (question, wrong_answer, correct_answer) = ($4, $5, $6)
                           THEN analysis END,
           mistake_type = $2, status = $3, question = $4, wrong_answer = $5, correct_answer = $6,
           explanation = $7, topic = $8, difficulty_level = $9, source = $10, due_at = $11,
           analysis_status = $12, fingerprint = $13, updated_at = $14, deleted_at = $15,
           stability_days = $16, difficulty = $17, memory_at = $18, interval_days = $19,
           edits = coalesce(edits, 0) + 1, version = version + 1
     WHERE id = $1";

/// Writes what people may change of an entry; its version goes up by one.
pub async fn save(db: &impl GenericClient, mistake: &Mistake) -> Result<(), DbError> {
    let print = fingerprint(&mistake.question, &mistake.correct_answer);
    let memory = mistake.memory;
    let params: [&(dyn db::ToSql + Sync); 19] = [
        &mistake.id,
        &mistake.mistake_type.as_str(),
        &mistake.status.as_str(),
        &mistake.question,
        &mistake.wrong_answer,
        &mistake.correct_answer,
        &mistake.explanation,
        &mistake.topic,
        &mistake.difficulty_level,
        &mistake.source,
        &mistake.due_at,
        &mistake.analysis_status.as_str(),
        &print.as_slice(),
        &mistake.updated_at,
        &mistake.deleted_at,
        &memory.map(|memory| memory.stability_days),
        &memory.map(|memory| memory.difficulty),
        &memory.map(|memory| memory.at),
        &memory.map(interval),
    ];
    let written = db::execute(db, "mistakes.save", SAVE, &params).await?;
    DbError::expect_rows("mistakes", written, 1)
}

const SAVE_ALL: &str = "
    UPDATE mistakes m
       SET status = t.status, due_at = t.due_at, analysis_status = t.analysis_status,
           updated_at = t.updated_at, deleted_at = t.deleted_at,
           stability_days = t.stability_days, difficulty = t.difficulty, memory_at = t.memory_at,
           interval_days = t.interval_days, edits = coalesce(edits, 0) + 1,
           version = version + 1
      FROM unnest($1::uuid[], $2::text[], $3::timestamptz[], $4::text[], $5::timestamptz[],
                  $6::timestamptz[], $7::float8[], $8::float8[], $9::timestamptz[], $10::integer[])
        AS t (id, status, due_at, analysis_status, updated_at, deleted_at, stability_days,
              difficulty, memory_at, interval_days)
     WHERE m.id = t.id";

/// Writes what is changed of several entries at once; their versions go up by one.
pub async fn save_all(db: &impl GenericClient, list: &[Mistake]) -> Result<(), DbError> {
    macro_rules! column {
        (|$mistake:ident| $value:expr) => {
            list.iter().map(|$mistake| $value).collect::<Vec<_>>()
        };
    }
    let params: [&(dyn db::ToSql + Sync); 10] = [
        &column!(|mistake| mistake.id),
        &column!(|mistake| mistake.status.as_str()),
        &column!(|mistake| mistake.due_at),
        &column!(|mistake| mistake.analysis_status.as_str()),
        &column!(|mistake| mistake.updated_at),
        &column!(|mistake| mistake.deleted_at),
        &column!(|mistake| mistake.memory.map(|memory| memory.stability_days)),
        &column!(|mistake| mistake.memory.map(|memory| memory.difficulty)),
        &column!(|mistake| mistake.memory.map(|memory| memory.at)),
        &column!(|mistake| mistake.memory.map(interval)),
    ];
    let written = db::execute(db, "mistakes.save_all", SAVE_ALL, &params).await?;
    DbError::expect_rows("mistakes", written, list.len() as u64)
}

const SAVE_REVIEW: &str = "
    UPDATE mistakes
       SET status = $2, review_count = $3, last_reviewed_at = $4, due_at = $5,
           stability_days = $6, difficulty = $7, memory_at = $8, interval_days = $9,
           updated_at = $4, edits = coalesce(edits, 0) + 1, version = version + 1
     WHERE id = $1";

/// Writes what a review changes of an entry; its version goes up by one.
pub async fn save_review(db: &impl GenericClient, mistake: &Mistake) -> Result<(), DbError> {
    let memory = mistake.memory;
    let params: [&(dyn db::ToSql + Sync); 9] = [
        &mistake.id,
        &mistake.status.as_str(),
        &i32::try_from(mistake.review_count).unwrap_or(i32::MAX),
        &mistake.last_reviewed_at,
        &mistake.due_at,
        &memory.map(|memory| memory.stability_days),
        &memory.map(|memory| memory.difficulty),
        &memory.map(|memory| memory.at),
        &memory.map(interval),
    ];
    let written = db::execute(db, "mistakes.save_review", SAVE_REVIEW, &params).await?;
    DbError::expect_rows("mistakes", written, 1)
}

const ANALYSED: &str = "
    UPDATE mistakes
       SET analysis = $2, knowledge_points = $3, knowledge_point_ids = $4,
           analysis_status = 'done'
     WHERE id = $1";

/// Writes an analysis. The version stays: nobody's edit is lost by it.
pub async fn analysed(
    db: &impl GenericClient,
    id: Uuid,
    analysis: &Analysis,
    points: &[KnowledgePoint],
) -> Result<(), DbError> {
    let ids: Vec<&str> = points.iter().map(|point| point.id.as_str()).collect();
    let params: [&(dyn db::ToSql + Sync); 4] = [&id, &Json(analysis), &Json(points), &ids];
    db::execute(db, "mistakes.analysed", ANALYSED, &params).await.map(|_| ())
}

const MARK: &str = "
    UPDATE mistakes
       SET analysis_status = $2
     WHERE id IN (SELECT id FROM mistakes WHERE id = ANY ($1) ORDER BY id FOR UPDATE)
       AND ($2 NOT IN ('queued', 'running')
            OR EXISTS (SELECT FROM mistake_jobs j WHERE j.mistake_id = mistakes.id AND j.kind = 'analyse'))";

/// Says how far the analysis of entries is.
pub async fn mark(
    db: &impl GenericClient,
    ids: &[Uuid],
    status: AnalysisStatus,
) -> Result<(), DbError> {
    db::execute(db, "mistakes.mark", MARK, &[&ids, &status.as_str()]).await.map(|_| ())
}

const SWEEP: &str = "
    DELETE FROM mistakes
     WHERE id IN (SELECT id FROM mistakes WHERE deleted_at < $1 ORDER BY deleted_at LIMIT 1000)";

/// Removes up to 1000 entries that were deleted before `moment` and returns how many.
pub async fn sweep(db: &impl GenericClient, moment: DateTime<Utc>) -> Result<u64, DbError> {
    db::execute(db, "mistakes.sweep", SWEEP, &[&moment]).await
}

const UNANALYSED: &str = "
    SELECT count(*)
      FROM (SELECT FROM mistakes
             WHERE analysis_status = 'failed' AND deleted_at IS NULL
             LIMIT 100000) first";

/// Counts mistakes whose analysis was given up, up to 100,000 of them.
pub async fn unanalysed(db: &impl GenericClient) -> Result<i64, DbError> {
    Ok(db::query_one(db, "mistakes.unanalysed", UNANALYSED, &[]).await?.try_get(0)?)
}

/// The first ones are indexed first, whatever waits: a few of them tell.
const ANY_INDEXED: &str = "
    WITH first AS MATERIALIZED (
        SELECT id
          FROM (SELECT id, deleted_at, analysis_status FROM mistakes ORDER BY id LIMIT 100000) m
         WHERE deleted_at IS NULL AND analysis_status IN ('done', 'failed')
         LIMIT 1000)
    SELECT EXISTS (
        SELECT FROM first
         WHERE NOT EXISTS (SELECT FROM mistake_jobs j
                            WHERE j.mistake_id = first.id AND j.kind = 'index'))";

/// Tells whether any of the first mistakes should be found by meaning by now.
pub async fn any_indexed(db: &impl GenericClient) -> Result<bool, DbError> {
    Ok(db::query_one(db, "mistakes.any_indexed", ANY_INDEXED, &[]).await?.try_get(0)?)
}
