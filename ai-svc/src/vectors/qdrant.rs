//! A Qdrant server.

use std::{
    collections::{HashMap, HashSet},
    time::Duration,
};

use anyhow::Context as _;
use async_trait::async_trait;
use kit::error::Kind;
use qdrant_client::{
    Payload, Qdrant, QdrantError,
    qdrant::{
        Condition, CountPointsBuilder, CreateAliasBuilder, CreateCollectionBuilder,
        CreateFieldIndexCollectionBuilder, DeletePointsBuilder, Distance, FieldType, Filter,
        GetPointsBuilder, PointId, PointStruct, Query, QueryPointsBuilder, UpsertPointsBuilder,
        Value, VectorInput, VectorParamsBuilder, vectors_config,
    },
};
use secrecy::{ExposeSecret as _, SecretString};
use tokio::{
    sync::Mutex,
    time::{Instant, error::Elapsed, sleep, timeout},
};
use tonic::Code;

use super::{Collection, Engine, Hit, Point, Search, Target, VectorError, field, point_id};

const CONNECT_LIMIT: Duration = Duration::from_secs(2);
/// Length of one try of a write, of which the client makes two: those who wait do other work meanwhile.
const WRITE_LIMIT: Duration = Duration::from_secs(5);
/// Longer than the servers of a cluster take to tell each other of a new store.
const SPREAD_LIMIT: Duration = Duration::from_secs(2);
const SPREAD_PAUSE: Duration = Duration::from_millis(20);
/// Length of one try of a read: the client makes a second one over a new connection. It only drops
/// a dead connection when it sees the try end, so this is shorter than [`SEARCH_LIMIT`].
const READ_LIMIT: Duration = Duration::from_secs(2);
/// Shorter than callers wait for a search, so that they learn why there is no answer.
const SEARCH_LIMIT: Duration = Duration::from_millis(4_500);
/// Shorter than a check of health may take.
const HEALTH_LIMIT: Duration = Duration::from_millis(1_500);

/// A server, possibly shared by many processes.
pub struct QdrantServer {
    reads: Qdrant,
    writes: Qdrant,
    dimension: u64,
    /// Stores that are known to be there; held while one is made, so that it is made once.
    known: Mutex<HashSet<String>>,
}

impl QdrantServer {
    /// Makes a client; the server may still be away.
    ///
    /// # Errors
    ///
    /// Fails when `url` is no address.
    pub fn new(url: &str, key: Option<&SecretString>, dimension: usize) -> anyhow::Result<Self> {
        let client = |limit| {
            Qdrant::from_url(url)
                .api_key(key.map(|key| key.expose_secret().to_owned()))
                .timeout(limit)
                .connect_timeout(CONNECT_LIMIT)
                .skip_compatibility_check()
                .build()
                .context("QDRANT_URL is no address")
        };
        Ok(Self {
            reads: client(READ_LIMIT)?,
            writes: client(WRITE_LIMIT)?,
            dimension: dimension as u64,
            known: Mutex::default(),
        })
    }

    /// Makes a store that is not there yet, and whatever of one was not finished. Tells whether
    /// the store was made.
    async fn ensure(&self, store: &str) -> Result<bool, VectorError> {
        let mut known = self.known.lock().await;
        if known.contains(store) {
            return Ok(false);
        }
        let made = !self.exists(store).await? && self.create(store).await?;
        for name in [field::OWNER, field::ORGANIZATION] {
            let index = CreateFieldIndexCollectionBuilder::new(store, name, FieldType::Keyword);
            let index = index.wait(true);
            once_known(|| self.writes.create_field_index(index.clone())).await?;
        }
        // Operators know the collections by their short names.
        let short = store.split("--").next().unwrap_or(store);
        if let Err(error) = self.writes.create_alias(CreateAliasBuilder::new(store, short)).await {
            tracing::debug!(%error, store, "short name was not given");
        }
        known.insert(store.to_owned());
        Ok(made)
    }

    /// Makes a store, or tells that another process was faster.
    async fn create(&self, store: &str) -> Result<bool, VectorError> {
        let vectors = VectorParamsBuilder::new(self.dimension, Distance::Cosine);
        let create = CreateCollectionBuilder::new(store).vectors_config(vectors);
        match self.writes.create_collection(create).await {
            Ok(_) => Ok(true),
            Err(error) if says(&error, Code::AlreadyExists) => Ok(false),
            Err(_) if self.exists(store).await? => Ok(false),
            Err(error) => Err(VectorError::Unavailable(format!("no store can be made: {error}"))),
        }
    }

    /// Returns the version of the server, if it says so.
    pub async fn version(&self) -> Option<String> {
        timeout(HEALTH_LIMIT, self.reads.health_check()).await.ok()?.ok().map(|said| said.version)
    }

    /// Returns how long the vectors of a store are, if it is there.
    pub async fn length(&self, store: &str) -> Option<u64> {
        let info = timeout(SEARCH_LIMIT, self.reads.collection_info(store)).await.ok()?.ok()?;
        let vectors = info.result?.config?.params?.vectors_config?.config?;
        match vectors {
            vectors_config::Config::Params(params) => Some(params.size),
            vectors_config::Config::ParamsMap(_) => None,
        }
    }

    async fn exists(&self, store: &str) -> Result<bool, VectorError> {
        self.writes.collection_exists(store).await.map_err(failed)
    }

    /// Tells whether an item is there and belongs to one of the organizations.
    async fn has(
        &self,
        store: &str,
        item: &str,
        organizations: &[String],
    ) -> Result<bool, VectorError> {
        let get = GetPointsBuilder::new(store, vec![id(item)]).with_payload(true);
        let answer = match self.reads.get_points(get).await {
            Ok(answer) => answer,
            Err(error) if is_missing(&error) => return Ok(false),
            Err(error) => return Err(failed(error)),
        };
        Ok(answer.result.first().is_some_and(|point| {
            let organization = text(&point.payload, field::ORGANIZATION);
            organization.is_some_and(|organization| organizations.contains(&organization))
        }))
    }

    async fn nearest(&self, store: &str, search: Search) -> Result<Vec<Hit>, VectorError> {
        let organizations = vec![search.organization_id, String::new()];
        let query = match search.target {
            Target::Vector(vector) => Query::new_nearest(vector),
            Target::Item(item) => {
                if !self.has(store, &item, &organizations).await? {
                    return Err(VectorError::NotIndexed(item));
                }
                // The server leaves the point itself out.
                Query::new_nearest(VectorInput::new_id(id(&item)))
            }
        };
        let filter = Filter::must([
            Condition::matches(field::OWNER, search.owner_ids),
            Condition::matches(field::ORGANIZATION, organizations),
        ]);
        let query = QueryPointsBuilder::new(store)
            .query(query)
            .filter(filter)
            .limit(search.limit as u64)
            .score_threshold(search.min_score)
            .with_payload(true);
        let answer = match self.reads.query(query).await {
            Ok(answer) => answer,
            Err(error) if is_missing(&error) => return Ok(Vec::new()),
            Err(error) => return Err(failed(error)),
        };
        let hits = answer.result.into_iter().filter_map(|point| {
            Some(Hit {
                item_id: text(&point.payload, field::ITEM)?,
                owner_id: text(&point.payload, field::OWNER)?,
                score: point.score.clamp(-1.0, 1.0),
            })
        });
        Ok(hits.collect())
    }
}

#[async_trait]
impl Engine for QdrantServer {
    fn name(&self) -> &'static str {
        "qdrant"
    }

    async fn upsert(&self, store: &str, points: Vec<Point>) -> Result<(), VectorError> {
        let points: Vec<PointStruct> = points
            .into_iter()
            .map(|point| {
                let mut payload = Payload::new();
                payload.insert(field::ITEM, point.item_id.as_str());
                payload.insert(field::OWNER, point.owner_id.as_str());
                payload.insert(field::ORGANIZATION, point.organization_id.as_str());
                PointStruct::new(id(&point.item_id), point.vector, payload)
            })
            .collect();
        self.ensure(store).await?;
        let upsert = UpsertPointsBuilder::new(store, points).wait(true);
        match self.writes.upsert_points(upsert.clone()).await {
            // The store was deleted since it was known, or not all servers know of it yet.
            Err(error) if is_missing(&error) => {
                self.known.lock().await.remove(store);
                if self.ensure(store).await? {
                    tracing::warn!(store, "store was gone and is made anew, without what it held");
                }
                once_known(|| self.writes.upsert_points(upsert.clone())).await?;
            }
            answer => {
                answer.map_err(failed)?;
            }
        }
        Ok(())
    }

    async fn delete(
        &self,
        store: &str,
        item_ids: Vec<String>,
        organization_id: &str,
    ) -> Result<(), VectorError> {
        let own = Filter::must([
            Condition::has_id(item_ids.iter().map(|item| id(item))),
            Condition::matches(field::ORGANIZATION, organization_id.to_owned()),
        ]);
        let delete = DeletePointsBuilder::new(store).points(own).wait(true);
        match self.writes.delete_points(delete).await {
            Ok(_) => Ok(()),
            Err(error) if is_missing(&error) => Ok(()),
            Err(error) => Err(failed(error)),
        }
    }

    async fn search(&self, store: &str, search: Search) -> Result<Vec<Hit>, VectorError> {
        timeout(SEARCH_LIMIT, self.nearest(store, search)).await.map_err(late)?
    }

    async fn counts(&self) -> Result<Vec<(String, u64)>, VectorError> {
        let listed = self.writes.list_collections().await.map_err(failed)?;
        let mut counts = Vec::new();
        for collection in listed.collections {
            let count = CountPointsBuilder::new(&collection.name).exact(true);
            let answer = self.writes.count(count).await.map_err(failed)?;
            counts.push((collection.name, answer.result.map_or(0, |result| result.count)));
        }
        counts.sort();
        Ok(counts)
    }

    async fn healthy(&self) -> bool {
        self.ready().await.is_ok()
    }

    async fn ready(&self) -> Result<(), VectorError> {
        // Unlike the server's own check of health, this needs the key.
        let asked = self.reads.collection_exists(Collection::Mistakes.as_str());
        timeout(HEALTH_LIMIT, asked).await.map_err(late)?.map_err(failed)?;
        Ok(())
    }
}

fn id(item: &str) -> PointId {
    PointId::from(point_id(item).to_string())
}

fn text(payload: &HashMap<String, Value>, name: &str) -> Option<String> {
    payload.get(name)?.as_str().cloned()
}

fn late(_: Elapsed) -> VectorError {
    VectorError::Unavailable("it takes too long".to_owned())
}

/// Repeats a call while its server has not heard of a store yet that another one of the cluster made.
async fn once_known<T, F>(call: impl Fn() -> F) -> Result<T, VectorError>
where
    F: Future<Output = Result<T, QdrantError>>,
{
    let until = Instant::now() + SPREAD_LIMIT;
    loop {
        match call().await {
            Err(error) if is_missing(&error) && Instant::now() < until => sleep(SPREAD_PAUSE).await,
            answer => return answer.map_err(failed),
        }
    }
}

fn is_missing(error: &QdrantError) -> bool {
    says(error, Code::NotFound)
}

fn says(error: &QdrantError, code: Code) -> bool {
    matches!(error, QdrantError::ResponseError { status } if status.code() == code)
}

/// Tells faults of the server, which pass once its operator mends them, from wrong points.
fn failed(error: QdrantError) -> VectorError {
    let QdrantError::ResponseError { status } = &error else {
        return VectorError::Unavailable(error.to_string());
    };
    // The client reports a server that it cannot reach as a fault of its own.
    if status.message().starts_with("Failed to connect") {
        return VectorError::Unavailable("it cannot be reached".to_owned());
    }
    match Kind::of_code(status.code()) {
        Kind::Invalid => VectorError::Engine(status.message().to_owned()),
        Kind::NotFound
        | Kind::Unauthenticated
        | Kind::Forbidden
        | Kind::Conflict
        | Kind::Stale
        | Kind::Exhausted
        | Kind::Unavailable
        | Kind::Precondition
        | Kind::Cancelled
        | Kind::Timeout
        | Kind::Internal => VectorError::Unavailable(status.message().to_owned()),
    }
}
