//! Documents made in the background: mistake books as PDF, Markdown and ZIP.

pub mod config;
pub mod document;
pub mod files;
pub mod learning;
pub mod render;
pub mod server;
pub mod store;
pub mod task;
pub mod worker;
