//! What all imports of spreadsheets have in common: a dry run that is stored, row by row, and
//! later committed and perhaps taken back.

mod access;
mod error;
mod progress;
mod sweep;

use std::collections::BTreeMap;

pub use access::{get, list, locked, rows};
use chrono::{DateTime, TimeDelta, Utc};
pub use error::ImportError;
pub use progress::{Progress, Reporter};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
pub use sweep::sweep;
use uuid::Uuid;

pub use crate::sheet::Problem;

/// How long an import can be looked at and taken back.
pub const RETENTION: TimeDelta = TimeDelta::days(30);
/// Characters that the name of an uploaded file has at most.
pub const MAX_FILE_NAME: usize = 255;

kit::id! {
    /// Identifies one import.
    ImportId
}

kit::named! {
    /// What is imported.
    Kind {
        Roster => "roster",
        Mistakes => "mistakes",
    }
}
kit::named! {
    /// How far an import is.
    Status {
        /// Read and compared; nothing written yet.
        Ready => "ready",
        Committed => "committed",
        Undone => "undone",
    }
}
kit::named! {
    /// What committing does with one row.
    Outcome {
        New => "new",
        Changed => "changed",
        Unchanged => "unchanged",
        /// Left out, for the problems that are named.
        Refused => "refused",
    }
}

/// How many rows have which outcome.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    pub new: u32,
    pub changed: u32,
    pub unchanged: u32,
    pub refused: u32,
}

impl Counts {
    /// Counts rows.
    #[must_use]
    pub fn of(rows: &[ImportRow]) -> Self {
        let count = |outcome| {
            let rows = rows.iter().filter(|row| row.outcome == outcome);
            u32::try_from(rows.count()).unwrap_or(u32::MAX)
        };
        Self {
            new: count(Outcome::New),
            changed: count(Outcome::Changed),
            unchanged: count(Outcome::Unchanged),
            refused: count(Outcome::Refused),
        }
    }

    /// Returns the number of all rows.
    #[must_use]
    pub fn all(self) -> u32 {
        self.new + self.changed + self.unchanged + self.refused
    }
}

/// One uploaded spreadsheet.
#[derive(Clone, Debug)]
pub struct Import {
    pub id: ImportId,
    pub kind: Kind,
    pub class_id: Uuid,
    pub class_name: String,
    pub organization_id: Uuid,
    pub created_by: Uuid,
    pub file_name: String,
    /// Character set; empty for `.xlsx`.
    pub encoding: String,
    pub status: Status,
    pub counts: Counts,
    pub ignored_columns: Vec<String>,
    /// What [`fingerprint`] returned for the dry run.
    pub fingerprint: Vec<u8>,
    /// What one kind of import remembers beside its rows.
    pub extra: serde_json::Value,
    pub created_at: DateTime<Utc>,
    pub committed_at: Option<DateTime<Utc>>,
    pub undone_at: Option<DateTime<Utc>>,
    pub passwords_waiting: bool,
    pub passwords_taken_at: Option<DateTime<Utc>>,
    /// How far a commit is that runs now.
    pub progress: Option<Progress>,
    /// Mistakes of a committed import that wait for their analysis.
    pub analysis_pending: Option<u32>,
}

/// A field that committing changes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FieldChange {
    pub field: String,
    pub before: String,
    pub after: String,
}

/// One row of a spreadsheet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ImportRow {
    /// Line in the spreadsheet.
    pub row: u32,
    pub outcome: Outcome,
    pub cells: BTreeMap<String, String>,
    pub changes: Vec<FieldChange>,
    pub problems: Vec<Problem>,
    /// How to take the row back; absent until it is committed.
    pub undo: Option<serde_json::Value>,
}

impl ImportRow {
    /// Returns the text of a cell, empty when there is none.
    #[must_use]
    pub fn get(&self, field: &str) -> &str {
        self.cells.get(field).map_or("", String::as_str)
    }
}

/// Digests what a dry run said. Committing runs it again: another digest means that it is stale.
#[must_use]
pub fn fingerprint(rows: &[ImportRow]) -> Vec<u8> {
    let mut digest = Sha256::new();
    for row in rows {
        digest.update(row.row.to_be_bytes());
        digest.update(row.outcome.as_str());
        for change in &row.changes {
            for text in [&change.field, &change.before, &change.after] {
                digest.update(text.len().to_be_bytes());
                digest.update(text);
            }
        }
        digest.update([0xFF]);
    }
    digest.finalize().to_vec()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(outcome: Outcome, after: &str) -> ImportRow {
        let change = FieldChange {
            field: "grade".to_owned(),
            before: "高一".to_owned(),
            after: after.to_owned(),
        };
        ImportRow {
            row: 2,
            outcome,
            cells: BTreeMap::new(),
            changes: vec![change],
            problems: Vec::new(),
            undo: None,
        }
    }

    #[test]
    fn fingerprint_tells_outcomes_and_changes_apart() {
        let one = fingerprint(&[row(Outcome::Changed, "高二")]);
        assert_eq!(one, fingerprint(&[row(Outcome::Changed, "高二")]));
        assert_ne!(one, fingerprint(&[row(Outcome::Changed, "高三")]));
        assert_ne!(one, fingerprint(&[row(Outcome::Unchanged, "高二")]));
        assert_eq!(Counts::of(&[row(Outcome::New, ""), row(Outcome::Refused, "")]).all(), 2);
    }
}
