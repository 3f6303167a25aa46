//! What every request and response goes through.

pub mod address;
pub mod admit;
pub mod answer;
pub mod etag;
pub mod extract;
pub mod observe;
pub mod problem;
pub mod reply;
pub mod upload;

pub use admit::admit;
pub use answer::{created, no_content, ok};
pub use extract::{Json, Query};
pub use problem::Problem;
