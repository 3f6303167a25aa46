//! Signing in and out.

use kit::{caller::Caller, error::into_status, idempotency::Operation, page::Page, wire};
use prost::Message;
use proto::auth::v1::{self as pb, session_service_server::SessionService};
use sha2::{Digest as _, Sha256};
use tonic::{Request, Response, Status};
use uuid::Uuid;

use super::translate;
use crate::session::{Registrant, Sessions};

/// Answers `SessionService`.
pub struct SessionServer(Sessions);

impl SessionServer {
    /// Answers with `sessions`.
    #[must_use]
    pub fn new(sessions: Sessions) -> Self {
        Self(sessions)
    }
}

#[tonic::async_trait]
impl SessionService for SessionServer {
    async fn register(
        &self,
        request: Request<pb::RegisterRequest>,
    ) -> Result<Response<pb::RegisterResponse>, Status> {
        let asked = pb::RegisterRequest {
            password: String::new(),
            client: None,
            ..request.get_ref().clone()
        };
        let username = asked.username.trim().to_lowercase();
        let operation = of_stranger(&request, "Register", &username, &asked);
        let request = request.into_inner();
        let registrant = Registrant {
            username: request.username.trim().to_owned(),
            email: request.email.trim().to_owned(),
            password: request.password,
            full_name: request.full_name,
            phone: request.phone,
            role: translate::optional_role("role", request.role)?,
            invitation_code: request.invitation_code,
            organization_name: request.organization_name,
        };
        let client = translate::client(request.client);
        let registered = self.0.register(&operation, registrant, &client).await;
        let (account, tokens) = registered.map_err(into_status)?;
        Ok(Response::new(pb::RegisterResponse {
            user: Some(translate::user(account)),
            tokens: Some(translate::tokens(tokens)),
        }))
    }

    async fn login(
        &self,
        request: Request<pb::LoginRequest>,
    ) -> Result<Response<pb::LoginResponse>, Status> {
        let pb::LoginRequest { login, password, client } = request.into_inner();
        let client = translate::client(client);
        let (account, tokens) =
            self.0.sign_in(&login, password, &client).await.map_err(into_status)?;
        Ok(Response::new(pb::LoginResponse {
            user: Some(translate::user(account)),
            tokens: Some(translate::tokens(tokens)),
        }))
    }

    async fn refresh_session(
        &self,
        request: Request<pb::RefreshSessionRequest>,
    ) -> Result<Response<pb::RefreshSessionResponse>, Status> {
        let pb::RefreshSessionRequest { refresh_token, client } = request.into_inner();
        let client = translate::client(client);
        let (account, tokens) =
            self.0.refresh(&refresh_token, &client).await.map_err(into_status)?;
        Ok(Response::new(pb::RefreshSessionResponse {
            tokens: Some(translate::tokens(tokens)),
            user: Some(translate::user(account)),
        }))
    }

    async fn logout(
        &self,
        request: Request<pb::LogoutRequest>,
    ) -> Result<Response<pb::LogoutResponse>, Status> {
        let caller = Caller::of(&request)?;
        let id = wire::id("session_id", &request.get_ref().session_id)?;
        self.0.end(&caller, id).await.map_err(into_status)?;
        Ok(Response::new(pb::LogoutResponse {}))
    }

    async fn logout_everywhere(
        &self,
        request: Request<pb::LogoutEverywhereRequest>,
    ) -> Result<Response<pb::LogoutEverywhereResponse>, Status> {
        let caller = Caller::of(&request)?;
        let ended = self.0.end_all(&caller).await.map_err(into_status)?;
        let ended = u32::try_from(ended).unwrap_or(u32::MAX);
        Ok(Response::new(pb::LogoutEverywhereResponse { ended }))
    }

    async fn list_sessions(
        &self,
        request: Request<pb::ListSessionsRequest>,
    ) -> Result<Response<pb::ListSessionsResponse>, Status> {
        let caller = Caller::of(&request)?;
        let request = request.into_inner();
        let page = Page::of(request.limit, &request.cursor).map_err(into_status)?;
        let sessions = self.0.list(&caller, &page).await.map_err(into_status)?;
        let next_cursor = page.next(&sessions, |last| (last.last_used_at, last.id));
        let sessions = sessions.into_iter().map(translate::session).collect();
        Ok(Response::new(pb::ListSessionsResponse { sessions, next_cursor }))
    }

    async fn end_session(
        &self,
        request: Request<pb::EndSessionRequest>,
    ) -> Result<Response<pb::EndSessionResponse>, Status> {
        let caller = Caller::of(&request)?;
        let id = wire::id("session_id", &request.get_ref().session_id)?;
        self.0.end(&caller, id).await.map_err(into_status)?;
        Ok(Response::new(pb::EndSessionResponse {}))
    }

    async fn check_session(
        &self,
        request: Request<pb::CheckSessionRequest>,
    ) -> Result<Response<pb::CheckSessionResponse>, Status> {
        let caller = Caller::of(&request)?;
        let request = request.into_inner();
        let id = wire::id("session_id", &request.session_id)?;
        let user = wire::id("user_id", &request.user_id)?;
        // Nobody learns about the sessions of others.
        let live = user == caller.user_id && self.0.is_live(id, user).await.map_err(into_status)?;
        Ok(Response::new(pb::CheckSessionResponse { live }))
    }

    async fn change_password(
        &self,
        request: Request<pb::ChangePasswordRequest>,
    ) -> Result<Response<pb::ChangePasswordResponse>, Status> {
        let caller = Caller::of(&request)?;
        let pb::ChangePasswordRequest { old_password, new_password, session_id } =
            request.into_inner();
        let keep = wire::optional_id("session_id", session_id.as_str())?;
        let changed = self.0.change_password(&caller, old_password, new_password, keep).await;
        changed.map_err(into_status)?;
        Ok(Response::new(pb::ChangePasswordResponse {}))
    }

    async fn request_password_reset(
        &self,
        request: Request<pb::RequestPasswordResetRequest>,
    ) -> Result<Response<pb::RequestPasswordResetResponse>, Status> {
        let email = request.get_ref().email.trim().to_lowercase();
        let asked = pb::RequestPasswordResetRequest { email: email.clone(), client: None };
        let operation = of_stranger(&request, "RequestPasswordReset", &email, &asked);
        let pb::RequestPasswordResetRequest { email, client } = request.into_inner();
        let client = translate::client(client);
        self.0.request_reset(&operation, &email, &client).await.map_err(into_status)?;
        Ok(Response::new(pb::RequestPasswordResetResponse {}))
    }

    async fn reset_password(
        &self,
        request: Request<pb::ResetPasswordRequest>,
    ) -> Result<Response<pb::ResetPasswordResponse>, Status> {
        let pb::ResetPasswordRequest { token, new_password, client } = request.into_inner();
        let client = translate::client(client);
        self.0.reset(&token, new_password, &client).await.map_err(into_status)?;
        Ok(Response::new(pb::ResetPasswordResponse {}))
    }

    async fn join_organization(
        &self,
        request: Request<pb::JoinOrganizationRequest>,
    ) -> Result<Response<pb::JoinOrganizationResponse>, Status> {
        let caller = Caller::of(&request)?;
        let asked = pb::JoinOrganizationRequest { client: None, ..request.get_ref().clone() };
        let operation = Operation::without_secrets(&request, "JoinOrganization", &asked)?;
        let pb::JoinOrganizationRequest { invitation_code, client } = request.into_inner();
        let client = translate::client(client);
        let joined = self.0.join(&caller, &operation, &invitation_code, &client).await;
        let (account, tokens) = joined.map_err(into_status)?;
        Ok(Response::new(pb::JoinOrganizationResponse {
            user: Some(translate::user(account)),
            tokens: Some(translate::tokens(tokens)),
        }))
    }

    async fn get_registration_policy(
        &self,
        _: Request<pb::GetRegistrationPolicyRequest>,
    ) -> Result<Response<pb::GetRegistrationPolicyResponse>, Status> {
        let organization_name = self.0.only_organization().await.map_err(into_status)?;
        let policy = &self.0.context.policy;
        Ok(Response::new(pb::GetRegistrationPolicyResponse {
            organization_name: organization_name.unwrap_or_default(),
            registration: policy.registration.as_str().to_owned(),
            password_reset_by_email: policy.mails,
        }))
    }
}

/// Reads the operation out of the request of somebody who is not signed in: it is that of the name
/// they give. Of the request, `asked` is remembered: a password would be guessed from its hash.
fn of_stranger<M>(
    request: &Request<M>,
    method: &'static str,
    name: &str,
    asked: &impl Message,
) -> Operation {
    let name = Sha256::digest(name);
    let mut caller = [0; 16];
    caller.copy_from_slice(&name[..16]);
    Operation {
        caller: Uuid::from_bytes(caller),
        method,
        key: kit::grpc::idempotency_key(request),
        request_hash: Sha256::digest(asked.encode_to_vec()).into(),
    }
}
