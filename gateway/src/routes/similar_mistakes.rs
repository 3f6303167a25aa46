//! Mistakes alike in meaning.

use actix_web::{
    get,
    web::{Data, Path},
};
use proto::learning::v1 as pb;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

use super::{Answer, present};
use crate::{
    app::State,
    http::{Problem, Query, ok},
    session::Signed,
    view::{Mistake, Page, input},
};

pub(super) fn mount(config: &mut ServiceConfig) {
    config.service(list_similar_mistakes);
}

/// Which similar mistakes are wanted.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct SimilarFilter {
    /// Also of other students whom the caller may see.
    all_students: Option<bool>,
    /// 1 to 20; 5 when absent.
    limit: Option<u32>,
}

/// A mistake that is alike in meaning.
#[derive(Serialize, ToSchema)]
struct SimilarMistake {
    mistake: Mistake,
    /// Cosine similarity, 0 to 1.
    similarity: f64,
}

/// Finds mistakes alike in meaning.
#[utoipa::path(
    tag = "mistakes",
    params(SimilarFilter),
    responses((status = 200, description = "The most similar first", body = Page<SimilarMistake>)),
)]
#[get("/mistakes/{id}/similar")]
async fn list_similar_mistakes(
    state: Data<State>,
    _: Signed,
    id: Path<Uuid>,
    filter: Query<SimilarFilter>,
) -> Answer {
    let message = pb::ListSimilarMistakesRequest {
        mistake_id: id.to_string(),
        all_students: filter.0.all_students.unwrap_or_default(),
        limit: input::counted("limit", filter.0.limit)?,
    };
    let answer = state.upstream.mistakes().list_similar_mistakes(message).await?.into_inner();
    let items = answer.similar.into_iter().map(|similar| {
        let mistake = present(similar.mistake)?.try_into()?;
        Ok(SimilarMistake { mistake, similarity: similar.similarity })
    });
    let items = items.collect::<Result<_, Problem>>()?;
    Ok(ok(Page { items, next_cursor: None }))
}
