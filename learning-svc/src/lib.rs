//! Classes, students, mistakes and reviews.

pub mod access;
pub mod store;
pub mod upstream;
