//! Where a request comes from.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use actix_web::http::header::{HeaderMap, HeaderName};

use crate::config::Network;

/// Returns the client's address: the peer's, or what trusted proxies say it is.
#[must_use]
pub fn client(peer: Option<IpAddr>, headers: &HeaderMap, trusted: &[Network]) -> IpAddr {
    let peer = peer.unwrap_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED)).to_canonical();
    if !is_trusted(peer, trusted) {
        return peer;
    }
    let values = headers.get_all(HeaderName::from_static("x-forwarded-for"));
    let hops: Vec<&str> =
        values.flat_map(|value| value.to_str().unwrap_or_default().split(',')).collect();
    // Only what trusted proxies appended is worth anything: the client may have sent the rest.
    let mut client = peer;
    for hop in hops.iter().rev() {
        let Some(address) = hop_address(hop.trim()) else { break };
        client = address;
        if !is_trusted(client, trusted) {
            break;
        }
    }
    client
}

/// Reads an address, to which some proxies add the port.
fn hop_address(text: &str) -> Option<IpAddr> {
    let address = text.parse().or_else(|_| text.parse::<SocketAddr>().map(|hop| hop.ip()));
    address.ok().map(|address: IpAddr| address.to_canonical())
}

fn is_trusted(address: IpAddr, trusted: &[Network]) -> bool {
    trusted.iter().any(|network| network.contains(address))
}

/// Returns the address by which calls are counted: IPv6 hosts own a whole /64.
#[must_use]
pub fn bucket(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V4(_) => address,
        IpAddr::V6(address) => IpAddr::V6(Ipv6Addr::from_bits(address.to_bits() >> 64 << 64)),
    }
}

#[cfg(test)]
mod tests {
    use actix_web::http::header::HeaderValue;

    use super::*;

    fn forwarded(text: &'static str) -> HeaderMap {
        let mut headers = HeaderMap::new();
        let name = HeaderName::from_static("x-forwarded-for");
        headers.insert(name, HeaderValue::from_static(text));
        headers
    }

    #[test]
    fn only_trusted_proxies_are_believed() {
        let trusted = ["10.0.0.0/8".parse().unwrap()];
        let headers = forwarded("1.1.1.1, 7.7.7.7, 10.0.0.3");
        let address = |peer: &str, trusted: &[Network]| {
            client(peer.parse().ok(), &headers, trusted).to_string()
        };
        assert_eq!(address("10.0.0.2", &trusted), "7.7.7.7");
        assert_eq!(address("9.9.9.9", &trusted), "9.9.9.9");
        assert_eq!(address("10.0.0.2", &[]), "10.0.0.2");
    }

    #[test]
    fn nothing_behind_what_cannot_be_read_is_believed() {
        let trusted = ["10.0.0.0/8".parse().unwrap()];
        let peer = Some("10.0.0.2".parse().unwrap());
        let cases = [
            ("9.9.9.9, 1.2.3.4:5555", "1.2.3.4"),
            ("9.9.9.9, [2001:db8::1]:5555, 10.0.0.3", "2001:db8::1"),
            ("9.9.9.9, unknown", "10.0.0.2"),
            ("10.0.0.4, 10.0.0.3", "10.0.0.4"),
            ("", "10.0.0.2"),
        ];
        for (sent, expected) in cases {
            assert_eq!(client(peer, &forwarded(sent), &trusted).to_string(), expected, "{sent}");
        }
    }
}
