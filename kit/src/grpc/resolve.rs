//! All addresses of a service, looked up again and again, used in turn.

use std::{
    collections::BTreeSet,
    net::{IpAddr, SocketAddr},
    sync::{
        Arc, PoisonError, RwLock, Weak,
        atomic::{AtomicU64, AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use http::Uri;
use tonic::transport::{Channel, ClientTlsConfig, Endpoint};

/// What an answer's headers may take: a refusal with all its wrong fields travels there.
const LONGEST_HEADERS: u32 = 256 << 10;
/// Bytes of one answer that may be on the way without having been read, and of all on a connection.
const STREAM_WINDOW: u32 = 512 << 10;
const CONNECTION_WINDOW: u32 = 1 << 30;
const RESOLVE_EVERY: Duration = Duration::from_secs(3);
const RESOLVE_LIMIT: Duration = Duration::from_secs(2);
const CONNECT_LIMIT: Duration = Duration::from_secs(1);
/// How long an address that failed is passed over while others stand.
const REST: Duration = Duration::from_secs(2);

/// One address of a service and the connection to it.
#[derive(Debug)]
pub(super) struct Peer {
    pub address: SocketAddr,
    pub channel: Channel,
    born: Instant,
    /// Milliseconds since `born` until which the address is passed over.
    rests_until: AtomicU64,
}

impl Peer {
    /// Remembers that the address does not answer.
    pub fn failed(&self) {
        let until = self.born.elapsed() + REST;
        self.rests_until.store(milliseconds(until), Ordering::Relaxed);
    }

    /// Remembers that the address answers.
    pub fn answered(&self) {
        self.rests_until.store(0, Ordering::Relaxed);
    }

    fn rests(&self) -> bool {
        milliseconds(self.born.elapsed()) < self.rests_until.load(Ordering::Relaxed)
    }
}

fn milliseconds(length: Duration) -> u64 {
    u64::try_from(length.as_millis()).unwrap_or(u64::MAX)
}

/// The addresses of one service.
#[derive(Debug)]
pub(super) struct Peers {
    target: Uri,
    tls: Option<ClientTlsConfig>,
    list: RwLock<Vec<Arc<Peer>>>,
    next: AtomicUsize,
}

impl Peers {
    /// Starts to look up `target`, for as long as somebody holds the result.
    pub fn watch(target: Uri, tls: Option<ClientTlsConfig>) -> Arc<Self> {
        let peers =
            Arc::new(Self { target, tls, list: RwLock::default(), next: AtomicUsize::new(0) });
        tokio::spawn(keep_resolving(Arc::downgrade(&peers)));
        peers
    }

    /// Looks the same target up for others.
    pub fn apart(&self) -> Arc<Self> {
        Self::watch(self.target.clone(), self.tls.clone())
    }

    /// Returns the next address in turn, one that answers if there is any.
    pub async fn pick(&self) -> Option<Arc<Peer>> {
        if let Some(peer) = self.known() {
            return Some(peer);
        }
        self.resolve().await;
        self.known()
    }

    fn known(&self) -> Option<Arc<Peer>> {
        let list = self.list.read().unwrap_or_else(PoisonError::into_inner);
        let start = self.next.fetch_add(1, Ordering::Relaxed);
        let in_turn = || (0..list.len()).map(|step| &list[start.wrapping_add(step) % list.len()]);
        in_turn().find(|peer| !peer.rests()).or_else(|| in_turn().next()).cloned()
    }

    async fn resolve(&self) {
        let Some(host) = self.target.host() else {
            return;
        };
        let port = self.target.port_u16().unwrap_or(50_051);
        let host = host.trim_start_matches('[').trim_end_matches(']');
        let found = if let Ok(ip) = host.parse::<IpAddr>() {
            BTreeSet::from([SocketAddr::from((ip, port))])
        } else {
            let asked = tokio::net::lookup_host((host, port));
            match tokio::time::timeout(RESOLVE_LIMIT, asked).await {
                Ok(Ok(found)) => found.collect(),
                // What was known goes on being used.
                Ok(Err(_)) | Err(_) => return,
            }
        };
        if !found.is_empty() {
            self.replace(&found);
        }
    }

    fn replace(&self, found: &BTreeSet<SocketAddr>) {
        let mut list = self.list.write().unwrap_or_else(PoisonError::into_inner);
        list.retain(|peer| found.contains(&peer.address));
        for address in found {
            if list.iter().all(|peer| peer.address != *address)
                && let Some(channel) = self.connect(*address)
            {
                let (born, rests_until) = (Instant::now(), AtomicU64::new(0));
                list.push(Arc::new(Peer { address: *address, channel, born, rests_until }));
            }
        }
    }

    fn connect(&self, address: SocketAddr) -> Option<Channel> {
        let scheme = if self.tls.is_some() { "https" } else { "http" };
        let endpoint = Endpoint::from_shared(format!("{scheme}://{address}")).ok()?;
        let mut endpoint = endpoint
            .connect_timeout(CONNECT_LIMIT)
            .tcp_nodelay(true)
            .tcp_keepalive(Some(Duration::from_secs(10)))
            .http2_keep_alive_interval(Duration::from_secs(5))
            .keep_alive_timeout(Duration::from_secs(3))
            .keep_alive_while_idle(true)
            .http2_max_header_list_size(LONGEST_HEADERS)
            // A file that its reader leaves lying must not hold up the calls beside it.
            .initial_stream_window_size(STREAM_WINDOW)
            .initial_connection_window_size(CONNECTION_WINDOW);
        if let Some(tls) = &self.tls {
            endpoint = endpoint
                .tls_config(tls.clone())
                .inspect_err(|error| tracing::error!(%error, "TLS cannot be used"))
                .ok()?;
        }
        Some(endpoint.connect_lazy())
    }
}

async fn keep_resolving(peers: Weak<Peers>) {
    let mut ticks = tokio::time::interval(RESOLVE_EVERY);
    loop {
        ticks.tick().await;
        let Some(peers) = peers.upgrade() else {
            return;
        };
        peers.resolve().await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn addresses_take_turns_and_a_failed_one_rests() {
        let peers = Peers::watch(Uri::from_static("http://127.0.0.1:1"), None);
        let addresses = ["127.0.0.1:1", "127.0.0.2:1"].map(|text| text.parse().unwrap());
        peers.replace(&BTreeSet::from(addresses));
        let mut seen = BTreeSet::new();
        for _ in 0..2 {
            seen.insert(peers.known().unwrap().address);
        }
        assert_eq!(seen, BTreeSet::from(addresses));

        let failed = peers.known().unwrap();
        failed.failed();
        for _ in 0..4 {
            assert_ne!(peers.known().unwrap().address, failed.address);
        }
        failed.answered();
        peers.replace(&BTreeSet::from([failed.address]));
        assert_eq!(peers.known().unwrap().address, failed.address);
    }
}
