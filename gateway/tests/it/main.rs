//! The gateway over scripted services and a real Redis.
#![expect(clippy::unwrap_used, reason = "a test may panic")]

mod limits;
mod problems;
mod requests;
mod script;
mod support;
mod traces;
mod web_client;
