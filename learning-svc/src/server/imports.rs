//! Imports of spreadsheets on the wire.

use kit::wire;
use proto::learning::v1 as pb;
use tonic::Status as Refusal;

use crate::import::{Import, ImportId, ImportRow, Outcome, Status};

/// Reads the identifier of an import.
pub(super) fn id(value: &str) -> Result<ImportId, Refusal> {
    wire::id("import_id", value).map(ImportId)
}

/// Reads an outcome to filter by; unspecified means all.
pub(super) fn outcome(value: i32) -> Result<Option<Outcome>, Refusal> {
    match pb::RowOutcome::try_from(value) {
        Ok(pb::RowOutcome::Unspecified) => Ok(None),
        Ok(pb::RowOutcome::New) => Ok(Some(Outcome::New)),
        Ok(pb::RowOutcome::Changed) => Ok(Some(Outcome::Changed)),
        Ok(pb::RowOutcome::Unchanged) => Ok(Some(Outcome::Unchanged)),
        Ok(pb::RowOutcome::Refused) => Ok(Some(Outcome::Refused)),
        Err(_) => Err(wire::invalid("outcome", "is unknown")),
    }
}

/// Writes an import.
pub(super) fn import(import: Import) -> pb::SpreadsheetImport {
    let status = match import.status {
        Status::Ready => pb::ImportStatus::Ready,
        Status::Committed => pb::ImportStatus::Committed,
        Status::Undone => pb::ImportStatus::Undone,
    };
    pb::SpreadsheetImport {
        id: import.id.to_string(),
        class_id: import.class_id.to_string(),
        class_name: import.class_name,
        created_by: import.created_by.to_string(),
        file_name: import.file_name,
        status: status.into(),
        rows: import.counts.all(),
        new_rows: import.counts.new,
        changed_rows: import.counts.changed,
        unchanged_rows: import.counts.unchanged,
        refused_rows: import.counts.refused,
        ignored_columns: import.ignored_columns,
        encoding: import.encoding,
        created_at: Some(wire::time(import.created_at)),
        committed_at: import.committed_at.map(wire::time),
        undone_at: import.undone_at.map(wire::time),
        first_passwords_waiting: import.passwords_waiting,
        progress: import
            .progress
            .map(|progress| pb::ImportProgress { done: progress.done, total: progress.total }),
        analysis_pending: import.analysis_pending,
    }
}

/// Writes a row.
pub(super) fn row(row: ImportRow) -> pb::ImportRow {
    let outcome = match row.outcome {
        Outcome::New => pb::RowOutcome::New,
        Outcome::Changed => pb::RowOutcome::Changed,
        Outcome::Unchanged => pb::RowOutcome::Unchanged,
        Outcome::Refused => pb::RowOutcome::Refused,
    };
    let changes = row.changes.into_iter().map(|change| pb::FieldChange {
        field: change.field,
        before: change.before,
        after: change.after,
    });
    let problems = row.problems.into_iter().map(|problem| pb::RowProblem {
        field: problem.field,
        code: problem.code,
        detail: problem.detail,
    });
    pb::ImportRow {
        row: row.row,
        outcome: outcome.into(),
        cells: row.cells.into_iter().collect(),
        changes: changes.collect(),
        problems: problems.collect(),
    }
}
