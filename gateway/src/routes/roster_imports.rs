//! Class rosters from spreadsheets: a dry run first, then commit, then undo if need be.

use actix_web::{
    get, post,
    web::{Data, Path},
};
use proto::learning::v1 as pb;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

use super::{Answer, present};
use crate::{
    app::State,
    http::{
        Query, answer, created, ok,
        upload::{Upload, UploadForm},
    },
    session::Signed,
    upstream::long,
    view::{Import, ImportRow, Page, RowOutcome, input, text},
};

pub(super) fn mount(config: &mut ServiceConfig) {
    config
        .service(get_roster_template)
        .service(create_roster_import)
        .service(list_roster_imports)
        .service(get_roster_import)
        .service(list_roster_import_rows)
        .service(commit_roster_import)
        .service(undo_roster_import)
        .service(take_first_passwords);
}

/// Which imports are wanted.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct ImportFilter {
    pub class_id: Option<Uuid>,
    pub limit: Option<u32>,
    pub cursor: Option<String>,
}

/// Which rows are wanted.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct RowFilter {
    /// All when absent.
    pub outcome: Option<RowOutcome>,
    pub limit: Option<u32>,
    pub cursor: Option<String>,
}

/// What an empty spreadsheet shall look like.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct TemplateFilter {
    /// `xlsx` or `csv`; `xlsx` when absent.
    pub format: Option<String>,
    /// `zh-CN` or `en`; `zh-CN` when absent.
    pub locale: Option<String>,
}

/// Returns an empty spreadsheet with headings, an example row and hints.
#[utoipa::path(
    tag = "roster-imports",
    params(TemplateFilter),
    responses((status = 200, description = "The file", content_type = "application/octet-stream")),
)]
#[get("/roster-imports/template")]
async fn get_roster_template(
    state: Data<State>,
    _: Signed,
    filter: Query<TemplateFilter>,
) -> Answer {
    let Query(TemplateFilter { format, locale }) = filter;
    let (format, locale) = (format.unwrap_or_default(), locale.unwrap_or_default());
    let message = pb::GetRosterTemplateRequest { format, locale };
    let file = state.upstream.roster_imports().get_roster_template(message).await?.into_inner();
    Ok(answer::file(&file.file_name, &file.content_type, file.content))
}

/// Reads a roster and compares it with the class: a dry run.
#[utoipa::path(
    tag = "roster-imports",
    request_body(content = UploadForm, content_type = "multipart/form-data"),
    responses((status = 201, description = "What committing would do", body = Import)),
)]
#[post("/roster-imports")]
async fn create_roster_import(state: Data<State>, _: Signed, upload: Upload) -> Answer {
    let Upload { class_id, file_name, content, .. } = upload;
    let class_id = class_id.to_string();
    let message = long(pb::CreateRosterImportRequest { class_id, file_name, content });
    let answer = state.upstream.roster_imports().create_roster_import(message).await?;
    Ok(created(Import::try_from(present(answer.into_inner().import)?)?))
}

/// Lists imports, the latest first.
#[utoipa::path(
    tag = "roster-imports",
    params(ImportFilter),
    responses((status = 200, description = "A page of imports", body = Page<Import>)),
)]
#[get("/roster-imports")]
async fn list_roster_imports(state: Data<State>, _: Signed, filter: Query<ImportFilter>) -> Answer {
    let Query(filter) = filter;
    let message = pb::ListRosterImportsRequest {
        class_id: input::id(filter.class_id),
        limit: input::counted("limit", filter.limit)?,
        cursor: filter.cursor.unwrap_or_default(),
    };
    let answer = state.upstream.roster_imports().list_roster_imports(message).await?.into_inner();
    Ok(ok(Page::<Import>::of(answer.imports, answer.next_cursor)?))
}

/// Returns one import.
#[utoipa::path(
    tag = "roster-imports",
    responses((status = 200, description = "The import", body = Import)),
)]
#[get("/roster-imports/{id}")]
async fn get_roster_import(state: Data<State>, _: Signed, id: Path<Uuid>) -> Answer {
    let message = pb::GetRosterImportRequest { import_id: id.to_string() };
    let answer = state.upstream.roster_imports().get_roster_import(message).await?.into_inner();
    Ok(ok(Import::try_from(present(answer.import)?)?))
}

/// Lists rows of an import with what is wrong in them.
#[utoipa::path(
    tag = "roster-imports",
    params(RowFilter),
    responses((status = 200, description = "A page of rows", body = Page<ImportRow>)),
)]
#[get("/roster-imports/{id}/rows")]
async fn list_roster_import_rows(
    state: Data<State>,
    _: Signed,
    id: Path<Uuid>,
    filter: Query<RowFilter>,
) -> Answer {
    let Query(filter) = filter;
    let message = pb::ListRosterImportRowsRequest {
        import_id: id.to_string(),
        outcome: filter.outcome.map(RowOutcome::to_wire).unwrap_or_default(),
        limit: input::counted("limit", filter.limit)?,
        cursor: filter.cursor.unwrap_or_default(),
    };
    let mut imports = state.upstream.roster_imports();
    let answer = imports.list_roster_import_rows(message).await?.into_inner();
    Ok(ok(Page::<ImportRow>::of(answer.rows, answer.next_cursor)?))
}

/// Writes all new and changed rows and leaves refused ones out.
#[utoipa::path(
    tag = "roster-imports",
    responses((status = 200, description = "The committed import", body = Import)),
)]
#[post("/roster-imports/{id}/commit")]
async fn commit_roster_import(state: Data<State>, _: Signed, id: Path<Uuid>) -> Answer {
    let message = long(pb::CommitRosterImportRequest { import_id: id.to_string() });
    let answer = state.upstream.roster_imports().commit_roster_import(message).await?.into_inner();
    Ok(ok(Import::try_from(present(answer.import)?)?))
}

/// An import that was taken back.
#[derive(Serialize, ToSchema)]
struct UndoneRosterImport {
    #[serde(flatten)]
    import: Import,
    /// Accounts that were signed in with already and therefore stay.
    kept_accounts: u32,
}

/// Takes back a commit: enrollments end, changed fields of who has not left return, unused accounts go.
#[utoipa::path(
    tag = "roster-imports",
    responses((status = 200, description = "The undone import", body = UndoneRosterImport)),
)]
#[post("/roster-imports/{id}/undo")]
async fn undo_roster_import(state: Data<State>, _: Signed, id: Path<Uuid>) -> Answer {
    let message = long(pb::UndoRosterImportRequest { import_id: id.to_string() });
    let answer = state.upstream.roster_imports().undo_roster_import(message).await?.into_inner();
    let import = present(answer.import)?.try_into()?;
    Ok(ok(UndoneRosterImport { import, kept_accounts: answer.kept_accounts }))
}

/// The first password of one student.
#[derive(Serialize, ToSchema)]
struct FirstPassword {
    student_id: String,
    username: String,
    full_name: String,
    student_no: Option<String>,
    password: String,
}

impl From<pb::FirstPassword> for FirstPassword {
    fn from(first: pb::FirstPassword) -> Self {
        Self {
            student_id: first.student_id,
            username: first.username,
            full_name: first.full_name,
            student_no: text(first.student_no),
            password: first.password,
        }
    }
}

/// Returns the first passwords of the accounts made by an import, once.
#[utoipa::path(
    tag = "roster-imports",
    responses((status = 200, description = "The passwords", body = Page<FirstPassword>)),
)]
#[post("/roster-imports/{id}/first-passwords")]
async fn take_first_passwords(state: Data<State>, _: Signed, id: Path<Uuid>) -> Answer {
    let message = pb::TakeFirstPasswordsRequest { import_id: id.to_string() };
    let answer = state.upstream.roster_imports().take_first_passwords(message).await?.into_inner();
    Ok(ok(Page::<FirstPassword>::whole(answer.passwords)?))
}
