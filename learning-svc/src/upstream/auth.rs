//! Accounts, which auth-svc keeps.

use std::time::Duration;

use chrono::{DateTime, Utc};
use kit::{grpc::Client, wire};
use proto::auth::v1::{
    CreateUsersRequest, CreateUsersResponse, DeleteUnusedUsersRequest, DeleteUnusedUsersResponse,
    GetUserNamesRequest, ListRenamedUsersRequest, ListUsersByUsernameRequest,
    ListUsersByUsernameResponse, NewName, NewUser, RenameUsersRequest, RenamedUser,
    ResetUserPasswordRequest, UserName, user_service_client::UserServiceClient,
};
use tonic::Status;
use uuid::Uuid;

use super::UpstreamError;
use crate::name::Named;

/// How long looking for other names may take.
const QUICK: Duration = Duration::from_secs(10);

/// Asks auth-svc.
#[derive(Clone, Debug)]
pub struct Auth(UserServiceClient<Client>);

fn failed(status: Status) -> UpstreamError {
    UpstreamError { service: "auth-svc", status }
}

/// Reads what an account is called.
///
/// # Errors
///
/// Fails when auth-svc has answered something else.
pub fn named(user: UserName) -> Result<Named, UpstreamError> {
    let UserName { id, username, full_name, renamed_at, .. } = user;
    renamed(RenamedUser { user_id: id, username, full_name, renamed_at })
}

fn renamed(user: RenamedUser) -> Result<Named, UpstreamError> {
    let RenamedUser { user_id, username, full_name, renamed_at } = user;
    let id = wire::id("user_id", &user_id).map_err(strange)?;
    let renamed_at = wire::from_time("renamed_at", renamed_at).map_err(strange)?;
    Ok(Named { id, username, full_name, renamed_at: renamed_at.unwrap_or_default() })
}

/// An answer that makes no sense is not the fault of who has asked.
fn strange(status: Status) -> UpstreamError {
    failed(Status::internal(status.message()))
}

impl Auth {
    /// Asks through `client`.
    #[must_use]
    pub fn new(client: Client) -> Self {
        Self(UserServiceClient::new(client))
    }

    /// Returns what an account of the caller's organization is called at this moment, whatever
    /// caches of profiles say.
    ///
    /// # Errors
    ///
    /// Fails when there is none, and when auth-svc is away.
    pub async fn name_of(&self, user: Uuid) -> Result<Named, UpstreamError> {
        let found = self.names(&[user]).await?.pop();
        named(found.ok_or_else(|| failed(Status::not_found("user does not exist")))?)
    }

    /// Returns at most `limit` of those, of all organizations, who were renamed after a moment, and
    /// when that was looked up.
    ///
    /// # Errors
    ///
    /// Fails when auth-svc is away.
    pub async fn renamed(
        &self,
        (moment, id): (DateTime<Utc>, Uuid),
        limit: usize,
    ) -> Result<(Vec<Named>, DateTime<Utc>), UpstreamError> {
        let mut request = tonic::Request::new(ListRenamedUsersRequest {
            after: Some(wire::time(moment)),
            after_id: id.to_string(),
            limit: u32::try_from(limit).unwrap_or(u32::MAX),
        });
        request.set_timeout(QUICK);
        let answer = self.0.clone().list_renamed_users(request).await.map_err(failed)?;
        let answer = answer.into_inner();
        let users = answer.users.into_iter().map(renamed).collect::<Result<_, _>>()?;
        let as_of = wire::from_time("as_of", answer.as_of).map_err(strange)?;
        Ok((users, as_of.unwrap_or_default()))
    }

    /// Gives students, on whom the caller may act, other names, and returns what they are called
    /// then; whoever is no student of the organization is left out. auth-svc relies on that having
    /// been made sure of.
    ///
    /// # Errors
    ///
    /// Fails when auth-svc is away.
    pub async fn rename(&self, names: &[(Uuid, String)]) -> Result<Vec<Named>, UpstreamError> {
        let users = names
            .iter()
            .map(|(id, name)| NewName { user_id: id.to_string(), full_name: name.clone() });
        let message = RenameUsersRequest { users: users.collect() };
        let answer = self.0.clone().rename_users(message).await.map_err(failed)?;
        answer.into_inner().users.into_iter().map(renamed).collect()
    }

    /// Returns the names of accounts of the caller's organization; unknown ones are left out.
    ///
    /// # Errors
    ///
    /// Fails when auth-svc is away.
    pub async fn names(&self, users: &[Uuid]) -> Result<Vec<UserName>, UpstreamError> {
        let user_ids = users.iter().map(Uuid::to_string).collect();
        let answer = self.0.clone().get_user_names(GetUserNamesRequest { user_ids }).await;
        Ok(answer.map_err(failed)?.into_inner().users)
    }

    /// Finds accounts by username and e-mail address.
    ///
    /// # Errors
    ///
    /// Fails when auth-svc is away.
    pub async fn look_up(
        &self,
        usernames: Vec<String>,
        emails: Vec<String>,
    ) -> Result<ListUsersByUsernameResponse, UpstreamError> {
        let message = ListUsersByUsernameRequest { usernames, emails };
        let answer = self.0.clone().list_users_by_username(message).await;
        Ok(answer.map_err(failed)?.into_inner())
    }

    /// Sets a new random password for a student whom the caller teaches, and returns it. auth-svc
    /// relies on that having been made sure of.
    ///
    /// # Errors
    ///
    /// Fails when auth-svc refuses or is away.
    pub async fn reset_password(&self, student: Uuid) -> Result<String, UpstreamError> {
        let message = ResetUserPasswordRequest { user_id: student.to_string() };
        let answer = self.0.clone().reset_user_password(message).await;
        Ok(answer.map_err(failed)?.into_inner().password)
    }

    /// Creates accounts, all or none; repeating it with the same `key` creates nothing again.
    ///
    /// # Errors
    ///
    /// Fails when auth-svc refuses an account or is away.
    pub async fn create(
        &self,
        key: String,
        users: Vec<NewUser>,
    ) -> Result<CreateUsersResponse, UpstreamError> {
        let mut client = self.0.clone();
        let call = client.create_users(CreateUsersRequest { users });
        let answer = kit::grpc::with_idempotency_key(Some(key), call).await;
        Ok(answer.map_err(failed)?.into_inner())
    }

    /// Deletes accounts that were never signed in with.
    ///
    /// # Errors
    ///
    /// Fails when auth-svc is away.
    pub async fn delete_unused(
        &self,
        batch_id: String,
        users: &[Uuid],
    ) -> Result<DeleteUnusedUsersResponse, UpstreamError> {
        let user_ids = users.iter().map(Uuid::to_string).collect();
        let message = DeleteUnusedUsersRequest { batch_id, user_ids };
        Ok(self.0.clone().delete_unused_users(message).await.map_err(failed)?.into_inner())
    }
}
