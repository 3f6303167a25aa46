//! Classes, students, mistakes and reviews.

pub mod access;
pub mod analysis;
pub mod class;
pub mod config;
pub mod import;
pub mod mistake;
pub mod mistake_import;
pub mod name;
pub mod notebook;
pub mod redaction;
pub mod review;
pub mod roster;
pub mod server;
pub mod sheet;
pub mod statistics;
pub mod store;
pub mod student;
pub mod upstream;
