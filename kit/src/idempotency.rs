//! Calls that can be repeated: the database says which was first.

use chrono::{DateTime, Utc};
use prost::Message;
use sha2::{Digest as _, Sha256};
use tonic::Status;
use uuid::Uuid;

use crate::{
    caller::Caller,
    db::{self, DbError, GenericClient},
    error::{Classify, Kind},
    grpc,
};

/// SQL of the table, which the first migration of each service contains.
pub const TABLE: &str = "
CREATE TABLE idempotency_keys (
    caller       uuid NOT NULL,
    method       text NOT NULL,
    key          text NOT NULL,
    request_hash bytea NOT NULL,
    result_id    uuid NOT NULL,
    created_at   timestamptz NOT NULL,
    CONSTRAINT idempotency_keys_pkey PRIMARY KEY (caller, method, key)
);
CREATE INDEX idempotency_keys_created_at_idx ON idempotency_keys (created_at);
";

const CLAIM: &str = "
    INSERT INTO idempotency_keys (caller, method, key, request_hash, result_id, created_at)
    VALUES ($1, $2, $3, $4, $5, $6)
        ON CONFLICT (caller, method, key) DO NOTHING";

const FIND: &str = "
    SELECT request_hash, result_id
      FROM idempotency_keys
     WHERE caller = $1 AND method = $2 AND key = $3";

const SWEEP: &str = "DELETE FROM idempotency_keys WHERE created_at < $1";

/// One call of one caller, which it may repeat.
#[derive(Clone, Debug)]
pub struct Operation {
    pub caller: Uuid,
    pub method: &'static str,
    /// Chosen by the client; without it every call is a new one.
    pub key: Option<String>,
    pub request_hash: [u8; 32],
}

impl Operation {
    /// Reads the operation out of a request.
    ///
    /// # Errors
    ///
    /// Fails when nobody is signed in.
    pub fn of<M: Message>(
        request: &tonic::Request<M>,
        method: &'static str,
    ) -> Result<Self, Status> {
        Self::without_secrets(request, method, request.get_ref())
    }

    /// Reads the operation out of a request of which only `message` is remembered: a password
    /// would be guessed from the hash.
    ///
    /// # Errors
    ///
    /// Fails when nobody is signed in.
    pub fn without_secrets<M: Message>(
        request: &tonic::Request<M>,
        method: &'static str,
        message: &M,
    ) -> Result<Self, Status> {
        Ok(Self {
            caller: Caller::of(request)?.user_id,
            method,
            key: grpc::idempotency_key(request),
            request_hash: Sha256::digest(message.encode_to_vec()).into(),
        })
    }
}

/// Says whether a call is new.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Claimed {
    /// Nobody did this before; the thing made gets this id.
    New(Uuid),
    /// It was done; this is the id of what it made.
    Repeated(Uuid),
}

/// Says why a call cannot be claimed.
#[derive(Debug, thiserror::Error)]
pub enum IdempotencyError {
    #[error("the idempotency key was used for another request")]
    Reused,
    #[error("idempotency store failed")]
    Store(#[from] DbError),
}

impl Classify for IdempotencyError {
    fn kind(&self) -> Kind {
        match self {
            Self::Reused => Kind::Conflict,
            Self::Store(error) => error.kind(),
        }
    }

    fn reason(&self) -> &'static str {
        match self {
            Self::Reused => "IDEMPOTENCY_KEY_REUSED",
            Self::Store(error) => error.reason(),
        }
    }

    fn inner(&self) -> Option<&dyn Classify> {
        match self {
            Self::Store(error) => Some(error),
            Self::Reused => None,
        }
    }
}

/// Claims `operation` within the transaction that does it, waiting for a twin that runs now.
///
/// # Errors
///
/// Fails when the key was used for another request.
pub async fn claim(
    tx: &impl GenericClient,
    operation: &Operation,
    new_id: Uuid,
    now: DateTime<Utc>,
) -> Result<Claimed, IdempotencyError> {
    let Operation { caller, method, key: Some(key), request_hash } = operation else {
        return Ok(Claimed::New(new_id));
    };
    let hash = request_hash.as_slice();
    loop {
        let params: [&(dyn db::ToSql + Sync); 6] = [caller, method, key, &hash, &new_id, &now];
        if db::execute(tx, "idempotency_keys.claim", CLAIM, &params).await? == 1 {
            return Ok(Claimed::New(new_id));
        }
        // Absent when it was swept in between: then it can be claimed.
        if let Some(result) = find(tx, operation).await? {
            return Ok(Claimed::Repeated(result));
        }
    }
}

/// Returns the id of what `operation` made, if it was done before.
///
/// # Errors
///
/// Fails when the key was used for another request.
pub async fn find(
    db: &impl GenericClient,
    operation: &Operation,
) -> Result<Option<Uuid>, IdempotencyError> {
    let Operation { caller, method, key: Some(key), request_hash } = operation else {
        return Ok(None);
    };
    let found = db::query_opt(db, "idempotency_keys.find", FIND, &[caller, method, key]).await?;
    let Some(row) = found else {
        return Ok(None);
    };
    let known: &[u8] = row.try_get("request_hash").map_err(DbError::from)?;
    if known != request_hash {
        return Err(IdempotencyError::Reused);
    }
    Ok(Some(row.try_get("result_id").map_err(DbError::from)?))
}

/// Forgets calls made before `moment` and returns how many.
///
/// # Errors
///
/// Fails when PostgreSQL is away.
pub async fn sweep(db: &impl GenericClient, moment: DateTime<Utc>) -> Result<u64, DbError> {
    db::execute(db, "idempotency_keys.sweep", SWEEP, &[&moment]).await
}
