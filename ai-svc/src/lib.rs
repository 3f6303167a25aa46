//! Looks at English for pupils: with rules alone, or with a model whose answers are checked.

pub mod analysis;
pub mod completion;
pub mod config;
pub mod embed;
pub mod ledger;
pub mod mask;
pub mod measure;
pub mod models;
pub mod origin;
pub mod providers;
pub mod quality;
pub mod rules;
pub mod server;
pub mod store;
pub mod taxonomy;
pub mod text;
pub mod vectors;
pub mod workers;
