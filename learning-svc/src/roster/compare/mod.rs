//! What a roster would change: pure, so that the dry run and the commit come to the same answer.

mod contact;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, HashMap, HashSet};

use proto::auth::v1::Role;
use uuid::Uuid;

use super::{accounts::Lookup, entry::Entry};
use crate::{
    import::{FieldChange, ImportRow, Outcome},
    sheet::{Problem, SheetRow},
    student::Student,
};

/// What is there before an import.
#[derive(Clone, Debug, Default)]
pub struct Present {
    /// Students of the organization with a number of the file, or an account of `accounts`.
    pub students: Vec<Student>,
    /// Students who are in the class now.
    pub members: HashSet<Uuid>,
    /// Students whom the caller may change.
    pub taught: HashSet<Uuid>,
    /// Accounts that the rows might concern.
    pub lookup: Lookup,
    /// Students that the class still has room for.
    pub room: usize,
}

/// Whom a row is about.
#[derive(Clone, Debug, PartialEq)]
pub enum Target {
    /// Nobody: the row is refused.
    Nobody,
    /// A known student, as they are and as they will be.
    Student { before: Box<Student>, after: Box<Student>, enroll: bool },
    /// Somebody with an account who was never seen here.
    Account { id: Uuid, username: String },
    /// Somebody who gets an account.
    New,
}

/// What a row says and whom it is about, or what is wrong with it.
type Found = Result<(Entry, Target), Vec<Problem>>;

/// What becomes of one row.
#[derive(Clone, Debug)]
pub struct Planned {
    pub row: ImportRow,
    pub entry: Option<Entry>,
    pub target: Target,
}

/// Compares the rows of a file with what is there.
#[must_use]
pub fn compare(rows: Vec<SheetRow>, present: &Present) -> Vec<Planned> {
    let rows: Vec<(SheetRow, Result<Entry, Vec<Problem>>)> = rows
        .into_iter()
        .map(|row| {
            let entry = match Entry::read(&row.cells) {
                // A cell that could not be read is missing: that is one problem and not two.
                Err(mut problems) => {
                    problems.retain(|p| !row.problems.iter().any(|known| known.field == p.field));
                    Err([row.problems.clone(), problems].concat())
                }
                Ok(_) if !row.problems.is_empty() => Err(row.problems.clone()),
                Ok(entry) => Ok(entry),
            };
            (row, entry)
        })
        .collect();
    let twins = Twins::of(&rows);
    let found = rows.into_iter().map(|(row, entry)| {
        let entry = entry.and_then(|entry| twins.check(row.row, &entry).map(|()| entry));
        let found = entry.and_then(|entry| match find(&entry, present) {
            Ok(target) => Ok((entry, target)),
            Err(problem) => Err(vec![problem]),
        });
        (row, found)
    });
    let found: Vec<(SheetRow, Found)> = found.collect();
    let addresses = contact::addresses(&found);
    let mut seen = HashMap::new();
    let mut room = present.room;
    let planned = found.into_iter().map(|(row, found)| {
        let line = row.row;
        let found = found.and_then(|(entry, target)| {
            contact::check(line, &entry, &target, &addresses, &present.lookup)?;
            if let Some(id) = target.id()
                && let Some(other) = seen.insert(id, line)
            {
                return Err(vec![duplicate("", other)]);
            }
            if target.enrolls() {
                room = room.checked_sub(1).ok_or_else(|| {
                    vec![Problem::new("", "CLASS_FULL", "the class has no room for the student")]
                })?;
            }
            Ok((entry, target))
        });
        plan(row, found, present)
    });
    planned.collect()
}

impl Target {
    fn id(&self) -> Option<Uuid> {
        match self {
            Self::Student { before, .. } => Some(before.id),
            Self::Account { id, .. } => Some(*id),
            Self::Nobody | Self::New => None,
        }
    }

    /// Tells whether the class gets one more student.
    #[must_use]
    pub fn enrolls(&self) -> bool {
        match self {
            Self::Student { enroll, .. } => *enroll,
            Self::Account { .. } | Self::New => true,
            Self::Nobody => false,
        }
    }
}

fn plan(row: SheetRow, found: Found, present: &Present) -> Planned {
    let (entry, target, problems) = match found {
        Ok((entry, target)) => {
            let notes = contact::notes(&entry, &target, present);
            (Some(entry), target, notes)
        }
        Err(problems) => (None, Target::Nobody, problems),
    };
    let changes = match &target {
        Target::Student { before, after, .. } => differences(before, after),
        Target::Nobody | Target::Account { .. } | Target::New => Vec::new(),
    };
    let outcome = match &target {
        Target::Nobody => Outcome::Refused,
        target if target.enrolls() => Outcome::New,
        Target::Student { .. } if !changes.is_empty() => Outcome::Changed,
        Target::Student { .. } | Target::Account { .. } | Target::New => Outcome::Unchanged,
    };
    let row = ImportRow { row: row.row, outcome, cells: row.cells, changes, problems, undo: None };
    Planned { row, entry, target }
}

/// Finds whom a row is about: by number, then by account, else somebody new.
fn find(entry: &Entry, present: &Present) -> Result<Target, Problem> {
    let exactly = |student: &&Student| student.student_no.as_ref() == Some(&entry.student_no);
    let wanted = entry.student_no.to_lowercase();
    let in_any_case = |student: &&Student| {
        student.student_no.as_ref().is_some_and(|number| number.to_lowercase() == wanted)
    };
    let students = || present.students.iter();
    if let Some(student) = students().find(exactly).or_else(|| students().find(in_any_case)) {
        return known(entry, student, present);
    }
    let username = entry.username(1).to_lowercase();
    let explicit = entry.username.is_some();
    let occupied =
        || Problem::new("username", "USERNAME_TAKEN", "the username belongs to somebody else");
    let Some(account) = present.lookup.accounts.get(&username) else {
        let elsewhere = explicit && present.lookup.taken.contains(&username);
        return if elsewhere { Err(occupied()) } else { Ok(Target::New) };
    };
    let id = account.id.parse::<Uuid>().ok();
    let same = account.role() == Role::Student && account.full_name.trim() == entry.full_name;
    let student = present.students.iter().find(|student| Some(student.id) == id);
    match (student, id) {
        (Some(student), _) if same && student.student_no.is_none() => {
            known(entry, student, present)
        }
        (None, Some(id)) if same => Ok(Target::Account { id, username: account.username.clone() }),
        _ if explicit => Err(occupied()),
        // The name made of the number is somebody else's: the new account gets another.
        _ => Ok(Target::New),
    }
}

fn known(entry: &Entry, student: &Student, present: &Present) -> Result<Target, Problem> {
    let taught = present.taught.contains(&student.id);
    if student.full_name != entry.full_name && !taught {
        let detail = "the number belongs to a student of another name";
        return Err(Problem::new("full_name", "NAME_MISMATCH", detail));
    }
    let mut after = student.clone();
    // Nothing is told or changed of students whom the caller does not teach, until they are here.
    if taught {
        entry.apply(&mut after);
    } else if after.student_no.is_none() {
        after.student_no = Some(entry.student_no.clone());
    }
    let enroll = !present.members.contains(&student.id);
    Ok(Target::Student { before: Box::new(student.clone()), after: Box::new(after), enroll })
}

/// Rows of one file that are about the same student.
struct Twins {
    numbers: BTreeMap<String, Vec<u32>>,
    usernames: BTreeMap<String, Vec<u32>>,
}

impl Twins {
    fn of(rows: &[(SheetRow, Result<Entry, Vec<Problem>>)]) -> Self {
        let mut twins = Self { numbers: BTreeMap::new(), usernames: BTreeMap::new() };
        for (row, _) in rows {
            let note = |map: &mut BTreeMap<String, Vec<u32>>, text: &str| {
                if !text.is_empty() {
                    map.entry(text.to_lowercase()).or_default().push(row.row);
                }
            };
            note(&mut twins.numbers, row.get("student_no"));
            note(&mut twins.usernames, row.get("username"));
        }
        twins
    }

    fn check(&self, row: u32, entry: &Entry) -> Result<(), Vec<Problem>> {
        let other = |map: &BTreeMap<String, Vec<u32>>, text: &str| {
            map.get(&text.to_lowercase())?.iter().copied().find(|line| *line != row)
        };
        let number = other(&self.numbers, &entry.student_no);
        let username = entry.username.as_ref().and_then(|name| other(&self.usernames, name));
        let problems: Vec<Problem> = number
            .map(|line| duplicate("student_no", line))
            .into_iter()
            .chain(username.map(|line| duplicate("username", line)))
            .collect();
        if problems.is_empty() { Ok(()) } else { Err(problems) }
    }
}

fn duplicate(field: &str, other: u32) -> Problem {
    Problem::new(field, "DUPLICATE_ROW", format!("row {other} is about the same"))
}

/// Fields of a student that a roster may change, as text.
pub(super) fn fields(student: &Student) -> [(&'static str, String); 6] {
    let score = student.target_score.map(|score| score.to_string());
    [
        ("full_name", student.full_name.clone()),
        ("student_no", student.student_no.clone().unwrap_or_default()),
        ("grade", student.grade.clone()),
        ("cefr_level", student.cefr_level.clone().unwrap_or_default()),
        ("target_exam", student.target_exam.clone()),
        ("target_score", score.unwrap_or_default()),
    ]
}

fn differences(before: &Student, after: &Student) -> Vec<FieldChange> {
    let pairs = fields(before).into_iter().zip(fields(after));
    pairs
        .filter(|((_, before), (_, after))| before != after)
        .map(|((field, before), (_, after))| FieldChange { field: field.to_owned(), before, after })
        .collect()
}

/// Puts back what an import has changed, as far as nobody has changed it since.
pub(super) fn revert(student: &mut Student, changes: &[FieldChange]) -> bool {
    let present = fields(student);
    let mut reverted = false;
    for change in changes {
        if !present.iter().any(|(field, now)| *field == change.field && *now == change.after) {
            continue;
        }
        let before = change.before.clone();
        let optional = Some(before.clone()).filter(|text| !text.is_empty());
        match change.field.as_str() {
            "full_name" => student.full_name = before,
            "student_no" => student.student_no = optional,
            "grade" => student.grade = before,
            "cefr_level" => student.cefr_level = optional,
            "target_exam" => student.target_exam = before,
            "target_score" => student.target_score = before.parse().ok(),
            _ => continue,
        }
        reverted = true;
    }
    reverted
}
