//! A Qdrant server.

use std::{
    collections::{HashMap, HashSet},
    sync::{Mutex, PoisonError},
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
        GetPointsBuilder, PointId, PointStruct, PointsIdsList, Query, QueryPointsBuilder,
        UpsertPointsBuilder, Value, VectorInput, VectorParamsBuilder,
    },
};
use secrecy::{ExposeSecret as _, SecretString};
use tonic::Code;

use super::{Engine, Hit, Point, Search, Target, VectorError, field, point_id};

const TIMEOUT: Duration = Duration::from_secs(10);
const CONNECT_TIMEOUT: Duration = Duration::from_secs(2);

/// A server, possibly shared by many processes.
pub struct QdrantServer {
    client: Qdrant,
    dimension: u64,
    /// Stores that are known to be there.
    known: Mutex<HashSet<String>>,
}

impl QdrantServer {
    /// Makes a client; the server may still be away.
    ///
    /// # Errors
    ///
    /// Fails when `url` is no address.
    pub fn new(url: &str, key: Option<&SecretString>, dimension: usize) -> anyhow::Result<Self> {
        let client = Qdrant::from_url(url)
            .api_key(key.map(|key| key.expose_secret().to_owned()))
            .timeout(TIMEOUT)
            .connect_timeout(CONNECT_TIMEOUT)
            .skip_compatibility_check()
            .build()
            .context("QDRANT_URL is no address")?;
        Ok(Self { client, dimension: dimension as u64, known: Mutex::default() })
    }

    /// Makes a store that is not there yet.
    async fn ensure(&self, store: &str) -> Result<(), VectorError> {
        if self.known().contains(store) {
            return Ok(());
        }
        if !self.client.collection_exists(store).await.map_err(failed)? {
            let vectors = VectorParamsBuilder::new(self.dimension, Distance::Cosine);
            let create = CreateCollectionBuilder::new(store).vectors_config(vectors);
            match self.client.create_collection(create).await {
                Ok(_) => {}
                // Another process was faster.
                Err(QdrantError::ResponseError { status })
                    if status.code() == Code::AlreadyExists => {}
                Err(error) => return Err(failed(error)),
            }
            for name in [field::OWNER, field::ORGANIZATION] {
                let index = CreateFieldIndexCollectionBuilder::new(store, name, FieldType::Keyword);
                self.client.create_field_index(index.wait(true)).await.map_err(failed)?;
            }
            // Operators know the collections by their short names.
            let short = store.split("--").next().unwrap_or(store);
            if let Err(error) =
                self.client.create_alias(CreateAliasBuilder::new(store, short)).await
            {
                tracing::debug!(%error, store, "short name was not given");
            }
        }
        self.known().insert(store.to_owned());
        Ok(())
    }

    fn known(&self) -> std::sync::MutexGuard<'_, HashSet<String>> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Tells whether an item is there and belongs to one of the organizations.
    async fn has(
        &self,
        store: &str,
        item: &str,
        organizations: &[String],
    ) -> Result<bool, VectorError> {
        let ids = vec![id(item)];
        let get = GetPointsBuilder::new(store, ids).with_payload(true);
        let answer = self.client.get_points(get).await.map_err(failed)?;
        Ok(answer.result.first().is_some_and(|point| {
            let organization = text(&point.payload, field::ORGANIZATION);
            organization.is_some_and(|organization| organizations.contains(&organization))
        }))
    }
}

#[async_trait]
impl Engine for QdrantServer {
    fn name(&self) -> &'static str {
        "qdrant"
    }

    async fn upsert(&self, store: &str, points: Vec<Point>) -> Result<(), VectorError> {
        self.ensure(store).await?;
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
        let upsert = UpsertPointsBuilder::new(store, points).wait(true);
        self.client.upsert_points(upsert).await.map_err(|error| {
            // The store may have been deleted since it was known.
            self.known().remove(store);
            failed(error)
        })?;
        Ok(())
    }

    async fn delete(&self, store: &str, item_ids: Vec<String>) -> Result<(), VectorError> {
        let ids = item_ids.iter().map(|item| id(item)).collect();
        let delete = DeletePointsBuilder::new(store).points(PointsIdsList { ids }).wait(true);
        match self.client.delete_points(delete).await {
            Ok(_) => Ok(()),
            Err(error) if is_missing(&error) => Ok(()),
            Err(error) => Err(failed(error)),
        }
    }

    async fn search(&self, store: &str, search: Search) -> Result<Vec<Hit>, VectorError> {
        let organizations = vec![search.organization_id, String::new()];
        let query = match search.target {
            Target::Vector(vector) => Query::new_nearest(vector),
            Target::Item(item) => {
                let is_there = match self.has(store, &item, &organizations).await {
                    Ok(is_there) => is_there,
                    Err(VectorError::NotIndexed(_)) => false,
                    Err(error) => return Err(error),
                };
                if !is_there {
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
        let answer = match self.client.query(query).await {
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

    async fn counts(&self) -> Result<Vec<(String, u64)>, VectorError> {
        let listed = self.client.list_collections().await.map_err(failed)?;
        let mut counts = Vec::new();
        for collection in listed.collections {
            let count = CountPointsBuilder::new(&collection.name).exact(true);
            let answer = self.client.count(count).await.map_err(failed)?;
            counts.push((collection.name, answer.result.map_or(0, |result| result.count)));
        }
        counts.sort();
        Ok(counts)
    }

    async fn healthy(&self) -> bool {
        self.client.health_check().await.is_ok()
    }
}

fn id(item: &str) -> PointId {
    PointId::from(point_id(item).to_string())
}

fn text(payload: &HashMap<String, Value>, name: &str) -> Option<String> {
    payload.get(name)?.as_str().cloned()
}

fn is_missing(error: &QdrantError) -> bool {
    matches!(error, QdrantError::ResponseError { status } if status.code() == Code::NotFound)
}

fn failed(error: QdrantError) -> VectorError {
    let QdrantError::ResponseError { status } = &error else {
        return VectorError::Unavailable(error.to_string());
    };
    // The client reports a server that it cannot reach as a fault of its own.
    if status.message().starts_with("Failed to connect") {
        return VectorError::Unavailable("it cannot be reached".to_owned());
    }
    match Kind::of_code(status.code()) {
        Kind::NotFound => VectorError::NotIndexed(String::new()),
        Kind::Invalid | Kind::Internal => VectorError::Engine(status.message().to_owned()),
        Kind::Unauthenticated
        | Kind::Forbidden
        | Kind::Conflict
        | Kind::Stale
        | Kind::Exhausted
        | Kind::Unavailable
        | Kind::Precondition
        | Kind::Cancelled
        | Kind::Timeout => VectorError::Unavailable(status.message().to_owned()),
    }
}
