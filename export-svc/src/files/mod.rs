//! Where finished files lie: a local folder or an S3-compatible store.

mod staged;
mod upload;

use std::{io, ops::Range, path::PathBuf, sync::Arc, time::Duration};

use bytes::Bytes;
use chrono::{DateTime, Utc};
use futures::{StreamExt as _, TryStreamExt as _, stream::BoxStream};
use kit::error::{Classify, Kind};
use object_store::{
    GetOptions, GetRange, ObjectStore, ObjectStoreExt as _, PutPayload, RetryConfig,
    aws::AmazonS3Builder, local::LocalFileSystem, path::Path,
};
use secrecy::{ExposeSecret as _, SecretString};
use tokio::{sync::Mutex, time::Instant};
pub use upload::Upload;

/// A local folder is tried by writing, no more often than this.
const PROBE_EVERY: Duration = Duration::from_secs(10);
const PROBE: &str = "health/probe";
/// Where the files of tasks lie.
const TASKS: &str = "tasks";
/// All that is written here. On a disk of its own the folder has others' things beside, as
/// `lost+found`.
const WRITTEN: [&str; 2] = [TASKS, "health"];
/// A short call to the store is given up after this time.
const CALL_LIMIT: Duration = Duration::from_secs(20);

/// Says which store is used.
#[derive(Clone, Debug)]
pub enum Place {
    Folder(PathBuf),
    S3 {
        bucket: String,
        endpoint: Option<String>,
        region: String,
        key: String,
        secret: SecretString,
    },
}

/// Says that the store could not be used.
#[derive(Debug, thiserror::Error)]
pub enum FileError {
    #[error("the file is gone")]
    Gone,
    #[error("object store failed")]
    Store(#[source] object_store::Error),
    #[error("object store did not answer in time")]
    Late,
    #[error("the folder cannot be looked through")]
    Folder(#[from] io::Error),
}

impl From<object_store::Error> for FileError {
    fn from(error: object_store::Error) -> Self {
        if matches!(error, object_store::Error::NotFound { .. }) {
            Self::Gone
        } else {
            Self::Store(error)
        }
    }
}

impl Classify for FileError {
    fn kind(&self) -> Kind {
        match self {
            Self::Gone => Kind::NotFound,
            Self::Store(_) | Self::Late | Self::Folder(_) => Kind::Unavailable,
        }
    }

    fn reason(&self) -> &'static str {
        match self {
            Self::Gone => "EXPORT_FILE_GONE",
            Self::Store(_) | Self::Late | Self::Folder(_) => "FILE_STORE_UNAVAILABLE",
        }
    }
}

/// The files of finished tasks.
#[derive(Clone, Debug)]
pub struct Files {
    store: Arc<dyn ObjectStore>,
    folder: Option<Arc<Folder>>,
}

/// A store that is a local folder.
#[derive(Debug)]
struct Folder {
    path: PathBuf,
    probed: Mutex<LastProbe>,
}

/// When a folder was last tried, and how that went.
type LastProbe = Option<(Instant, bool)>;

impl Files {
    /// Opens the store; a local folder is created.
    ///
    /// # Errors
    ///
    /// Fails when the folder cannot be created or the S3 settings are wrong.
    pub fn open(place: &Place) -> anyhow::Result<Self> {
        match place {
            Place::Folder(folder) => {
                kit::files::private_folder(folder)?;
                let store = LocalFileSystem::new_with_prefix(folder)?;
                let store = store.with_automatic_cleanup(true).with_fsync(true);
                let folder = Folder { path: folder.clone(), probed: Mutex::default() };
                Ok(Self { store: Arc::new(store), folder: Some(Arc::new(folder)) })
            }
            Place::S3 { bucket, endpoint, region, key, secret } => {
                let retry = RetryConfig {
                    max_retries: 3,
                    retry_timeout: CALL_LIMIT,
                    ..RetryConfig::default()
                };
                let builder = AmazonS3Builder::new()
                    .with_retry(retry)
                    .with_bucket_name(bucket)
                    .with_region(region)
                    .with_access_key_id(key)
                    .with_secret_access_key(secret.expose_secret());
                let store = match endpoint {
                    Some(endpoint) => {
                        builder.with_endpoint(endpoint).with_allow_http(true).build()?
                    }
                    None => builder.build()?,
                };
                Ok(Self { store: Arc::new(store), folder: None })
            }
        }
    }

    /// Stores a whole file.
    pub async fn put(&self, key: &str, content: Bytes) -> Result<(), FileError> {
        self.store.put(&Path::from(key), PutPayload::from_bytes(content)).await?;
        Ok(())
    }

    /// Opens a file for writing piece by piece; it appears when it is finished.
    pub async fn upload(&self, key: &str) -> Result<Upload, FileError> {
        Ok(Upload::new(self.store.put_multipart(&Path::from(key)).await?))
    }

    /// Returns the keys of tasks that have not changed since `moment`.
    pub async fn older_than(&self, moment: DateTime<Utc>) -> Result<Vec<String>, FileError> {
        let files = self.store.list(Some(&Path::from(TASKS)));
        let old = files.try_filter_map(|file| {
            let is_old = file.last_modified < moment;
            async move { Ok(is_old.then(|| file.location.to_string())) }
        });
        Ok(old.try_collect().await?)
    }

    /// Deletes what writing left behind that was cut short and has not gone on since `moment`;
    /// returns how many files that were. Only a local folder has such files: an S3 store forgets
    /// parts by a rule of its own.
    pub async fn sweep_staged(&self, moment: DateTime<Utc>) -> Result<usize, FileError> {
        let Some(folder) = self.folder.clone() else {
            return Ok(0);
        };
        let work = tokio::task::spawn_blocking(move || {
            let sweep = |written| staged::sweep(&folder.path.join(written), moment.into());
            WRITTEN.into_iter().map(sweep).sum::<io::Result<usize>>()
        });
        Ok(work.await.map_err(io::Error::other).flatten()?)
    }

    /// Returns the size of a file in bytes.
    pub async fn size(&self, key: &str) -> Result<u64, FileError> {
        Ok(within_limit(self.store.head(&Path::from(key))).await?.size)
    }

    /// Streams a part of a file.
    pub async fn read(
        &self,
        key: &str,
        range: Range<u64>,
    ) -> Result<BoxStream<'static, Result<Bytes, FileError>>, FileError> {
        if range.is_empty() {
            return Ok(futures::stream::empty().boxed());
        }
        let options = GetOptions { range: Some(GetRange::Bounded(range)), ..GetOptions::default() };
        let found = self.store.get_opts(&Path::from(key), options).await?;
        Ok(found.into_stream().map_err(FileError::from).boxed())
    }

    /// Deletes a file; one that is gone is no error.
    pub async fn delete(&self, key: &str) -> Result<(), FileError> {
        match within_limit(self.store.delete(&Path::from(key))).await {
            Err(FileError::Gone) | Ok(()) => Ok(()),
            Err(error) => Err(error),
        }
    }

    /// Tells whether the store answers; of a local folder, whether it takes files.
    pub async fn healthy(&self) -> bool {
        let Some(folder) = &self.folder else {
            return matches!(self.size(PROBE).await, Ok(_) | Err(FileError::Gone));
        };
        let mut probed = folder.probed.lock().await;
        if let Some((at, well)) = *probed
            && at.elapsed() < PROBE_EVERY
        {
            return well;
        }
        // Always the same: what a process leaves that is killed here, the next one takes away.
        let written = self.put(PROBE, Bytes::from_static(b"well")).await;
        let well = written.is_ok() && self.delete(PROBE).await.is_ok();
        *probed = Some((Instant::now(), well));
        well
    }
}

/// Waits for a call that moves no file.
async fn within_limit<T>(
    call: impl Future<Output = object_store::Result<T>>,
) -> Result<T, FileError> {
    let answer = tokio::time::timeout(CALL_LIMIT, call).await;
    Ok(answer.map_err(|_| FileError::Late)??)
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    #[tokio::test]
    async fn folder_that_takes_no_files_is_not_well() {
        let folder = std::env::temp_dir().join(format!("files-{}", Uuid::now_v7()));
        let files = Files::open(&Place::Folder(folder.clone())).unwrap();
        assert!(files.healthy().await);
        assert_eq!(std::fs::read_dir(&folder).unwrap().count(), 0, "the probe is gone");
        std::fs::remove_dir_all(&folder).unwrap();
        std::fs::write(&folder, "a file stands in the way").unwrap();
        assert!(files.healthy().await, "not asked again so soon");
        *files.folder.as_ref().unwrap().probed.lock().await = None;
        assert!(!files.healthy().await);
        std::fs::remove_file(&folder).unwrap();
    }
}
