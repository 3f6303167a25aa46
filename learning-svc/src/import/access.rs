//! Looking at imports: those of classes that the caller teaches.

use kit::{
    caller::{Caller, Role},
    db::{DbError, GenericClient},
    page::Page,
};
use uuid::Uuid;

use super::{Import, ImportError, ImportId, ImportRow, Kind, Outcome};
use crate::{
    access::{self, AccessError},
    store::imports,
};

/// Returns an import of a class that the caller teaches.
///
/// # Errors
///
/// Fails when there is none for the caller.
pub async fn get(
    db: &impl GenericClient,
    caller: &Caller,
    kind: Kind,
    id: ImportId,
) -> Result<Import, ImportError> {
    let found = imports::find(db, id).await?;
    visible(db, caller, kind, id, found).await
}

/// Returns an import as [`get`] does; nobody else changes it until the transaction ends.
///
/// # Errors
///
/// Fails when there is none for the caller.
pub async fn locked(
    tx: &impl GenericClient,
    caller: &Caller,
    kind: Kind,
    id: ImportId,
) -> Result<Import, ImportError> {
    let found = imports::lock(tx, id).await?;
    visible(tx, caller, kind, id, found).await
}

async fn visible(
    db: &impl GenericClient,
    caller: &Caller,
    kind: Kind,
    id: ImportId,
    found: Option<Import>,
) -> Result<Import, ImportError> {
    let import = found.filter(|import| import.kind == kind).ok_or(ImportError::NotFound(id))?;
    match access::teacher_of(db, caller, import.class_id).await {
        Ok(_) => Ok(import),
        Err(AccessError::NoClass(_)) => Err(ImportError::NotFound(id)),
        Err(error) => Err(error.into()),
    }
}

/// Returns a page of imports, the latest first: of one class, or of all that the caller teaches.
///
/// # Errors
///
/// Fails when the class does not exist for the caller, or the caller is a student.
pub async fn list(
    db: &impl GenericClient,
    caller: &Caller,
    kind: Kind,
    class: Option<Uuid>,
    page: &Page<Uuid>,
) -> Result<Vec<Import>, ImportError> {
    if let Some(class) = class {
        access::teacher_of(db, caller, class).await?;
    } else if caller.role == Role::Student {
        return Err(AccessError::TeachersOnly.into());
    }
    Ok(imports::page(db, caller, kind, class, page).await?)
}

/// Returns a page of the rows of an import in the order of the file.
///
/// # Errors
///
/// Fails when there is no such import for the caller.
pub async fn rows(
    db: &impl GenericClient,
    caller: &Caller,
    kind: Kind,
    id: ImportId,
    outcome: Option<Outcome>,
    page: &Page<u32>,
) -> Result<Vec<ImportRow>, ImportError> {
    get(db, caller, kind, id).await?;
    let rows: Result<_, DbError> = imports::rows_page(db, id, outcome, page).await;
    Ok(rows?)
}
