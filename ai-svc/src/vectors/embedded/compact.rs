//! Copies a store whose log has grown: the engine never shortens it, nor drops replaced points.

use std::{fs, io, mem::ManuallyDrop, path::Path};

use qdrant_edge::{
    EdgeShard, OperationError, OperationResult, PointInsertOperations, PointOperations,
    PointStruct, ScrollRequest, UpdateOperation, Vectors, WithPayloadInterface, WithVector,
    external::serde_json::Value,
};

/// Size of the log from which on a store is copied, at the next start.
pub(super) const MAX_LOG_BYTES: u64 = 256 << 20;
/// Points that are copied together.
const PAGE: usize = 500;

/// Tells how much room the log of a store takes.
pub(super) fn log_bytes(path: &Path) -> u64 {
    let entries = fs::read_dir(path.join("wal")).into_iter().flatten().flatten();
    entries.filter_map(|entry| entry.metadata().ok()).map(|metadata| metadata.len()).sum()
}

/// Finishes a copy that was complete when the process ended.
pub(super) fn finish(path: &Path) -> io::Result<()> {
    let ready = path.with_extension("ready");
    if ready.is_dir() {
        if path.is_dir() {
            fs::remove_dir_all(path)?;
        }
        fs::rename(&ready, path)?;
    }
    Ok(())
}

/// Copies the points of `old` into a store made by `make`, which takes the place of `old`.
pub(super) fn copy(
    old: EdgeShard,
    make: impl FnOnce(&Path) -> OperationResult<EdgeShard>,
) -> OperationResult<()> {
    let path = old.path().to_owned();
    let half = path.with_extension("half");
    if half.is_dir() {
        fs::remove_dir_all(&half).map_err(broken)?;
    }
    fs::create_dir_all(&half).map_err(broken)?;
    // A store that cannot be written panics when it is dropped: until it is, it is better leaked.
    let new = ManuallyDrop::new(make(&half)?);
    let mut offset = None;
    loop {
        let page = ScrollRequest {
            offset,
            limit: Some(PAGE),
            filter: None,
            with_payload: Some(WithPayloadInterface::Bool(true)),
            with_vector: WithVector::Bool(true),
            order_by: None,
        };
        let (records, next) = old.scroll(page)?;
        let points = records.into_iter().filter_map(|record| {
            let payload = record.payload?.0.into_iter().collect();
            let vectors = Vectors(record.vector?);
            Some(PointStruct::new(record.id, vectors, Value::Object(payload)).0)
        });
        let points = PointInsertOperations::PointsList(points.collect());
        new.update(UpdateOperation::PointOperation(PointOperations::UpsertPoints(points)))?;
        offset = next;
        if offset.is_none() {
            break;
        }
    }
    new.flush();
    drop(ManuallyDrop::into_inner(new));
    drop(old);
    fs::rename(&half, path.with_extension("ready")).map_err(broken)?;
    finish(&path).map_err(broken)
}

fn broken(error: io::Error) -> OperationError {
    OperationError::service_error(error.to_string())
}
