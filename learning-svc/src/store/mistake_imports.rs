//! What imports of mistakes are compared with, and taking them back.

use std::collections::{HashMap, HashSet};

use chrono::{DateTime, Utc};
use kit::db::{self, DbError, GenericClient, Row};
use uuid::Uuid;

use super::mistakes::count;

/// The students of a class, by number and by name.
#[derive(Clone, Debug, Default)]
pub struct Pupils {
    numbers: HashMap<String, (Uuid, String)>,
    names: HashMap<String, Vec<Uuid>>,
}

impl Pupils {
    /// Returns the student with a number, and their name.
    #[must_use]
    pub fn numbered(&self, number: &str) -> Option<(Uuid, &str)> {
        self.numbers.get(number).map(|(id, name)| (*id, name.as_str()))
    }

    /// Returns the students with a name.
    #[must_use]
    pub fn named(&self, name: &str) -> &[Uuid] {
        self.names.get(name).map(Vec::as_slice).unwrap_or_default()
    }
}

const PUPILS: &str = "
    SELECT s.user_id, s.student_no, s.full_name
      FROM class_students e JOIN students s ON s.user_id = e.student_id
     WHERE e.class_id = $1 AND e.enrollment_status = 'active'
     ORDER BY s.user_id";

/// Returns the students who are enrolled in a class now.
pub async fn pupils(db: &impl GenericClient, class: Uuid) -> Result<Pupils, DbError> {
    let mut pupils = Pupils::default();
    for row in db::query(db, "class_students.pupils", PUPILS, &[&class]).await? {
        let id: Uuid = row.try_get("user_id")?;
        let name: String = row.try_get("full_name")?;
        let number: Option<String> = row.try_get("student_no")?;
        if let Some(number) = number {
            pupils.numbers.insert(number, (id, name.clone()));
        }
        pupils.names.entry(name).or_default().push(id);
    }
    Ok(pupils)
}

/// A mistake that is there, and when it was made.
#[derive(Clone, Debug)]
pub struct Present {
    pub key: (Uuid, [u8; 32]),
    pub times_wrong: u32,
    /// Wrong answers and when they were given.
    pub times: Vec<(String, DateTime<Utc>)>,
}

const PRESENT: &str = "
    SELECT m.student_id, m.fingerprint, m.times_wrong,
           coalesce(o.answers, '{}') AS answers, coalesce(o.moments, '{}') AS moments
      FROM unnest($1::uuid[], $2::bytea[]) AS asked (student_id, fingerprint)
      JOIN mistakes m ON m.student_id = asked.student_id AND m.fingerprint = asked.fingerprint
                     AND m.deleted_at IS NULL
      LEFT JOIN LATERAL (
           SELECT array_agg(wrong_answer) AS answers, array_agg(mistaken_at) AS moments
             FROM mistake_occurrences
            WHERE mistake_id = m.id) o ON true";

/// Returns those of the given mistakes that are there.
pub async fn present(
    db: &impl GenericClient,
    keys: &[(Uuid, [u8; 32])],
) -> Result<Vec<Present>, DbError> {
    let students: Vec<Uuid> = keys.iter().map(|(student, _)| *student).collect();
    let prints: Vec<&[u8]> = keys.iter().map(|(_, print)| print.as_slice()).collect();
    let rows = db::query(db, "mistakes.present", PRESENT, &[&students, &prints]).await?;
    let read = |row: &Row| {
        let print: Vec<u8> = row.try_get("fingerprint")?;
        let print = print.try_into().map_err(|_| DbError::decode("fingerprint", "is not 32 bytes"));
        let answers: Vec<String> = row.try_get("answers")?;
        let moments: Vec<DateTime<Utc>> = row.try_get("moments")?;
        Ok(Present {
            key: (row.try_get("student_id")?, print?),
            times_wrong: count(row, "times_wrong")?,
            times: answers.into_iter().zip(moments).collect(),
        })
    };
    rows.iter().map(read).collect()
}

/// What taking an import back came to.
#[derive(Clone, Debug, Default)]
pub struct Undone {
    /// Mistakes that were deleted, with their students.
    pub gone: Vec<(Uuid, Uuid)>,
    /// Mistakes that were counted down, with their students.
    pub lowered: Vec<(Uuid, Uuid)>,
    /// Of these, those that have an earlier wrong answer again, which nobody has analysed since.
    pub unanalysed: Vec<(Uuid, Uuid)>,
    /// Mistakes that stay as they are: somebody has edited or reviewed them since.
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

/// How an entry stood before the import returns when nobody has counted it up since (`b`) and, but
/// for the wrong answer, nobody has edited it. That answer may be of an import below this one that was
/// taken back already: the times tell. The statement sees the occurrences as they were before it, those
/// of the import included, and its end the entry as it was. What is deleted is analysed when it is
/// restored.
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
                  stability_days float8, difficulty float8, memory_at timestamptz,
                  interval_days integer)
         WHERE import_id = $1 AND undo IS NOT NULL),
    lowered AS (
        SELECT r.mistake_id, r.times, o.first_at, o.last_at,
               CASE WHEN m.wrong_answer = ANY (r.answers)
                    THEN coalesce(CASE WHEN m.times_wrong - r.times = b.times_wrong
                                       THEN b.wrong_answer END, o.answer, m.wrong_answer)
                    ELSE m.wrong_answer END AS answer,
               b.mistake_id IS NOT NULL
               AND (b.raises IS NULL OR m.edits IS NOT DISTINCT FROM b.edits) AS is_back,
               coalesce(b.raises, m.raises) AS raises, b.status, b.due_at, b.stability_days,
               b.difficulty, b.memory_at, b.interval_days
          FROM by_mistake r
          JOIN mistakes m ON m.id = r.mistake_id
          LEFT JOIN before b
                 ON b.mistake_id = m.id
                AND coalesce(m.raises = b.raises + 1, m.version = b.version + 1)
          LEFT JOIN LATERAL (
               SELECT min(mistaken_at) AS first_at, max(mistaken_at) AS last_at,
                      (array_agg(wrong_answer ORDER BY mistaken_at DESC, batch_id DESC))[1] AS answer
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

/// Takes back what an import recorded.
pub async fn undo(
    tx: &impl GenericClient,
    import: Uuid,
    now: DateTime<Utc>,
) -> Result<Undone, DbError> {
    let locked = db::query(tx, "mistakes.lock_import", LOCK, &[&import]).await?;
    let ids = locked.iter().map(|row| Ok(row.try_get("id")?));
    let ids: Vec<Uuid> = ids.collect::<Result<_, DbError>>()?;
    let shared = db::query(tx, "mistake_occurrences.shared", SHARED, &[&ids, &import]).await?;
    let shared = shared.iter().map(|row| Ok(row.try_get(0)?));
    let shared: HashSet<Uuid> = shared.collect::<Result<_, DbError>>()?;

    let mut undone = Undone::default();
    for row in &locked {
        let (id, student): (Uuid, Uuid) = (row.try_get("id")?, row.try_get("student_id")?);
        let (is_edited, is_live): (bool, bool) =
            (row.try_get("is_edited")?, row.try_get("is_live")?);
        match (shared.contains(&id), is_live, is_edited) {
            (false, true, false) => undone.gone.push((id, student)),
            (false, true, true) => undone.kept += 1,
            (false, false, _) | (true, ..) => {}
        }
    }
    let gone: Vec<Uuid> = undone.gone.iter().map(|(id, _)| *id).collect();
    db::execute(tx, "mistakes.remove_import", REMOVE, &[&gone, &now]).await?;
    let shared: Vec<Uuid> = shared.into_iter().collect();
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

const PENDING: &str = "
    SELECT count(*)::integer AS pending
      FROM mistake_jobs
     WHERE kind = 'analyse'
       AND mistake_id = ANY (ARRAY(SELECT mistake_id FROM mistake_occurrences WHERE batch_id = $1))";

/// Counts the mistakes of an import that wait for their analysis.
pub async fn pending(db: &impl GenericClient, import: Uuid) -> Result<u32, DbError> {
    let row = db::query_one(db, "mistake_jobs.pending_of_import", PENDING, &[&import]).await?;
    count(&row, "pending")
}
