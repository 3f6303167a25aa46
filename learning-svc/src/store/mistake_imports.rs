//! What imports of mistakes are compared with, and what of them is waiting.

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
    /// Returns the student with a number in any case, and their name.
    #[must_use]
    pub fn numbered(&self, number: &str) -> Option<(Uuid, &str)> {
        self.numbers.get(&number.to_lowercase()).map(|(id, name)| (*id, name.as_str()))
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
            pupils.numbers.insert(number.to_lowercase(), (id, name.clone()));
        }
        pupils.names.entry(name).or_default().push(id);
    }
    Ok(pupils)
}

const LOCK_PUPILS: &str = "
    SELECT FROM students
     WHERE user_id IN (SELECT student_id FROM class_students
                        WHERE class_id = $1 AND enrollment_status = 'active')
     ORDER BY user_id
       FOR NO KEY UPDATE";

/// Keeps other imports from writing into the books of a class until the transaction ends.
pub async fn lock_pupils(tx: &impl GenericClient, class: Uuid) -> Result<(), DbError> {
    db::query(tx, "students.lock_pupils", LOCK_PUPILS, &[&class]).await.map(|_| ())
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
