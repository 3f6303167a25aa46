//! Accounts of the caller's organization.

use actix_web::{
    get,
    http::StatusCode,
    patch, post, put,
    web::{Data, Path},
};
use proto::{auth::v1 as pb, learning::v1::ResetStudentPasswordRequest};
use serde::{Deserialize, Serialize};
use tonic::{Code, Status};
use utoipa::{IntoParams, ToSchema};
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

use super::{Answer, present, sessions::Ended};
use crate::{
    app::State,
    http::{Json, Problem, Query, created, ok},
    session::Signed,
    upstream::long,
    view::{
        Page, Role, Theme, User, UserName,
        input::{self, changed},
        text,
    },
};

pub(super) fn mount(config: &mut ServiceConfig) {
    config
        .service(get_profile)
        .service(update_profile)
        .service(search_users)
        .service(list_users)
        .service(create_users)
        .service(get_user)
        .service(update_user)
        .service(end_user_sessions)
        .service(deactivate_user)
        .service(reactivate_user)
        .service(reset_user_password)
        .service(change_user_role);
}

/// Returns the caller's own account.
#[utoipa::path(
    tag = "users",
    responses((status = 200, description = "The account", body = User)),
)]
#[get("/users/me")]
async fn get_profile(state: Data<State>, _: Signed) -> Answer {
    let message = pb::GetProfileRequest {};
    let answer = state.upstream.users().get_profile(message).await?.into_inner();
    Ok(ok(User::try_from(present(answer.user)?)?))
}

/// A change of the caller's own account; absent fields stay, null empties.
#[derive(Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
struct ProfileChange {
    #[serde(deserialize_with = "changed")]
    email: Option<String>,
    #[serde(deserialize_with = "changed")]
    full_name: Option<String>,
    #[serde(deserialize_with = "changed")]
    phone: Option<String>,
    /// `zh-CN` or `en`.
    #[serde(deserialize_with = "changed")]
    locale: Option<String>,
    preferences: PreferencesChange,
}

/// A change of how the caller likes the web client; absent fields stay.
#[derive(Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
struct PreferencesChange {
    theme: Option<Theme>,
}

/// Changes the caller's own account.
#[utoipa::path(
    tag = "users",
    responses((status = 200, description = "The changed account", body = User)),
)]
#[patch("/users/me")]
async fn update_profile(state: Data<State>, _: Signed, body: Json<ProfileChange>) -> Answer {
    let Json(ProfileChange { email, full_name, phone, locale, preferences }) = body;
    let theme = preferences.theme.map(Theme::to_wire);
    let message = pb::UpdateProfileRequest { email, full_name, phone, locale, theme };
    let answer = state.upstream.users().update_profile(message).await?.into_inner();
    Ok(ok(User::try_from(present(answer.user)?)?))
}

/// Whom to search for.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct Search {
    /// Part of a name, username or e-mail address.
    query: String,
    role: Option<Role>,
    limit: Option<u32>,
    cursor: Option<String>,
}

/// Finds people of the caller's organization. Students find nobody.
#[utoipa::path(
    tag = "users",
    params(Search),
    responses((status = 200, description = "A page of people", body = Page<UserName>)),
)]
#[get("/users/search")]
async fn search_users(state: Data<State>, _: Signed, search: Query<Search>) -> Answer {
    let Query(search) = search;
    let message = pb::SearchUsersRequest {
        query: search.query,
        role: search.role.map(Role::to_wire).unwrap_or_default(),
        limit: input::counted("limit", search.limit)?,
        cursor: search.cursor.unwrap_or_default(),
    };
    let answer = state.upstream.users().search_users(message).await?.into_inner();
    Ok(ok(Page::<UserName>::of(answer.users, answer.next_cursor)?))
}

/// Which accounts are wanted.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct UserFilter {
    query: Option<String>,
    role: Option<Role>,
    is_active: Option<bool>,
    limit: Option<u32>,
    cursor: Option<String>,
}

/// Lists accounts of the organization. Administrators only.
#[utoipa::path(
    tag = "users",
    params(UserFilter),
    responses((status = 200, description = "A page of accounts", body = Page<User>)),
)]
#[get("/users")]
async fn list_users(state: Data<State>, _: Signed, filter: Query<UserFilter>) -> Answer {
    let Query(filter) = filter;
    let message = pb::ListUsersRequest {
        query: filter.query.unwrap_or_default(),
        role: filter.role.map(Role::to_wire).unwrap_or_default(),
        is_active: filter.is_active,
        limit: input::counted("limit", filter.limit)?,
        cursor: filter.cursor.unwrap_or_default(),
    };
    let answer = state.upstream.users().list_users(message).await?.into_inner();
    Ok(ok(Page::<User>::of(answer.users, answer.next_cursor)?))
}

/// Accounts to create.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct NewUsers {
    /// 1 to 1000.
    users: Vec<NewUser>,
}

/// One account to create.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct NewUser {
    username: String,
    email: Option<String>,
    full_name: String,
    role: Role,
    /// The server makes one when absent.
    password: Option<String>,
    phone: Option<String>,
}

impl From<NewUser> for pb::NewUser {
    fn from(user: NewUser) -> Self {
        Self {
            username: user.username,
            email: user.email.unwrap_or_default(),
            full_name: user.full_name,
            role: user.role.to_wire(),
            password: user.password.unwrap_or_default(),
            phone: user.phone.unwrap_or_default(),
        }
    }
}

/// Accounts that were created, in the order of the request.
#[derive(Serialize, ToSchema)]
struct CreatedUsers {
    items: Vec<CreatedUser>,
    batch_id: String,
}

/// One account that was created.
#[derive(Serialize, ToSchema)]
struct CreatedUser {
    user: User,
    /// The first password, when the server made it; shown this once. The same request with the same
    /// `Idempotency-Key` shows it again until somebody uses or changes it.
    password: Option<String>,
}

/// Creates up to 1000 accounts, or none. Administrators any role, teachers students only.
#[utoipa::path(
    tag = "users",
    responses((status = 201, description = "All were created", body = CreatedUsers)),
)]
#[post("/users/batch")]
async fn create_users(state: Data<State>, _: Signed, body: Json<NewUsers>) -> Answer {
    let users = body.0.users.into_iter().map(Into::into).collect();
    // A password takes its time to hash.
    let message = long(pb::CreateUsersRequest { users });
    let answer = state.upstream.users().create_users(message).await?.into_inner();
    let items = answer.users.into_iter().map(|made| {
        let user = present(made.user)?.try_into()?;
        Ok(CreatedUser { user, password: text(made.password) })
    });
    let items = items.collect::<Result<_, Problem>>()?;
    Ok(created(CreatedUsers { items, batch_id: answer.batch_id }))
}

/// Returns one account of the organization. Administrators only.
#[utoipa::path(
    tag = "users",
    responses((status = 200, description = "The account", body = User)),
)]
#[get("/users/{id}")]
async fn get_user(state: Data<State>, _: Signed, id: Path<Uuid>) -> Answer {
    let message = pb::GetUserRequest { user_id: id.to_string() };
    let answer = state.upstream.users().get_user(message).await?.into_inner();
    Ok(ok(User::try_from(present(answer.user)?)?))
}

/// A change of an account by an administrator; absent fields stay, null empties.
#[derive(Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
struct UserChange {
    #[serde(deserialize_with = "changed")]
    email: Option<String>,
    #[serde(deserialize_with = "changed")]
    full_name: Option<String>,
    #[serde(deserialize_with = "changed")]
    phone: Option<String>,
}

/// Changes name, e-mail address or phone of an account. Administrators only.
#[utoipa::path(
    tag = "users",
    responses((status = 200, description = "The changed account", body = User)),
)]
#[patch("/users/{id}")]
async fn update_user(
    state: Data<State>,
    _: Signed,
    id: Path<Uuid>,
    body: Json<UserChange>,
) -> Answer {
    let Json(UserChange { email, full_name, phone }) = body;
    let message = pb::UpdateUserRequest { user_id: id.to_string(), email, full_name, phone };
    let answer = state.upstream.users().update_user(message).await?.into_inner();
    Ok(ok(User::try_from(present(answer.user)?)?))
}

/// Ends all sessions of an account. Administrators only.
#[utoipa::path(
    tag = "users",
    responses((status = 200, description = "How many were ended", body = Ended)),
)]
#[post("/users/{id}/end-sessions")]
async fn end_user_sessions(state: Data<State>, _: Signed, id: Path<Uuid>) -> Answer {
    let message = pb::EndUserSessionsRequest { user_id: id.to_string() };
    let answer = state.upstream.users().end_user_sessions(message).await?.into_inner();
    Ok(ok(Ended { ended: answer.ended }))
}

/// Deactivates an account and ends its sessions. Administrators only.
#[utoipa::path(
    tag = "users",
    responses((status = 200, description = "The account", body = User)),
)]
#[post("/users/{id}/deactivate")]
async fn deactivate_user(state: Data<State>, _: Signed, id: Path<Uuid>) -> Answer {
    let message = pb::DeactivateUserRequest { user_id: id.to_string() };
    let answer = state.upstream.users().deactivate_user(message).await?.into_inner();
    Ok(ok(User::try_from(present(answer.user)?)?))
}

/// Lets an account sign in again. Administrators only.
#[utoipa::path(
    tag = "users",
    responses((status = 200, description = "The account", body = User)),
)]
#[post("/users/{id}/reactivate")]
async fn reactivate_user(state: Data<State>, _: Signed, id: Path<Uuid>) -> Answer {
    let message = pb::ReactivateUserRequest { user_id: id.to_string() };
    let answer = state.upstream.users().reactivate_user(message).await?.into_inner();
    Ok(ok(User::try_from(present(answer.user)?)?))
}

/// A new password, shown this once.
#[derive(Serialize, ToSchema)]
struct NewPassword {
    password: String,
}

/// Sets a new random password and ends the sessions. Administrators; teachers for their students.
#[utoipa::path(
    tag = "users",
    responses((status = 200, description = "The new password", body = NewPassword)),
)]
#[post("/users/{id}/reset-password")]
async fn reset_user_password(state: Data<State>, signed: Signed, id: Path<Uuid>) -> Answer {
    // Whom a teacher teaches is known to learning-svc alone, which asks auth-svc in turn.
    let password = if signed.caller.role == kit::caller::Role::Teacher {
        let message = ResetStudentPasswordRequest { student_id: id.to_string() };
        let answer = state.upstream.students().reset_student_password(message).await;
        answer.map_err(hidden)?.into_inner().password
    } else {
        let message = pb::ResetUserPasswordRequest { user_id: id.to_string() };
        state.upstream.users().reset_user_password(message).await?.into_inner().password
    };
    Ok(ok(NewPassword { password }))
}

/// An account that is no student of the calling teacher does not exist for them.
fn hidden(status: Status) -> Problem {
    if matches!(status.code(), Code::NotFound | Code::PermissionDenied) {
        return Problem::new(StatusCode::NOT_FOUND, "USER_NOT_FOUND", "user does not exist");
    }
    status.into()
}

/// The role that an account gets.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct RoleChange {
    role: Role,
}

/// Changes a role and ends the sessions. Administrators only; the last one stays one.
#[utoipa::path(
    tag = "users",
    responses((status = 200, description = "The account", body = User)),
)]
#[put("/users/{id}/role")]
async fn change_user_role(
    state: Data<State>,
    _: Signed,
    id: Path<Uuid>,
    body: Json<RoleChange>,
) -> Answer {
    let role = body.0.role.to_wire();
    let message = pb::ChangeUserRoleRequest { user_id: id.to_string(), role };
    let answer = state.upstream.users().change_user_role(message).await?.into_inner();
    Ok(ok(User::try_from(present(answer.user)?)?))
}
