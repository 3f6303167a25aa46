//! Who may see and do what: asked before anything else, caches included.
//!
//! A teacher sees the classes they head or assist and everybody who is or was enrolled there, a
//! student themself and their classes, an administrator the organization. To everybody else a
//! class or student does not exist. What a teacher sees of a student who has left or graduated
//! stays readable, since leaving deletes nothing; only those who are enrolled now can be acted on.

mod error;

use std::collections::HashMap;

pub use error::AccessError;
use kit::{
    caller::{Caller, Role},
    db::{DbError, GenericClient},
};
use uuid::Uuid;

use crate::store::standing;

/// Students whose mistakes one question may concern at most.
pub const MAX_STUDENTS: usize = 20_000;

/// What a caller is to a class.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    Admin,
    Head,
    Assistant,
    /// A student who is enrolled now or was.
    Member,
}

impl Standing {
    /// Tells whether the caller teaches the class, or administers its organization.
    #[must_use]
    pub fn teaches(self) -> bool {
        match self {
            Self::Admin | Self::Head | Self::Assistant => true,
            Self::Member => false,
        }
    }
}

/// Returns what `caller` is to a class.
///
/// # Errors
///
/// Fails when the caller may not see the class.
pub async fn class(
    db: &impl GenericClient,
    caller: &Caller,
    class: Uuid,
) -> Result<Standing, AccessError> {
    let ties = standing::class(db, class, caller.user_id).await?;
    let ties = ties.filter(|ties| ties.organization_id == caller.organization_id);
    let ties = ties.ok_or(AccessError::NoClass(class))?;
    match caller.role {
        Role::Admin => Ok(Standing::Admin),
        Role::Teacher if ties.heads => Ok(Standing::Head),
        Role::Teacher if ties.assists => Ok(Standing::Assistant),
        Role::Student if ties.enrolled => Ok(Standing::Member),
        Role::Teacher | Role::Student => Err(AccessError::NoClass(class)),
    }
}

/// Makes sure that `caller` teaches a class or administers its organization.
///
/// # Errors
///
/// Fails when the caller may not see the class, or is a student of it.
pub async fn teacher_of(
    db: &impl GenericClient,
    caller: &Caller,
    class: Uuid,
) -> Result<Standing, AccessError> {
    let standing = self::class(db, caller, class).await?;
    if standing.teaches() { Ok(standing) } else { Err(AccessError::TeachersOnly) }
}

/// Makes sure that `caller` heads a class or administers its organization.
///
/// # Errors
///
/// Fails when the caller may not see the class, or only assists there.
pub async fn head_of(
    db: &impl GenericClient,
    caller: &Caller,
    class: Uuid,
) -> Result<(), AccessError> {
    match teacher_of(db, caller, class).await? {
        Standing::Admin | Standing::Head => Ok(()),
        Standing::Assistant | Standing::Member => Err(AccessError::HeadTeacherOnly),
    }
}

/// Makes sure that `caller` may see a student: themself, one they teach or did, or one of the
/// organization they administer.
///
/// # Errors
///
/// Fails when the student does not exist for the caller.
pub async fn student(
    db: &impl GenericClient,
    caller: &Caller,
    student: Uuid,
) -> Result<(), AccessError> {
    let may = match caller.role {
        Role::Student => student == caller.user_id,
        Role::Teacher => standing::teaches(db, caller, student).await?,
        Role::Admin => standing::belongs(db, caller.organization_id, student).await?,
    };
    if may { Ok(()) } else { Err(AccessError::NoStudent(student)) }
}

/// Makes sure that `caller` may act on all of `students`: themself, those they teach now, or those
/// of the organization they administer.
///
/// # Errors
///
/// Fails with the first student who does not exist for the caller, or has left.
pub async fn acts_on(
    db: &impl GenericClient,
    caller: &Caller,
    students: &[Uuid],
) -> Result<(), AccessError> {
    let known = known(db, caller, students).await?;
    if let Some(hidden) = students.iter().find(|student| !known.contains_key(student)) {
        return Err(AccessError::NoStudent(*hidden));
    }
    match students.iter().find(|student| known.get(student) == Some(&false)) {
        Some(former) => Err(AccessError::FormerStudent(*former)),
        None => Ok(()),
    }
}

/// Returns those of `students` whom the caller may see; `true` for those who can be acted on.
///
/// # Errors
///
/// Fails when PostgreSQL is away.
pub async fn known(
    db: &impl GenericClient,
    caller: &Caller,
    students: &[Uuid],
) -> Result<HashMap<Uuid, bool>, DbError> {
    match caller.role {
        Role::Student => Ok(HashMap::from([(caller.user_id, true)])),
        Role::Teacher => standing::taught_among(db, caller, students).await,
        Role::Admin => {
            let members = standing::members_among(db, caller.organization_id, students).await?;
            Ok(members.into_iter().map(|member| (member, true)).collect())
        }
    }
}

/// Whose records a list is about.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Subject {
    pub student: Option<Uuid>,
    pub class: Option<Uuid>,
}

impl Subject {
    /// Returns one student as a subject.
    #[must_use]
    pub fn student(id: Uuid) -> Self {
        Self { student: Some(id), class: None }
    }

    /// Returns one class as a subject.
    #[must_use]
    pub fn class(id: Uuid) -> Self {
        Self { student: None, class: Some(id) }
    }
}

/// Returns the students that a list is about: those of `subject`, or all whom the caller may see.
/// Of a class, those who are enrolled now.
///
/// # Errors
///
/// Fails when the student or class does not exist for the caller.
pub async fn reach(
    db: &impl GenericClient,
    caller: &Caller,
    subject: Subject,
) -> Result<Vec<Uuid>, AccessError> {
    if let Some(student) = subject.student {
        self::student(db, caller, student).await?;
        if let Some(class) = subject.class {
            self::class(db, caller, class).await?;
            let members = standing::members(db, class).await?;
            return Ok(members.into_iter().filter(|member| *member == student).collect());
        }
        return Ok(vec![student]);
    }
    if let Some(class) = subject.class {
        let standing = self::class(db, caller, class).await?;
        if !standing.teaches() {
            return Ok(vec![caller.user_id]);
        }
        return Ok(standing::members(db, class).await?);
    }
    match caller.role {
        Role::Student => Ok(vec![caller.user_id]),
        Role::Teacher => Ok(standing::all_taught(db, caller).await?),
        Role::Admin => Ok(standing::all_members(db, caller.organization_id).await?),
    }
}
