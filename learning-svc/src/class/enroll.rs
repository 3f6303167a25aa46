//! Coming into a class and leaving it.

use std::collections::HashSet;

use chrono::{DateTime, Utc};
use kit::{
    caller::{Caller, Role},
    clock::Clock,
    db::{DbError, GenericClient},
    error::Checks,
    idempotency::{self, Claimed, Operation},
    page::Page,
};
use proto::auth::v1 as auth;
use uuid::Uuid;

use super::{
    Class, ClassError, ClassStatus, Classes, Enrollment, EnrollmentFilter, EnrollmentStatus,
    MAX_ENROLLED_AT_ONCE, join_code,
};
use crate::{
    access::{self, AccessError},
    store::{classes, enrollments, standing, students},
    student::{self, Student},
    upstream,
};

/// How many students were enrolled by one call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Enrolled {
    pub enrolled: u32,
    pub already_enrolled: u32,
}

impl Classes {
    /// Enrolls the calling student by join code; joining twice is no error.
    ///
    /// # Errors
    ///
    /// Fails when no class of the organization has the code, and when it is full or archived.
    pub async fn join(&self, caller: &Caller, code: &str) -> Result<Class, ClassError> {
        if caller.role != Role::Student {
            return Err(AccessError::StudentsOnly.into());
        }
        let code = join_code::read(code);
        let mut checks = Checks::new();
        checks.text("join_code", &code, 1..=8);
        checks.finish()?;
        let now = self.clock.now();
        let found = {
            let db = self.pool.get().await.map_err(DbError::from)?;
            classes::by_join_code(&db, &code).await?
        };
        let found = found.filter(|(_, organization)| *organization == caller.organization_id);
        let (id, _) = found.ok_or(ClassError::UnknownJoinCode)?;
        student::ensure_self(&self.pool, &self.auth, caller, now).await?;

        let mut db = self.pool.get().await.map_err(DbError::from)?;
        let tx = db.transaction().await.map_err(DbError::from)?;
        admit(&tx, id, &[caller.user_id], None, &*self.clock).await?;
        let mut class = classes::find(&tx, id).await?.ok_or(AccessError::NoClass(id))?;
        tx.commit().await.map_err(DbError::from)?;
        class.join_code.clear();
        Ok(class)
    }

    /// Enrolls students of the organization, all or none, once for each idempotency key.
    ///
    /// # Errors
    ///
    /// Fails when the caller does not teach the class, when an account is no active student, and
    /// when the class is full or archived.
    pub async fn enroll(
        &self,
        caller: &Caller,
        operation: &Operation,
        class: Uuid,
        ids: Vec<Uuid>,
    ) -> Result<Enrolled, ClassError> {
        let now = self.clock.now();
        {
            let db = self.pool.get().await.map_err(DbError::from)?;
            access::teacher_of(&db, caller, class).await?;
        }
        let mut checks = Checks::new();
        checks.require(!ids.is_empty(), "student_ids", "REQUIRED", "is missing");
        let few = ids.len() <= MAX_ENROLLED_AT_ONCE;
        checks.require(few, "student_ids", "TOO_MANY", "has more than 200 entries");
        checks.finish()?;
        let mut seen = HashSet::new();
        let ids: Vec<Uuid> = ids.into_iter().filter(|id| seen.insert(*id)).collect();
        let answered = |enrolled: usize| {
            let count = |number: usize| u32::try_from(number).unwrap_or(u32::MAX);
            let already_enrolled = count(ids.len().saturating_sub(enrolled));
            Enrolled { enrolled: count(enrolled), already_enrolled }
        };
        let known = {
            let db = self.pool.get().await.map_err(DbError::from)?;
            // What was done is told whatever has become of the accounts.
            if let Some(batch) = idempotency::find(&db, operation).await? {
                return Ok(answered(enrollments::of_batch(&db, class, batch).await?));
            }
            standing::members_among(&db, caller.organization_id, &ids).await?
        };
        let mut newcomers = self.students(caller, &ids, now).await?;
        newcomers.retain(|student| !known.contains(&student.id));
        // In one order, so that two calls do not wait for each other.
        newcomers.sort_unstable_by_key(|student| student.id);

        let mut db = self.pool.get().await.map_err(DbError::from)?;
        let tx = db.transaction().await.map_err(DbError::from)?;
        let enrolled = match idempotency::claim(&tx, operation, self.clock.new_id(), now).await? {
            Claimed::New(batch) => {
                classes::lock(&tx, class).await?;
                students::insert_missing(&tx, &newcomers).await?;
                admit(&tx, class, &ids, Some(batch), &*self.clock).await?
            }
            Claimed::Repeated(batch) => enrollments::of_batch(&tx, class, batch).await?,
        };
        tx.commit().await.map_err(DbError::from)?;
        Ok(answered(enrolled))
    }

    /// Returns new profiles of accounts, all of them active students.
    async fn students(
        &self,
        caller: &Caller,
        ids: &[Uuid],
        now: DateTime<Utc>,
    ) -> Result<Vec<Student>, ClassError> {
        let users = self.auth.names(ids).await?;
        let students = ids.iter().map(|id| {
            let text = id.to_string();
            let user = users.iter().find(|user| {
                user.id == text && user.is_active && user.role() == auth::Role::Student
            });
            let user = user.ok_or(AccessError::NoStudent(*id))?;
            let named = upstream::named(user.clone())?;
            Ok(Student::new(named, caller.organization_id, now))
        });
        students.collect()
    }

    /// Ends an enrollment, once for each idempotency key; the student's data stays.
    ///
    /// # Errors
    ///
    /// Fails when the caller does not teach the class, or the student is not enrolled there.
    pub async fn end_enrollment(
        &self,
        caller: &Caller,
        operation: &Operation,
        (class, student): (Uuid, Uuid),
        status: EnrollmentStatus,
        notes: &str,
    ) -> Result<Enrollment, ClassError> {
        let mut db = self.pool.get().await.map_err(DbError::from)?;
        access::teacher_of(&db, caller, class).await?;
        let mut checks = Checks::new();
        let ends = status != EnrollmentStatus::Active;
        checks.require(ends, "status", "UNKNOWN", "is neither left nor graduated");
        checks.multiline("notes", notes, 0..=500);
        checks.finish()?;
        let now = self.clock.now();
        let tx = db.transaction().await.map_err(DbError::from)?;
        let present = enrollments::present(&tx, class, student).await?;
        let id = match idempotency::claim(&tx, operation, present.unwrap_or_default(), now).await? {
            Claimed::New(_) => {
                let ended =
                    enrollments::end(&tx, class, student, status, notes.trim(), now).await?;
                ended.ok_or(ClassError::NotEnrolled(student))?
            }
            Claimed::Repeated(id) => id,
        };
        let enrollment = enrollments::find(&tx, id).await?;
        let enrollment = enrollment.ok_or(ClassError::NotEnrolled(student))?;
        tx.commit().await.map_err(DbError::from)?;
        Ok(enrollment)
    }

    /// Returns a page of the enrollments of a class, ordered by number and name.
    ///
    /// # Errors
    ///
    /// Fails when the caller does not teach the class.
    pub async fn enrollments(
        &self,
        caller: &Caller,
        class: Uuid,
        filter: &EnrollmentFilter,
        page: &Page<(String, String, Uuid)>,
    ) -> Result<Vec<Enrollment>, ClassError> {
        let db = self.pool.get().await.map_err(DbError::from)?;
        access::teacher_of(&db, caller, class).await?;
        let mut checks = Checks::new();
        checks.text("query", &filter.query, 0..=100);
        checks.finish()?;
        Ok(enrollments::page(&db, class, filter, page).await?)
    }
}

/// Enrolls students who have a profile, as far as they are not enrolled yet, and returns how many.
///
/// # Errors
///
/// Fails when the class is archived or has no room for them.
async fn admit(
    tx: &impl GenericClient,
    class: Uuid,
    students: &[Uuid],
    batch: Option<Uuid>,
    clock: &dyn Clock,
) -> Result<usize, ClassError> {
    let room = classes::lock(tx, class).await?.ok_or(AccessError::NoClass(class))?;
    let there: HashSet<Uuid> = standing::members(tx, class).await?.into_iter().collect();
    let new: Vec<Uuid> = students.iter().copied().filter(|id| !there.contains(id)).collect();
    if room.status == ClassStatus::Archived {
        return Err(ClassError::Archived);
    }
    let needed = u32::try_from(there.len() + new.len()).unwrap_or(u32::MAX);
    if !new.is_empty() && needed > room.max_students {
        return Err(ClassError::Full(room.max_students));
    }
    let rows: Vec<(Uuid, Uuid)> = new.iter().map(|student| (clock.new_id(), *student)).collect();
    match enrollments::insert(tx, class, &rows, batch, clock.now()).await {
        // The account of one is being deleted: soon nobody will know them.
        Err(DbError::Rows { .. }) => Err(AccessError::NoStudent(new[0]).into()),
        done => Ok(done.map(|()| new.len())?),
    }
}
