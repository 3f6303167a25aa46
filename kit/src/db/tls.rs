//! TLS to PostgreSQL.

use std::{
    fmt,
    path::Path,
    sync::{Arc, OnceLock},
};

use rustls::{
    ClientConfig, RootCertStore,
    crypto::ring,
    pki_types::{CertificateDer, pem::PemObject as _},
};
use tokio_postgres::{CancelToken, Client, Config, Error, NoTls};
use tokio_postgres_rustls::MakeRustlsConnect;

/// What connections by TLS are opened with: it checks the server's certificate and name.
#[derive(Clone)]
pub struct Tls(MakeRustlsConnect);

/// What the pools of this process use: whoever ends a statement opens a connection for it.
static OF_POOLS: OnceLock<Tls> = OnceLock::new();

impl Tls {
    /// Believes those whom the PEM file `ca` names; without one, those whom this machine believes.
    ///
    /// # Errors
    ///
    /// Says why nobody is believed.
    pub fn believing(ca: Option<&Path>) -> Result<Self, String> {
        let mut roots = RootCertStore::empty();
        if let Some(ca) = ca {
            let read = |error| format!("{} cannot be read: {error}", ca.display());
            for certificate in CertificateDer::pem_file_iter(ca).map_err(read)? {
                let certificate = certificate.map_err(read)?;
                roots.add(certificate).map_err(|error| format!("{}: {error}", ca.display()))?;
            }
        } else {
            roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
        }
        if roots.is_empty() {
            return Err("names no certificate, and TLS to PostgreSQL needs one".to_owned());
        }
        let config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()
            .map_err(|error| error.to_string())?
            .with_root_certificates(roots)
            .with_no_client_auth();
        Ok(Self(MakeRustlsConnect::new(config)))
    }

    /// Returns what opens the connections of a pool.
    pub(super) fn of_pool(&self) -> MakeRustlsConnect {
        OF_POOLS.get_or_init(|| self.clone());
        self.0.clone()
    }
}

impl fmt::Debug for Tls {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Tls")
    }
}

/// Opens one connection, which a task of its own keeps going.
pub(crate) async fn open(config: &Config, tls: Option<&Tls>) -> Result<Client, Error> {
    if let Some(tls) = tls {
        let (client, connection) = config.connect(tls.0.clone()).await?;
        tokio::spawn(connection);
        Ok(client)
    } else {
        let (client, connection) = config.connect(NoTls).await?;
        tokio::spawn(connection);
        Ok(client)
    }
}

/// Asks PostgreSQL to end the statement of a connection of a pool.
pub(super) async fn cancel(token: &CancelToken) -> Result<(), Error> {
    match OF_POOLS.get() {
        Some(tls) => token.cancel_query(tls.0.clone()).await,
        None => token.cancel_query(NoTls).await,
    }
}
