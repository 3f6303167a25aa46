//! One piece of work: what is asked of ai-svc, and what is written down of its answer.

use std::collections::{BTreeSet, HashMap};

use kit::db::DbError;
use proto::ai::v1::{Item, MistakeAnalysis, MistakeToAnalyse, Source};
use uuid::Uuid;

use super::{Analyst, WorkError};
use crate::{
    mistake::{Analysis, AnalysisStatus, KnowledgePoint, Mistake},
    redaction::Redaction,
    store::{
        mistake_jobs::{self, Kind, Taken},
        mistakes,
        pupils::{self, Known},
    },
    upstream::WRITES_END,
};

impl Analyst {
    /// Does what was taken and ends it.
    pub(super) async fn run(&self, worker: Uuid, taken: &Taken) -> Result<(), WorkError> {
        match taken.kind {
            Kind::Analyse => self.analyse(worker, taken).await,
            Kind::Index => {
                let found = self.live(taken).await?;
                if !found.is_empty() {
                    self.ai.index(self.items(&found).await?).await?;
                }
                self.end(worker, taken).await
            }
            Kind::Forget => {
                self.ai.forget(&taken.mistakes).await?;
                self.end(worker, taken).await
            }
        }
    }

    async fn analyse(&self, worker: Uuid, taken: &Taken) -> Result<(), WorkError> {
        let found = self.live(taken).await?;
        let pupil = {
            let db = self.pool.get().await.map_err(DbError::from)?;
            self.mark(&db, taken, AnalysisStatus::Running).await?;
            match found.first() {
                Some(first) => {
                    let mut known = pupils::known(&db, &[first.student_id]).await?;
                    known.remove(&first.student_id).unwrap_or_default()
                }
                None => Known::default(),
            }
        };
        let hidden = Redaction::of(&pupil.people);
        let mut analyses: HashMap<String, MistakeAnalysis> = HashMap::new();
        let (again, first): (Vec<&Mistake>, Vec<&Mistake>) =
            found.iter().partition(|mistake| mistake.analysis.is_some());
        // Who asks again wants another answer, not the kept one. Those come last: when they fail,
        // the answers about the others are kept for the next try.
        for (together, is_again) in [(first, false), (again, true)] {
            if together.is_empty() {
                continue;
            }
            let asked = together.into_iter().map(|mistake| asked(mistake, &hidden)).collect();
            let answer = self.ai.analyse(asked, pupil.cefr_level.clone(), is_again).await?;
            analyses.extend(answer.into_iter().map(|analysis| (analysis.id.clone(), analysis)));
        }

        let now = self.clock.now();
        let mut db = self.pool.get().await.map_err(DbError::from)?;
        let tx = db.transaction().await.map_err(DbError::from)?;
        // What was changed or deleted meanwhile is no longer the worker's: it goes its own way.
        mistakes::lock_rows(&tx, &taken.mistakes).await?;
        let ended = mistake_jobs::finish(&tx, taken, worker).await?;
        let mut unanswered = Vec::new();
        for (mistake, student) in &ended {
            if let Some(analysis) = analyses.remove(&mistake.to_string()) {
                let points = points(&analysis);
                mistakes::analysed(&tx, *mistake, &written(analysis, now), &points).await?;
            } else if found.iter().any(|known| known.id == *mistake) {
                unanswered.push((*mistake, *student));
            }
        }
        let (caller, bulk) = (&taken.caller, taken.mistakes.len() > 1);
        // Somebody may still be indexing what a text said before it was edited.
        let done: Vec<Uuid> = ended.iter().map(|(mistake, _)| *mistake).collect();
        let at_work = mistake_jobs::cancel(&tx, &done, &[Kind::Index]).await?;
        mistake_jobs::queue(&tx, caller, Kind::Index, &ended, bulk, now).await?;
        mistake_jobs::delay(&tx, &at_work, now + WRITES_END).await?;
        let ids: Vec<Uuid> = unanswered.iter().map(|(mistake, _)| *mistake).collect();
        mistakes::mark(&tx, &ids, AnalysisStatus::Failed).await?;
        tx.commit().await.map_err(DbError::from)?;
        let students: Vec<Uuid> = ended.first().map(|(_, student)| *student).into_iter().collect();
        self.figures.outdate(&db, caller, &students).await;
        self.bell.ring();
        Ok(())
    }

    /// Describes mistakes so that they can be found by meaning.
    async fn items(&self, found: &[Mistake]) -> Result<Vec<Item>, DbError> {
        let students: BTreeSet<Uuid> = found.iter().map(|mistake| mistake.student_id).collect();
        let students: Vec<Uuid> = students.into_iter().collect();
        let known = {
            let db = self.pool.get().await.map_err(DbError::from)?;
            pupils::known(&db, &students).await?
        };
        let hidden = known.iter().map(|(id, known)| (*id, Redaction::of(&known.people)));
        let hidden: HashMap<Uuid, Redaction> = hidden.collect();
        let of = |mistake: &Mistake| hidden.get(&mistake.student_id);
        Ok(found.iter().filter_map(|mistake| Some(item(mistake, of(mistake)?))).collect())
    }

    /// Returns what was taken and is not deleted.
    async fn live(&self, taken: &Taken) -> Result<Vec<Mistake>, DbError> {
        let db = self.pool.get().await.map_err(DbError::from)?;
        let mut found = mistakes::get_all(&db, &taken.mistakes).await?;
        found.retain(|mistake| mistake.deleted_at.is_none());
        Ok(found)
    }

    async fn end(&self, worker: Uuid, taken: &Taken) -> Result<(), WorkError> {
        let db = self.pool.get().await.map_err(DbError::from)?;
        mistake_jobs::finish(&db, taken, worker).await?;
        Ok(())
    }
}

/// Describes a mistake without saying whose it is.
fn asked(mistake: &Mistake, hidden: &Redaction) -> MistakeToAnalyse {
    let hide = |text: &str| hidden.apply(text);
    MistakeToAnalyse {
        id: mistake.id.to_string(),
        mistake_type: mistake.mistake_type.as_str().to_owned(),
        question: hide(&mistake.question),
        wrong_answer: hide(&mistake.wrong_answer),
        correct_answer: hide(&mistake.correct_answer),
        explanation: hide(&mistake.explanation),
        topic: hide(&mistake.topic),
    }
}

/// Describes a mistake for a search by meaning: an embedding may be made elsewhere, too.
fn item(mistake: &Mistake, hidden: &Redaction) -> Item {
    let text = format!("{}\n{}", mistake.question, mistake.correct_answer);
    Item {
        id: mistake.id.to_string(),
        owner_id: mistake.student_id.to_string(),
        organization_id: mistake.organization_id.to_string(),
        text: hidden.apply(&text),
    }
}

fn points(analysis: &MistakeAnalysis) -> Vec<KnowledgePoint> {
    let points = analysis.knowledge_points.iter();
    let points = points.map(|point| KnowledgePoint {
        id: point.id.clone(),
        name_zh: point.name_zh.clone(),
        name_en: point.name_en.clone(),
    });
    points.collect()
}

fn written(analysis: MistakeAnalysis, now: chrono::DateTime<chrono::Utc>) -> Analysis {
    let origin = analysis.origin.unwrap_or_default();
    let source = match origin.source() {
        Source::Model => "model",
        Source::Rules | Source::Unspecified => "rules",
    };
    Analysis {
        error_type: analysis.error_type,
        error_type_zh: analysis.error_type_zh,
        error_type_en: analysis.error_type_en,
        what_went_wrong: analysis.what_went_wrong,
        why_right: analysis.why_right,
        how_to_remember: analysis.how_to_remember,
        source: source.to_owned(),
        model: origin.model,
        analysed_at: now,
    }
}
