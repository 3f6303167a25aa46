//! What can be done with profiles: list, look, change.

use chrono::{DateTime, Utc};
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
    name::Named,
    redaction::Redaction,
    store::{pupils, students},
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
    /// target and goal, when the number belongs to somebody else, and when auth-svc is away and
    /// would have to be told another name: then nothing is changed.
    pub async fn update(
        &self,
        caller: &Caller,
        id: Uuid,
        changes: Changes,
    ) -> Result<Profile, StudentError> {
        let mut changes = changes;
        let now = self.clock.now();
        ensure_self(&self.pool, &self.auth, caller, now).await?;
        let name = {
            let mut db = self.pool.get().await.map_err(DbError::from)?;
            access::acts_on(&db, caller, &[id]).await?;
            if caller.role == Role::Student && !changes.are_personal() {
                return Err(StudentError::PersonalFieldsOnly);
            }
            let mut checks = Checks::new();
            changes.check(&mut checks);
            checks.finish()?;
            // The name is auth-svc's; one that stays is left to those who change it meanwhile.
            let wanted = changes.full_name.take().map(|name| name.trim().to_owned());
            let present = found(caller, id, students::find(&db, id).await?)?.full_name;
            let other = wanted.filter(|name| *name != present);
            if other.is_some() {
                // Whatever else is wrong must be known before auth-svc is told.
                let trial = db.transaction().await.map_err(DbError::from)?;
                write(&trial, caller, id, changes.clone(), None, now).await?;
                trial.rollback().await.map_err(DbError::from)?;
            }
            other
        };
        let named = match name {
            Some(name) => Some(self.rename(id, name).await?),
            None => None,
        };
        let mut db = self.pool.get().await.map_err(DbError::from)?;
        let tx = db.transaction().await.map_err(DbError::from)?;
        let student = write(&tx, caller, id, changes, named, now).await?;
        tx.commit().await.map_err(DbError::from)?;
        self.kept.outdate([id]).await;
        self.with_one_classes(&db, caller, student).await
    }

    /// Has auth-svc call a student by another name.
    async fn rename(&self, id: Uuid, name: String) -> Result<Named, StudentError> {
        let named = self.auth.rename(&[(id, name)]).await?.pop();
        Ok(named.ok_or(AccessError::NoStudent(id))?)
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

    /// Takes those whom the caller may know out of a text, so that a model may see it.
    ///
    /// # Errors
    ///
    /// Fails when the text is too long, or when auth-svc or the store is away.
    pub async fn redact(&self, caller: &Caller, text: &str) -> Result<String, StudentError> {
        let mut checks = Checks::new();
        checks.multiline("text", text, 0..=10_000);
        checks.finish()?;
        ensure_self(&self.pool, &self.auth, caller, self.clock.now()).await?;
        let db = self.pool.get().await.map_err(DbError::from)?;
        let people = match caller.role {
            Role::Student => {
                let mut known = pupils::known(&db, &[caller.user_id]).await?;
                known.remove(&caller.user_id).unwrap_or_default().people
            }
            Role::Teacher | Role::Admin => pupils::taught(&db, caller).await?,
        };
        Ok(Redaction::of(&people).apply(text))
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

/// Writes changes of a student, and the name that auth-svc has given them.
async fn write(
    tx: &impl GenericClient,
    caller: &Caller,
    id: Uuid,
    changes: Changes,
    named: Option<Named>,
    now: DateTime<Utc>,
) -> Result<Student, StudentError> {
    let mut student = found(caller, id, students::lock(tx, id).await?)?;
    let before = student.student_no.clone();
    changes.apply(&mut student);
    if let Some(named) = named {
        student.follow(&named);
    }
    student.updated_at = now;
    if let Some(number) = &student.student_no
        && student.student_no != before
        && students::has_twin(tx, &student, number).await?
    {
        return Err(StudentError::NumberTaken(number.clone()));
    }
    if let Err(error) = students::update(tx, &[&student]).await {
        let taken = error.unique_violation() == Some(students::NUMBER_KEY);
        return match student.student_no {
            Some(number) if taken => Err(StudentError::NumberTaken(number)),
            Some(_) | None => Err(error.into()),
        };
    }
    Ok(student)
}

fn found(caller: &Caller, id: Uuid, student: Option<Student>) -> Result<Student, AccessError> {
    student
        .filter(|student| student.organization_id == caller.organization_id)
        .ok_or(AccessError::NoStudent(id))
}
