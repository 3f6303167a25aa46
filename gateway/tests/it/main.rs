//! The gateway over scripted services and a real Redis.
#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a test may panic")]

mod ai;
mod answers;
mod classes;
mod exports;
mod figures;
mod imports;
mod limits;
mod mistakes;
mod problems;
mod requests;
mod reviews;
mod script;
mod sessions;
mod support;
mod traces;
mod users;
mod web_client;
