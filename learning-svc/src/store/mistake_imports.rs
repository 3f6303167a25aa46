//! What imports of mistakes are compared with, and taking them back.

use std::collections::HashMap;

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

/// Mistakes that taking an import back concerned, with their students.
#[derive(Clone, Debug, Default)]
pub struct Undone {
    pub gone: Vec<(Uuid, Uuid)>,
    pub lowered: Vec<(Uuid, Uuid)>,
}

const LOCK: &str = "
    SELECT id
      FROM mistakes
     WHERE id IN (SELECT mistake_id FROM mistake_occurrences WHERE batch_id = $1)
     ORDER BY id
       FOR UPDATE";

/// Without other times that it was made, an entry goes that the import made.
const REMOVE: &str = "
    DELETE FROM mistakes m
     USING mistake_occurrences first
     WHERE first.batch_id = $1 AND first.is_first AND m.id = first.mistake_id
       AND NOT EXISTS (SELECT FROM mistake_occurrences other
                        WHERE other.mistake_id = m.id AND other.batch_id <> $1)
 RETURNING m.id, m.student_id";

/// The statement sees the occurrences as they were before it, those of the import included.
const LOWER: &str = "
    WITH removed AS (
        DELETE FROM mistake_occurrences WHERE batch_id = $1
     RETURNING mistake_id, wrong_answer),
    by_mistake AS (
        SELECT mistake_id, count(*)::integer AS times, array_agg(wrong_answer) AS answers
          FROM removed
         GROUP BY mistake_id),
    lowered AS (
        SELECT b.mistake_id, b.times, b.answers, o.first_at, o.last_at, o.answer
          FROM by_mistake b
          LEFT JOIN LATERAL (
               SELECT min(mistaken_at) AS first_at, max(mistaken_at) AS last_at,
                      (array_agg(wrong_answer ORDER BY mistaken_at DESC, batch_id DESC))[1] AS answer
                 FROM mistake_occurrences o
                WHERE o.mistake_id = b.mistake_id AND o.batch_id <> $1) o ON true)
    UPDATE mistakes m
       SET times_wrong = greatest(m.times_wrong - l.times, 1),
           first_mistaken_at = coalesce(l.first_at, m.first_mistaken_at),
           last_mistaken_at = coalesce(l.last_at, m.last_mistaken_at),
           wrong_answer = CASE WHEN m.wrong_answer = ANY (l.answers)
                               THEN coalesce(l.answer, m.wrong_answer) ELSE m.wrong_answer END,
           version = m.version + 1, updated_at = $2
      FROM lowered l
     WHERE m.id = l.mistake_id
 RETURNING m.id, m.student_id";

/// Takes back what an import recorded.
pub async fn undo(
    tx: &impl GenericClient,
    import: Uuid,
    now: DateTime<Utc>,
) -> Result<Undone, DbError> {
    db::query(tx, "mistakes.lock_import", LOCK, &[&import]).await?;
    let gone = db::query(tx, "mistakes.remove_import", REMOVE, &[&import]).await?;
    let lowered = db::query(tx, "mistakes.lower_import", LOWER, &[&import, &now]).await?;
    let ids = |rows: &[Row]| {
        let ids = rows.iter().map(|row| Ok((row.try_get("id")?, row.try_get("student_id")?)));
        ids.collect::<Result<Vec<(Uuid, Uuid)>, DbError>>()
    };
    Ok(Undone { gone: ids(&gone)?, lowered: ids(&lowered)? })
}
