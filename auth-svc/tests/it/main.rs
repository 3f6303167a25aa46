//! auth-svc over a real PostgreSQL and a real Redis.
#![expect(clippy::unwrap_used, reason = "a test may panic")]

mod accounts;
mod administration;
mod audit;
mod commands;
mod joining;
mod letters;
mod names;
mod organizations;
mod profiles;
mod races;
mod refreshes;
mod repeated;
mod sessions;
mod support;
mod sweeps;
