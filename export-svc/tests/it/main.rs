//! Documents as files, and the queue over a real PostgreSQL.
#![expect(clippy::unwrap_used, reason = "a test may panic")]

mod documents;
mod faults;
mod files;
mod learning;
mod orders;
mod queue;
mod support;
