//! gRPC: reads requests, calls a capability, writes answers.

mod organization;
mod session;
mod translate;
mod user;

pub use organization::OrganizationServer;
pub use session::SessionServer;
pub use user::UserServer;
