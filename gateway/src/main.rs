//! The HTTP API: translates JSON to calls of the services.

use std::process::ExitCode;

#[tokio::main]
async fn main() -> ExitCode {
    kit::process::main("gateway", gateway::run).await
}
