//! Drives the whole running system over HTTP, as its users do.

pub mod api;
pub mod exam;
pub mod installation;
pub mod paper;
pub mod school;

pub use api::{Answer, Api};
pub use installation::Installation;
