//! One store of the embedded engine: a folder with vectors of one model.

use std::{
    fs,
    panic::{AssertUnwindSafe, catch_unwind},
    path::{Path, PathBuf},
    sync::{PoisonError, RwLock},
};

use chrono::Utc;
use qdrant_edge::{
    CountRequest, Distance, EdgeConfig, EdgeConfigBuilder, EdgeShard, EdgeVectorParamsBuilder,
    Filter, NamedQuery, OperationError, OperationResult, PointId, PointInsertOperations,
    PointOperations, PointStruct, QueryEnum, Record, ScoredPoint, SearchRequest, UpdateOperation,
    VectorInternal, VectorStructInternal, WalOptions, WithPayloadInterface, WithVector,
    external::serde_json::{Value, from_value, json},
};

use super::{
    super::{Hit, Point, Search, Target, VectorError, field, point_id},
    compact,
};

/// Size of a file of the log: must take a batch of points.
const WAL_SEGMENT_BYTES: usize = 8 << 20;

/// Vectors of one model.
///
/// The engine wants to be alone while it flushes, and does not replay its log at start. So writing
/// takes the lock alone, and flushes before it answers: what was answered survives any end of the
/// process.
pub(super) struct Store {
    shard: RwLock<EdgeShard>,
}

impl Store {
    /// Opens a store, or makes it. One that cannot be read is moved aside: an index can be made
    /// anew from what it indexes.
    pub(super) fn open(path: &Path, dimension: usize) -> Result<Self, VectorError> {
        compact::finish(path).map_err(|error| VectorError::Engine(error.to_string()))?;
        if path.is_dir() {
            match attempt(|| EdgeShard::load(path, Some(config(dimension)))) {
                Ok(shard) => {
                    let shard = shortened(shard, dimension, compact::MAX_LOG_BYTES)?;
                    return Ok(Self { shard: RwLock::new(shard) });
                }
                Err(error) => {
                    let aside = aside(path);
                    tracing::error!(
                        error,
                        path = %path.display(),
                        moved_to = %aside.display(),
                        "index cannot be read and starts empty; it must be made anew"
                    );
                    fs::rename(path, &aside).map_err(|e| VectorError::Engine(e.to_string()))?;
                }
            }
        }
        fs::create_dir_all(path).map_err(|error| VectorError::Engine(error.to_string()))?;
        let shard = attempt(|| make(path, dimension)).map_err(VectorError::Engine)?;
        Ok(Self { shard: RwLock::new(shard) })
    }

    pub(super) fn upsert(&self, points: Vec<Point>) -> Result<(), VectorError> {
        let points = points.into_iter().map(|point| {
            let payload = json!({
                field::ITEM: point.item_id,
                field::OWNER: point.owner_id,
                field::ORGANIZATION: point.organization_id,
            });
            PointStruct::new(id(&point.item_id), point.vector, payload).0
        });
        let points = PointInsertOperations::PointsList(points.collect());
        self.write(UpdateOperation::PointOperation(PointOperations::UpsertPoints(points)))
    }

    pub(super) fn delete(
        &self,
        item_ids: &[String],
        organization: &str,
    ) -> Result<(), VectorError> {
        let ids: Vec<_> = item_ids.iter().map(|item| id(item)).collect();
        let records = {
            let shard = self.shard.read().unwrap_or_else(PoisonError::into_inner);
            shard.retrieve(&ids, Some(WithPayloadInterface::Bool(true)), None).map_err(failed)?
        };
        let own = records.into_iter().filter(|record| is_of(record, &[organization]));
        let ids: Vec<_> = own.map(|record| record.id).collect();
        if ids.is_empty() {
            return Ok(());
        }
        self.write(UpdateOperation::PointOperation(PointOperations::DeletePoints { ids }))
    }

    fn write(&self, operation: UpdateOperation) -> Result<(), VectorError> {
        let shard = self.shard.write().unwrap_or_else(PoisonError::into_inner);
        shard.update(operation).map_err(failed)?;
        shard.flush();
        Ok(())
    }

    pub(super) fn search(&self, search: Search) -> Result<Vec<Hit>, VectorError> {
        let shard = self.shard.read().unwrap_or_else(PoisonError::into_inner);
        let organizations = [search.organization_id.as_str(), ""];
        let mut filter = json!({"must": [
            {"key": field::OWNER, "match": {"any": search.owner_ids}},
            {"key": field::ORGANIZATION, "match": {"any": organizations}},
        ]});
        let vector = match search.target {
            Target::Vector(vector) => vector,
            Target::Item(item) => {
                filter["must_not"] = json!([{"has_id": [point_id(&item)]}]);
                let records = shard
                    .retrieve(
                        &[id(&item)],
                        Some(WithPayloadInterface::Bool(true)),
                        Some(WithVector::Bool(true)),
                    )
                    .map_err(failed)?;
                let record = records.into_iter().next();
                let vector = record.filter(|r| is_of(r, &organizations)).and_then(dense);
                vector.ok_or(VectorError::NotIndexed(item))?
            }
        };
        let filter: Filter =
            from_value(filter).map_err(|error| VectorError::Engine(error.to_string()))?;
        let request = SearchRequest {
            query: QueryEnum::Nearest(NamedQuery {
                query: VectorInternal::Dense(vector),
                using: None,
            }),
            filter: Some(filter),
            params: None,
            limit: search.limit,
            offset: 0,
            with_payload: Some(WithPayloadInterface::Bool(true)),
            with_vector: None,
            score_threshold: Some(search.min_score),
        };
        let points = shard.search(request).map_err(failed)?;
        Ok(points.into_iter().filter_map(hit).collect())
    }

    pub(super) fn count(&self) -> Result<u64, VectorError> {
        let shard = self.shard.read().unwrap_or_else(PoisonError::into_inner);
        let count = shard.count(CountRequest { filter: None, exact: true }).map_err(failed)?;
        Ok(count as u64)
    }
}

fn make(path: &Path, dimension: usize) -> OperationResult<EdgeShard> {
    let shard = EdgeShard::new(path, config(dimension))?;
    for name in [field::OWNER, field::ORGANIZATION] {
        shard.update(index_of(name)?)?;
    }
    shard.flush();
    Ok(shard)
}

/// Copies a store whose log is longer than `max_log` bytes. One that cannot be copied, as on a full
/// disk, goes on with its log.
fn shortened(shard: EdgeShard, dimension: usize, max_log: u64) -> Result<EdgeShard, VectorError> {
    let path = shard.path().to_owned();
    let log = compact::log_bytes(&path);
    if log <= max_log {
        return Ok(shard);
    }
    tracing::info!(path = %path.display(), log_bytes = log, "index is copied to shorten its log");
    if let Err(error) = attempt(|| compact::copy(shard, |path| make(path, dimension))) {
        tracing::warn!(error, path = %path.display(), "index cannot be copied and keeps its log");
    }
    attempt(|| EdgeShard::load(&path, Some(config(dimension)))).map_err(VectorError::Engine)
}

fn config(dimension: usize) -> EdgeConfig {
    EdgeConfigBuilder::new()
        .on_disk_payload(true)
        .vector("", EdgeVectorParamsBuilder::new(dimension, Distance::Cosine).build())
        .wal_options(WalOptions { segment_capacity: WAL_SEGMENT_BYTES, ..WalOptions::default() })
        .build()
}

/// Makes the operation that keeps an index of a payload field.
fn index_of(name: &str) -> OperationResult<UpdateOperation> {
    let index = json!({"create_index": {"field_name": name, "field_schema": "keyword"}});
    from_value(index)
        .map(UpdateOperation::FieldIndexOperation)
        .map_err(|error| OperationError::service_error(error.to_string()))
}

/// Runs an operation on files that may be broken, which the engine may answer with a panic.
fn attempt<T>(work: impl FnOnce() -> OperationResult<T>) -> Result<T, String> {
    match catch_unwind(AssertUnwindSafe(work)) {
        Ok(Ok(value)) => Ok(value),
        Ok(Err(error)) => Err(error.to_string()),
        Err(_) => Err("the engine broke off".to_owned()),
    }
}

fn aside(path: &Path) -> PathBuf {
    let stamp = Utc::now().format("%Y%m%dT%H%M%S%3f");
    let name = path.file_name().map(|name| name.to_string_lossy().into_owned());
    path.with_file_name(format!("{}.broken-{stamp}", name.unwrap_or_default()))
}

fn failed(error: OperationError) -> VectorError {
    VectorError::Engine(error.to_string())
}

fn id(item: &str) -> PointId {
    PointId::Uuid(point_id(item))
}

fn is_of(record: &Record, organizations: &[&str]) -> bool {
    let payload = record.payload.as_ref();
    let organization = payload.and_then(|p| p.0.get(field::ORGANIZATION)).and_then(Value::as_str);
    organization.is_some_and(|organization| organizations.contains(&organization))
}

fn dense(record: Record) -> Option<Vec<f32>> {
    match record.vector? {
        VectorStructInternal::Single(vector) => Some(vector),
        VectorStructInternal::MultiDense(_) | VectorStructInternal::Named(_) => None,
    }
}

fn hit(point: ScoredPoint) -> Option<Hit> {
    let payload = point.payload?;
    let text = |name: &str| payload.0.get(name).and_then(Value::as_str).map(str::to_owned);
    Some(Hit {
        item_id: text(field::ITEM)?,
        owner_id: text(field::OWNER)?,
        score: point.score.clamp(-1.0, 1.0),
    })
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    fn point(n: u8) -> Point {
        Point {
            item_id: format!("item {n}"),
            owner_id: "owner".to_owned(),
            organization_id: String::new(),
            vector: vec![1.0, f32::from(n)],
        }
    }

    #[test]
    fn copied_store_has_the_same_points() {
        let folder = std::env::temp_dir().join(format!("store-{}", Uuid::now_v7()));
        let path = folder.join("mistakes--m--2");
        let store = Store::open(&path, 2).unwrap();
        for n in 0..100 {
            store.upsert(vec![point(n)]).unwrap();
        }
        store.delete(&["item 0".to_owned()], "").unwrap();
        drop(store);
        let shard = EdgeShard::load(&path, Some(config(2))).unwrap();
        let shard = shortened(shard, 2, 0).unwrap();
        let store = Store { shard: RwLock::new(shard) };
        assert_eq!(store.count().unwrap(), 99);
        store.upsert(vec![point(0), point(1)]).unwrap();
        assert_eq!(store.count().unwrap(), 100);
        let search = Search {
            target: Target::Item("item 0".to_owned()),
            owner_ids: vec!["owner".to_owned()],
            organization_id: "any".to_owned(),
            limit: 1,
            min_score: 0.0,
        };
        assert_eq!(store.search(search).unwrap()[0].item_id, "item 1");
        let left = fs::read_dir(&folder).unwrap().count();
        drop(store);
        // A file in the way of the copy.
        fs::write(path.with_extension("half"), "").unwrap();
        let shard = EdgeShard::load(&path, Some(config(2))).unwrap();
        let store = Store { shard: RwLock::new(shortened(shard, 2, 0).unwrap()) };
        assert_eq!(store.count().unwrap(), 100, "it goes on as it is");
        drop(store);
        fs::remove_dir_all(&folder).unwrap();
        assert_eq!(left, 1);
    }
}
