//! The gRPC face of learning-svc.

mod classes;
mod imports;
mod roster_imports;
mod students;
mod translate;

pub use classes::ClassServer;
pub use roster_imports::RosterImportServer;
pub use students::StudentServer;
use tonic::{Response, Status};

/// What a method returns.
type Reply<T> = Result<Response<T>, Status>;
