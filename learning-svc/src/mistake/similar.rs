//! Mistakes alike in meaning.

use std::collections::HashSet;

use kit::{caller::Caller, db::DbError, error::Invalid};
use uuid::Uuid;

use super::{
    Mistake, MistakeError, Mistakes,
    book::{live, visible},
    normalised,
};
use crate::{
    access::{self, Subject},
    store::mistakes,
};

/// Cosine similarity from which on two mistakes are alike.
pub const MIN_SIMILARITY: f32 = 0.5;
/// Mistakes that a search brings at most. Many of a class have the same question wrong: what is alike
/// without being the same comes after all of those.
pub const MOST_HITS: u32 = 100;
const DEFAULT_LIMIT: u32 = 5;
const MAX_LIMIT: u32 = 20;

/// A mistake that is like another one.
#[derive(Clone, Debug)]
pub struct Similar {
    pub mistake: Mistake,
    /// Cosine similarity, 0 to 1.
    pub similarity: f64,
}

impl Mistakes {
    /// Finds mistakes like one: of its student, or of `everybody` whom the caller may see. Each question
    /// once, and not that of the mistake itself.
    pub async fn similar(
        &self,
        caller: &Caller,
        id: Uuid,
        everybody: bool,
        limit: u32,
    ) -> Result<Vec<Similar>, MistakeError> {
        if limit > MAX_LIMIT {
            let detail = format!("must be at most {MAX_LIMIT}");
            return Err(Invalid::one("limit", "OUT_OF_RANGE", detail).into());
        }
        let limit = if limit == 0 { DEFAULT_LIMIT } else { limit };
        let (question, owners) = {
            let db = self.pool.get().await.map_err(DbError::from)?;
            let mistake = mistakes::get(&db, id).await?.ok_or(MistakeError::NotFound(id))?;
            visible(&db, caller, &mistake).await?;
            let mistake = live(mistake)?;
            let own = mistake.student_id;
            let mut owners = vec![own];
            if everybody {
                let reached = access::reach(&db, caller, Subject::default()).await?;
                owners.extend(reached.into_iter().filter(|student| *student != own));
            }
            (mistake.question, owners)
        };
        // The item itself is the best hit of all; deleted ones may still be there for a moment.
        let hits = self.ai.similar(id, &owners, MOST_HITS, MIN_SIMILARITY).await?;
        let ids: Vec<Uuid> = hits.iter().map(|hit| hit.id).filter(|hit| *hit != id).collect();
        let db = self.pool.get().await.map_err(DbError::from)?;
        let found = mistakes::get_all(&db, &ids).await?;
        let visible = found
            .into_iter()
            .filter(|mistake| mistake.deleted_at.is_none() && owners.contains(&mistake.student_id));
        let scored = visible.filter_map(|mistake| {
            let hit = hits.iter().find(|hit| hit.id == mistake.id)?;
            Some(Similar { similarity: f64::from(hit.score.clamp(0.0, 1.0)), mistake })
        });
        let different = different(&question, scored, |similar| &similar.mistake.question);
        Ok(different.take(usize::try_from(limit).unwrap_or(usize::MAX)).collect())
    }
}

/// Keeps of `all` what is about another question than `question` and than what came before.
pub(crate) fn different<T>(
    question: &str,
    all: impl Iterator<Item = T>,
    question_of: impl Fn(&T) -> &str,
) -> impl Iterator<Item = T> {
    let mut seen = HashSet::from([normalised(question)]);
    all.filter(move |one| seen.insert(normalised(question_of(one))))
}
