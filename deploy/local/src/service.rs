//! The five services: their binaries, ports and settings.

use std::{
    collections::BTreeSet,
    io,
    net::TcpListener,
    ops::Range,
    sync::{Mutex, PoisonError},
};

use rand::RngExt as _;

/// Below those that the system gives to whoever connects: a service may start long after its port was picked.
const FREE: Range<u16> = 10_000..32_000;

/// One of our processes, in the order in which they are started.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Service {
    Auth,
    Ai,
    Learning,
    Export,
    Gateway,
}

impl Service {
    /// All of them, callees before callers.
    pub const ALL: [Self; 5] = [Self::Auth, Self::Ai, Self::Learning, Self::Export, Self::Gateway];

    /// Returns the name of the binary.
    #[must_use]
    pub const fn binary(self) -> &'static str {
        match self {
            Self::Auth => "auth-svc",
            Self::Ai => "ai-svc",
            Self::Learning => "learning-svc",
            Self::Export => "export-svc",
            Self::Gateway => "gateway",
        }
    }

    /// Returns the schema and role in the database, where it has any.
    #[must_use]
    pub const fn schema(self) -> Option<&'static str> {
        match self {
            Self::Auth => Some("auth"),
            Self::Ai => Some("ai"),
            Self::Learning => Some("learning"),
            Self::Export => Some("export"),
            Self::Gateway => None,
        }
    }
}

/// Where everything listens, on 127.0.0.1.
#[derive(Clone, Copy, Debug)]
pub struct Ports {
    pub gateway: u16,
    pub auth: u16,
    pub learning: u16,
    pub ai: u16,
    pub export: u16,
    pub postgres: u16,
    pub redis: u16,
}

impl Default for Ports {
    /// Returns the ports of `make run`: the documented ones, and private ones for the stores, so
    /// that servers which already run on the machine are left alone.
    fn default() -> Self {
        Self {
            gateway: 8000,
            auth: 50051,
            learning: 50052,
            ai: 50053,
            export: 50054,
            postgres: 54320,
            redis: 54321,
        }
    }
}

impl Ports {
    /// Picks ports that nothing listens on, and never one twice in this process.
    ///
    /// # Errors
    ///
    /// Fails when the machine has no free port left.
    pub fn free() -> std::io::Result<Self> {
        Ok(Self {
            gateway: free_port()?,
            auth: free_port()?,
            learning: free_port()?,
            ai: free_port()?,
            export: free_port()?,
            postgres: free_port()?,
            redis: free_port()?,
        })
    }

    /// Returns the port of `service`.
    #[must_use]
    pub const fn of(&self, service: Service) -> u16 {
        match service {
            Service::Auth => self.auth,
            Service::Ai => self.ai,
            Service::Learning => self.learning,
            Service::Export => self.export,
            Service::Gateway => self.gateway,
        }
    }
}

/// Returns a port of this machine on which nobody listens, and which is not picked again.
///
/// # Errors
///
/// Fails when none can be found.
pub fn free_port() -> io::Result<u16> {
    static PICKED: Mutex<BTreeSet<u16>> = Mutex::new(BTreeSet::new());
    for _ in 0..1_000 {
        let port = rand::rng().random_range(FREE);
        let is_new = PICKED.lock().unwrap_or_else(PoisonError::into_inner).insert(port);
        if is_new && TcpListener::bind(("127.0.0.1", port)).is_ok() {
            return Ok(port);
        }
    }
    Err(io::Error::new(io::ErrorKind::AddrInUse, "no port is free"))
}
