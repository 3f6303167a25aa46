//! First passwords of imported accounts: computed from the import, stored nowhere.

use std::fmt;

use hmac::{Hmac, KeyInit as _, Mac as _};
use secrecy::{ExposeSecret as _, SecretString};
use sha2::Sha256;

use crate::import::ImportId;

/// Characters that are not taken for one another on paper.
const ALPHABET: &[u8] = b"ABCDEFGHJKMNPQRSTUVWXYZabcdefghjkmnpqrstuvwxyz23456789";
const LENGTH: usize = 10;
/// A round without one of the three kinds of characters is left out; that is one in five.
const ROUNDS: u8 = u8::MAX;

/// Computes first passwords.
#[derive(Clone)]
pub struct PasswordKey([u8; 32]);

impl fmt::Debug for PasswordKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PasswordKey")
    }
}

fn digest(key: &[u8], parts: &[&[u8]]) -> [u8; 32] {
    // A key of any length will do; there is no failure to tell.
    Hmac::<Sha256>::new_from_slice(key).map_or([0; 32], |mut mac| {
        for part in parts {
            mac.update(part);
        }
        mac.finalize().into_bytes().into()
    })
}

impl PasswordKey {
    /// Derives the key from the secret that all services share.
    #[must_use]
    pub fn derive(secret: &SecretString) -> Self {
        Self(digest(secret.expose_secret().as_bytes(), &[b"ai-english first passwords v1"]))
    }

    /// Returns what tells this key from others, without telling what it is.
    #[must_use]
    pub fn check(&self, import: ImportId) -> String {
        let bytes = digest(&self.0, &[import.0.as_bytes(), b"check"]);
        bytes.iter().take(8).fold(String::new(), |text, byte| text + &format!("{byte:02x}"))
    }

    /// Returns the first password of the account made for one row: ten characters with upper
    /// case, lower case and digit.
    #[must_use]
    pub fn password(&self, import: ImportId, row: u32) -> String {
        let mut password = String::new();
        for round in 0..ROUNDS {
            let bytes = digest(&self.0, &[import.0.as_bytes(), &row.to_be_bytes(), &[round]]);
            let letters = bytes.chunks_exact(2).take(LENGTH).filter_map(|pair| {
                let number = pair.iter().fold(0, |number, byte| number * 256 + usize::from(*byte));
                ALPHABET.get(number % ALPHABET.len())
            });
            password = letters.copied().map(char::from).collect();
            let has = |test: fn(&char) -> bool| password.chars().any(|c| test(&c));
            if has(char::is_ascii_uppercase)
                && has(char::is_ascii_lowercase)
                && has(char::is_ascii_digit)
            {
                break;
            }
        }
        password
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn passwords_are_strong_stable_and_different() {
        let key = PasswordKey::derive(&"a secret of the school".into());
        let (one, other) = (ImportId(uuid::Uuid::now_v7()), ImportId(uuid::Uuid::now_v7()));
        let passwords: Vec<String> = (2..500).map(|row| key.password(one, row)).collect();
        for password in &passwords {
            assert_eq!(password.len(), 10);
            assert!(password.contains(|c: char| c.is_ascii_uppercase()));
            assert!(password.contains(|c: char| c.is_ascii_lowercase()));
            assert!(password.contains(|c: char| c.is_ascii_digit()));
        }
        let different: std::collections::HashSet<_> = passwords.iter().collect();
        assert_eq!(different.len(), passwords.len());
        assert_eq!(key.password(one, 2), passwords[0]);
        assert_ne!(key.password(other, 2), passwords[0]);
        let another = PasswordKey::derive(&"another secret".into());
        assert_eq!(key.check(one), key.check(one));
        assert_ne!(key.check(one), another.check(one));
    }
}
