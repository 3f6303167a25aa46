//! Work on mistakes in the background: analysing them and making them findable.

mod batch;
mod bell;
mod work;

pub use bell::Bell;
pub use work::{Analyst, WorkError, measure, start};
