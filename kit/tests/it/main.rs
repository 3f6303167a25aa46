//! Tests of kit over real servers.
#![expect(clippy::unwrap_used, reason = "tests")]

mod cache;
mod calls;
mod config;
mod database;
mod database_tls;
mod folders;
mod generations;
mod idempotency;
mod rotation;
mod sample;
mod tls;
