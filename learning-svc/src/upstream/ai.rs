//! Analyses and search by meaning, which ai-svc does.

use std::time::Duration;

use chrono::TimeDelta;
use futures::future::try_join_all;
use kit::grpc::{Client, MAX_MESSAGE};
use proto::ai::v1::{
    AnalyseMistakesRequest, Collection, DeleteItemsRequest, IndexItemsRequest, Item,
    MistakeAnalysis, MistakeToAnalyse, SearchItemsRequest,
    analysis_service_client::AnalysisServiceClient, vector_service_client::VectorServiceClient,
};
use tonic::{Request, Status};
use uuid::Uuid;

use super::UpstreamError;

/// Students whose mistakes one search of ai-svc may see.
pub const MAX_OWNERS: usize = 1_000;
/// Searches for one question at the same time.
const SEARCHES: usize = 4;
/// A model takes its time; nobody waits for it.
const ANALYSIS_DEADLINE: Duration = Duration::from_mins(3);
/// For indexing and forgetting, below [`WRITES_END`].
const INDEX_DEADLINE: Duration = Duration::from_mins(1);
/// By then a call that indexes or forgets has ended, even when nobody waits for it any more.
pub const WRITES_END: TimeDelta = TimeDelta::seconds(75);

/// Asks ai-svc.
#[derive(Clone, Debug)]
pub struct Ai {
    analyses: AnalysisServiceClient<Client>,
    vectors: VectorServiceClient<Client>,
}

/// A mistake that is like what was searched for.
#[derive(Clone, Copy, Debug)]
pub struct Hit {
    pub id: Uuid,
    /// Cosine similarity.
    pub score: f32,
}

fn failed(status: Status) -> UpstreamError {
    UpstreamError { service: "ai-svc", status }
}

impl Ai {
    /// Asks through `client`, whose deadline holds for searches; everything else has a longer one.
    #[must_use]
    pub fn new(client: Client) -> Self {
        let analyses = AnalysisServiceClient::new(client.clone());
        Self {
            analyses: analyses.max_decoding_message_size(MAX_MESSAGE),
            vectors: VectorServiceClient::new(client),
        }
    }

    /// Analyses up to 20 mistakes of one student; `fresh` takes no answer that was given before.
    ///
    /// # Errors
    ///
    /// Fails when ai-svc refuses them or is away.
    pub async fn analyse(
        &self,
        mistakes: Vec<MistakeToAnalyse>,
        cefr_level: String,
        fresh: bool,
    ) -> Result<Vec<MistakeAnalysis>, UpstreamError> {
        let message = AnalyseMistakesRequest { mistakes, cefr_level, rules_only: false, fresh };
        let mut request = Request::new(message);
        request.set_timeout(ANALYSIS_DEADLINE);
        let answer = self.analyses.clone().analyse_mistakes(request).await.map_err(failed)?;
        Ok(answer.into_inner().analyses)
    }

    /// Makes mistakes findable.
    ///
    /// # Errors
    ///
    /// Fails when ai-svc refuses them or is away.
    pub async fn index(&self, items: Vec<Item>) -> Result<(), UpstreamError> {
        let message = IndexItemsRequest { collection: Collection::Mistakes.into(), items };
        let mut request = Request::new(message);
        request.set_timeout(INDEX_DEADLINE);
        self.vectors.clone().index_items(request).await.map(|_| ()).map_err(failed)
    }

    /// Makes mistakes unfindable.
    ///
    /// # Errors
    ///
    /// Fails when ai-svc is away.
    pub async fn forget(&self, mistakes: &[Uuid]) -> Result<(), UpstreamError> {
        let ids = mistakes.iter().map(Uuid::to_string).collect();
        let message = DeleteItemsRequest { collection: Collection::Mistakes.into(), ids };
        let mut request = Request::new(message);
        request.set_timeout(INDEX_DEADLINE);
        self.vectors.clone().delete_items(request).await.map(|_| ()).map_err(failed)
    }

    /// Finds the mistakes of `owners` that are most like `mistake`, the best first: of many owners
    /// in several searches. A mistake that is not indexed yet is like nothing.
    ///
    /// # Errors
    ///
    /// Fails when ai-svc is away.
    pub async fn similar(
        &self,
        mistake: Uuid,
        owners: &[Uuid],
        limit: u32,
        min_score: f32,
    ) -> Result<Vec<Hit>, UpstreamError> {
        let parts: Vec<&[Uuid]> = owners.chunks(MAX_OWNERS).collect();
        let mut hits: Vec<Hit> = Vec::new();
        for together in parts.chunks(SEARCHES) {
            let searches =
                together.iter().map(|owners| self.search(mistake, owners, limit, min_score));
            hits.extend(try_join_all(searches).await?.into_iter().flatten());
        }
        hits.sort_by(|one, other| other.score.total_cmp(&one.score));
        hits.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
        Ok(hits)
    }

    async fn search(
        &self,
        mistake: Uuid,
        owners: &[Uuid],
        limit: u32,
        min_score: f32,
    ) -> Result<Vec<Hit>, UpstreamError> {
        let message = SearchItemsRequest {
            collection: Collection::Mistakes.into(),
            text: String::new(),
            item_id: mistake.to_string(),
            owner_ids: owners.iter().map(Uuid::to_string).collect(),
            limit,
            min_score,
        };
        let hits = match self.vectors.clone().search_items(message).await {
            Ok(answer) => answer.into_inner().hits,
            Err(status) if status.code() == tonic::Code::NotFound => Vec::new(),
            Err(status) => return Err(failed(status)),
        };
        let known = hits.into_iter().filter_map(|hit| {
            let id = Uuid::try_parse(&hit.id).ok()?;
            (hit.score >= min_score).then_some(Hit { id, score: hit.score })
        });
        Ok(known.collect())
    }
}
