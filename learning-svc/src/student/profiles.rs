//! What can be done with profiles: list, look, change.

use kit::{
    caller::{Caller, Role},
    clock::SharedClock,
    db::{DbError, GenericClient, Pool},
    error::Checks,
    page::Page,
};
use uuid::Uuid;

use super::{
    CEFR_LEVELS, Changes, Filter, KeptProfiles, Profile, Student, StudentError, ensure_self,
};
use crate::{
    access::{self, AccessError},
    store::students,
    upstream::Auth,
};

/// The students, and the rules about them.
#[derive(Clone)]
pub struct Profiles {
    pool: Pool,
    clock: SharedClock,
    kept: KeptProfiles,
    auth: Auth,
}

impl Profiles {
    /// Puts the use cases together.
    #[must_use]
    pub fn new(pool: Pool, clock: SharedClock, kept: KeptProfiles, auth: Auth) -> Self {
        Self { pool, clock, kept, auth }
    }

    /// Returns a page of the students whom the caller may see, ordered by name.
    ///
    /// # Errors
    ///
    /// Fails when the class does not exist for the caller, or a filter makes no sense.
    pub async fn list(
        &self,
        caller: &Caller,
        filter: &Filter,
        page: &Page<(String, Uuid)>,
    ) -> Result<Vec<Profile>, StudentError> {
        let mut checks = Checks::new();
        checks.text("query", &filter.query, 0..=100);
        checks.text("grade", &filter.grade, 0..=50);
        let level = filter.cefr_level.as_str();
        let known = level.is_empty() || CEFR_LEVELS.contains(&level);
        checks.require(known, "cefr_level", "UNKNOWN", "is none of A1, A2, B1, B2, C1, C2");
        checks.finish()?;
        ensure_self(&self.pool, &self.auth, caller, self.clock.now()).await?;
        let db = self.pool.get().await.map_err(DbError::from)?;
        if let Some(class) = filter.class {
            access::class(&db, caller, class).await?;
        }
        let list = students::page(&db, caller, filter, page).await?;
        Ok(self.with_classes(&db, caller, list).await?)
    }

    /// Returns one student.
    ///
    /// # Errors
    ///
    /// Fails when the student does not exist for the caller.
    pub async fn get(&self, caller: &Caller, id: Uuid) -> Result<Profile, StudentError> {
        ensure_self(&self.pool, &self.auth, caller, self.clock.now()).await?;
        let db = self.pool.get().await.map_err(DbError::from)?;
        access::student(&db, caller, id).await?;
        let key = self.kept.key(id).await;
        let kept = match &key {
            Some(key) => self.kept.get(key).await,
            None => None,
        };
        let kept = kept.filter(|kept| kept.organization_id == caller.organization_id);
        let student = if let Some(student) = kept {
            student
        } else {
            let student = found(caller, id, students::find(&db, id).await?)?;
            if let Some(key) = &key {
                self.kept.put(key, &student).await;
            }
            student
        };
        self.with_one_classes(&db, caller, student).await
    }

    /// Changes fields of a student.
    ///
    /// # Errors
    ///
    /// Fails when the student does not exist for the caller, when a student changes more than
    /// target and goal, and when the number belongs to somebody else.
    pub async fn update(
        &self,
        caller: &Caller,
        id: Uuid,
        changes: Changes,
    ) -> Result<Profile, StudentError> {
        let now = self.clock.now();
        ensure_self(&self.pool, &self.auth, caller, now).await?;
        let mut db = self.pool.get().await.map_err(DbError::from)?;
        access::acts_on(&db, caller, &[id]).await?;
        if caller.role == Role::Student && !changes.are_personal() {
            return Err(StudentError::PersonalFieldsOnly);
        }
        let mut checks = Checks::new();
        changes.check(&mut checks);
        checks.finish()?;
        let tx = db.transaction().await.map_err(DbError::from)?;
        let mut student = found(caller, id, students::lock(&tx, id).await?)?;
        changes.apply(&mut student);
        student.updated_at = now;
        if let Err(error) = students::update(&tx, &[&student]).await {
            let taken = error.unique_violation() == Some(students::NUMBER_KEY);
            return match student.student_no {
                Some(number) if taken => Err(StudentError::NumberTaken(number)),
                Some(_) | None => Err(error.into()),
            };
        }
        tx.commit().await.map_err(DbError::from)?;
        self.kept.outdate([id]).await;
        self.with_one_classes(&db, caller, student).await
    }

    /// Has auth-svc set a new random password for a student, and returns it.
    ///
    /// # Errors
    ///
    /// Fails when the student does not exist for the caller, or has left; for students; and when
    /// auth-svc is away.
    pub async fn reset_password(&self, caller: &Caller, id: Uuid) -> Result<String, StudentError> {
        if caller.role == Role::Student {
            return Err(AccessError::TeachersOnly.into());
        }
        {
            let db = self.pool.get().await.map_err(DbError::from)?;
            access::acts_on(&db, caller, &[id]).await?;
        }
        Ok(self.auth.reset_password(id).await?)
    }

    async fn with_one_classes(
        &self,
        db: &impl GenericClient,
        caller: &Caller,
        student: Student,
    ) -> Result<Profile, StudentError> {
        let id = student.id;
        let mut profiles = self.with_classes(db, caller, vec![student]).await?;
        profiles.pop().ok_or(StudentError::Access(AccessError::NoStudent(id)))
    }

    async fn with_classes(
        &self,
        db: &impl GenericClient,
        caller: &Caller,
        list: Vec<Student>,
    ) -> Result<Vec<Profile>, DbError> {
        let ids: Vec<Uuid> = list.iter().map(|student| student.id).collect();
        let mut classes = students::classes(db, caller, &ids).await?;
        let profiles = list.into_iter().map(|student| Profile {
            classes: classes.remove(&student.id).unwrap_or_default(),
            student,
        });
        Ok(profiles.collect())
    }
}

fn found(caller: &Caller, id: Uuid, student: Option<Student>) -> Result<Student, AccessError> {
    student
        .filter(|student| student.organization_id == caller.organization_id)
        .ok_or(AccessError::NoStudent(id))
}
