//! ai-svc over a real PostgreSQL, a scripted provider, and a real index on disk.
#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a test may panic")]

mod access;
mod analysis;
mod completion;
mod copies;
mod embedding;
mod engines;
mod index;
mod kill;
mod ledger;
#[cfg(feature = "real-model")]
mod real_model;
#[cfg(feature = "real-qdrant")]
mod real_qdrant;
mod support;
mod text;
