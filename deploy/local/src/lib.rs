//! Runs the whole system on one machine without Docker: private stores, all services, one address.

pub mod beside;
pub mod environment;
pub mod files;
pub mod postgres;
pub mod process;
pub mod redis;
pub mod service;
pub mod system;

pub use environment::Environment;
pub use service::{Ports, Service, free_port};
pub use system::{Options, System};
