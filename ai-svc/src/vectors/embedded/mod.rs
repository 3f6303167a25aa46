//! Qdrant's engine in this process, in a folder that belongs to it alone.

mod compact;
mod gate;
mod store;

use std::{
    collections::HashMap,
    fs::{self, File},
    path::{Path, PathBuf},
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
};

use anyhow::Context as _;
use async_trait::async_trait;

use super::{Engine, Hit, Point, Search, VectorError};
use gate::{Gate, Turn};
use store::Store;

const LOCK: &str = ".lock";

/// The engine in this process.
pub struct Embedded {
    inner: Arc<Inner>,
}

struct Inner {
    folder: PathBuf,
    dimension: usize,
    stores: Mutex<HashMap<String, Arc<Store>>>,
    gate: Gate,
    /// Set when the engine did something that it never should.
    is_broken: AtomicBool,
    /// Held as long as the process lives.
    _lock: File,
}

impl Embedded {
    /// Takes possession of a folder, making it if need be.
    ///
    /// # Errors
    ///
    /// Fails when the folder cannot be written or another process has it.
    pub fn open(folder: &Path, dimension: usize) -> anyhow::Result<Self> {
        kit::files::private_folder(folder)
            .with_context(|| format!("VECTOR_DIR: making {}", folder.display()))?;
        let path = folder.join(LOCK);
        let lock = File::create(&path).with_context(|| format!("making {}", path.display()))?;
        lock.try_lock().map_err(|_| {
            anyhow::anyhow!("VECTOR_DIR: {} belongs to another process", folder.display())
        })?;
        let gate = Gate::new(folder).with_context(|| format!("in {}", folder.display()))?;
        let inner = Inner {
            folder: folder.to_owned(),
            dimension,
            stores: Mutex::default(),
            gate,
            is_broken: AtomicBool::new(false),
            _lock: lock,
        };
        Ok(Self { inner: Arc::new(inner) })
    }

    /// Runs work on a thread that may wait for the disk.
    async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Inner) -> Result<T, VectorError> + Send + 'static,
    ) -> Result<T, VectorError> {
        let inner = self.inner.clone();
        let result = tokio::task::spawn_blocking(move || work(&inner)).await;
        result.unwrap_or_else(|error| {
            self.inner.is_broken.store(true, Ordering::Relaxed);
            tracing::error!(%error, "vector engine broke off");
            Err(VectorError::Engine("the engine broke off".to_owned()))
        })
    }
}

impl Inner {
    /// Returns a store for reading, or nothing when there is none.
    fn existing(&self, name: &str) -> Result<Option<Arc<Store>>, VectorError> {
        let known = self.stores.lock().unwrap_or_else(PoisonError::into_inner).get(name).cloned();
        if known.is_some() || !self.folder.join(name).is_dir() {
            return Ok(known);
        }
        // Opening may write.
        self.store(name, &self.gate.enter()?).map(Some)
    }

    /// Returns a store, making it if there is none.
    fn store(&self, name: &str, _turn: &Turn<'_>) -> Result<Arc<Store>, VectorError> {
        let mut stores = self.stores.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(store) = stores.get(name) {
            return Ok(store.clone());
        }
        let store = Arc::new(Store::open(&self.folder.join(name), self.dimension)?);
        stores.insert(name.to_owned(), store.clone());
        Ok(store)
    }

    /// Lists the folders of stores, but not those that were moved aside.
    fn names(&self) -> Result<Vec<String>, VectorError> {
        let broken = |error: std::io::Error| VectorError::Engine(error.to_string());
        let mut names = Vec::new();
        for entry in fs::read_dir(&self.folder).map_err(broken)? {
            let entry = entry.map_err(broken)?;
            let name = entry.file_name().to_string_lossy().into_owned();
            if entry.path().is_dir() && !name.contains('.') {
                names.push(name);
            }
        }
        names.sort();
        Ok(names)
    }
}

#[async_trait]
impl Engine for Embedded {
    fn name(&self) -> &'static str {
        "embedded"
    }

    async fn upsert(&self, store: &str, points: Vec<Point>) -> Result<(), VectorError> {
        let name = store.to_owned();
        self.run(move |inner| {
            let turn = inner.gate.enter()?;
            inner.store(&name, &turn)?.upsert(points)
        })
        .await
    }

    async fn delete(
        &self,
        store: &str,
        item_ids: Vec<String>,
        organization_id: &str,
    ) -> Result<(), VectorError> {
        let (name, organization) = (store.to_owned(), organization_id.to_owned());
        self.run(move |inner| {
            let turn = inner.gate.enter()?;
            if !inner.folder.join(&name).is_dir() {
                return Ok(());
            }
            inner.store(&name, &turn)?.delete(&item_ids, &organization)
        })
        .await
    }

    async fn search(&self, store: &str, search: Search) -> Result<Vec<Hit>, VectorError> {
        let name = store.to_owned();
        self.run(move |inner| match (inner.existing(&name)?, &search.target) {
            (Some(store), _) => store.search(search),
            (None, super::Target::Item(id)) => Err(VectorError::NotIndexed(id.clone())),
            (None, super::Target::Vector(_)) => Ok(Vec::new()),
        })
        .await
    }

    async fn counts(&self) -> Result<Vec<(String, u64)>, VectorError> {
        self.run(|inner| {
            let mut counts = Vec::new();
            // A store of another model may have vectors of another length: it is not opened.
            let length = format!("--{}", inner.dimension);
            for name in inner.names()?.into_iter().filter(|name| name.ends_with(&length)) {
                let count = match inner.existing(&name)? {
                    Some(store) => store.count()?,
                    None => 0,
                };
                counts.push((name, count));
            }
            Ok(counts)
        })
        .await
    }

    async fn healthy(&self) -> bool {
        !self.inner.is_broken.load(Ordering::Relaxed) && self.inner.folder.is_dir()
    }

    async fn ready(&self) -> Result<(), VectorError> {
        self.run(|inner| inner.gate.enter().map(drop)).await
    }

    async fn close(&self) {
        let closed = self.run(|inner| {
            // All is flushed already: without a turn, it still ends.
            let _turn = inner.gate.enter();
            let stores: Vec<_> = {
                let mut stores = inner.stores.lock().unwrap_or_else(PoisonError::into_inner);
                stores.drain().collect()
            };
            drop(stores);
            Ok(())
        });
        if let Err(error) = closed.await {
            tracing::error!(%error, "vector engine did not end in good order");
        }
    }
}
