//! The gRPC face of learning-svc.

mod classes;
mod imports;
mod mistake;
mod mistake_import;
mod notebook;
mod practice;
mod review;
mod roster_imports;
mod statistics;
mod students;
mod translate;
mod wire_mistake;

pub use classes::ClassServer;
pub use mistake::MistakeServer;
pub use mistake_import::MistakeImportServer;
pub use notebook::NotebookServer;
pub use practice::Practice;
pub use review::ReviewServer;
pub use roster_imports::RosterImportServer;
pub use statistics::StatisticsServer;
pub use students::StudentServer;
use tonic::{Response, Status};

/// What a method returns.
type Reply<T> = Result<Response<T>, Status>;
