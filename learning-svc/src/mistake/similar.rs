//! Mistakes alike in meaning.

use kit::{caller::Caller, db::DbError, error::Invalid};
use uuid::Uuid;

use super::{
    Mistake, MistakeError, Mistakes,
    book::{live, visible},
};
use crate::{
    access::{self, Subject},
    store::mistakes,
};

/// Cosine similarity from which on two mistakes are alike.
pub const MIN_SIMILARITY: f32 = 0.5;
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
    /// Finds mistakes like one: of its student, or of `everybody` whom the caller may see.
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
        let owners = {
            let db = self.pool.get().await.map_err(DbError::from)?;
            let mistake = mistakes::get(&db, id).await?.ok_or(MistakeError::NotFound(id))?;
            visible(&db, caller, &mistake).await?;
            let own = live(mistake)?.student_id;
            let mut owners = vec![own];
            if everybody {
                let reached = access::reach(&db, caller, Subject::default()).await?;
                owners.extend(reached.into_iter().filter(|student| *student != own));
            }
            owners
        };
        // The item itself is the best hit of all; deleted ones may still be there for a moment.
        let hits = self.ai.similar(id, &owners, limit + 10, MIN_SIMILARITY).await?;
        let ids: Vec<Uuid> = hits.iter().map(|hit| hit.id).filter(|hit| *hit != id).collect();
        let db = self.pool.get().await.map_err(DbError::from)?;
        let found = mistakes::get_all(&db, &ids).await?;
        let seen = found
            .into_iter()
            .filter(|mistake| mistake.deleted_at.is_none() && owners.contains(&mistake.student_id));
        let scored = seen.filter_map(|mistake| {
            let hit = hits.iter().find(|hit| hit.id == mistake.id)?;
            Some(Similar { similarity: f64::from(hit.score.clamp(0.0, 1.0)), mistake })
        });
        Ok(scored.take(usize::try_from(limit).unwrap_or(usize::MAX)).collect())
    }
}
