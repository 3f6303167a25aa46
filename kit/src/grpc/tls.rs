//! Mutual TLS between our processes, when files are configured.

use std::{fs, path::Path};

use anyhow::Context as _;
use tonic::transport::{Certificate, ClientTlsConfig, Identity, ServerTlsConfig};

use crate::config::TlsFiles;

/// Chooses the cryptography of this process. Libraries bring two, so that none is the obvious one.
pub(crate) fn choose_provider() {
    // Refused when it was chosen before, which is as well.
    let _ = rustls::crypto::ring::default_provider().install_default();
}

/// Makes the settings of a server.
///
/// A certificate of the caller is asked for and not demanded here: the call layer demands it for
/// calls, so that probes can read `/health` without one.
pub(super) fn server(files: &TlsFiles) -> anyhow::Result<ServerTlsConfig> {
    choose_provider();
    Ok(ServerTlsConfig::new()
        .identity(identity(files)?)
        .client_ca_root(Certificate::from_pem(read(&files.ca)?))
        .client_auth_optional(true))
}

/// Makes the settings of a client of `host`.
pub(super) fn client(files: &TlsFiles, host: &str) -> anyhow::Result<ClientTlsConfig> {
    choose_provider();
    Ok(ClientTlsConfig::new()
        .identity(identity(files)?)
        .ca_certificate(Certificate::from_pem(read(&files.ca)?))
        .domain_name(host))
}

fn identity(files: &TlsFiles) -> anyhow::Result<Identity> {
    Ok(Identity::from_pem(read(&files.cert)?, read(&files.key)?))
}

fn read(path: &Path) -> anyhow::Result<String> {
    fs::read_to_string(path).with_context(|| format!("reading {}", path.display()))
}
