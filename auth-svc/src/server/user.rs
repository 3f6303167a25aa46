//! Accounts.

use kit::{
    caller::{self, Caller, Role},
    error::into_status,
    idempotency::Operation,
    page::Page,
    wire,
};
use proto::auth::v1::{self as pb, user_service_server::UserService};
use tonic::{Request, Response, Status};
use uuid::Uuid;

use super::translate;
use crate::{
    audit,
    user::{Change, Filter, NewAccount, Users},
};

/// Answers `UserService`.
pub struct UserServer(Users);

impl UserServer {
    /// Answers with `users`.
    #[must_use]
    pub fn new(users: Users) -> Self {
        Self(users)
    }
}

#[tonic::async_trait]
impl UserService for UserServer {
    async fn get_profile(
        &self,
        request: Request<pb::GetProfileRequest>,
    ) -> Result<Response<pb::GetProfileResponse>, Status> {
        let caller = Caller::of(&request)?;
        let user = self.0.own(&caller).await.map_err(into_status)?;
        Ok(Response::new(pb::GetProfileResponse { user: Some(translate::user(user)) }))
    }

    async fn update_profile(
        &self,
        request: Request<pb::UpdateProfileRequest>,
    ) -> Result<Response<pb::UpdateProfileResponse>, Status> {
        let caller = Caller::of(&request)?;
        let request = request.into_inner();
        let pb::UpdateProfileRequest { email, full_name, phone, locale, theme } = request;
        let theme = theme.map(|theme| translate::theme_from_wire("theme", theme)).transpose()?;
        let change = Change { email, full_name, phone, locale, theme };
        let user = self.0.change_own(&caller, change).await.map_err(into_status)?;
        Ok(Response::new(pb::UpdateProfileResponse { user: Some(translate::user(user)) }))
    }

    async fn search_users(
        &self,
        request: Request<pb::SearchUsersRequest>,
    ) -> Result<Response<pb::SearchUsersResponse>, Status> {
        let caller = Caller::of(&request)?;
        let request = request.into_inner();
        let page = Page::of(request.limit, &request.cursor).map_err(into_status)?;
        let role = translate::optional_role("role", request.role)?;
        let filter = Filter { query: request.query, role, is_active: Some(true) };
        let users = self.0.search(&caller, &filter, &page).await.map_err(into_status)?;
        let next_cursor = page.next(&users, |last| last.id);
        let users = users.into_iter().map(translate::user_name).collect();
        Ok(Response::new(pb::SearchUsersResponse { users, next_cursor }))
    }

    async fn list_users(
        &self,
        request: Request<pb::ListUsersRequest>,
    ) -> Result<Response<pb::ListUsersResponse>, Status> {
        let caller = Caller::of(&request)?;
        let request = request.into_inner();
        let page = Page::of(request.limit, &request.cursor).map_err(into_status)?;
        let role = translate::optional_role("role", request.role)?;
        let filter = Filter { query: request.query, role, is_active: request.is_active };
        let users = self.0.list(&caller, &filter, &page).await.map_err(into_status)?;
        let next_cursor = page.next(&users, |last| last.id);
        let users = users.into_iter().map(translate::user).collect();
        Ok(Response::new(pb::ListUsersResponse { users, next_cursor }))
    }

    async fn get_user(
        &self,
        request: Request<pb::GetUserRequest>,
    ) -> Result<Response<pb::GetUserResponse>, Status> {
        let caller = Caller::of(&request)?;
        let id = wire::id("user_id", &request.get_ref().user_id)?;
        let user = self.0.get(&caller, id).await.map_err(into_status)?;
        Ok(Response::new(pb::GetUserResponse { user: Some(translate::user(user)) }))
    }

    async fn update_user(
        &self,
        request: Request<pb::UpdateUserRequest>,
    ) -> Result<Response<pb::UpdateUserResponse>, Status> {
        let caller = Caller::of(&request)?;
        let pb::UpdateUserRequest { user_id, email, full_name, phone } = request.into_inner();
        let id = wire::id("user_id", &user_id)?;
        let change = Change { email, full_name, phone, ..Change::default() };
        let user = self.0.change(&caller, id, change).await.map_err(into_status)?;
        Ok(Response::new(pb::UpdateUserResponse { user: Some(translate::user(user)) }))
    }

    async fn end_user_sessions(
        &self,
        request: Request<pb::EndUserSessionsRequest>,
    ) -> Result<Response<pb::EndUserSessionsResponse>, Status> {
        let caller = Caller::of(&request)?;
        let id = wire::id("user_id", &request.get_ref().user_id)?;
        let ended = self.0.end_sessions(&caller, id).await.map_err(into_status)?;
        let ended = u32::try_from(ended).unwrap_or(u32::MAX);
        Ok(Response::new(pb::EndUserSessionsResponse { ended }))
    }

    async fn create_users(
        &self,
        request: Request<pb::CreateUsersRequest>,
    ) -> Result<Response<pb::CreateUsersResponse>, Status> {
        let caller = Caller::of(&request)?;
        let mut known = request.get_ref().clone();
        known.users.iter_mut().for_each(|user| user.password.clear());
        let operation = Operation::without_secrets(&request, "CreateUsers", &known)?;
        let new = request.into_inner().users.into_iter().enumerate();
        let new = new.map(|(index, user)| {
            Ok::<_, Status>(NewAccount {
                username: user.username.trim().to_owned(),
                email: user.email.trim().to_owned(),
                full_name: user.full_name,
                phone: user.phone,
                role: translate::required_role(&format!("users[{index}].role"), user.role)?,
                password: user.password,
            })
        });
        let new = new.collect::<Result<_, _>>()?;
        let created = self.0.create(&caller, &operation, new).await.map_err(into_status)?;
        let users = created.accounts.into_iter().map(|(account, password)| pb::CreatedUser {
            user: Some(translate::user(account)),
            password,
        });
        let batch_id = created.batch.to_string();
        Ok(Response::new(pb::CreateUsersResponse { users: users.collect(), batch_id }))
    }

    async fn delete_unused_users(
        &self,
        request: Request<pb::DeleteUnusedUsersRequest>,
    ) -> Result<Response<pb::DeleteUnusedUsersResponse>, Status> {
        let caller = Caller::of(&request)?;
        let request = request.into_inner();
        let batch = wire::id("batch_id", &request.batch_id)?;
        let asked = ids("user_ids", &request.user_ids)?;
        let deleted = self.0.delete_unused(&caller, batch, &asked).await.map_err(into_status)?;
        let kept = asked.iter().filter(|id| !deleted.contains(id)).map(Uuid::to_string);
        Ok(Response::new(pb::DeleteUnusedUsersResponse {
            kept_ids: kept.collect(),
            deleted_ids: deleted.iter().map(Uuid::to_string).collect(),
        }))
    }

    async fn list_users_by_username(
        &self,
        request: Request<pb::ListUsersByUsernameRequest>,
    ) -> Result<Response<pb::ListUsersByUsernameResponse>, Status> {
        let caller = Caller::of(&request)?;
        let pb::ListUsersByUsernameRequest { usernames, emails } = request.into_inner();
        let (users, taken) = self.0.by_username(&caller, &usernames).await.map_err(into_status)?;
        let (owners, taken_emails) =
            self.0.by_email(&caller, &emails).await.map_err(into_status)?;
        let students = users.iter().filter(|user| user.role == Role::Student).chain(&owners);
        let contacts = students.map(translate::contact).collect();
        let users = users.into_iter().map(translate::user_name).collect();
        let answer = pb::ListUsersByUsernameResponse { users, taken, taken_emails, contacts };
        Ok(Response::new(answer))
    }

    async fn get_user_names(
        &self,
        request: Request<pb::GetUserNamesRequest>,
    ) -> Result<Response<pb::GetUserNamesResponse>, Status> {
        let caller = Caller::of(&request)?;
        let asked = ids("user_ids", &request.get_ref().user_ids)?;
        let users = self.0.by_ids(&caller, &asked).await.map_err(into_status)?;
        let users = users.into_iter().map(translate::user_name).collect();
        Ok(Response::new(pb::GetUserNamesResponse { users }))
    }

    async fn list_renamed_users(
        &self,
        request: Request<pb::ListRenamedUsersRequest>,
    ) -> Result<Response<pb::ListRenamedUsersResponse>, Status> {
        // Background work is done in nobody's name.
        let issuer = caller::issuer(&request)?;
        let request = request.into_inner();
        let moment = wire::from_time("after", request.after)?.unwrap_or_default();
        let id = wire::optional_id("after_id", request.after_id.as_str())?.unwrap_or_default();
        let limit = usize::try_from(request.limit).unwrap_or(usize::MAX);
        let renamed = self.0.renamed(&issuer, (moment, id), limit).await;
        let (users, as_of) = renamed.map_err(into_status)?;
        let users = users.into_iter().map(translate::renamed).collect();
        Ok(Response::new(pb::ListRenamedUsersResponse { users, as_of: Some(wire::time(as_of)) }))
    }

    async fn rename_users(
        &self,
        request: Request<pb::RenameUsersRequest>,
    ) -> Result<Response<pb::RenameUsersResponse>, Status> {
        let caller = Caller::of(&request)?;
        let issuer = caller::issuer(&request)?;
        let names = request.into_inner().users.into_iter().enumerate();
        let names = names.map(|(index, name)| {
            let id = wire::id(&format!("users[{index}].user_id"), &name.user_id)?;
            Ok::<_, Status>((id, name.full_name))
        });
        let names = names.collect::<Result<Vec<_>, _>>()?;
        let users = self.0.rename(&caller, &issuer, &names).await.map_err(into_status)?;
        let users = users.into_iter().map(translate::renamed).collect();
        Ok(Response::new(pb::RenameUsersResponse { users }))
    }

    async fn deactivate_user(
        &self,
        request: Request<pb::DeactivateUserRequest>,
    ) -> Result<Response<pb::DeactivateUserResponse>, Status> {
        let caller = Caller::of(&request)?;
        let id = wire::id("user_id", &request.get_ref().user_id)?;
        let user = self.0.deactivate(&caller, id).await.map_err(into_status)?;
        Ok(Response::new(pb::DeactivateUserResponse { user: Some(translate::user(user)) }))
    }

    async fn reactivate_user(
        &self,
        request: Request<pb::ReactivateUserRequest>,
    ) -> Result<Response<pb::ReactivateUserResponse>, Status> {
        let caller = Caller::of(&request)?;
        let id = wire::id("user_id", &request.get_ref().user_id)?;
        let user = self.0.reactivate(&caller, id).await.map_err(into_status)?;
        Ok(Response::new(pb::ReactivateUserResponse { user: Some(translate::user(user)) }))
    }

    async fn reset_user_password(
        &self,
        request: Request<pb::ResetUserPasswordRequest>,
    ) -> Result<Response<pb::ResetUserPasswordResponse>, Status> {
        let caller = Caller::of(&request)?;
        let id = wire::id("user_id", &request.get_ref().user_id)?;
        let issuer = caller::issuer(&request)?;
        let password = self.0.reset_password(&caller, id, &issuer).await.map_err(into_status)?;
        Ok(Response::new(pb::ResetUserPasswordResponse { password }))
    }

    async fn change_user_role(
        &self,
        request: Request<pb::ChangeUserRoleRequest>,
    ) -> Result<Response<pb::ChangeUserRoleResponse>, Status> {
        let caller = Caller::of(&request)?;
        let id = wire::id("user_id", &request.get_ref().user_id)?;
        let role = translate::required_role("role", request.get_ref().role)?;
        let user = self.0.change_role(&caller, id, role).await.map_err(into_status)?;
        Ok(Response::new(pb::ChangeUserRoleResponse { user: Some(translate::user(user)) }))
    }

    async fn list_audit_events(
        &self,
        request: Request<pb::ListAuditEventsRequest>,
    ) -> Result<Response<pb::ListAuditEventsResponse>, Status> {
        let caller = Caller::of(&request)?;
        let request = request.into_inner();
        let page = Page::of(request.limit, &request.cursor).map_err(into_status)?;
        let user_id = wire::optional_id("user_id", request.user_id.as_str())?;
        let mut kinds = request.kinds;
        kinds.extend(Some(request.kind).filter(|kind| !kind.is_empty()));
        let filter = audit::Filter {
            user_id,
            actor_id: wire::optional_id("actor_id", request.actor_id.as_str())?,
            kinds,
            from: wire::from_time("from", request.from)?,
            until: wire::from_time("until", request.until)?,
        };
        let events = self.0.audit(&caller, &filter, &page).await.map_err(into_status)?;
        let next_cursor = page.next(&events, |last| (last.at, last.id));
        let events = events.into_iter().map(event).collect();
        Ok(Response::new(pb::ListAuditEventsResponse { events, next_cursor }))
    }
}

fn ids(field: &str, values: &[String]) -> Result<Vec<Uuid>, Status> {
    let ids = values.iter().enumerate();
    ids.map(|(index, value)| wire::id(&format!("{field}[{index}]"), value)).collect()
}

fn event(event: audit::Event) -> pb::AuditEvent {
    let text = |id: Option<Uuid>| id.map(|id| id.to_string()).unwrap_or_default();
    pb::AuditEvent {
        id: event.id.to_string(),
        at: Some(wire::time(event.at)),
        kind: event.kind.into_owned(),
        actor_id: text(event.actor_id),
        user_id: text(event.user_id),
        address: event.client.address,
        user_agent: event.client.user_agent,
        request_id: event.request_id,
        username: event.username,
    }
}
