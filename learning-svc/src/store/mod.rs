//! SQL, one file per table.

pub mod standing;

refinery::embed_migrations!("migrations");

/// Returns the migrations of this service's schema.
#[must_use]
pub fn migrations() -> refinery::Runner {
    migrations::runner()
}
