//! Security events of the caller's organization.

use actix_web::{get, web::Data};
use chrono::{DateTime, Utc};
use proto::auth::v1 as pb;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

use super::Answer;
use crate::{
    app::State,
    http::{Problem, Query, ok},
    session::Signed,
    view::{Page, input, moment, text, word, written},
};

pub(super) fn mount(config: &mut ServiceConfig) {
    config.service(list_audit_events);
}

/// What happened to an account, or to an organization's codes.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum AuditKind {
    Registered,
    LoginSucceeded,
    LoginFailed,
    LoggedOut,
    LoggedOutEverywhere,
    /// A spent refresh token came back: the session was ended.
    SessionRefreshedTwice,
    /// By an administrator.
    SessionsEnded,
    PasswordChanged,
    /// The old password was wrong.
    PasswordChangeFailed,
    PasswordResetRequested,
    PasswordReset,
    PasswordResetByStaff,
    UserCreated,
    /// By an administrator, or the e-mail address by its owner.
    UserChanged,
    UserDeleted,
    UserDeactivated,
    UserReactivated,
    RoleChanged,
    InvitationCreated,
    InvitationUsed,
    InvitationRevoked,
    OrganizationChanged,
    /// An account came over from another organization.
    OrganizationJoined,
}

/// Which security events are wanted.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct AuditFilter {
    /// Whom they concern, or who did it.
    user_id: Option<Uuid>,
    /// Separated by commas; every kind when empty.
    #[serde(default)]
    #[param(style = Form, explode = false)]
    kinds: Vec<AuditKind>,
    /// Who did it.
    actor_id: Option<Uuid>,
    from: Option<DateTime<Utc>>,
    /// Before this moment.
    until: Option<DateTime<Utc>>,
    limit: Option<u32>,
    cursor: Option<String>,
}

/// Something that happened to an account.
#[derive(Serialize, ToSchema)]
struct AuditEvent {
    id: String,
    at: DateTime<Utc>,
    kind: AuditKind,
    /// Who did it; null for strangers.
    actor_id: Option<String>,
    /// Whom it concerned.
    user_id: Option<String>,
    username: Option<String>,
    address: Option<String>,
    user_agent: Option<String>,
    request_id: Option<String>,
}

impl TryFrom<pb::AuditEvent> for AuditEvent {
    type Error = Problem;

    fn try_from(event: pb::AuditEvent) -> Result<Self, Problem> {
        Ok(Self {
            id: event.id,
            at: moment(event.at)?,
            kind: word(event.kind)?,
            actor_id: text(event.actor_id),
            user_id: text(event.user_id),
            username: text(event.username),
            address: text(event.address),
            user_agent: text(event.user_agent),
            request_id: text(event.request_id),
        })
    }
}

/// Lists security events of the organization, the latest first. Administrators only.
#[utoipa::path(
    tag = "users",
    params(AuditFilter),
    responses((status = 200, description = "A page of events", body = Page<AuditEvent>)),
)]
#[get("/users/audit-events")]
async fn list_audit_events(state: Data<State>, _: Signed, filter: Query<AuditFilter>) -> Answer {
    let Query(filter) = filter;
    let message = pb::ListAuditEventsRequest {
        user_id: input::id(filter.user_id),
        kind: String::new(),
        kinds: filter.kinds.iter().filter_map(written).collect(),
        actor_id: input::id(filter.actor_id),
        from: input::time(filter.from),
        until: input::time(filter.until),
        limit: input::counted("limit", filter.limit)?,
        cursor: filter.cursor.unwrap_or_default(),
    };
    let answer = state.upstream.users().list_audit_events(message).await?.into_inner();
    Ok(ok(Page::<AuditEvent>::of(answer.events, answer.next_cursor)?))
}
