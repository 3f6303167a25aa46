//! One piece of work: what is asked of ai-svc, and what is written down of its answer.

use std::collections::HashMap;

use kit::db::DbError;
use proto::ai::v1::{Item, MistakeAnalysis, MistakeToAnalyse, Source};
use uuid::Uuid;

use super::{Analyst, WorkError};
use crate::{
    mistake::{Analysis, AnalysisStatus, KnowledgePoint, Mistake},
    store::{
        mistake_jobs::{self, Kind, Taken},
        mistakes, pupils,
    },
};

impl Analyst {
    /// Does what was taken and ends it.
    pub(super) async fn run(&self, worker: Uuid, taken: &Taken) -> Result<(), WorkError> {
        match taken.kind {
            Kind::Analyse => self.analyse(worker, taken).await,
            Kind::Index => {
                let items: Vec<Item> = self.live(taken).await?.iter().map(item).collect();
                if !items.is_empty() {
                    self.ai.index(items).await?;
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
        let level = {
            let db = self.pool.get().await.map_err(DbError::from)?;
            self.mark(&db, taken, AnalysisStatus::Running).await?;
            match found.first() {
                Some(first) => pupils::level(&db, first.student_id).await?,
                None => String::new(),
            }
        };
        let mut analyses: HashMap<String, MistakeAnalysis> = HashMap::new();
        if !found.is_empty() {
            // Who asks again wants another answer, not the kept one.
            let is_again = found.iter().any(|mistake| mistake.analysis.is_some());
            let asked = found.iter().map(asked).collect();
            let answer = self.ai.analyse(asked, level, is_again).await?;
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
        mistake_jobs::queue(&tx, caller, Kind::Index, &ended, bulk, now).await?;
        let ids: Vec<Uuid> = unanswered.iter().map(|(mistake, _)| *mistake).collect();
        mistakes::mark(&tx, &ids, AnalysisStatus::Failed).await?;
        tx.commit().await.map_err(DbError::from)?;
        let students: Vec<Uuid> = ended.first().map(|(_, student)| *student).into_iter().collect();
        self.figures.outdate(&db, &students).await;
        self.bell.ring();
        Ok(())
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

fn asked(mistake: &Mistake) -> MistakeToAnalyse {
    MistakeToAnalyse {
        id: mistake.id.to_string(),
        mistake_type: mistake.mistake_type.as_str().to_owned(),
        question: mistake.question.clone(),
        wrong_answer: mistake.wrong_answer.clone(),
        correct_answer: mistake.correct_answer.clone(),
        explanation: mistake.explanation.clone(),
        topic: mistake.topic.clone(),
    }
}

fn item(mistake: &Mistake) -> Item {
    Item {
        id: mistake.id.to_string(),
        owner_id: mistake.student_id.to_string(),
        organization_id: mistake.organization_id.to_string(),
        text: format!("{}\n{}", mistake.question, mistake.correct_answer),
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
