//! learning-svc over a real PostgreSQL and a real Redis, with accounts in memory.
#![expect(clippy::unwrap_used, reason = "a test may panic")]

mod auth;
mod support;

mod classes;
mod enrollments;
mod files;
mod roster_undo;
mod rosters;
mod students;
