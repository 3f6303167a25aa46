//! SQL, one file per concern.

pub mod budgets;
pub mod calls;

refinery::embed_migrations!("migrations");

/// Returns the migrations of this service's schema.
#[must_use]
pub fn migrations() -> refinery::Runner {
    migrations::runner()
}

/// Writes a count into a column that has a sign.
fn signed(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

/// Reads a count from a column that has a sign.
fn unsigned(number: i64) -> u64 {
    u64::try_from(number).unwrap_or_default()
}
