//! Secrets that nobody can guess, and what is stored of them.

use std::{fmt, iter};

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use hmac::{Hmac, KeyInit as _, Mac as _};
use rand::RngExt as _;
use secrecy::{ExposeSecret as _, SecretString};
use sha2::{Digest as _, Sha256};
use uuid::Uuid;

/// Letters and digits that nobody confuses on paper.
const READABLE: &[u8] = b"ABCDEFGHJKLMNPQRSTUVWXYZ23456789";
const LOWER: &[u8] = b"abcdefghijkmnpqrstuvwxyz";
const UPPER: &[u8] = b"ABCDEFGHJKLMNPQRSTUVWXYZ";
const DIGITS: &[u8] = b"23456789";

/// Makes a token of 256 random bits.
#[must_use]
pub fn token() -> String {
    URL_SAFE_NO_PAD.encode(rand::random::<[u8; 32]>())
}

/// Returns what is stored of a token. A token is random, so that a plain hash is enough.
#[must_use]
pub fn hash(token: &str) -> Vec<u8> {
    Sha256::digest(token).to_vec()
}

/// Makes secrets that are stored nowhere out of the secret of the installation.
#[derive(Clone)]
struct Key(Hmac<Sha256>);

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Key")
    }
}

impl Key {
    /// Works with `secret`; `purpose` sets what is made apart from everything else that is.
    fn new(secret: &SecretString, purpose: &[u8]) -> Self {
        #[expect(clippy::expect_used, reason = "HMAC takes keys of any length")]
        let mut mac = Hmac::new_from_slice(secret.expose_secret().as_bytes()).expect("any length");
        mac.update(purpose);
        Self(mac)
    }

    fn digest(&self, of: &[u8]) -> [u8; 32] {
        self.0.clone().chain_update(of).finalize().into_bytes().into()
    }
}

/// Makes each refresh token out of the one before, so that a refresh that is repeated because its
/// answer was lost gets the same token again, which is stored nowhere.
#[derive(Clone, Debug)]
pub struct Succession(Key);

impl Succession {
    /// Works with the secret of the installation.
    #[must_use]
    pub fn new(secret: &SecretString) -> Self {
        Self(Key::new(secret, b"auth-svc refresh token after "))
    }

    /// Returns the token that follows `token`.
    #[must_use]
    pub fn after(&self, token: &str) -> String {
        URL_SAFE_NO_PAD.encode(self.0.digest(token.as_bytes()))
    }
}

/// Makes the one-time token for a new password out of the id of the letter that brings it: so the
/// letter can wait to be sent without the token, which is stored nowhere.
#[derive(Clone, Debug)]
pub struct ResetTokens(Key);

impl ResetTokens {
    /// Works with the secret of the installation.
    #[must_use]
    pub fn new(secret: &SecretString) -> Self {
        Self(Key::new(secret, b"auth-svc password reset token of letter "))
    }

    /// Returns the token that a letter brings.
    #[must_use]
    pub fn of(&self, letter: Uuid) -> String {
        URL_SAFE_NO_PAD.encode(self.0.digest(letter.as_bytes()))
    }
}

/// Makes the first passwords of a batch of accounts out of its id, so that a call that is repeated
/// because its answer was lost shows them again, although they are stored nowhere.
#[derive(Clone, Debug)]
pub struct FirstPasswords(Key);

impl FirstPasswords {
    /// Works with the secret of the installation.
    #[must_use]
    pub fn new(secret: &SecretString) -> Self {
        Self(Key::new(secret, b"auth-svc first password of batch "))
    }

    /// Returns the first password of an account: like [`password`], but always the same.
    #[must_use]
    pub fn of(&self, batch: Uuid, username: &str) -> String {
        let bytes = self.0.digest(&[batch.as_bytes(), username.as_bytes()].concat());
        let mut pairs = bytes.chunks_exact(2);
        spell(|letters| {
            let pair = pairs.next().unwrap_or_default();
            pair.iter().fold(0, |number, byte| number * 256 + usize::from(*byte)) % letters.len()
        })
    }
}

/// Makes an invitation code of 10 characters (50 bits).
#[must_use]
pub fn code() -> String {
    pick(READABLE, 10)
}

/// Makes a first password that the policy accepts and that can be read from paper.
#[must_use]
pub fn password() -> String {
    let mut rng = rand::rng();
    spell(|letters| rng.random_range(0..letters.len()))
}

/// Writes a first password with the letters that `pick` chooses, by their places.
fn spell(mut pick: impl FnMut(&[u8]) -> usize) -> String {
    [(UPPER, 2), (LOWER, 4), (DIGITS, 4)]
        .into_iter()
        .flat_map(|(letters, count)| iter::repeat_n(letters, count))
        .map(|letters| char::from(letters[pick(letters)]))
        .collect()
}

fn pick(from: &[u8], count: usize) -> String {
    let mut rng = rand::rng();
    (0..count).map(|_| char::from(from[rng.random_range(0..from.len())])).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn successors_follow_from_token_and_secret_alone() {
        let succession = |secret: &str| Succession::new(&SecretString::from(secret));
        let token = token();
        let next = succession("a").after(&token);
        assert_eq!(next, succession("a").after(&token));
        assert_eq!(next.len(), token.len());
        assert_ne!(next, succession("b").after(&token));
        assert_ne!(next, succession("a").after(&next));
    }

    #[test]
    fn made_passwords_satisfy_the_policy() {
        let first = FirstPasswords::new(&SecretString::from("a"));
        let batch = Uuid::now_v7();
        for n in 0..100 {
            for password in [password(), first.of(batch, &n.to_string())] {
                let mut checks = kit::error::Checks::new();
                crate::password::check(&mut checks, "password", &password);
                assert!(checks.finish().is_ok());
                assert_eq!(password.len(), 10);
            }
        }
    }

    #[test]
    fn first_passwords_follow_from_batch_name_and_secret_alone() {
        let first = |secret: &str| FirstPasswords::new(&SecretString::from(secret));
        let (batch, other) = (Uuid::now_v7(), Uuid::now_v7());
        let password = first("a").of(batch, "lilei");
        assert_eq!(password, first("a").of(batch, "lilei"));
        assert_ne!(password, first("a").of(batch, "hanmei"));
        assert_ne!(password, first("a").of(other, "lilei"));
        assert_ne!(password, first("b").of(batch, "lilei"));
    }
}
