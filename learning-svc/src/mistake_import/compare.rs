//! What committing would do with each row.

use std::collections::{HashMap, HashSet};

use chrono::{DateTime, NaiveDate, Utc};
use uuid::Uuid;

use super::Entry;
use crate::{
    import::{FieldChange, ImportRow, Outcome},
    mistake::{NewMistake, fingerprint, normalised},
    review::SchoolDays,
    sheet::{Problem, SheetRow},
    store::mistake_imports::{Present, Pupils},
};

/// What tells one mistake from another: the student, and the fingerprint of the question.
pub type Key = (Uuid, [u8; 32]);

/// A row with what becomes of it; the mistake is there when committing records it.
#[derive(Clone, Debug)]
pub(super) struct Planned {
    pub row: ImportRow,
    pub mistake: Option<NewMistake>,
}

/// A row that was read, or what is wrong with it.
#[derive(Clone, Debug)]
pub(super) struct Read {
    row: SheetRow,
    said: Result<(Key, NewMistake), Vec<Problem>>,
}

/// Reads rows of students of one class.
pub(super) fn read(
    rows: Vec<SheetRow>,
    pupils: &Pupils,
    days: SchoolDays,
    now: DateTime<Utc>,
) -> Vec<Read> {
    let read = |row: SheetRow| {
        let said = Entry::read(&row, pupils, days, now).map(|Entry { mistake }| {
            let print = fingerprint(&mistake.question, &mistake.correct_answer);
            ((mistake.student_id, print), mistake)
        });
        Read { row, said }
    };
    rows.into_iter().map(read).collect()
}

/// Returns the mistakes that rows tell of, once each.
pub(super) fn keys(rows: &[Read]) -> Vec<Key> {
    let keys = rows.iter().filter_map(|read| read.said.as_ref().ok().map(|(key, _)| *key));
    keys.collect::<HashSet<Key>>().into_iter().collect()
}

/// A mistake as it stands before a row: what is in the books and what the rows above it add.
#[derive(Default)]
struct Standing {
    is_there: bool,
    times_wrong: u32,
    /// Normalised wrong answer, and the day.
    known: HashSet<(String, NaiveDate)>,
}

/// Compares rows with what is there. The same wrong answer on the same day is the same time.
pub(super) fn compare(
    rows: Vec<Read>,
    present: Vec<Present>,
    days: SchoolDays,
    now: DateTime<Utc>,
) -> Vec<Planned> {
    let mut standings: HashMap<Key, Standing> = HashMap::new();
    for known in present {
        let standing = standings.entry(known.key).or_default();
        standing.is_there = true;
        standing.times_wrong = known.times_wrong;
        let times = known.times.into_iter();
        standing.known.extend(times.map(|(answer, at)| (normalised(&answer), days.day(at))));
    }
    let plan = |Read { row, said }: Read| match said {
        Err(problems) => {
            Planned { row: written(row, Outcome::Refused, None, problems), mistake: None }
        }
        Ok((key, mistake)) => {
            let standing = standings.entry(key).or_default();
            let day = days.day(mistake.mistaken_at.unwrap_or(now));
            if !standing.known.insert((normalised(&mistake.wrong_answer), day)) {
                let row = written(row, Outcome::Unchanged, None, Vec::new());
                return Planned { row, mistake: None };
            }
            let before = standing.times_wrong;
            standing.times_wrong += 1;
            let is_there = std::mem::replace(&mut standing.is_there, true);
            let row = if is_there {
                let change = FieldChange {
                    field: "times_wrong".to_owned(),
                    before: before.to_string(),
                    after: standing.times_wrong.to_string(),
                };
                written(row, Outcome::Changed, Some(change), Vec::new())
            } else {
                written(row, Outcome::New, None, Vec::new())
            };
            Planned { row, mistake: Some(mistake) }
        }
    };
    rows.into_iter().map(plan).collect()
}

fn written(
    row: SheetRow,
    outcome: Outcome,
    change: Option<FieldChange>,
    problems: Vec<Problem>,
) -> ImportRow {
    ImportRow {
        row: row.row,
        outcome,
        cells: row.cells,
        changes: change.into_iter().collect(),
        problems,
        undo: None,
    }
}
