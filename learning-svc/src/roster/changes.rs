//! What a commit writes, read off the rows of the dry run.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use kit::{
    clock::Clock,
    db::{DbError, GenericClient},
};
use uuid::Uuid;

use super::{
    RowUndo,
    accounts::Made,
    compare::{Planned, Target},
    entry::Entry,
};
use crate::{
    import::{Import, ImportError},
    name::Named,
    store::{enrollments, imports, students},
    student::Student,
};

/// What a commit writes.
#[derive(Default)]
pub(super) struct Changes {
    added: Vec<Student>,
    changed: Vec<Student>,
    /// Enrollment and student.
    enrolled: Vec<(Uuid, Uuid)>,
    pub undo: Vec<(u32, RowUndo)>,
    /// Students with another name.
    pub renamed: Vec<(Uuid, String)>,
    /// Batch and id of accounts for students who have come with another one meanwhile.
    pub needless: Vec<(String, Uuid)>,
}

impl Changes {
    pub fn of(
        import: &Import,
        planned: &[Planned],
        made: &HashMap<u32, Made>,
        clock: &dyn Clock,
    ) -> Result<Self, ImportError> {
        let (mut changes, now) = (Self::default(), clock.now());
        for Planned { row, entry, target } in planned {
            let Some(entry) = entry else { continue };
            let undo = match (target, made.get(&row.row)) {
                (Target::Nobody, _) => continue,
                (Target::Student { before, after, enroll }, made) => {
                    if before == after && !enroll {
                        continue;
                    }
                    if before != after {
                        changes.changed.push(Student { updated_at: now, ..(**after).clone() });
                    }
                    if before.full_name != after.full_name {
                        changes.renamed.push((before.id, after.full_name.clone()));
                    }
                    let own = made.filter(|made| made.id == before.id);
                    let other = made.filter(|made| made.id != before.id);
                    changes.needless.extend(other.map(|made| (made.batch.clone(), made.id)));
                    RowUndo {
                        student_id: before.id,
                        enrollment_id: None,
                        made_student: own.is_some(),
                        batch_id: own.map(|made| made.batch.clone()),
                    }
                }
                // A commit that is repeated finds its own accounts: they are new nevertheless.
                (Target::New | Target::Account { .. }, Some(made)) => {
                    let batch = Some(made.batch.clone());
                    changes.add(import, entry, (made.id, &made.username, batch), now)
                }
                (Target::Account { id, username }, None) => {
                    changes.add(import, entry, (*id, username, None), now)
                }
                // The account that the row was about is gone since the usernames were chosen.
                (Target::New, None) => return Err(ImportError::Stale),
            };
            let enrollment_id = target.enrolls().then(|| clock.new_id());
            changes.enrolled.extend(enrollment_id.map(|id| (id, undo.student_id)));
            changes.undo.push((row.row, RowUndo { enrollment_id, ..undo }));
        }
        // Two commits that bring the same students wait for each other, and not in a circle.
        changes.added.sort_by(|a, b| a.student_no.cmp(&b.student_no));
        Ok(changes)
    }

    fn add(
        &mut self,
        import: &Import,
        entry: &Entry,
        (id, username, batch_id): (Uuid, &str, Option<String>),
        now: DateTime<Utc>,
    ) -> RowUndo {
        let (username, full_name) = (username.to_owned(), entry.full_name.clone());
        let named = Named { id, username, full_name, renamed_at: DateTime::UNIX_EPOCH };
        let mut student = Student::new(named, import.organization_id, now);
        entry.apply(&mut student);
        self.added.push(student);
        RowUndo { student_id: id, enrollment_id: None, made_student: true, batch_id }
    }

    pub async fn store(
        &self,
        tx: &impl GenericClient,
        import: &Import,
        now: DateTime<Utc>,
    ) -> Result<(), DbError> {
        let added = students::insert_missing(tx, &self.added).await?;
        DbError::expect_rows("students", added, self.added.len() as u64)?;
        let changed: Vec<&Student> = self.changed.iter().collect();
        students::update(tx, &changed).await?;
        enrollments::insert(tx, import.class_id, &self.enrolled, None, now).await?;
        imports::set_undo(tx, import.id, &self.undo).await
    }
}
