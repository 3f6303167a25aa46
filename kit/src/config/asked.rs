//! Which variables a process reads, and their values as they may be shown.

use std::{
    collections::{BTreeMap, HashMap},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use secrecy::{ExposeSecret as _, SecretString};
use sha2::{Digest as _, Sha256};

use super::clean;

/// Last words of the names of secrets.
const SECRET_NAMES: [&str; 4] = ["KEY", "SECRET", "PASSWORD", "TOKEN"];

/// Remembers what was asked for; clones share it.
#[derive(Clone, Debug, Default)]
pub struct Asked {
    values: Arc<HashMap<String, SecretString>>,
    /// Names, and whether what they hold is secret.
    names: Arc<Mutex<BTreeMap<String, bool>>>,
}

impl Asked {
    pub(super) fn of(values: Arc<HashMap<String, SecretString>>) -> Self {
        Self { values, names: Arc::default() }
    }

    pub(super) fn note(&self, name: &str) {
        let is_secret = SECRET_NAMES.iter().any(|word| name.ends_with(word));
        self.lock().entry(name.to_owned()).or_insert(is_secret);
    }

    pub(super) fn note_secret(&self, name: &str) {
        self.lock().insert(name.to_owned(), true);
    }

    /// Returns every name that was asked for, with its value, masked, where it has one.
    #[must_use]
    pub fn shown(&self) -> Vec<(String, Option<String>)> {
        let names = self.lock();
        let shown = names.iter().map(|(name, is_secret)| {
            let value = self.value(name).map(|value| mask(value, *is_secret));
            let file = || Some(format!("in the file {}", self.value(&format!("{name}_FILE"))?));
            (name.clone(), value.or_else(file))
        });
        shown.collect()
    }

    /// Returns something by which equal values are told from different ones, and nothing else.
    #[must_use]
    pub fn fingerprint(&self, name: &str) -> Option<String> {
        let hash = Sha256::digest(self.value(name)?.as_bytes());
        let first = hash.iter().take(6).fold(0_u64, |sum, byte| sum << 8 | u64::from(*byte));
        Some(format!("{first:012x}"))
    }

    fn value(&self, name: &str) -> Option<&str> {
        let value = self.values.get(name).map(|value| clean(value.expose_secret()));
        value.filter(|value| !value.is_empty())
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<String, bool>> {
        self.names.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Returns what may be shown of a value: of a secret nothing but its length, of an address neither
/// its password nor its query.
fn mask(value: &str, is_secret: bool) -> String {
    let Some((scheme, rest)) = value.split_once("://") else {
        let length = value.chars().count();
        return if is_secret { format!("*** ({length} characters)") } else { value.to_owned() };
    };
    // A password may hold what separates the parts, so the last @ counts.
    let (user, host) = rest.rsplit_once('@').map_or((None, rest), |(u, host)| (Some(u), host));
    let (host, query) = host.split_once('?').map_or((host, ""), |(host, _)| (host, "?***"));
    let Some(user) = user else {
        return format!("{scheme}://{host}{query}");
    };
    // Roles of the database are no secret, and the wrong one is a common mistake.
    let role = user.split_once(':').map(|(role, _)| role);
    let role = role.filter(|_| scheme.starts_with("postgres")).unwrap_or_default();
    let colon = if user.contains(':') { ":" } else { "" };
    format!("{scheme}://{role}{colon}***@{host}{query}")
}

#[cfg(test)]
mod tests {
    use super::{super::Env, *};

    #[test]
    fn no_secret_is_shown_wherever_it_stands() {
        for (value, shown) in [
            (
                "postgresql+asyncpg://a_svc:p@s/s:w?rd@db:5432/x",
                "postgresql+asyncpg://a_svc:***@db:5432/x",
            ),
            ("postgresql://a:pass@db/x?sslpassword=pass", "postgresql://a:***@db/x?***"),
            ("redis://:pass@redis:6379/0", "redis://:***@redis:6379/0"),
            ("smtps://me:pass@mail.example:465", "smtps://:***@mail.example:465"),
            ("https://pass@models.example/v1?key=pass", "https://***@models.example/v1?***"),
            ("pass phrase", "*** (11 characters)"),
            ("host=db password=pass", "*** (21 characters)"),
        ] {
            assert_eq!(mask(value, true), shown);
            assert!(!mask(value, true).contains("pass@") && !mask(value, true).contains("s/s"));
        }
        assert_eq!(mask("http://a:pass@proxy:1", false), "http://:***@proxy:1");
        assert_eq!(mask("INFO", false), "INFO");
    }

    #[test]
    fn what_was_asked_for_is_known_also_when_it_is_not_set() {
        let pairs = [("A_API_KEY", "hunter22"), ("LEVEL", "7"), ("UNASKED", "x")];
        let mut env = Env::from_pairs(pairs);
        let asked = env.asked();
        let _: (Option<String>, u8, bool) =
            (env.optional("A_API_KEY", "key"), env.or("LEVEL", "number", 1), env.flag("B", true));
        let shown = asked.shown();
        let shown: Vec<_> = shown.iter().map(|(n, v)| (n.as_str(), v.as_deref())).collect();
        let expected =
            [("A_API_KEY", Some("*** (8 characters)")), ("B", None), ("LEVEL", Some("7"))];
        assert_eq!(shown, expected);
        assert_eq!(asked.fingerprint("B"), None);
        assert_eq!(asked.fingerprint("LEVEL").map(|print| print.len()), Some(12));
    }
}
