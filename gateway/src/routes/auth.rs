//! Signing in, and passwords.

use actix_web::{HttpResponse, get, post, web::Data};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use proto::auth::v1 as pb;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

use super::{Answer, present};
use crate::{
    app::State,
    http::{Json, Problem, address, created, no_content, ok},
    limit::Policy,
    session::{Origin, Signed, too_many},
    view::{Role, User, text, word},
};

pub(super) fn mount(config: &mut ServiceConfig) {
    config
        .service(get_registration_policy)
        .service(register)
        .service(login)
        .service(refresh_session)
        .service(get_own_account)
        .service(change_password)
        .service(request_password_reset)
        .service(reset_password);
}

/// A new session.
#[derive(Serialize, ToSchema)]
pub(super) struct SignedIn {
    access_token: String,
    /// Always `Bearer`.
    token_type: &'static str,
    /// Seconds.
    expires_in: u32,
    /// Good for one use.
    refresh_token: String,
    /// Seconds.
    refresh_expires_in: u32,
    session_id: String,
    user: User,
}

impl SignedIn {
    pub fn of(tokens: Option<pb::TokenPair>, user: Option<pb::User>) -> Result<Self, Problem> {
        let tokens = present(tokens)?;
        Ok(Self {
            access_token: tokens.access_token,
            token_type: "Bearer",
            expires_in: tokens.access_expires_in_s,
            refresh_token: tokens.refresh_token,
            refresh_expires_in: tokens.refresh_expires_in_s,
            session_id: tokens.session_id,
            user: present(user)?.try_into()?,
        })
    }
}

/// Who may register: everybody, those with an invitation, or nobody.
#[derive(Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum RegistrationMode {
    Open,
    Invitation,
    Closed,
}

/// What a visitor may do before signing in.
#[derive(Serialize, ToSchema)]
struct RegistrationPolicy {
    registration: RegistrationMode,
    /// Whether a lost password can be reset by e-mail here.
    password_reset_by_email: bool,
    /// The school that this installation serves; null when there are several, or none.
    organization_name: Option<String>,
}

/// Says what a visitor may do before signing in.
#[utoipa::path(
    tag = "auth",
    security(()),
    responses((status = 200, description = "The policy", body = RegistrationPolicy)),
)]
#[get("/auth/registration-policy")]
async fn get_registration_policy(state: Data<State>) -> Answer {
    let message = pb::GetRegistrationPolicyRequest {};
    let policy = state.upstream.sessions().get_registration_policy(message).await?.into_inner();
    Ok(ok(RegistrationPolicy {
        registration: word(policy.registration)?,
        password_reset_by_email: policy.password_reset_by_email,
        organization_name: text(policy.organization_name),
    }))
}

/// A new account, which founds a school or joins one.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Registration {
    /// 3 to 100 of letters, digits, `_` and `-`.
    username: String,
    email: Option<String>,
    /// 8 to 128 characters with an upper-case letter, a lower-case letter and a digit.
    password: String,
    full_name: String,
    /// Teacher or student; with an invitation, the invitation's role counts.
    role: Option<Role>,
    phone: Option<String>,
    /// Founds a school, whose administrator the new account becomes.
    organization_name: Option<String>,
    /// Joins a school.
    invitation_code: Option<String>,
}

/// Creates an account and its first session.
#[utoipa::path(
    tag = "auth",
    security(()),
    responses((status = 201, description = "Signed in", body = SignedIn)),
)]
#[post("/auth/register")]
async fn register(state: Data<State>, origin: Origin, body: Json<Registration>) -> Answer {
    let Json(body) = body;
    let message = pb::RegisterRequest {
        username: body.username,
        email: body.email.unwrap_or_default(),
        password: body.password,
        full_name: body.full_name,
        role: body.role.map(Role::to_wire).unwrap_or_default(),
        invitation_code: body.invitation_code.unwrap_or_default(),
        organization_name: body.organization_name.unwrap_or_default(),
        client: Some(origin.to_wire()),
        phone: body.phone.unwrap_or_default(),
    };
    let answer = state.upstream.sessions().register(message).await?.into_inner();
    Ok(created(SignedIn::of(answer.tokens, answer.user)?))
}

/// Somebody who signs in.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Login {
    /// Username or e-mail address; also accepted as `login`.
    #[serde(alias = "login")]
    username: String,
    password: String,
}

/// Opens a session. Attempts for one account from one address are limited.
#[utoipa::path(
    tag = "auth",
    security(()),
    responses((status = 200, description = "Signed in", body = SignedIn)),
)]
#[post("/auth/login")]
async fn login(state: Data<State>, origin: Origin, body: Json<Login>) -> Answer {
    let Json(Login { username, password }) = body;
    let rate = state.config.limits.login;
    let policy = Policy { name: "login", rate, burst: rate.calls };
    let account = Sha256::digest(username.trim().to_lowercase());
    let key = format!("{}:{}", URL_SAFE_NO_PAD.encode(account), address::bucket(origin.address));
    let (verdict, _) = state.limiter.count(policy, key, None).await;
    let mut response = if verdict.allowed {
        let message =
            pb::LoginRequest { login: username, password, client: Some(origin.to_wire()) };
        match state.upstream.sessions().login(message).await {
            Ok(answer) => {
                let answer = answer.into_inner();
                ok(SignedIn::of(answer.tokens, answer.user)?)
            }
            Err(status) => HttpResponse::from(Problem::from(status)),
        }
    } else {
        HttpResponse::from(too_many(verdict))
    };
    verdict.write(response.headers_mut());
    Ok(response)
}

/// A session to continue.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Refresh {
    refresh_token: String,
}

/// Spends a refresh token for a new pair. A token that is spent twice ends its session.
///
/// An answer that was lost on the way can be fetched again: for 30 seconds, and as long as the new
/// refresh token was not used, the spent one is answered with the same new one.
#[utoipa::path(
    tag = "auth",
    security(()),
    responses((status = 200, description = "Signed in", body = SignedIn)),
)]
#[post("/auth/refresh")]
async fn refresh_session(state: Data<State>, origin: Origin, body: Json<Refresh>) -> Answer {
    let message = pb::RefreshSessionRequest {
        refresh_token: body.0.refresh_token,
        client: Some(origin.to_wire()),
    };
    let answer = state.upstream.sessions().refresh_session(message).await?.into_inner();
    Ok(ok(SignedIn::of(answer.tokens, answer.user)?))
}

/// Returns the caller's own account.
#[utoipa::path(
    tag = "auth",
    responses((status = 200, description = "The account", body = User)),
)]
#[get("/auth/me")]
async fn get_own_account(state: Data<State>, _: Signed) -> Answer {
    let message = pb::GetProfileRequest {};
    let answer = state.upstream.users().get_profile(message).await?.into_inner();
    Ok(ok(User::try_from(present(answer.user)?)?))
}

/// A change of the caller's password.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct PasswordChange {
    old_password: String,
    new_password: String,
}

/// Changes the caller's password and ends all other sessions.
#[utoipa::path(tag = "auth", responses((status = 204, description = "Changed")))]
#[post("/auth/change-password")]
async fn change_password(state: Data<State>, signed: Signed, body: Json<PasswordChange>) -> Answer {
    let Json(PasswordChange { old_password, new_password }) = body;
    let session_id = signed.session.to_string();
    let message = pb::ChangePasswordRequest { old_password, new_password, session_id };
    state.upstream.sessions().change_password(message).await?;
    Ok(no_content())
}

/// Somebody who has lost a password.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct PasswordResetRequest {
    email: String,
}

/// Sends a one-time token, if the address belongs to an account. Always answers alike.
#[utoipa::path(
    tag = "auth",
    security(()),
    responses((status = 202, description = "Accepted, whether or not there is such an account")),
)]
#[post("/auth/password-resets")]
async fn request_password_reset(
    state: Data<State>,
    origin: Origin,
    body: Json<PasswordResetRequest>,
) -> Answer {
    let client = Some(origin.to_wire());
    let message = pb::RequestPasswordResetRequest { email: body.0.email, client };
    state.upstream.sessions().request_password_reset(message).await?;
    Ok(HttpResponse::Accepted().finish())
}

/// A new password for a one-time token.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct PasswordReset {
    token: String,
    new_password: String,
}

/// Spends a one-time token for a new password and ends all sessions.
#[utoipa::path(
    tag = "auth",
    security(()),
    responses((status = 204, description = "Changed")),
)]
#[post("/auth/password-resets/confirm")]
async fn reset_password(state: Data<State>, origin: Origin, body: Json<PasswordReset>) -> Answer {
    let Json(PasswordReset { token, new_password }) = body;
    let client = Some(origin.to_wire());
    let message = pb::ResetPasswordRequest { token, new_password, client };
    state.upstream.sessions().reset_password(message).await?;
    Ok(no_content())
}
