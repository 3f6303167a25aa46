//! The gRPC face of export-svc.

mod export;
mod translate;

pub use export::ExportServer;
