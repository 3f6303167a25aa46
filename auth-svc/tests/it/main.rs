//! auth-svc over a real PostgreSQL and a real Redis.
#![expect(clippy::unwrap_used, reason = "a test may panic")]

mod accounts;
mod administration;
mod audit;
mod organizations;
mod refreshes;
mod sessions;
mod support;
