//! The whole system, driven over HTTP.
#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

mod access;
mod bad_input;
mod faults;
mod main_job;
mod nginx;
mod nginx_upstream;
mod support;
