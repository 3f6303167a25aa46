//! The caller's organization and the codes by which people join it.

use actix_web::{
    delete, get, patch, post,
    web::{Data, Path},
};
use chrono::{DateTime, Utc};
use proto::auth::v1 as pb;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

use super::{Answer, auth::SignedIn, present};
use crate::{
    app::State,
    http::{Json, Problem, Query, created, ok},
    session::{Origin, Signed},
    view::{
        Page, Role,
        input::{self, Pages},
        moment, time, word, written,
    },
};

pub(super) fn mount(config: &mut ServiceConfig) {
    config
        .service(get_organization)
        .service(update_organization)
        .service(list_invitations)
        .service(create_invitation)
        .service(revoke_invitation)
        .service(join_organization)
        .service(preview_invitation);
}

/// What an organization is.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum OrganizationType {
    School,
    TrainingCenter,
    Individual,
}

/// A school.
#[derive(Serialize, ToSchema)]
struct Organization {
    id: String,
    name: String,
    #[serde(rename = "type")]
    kind: OrganizationType,
    created_at: DateTime<Utc>,
    teachers: u32,
    students: u32,
}

impl TryFrom<pb::Organization> for Organization {
    type Error = Problem;

    fn try_from(organization: pb::Organization) -> Result<Self, Problem> {
        Ok(Self {
            id: organization.id,
            name: organization.name,
            kind: word(organization.r#type)?,
            created_at: moment(organization.created_at)?,
            teachers: organization.teachers,
            students: organization.students,
        })
    }
}

/// Returns the caller's organization.
#[utoipa::path(
    tag = "organizations",
    responses((status = 200, description = "The organization", body = Organization)),
)]
#[get("/organizations/current")]
async fn get_organization(state: Data<State>, _: Signed) -> Answer {
    let message = pb::GetOrganizationRequest {};
    let answer = state.upstream.organizations().get_organization(message).await?.into_inner();
    Ok(ok(Organization::try_from(present(answer.organization)?)?))
}

/// A change of the organization; absent fields stay.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct OrganizationChange {
    name: Option<String>,
    #[serde(rename = "type")]
    kind: Option<OrganizationType>,
}

/// Changes the caller's organization. Administrators only.
#[utoipa::path(
    tag = "organizations",
    responses((status = 200, description = "The changed organization", body = Organization)),
)]
#[patch("/organizations/current")]
async fn update_organization(
    state: Data<State>,
    _: Signed,
    body: Json<OrganizationChange>,
) -> Answer {
    let kind = body.0.kind.as_ref().and_then(written);
    let message = pb::UpdateOrganizationRequest { name: body.0.name, r#type: kind };
    let answer = state.upstream.organizations().update_organization(message).await?.into_inner();
    Ok(ok(Organization::try_from(present(answer.organization)?)?))
}

/// A code by which people join the organization.
#[derive(Serialize, ToSchema)]
struct Invitation {
    id: String,
    code: String,
    role: Role,
    max_uses: u32,
    uses: u32,
    created_at: DateTime<Utc>,
    expires_at: DateTime<Utc>,
    revoked_at: Option<DateTime<Utc>>,
    created_by: String,
}

impl TryFrom<pb::Invitation> for Invitation {
    type Error = Problem;

    fn try_from(invitation: pb::Invitation) -> Result<Self, Problem> {
        Ok(Self {
            id: invitation.id,
            code: invitation.code,
            role: Role::from_wire(invitation.role)?,
            max_uses: invitation.max_uses,
            uses: invitation.uses,
            created_at: moment(invitation.created_at)?,
            expires_at: moment(invitation.expires_at)?,
            revoked_at: time(invitation.revoked_at),
            created_by: invitation.created_by,
        })
    }
}

/// Lists invitations. Administrators see all, teachers their own.
#[utoipa::path(
    tag = "organizations",
    params(Pages),
    responses((status = 200, description = "A page of invitations", body = Page<Invitation>)),
)]
#[get("/organizations/current/invitations")]
async fn list_invitations(state: Data<State>, _: Signed, pages: Query<Pages>) -> Answer {
    let (limit, cursor) = pages.0.to_wire()?;
    let message = pb::ListInvitationsRequest { limit, cursor };
    let answer = state.upstream.organizations().list_invitations(message).await?.into_inner();
    Ok(ok(Page::<Invitation>::of(answer.invitations, answer.next_cursor)?))
}

/// A code to make.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct NewInvitation {
    role: Role,
    /// 1 to 1000; 1 when absent.
    max_uses: Option<u32>,
    /// 1 to 90; 7 when absent.
    valid_days: Option<u32>,
}

/// Makes a code by which people join. Administrators any role; teachers students only.
#[utoipa::path(
    tag = "organizations",
    responses((status = 201, description = "The invitation", body = Invitation)),
)]
#[post("/organizations/current/invitations")]
async fn create_invitation(state: Data<State>, _: Signed, body: Json<NewInvitation>) -> Answer {
    let Json(NewInvitation { role, max_uses, valid_days }) = body;
    let message = pb::CreateInvitationRequest {
        role: role.to_wire(),
        max_uses: input::counted("max_uses", max_uses)?,
        valid_days: input::counted("valid_days", valid_days)?,
    };
    let answer = state.upstream.organizations().create_invitation(message).await?.into_inner();
    Ok(created(Invitation::try_from(present(answer.invitation)?)?))
}

/// Makes a code useless.
#[utoipa::path(
    tag = "organizations",
    responses((status = 200, description = "The revoked invitation", body = Invitation)),
)]
#[delete("/organizations/current/invitations/{id}")]
async fn revoke_invitation(state: Data<State>, _: Signed, id: Path<Uuid>) -> Answer {
    let message = pb::RevokeInvitationRequest { invitation_id: id.to_string() };
    let answer = state.upstream.organizations().revoke_invitation(message).await?.into_inner();
    Ok(ok(Invitation::try_from(present(answer.invitation)?)?))
}

/// A school to move to.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct OrganizationJoin {
    invitation_code: String,
}

/// Moves the caller's account to the school of an invitation, in its role. Teachers and
/// administrators only, and only those who are alone in their organization: pupils and classes do
/// not move. All sessions end; the answer is a new one.
#[utoipa::path(
    tag = "organizations",
    responses((status = 200, description = "Signed in there", body = SignedIn)),
)]
#[post("/organizations/join")]
async fn join_organization(
    state: Data<State>,
    _: Signed,
    origin: Origin,
    body: Json<OrganizationJoin>,
) -> Answer {
    let client = Some(origin.to_wire());
    let message = pb::JoinOrganizationRequest { invitation_code: body.0.invitation_code, client };
    let answer = state.upstream.sessions().join_organization(message).await?.into_inner();
    Ok(ok(SignedIn::of(answer.tokens, answer.user)?))
}

/// What a visitor learns from a code.
#[derive(Serialize, ToSchema)]
struct InvitationPreview {
    organization_name: String,
    role: Role,
}

/// Shows a visitor which school a code belongs to.
#[utoipa::path(
    tag = "organizations",
    security(()),
    responses((status = 200, description = "The school", body = InvitationPreview)),
)]
#[get("/organizations/invitations/{code}")]
async fn preview_invitation(state: Data<State>, code: Path<String>) -> Answer {
    let message = pb::GetInvitationPreviewRequest { code: code.into_inner() };
    let mut organizations = state.upstream.organizations();
    let answer = organizations.get_invitation_preview(message).await?.into_inner();
    let role = Role::from_wire(answer.role)?;
    Ok(ok(InvitationPreview { organization_name: answer.organization_name, role }))
}
