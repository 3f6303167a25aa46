//! `AnalysisService`.

use std::collections::HashSet;

use kit::{
    caller::Caller,
    error::{Checks, into_status},
};
use proto::ai::v1::{self as pb, analysis_service_server::AnalysisService};
use tonic::{Request, Response};

use super::{Reply, deadline, knowledge_point, origin};
use crate::{
    analysis::{Analysed, Analyst, Mistake, Way},
    rules::LEVELS,
    taxonomy,
};

const MISTAKES: std::ops::RangeInclusive<usize> = 1..=20;
const TYPES: [&str; 8] = [
    "grammar",
    "vocabulary",
    "reading",
    "listening",
    "writing",
    "speaking",
    "pronunciation",
    "comprehension",
];

/// Serves [`AnalysisService`].
pub struct AnalysisServer {
    analyst: Analyst,
}

impl AnalysisServer {
    #[must_use]
    pub fn new(analyst: Analyst) -> Self {
        Self { analyst }
    }
}

#[tonic::async_trait]
impl AnalysisService for AnalysisServer {
    async fn analyse_mistakes(
        &self,
        request: Request<pb::AnalyseMistakesRequest>,
    ) -> Reply<pb::AnalyseMistakesResponse> {
        let caller = Caller::of(&request)?;
        let until = deadline::until(&request);
        let request = request.into_inner();
        let pb::AnalyseMistakesRequest { mistakes, cefr_level, rules_only, fresh } = request;
        let way = match (rules_only, fresh) {
            (true, _) => Way::RulesOnly,
            (false, true) => Way::Anew,
            (false, false) => Way::Usual,
        };
        check(&mistakes, &cefr_level).map_err(into_status)?;
        let mistakes = mistakes.into_iter().map(mistake).collect();
        let analyse = self.analyst.analyse(&caller, mistakes, &cefr_level, way, until);
        let analyses = Box::pin(analyse).await.into_iter().map(analysed).collect();
        Ok(Response::new(pb::AnalyseMistakesResponse { analyses }))
    }

    async fn list_knowledge_points(
        &self,
        request: Request<pb::ListKnowledgePointsRequest>,
    ) -> Reply<pb::ListKnowledgePointsResponse> {
        Caller::of(&request)?;
        let knowledge_points = taxonomy::all().iter().map(knowledge_point).collect();
        Ok(Response::new(pb::ListKnowledgePointsResponse { knowledge_points }))
    }
}

fn check(mistakes: &[pb::MistakeToAnalyse], cefr_level: &str) -> Result<(), kit::error::Invalid> {
    let mut checks = Checks::new();
    checks.range("mistakes", mistakes.len(), MISTAKES);
    let known = cefr_level.is_empty() || LEVELS.contains(&cefr_level);
    checks.require(known, "cefr_level", "UNKNOWN", "is none of A1, A2, B1, B2, C1, C2");
    let mut ids = HashSet::new();
    for (at, mistake) in mistakes.iter().take(*MISTAKES.end()).enumerate() {
        let field = |name: &str| format!("mistakes[{at}].{name}");
        checks.text(&field("id"), &mistake.id, 1..=200);
        checks.require(ids.insert(&mistake.id), field("id"), "DUPLICATE", "is there twice");
        let known = TYPES.contains(&mistake.mistake_type.as_str());
        checks.require(known, field("mistake_type"), "UNKNOWN", "is no type of mistake");
        checks.multiline(&field("question"), &mistake.question, 0..=10_000);
        checks.multiline(&field("wrong_answer"), &mistake.wrong_answer, 0..=5_000);
        checks.multiline(&field("correct_answer"), &mistake.correct_answer, 0..=5_000);
        checks.multiline(&field("explanation"), &mistake.explanation, 0..=10_000);
        checks.multiline(&field("topic"), &mistake.topic, 0..=500);
    }
    checks.finish()
}

fn mistake(mistake: pb::MistakeToAnalyse) -> Mistake {
    let pb::MistakeToAnalyse {
        id,
        mistake_type,
        question,
        wrong_answer,
        correct_answer,
        explanation,
        topic,
    } = mistake;
    Mistake { id, mistake_type, question, wrong_answer, correct_answer, explanation, topic }
}

fn analysed(analysed: Analysed) -> pb::MistakeAnalysis {
    let Analysed { id, analysis, origin: from } = analysed;
    pb::MistakeAnalysis {
        id,
        error_type: analysis.error_type.code.to_owned(),
        error_type_zh: analysis.error_type.name_zh.to_owned(),
        error_type_en: analysis.error_type.name_en.to_owned(),
        knowledge_points: analysis.knowledge_points.into_iter().map(knowledge_point).collect(),
        what_went_wrong: analysis.what_went_wrong,
        why_right: analysis.why_right,
        how_to_remember: analysis.how_to_remember,
        origin: Some(origin(from)),
    }
}
