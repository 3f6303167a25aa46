//! How a process boots, is configured, fails, reports and stops.

pub mod access_token;
pub mod caller;
pub mod clock;
pub mod config;
pub mod db;
pub mod diagnose;
pub mod error;
pub mod files;
pub mod generations;
pub mod grpc;
pub mod health;
mod id;
pub mod idempotency;
mod named;
pub mod page;
pub mod process;
pub mod redis;
mod revocation;
pub mod shutdown;
pub mod steady;
pub mod telemetry;
#[cfg(feature = "testing")]
pub mod testing;
pub mod wire;

#[doc(hidden)]
pub use {postgres_types, serde, uuid};
