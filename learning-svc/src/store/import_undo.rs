//! Taking imports of mistakes back.
//!
//! Each import remembers how the entries stood that it counted up: their status, answer and memory,
//! and how often they were counted up before (`raises`). Whoever comes next stands above it. The one
//! on top gives back what it remembers; one below hands it to the next above, so that the order in
//! which imports are taken back does not matter.

use std::collections::HashSet;

use chrono::{DateTime, Utc};
use kit::db::{self, DbError, GenericClient};
use uuid::Uuid;

/// What taking an import back came to.
#[derive(Clone, Debug, Default)]
pub struct Undone {
    /// Mistakes that were deleted, with their students.
    pub gone: Vec<(Uuid, Uuid)>,
    /// Mistakes that were counted down, with their students.
    pub lowered: Vec<(Uuid, Uuid)>,
    /// Of these, those that have an earlier wrong answer again, which nobody has analysed since.
    pub unanalysed: Vec<(Uuid, Uuid)>,
    /// Mistakes that stay as they are: somebody has edited or reviewed them since, or their students
    /// have left.
    pub kept: u32,
}

const LOCK: &str = "
    SELECT id, student_id, coalesce(edits > 0, version > 1) AS is_edited,
           deleted_at IS NULL AS is_live
      FROM mistakes
     WHERE id IN (SELECT mistake_id FROM mistake_occurrences WHERE batch_id = $1)
     ORDER BY id
       FOR UPDATE";

const SHARED: &str = "
    SELECT DISTINCT mistake_id
      FROM mistake_occurrences
     WHERE mistake_id = ANY ($1) AND batch_id <> $2";

/// They can be restored as what people delete one by one.
const REMOVE: &str = "
    UPDATE mistakes
       SET deleted_at = $2, updated_at = $2, version = version + 1
     WHERE id = ANY ($1)";

/// What the imports above this one remember becomes what they would without it. The next one above
/// remembers what this one did, unless somebody edited or reviewed the entry between them: then it
/// keeps that. Nothing stood before an entry that this import made. An answer of this import stays
/// where what is `below` brought it, too.
const HAND_OVER: &str = "
    WITH taken AS (
        SELECT mistake_id, count(*)::integer AS times, array_agg(wrong_answer) AS answers,
               min(mistaken_at) AS first_at, bool_or(is_first) AS is_maker
          FROM mistake_occurrences
         WHERE batch_id = $1 AND mistake_id = ANY ($2)
         GROUP BY mistake_id),
    batches AS (
        SELECT DISTINCT batch_id FROM mistake_occurrences WHERE mistake_id = ANY ($2)),
    remembered AS (
        SELECT import_id, line, undo, b.mistake_id, b.raises, b.edits, b.times_wrong,
               b.wrong_answer, b.last_mistaken_at
          FROM import_rows
          JOIN imports ON imports.id = import_id AND imports.status = 'committed'
         CROSS JOIN LATERAL jsonb_to_record(undo)
            AS b (mistake_id uuid, raises integer, edits integer, times_wrong integer,
                  wrong_answer text, last_mistaken_at timestamptz)
         WHERE import_id IN (SELECT batch_id FROM batches) AND undo IS NOT NULL),
    above AS (
        SELECT a.import_id, a.line,
               CASE WHEN a.raises = own.raises + 1 AND a.edits IS NOT DISTINCT FROM own.edits
                    THEN own.undo
                    ELSE a.undo || jsonb_build_object(
                         'raises', CASE WHEN own.raises IS NULL THEN a.raises
                                        ELSE a.raises - 1 END,
                         'times_wrong', a.times_wrong - t.times,
                         'last_mistaken_at', least(a.last_mistaken_at, below.last_at),
                         'wrong_answer', CASE WHEN a.wrong_answer = ANY (t.answers)
                                                   AND below.has_answer IS NOT TRUE
                                              THEN own.wrong_answer ELSE a.wrong_answer END)
                     END AS undo
          FROM taken t
          LEFT JOIN remembered own ON own.import_id = $1 AND own.mistake_id = t.mistake_id
          JOIN remembered a
            ON a.mistake_id = t.mistake_id AND a.import_id <> $1
           AND (a.raises > own.raises OR t.is_maker)
         CROSS JOIN LATERAL (
               SELECT max(mistaken_at) AS last_at,
                      bool_or(o.wrong_answer = a.wrong_answer AND mistaken_at >= t.first_at)
                          AS has_answer
                 FROM mistake_occurrences o
                WHERE o.mistake_id = t.mistake_id AND batch_id <> $1
                  AND NOT EXISTS (
                      SELECT FROM remembered r
                       WHERE r.import_id = o.batch_id AND r.mistake_id = o.mistake_id
                         AND r.raises >= a.raises)) below)
    UPDATE import_rows
       SET undo = above.undo
      FROM above
     WHERE import_rows.import_id = above.import_id AND import_rows.line = above.line";

/// How an entry stood before the import returns when nobody has counted it up since (`is_top`) and,
/// but for the wrong answer, nobody has edited it. The answer also returns when nothing that stays is
/// of a later day. An import that an earlier version of the service
/// took back may have left its answer above: the times tell. The statement sees the occurrences as
/// they were before it, those of the import included, and its end the entry as it was. What is deleted
/// is analysed when it is restored.
const LOWER: &str = "
    WITH removed AS (
        DELETE FROM mistake_occurrences
         WHERE batch_id = $1 AND mistake_id = ANY ($3)
     RETURNING mistake_id, wrong_answer),
    by_mistake AS (
        SELECT mistake_id, count(*)::integer AS times, array_agg(wrong_answer) AS answers
          FROM removed
         GROUP BY mistake_id),
    before AS (
        SELECT b.*
          FROM import_rows
         CROSS JOIN LATERAL jsonb_to_record(undo)
            AS b (mistake_id uuid, status text, due_at timestamptz, version bigint,
                  times_wrong integer, raises integer, edits integer, wrong_answer text,
                  last_mistaken_at timestamptz, stability_days float8, difficulty float8,
                  memory_at timestamptz, interval_days integer)
         WHERE import_id = $1 AND undo IS NOT NULL),
    lowered AS (
        SELECT r.mistake_id, r.times, o.first_at, o.last_at,
               CASE WHEN m.wrong_answer = ANY (r.answers)
                    THEN coalesce(CASE WHEN o.last_at <= b.last_mistaken_at OR top.is_top
                                            AND m.times_wrong - r.times = b.times_wrong
                                       THEN b.wrong_answer END, o.answer, m.wrong_answer)
                    ELSE m.wrong_answer END AS answer,
               top.is_top
               AND (b.raises IS NULL OR m.edits IS NOT DISTINCT FROM b.edits) AS is_back,
               CASE WHEN b.raises IS NULL THEN m.raises ELSE m.raises - 1 END AS raises,
               b.status, b.due_at, b.stability_days, b.difficulty, b.memory_at, b.interval_days
          FROM by_mistake r
          JOIN mistakes m ON m.id = r.mistake_id
          LEFT JOIN before b ON b.mistake_id = m.id
         CROSS JOIN LATERAL (
               SELECT coalesce(m.raises = b.raises + 1, m.version = b.version + 1, false) AS is_top
               ) top
          LEFT JOIN LATERAL (
               SELECT min(mistaken_at) AS first_at, max(mistaken_at) AS last_at,
                      (array_agg(wrong_answer
                                 ORDER BY mistaken_at DESC, batch_id DESC, position DESC))[1]
                          AS answer
                 FROM mistake_occurrences o
                WHERE o.mistake_id = r.mistake_id AND o.batch_id <> $1) o ON true)
    UPDATE mistakes m
       SET times_wrong = greatest(m.times_wrong - l.times, 1),
           first_mistaken_at = coalesce(l.first_at, m.first_mistaken_at),
           last_mistaken_at = coalesce(l.last_at, m.last_mistaken_at),
           wrong_answer = l.answer,
           analysis_status = CASE WHEN l.answer = m.wrong_answer
                                  THEN m.analysis_status ELSE 'queued' END,
           analysis = CASE WHEN l.answer = m.wrong_answer THEN m.analysis END,
           status = CASE WHEN l.is_back THEN l.status ELSE m.status END,
           due_at = CASE WHEN l.is_back THEN l.due_at ELSE m.due_at END,
           stability_days = coalesce(CASE WHEN l.is_back THEN l.stability_days END, m.stability_days),
           difficulty = coalesce(CASE WHEN l.is_back THEN l.difficulty END, m.difficulty),
           memory_at = coalesce(CASE WHEN l.is_back THEN l.memory_at END, m.memory_at),
           interval_days = coalesce(CASE WHEN l.is_back THEN l.interval_days END, m.interval_days),
           raises = l.raises, version = m.version + 1, updated_at = $2
      FROM lowered l
     WHERE m.id = l.mistake_id
 RETURNING m.id, m.student_id,
           m.deleted_at IS NULL
           AND (SELECT was.wrong_answer FROM mistakes was WHERE was.id = m.id)
               <> m.wrong_answer AS is_unanalysed";

const STUDENTS: &str = "
    SELECT DISTINCT student_id
      FROM mistakes
     WHERE id IN (SELECT mistake_id FROM mistake_occurrences WHERE batch_id = $1)";

/// Returns the students of whom an import recorded something.
pub async fn students(tx: &impl GenericClient, import: Uuid) -> Result<Vec<Uuid>, DbError> {
    let rows = db::query(tx, "mistakes.import_students", STUDENTS, &[&import]).await?;
    rows.iter().map(|row| Ok(row.try_get(0)?)).collect()
}

/// Takes back what an import recorded of the students who can be `acted_on`.
pub async fn undo(
    tx: &impl GenericClient,
    import: Uuid,
    acted_on: impl Fn(&Uuid) -> bool,
    now: DateTime<Utc>,
) -> Result<Undone, DbError> {
    let locked = db::query(tx, "mistakes.lock_import", LOCK, &[&import]).await?;
    let ids = locked.iter().map(|row| Ok(row.try_get("id")?));
    let ids: Vec<Uuid> = ids.collect::<Result<_, DbError>>()?;
    let shared = db::query(tx, "mistake_occurrences.shared", SHARED, &[&ids, &import]).await?;
    let shared = shared.iter().map(|row| Ok(row.try_get(0)?));
    let mut shared: HashSet<Uuid> = shared.collect::<Result<_, DbError>>()?;

    let mut undone = Undone::default();
    for row in &locked {
        let (id, student): (Uuid, Uuid) = (row.try_get("id")?, row.try_get("student_id")?);
        let (is_edited, is_live): (bool, bool) =
            (row.try_get("is_edited")?, row.try_get("is_live")?);
        if !acted_on(&student) {
            shared.remove(&id);
            undone.kept += u32::from(is_live);
            continue;
        }
        match (shared.contains(&id), is_live, is_edited) {
            (false, true, false) => undone.gone.push((id, student)),
            (false, true, true) => undone.kept += 1,
            (false, false, _) | (true, ..) => {}
        }
    }
    let gone: Vec<Uuid> = undone.gone.iter().map(|(id, _)| *id).collect();
    db::execute(tx, "mistakes.remove_import", REMOVE, &[&gone, &now]).await?;
    let shared: Vec<Uuid> = shared.into_iter().collect();
    db::execute(tx, "import_rows.hand_over", HAND_OVER, &[&import, &shared]).await?;
    let lowered = db::query(tx, "mistakes.lower_import", LOWER, &[&import, &now, &shared]).await?;
    for row in &lowered {
        let mistake = (row.try_get("id")?, row.try_get("student_id")?);
        undone.lowered.push(mistake);
        if row.try_get("is_unanalysed")? {
            undone.unanalysed.push(mistake);
        }
    }
    Ok(undone)
}
