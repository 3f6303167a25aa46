//! Classes, students, mistakes and reviews.

pub mod access;
pub mod class;
pub mod config;
pub mod import;
pub mod roster;
pub mod server;
pub mod sheet;
pub mod store;
pub mod student;
pub mod upstream;
