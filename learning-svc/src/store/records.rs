//! Writing new entries of mistake books in bulk.

use chrono::{DateTime, Utc};
use kit::{
    caller::Caller,
    db::{self, DbError, GenericClient},
};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::mistake::{NewMistake, Status};

/// An entry to be made, or to be counted up when it is there.
#[derive(Clone, Copy, Debug)]
pub struct Entry<'a> {
    /// Its id when it is made.
    pub id: Uuid,
    pub fingerprint: &'a [u8; 32],
    pub mistake: &'a NewMistake,
    pub times_wrong: i32,
    pub first_mistaken_at: DateTime<Utc>,
    pub last_mistaken_at: DateTime<Utc>,
}

/// An entry that is there.
#[derive(Clone, Debug)]
pub struct Found {
    pub id: Uuid,
    pub student_id: Uuid,
    pub fingerprint: Vec<u8>,
    /// Nobody has analysed this wrong answer: the entry is new, or had another one.
    pub is_unanalysed: bool,
}

/// An ignored entry stays ignored, everything else is due again. What only somebody's word said of
/// the memory, without a review, no longer holds. With another wrong answer the analysis goes, so
/// that nobody seems to have asked for another one. The subquery of `RETURNING` sees the entry as it
/// was before the statement.
const UPSERT: &str = "
    INSERT INTO mistakes AS m
           (id, student_id, organization_id, mistake_type, status, question, wrong_answer,
            correct_answer, explanation, topic, difficulty_level, source, times_wrong,
            first_mistaken_at, last_mistaken_at, due_at, analysis_status, fingerprint, created_by,
            created_at, updated_at)
    SELECT id, student_id, $15, mistake_type, 'pending', question, wrong_answer,
           correct_answer, explanation, topic, difficulty_level, source, times_wrong,
           first_mistaken_at, last_mistaken_at, $17, 'queued', fingerprint, $16, $17, $17
      FROM unnest($1::uuid[], $2::uuid[], $3::bytea[], $4::text[], $5::text[], $6::text[],
                  $7::text[], $8::text[], $9::text[], $10::text[], $11::text[], $12::integer[],
                  $13::timestamptz[], $14::timestamptz[])
        AS new (id, student_id, fingerprint, mistake_type, question, wrong_answer, correct_answer,
                explanation, topic, difficulty_level, source, times_wrong, first_mistaken_at,
                last_mistaken_at)
        ON CONFLICT (student_id, fingerprint) WHERE deleted_at IS NULL
        DO UPDATE
       SET times_wrong = m.times_wrong + excluded.times_wrong,
           wrong_answer = CASE WHEN excluded.last_mistaken_at >= m.last_mistaken_at
                               THEN excluded.wrong_answer ELSE m.wrong_answer END,
           analysis_status = CASE WHEN excluded.last_mistaken_at >= m.last_mistaken_at
                                       AND excluded.wrong_answer <> m.wrong_answer
                                  THEN 'queued' ELSE m.analysis_status END,
           analysis = CASE WHEN excluded.last_mistaken_at >= m.last_mistaken_at
                                AND excluded.wrong_answer <> m.wrong_answer
                           THEN NULL ELSE m.analysis END,
           first_mistaken_at = least(m.first_mistaken_at, excluded.first_mistaken_at),
           last_mistaken_at = greatest(m.last_mistaken_at, excluded.last_mistaken_at),
           status = CASE WHEN m.status <> 'mastered' THEN m.status
                         WHEN m.review_count > 0 THEN 'reviewing'
                         ELSE 'pending' END,
           due_at = CASE WHEN m.status = 'ignored' THEN NULL ELSE excluded.due_at END,
           stability_days = CASE WHEN m.review_count > 0 THEN m.stability_days END,
           difficulty = CASE WHEN m.review_count > 0 THEN m.difficulty END,
           memory_at = CASE WHEN m.review_count > 0 THEN m.memory_at END,
           interval_days = CASE WHEN m.review_count > 0 THEN m.interval_days END,
           raises = coalesce(m.raises, 0) + 1,
           version = m.version + 1,
           updated_at = excluded.updated_at
 RETURNING m.id, m.student_id, m.fingerprint,
           m.analysis_status = 'queued'
           AND (SELECT was.wrong_answer FROM mistakes was WHERE was.id = m.id)
               IS DISTINCT FROM m.wrong_answer AS is_unanalysed";

/// Makes entries or counts up those that are there; returns them all.
pub async fn upsert(
    db: &impl GenericClient,
    caller: &Caller,
    entries: &[Entry<'_>],
    now: DateTime<Utc>,
) -> Result<Vec<Found>, DbError> {
    if entries.is_empty() {
        return Ok(Vec::new());
    }
    let ids: Vec<Uuid> = entries.iter().map(|entry| entry.id).collect();
    let students: Vec<Uuid> = entries.iter().map(|entry| entry.mistake.student_id).collect();
    let prints: Vec<&[u8]> = entries.iter().map(|entry| entry.fingerprint.as_slice()).collect();
    let text = |get: fn(&NewMistake) -> &str| -> Vec<&str> {
        entries.iter().map(|entry| get(entry.mistake)).collect()
    };
    let types = text(|new| new.mistake_type.as_str());
    let questions = text(|new| &new.question);
    let wrong_answers = text(|new| &new.wrong_answer);
    let correct_answers = text(|new| &new.correct_answer);
    let explanations = text(|new| &new.explanation);
    let topics = text(|new| &new.topic);
    let levels = text(|new| &new.difficulty_level);
    let sources = text(|new| &new.source);
    let times: Vec<i32> = entries.iter().map(|entry| entry.times_wrong).collect();
    let first: Vec<DateTime<Utc>> = entries.iter().map(|entry| entry.first_mistaken_at).collect();
    let last: Vec<DateTime<Utc>> = entries.iter().map(|entry| entry.last_mistaken_at).collect();
    let params: [&(dyn db::ToSql + Sync); 17] = [
        &ids,
        &students,
        &prints,
        &types,
        &questions,
        &wrong_answers,
        &correct_answers,
        &explanations,
        &topics,
        &levels,
        &sources,
        &times,
        &first,
        &last,
        &caller.organization_id,
        &caller.user_id,
        &now,
    ];
    let rows = db::query(db, "mistakes.upsert", UPSERT, &params).await?;
    rows.iter().map(found).collect()
}

/// An entry as it stands before it is counted up. What earlier versions of the service have stored
/// ends with `version`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Before {
    pub mistake_id: Uuid,
    pub status: Status,
    pub due_at: Option<DateTime<Utc>>,
    pub version: i64,
    pub times_wrong: Option<i32>,
    pub raises: Option<i32>,
    /// Unknown of an entry that is older than their count and that nobody has edited since.
    pub edits: Option<i32>,
    pub wrong_answer: Option<String>,
    pub last_mistaken_at: Option<DateTime<Utc>>,
    pub stability_days: Option<f64>,
    pub difficulty: Option<f64>,
    pub memory_at: Option<DateTime<Utc>>,
    pub interval_days: Option<i32>,
}

const LOCK: &str = "
    SELECT m.id, m.status, m.due_at, m.version, m.times_wrong, coalesce(m.raises, 0) AS raises,
           m.edits, m.wrong_answer, m.last_mistaken_at, m.stability_days, m.difficulty,
           m.memory_at, m.interval_days
      FROM unnest($1::uuid[], $2::bytea[]) AS asked (student_id, fingerprint)
      JOIN mistakes m ON m.student_id = asked.student_id AND m.fingerprint = asked.fingerprint
                     AND m.deleted_at IS NULL
     ORDER BY m.id
       FOR UPDATE OF m";

/// Locks those of the given mistakes of students that are there, by id as everybody does, and
/// returns how they stand.
pub async fn lock(
    tx: &impl GenericClient,
    students: &[Uuid],
    fingerprints: &[&[u8]],
) -> Result<Vec<Before>, DbError> {
    let rows = db::query(tx, "mistakes.lock_there", LOCK, &[&students, &fingerprints]).await?;
    let read = |row: &db::Row| {
        let status: &str = row.try_get("status")?;
        Ok(Before {
            mistake_id: row.try_get("id")?,
            status: Status::from_name(status).ok_or_else(|| DbError::decode("status", status))?,
            due_at: row.try_get("due_at")?,
            version: row.try_get("version")?,
            times_wrong: row.try_get("times_wrong")?,
            raises: row.try_get("raises")?,
            edits: row.try_get("edits")?,
            wrong_answer: row.try_get("wrong_answer")?,
            last_mistaken_at: row.try_get("last_mistaken_at")?,
            stability_days: row.try_get("stability_days")?,
            difficulty: row.try_get("difficulty")?,
            memory_at: row.try_get("memory_at")?,
            interval_days: row.try_get("interval_days")?,
        })
    };
    rows.iter().map(read).collect()
}

fn found(row: &db::Row) -> Result<Found, DbError> {
    Ok(Found {
        id: row.try_get("id")?,
        student_id: row.try_get("student_id")?,
        fingerprint: row.try_get("fingerprint")?,
        is_unanalysed: row.try_get("is_unanalysed")?,
    })
}
