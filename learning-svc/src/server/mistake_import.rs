//! `MistakeImportService`: translates and calls one use case.

use kit::{caller::Caller, error::into_status, idempotency::Operation, page::Page, wire};
use proto::learning::v1::{self as pb, mistake_import_service_server::MistakeImportService};
use tonic::{Request, Response};

use super::{Reply, imports};
use crate::{
    mistake_import::{self, MistakeImports, Upload},
    sheet::{Format, Locale},
};

/// Serves [`MistakeImportService`].
pub struct MistakeImportServer(MistakeImports);

impl MistakeImportServer {
    /// Serves `imports`.
    #[must_use]
    pub fn new(imports: MistakeImports) -> Self {
        Self(imports)
    }
}

#[tonic::async_trait]
impl MistakeImportService for MistakeImportServer {
    async fn create_mistake_import(
        &self,
        request: Request<pb::CreateMistakeImportRequest>,
    ) -> Reply<pb::CreateMistakeImportResponse> {
        let caller = Caller::of(&request)?;
        let operation = Operation::of(&request, "CreateMistakeImport")?;
        let pb::CreateMistakeImportRequest { class_id, file_name, content } = request.into_inner();
        let class_id = wire::id("class_id", &class_id)?;
        let upload = Upload { class_id, file_name, content };
        let import = self.0.create(&caller, &operation, upload).await.map_err(into_status)?;
        let import = Some(imports::import(import));
        Ok(Response::new(pb::CreateMistakeImportResponse { import }))
    }

    async fn get_mistake_import(
        &self,
        request: Request<pb::GetMistakeImportRequest>,
    ) -> Reply<pb::GetMistakeImportResponse> {
        let caller = Caller::of(&request)?;
        let id = imports::id(&request.get_ref().import_id)?;
        let import = self.0.get(&caller, id).await.map_err(into_status)?;
        let import = Some(imports::import(import));
        Ok(Response::new(pb::GetMistakeImportResponse { import }))
    }

    async fn list_mistake_imports(
        &self,
        request: Request<pb::ListMistakeImportsRequest>,
    ) -> Reply<pb::ListMistakeImportsResponse> {
        let caller = Caller::of(&request)?;
        let pb::ListMistakeImportsRequest { class_id, limit, cursor } = request.into_inner();
        let class = wire::optional_id("class_id", class_id.as_str())?;
        let page = Page::of(limit, &cursor).map_err(into_status)?;
        let list = self.0.list(&caller, class, &page).await.map_err(into_status)?;
        let next_cursor = page.next(&list, |last| last.id.0);
        Ok(Response::new(pb::ListMistakeImportsResponse {
            imports: list.into_iter().map(imports::import).collect(),
            next_cursor,
        }))
    }

    async fn list_mistake_import_rows(
        &self,
        request: Request<pb::ListMistakeImportRowsRequest>,
    ) -> Reply<pb::ListMistakeImportRowsResponse> {
        let caller = Caller::of(&request)?;
        let pb::ListMistakeImportRowsRequest { import_id, outcome, limit, cursor } =
            request.into_inner();
        let id = imports::id(&import_id)?;
        let outcome = imports::outcome(outcome)?;
        let page = Page::of(limit, &cursor).map_err(into_status)?;
        let rows = self.0.rows(&caller, id, outcome, &page).await.map_err(into_status)?;
        let next_cursor = page.next(&rows, |last| last.row);
        Ok(Response::new(pb::ListMistakeImportRowsResponse {
            rows: rows.into_iter().map(imports::row).collect(),
            next_cursor,
        }))
    }

    async fn commit_mistake_import(
        &self,
        request: Request<pb::CommitMistakeImportRequest>,
    ) -> Reply<pb::CommitMistakeImportResponse> {
        let caller = Caller::of(&request)?;
        let id = imports::id(&request.get_ref().import_id)?;
        let import = self.0.commit(&caller, id).await.map_err(into_status)?;
        let import = Some(imports::import(import));
        Ok(Response::new(pb::CommitMistakeImportResponse { import }))
    }

    async fn undo_mistake_import(
        &self,
        request: Request<pb::UndoMistakeImportRequest>,
    ) -> Reply<pb::UndoMistakeImportResponse> {
        let caller = Caller::of(&request)?;
        let id = imports::id(&request.get_ref().import_id)?;
        let (import, kept_mistakes) = self.0.undo(&caller, id).await.map_err(into_status)?;
        let import = Some(imports::import(import));
        Ok(Response::new(pb::UndoMistakeImportResponse { import, kept_mistakes }))
    }

    async fn get_mistake_template(
        &self,
        request: Request<pb::GetMistakeTemplateRequest>,
    ) -> Reply<pb::GetMistakeTemplateResponse> {
        Caller::of(&request)?;
        let pb::GetMistakeTemplateRequest { format, locale } = request.into_inner();
        let format = Format::from_name(&format).map_err(into_status)?;
        let locale = Locale::from_tag(&locale).map_err(into_status)?;
        let content = mistake_import::template(format, locale).map_err(into_status)?;
        let name = locale.pick("错题导入模板", "mistake-template");
        Ok(Response::new(pb::GetMistakeTemplateResponse {
            file_name: format!("{name}.{}", format.extension()),
            content_type: format.content_type().to_owned(),
            content: content.into(),
        }))
    }
}
