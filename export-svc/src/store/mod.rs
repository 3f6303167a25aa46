//! SQL, one file per table.

pub mod queue;
pub mod tasks;

refinery::embed_migrations!("migrations");

/// Returns the migrations of this service's schema.
#[must_use]
pub fn migrations() -> refinery::Runner {
    migrations::runner()
}
