//! Environment variables of the services, and the operator's `.env`.

use std::{
    fs,
    net::{Ipv4Addr, SocketAddr},
    path::Path,
};

use crate::{
    postgres::DATABASE,
    service::{Ports, Service},
};

/// Where the gateway listens: the one address that the operator may choose.
pub const GATEWAY_LISTEN: &str = "GATEWAY_LISTEN";

/// Variables in the order in which they are set; later ones win.
#[derive(Clone, Debug, Default)]
pub struct Environment(Vec<(String, String)>);

impl Environment {
    /// Reads `NAME=value` lines, leaving out comments. A missing file is an empty environment.
    #[must_use]
    pub fn from_file(file: &Path) -> Self {
        let text = fs::read_to_string(file).unwrap_or_default();
        let lines = text.lines().map(str::trim).filter(|line| !line.starts_with('#'));
        Self(
            lines
                .filter_map(|line| line.split_once('='))
                .map(|(name, value)| (name.trim().to_owned(), unquoted(value.trim())))
                .collect(),
        )
    }

    /// Sets one variable.
    pub fn set(&mut self, name: &str, value: impl ToString) {
        self.0.push((name.to_owned(), value.to_string()));
    }

    /// Returns the value that counts.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().rev().find(|pair| pair.0 == name).map(|pair| pair.1.as_str())
    }

    /// Returns the names of variables that have another value in `other`.
    #[must_use]
    pub fn overridden_by(&self, other: &Self) -> Vec<&str> {
        let mut names: Vec<&str> = self.0.iter().map(|pair| pair.0.as_str()).collect();
        names.sort_unstable();
        names.dedup();
        names.retain(|name| other.get(name).is_some_and(|value| self.get(name) != Some(value)));
        names
    }

    /// Adds all variables of `other`.
    pub fn extend(&mut self, other: &Self) {
        self.0.extend(other.0.iter().cloned());
    }

    /// Returns the variables.
    #[must_use]
    pub fn pairs(&self) -> &[(String, String)] {
        &self.0
    }
}

/// Returns where the gateway listens.
pub(crate) fn gateway(ports: &Ports, given: &Environment) -> SocketAddr {
    let given = given.get(GATEWAY_LISTEN).and_then(|address| address.parse().ok());
    given.unwrap_or_else(|| (Ipv4Addr::LOCALHOST, ports.gateway).into())
}

/// Says where every service listens and finds the others; the gateway where `given` wants it.
pub(crate) fn addresses(ports: &Ports, given: &Environment) -> Environment {
    let mut environment = Environment::default();
    for service in Service::ALL {
        let name = service.binary().replace('-', "_").to_uppercase();
        let address = format!("127.0.0.1:{}", ports.of(service));
        environment.set(&format!("{name}_LISTEN"), &address);
        environment.set(&format!("{name}_URL"), format!("http://{address}"));
    }
    environment.set(GATEWAY_LISTEN, gateway(ports, given));
    environment
}

/// The address of the database for one service's role.
pub(crate) fn database_url(ports: &Ports, password: &str, schema: &str) -> String {
    format!("postgresql://{schema}_svc:{password}@127.0.0.1:{}/{DATABASE}", ports.postgres)
}

/// Takes the quotes or the comment off a value.
fn unquoted(value: &str) -> String {
    let quoted = value.len() >= 2
        && (value.starts_with('"') && value.ends_with('"')
            || value.starts_with('\'') && value.ends_with('\''));
    if quoted {
        return value[1..value.len() - 1].to_owned();
    }
    value.split_once(" #").map_or(value, |(value, _)| value.trim_end()).to_owned()
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use super::*;

    #[test]
    fn a_file_is_read_as_compose_reads_it() {
        let mut file = tempfile::NamedTempFile::new().unwrap();
        let text = "# A comment\nA=1\nB = 10485760  # 10 MiB\nC=\"a #b\"\nA=2\nREDIS=x\n";
        file.write_all(text.as_bytes()).unwrap();
        let read = Environment::from_file(file.path());
        assert_eq!((read.get("A"), read.get("B")), (Some("2"), Some("10485760")));
        assert_eq!((read.get("C"), read.get("D")), (Some("a #b"), None));
        let mut own = Environment::default();
        own.set("REDIS", "y");
        own.set("A", "2");
        assert_eq!(read.overridden_by(&own), ["REDIS"]);
    }

    #[test]
    fn the_gateway_alone_listens_where_it_is_told() {
        let (ports, mut given) = (Ports::default(), Environment::default());
        assert_eq!(addresses(&ports, &given).get(GATEWAY_LISTEN), Some("127.0.0.1:8000"));
        given.set(GATEWAY_LISTEN, "0.0.0.0:9000");
        given.set("AUTH_SVC_LISTEN", "0.0.0.0:9001");
        let addresses = addresses(&ports, &given);
        assert_eq!(addresses.get(GATEWAY_LISTEN), Some("0.0.0.0:9000"));
        assert_eq!(addresses.get("AUTH_SVC_LISTEN"), Some("127.0.0.1:50051"));
    }
}
