//! Drives the whole running system over HTTP, as its users do.

pub mod api;
pub mod backups;
pub mod compose;
pub mod exam;
pub mod front;
pub mod installation;
pub mod machine;
pub mod manual;
pub mod model;
pub mod object_store;
pub mod paper;
pub mod school;
pub mod scrape;
pub mod sentinels;
pub mod spans;

pub use api::{Answer, Api};
pub use backups::Backups;
pub use compose::Compose;
pub use front::Front;
pub use installation::{Entrance, Installation, SCHOOL_OFFSET};
pub use machine::{Machine, Network};
pub use manual::Manual;
pub use model::Model;
pub use object_store::ObjectStore;
pub use scrape::Scrape;
pub use sentinels::Sentinels;
pub use spans::Spans;
