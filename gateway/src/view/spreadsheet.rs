//! Uploaded spreadsheets.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use proto::learning::v1 as pb;
use serde::Serialize;
use utoipa::ToSchema;

use super::{moment, text, time, words};
use crate::http::Problem;

words! {
    /// How far an import has come.
    ImportStatus of pb::ImportStatus { Ready, Committed, Undone }
}
words! {
    /// What committing would do, or did, with one row.
    RowOutcome of pb::RowOutcome { New, Changed, Unchanged, Refused }
}

/// One uploaded spreadsheet.
#[derive(Debug, Serialize, ToSchema)]
pub struct Import {
    pub id: String,
    pub class_id: String,
    pub class_name: String,
    pub created_by: String,
    pub file_name: String,
    pub status: ImportStatus,
    pub rows: u32,
    pub new_rows: u32,
    pub changed_rows: u32,
    pub unchanged_rows: u32,
    pub refused_rows: u32,
    /// Headings that were not understood and are left out.
    pub ignored_columns: Vec<String>,
    /// Character set of the file, as in `gb18030`; null for .xlsx.
    pub encoding: Option<String>,
    pub created_at: DateTime<Utc>,
    pub committed_at: Option<DateTime<Utc>>,
    pub undone_at: Option<DateTime<Utc>>,
    /// First passwords of new accounts are waiting to be downloaded once.
    pub first_passwords_waiting: bool,
    /// How far a commit is that runs now; null when none does, or nothing is known of it, and in
    /// lists.
    pub progress: Option<ImportProgress>,
    /// Mistakes of a committed import that wait for their analysis; null for rosters and in lists.
    pub analysis_pending: Option<u32>,
}

/// How far a commit is.
#[derive(Debug, Serialize, ToSchema)]
pub struct ImportProgress {
    /// Rows that are written.
    pub done: u32,
    /// Rows that will be.
    pub total: u32,
}

impl TryFrom<pb::SpreadsheetImport> for Import {
    type Error = Problem;

    fn try_from(import: pb::SpreadsheetImport) -> Result<Self, Problem> {
        Ok(Self {
            id: import.id,
            class_id: import.class_id,
            class_name: import.class_name,
            created_by: import.created_by,
            file_name: import.file_name,
            status: ImportStatus::from_wire(import.status)?,
            rows: import.rows,
            new_rows: import.new_rows,
            changed_rows: import.changed_rows,
            unchanged_rows: import.unchanged_rows,
            refused_rows: import.refused_rows,
            ignored_columns: import.ignored_columns,
            encoding: text(import.encoding),
            created_at: moment(import.created_at)?,
            committed_at: time(import.committed_at),
            undone_at: time(import.undone_at),
            first_passwords_waiting: import.first_passwords_waiting,
            progress: import
                .progress
                .map(|progress| ImportProgress { done: progress.done, total: progress.total }),
            analysis_pending: import.analysis_pending,
        })
    }
}

/// One row of a spreadsheet, compared with what is there.
#[derive(Debug, Serialize, ToSchema)]
pub struct ImportRow {
    /// Line in the spreadsheet; the heading is 1.
    pub row: u32,
    pub outcome: RowOutcome,
    /// The cells by field name, as read.
    pub cells: BTreeMap<String, String>,
    pub changes: Vec<FieldChange>,
    pub problems: Vec<RowProblem>,
}

/// What a row changes.
#[derive(Debug, Serialize, ToSchema)]
pub struct FieldChange {
    pub field: String,
    pub before: Option<String>,
    pub after: Option<String>,
}

/// What is wrong with a row.
#[derive(Debug, Serialize, ToSchema)]
pub struct RowProblem {
    /// Null when the row as a whole is wrong.
    pub field: Option<String>,
    pub code: String,
    pub detail: String,
}

impl TryFrom<pb::ImportRow> for ImportRow {
    type Error = Problem;

    fn try_from(row: pb::ImportRow) -> Result<Self, Problem> {
        let changes = row.changes.into_iter().map(|change| FieldChange {
            field: change.field,
            before: text(change.before),
            after: text(change.after),
        });
        let problems = row.problems.into_iter().map(|problem| RowProblem {
            field: text(problem.field),
            code: problem.code,
            detail: problem.detail,
        });
        Ok(Self {
            row: row.row,
            outcome: RowOutcome::from_wire(row.outcome)?,
            cells: row.cells.into_iter().collect(),
            changes: changes.collect(),
            problems: problems.collect(),
        })
    }
}
