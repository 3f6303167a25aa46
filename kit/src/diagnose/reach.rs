//! Whether somebody listens at an address, and if not, why not.

use std::{
    fmt::{self, Display},
    io,
    time::Duration,
};

use tokio::net::{TcpStream, lookup_host};

const LIMIT: Duration = Duration::from_secs(3);

/// Says why nobody was reached.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unreachable {
    /// The name has no address.
    UnknownHost(String),
    /// The machine is there, and nothing listens.
    Refused(String),
    /// No machine answers.
    Silent(String),
}

impl Display for Unreachable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::UnknownHost(text) | Self::Refused(text) | Self::Silent(text) => f.write_str(text),
        }
    }
}

/// Opens a connection and closes it again.
///
/// # Errors
///
/// Fails when that is not possible.
pub async fn reach(host: &str, port: u16) -> Result<(), Unreachable> {
    let addresses = match tokio::time::timeout(LIMIT, lookup_host((host, port))).await {
        Ok(Ok(addresses)) => addresses.collect::<Vec<_>>(),
        Ok(Err(error)) => return Err(Unreachable::UnknownHost(format!("{host}: {error}"))),
        Err(_) => return Err(Unreachable::UnknownHost(format!("{host}: no answer to its name"))),
    };
    let connect = tokio::time::timeout(LIMIT, TcpStream::connect(&*addresses));
    match connect.await {
        Ok(Ok(_)) => Ok(()),
        Ok(Err(error)) if error.kind() == io::ErrorKind::ConnectionRefused => {
            Err(Unreachable::Refused(format!("{host}:{port}: connection refused")))
        }
        Ok(Err(error)) => Err(Unreachable::Silent(format!("{host}:{port}: {error}"))),
        Err(_) => Err(Unreachable::Silent(format!("{host}:{port}: no answer in 3 s"))),
    }
}

/// Returns the host and port of a URL.
#[must_use]
pub fn endpoint(url: &str) -> Option<(String, u16)> {
    let uri: http::Uri = url.parse().ok()?;
    let usual = if uri.scheme_str()? == "https" { 443 } else { 80 };
    let host = uri.host()?.trim_matches(['[', ']']).to_owned();
    Some((host, uri.port_u16().unwrap_or(usual)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_wrong_name_and_a_closed_port_are_told_apart() {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        assert_eq!(reach("127.0.0.1", port).await, Ok(()));
        drop(listener);
        assert!(matches!(reach("127.0.0.1", port).await, Err(Unreachable::Refused(_))));
        let unknown = reach("no-such-host.invalid", port).await;
        assert!(matches!(unknown, Err(Unreachable::UnknownHost(_))), "{unknown:?}");
    }

    #[test]
    fn endpoints_come_from_addresses() {
        assert_eq!(endpoint("https://a.example/v1"), Some(("a.example".to_owned(), 443)));
        assert_eq!(endpoint("http://[::1]:8080/"), Some(("::1".to_owned(), 8_080)));
        assert_eq!(endpoint("nowhere"), None);
    }
}
