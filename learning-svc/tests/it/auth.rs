//! An auth-svc that keeps its accounts in memory.

use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
};

use chrono::{DateTime, TimeDelta, Utc};
use kit::{
    caller::Caller,
    error::{Classify, Kind, Violation, into_status},
    grpc::{self, Server},
    health::Health,
    testing, wire,
};
use proto::auth::v1::{
    self as pb, Role,
    user_service_server::{UserService, UserServiceServer},
};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use tonic::{Request, Response, Status};
use uuid::Uuid;

/// One account.
#[derive(Clone)]
pub struct Account {
    pub user: pb::User,
    pub batch: Option<String>,
    pub password: String,
    pub signed_in: bool,
    pub renamed_at: DateTime<Utc>,
}

/// The accounts, to be changed while the service runs.
#[derive(Default)]
pub struct Accounts {
    pub list: Mutex<Vec<Account>>,
    /// Batches by caller and idempotency key.
    keys: Mutex<HashMap<String, String>>,
    /// Batches that were really made.
    pub batches: AtomicUsize,
    /// The answer to the next creation is lost after the accounts were made.
    pub lose_answer: AtomicBool,
    /// An address that belongs to somebody.
    pub taken_email: Mutex<String>,
    /// Nobody can be renamed or asked for.
    pub is_away: AtomicBool,
}

impl Accounts {
    /// Serves the accounts and returns the address.
    pub async fn serve(self: &Arc<Self>) -> String {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let server = Server::new(&testing::common("auth-svc"), Health::new("test"))
            .add(UserServiceServer::new(Double(Arc::clone(self))));
        tokio::spawn(server.serve_on(listener, CancellationToken::new()));
        url
    }

    /// Adds an account.
    pub fn add(&self, caller: &Caller, username: &str, full_name: &str) {
        let role = match caller.role {
            kit::caller::Role::Admin => Role::Admin,
            kit::caller::Role::Teacher => Role::Teacher,
            kit::caller::Role::Student => Role::Student,
        };
        let user = pb::User {
            id: caller.user_id.to_string(),
            username: username.to_owned(),
            full_name: full_name.to_owned(),
            role: role.into(),
            is_active: true,
            organization_id: caller.organization_id.to_string(),
            ..pb::User::default()
        };
        let renamed_at = DateTime::UNIX_EPOCH;
        let account =
            Account { user, batch: None, password: String::new(), signed_in: true, renamed_at };
        self.list.lock().unwrap().push(account);
    }

    pub fn find(&self, username: &str) -> Option<Account> {
        let list = self.list.lock().unwrap();
        list.iter().find(|account| account.user.username == username).cloned()
    }

    /// Somebody gets another name from whoever works with accounts.
    pub fn rename(&self, username: &str, full_name: &str) {
        let mut list = self.list.lock().unwrap();
        let account = list.iter_mut().find(|account| account.user.username == username);
        account.unwrap().be_called(full_name);
    }

    /// Returns what somebody is called.
    pub fn name(&self, username: &str) -> String {
        self.find(username).unwrap().user.full_name
    }

    fn there(&self) -> Result<(), Status> {
        let is_away = self.is_away.load(Ordering::SeqCst);
        if is_away { Err(Status::unavailable("away")) } else { Ok(()) }
    }

    /// Somebody signs in.
    pub fn sign_in(&self, username: &str) {
        let mut list = self.list.lock().unwrap();
        let account = list.iter_mut().find(|account| account.user.username == username);
        account.unwrap().signed_in = true;
    }
}

impl Account {
    fn be_called(&mut self, full_name: &str) {
        if self.user.full_name != full_name {
            full_name.clone_into(&mut self.user.full_name);
            self.renamed_at = Utc::now().max(self.renamed_at + TimeDelta::microseconds(1));
        }
    }

    fn renamed(&self) -> pb::RenamedUser {
        pb::RenamedUser {
            user_id: self.user.id.clone(),
            username: self.user.username.clone(),
            full_name: self.user.full_name.clone(),
            renamed_at: Some(wire::time(self.renamed_at)),
        }
    }
}

struct Double(Arc<Accounts>);

/// Says that a field is somebody else's.
#[derive(Debug, thiserror::Error)]
#[error("{0} is taken")]
struct Taken(String);

impl Classify for Taken {
    fn kind(&self) -> Kind {
        Kind::Conflict
    }

    fn reason(&self) -> &'static str {
        "TAKEN"
    }

    fn violations(&self) -> Vec<Violation> {
        let detail = "is taken".to_owned();
        vec![Violation { field: self.0.clone(), code: "TAKEN", detail }]
    }
}

fn refuse(field: String) -> Status {
    into_status(Taken(field))
}

fn name(account: &Account) -> pb::UserName {
    let user = &account.user;
    pb::UserName {
        id: user.id.clone(),
        username: user.username.clone(),
        full_name: user.full_name.clone(),
        role: user.role,
        is_active: user.is_active,
        renamed_at: Some(wire::time(account.renamed_at)),
    }
}

#[tonic::async_trait]
impl UserService for Double {
    async fn get_profile(
        &self,
        request: Request<pb::GetProfileRequest>,
    ) -> Result<Response<pb::GetProfileResponse>, Status> {
        let id = Caller::of(&request)?.user_id.to_string();
        let list = self.0.list.lock().unwrap();
        let account = list.iter().find(|account| account.user.id == id);
        let account = account.ok_or_else(|| Status::not_found("no account"))?;
        Ok(Response::new(pb::GetProfileResponse { user: Some(account.user.clone()) }))
    }

    async fn create_users(
        &self,
        request: Request<pb::CreateUsersRequest>,
    ) -> Result<Response<pb::CreateUsersResponse>, Status> {
        let caller = Caller::of(&request)?;
        let key = format!("{} {}", caller.user_id, grpc::idempotency_key(&request).unwrap());
        let known = self.0.keys.lock().unwrap().get(&key).cloned();
        let mut list = self.0.list.lock().unwrap();
        let batch = if let Some(batch) = known {
            batch
        } else {
            let batch = Uuid::now_v7().to_string();
            let users = request.into_inner().users;
            let taken = self.0.taken_email.lock().unwrap().clone();
            for (index, new) in users.iter().enumerate() {
                if !taken.is_empty() && new.email == taken {
                    return Err(refuse(format!("users[{index}].email")));
                }
                if list.iter().any(|account| account.user.username == new.username) {
                    return Err(refuse(format!("users[{index}].username")));
                }
            }
            for new in users {
                let user = pb::User {
                    id: Uuid::now_v7().to_string(),
                    username: new.username,
                    full_name: new.full_name,
                    email: new.email,
                    phone: new.phone,
                    role: new.role,
                    is_active: true,
                    organization_id: caller.organization_id.to_string(),
                    ..pb::User::default()
                };
                let batch = Some(batch.clone());
                let renamed_at = DateTime::UNIX_EPOCH;
                let password = new.password;
                list.push(Account { user, batch, password, signed_in: false, renamed_at });
            }
            self.0.keys.lock().unwrap().insert(key, batch.clone());
            self.0.batches.fetch_add(1, Ordering::SeqCst);
            batch
        };
        if self.0.lose_answer.swap(false, Ordering::SeqCst) {
            return Err(Status::unavailable("answer lost"));
        }
        let users = list.iter().filter(|account| account.batch.as_ref() == Some(&batch));
        let users = users.map(|account| pb::CreatedUser {
            user: Some(account.user.clone()),
            password: String::new(),
        });
        let users = users.collect();
        Ok(Response::new(pb::CreateUsersResponse { users, batch_id: batch }))
    }

    async fn delete_unused_users(
        &self,
        request: Request<pb::DeleteUnusedUsersRequest>,
    ) -> Result<Response<pb::DeleteUnusedUsersResponse>, Status> {
        let pb::DeleteUnusedUsersRequest { batch_id, user_ids } = request.into_inner();
        let mut list = self.0.list.lock().unwrap();
        let unused = |account: &Account| {
            user_ids.contains(&account.user.id)
                && account.batch.as_ref() == Some(&batch_id)
                && !account.signed_in
        };
        let deleted = list.iter().filter(|account| unused(account));
        let deleted_ids: Vec<String> = deleted.map(|account| account.user.id.clone()).collect();
        list.retain(|account| !unused(account));
        let kept_ids = user_ids.iter().filter(|id| !deleted_ids.contains(id)).cloned().collect();
        Ok(Response::new(pb::DeleteUnusedUsersResponse { deleted_ids, kept_ids }))
    }

    async fn list_users_by_username(
        &self,
        request: Request<pb::ListUsersByUsernameRequest>,
    ) -> Result<Response<pb::ListUsersByUsernameResponse>, Status> {
        let organization = Caller::of(&request)?.organization_id.to_string();
        let pb::ListUsersByUsernameRequest { usernames: wanted, emails } = request.into_inner();
        let list = self.0.list.lock().unwrap();
        let owners = list.iter().filter(|account| emails.contains(&account.user.email));
        let (own, foreign): (Vec<_>, Vec<_>) =
            owners.partition(|account| account.user.organization_id == organization);
        let taken_emails = foreign.iter().map(|account| account.user.email.clone()).collect();
        let found = list.iter().filter(|account| wanted.contains(&account.user.username));
        let (ours, others): (Vec<_>, Vec<_>) =
            found.partition(|account| account.user.organization_id == organization);
        let contacts = ours.iter().chain(&own).map(|Account { user, .. }| pb::UserContact {
            user_id: user.id.clone(),
            email: user.email.clone(),
            phone: user.phone.clone(),
        });
        let contacts = contacts.collect();
        let users = ours.iter().copied().map(name).collect();
        let taken = others.iter().map(|account| account.user.username.clone()).collect();
        let answer = pb::ListUsersByUsernameResponse { users, taken, taken_emails, contacts };
        Ok(Response::new(answer))
    }

    async fn get_user_names(
        &self,
        request: Request<pb::GetUserNamesRequest>,
    ) -> Result<Response<pb::GetUserNamesResponse>, Status> {
        let organization = Caller::of(&request)?.organization_id.to_string();
        let wanted = request.into_inner().user_ids;
        let list = self.0.list.lock().unwrap();
        let found = list.iter().filter(|account| {
            account.user.organization_id == organization && wanted.contains(&account.user.id)
        });
        let users = found.map(name).collect();
        Ok(Response::new(pb::GetUserNamesResponse { users }))
    }

    async fn list_renamed_users(
        &self,
        request: Request<pb::ListRenamedUsersRequest>,
    ) -> Result<Response<pb::ListRenamedUsersResponse>, Status> {
        self.0.there()?;
        assert_eq!(kit::caller::issuer(&request)?, "learning-svc");
        let pb::ListRenamedUsersRequest { after, after_id, limit } = request.into_inner();
        let after = (wire::from_time("after", after)?.unwrap(), after_id);
        let list = self.0.list.lock().unwrap();
        let mut found: Vec<_> = list
            .iter()
            .filter(|account| account.renamed_at > DateTime::UNIX_EPOCH)
            .map(|account| ((account.renamed_at, account.user.id.clone()), account.renamed()))
            .filter(|(key, _)| *key > after)
            .collect();
        found.sort_by(|(a, _), (b, _)| a.cmp(b));
        let users = found.into_iter().map(|(_, user)| user).take(limit as usize).collect();
        let as_of = Some(wire::time(Utc::now()));
        Ok(Response::new(pb::ListRenamedUsersResponse { users, as_of }))
    }

    async fn rename_users(
        &self,
        request: Request<pb::RenameUsersRequest>,
    ) -> Result<Response<pb::RenameUsersResponse>, Status> {
        self.0.there()?;
        assert_eq!(kit::caller::issuer(&request)?, "learning-svc");
        let organization = Caller::of(&request)?.organization_id.to_string();
        let mut list = self.0.list.lock().unwrap();
        let mut users = Vec::new();
        for pb::NewName { user_id, full_name } in request.into_inner().users {
            let account = list.iter_mut().find(|account| {
                account.user.id == user_id
                    && account.user.organization_id == organization
                    && account.user.role() == Role::Student
            });
            if let Some(account) = account {
                account.be_called(&full_name);
                users.push(account.renamed());
            }
        }
        Ok(Response::new(pb::RenameUsersResponse { users }))
    }

    async fn update_profile(
        &self,
        _: Request<pb::UpdateProfileRequest>,
    ) -> Result<Response<pb::UpdateProfileResponse>, Status> {
        Err(Status::unimplemented("not scripted"))
    }

    async fn update_user(
        &self,
        _: Request<pb::UpdateUserRequest>,
    ) -> Result<Response<pb::UpdateUserResponse>, Status> {
        Err(Status::unimplemented("not scripted"))
    }

    async fn end_user_sessions(
        &self,
        _: Request<pb::EndUserSessionsRequest>,
    ) -> Result<Response<pb::EndUserSessionsResponse>, Status> {
        Err(Status::unimplemented("not scripted"))
    }

    async fn search_users(
        &self,
        _: Request<pb::SearchUsersRequest>,
    ) -> Result<Response<pb::SearchUsersResponse>, Status> {
        Err(Status::unimplemented("not scripted"))
    }

    async fn list_users(
        &self,
        _: Request<pb::ListUsersRequest>,
    ) -> Result<Response<pb::ListUsersResponse>, Status> {
        Err(Status::unimplemented("not scripted"))
    }

    async fn get_user(
        &self,
        _: Request<pb::GetUserRequest>,
    ) -> Result<Response<pb::GetUserResponse>, Status> {
        Err(Status::unimplemented("not scripted"))
    }

    async fn deactivate_user(
        &self,
        _: Request<pb::DeactivateUserRequest>,
    ) -> Result<Response<pb::DeactivateUserResponse>, Status> {
        Err(Status::unimplemented("not scripted"))
    }

    async fn reactivate_user(
        &self,
        _: Request<pb::ReactivateUserRequest>,
    ) -> Result<Response<pb::ReactivateUserResponse>, Status> {
        Err(Status::unimplemented("not scripted"))
    }

    async fn reset_user_password(
        &self,
        request: Request<pb::ResetUserPasswordRequest>,
    ) -> Result<Response<pb::ResetUserPasswordResponse>, Status> {
        assert_eq!(kit::caller::issuer(&request)?, "learning-svc");
        let id = request.into_inner().user_id;
        let mut list = self.0.list.lock().unwrap();
        let account = list.iter_mut().find(|account| account.user.id == id);
        let account = account.ok_or_else(|| Status::not_found("no account"))?;
        account.password = Uuid::now_v7().to_string();
        Ok(Response::new(pb::ResetUserPasswordResponse { password: account.password.clone() }))
    }

    async fn change_user_role(
        &self,
        _: Request<pb::ChangeUserRoleRequest>,
    ) -> Result<Response<pb::ChangeUserRoleResponse>, Status> {
        Err(Status::unimplemented("not scripted"))
    }

    async fn list_audit_events(
        &self,
        _: Request<pb::ListAuditEventsRequest>,
    ) -> Result<Response<pb::ListAuditEventsResponse>, Status> {
        Err(Status::unimplemented("not scripted"))
    }
}
