//! Mistakes of a class from spreadsheets, in the same steps as rosters.

use actix_web::{
    get, post,
    web::{Data, Path},
};
use proto::learning::v1 as pb;
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

use super::{
    Answer, present,
    roster_imports::{ImportFilter, RowFilter, TemplateFilter},
};
use crate::{
    app::State,
    http::{
        Query, answer, created, ok,
        upload::{Upload, UploadForm},
    },
    session::Signed,
    upstream::long,
    view::{Import, ImportRow, Page, RowOutcome, input},
};

pub(super) fn mount(config: &mut ServiceConfig) {
    config
        .service(get_mistake_template)
        .service(create_mistake_import)
        .service(list_mistake_imports)
        .service(get_mistake_import)
        .service(list_mistake_import_rows)
        .service(commit_mistake_import)
        .service(undo_mistake_import);
}

/// Returns an empty spreadsheet with headings, an example row and hints.
#[utoipa::path(
    tag = "mistake-imports",
    params(TemplateFilter),
    responses((status = 200, description = "The file", content_type = "application/octet-stream")),
)]
#[get("/mistake-imports/template")]
async fn get_mistake_template(
    state: Data<State>,
    _: Signed,
    filter: Query<TemplateFilter>,
) -> Answer {
    let Query(TemplateFilter { format, locale }) = filter;
    let (format, locale) = (format.unwrap_or_default(), locale.unwrap_or_default());
    let message = pb::GetMistakeTemplateRequest { format, locale };
    let file = state.upstream.mistake_imports().get_mistake_template(message).await?.into_inner();
    Ok(answer::file(&file.file_name, &file.content_type, file.content))
}

/// Reads mistakes and compares them with those that are there: a dry run.
#[utoipa::path(
    tag = "mistake-imports",
    request_body(content = UploadForm, content_type = "multipart/form-data"),
    responses((status = 201, description = "What committing would do", body = Import)),
)]
#[post("/mistake-imports")]
async fn create_mistake_import(state: Data<State>, _: Signed, upload: Upload) -> Answer {
    let Upload { class_id, file_name, content, .. } = upload;
    let class_id = class_id.to_string();
    let message = long(pb::CreateMistakeImportRequest { class_id, file_name, content });
    let answer = state.upstream.mistake_imports().create_mistake_import(message).await?;
    Ok(created(Import::try_from(present(answer.into_inner().import)?)?))
}

/// Lists imports, the latest first.
#[utoipa::path(
    tag = "mistake-imports",
    params(ImportFilter),
    responses((status = 200, description = "A page of imports", body = Page<Import>)),
)]
#[get("/mistake-imports")]
async fn list_mistake_imports(
    state: Data<State>,
    _: Signed,
    filter: Query<ImportFilter>,
) -> Answer {
    let Query(filter) = filter;
    let message = pb::ListMistakeImportsRequest {
        class_id: input::id(filter.class_id),
        limit: input::counted("limit", filter.limit)?,
        cursor: filter.cursor.unwrap_or_default(),
    };
    let mut imports = state.upstream.mistake_imports();
    let answer = imports.list_mistake_imports(message).await?.into_inner();
    Ok(ok(Page::<Import>::of(answer.imports, answer.next_cursor)?))
}

/// Returns one import.
#[utoipa::path(
    tag = "mistake-imports",
    responses((status = 200, description = "The import", body = Import)),
)]
#[get("/mistake-imports/{id}")]
async fn get_mistake_import(state: Data<State>, _: Signed, id: Path<Uuid>) -> Answer {
    let message = pb::GetMistakeImportRequest { import_id: id.to_string() };
    let answer = state.upstream.mistake_imports().get_mistake_import(message).await?.into_inner();
    Ok(ok(Import::try_from(present(answer.import)?)?))
}

/// Lists rows of an import with what is wrong in them.
#[utoipa::path(
    tag = "mistake-imports",
    params(RowFilter),
    responses((status = 200, description = "A page of rows", body = Page<ImportRow>)),
)]
#[get("/mistake-imports/{id}/rows")]
async fn list_mistake_import_rows(
    state: Data<State>,
    _: Signed,
    id: Path<Uuid>,
    filter: Query<RowFilter>,
) -> Answer {
    let Query(filter) = filter;
    let message = pb::ListMistakeImportRowsRequest {
        import_id: id.to_string(),
        outcome: filter.outcome.map(RowOutcome::to_wire).unwrap_or_default(),
        limit: input::counted("limit", filter.limit)?,
        cursor: filter.cursor.unwrap_or_default(),
    };
    let mut imports = state.upstream.mistake_imports();
    let answer = imports.list_mistake_import_rows(message).await?.into_inner();
    Ok(ok(Page::<ImportRow>::of(answer.rows, answer.next_cursor)?))
}

/// Writes all new and changed rows and leaves refused ones out.
#[utoipa::path(
    tag = "mistake-imports",
    responses((status = 200, description = "The committed import", body = Import)),
)]
#[post("/mistake-imports/{id}/commit")]
async fn commit_mistake_import(state: Data<State>, _: Signed, id: Path<Uuid>) -> Answer {
    let message = long(pb::CommitMistakeImportRequest { import_id: id.to_string() });
    let mut imports = state.upstream.mistake_imports();
    let answer = imports.commit_mistake_import(message).await?.into_inner();
    Ok(ok(Import::try_from(present(answer.import)?)?))
}

/// An import that was taken back.
#[derive(Serialize, ToSchema)]
struct UndoneMistakeImport {
    #[serde(flatten)]
    import: Import,
    /// Mistakes that stay: they were reviewed or edited since, or their students have left.
    kept_mistakes: u32,
}

/// Takes back a commit: what it made is deleted, what it counted up is counted down.
#[utoipa::path(
    tag = "mistake-imports",
    responses((status = 200, description = "The undone import", body = UndoneMistakeImport)),
)]
#[post("/mistake-imports/{id}/undo")]
async fn undo_mistake_import(state: Data<State>, _: Signed, id: Path<Uuid>) -> Answer {
    let message = long(pb::UndoMistakeImportRequest { import_id: id.to_string() });
    let answer = state.upstream.mistake_imports().undo_mistake_import(message).await?.into_inner();
    let import = present(answer.import)?.try_into()?;
    Ok(ok(UndoneMistakeImport { import, kept_mistakes: answer.kept_mistakes }))
}
