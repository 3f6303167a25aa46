//! Work on mistakes in the background: analysing them and making them findable.

mod batch;
mod bell;
mod pauses;
mod work;

pub use bell::Bell;
pub use pauses::Pauses;
pub use work::{Analyst, WorkError, measure, start};
