//! Random secrets, and what is stored of them.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use rand::RngExt as _;
use sha2::{Digest as _, Sha256};

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

/// Makes an invitation code of 10 characters (50 bits).
#[must_use]
pub fn code() -> String {
    pick(READABLE, 10)
}

/// Makes a first password that the policy accepts and that can be read from paper.
#[must_use]
pub fn password() -> String {
    format!("{}{}{}", pick(UPPER, 2), pick(LOWER, 4), pick(DIGITS, 4))
}

fn pick(from: &[u8], count: usize) -> String {
    let mut rng = rand::rng();
    (0..count).map(|_| char::from(from[rng.random_range(0..from.len())])).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn made_passwords_satisfy_the_policy() {
        for _ in 0..100 {
            let mut checks = kit::error::Checks::new();
            crate::password::check(&mut checks, "password", &password());
            assert!(checks.finish().is_ok());
        }
    }
}
