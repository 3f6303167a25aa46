//! Environment variables of the services, and the operator's `.env`.

use std::{fs, path::Path};

use crate::{
    postgres::DATABASE,
    service::{Ports, Service},
};

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

/// Says where every service listens and finds the others.
pub(crate) fn addresses(ports: &Ports) -> Environment {
    let mut environment = Environment::default();
    for service in Service::ALL {
        let name = service.binary().replace('-', "_").to_uppercase();
        let address = format!("127.0.0.1:{}", ports.of(service));
        environment.set(&format!("{name}_LISTEN"), &address);
        environment.set(&format!("{name}_URL"), format!("http://{address}"));
    }
    environment
}

/// The address of the database for one service's role.
pub(crate) fn database_url(ports: &Ports, password: &str, schema: &str) -> String {
    format!("postgresql://{schema}_svc:{password}@127.0.0.1:{}/{DATABASE}", ports.postgres)
}

fn unquoted(value: &str) -> String {
    let quoted = value.len() >= 2
        && (value.starts_with('"') && value.ends_with('"')
            || value.starts_with('\'') && value.ends_with('\''));
    if quoted { value[1..value.len() - 1].to_owned() } else { value.to_owned() }
}
