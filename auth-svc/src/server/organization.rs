//! Schools and invitations.

use kit::{caller::Caller, error::into_status, idempotency::Operation, page::Page, wire};
use proto::auth::v1::{self as pb, organization_service_server::OrganizationService};
use tonic::{Request, Response, Status};

use super::translate;
use crate::organization::Organizations;

/// Answers `OrganizationService`.
pub struct OrganizationServer(Organizations);

impl OrganizationServer {
    /// Answers with `organizations`.
    #[must_use]
    pub fn new(organizations: Organizations) -> Self {
        Self(organizations)
    }
}

#[tonic::async_trait]
impl OrganizationService for OrganizationServer {
    async fn get_organization(
        &self,
        request: Request<pb::GetOrganizationRequest>,
    ) -> Result<Response<pb::GetOrganizationResponse>, Status> {
        let caller = Caller::of(&request)?;
        let organization = self.0.own(&caller).await.map_err(into_status)?;
        let organization = Some(translate::organization(organization));
        Ok(Response::new(pb::GetOrganizationResponse { organization }))
    }

    async fn update_organization(
        &self,
        request: Request<pb::UpdateOrganizationRequest>,
    ) -> Result<Response<pb::UpdateOrganizationResponse>, Status> {
        let caller = Caller::of(&request)?;
        let pb::UpdateOrganizationRequest { name, r#type } = request.into_inner();
        let organization = self.0.change(&caller, name, r#type).await.map_err(into_status)?;
        let organization = Some(translate::organization(organization));
        Ok(Response::new(pb::UpdateOrganizationResponse { organization }))
    }

    async fn create_invitation(
        &self,
        request: Request<pb::CreateInvitationRequest>,
    ) -> Result<Response<pb::CreateInvitationResponse>, Status> {
        let caller = Caller::of(&request)?;
        let operation = Operation::of(&request, "CreateInvitation")?;
        let request = request.into_inner();
        let role = translate::required_role("role", request.role)?;
        let or = |value, usual| if value == 0 { usual } else { value };
        let (max_uses, valid_days) = (or(request.max_uses, 1), or(request.valid_days, 7));
        let invitation = self.0.invite(&caller, &operation, role, max_uses, valid_days).await;
        let invitation = Some(translate::invitation(invitation.map_err(into_status)?));
        Ok(Response::new(pb::CreateInvitationResponse { invitation }))
    }

    async fn list_invitations(
        &self,
        request: Request<pb::ListInvitationsRequest>,
    ) -> Result<Response<pb::ListInvitationsResponse>, Status> {
        let caller = Caller::of(&request)?;
        let request = request.into_inner();
        let page = Page::of(request.limit, &request.cursor).map_err(into_status)?;
        let invitations = self.0.invitations(&caller, &page).await.map_err(into_status)?;
        let next_cursor = page.next(&invitations, |last| last.id);
        let invitations = invitations.into_iter().map(translate::invitation).collect();
        Ok(Response::new(pb::ListInvitationsResponse { invitations, next_cursor }))
    }

    async fn revoke_invitation(
        &self,
        request: Request<pb::RevokeInvitationRequest>,
    ) -> Result<Response<pb::RevokeInvitationResponse>, Status> {
        let caller = Caller::of(&request)?;
        let id = wire::id("invitation_id", &request.get_ref().invitation_id)?;
        let invitation = self.0.revoke(&caller, id).await.map_err(into_status)?;
        let invitation = Some(translate::invitation(invitation));
        Ok(Response::new(pb::RevokeInvitationResponse { invitation }))
    }

    async fn get_invitation_preview(
        &self,
        request: Request<pb::GetInvitationPreviewRequest>,
    ) -> Result<Response<pb::GetInvitationPreviewResponse>, Status> {
        let (organization_name, role) =
            self.0.preview(&request.get_ref().code).await.map_err(into_status)?;
        let role = translate::role(role);
        Ok(Response::new(pb::GetInvitationPreviewResponse { organization_name, role }))
    }
}
