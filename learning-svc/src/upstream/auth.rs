//! Accounts, which auth-svc keeps.

use kit::grpc::Client;
use proto::auth::v1::{
    CreateUsersRequest, CreateUsersResponse, DeleteUnusedUsersRequest, DeleteUnusedUsersResponse,
    GetProfileRequest, GetUserNamesRequest, ListUsersByUsernameRequest,
    ListUsersByUsernameResponse, NewUser, ResetUserPasswordRequest, User, UserName,
    user_service_client::UserServiceClient,
};
use tonic::Status;
use uuid::Uuid;

use super::UpstreamError;

/// Asks auth-svc.
#[derive(Clone, Debug)]
pub struct Auth(UserServiceClient<Client>);

fn failed(status: Status) -> UpstreamError {
    UpstreamError { service: "auth-svc", status }
}

impl Auth {
    /// Asks through `client`.
    #[must_use]
    pub fn new(client: Client) -> Self {
        Self(UserServiceClient::new(client))
    }

    /// Returns the caller's own account.
    ///
    /// # Errors
    ///
    /// Fails when auth-svc is away.
    pub async fn profile(&self) -> Result<User, UpstreamError> {
        let answer = self.0.clone().get_profile(GetProfileRequest {}).await.map_err(failed)?;
        let user = answer.into_inner().user;
        user.ok_or_else(|| failed(Status::internal("no user in the answer")))
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
