//! Who is behind a call, signed from process to process.

use std::{fmt, future::Future, str::FromStr, time::Duration};

use chrono::Utc;
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use serde::{Deserialize, Serialize};
use tokio::time::Instant;
use tonic::Status;
use uuid::Uuid;

use crate::error::{Kind, refuse};

/// Name of the metadata entry that carries the signed token.
pub const METADATA: &str = "x-caller";
/// Names of the entries that say where the request came from.
pub(crate) const ORIGIN: [&str; 2] = ["x-origin-address", "x-origin-agent"];
const AUDIENCE: &str = "ai-english-services";
const LIFETIME: Duration = Duration::from_mins(1);

/// What a user may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    Admin,
    Teacher,
    Student,
}

impl Role {
    /// Returns the role as it is stored and sent.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Admin => "admin",
            Self::Teacher => "teacher",
            Self::Student => "student",
        }
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Says that a text is no role.
#[derive(Debug, thiserror::Error)]
#[error("is not a role")]
pub struct UnknownRole;

impl FromStr for Role {
    type Err = UnknownRole;

    fn from_str(text: &str) -> Result<Self, UnknownRole> {
        match text {
            "admin" => Ok(Self::Admin),
            "teacher" => Ok(Self::Teacher),
            "student" => Ok(Self::Student),
            _ => Err(UnknownRole),
        }
    }
}

/// The user behind a call.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Caller {
    pub user_id: Uuid,
    pub role: Role,
    pub organization_id: Uuid,
    pub request_id: String,
}

/// What a verified token says: a caller, or nobody with a request id.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Verified {
    pub caller: Option<Caller>,
    pub request_id: String,
    /// Service that signed; empty in a token of a version that did not say so.
    pub issuer: String,
}

impl Caller {
    /// Returns the caller of a request.
    ///
    /// # Errors
    ///
    /// Fails with `UNAUTHENTICATED` when nobody is signed in.
    pub fn of<T>(request: &tonic::Request<T>) -> Result<Self, Status> {
        Self::optional(request)?
            .ok_or_else(|| refuse(Kind::Unauthenticated, "UNAUTHENTICATED", "sign in first"))
    }

    /// Returns the caller of a request that may be anonymous.
    ///
    /// # Errors
    ///
    /// Fails when the request did not come through the server layer of this crate.
    pub fn optional<T>(request: &tonic::Request<T>) -> Result<Option<Self>, Status> {
        let verified = request.extensions().get::<Verified>();
        verified.map(|verified| verified.caller.clone()).ok_or_else(missing)
    }
}

/// Returns the name of the service that signed a request: what that service has to check before it
/// calls is checked when it is the one that this rule is left to.
///
/// # Errors
///
/// Fails when the request did not come through the server layer of this crate.
pub fn issuer<T>(request: &tonic::Request<T>) -> Result<String, Status> {
    let verified = request.extensions().get::<Verified>();
    verified.map(|verified| verified.issuer.clone()).ok_or_else(missing)
}

pub(crate) fn missing() -> Status {
    refuse(Kind::Unauthenticated, "CALLER_REQUIRED", "a signed caller is required")
}

/// Where a request came from, as the gateway saw it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Origin {
    /// Address without port; empty for work that nobody asked for from outside.
    pub address: String,
    pub user_agent: String,
}

/// What goes along with a piece of work, from the incoming to the outgoing calls.
#[derive(Clone, Debug, Default)]
pub(crate) struct Context {
    pub caller: Option<Caller>,
    pub request_id: String,
    pub origin: Origin,
    pub deadline: Option<Instant>,
}

tokio::task_local! {
    static CONTEXT: Context;
}

/// Runs `work` in the name of `caller`: its outgoing calls are signed for it.
pub async fn scope<F: Future>(caller: Caller, work: F) -> F::Output {
    let request_id = caller.request_id.clone();
    enter(Context { caller: Some(caller), request_id, origin: origin(), deadline: None }, work)
        .await
}

/// Runs `work` in nobody's name, with the id of a request.
pub async fn anonymous<F: Future>(request_id: String, work: F) -> F::Output {
    enter(Context { request_id, ..Context::default() }, work).await
}

/// Runs `work`, which is done for somebody at `origin`.
pub async fn coming_from<F: Future>(origin: Origin, work: F) -> F::Output {
    enter(Context { origin, ..context().unwrap_or_default() }, work).await
}

pub(crate) async fn enter<F: Future>(context: Context, work: F) -> F::Output {
    CONTEXT.scope(context, work).await
}

pub(crate) fn context() -> Option<Context> {
    CONTEXT.try_with(Clone::clone).ok()
}

/// Returns the caller in whose name the present work runs.
#[must_use]
pub fn current() -> Option<Caller> {
    CONTEXT.try_with(|context| context.caller.clone()).ok().flatten()
}

/// Returns the id of the request that the present work belongs to.
#[must_use]
pub fn request_id() -> Option<String> {
    CONTEXT.try_with(|context| context.request_id.clone()).ok()
}

/// Returns where the request came from that the present work belongs to.
#[must_use]
pub fn origin() -> Origin {
    CONTEXT.try_with(|context| context.origin.clone()).unwrap_or_default()
}

#[derive(Serialize, Deserialize)]
struct Claims {
    aud: String,
    /// Absent in tokens of version 1.0.0, which may still come while a system is updated.
    #[serde(default)]
    iss: String,
    exp: i64,
    rid: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    sub: Option<Uuid>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    role: Option<Role>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    org: Option<Uuid>,
}

/// Signs and verifies caller tokens.
#[derive(Clone)]
pub struct CallerKey {
    sign: EncodingKey,
    verify: DecodingKey,
    issuer: &'static str,
}

impl fmt::Debug for CallerKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("CallerKey")
    }
}

/// Says that a caller token is not ours, or too old.
#[derive(Debug, thiserror::Error)]
#[error("caller token is not valid")]
pub struct BadToken(#[from] jsonwebtoken::errors::Error);

impl CallerKey {
    /// Makes a key of secret bytes, with which the service `issuer` signs.
    #[must_use]
    pub fn new(secret: &[u8], issuer: &'static str) -> Self {
        let (sign, verify) = (EncodingKey::from_secret(secret), DecodingKey::from_secret(secret));
        Self { sign, verify, issuer }
    }

    /// Signs a token for `caller` that is good for a minute.
    ///
    /// # Errors
    ///
    /// Fails when the token cannot be made.
    pub fn sign(&self, caller: &Caller) -> Result<String, BadToken> {
        self.seal(Some(caller), &caller.request_id)
    }

    /// Signs a token that carries the id of a request and nobody's name.
    ///
    /// # Errors
    ///
    /// Fails when the token cannot be made.
    pub fn sign_anonymous(&self, request_id: &str) -> Result<String, BadToken> {
        self.seal(None, request_id)
    }

    fn seal(&self, caller: Option<&Caller>, request_id: &str) -> Result<String, BadToken> {
        let claims = Claims {
            aud: AUDIENCE.to_owned(),
            iss: self.issuer.to_owned(),
            exp: (Utc::now() + LIFETIME).timestamp(),
            rid: request_id.to_owned(),
            sub: caller.map(|caller| caller.user_id),
            role: caller.map(|caller| caller.role),
            org: caller.map(|caller| caller.organization_id),
        };
        Ok(jsonwebtoken::encode(&Header::new(Algorithm::HS256), &claims, &self.sign)?)
    }

    /// Reads the caller out of a token; `None` is an anonymous one.
    ///
    /// # Errors
    ///
    /// Fails when the token is forged, broken or too old.
    pub fn verify(&self, token: &str) -> Result<Option<Caller>, BadToken> {
        Ok(self.open(token)?.caller)
    }

    pub(crate) fn open(&self, token: &str) -> Result<Verified, BadToken> {
        let mut rules = Validation::new(Algorithm::HS256);
        rules.set_audience(&[AUDIENCE]);
        rules.set_required_spec_claims(&["exp", "aud"]);
        rules.leeway = 5;
        let claims = jsonwebtoken::decode::<Claims>(token, &self.verify, &rules)?.claims;
        let caller = match (claims.sub, claims.role, claims.org) {
            (Some(user_id), Some(role), Some(organization_id)) => {
                let request_id = claims.rid.clone();
                Some(Caller { user_id, role, organization_id, request_id })
            }
            _ => None,
        };
        Ok(Verified { caller, request_id: claims.rid, issuer: claims.iss })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn teacher() -> Caller {
        Caller {
            user_id: Uuid::now_v7(),
            role: Role::Teacher,
            organization_id: Uuid::now_v7(),
            request_id: "r-1".to_owned(),
        }
    }

    #[test]
    fn token_carries_the_caller() {
        let key = CallerKey::new(b"0123456789abcdef0123456789abcdef", "gateway");
        let caller = teacher();
        let token = key.sign(&caller).unwrap();
        assert_eq!(key.verify(&token).unwrap(), Some(caller));
        let nobody = key.sign_anonymous("r-2").unwrap();
        assert_eq!(key.verify(&nobody).unwrap(), None);
        assert_eq!(key.open(&nobody).unwrap().request_id, "r-2");
    }

    #[test]
    fn token_names_the_service_that_signed_it() {
        let [gateway, learning] =
            ["gateway", "learning-svc"].map(|name| CallerKey::new(b"one", name));
        let token = learning.sign(&teacher()).unwrap();
        assert_eq!(gateway.open(&token).unwrap().issuer, "learning-svc");
        let token = gateway.sign_anonymous("r-2").unwrap();
        assert_eq!(learning.open(&token).unwrap().issuer, "gateway");
    }

    #[test]
    fn token_without_a_signing_service_names_none() {
        let key = CallerKey::new(b"one", "gateway");
        let exp = (Utc::now() + LIFETIME).timestamp();
        let claims = serde_json::json!({ "aud": AUDIENCE, "exp": exp, "rid": "r-1" });
        let token = jsonwebtoken::encode(&Header::new(Algorithm::HS256), &claims, &key.sign);
        assert_eq!(key.open(&token.unwrap()).unwrap().issuer, "");
    }

    #[test]
    fn token_of_another_key_is_refused() {
        let token = CallerKey::new(b"one", "gateway").sign(&teacher()).unwrap();
        assert!(CallerKey::new(b"two", "gateway").verify(&token).is_err());
        assert!(CallerKey::new(b"one", "gateway").verify(&format!("{token}x")).is_err());
    }
}
