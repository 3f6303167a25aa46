//! Between messages and the domain.

use std::time::Duration;

use kit::{caller::Role, wire};
use proto::auth::v1 as pb;
use tonic::Status;

use crate::{
    organization::{Invitation, Organization},
    session::{Client, Session, Tokens},
    user::{Account, Renamed, Theme},
};

pub fn role(role: Role) -> i32 {
    let role = match role {
        Role::Admin => pb::Role::Admin,
        Role::Teacher => pb::Role::Teacher,
        Role::Student => pb::Role::Student,
    };
    role.into()
}

/// Reads a role that may be left out.
pub fn optional_role(field: &str, value: i32) -> Result<Option<Role>, Status> {
    match pb::Role::try_from(value) {
        Ok(pb::Role::Unspecified) => Ok(None),
        Ok(pb::Role::Admin) => Ok(Some(Role::Admin)),
        Ok(pb::Role::Teacher) => Ok(Some(Role::Teacher)),
        Ok(pb::Role::Student) => Ok(Some(Role::Student)),
        Err(_) => Err(wire::invalid(field, "is not a role")),
    }
}

pub fn required_role(field: &str, value: i32) -> Result<Role, Status> {
    optional_role(field, value)?.ok_or_else(|| wire::invalid(field, "is missing"))
}

/// Reads where a request came from; too long texts are cut, not refused.
pub fn client(client: Option<pb::ClientInfo>) -> Client {
    let client = client.unwrap_or_default();
    let cut = |text: String, length| text.chars().take(length).collect();
    Client { address: cut(client.address, 64), user_agent: cut(client.user_agent, 300) }
}

pub fn user(account: Account) -> pb::User {
    pb::User {
        id: account.id.to_string(),
        username: account.username,
        email: account.email.unwrap_or_default(),
        full_name: account.full_name,
        phone: account.phone,
        role: role(account.role),
        is_active: account.is_active,
        organization_id: account.organization_id.to_string(),
        organization_name: account.organization_name,
        created_at: Some(wire::time(account.created_at)),
        last_login_at: account.last_login_at.map(wire::time),
        must_change_password: account.must_change_password,
        locale: account.locale,
        theme: theme(account.theme).into(),
    }
}

fn theme(theme: Theme) -> pb::Theme {
    match theme {
        Theme::Light => pb::Theme::Light,
        Theme::Dark => pb::Theme::Dark,
        Theme::System => pb::Theme::System,
    }
}

pub fn theme_from_wire(field: &str, value: i32) -> Result<Theme, Status> {
    match pb::Theme::try_from(value) {
        Ok(pb::Theme::Light) => Ok(Theme::Light),
        Ok(pb::Theme::Dark) => Ok(Theme::Dark),
        Ok(pb::Theme::System) => Ok(Theme::System),
        Ok(pb::Theme::Unspecified) | Err(_) => Err(wire::invalid(field, "is not a theme")),
    }
}

pub fn user_name(account: Account) -> pb::UserName {
    pb::UserName {
        id: account.id.to_string(),
        username: account.username,
        full_name: account.full_name,
        role: role(account.role),
        is_active: account.is_active,
        renamed_at: account.renamed_at.map(wire::time),
    }
}

pub fn renamed(renamed: Renamed) -> pb::RenamedUser {
    pb::RenamedUser {
        user_id: renamed.id.to_string(),
        username: renamed.username,
        full_name: renamed.full_name,
        renamed_at: Some(wire::time(renamed.renamed_at)),
    }
}

pub fn contact(account: &Account) -> pb::UserContact {
    pb::UserContact {
        user_id: account.id.to_string(),
        email: account.email.clone().unwrap_or_default(),
        phone: account.phone.clone(),
    }
}

pub fn tokens(tokens: Tokens) -> pb::TokenPair {
    pb::TokenPair {
        access_token: tokens.access,
        access_expires_in_s: seconds(tokens.access_ttl),
        refresh_token: tokens.refresh,
        refresh_expires_in_s: seconds(tokens.refresh_ttl),
        session_id: tokens.session_id.to_string(),
    }
}

fn seconds(length: Duration) -> u32 {
    u32::try_from(length.as_secs()).unwrap_or(u32::MAX)
}

pub fn session(session: Session) -> pb::Session {
    pb::Session {
        id: session.id.to_string(),
        address: session.address,
        user_agent: session.user_agent,
        created_at: Some(wire::time(session.created_at)),
        last_used_at: Some(wire::time(session.last_used_at)),
        expires_at: Some(wire::time(session.expires_at)),
    }
}

pub fn organization(organization: Organization) -> pb::Organization {
    pb::Organization {
        id: organization.id.to_string(),
        name: organization.name,
        r#type: organization.kind.as_str().to_owned(),
        created_at: Some(wire::time(organization.created_at)),
        teachers: organization.teachers,
        students: organization.students,
    }
}

pub fn invitation(invitation: Invitation) -> pb::Invitation {
    pb::Invitation {
        id: invitation.id.to_string(),
        code: invitation.code,
        role: role(invitation.role),
        max_uses: invitation.max_uses,
        uses: invitation.uses,
        created_at: Some(wire::time(invitation.created_at)),
        expires_at: Some(wire::time(invitation.expires_at)),
        revoked_at: invitation.revoked_at.map(wire::time),
        created_by: invitation.created_by.to_string(),
    }
}
