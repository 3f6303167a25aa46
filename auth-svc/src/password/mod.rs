//! Passwords: what they must be, and how they are kept.

use std::{
    sync::Arc,
    thread,
    time::{Duration, Instant},
};

use argon2::{
    Algorithm, Argon2, Params, Version,
    password_hash::{PasswordHasher as _, PasswordVerifier as _, phc::PasswordHash},
};
use kit::error::Checks;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::{error::AuthError, measure};

/// Memory in KiB, passes and lanes: the first choice of the OWASP Password Storage Cheat Sheet
/// after 46 MiB (19 MiB, 2, 1).
const MEMORY_KIB: u32 = 19_456;
const PASSES: u32 = 2;
const LANES: u32 = 1;
/// How long somebody waits for their turn.
const PATIENCE: Duration = Duration::from_secs(5);

/// Checks a new password: 8 to 128 characters with upper case, lower case and digit.
pub fn check(checks: &mut Checks, field: &str, password: &str) {
    let length = password.chars().take(129).count();
    checks.require(length >= 8, field, "TOO_SHORT", "must have at least 8 characters");
    checks.require(length <= 128, field, "TOO_LONG", "must have at most 128 characters");
    let has = |test: fn(char) -> bool| password.chars().any(test);
    let holds = has(char::is_uppercase) && has(char::is_lowercase) && has(|c| c.is_ascii_digit());
    let detail = "must have an upper-case letter, a lower-case letter and a digit";
    checks.require(holds, field, "TOO_WEAK", detail);
}

/// Hashes and verifies, as many at once as there are processors.
#[derive(Clone)]
pub struct Hasher {
    argon2: Argon2<'static>,
    turns: Arc<Semaphore>,
    /// Held beside a turn by those who are in no hurry: fewer, so that a turn is always near.
    patient: Arc<Semaphore>,
    /// Hash of nobody's password: verified when there is no account, so that the time tells nothing.
    nobody: Arc<str>,
}

/// What verifying found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verified {
    Wrong,
    Right,
    /// Right, and kept in an older form: hash it again.
    RightButOld,
}

impl Hasher {
    /// Prepares to hash.
    ///
    /// # Errors
    ///
    /// Fails when the parameters are refused.
    pub fn new() -> Result<Self, AuthError> {
        let params = Params::new(MEMORY_KIB, PASSES, LANES, None)
            .map_err(|error| AuthError::Hash(error.to_string()))?;
        let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
        let nobody = hash(&argon2, &crate::secret::token())?;
        let turns = thread::available_parallelism().map_or(1, std::num::NonZero::get);
        let patient = Arc::new(Semaphore::new((turns - 1).max(1)));
        Ok(Self { argon2, turns: Arc::new(Semaphore::new(turns)), patient, nobody: nobody.into() })
    }

    /// Returns the PHC string of a password.
    ///
    /// # Errors
    ///
    /// Fails when too many wait.
    pub async fn hash(&self, password: String) -> Result<String, AuthError> {
        let argon2 = self.argon2.clone();
        self.turn(move || hash(&argon2, &password)).await?
    }

    /// Returns the PHC string of one password of many: waits as long as it takes, and lets others
    /// sign in meanwhile.
    ///
    /// # Errors
    ///
    /// Fails when the hash cannot be made.
    pub async fn hash_patiently(&self, password: String) -> Result<String, AuthError> {
        let argon2 = self.argon2.clone();
        self.patiently(move || hash(&argon2, &password)).await?
    }

    /// Tells whether a password is the one that is kept; one of many, as [`Self::hash_patiently`].
    ///
    /// # Errors
    ///
    /// Fails when it cannot be verified.
    pub async fn is_right_patiently(
        &self,
        password: String,
        kept: String,
    ) -> Result<bool, AuthError> {
        let argon2 = self.argon2.clone();
        let verified = self.patiently(move || verify(&argon2, &password, &kept)).await?;
        Ok(verified != Verified::Wrong)
    }

    /// Verifies a password against what is kept, or against nobody's when there is no account.
    ///
    /// # Errors
    ///
    /// Fails when too many wait.
    pub async fn verify(
        &self,
        password: String,
        kept: Option<String>,
    ) -> Result<Verified, AuthError> {
        let argon2 = self.argon2.clone();
        let known = kept.is_some();
        let kept = kept.unwrap_or_else(|| self.nobody.to_string());
        let found = self.turn(move || verify(&argon2, &password, &kept)).await?;
        Ok(if known { found } else { Verified::Wrong })
    }

    async fn patiently<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, AuthError> {
        let _patient = self.patient.acquire().await.map_err(|_| AuthError::Busy)?;
        let turns = Arc::clone(&self.turns);
        let turn = turns.acquire_owned().await.map_err(|_| AuthError::Busy)?;
        run(turn, work).await
    }

    async fn turn<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, AuthError> {
        let start = Instant::now();
        let turns = Arc::clone(&self.turns);
        let turn = tokio::time::timeout(PATIENCE, turns.acquire_owned()).await;
        let Ok(Ok(turn)) = turn else {
            return Err(AuthError::Busy);
        };
        let done = run(turn, work).await;
        measure::hashed(start.elapsed());
        done
    }
}

async fn run<T: Send + 'static>(
    turn: OwnedSemaphorePermit,
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, AuthError> {
    let done = tokio::task::spawn_blocking(move || {
        let _turn = turn;
        work()
    });
    done.await.map_err(|error| AuthError::Hash(error.to_string()))
}

fn hash(argon2: &Argon2<'_>, password: &str) -> Result<String, AuthError> {
    let hash = argon2.hash_password(password.as_bytes());
    hash.map(|hash| hash.to_string()).map_err(|error| AuthError::Hash(error.to_string()))
}

fn verify(argon2: &Argon2<'_>, password: &str, kept: &str) -> Verified {
    if kept.starts_with("$2") {
        let right = bcrypt::verify(password, kept).unwrap_or(false);
        return if right { Verified::RightButOld } else { Verified::Wrong };
    }
    let Ok(parsed) = PasswordHash::new(kept) else {
        tracing::error!("a stored password hash cannot be read");
        return Verified::Wrong;
    };
    if argon2.verify_password(password.as_bytes(), &parsed).is_err() {
        return Verified::Wrong;
    }
    let current = format!("m={MEMORY_KIB},t={PASSES},p={LANES}");
    if kept.contains(&current) { Verified::Right } else { Verified::RightButOld }
}

#[cfg(test)]
mod tests {
    use kit::error::Invalid;

    use super::*;

    fn codes(password: &str) -> Vec<&'static str> {
        let mut checks = Checks::new();
        check(&mut checks, "password", password);
        match checks.finish() {
            Ok(()) => Vec::new(),
            Err(Invalid(violations)) => violations.iter().map(|v| v.code).collect(),
        }
    }

    #[test]
    fn policy_of_version_1_holds() {
        assert_eq!(codes("Test1234"), Vec::<&str>::new());
        assert_eq!(codes("Tes1234"), ["TOO_SHORT"]);
        assert_eq!(codes("test1234"), ["TOO_WEAK"]);
        assert_eq!(codes("TEST1234"), ["TOO_WEAK"]);
        assert_eq!(codes("TestTest"), ["TOO_WEAK"]);
        assert_eq!(codes(&format!("Aa1{}", "x".repeat(126))), ["TOO_LONG"]);
    }

    #[tokio::test]
    async fn password_is_verified_in_both_forms() {
        let hasher = Hasher::new().unwrap();
        let kept = hasher.hash("Test1234".to_owned()).await.unwrap();
        assert!(kept.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{kept}");
        let verify = async |password: &str, kept: &str| {
            hasher.verify(password.to_owned(), Some(kept.to_owned())).await.unwrap()
        };
        assert_eq!(verify("Test1234", &kept).await, Verified::Right);
        assert_eq!(verify("Test1235", &kept).await, Verified::Wrong);
        let old = bcrypt::hash("Test1234", 4).unwrap();
        assert_eq!(verify("Test1234", &old).await, Verified::RightButOld);
        assert_eq!(verify("Test1235", &old).await, Verified::Wrong);
        let nobody = hasher.verify("Test1234".to_owned(), None).await.unwrap();
        assert_eq!(nobody, Verified::Wrong);
    }
}
