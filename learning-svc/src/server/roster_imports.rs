//! `RosterImportService`: translates and calls one use case.

use kit::{caller::Caller, error::into_status, idempotency::Operation, wire};
use proto::learning::v1::{self as pb, roster_import_service_server::RosterImportService};
use tonic::{Request, Response};

use super::{Reply, imports, translate};
use crate::{
    roster::{self, Rosters, Upload},
    sheet::{Format, Locale},
};

/// Serves [`RosterImportService`].
#[derive(Clone)]
pub struct RosterImportServer(Rosters);

impl RosterImportServer {
    /// Serves `rosters`.
    #[must_use]
    pub fn new(rosters: Rosters) -> Self {
        Self(rosters)
    }
}

#[tonic::async_trait]
impl RosterImportService for RosterImportServer {
    async fn create_roster_import(
        &self,
        request: Request<pb::CreateRosterImportRequest>,
    ) -> Reply<pb::CreateRosterImportResponse> {
        let caller = Caller::of(&request)?;
        let operation = Operation::of(&request, "CreateRosterImport")?;
        let pb::CreateRosterImportRequest { class_id, file_name, content } = request.into_inner();
        let class_id = wire::id("class_id", &class_id)?;
        let upload = Upload { class_id, file_name, content };
        let import = self.0.create(&caller, &operation, upload).await.map_err(into_status)?;
        let import = Some(imports::import(import));
        Ok(Response::new(pb::CreateRosterImportResponse { import }))
    }

    async fn get_roster_import(
        &self,
        request: Request<pb::GetRosterImportRequest>,
    ) -> Reply<pb::GetRosterImportResponse> {
        let caller = Caller::of(&request)?;
        let id = imports::id(&request.get_ref().import_id)?;
        let import = self.0.get(&caller, id).await.map_err(into_status)?;
        let import = Some(imports::import(import));
        Ok(Response::new(pb::GetRosterImportResponse { import }))
    }

    async fn list_roster_imports(
        &self,
        request: Request<pb::ListRosterImportsRequest>,
    ) -> Reply<pb::ListRosterImportsResponse> {
        let caller = Caller::of(&request)?;
        let pb::ListRosterImportsRequest { class_id, limit, cursor } = request.into_inner();
        let class = wire::optional_id("class_id", class_id.as_str())?;
        let page = translate::page(limit, &cursor)?;
        let list = self.0.list(&caller, class, &page).await.map_err(into_status)?;
        let next_cursor = page.next(&list, |import| import.id.0);
        let imports = list.into_iter().map(imports::import).collect();
        Ok(Response::new(pb::ListRosterImportsResponse { imports, next_cursor }))
    }

    async fn list_roster_import_rows(
        &self,
        request: Request<pb::ListRosterImportRowsRequest>,
    ) -> Reply<pb::ListRosterImportRowsResponse> {
        let caller = Caller::of(&request)?;
        let pb::ListRosterImportRowsRequest { import_id, outcome, limit, cursor } =
            request.into_inner();
        let id = imports::id(&import_id)?;
        let outcome = imports::outcome(outcome)?;
        let page = translate::page(limit, &cursor)?;
        let rows = self.0.rows(&caller, id, outcome, &page).await.map_err(into_status)?;
        let next_cursor = page.next(&rows, |row| row.row);
        let rows = rows.into_iter().map(imports::row).collect();
        Ok(Response::new(pb::ListRosterImportRowsResponse { rows, next_cursor }))
    }

    async fn commit_roster_import(
        &self,
        request: Request<pb::CommitRosterImportRequest>,
    ) -> Reply<pb::CommitRosterImportResponse> {
        let caller = Caller::of(&request)?;
        let id = imports::id(&request.get_ref().import_id)?;
        let import = self.0.commit(&caller, id).await.map_err(into_status)?;
        let import = Some(imports::import(import));
        Ok(Response::new(pb::CommitRosterImportResponse { import }))
    }

    async fn undo_roster_import(
        &self,
        request: Request<pb::UndoRosterImportRequest>,
    ) -> Reply<pb::UndoRosterImportResponse> {
        let caller = Caller::of(&request)?;
        let id = imports::id(&request.get_ref().import_id)?;
        let (import, kept_accounts) = self.0.undo(&caller, id).await.map_err(into_status)?;
        let import = Some(imports::import(import));
        Ok(Response::new(pb::UndoRosterImportResponse { import, kept_accounts }))
    }

    async fn take_first_passwords(
        &self,
        request: Request<pb::TakeFirstPasswordsRequest>,
    ) -> Reply<pb::TakeFirstPasswordsResponse> {
        let caller = Caller::of(&request)?;
        let operation = Operation::of(&request, "TakeFirstPasswords")?;
        let id = imports::id(&request.get_ref().import_id)?;
        let passwords = self.0.take_passwords(&caller, &operation, id).await;
        let passwords = passwords.map_err(into_status)?;
        let passwords = passwords.into_iter().map(|first| pb::FirstPassword {
            student_id: first.student_id.to_string(),
            username: first.username,
            full_name: first.full_name,
            student_no: first.student_no,
            password: first.password,
        });
        Ok(Response::new(pb::TakeFirstPasswordsResponse { passwords: passwords.collect() }))
    }

    async fn get_roster_template(
        &self,
        request: Request<pb::GetRosterTemplateRequest>,
    ) -> Reply<pb::GetRosterTemplateResponse> {
        Caller::of(&request)?;
        let pb::GetRosterTemplateRequest { format, locale } = request.into_inner();
        let format = Format::from_name(&format).map_err(into_status)?;
        let locale = Locale::from_tag(&locale).map_err(into_status)?;
        let content = roster::template(format, locale).map_err(into_status)?;
        let name = locale.pick("学生名单模板", "roster-template");
        Ok(Response::new(pb::GetRosterTemplateResponse {
            file_name: format!("{name}.{}", format.extension()),
            content_type: format.content_type().to_owned(),
            content: content.into(),
        }))
    }
}
