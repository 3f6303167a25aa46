//! Questions that stand beside those of a printed book.

use std::collections::HashMap;

use kit::db::{self, DbError, GenericClient, Row};
use uuid::Uuid;

/// A question like another one, without the name of the student who got it wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SimilarQuestion {
    pub mistake_id: Uuid,
    pub question: String,
    pub correct_answer: String,
}

const QUESTIONS: &str = "
    SELECT id AS mistake_id, question, correct_answer
      FROM mistakes
     WHERE id = ANY ($1) AND student_id = ANY ($2) AND deleted_at IS NULL";

/// Returns the questions of those of `ids` that belong to `students`.
pub async fn questions(
    db: &impl GenericClient,
    ids: &[Uuid],
    students: &[Uuid],
) -> Result<HashMap<Uuid, SimilarQuestion>, DbError> {
    let rows = db::query(db, "mistakes.questions", QUESTIONS, &[&ids, &students]).await?;
    let read = |row: &Row| question(row).map(|question| (question.mistake_id, question));
    rows.iter().map(read).collect()
}

const RELATED: &str = "
    SELECT m.id AS of, o.*
      FROM mistakes m
     CROSS JOIN LATERAL (
           SELECT o.id AS mistake_id, o.question, o.correct_answer
             FROM mistakes o
            WHERE o.student_id = m.student_id AND o.id <> m.id AND o.deleted_at IS NULL
              AND o.knowledge_point_ids && m.knowledge_point_ids
            ORDER BY o.last_mistaken_at DESC, o.id DESC
            LIMIT $2) o
     WHERE m.id = ANY ($1)";

/// Finds up to `most` other questions of the same student and knowledge point for each of `ids`.
pub async fn related(
    db: &impl GenericClient,
    ids: &[Uuid],
    most: usize,
) -> Result<Vec<(Uuid, SimilarQuestion)>, DbError> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let most = i64::try_from(most).unwrap_or(i64::MAX);
    let rows = db::query(db, "mistakes.related", RELATED, &[&ids, &most]).await?;
    rows.iter().map(|row| Ok((row.try_get("of")?, question(row)?))).collect()
}

fn question(row: &Row) -> Result<SimilarQuestion, DbError> {
    Ok(SimilarQuestion {
        mistake_id: row.try_get("mistake_id")?,
        question: row.try_get("question")?,
        correct_answer: row.try_get("correct_answer")?,
    })
}
