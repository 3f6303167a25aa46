//! The token that a signed-in user shows to the gateway.

use std::{fmt, time::Duration};

use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use secrecy::{ExposeSecret as _, SecretString};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::caller::{BadToken, Role};

/// How long a token is taken after its end, for clocks that go apart.
pub const LEEWAY: Duration = Duration::from_secs(5);

/// What an access token says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccessClaims {
    /// User.
    pub sub: Uuid,
    /// Session.
    pub sid: Uuid,
    pub role: Role,
    /// Organization.
    pub org: Uuid,
    /// Seconds since 1970 at which it was issued.
    pub iat: i64,
    /// Seconds since 1970 at which it ends.
    pub exp: i64,
    pub jti: Uuid,
}

/// Signs and verifies access tokens.
#[derive(Clone)]
pub struct AccessKey {
    sign: EncodingKey,
    verify: DecodingKey,
}

impl fmt::Debug for AccessKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("AccessKey")
    }
}

impl AccessKey {
    /// Makes a key of the secret that auth-svc and the gateway share.
    #[must_use]
    pub fn new(secret: &SecretString) -> Self {
        let secret = secret.expose_secret().as_bytes();
        Self { sign: EncodingKey::from_secret(secret), verify: DecodingKey::from_secret(secret) }
    }

    /// Signs a token.
    ///
    /// # Errors
    ///
    /// Fails when the token cannot be made.
    pub fn sign(&self, claims: &AccessClaims) -> Result<String, BadToken> {
        Ok(jsonwebtoken::encode(&Header::new(Algorithm::HS256), claims, &self.sign)?)
    }

    /// Reads a token that is not too old.
    ///
    /// # Errors
    ///
    /// Fails when the token is forged, broken or too old.
    pub fn verify(&self, token: &str) -> Result<AccessClaims, BadToken> {
        let mut rules = Validation::new(Algorithm::HS256);
        rules.set_required_spec_claims(&["exp"]);
        rules.validate_aud = false;
        rules.leeway = LEEWAY.as_secs();
        Ok(jsonwebtoken::decode(token, &self.verify, &rules)?.claims)
    }
}

#[cfg(test)]
mod tests {
    use chrono::Utc;

    use super::*;

    #[test]
    fn token_says_what_was_signed_until_it_ends() {
        let key = AccessKey::new(&"0123456789abcdef0123456789abcdef".into());
        let now = Utc::now().timestamp();
        let [sub, sid, org, jti] = std::array::from_fn(|_| Uuid::now_v7());
        let claims =
            AccessClaims { sub, sid, role: Role::Teacher, org, iat: now, exp: now + 60, jti };
        assert_eq!(key.verify(&key.sign(&claims).unwrap()).unwrap(), claims);
        let late = AccessClaims { exp: now - 60, ..claims };
        assert!(key.verify(&key.sign(&late).unwrap()).is_err());
        let other = AccessKey::new(&"another".into());
        assert!(other.verify(&key.sign(&claims).unwrap()).is_err());
    }
}
