//! Where finished files lie: a local folder or an S3-compatible store.

use std::{ops::Range, path::PathBuf, sync::Arc};

use bytes::Bytes;
use futures::{StreamExt as _, TryStreamExt as _, stream::BoxStream};
use kit::error::{Classify, Kind};
use object_store::{
    GetOptions, GetRange, ObjectStore, ObjectStoreExt as _, PutPayload, aws::AmazonS3Builder,
    buffered::BufWriter, local::LocalFileSystem, path::Path,
};
use secrecy::{ExposeSecret as _, SecretString};

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
            Self::Store(_) => Kind::Unavailable,
        }
    }

    fn reason(&self) -> &'static str {
        match self {
            Self::Gone => "EXPORT_FILE_GONE",
            Self::Store(_) => "FILE_STORE_UNAVAILABLE",
        }
    }
}

/// The files of finished tasks.
#[derive(Clone, Debug)]
pub struct Files(Arc<dyn ObjectStore>);

impl Files {
    /// Opens the store; a local folder is created.
    ///
    /// # Errors
    ///
    /// Fails when the folder cannot be created or the S3 settings are wrong.
    pub fn open(place: &Place) -> anyhow::Result<Self> {
        let store: Arc<dyn ObjectStore> = match place {
            Place::Folder(folder) => {
                std::fs::create_dir_all(folder)?;
                Arc::new(LocalFileSystem::new_with_prefix(folder)?.with_automatic_cleanup(true))
            }
            Place::S3 { bucket, endpoint, region, key, secret } => {
                let builder = AmazonS3Builder::new()
                    .with_bucket_name(bucket)
                    .with_region(region)
                    .with_access_key_id(key)
                    .with_secret_access_key(secret.expose_secret());
                Arc::new(match endpoint {
                    Some(endpoint) => {
                        builder.with_endpoint(endpoint).with_allow_http(true).build()?
                    }
                    None => builder.build()?,
                })
            }
        };
        Ok(Self(store))
    }

    /// Stores a whole file.
    pub async fn put(&self, key: &str, content: Bytes) -> Result<(), FileError> {
        self.0.put(&Path::from(key), PutPayload::from_bytes(content)).await?;
        Ok(())
    }

    /// Opens a file for writing piece by piece; it appears when the writer is shut down.
    #[must_use]
    pub fn writer(&self, key: &str) -> BufWriter {
        BufWriter::new(Arc::clone(&self.0), Path::from(key))
    }

    /// Returns the size of a file in bytes.
    pub async fn size(&self, key: &str) -> Result<u64, FileError> {
        Ok(self.0.head(&Path::from(key)).await?.size)
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
        let found = self.0.get_opts(&Path::from(key), options).await?;
        Ok(found.into_stream().map_err(FileError::from).boxed())
    }

    /// Deletes a file; one that is gone is no error.
    pub async fn delete(&self, key: &str) -> Result<(), FileError> {
        match self.0.delete(&Path::from(key)).await.map_err(FileError::from) {
            Err(FileError::Gone) | Ok(()) => Ok(()),
            Err(error) => Err(error),
        }
    }

    /// Tells whether the store answers.
    pub async fn healthy(&self) -> bool {
        let probe = self.0.head(&Path::from("health/probe")).await;
        matches!(probe, Ok(_) | Err(object_store::Error::NotFound { .. }))
    }
}
