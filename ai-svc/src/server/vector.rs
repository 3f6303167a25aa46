//! `VectorService`.

use kit::{
    caller::Caller,
    error::{Checks, Invalid, into_status},
};
use proto::ai::v1::{self as pb, vector_service_server::VectorService};
use tonic::{Request, Response};

use super::{Reply, count};
use crate::vectors::{Collection, Hit, Index, Item, Wanted};

/// Longest text that is embedded; a model reads less of it.
const MAX_TEXT: usize = 20_000;
const DEFAULT_LIMIT: u32 = 10;

/// Serves [`VectorService`].
pub struct VectorServer {
    index: Index,
}

impl VectorServer {
    #[must_use]
    pub fn new(index: Index) -> Self {
        Self { index }
    }
}

#[tonic::async_trait]
impl VectorService for VectorServer {
    async fn embed(&self, request: Request<pb::EmbedRequest>) -> Reply<pb::EmbedResponse> {
        let caller = Caller::of(&request)?;
        let texts = request.into_inner().texts;
        let mut checks = Checks::new();
        checks.range("texts", texts.len(), 1..=64);
        for (at, text) in texts.iter().take(64).enumerate() {
            checks.multiline(&format!("texts[{at}]"), text, 1..=MAX_TEXT);
        }
        checks.finish().map_err(into_status)?;
        let vectors = self.index.embed(&caller, texts).await.map_err(into_status)?;
        let embeddings = vectors.into_iter().map(|values| pb::Embedding { values }).collect();
        let model = self.index.embedder().model().to_owned();
        Ok(Response::new(pb::EmbedResponse { embeddings, model }))
    }

    async fn index_items(
        &self,
        request: Request<pb::IndexItemsRequest>,
    ) -> Reply<pb::IndexItemsResponse> {
        let caller = Caller::of(&request)?;
        let message = request.into_inner();
        let named = collection(message.collection());
        let mut checks = Checks::new();
        require(&mut checks, named);
        checks.range("items", message.items.len(), 1..=256);
        for (at, item) in message.items.iter().take(256).enumerate() {
            let field = |name: &str| format!("items[{at}].{name}");
            checks.text(&field("id"), &item.id, 1..=200);
            checks.text(&field("owner_id"), &item.owner_id, 1..=200);
            checks.text(&field("organization_id"), &item.organization_id, 0..=200);
            checks.multiline(&field("text"), &item.text, 1..=MAX_TEXT);
        }
        let collection = finish(checks, named).map_err(into_status)?;
        let indexed = count(message.items.len());
        let items = message.items.into_iter().map(item).collect();
        self.index.add(&caller, collection, items).await.map_err(into_status)?;
        let model = self.index.embedder().model().to_owned();
        Ok(Response::new(pb::IndexItemsResponse { indexed, model }))
    }

    async fn delete_items(
        &self,
        request: Request<pb::DeleteItemsRequest>,
    ) -> Reply<pb::DeleteItemsResponse> {
        let caller = Caller::of(&request)?;
        let message = request.into_inner();
        let named = collection(message.collection());
        let mut checks = Checks::new();
        require(&mut checks, named);
        checks.range("ids", message.ids.len(), 0..=1_000);
        for (at, id) in message.ids.iter().take(1_000).enumerate() {
            checks.text(&format!("ids[{at}]"), id, 1..=200);
        }
        let collection = finish(checks, named).map_err(into_status)?;
        self.index.remove(&caller, collection, message.ids).await.map_err(into_status)?;
        Ok(Response::new(pb::DeleteItemsResponse {}))
    }

    async fn search_items(
        &self,
        request: Request<pb::SearchItemsRequest>,
    ) -> Reply<pb::SearchItemsResponse> {
        let caller = Caller::of(&request)?;
        let message = request.into_inner();
        let named = collection(message.collection());
        let mut checks = Checks::new();
        require(&mut checks, named);
        checks.range("owner_ids", message.owner_ids.len(), 1..=1_000);
        for (at, id) in message.owner_ids.iter().take(1_000).enumerate() {
            checks.text(&format!("owner_ids[{at}]"), id, 1..=200);
        }
        checks.range("limit", message.limit, 0..=100);
        checks.range("min_score", message.min_score, 0.0..=1.0);
        let by_item = !message.item_id.is_empty();
        if by_item {
            checks.text("item_id", &message.item_id, 1..=200);
            let alone = message.text.is_empty();
            checks.require(alone, "text", "NOT_BOTH", "goes not together with `item_id`");
        } else {
            checks.multiline("text", &message.text, 1..=MAX_TEXT);
        }
        let collection = finish(checks, named).map_err(into_status)?;
        let wanted =
            if by_item { Wanted::Item(message.item_id) } else { Wanted::Text(message.text) };
        let limit = if message.limit == 0 { DEFAULT_LIMIT } else { message.limit };
        let bounds = (usize::try_from(limit).unwrap_or(usize::MAX), message.min_score);
        let search = self.index.search(&caller, collection, wanted, message.owner_ids, bounds);
        let hits = search.await.map_err(into_status)?;
        Ok(Response::new(pb::SearchItemsResponse { hits: hits.into_iter().map(hit).collect() }))
    }
}

fn collection(collection: pb::Collection) -> Option<Collection> {
    match collection {
        pb::Collection::Unspecified => None,
        pb::Collection::Contents => Some(Collection::Contents),
        pb::Collection::Questions => Some(Collection::Questions),
        pb::Collection::Mistakes => Some(Collection::Mistakes),
    }
}

const FIELD: &str = "collection";

fn require(checks: &mut Checks, collection: Option<Collection>) {
    checks.require(collection.is_some(), FIELD, "REQUIRED", "is missing or unknown");
}

/// Ends the checks, one of which was that there is a collection.
fn finish(checks: Checks, collection: Option<Collection>) -> Result<Collection, Invalid> {
    checks.finish()?;
    collection.ok_or_else(|| Invalid::one(FIELD, "REQUIRED", "is missing or unknown"))
}

fn item(item: pb::Item) -> Item {
    let pb::Item { id, owner_id, organization_id, text } = item;
    Item { id, owner_id, organization_id, text }
}

fn hit(hit: Hit) -> pb::Hit {
    pb::Hit { id: hit.item_id, owner_id: hit.owner_id, score: hit.score }
}
